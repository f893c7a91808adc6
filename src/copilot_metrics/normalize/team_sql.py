# ruff: noqa: S608 - every statement here is made of constants
"""The statements by which `teams` joins users with teams: what is read of a report, and what is summed.

Everything here is made of constants; files and dates are parameters of a statement (`?`). The numbers behind the forms
are measured: one statement for a whole file of users reads it once, and keeps its rows where no statistics are made of
them, which takes two thirds of the time of a table; sums leave it as JSON, which is a tenth of them in rows.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics.vocabulary import ACTIVITY, CUSTOMIZATIONS, LANGUAGE_ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class List(NamedTuple):
    """A list of a user's row: what its entries are named by, and what they count."""

    keys: tuple[str, ...]
    counters: tuple[str, ...]


LISTS: Mapping[str, List] = {
    "totals_by_ide": List(("ide",), ACTIVITY),
    "totals_by_feature": List(("feature",), ACTIVITY),
    "totals_by_language_feature": List(("language", "feature"), LANGUAGE_ACTIVITY),
    "totals_by_language_model": List(("language", "model"), LANGUAGE_ACTIVITY),
    "totals_by_model_feature": List(("model", "feature"), ACTIVITY),
    "totals_by_3rd_party_agent": List(
        ("agent_id", "agent_name"), ("user_initiated_interaction_count", "session_count")
    ),
    **{f"totals_by_{name}": List((name,), ("interaction_count",)) for name in CUSTOMIZATIONS},
}
_OF_CLI = tuple(f"totals_by_{name}" for name in CUSTOMIZATIONS)  # lists that may stand in totals_by_cli
TOKENS = ("output_tokens_sum", "prompt_tokens_sum")
OBJECTS: Mapping[str, tuple[str, ...]] = {
    "totals_by_cli": ("session_count", "request_count", "prompt_count"),
    "totals_by_copilot_app": ("session_count", "request_count", "prompt_count"),
    "totals_by_vscode_agent": ("session_count", "total_user_messages"),
}
WITH_TOKENS = ("totals_by_cli", "totals_by_copilot_app")

# A counter's name → where it stands in a user's row.
_COUNTED: Mapping[str, str] = {
    **{name: name for name in ACTIVITY},
    **{f"{place}.{name}": f"{place}.{name}" for place, names in OBJECTS.items() for name in names},
    **{f"{place}.{name}": f"{place}.token_usage.{name}" for place in WITH_TOKENS for name in TOKENS},
}
CREDITS, BILLIONTHS = "ai_credits_used", 10**9
# Whole billionths, so that a sum does not depend on the order of rows.
_CREDITS = f"round({CREDITS} * {BILLIONTHS})::BIGINT"
_MOST_CREDITS = 10**9  # of a person's day
# A sum's name → what is added up of a user's row.
SUMS: Mapping[str, str] = {**_COUNTED, CREDITS: _CREDITS}
COUNTERS = frozenset(chain(ACTIVITY, *OBJECTS.values(), TOKENS, *(found.counters for found in LISTS.values())))

_FLAGS = (
    "used_chat",
    "used_agent",
    "used_cli",
    "used_copilot_app",
    "used_copilot_cloud_agent",
    "used_copilot_coding_agent",
    "used_copilot_code_review_active",
    "used_copilot_code_review_passive",
    "used_vscode_agent",
)
_PASSIVE_REVIEW = "used_copilot_code_review_passive"  # assigned automatically: nobody engaged
_ENGAGING = (
    *(f"{name} > 0" for name in ("code_acceptance_activity_count", "user_initiated_interaction_count")),
    *(name for name in _FLAGS if name != _PASSIVE_REVIEW),
)


def _any(conditions: Iterable[str]) -> str:
    """Whether one is true; unlike OR, it is false where some are false and the others NULL."""
    return f"greatest({', '.join(conditions)})"


# Each IDE that moved agent sessions to the Copilot SDK, by its names in reports (lowercase letters only), and the
# first version whose sessions are recorded again, None if GitHub has not named one. See
# https://github.blog/changelog/2026-10-06-update-your-ide-to-restore-agent-activity-in-copilot-usage-metrics
_RECORDING_VERSIONS: Mapping[tuple[str, ...], tuple[int, ...] | None] = {
    ("vscode", "vscodeinsiders", "visualstudiocode"): (1, 139),
    ("visualstudio", "vs"): (18, 12),
    (
        *("jetbrains", "intellij", "intellijidea", "idea", "androidstudio", "aqua", "clion", "datagrip", "dataspell"),
        *("goland", "phpstorm", "pycharm", "rider", "rubymine", "rustrover", "webstorm", "eclipse", "xcode"),
    ): None,
}
_IDE = "regexp_replace(lower(entry.ide), '[^a-z]', '', 'g')"
_VERSION = "entry.last_known_ide_version ->> '$.ide_version'"
_NUMBERS = r"^\s*v?(\d{1,9}(?:\.\d{1,9})+)"  # of a version; what does not begin so is unknown


def _ides(names: Iterable[str]) -> str:
    return f"{_IDE} IN ({', '.join(repr(name) for name in names)})"


def _has_client(condition: str) -> str:
    """Whether a row has an IDE with a known version that fulfills the condition."""
    moved = _ides(chain(*_RECORDING_VERSIONS))
    known = f"{moved} AND regexp_matches({_VERSION}, '{_NUMBERS}')"
    return f"len(list_filter(totals_by_ide, lambda entry: {known} AND {condition})) > 0"


def _is_recording() -> str:
    """Whether the version of an IDE is one whose agent sessions are recorded."""
    numbers = f"try_cast(string_split(regexp_extract({_VERSION}, '{_NUMBERS}', 1), '.') AS BIGINT[])"
    cases = (
        f"WHEN {_ides(names)} THEN {numbers} >= {list(first)}" for names, first in _RECORDING_VERSIONS.items() if first
    )
    return f"CASE {' '.join(cases)} ELSE false END"


_KNOWN_CLIENT, _OLD_CLIENT = _has_client("true"), _has_client(f"NOT {_is_recording()}")


def _some(feature: str, counters: Iterable[str]) -> str:
    counted = " OR ".join(f"entry.{name} > 0" for name in counters)
    entries = f"list_filter(totals_by_feature, lambda entry: entry.feature = '{feature}' AND ({counted}))"
    return f"len({entries}) > 0"


# What is known of a person on a day, as bits: a sign's name → when a row shows it. NULL is "not reported".
SIGNS: Mapping[str, str] = {
    "engaged": _any(_ENGAGING),
    "chat": "used_chat",
    "agent": "used_agent",
    "copilot_cli": "used_cli",
    "copilot_app": "used_copilot_app",
    "copilot_cloud_agent": _any(("used_copilot_cloud_agent", "used_copilot_coding_agent")),
    "active_copilot_code_review": "used_copilot_code_review_active",
    "passive_copilot_code_review": _PASSIVE_REVIEW,
    "vscode_agent": "used_vscode_agent",
    "accepting": _some("code_completion", ("code_acceptance_activity_count",)),
    "code_completion": _some("code_completion", ACTIVITY),
    "agent_edit": _some("agent_edit", ACTIVITY),
    "client_version": f"CASE WHEN {_KNOWN_CLIENT} THEN true END",
    "recorded_agent_sessions": f"CASE WHEN {_KNOWN_CLIENT} THEN NOT {_OLD_CLIENT} END",
    **{name: f"CASE WHEN {name} IS NOT NULL THEN false END" for name in (*LISTS, *OBJECTS, "ai_adoption_phase")},
}
BIT: Mapping[str, int] = {name: 1 << index for index, name in enumerate(SIGNS)}


def _struct(fields: Mapping[str, str]) -> str:
    return "STRUCT(" + ", ".join(f"{name} {kind}" for name, kind in fields.items()) + ")"


# DuckDB rounds 2.6 to a whole number where it is told to read one, so that counters are looked at as they are.
_COUNT = "DOUBLE"


def _object(place: str) -> str:
    fields = dict.fromkeys(OBJECTS[place], _COUNT)
    fields |= {name: _list_column(name) for name in _OF_CLI} if place == "totals_by_cli" else {}
    return _struct(fields | ({"token_usage": _struct(dict.fromkeys(TOKENS, _COUNT))} if place in WITH_TOKENS else {}))


def _list_column(place: str) -> str:
    found = LISTS[place]
    more = {"last_known_ide_version": "JSON"} if place == "totals_by_ide" else {}
    more |= {"name": "VARCHAR"} if place in _OF_CLI else {}
    return _struct(dict.fromkeys(found.keys, "VARCHAR") | dict.fromkeys(found.counters, _COUNT) | more) + "[]"


_USER_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("user_id", "day", "organization_id", "enterprise_id"), "VARCHAR"),
    **dict.fromkeys(ACTIVITY, _COUNT),
    **dict.fromkeys(_FLAGS, "BOOLEAN"),
    CREDITS: "DOUBLE",
    **{place: _list_column(place) for place in LISTS},
    **{place: _object(place) for place in OBJECTS},
    "ai_adoption_phase": _struct({"phase": "VARCHAR", "phase_number": "DOUBLE", "version": "VARCHAR"}),
}
_MEMBER_COLUMNS = dict.fromkeys(("user_id", "day", "organization_id", "enterprise_id", "team_id", "slug"), "VARCHAR")
# Files are read in blocks of twice the largest row, and each thread has some.
_LARGEST_USER, _LARGEST_MEMBER = 4 * 2**20, 2**18


def _source(columns: Mapping[str, str], form: str, largest: int) -> str:
    """Typed rows of a file (`?`), which is in the `form` that DuckDB calls newline_delimited or array."""
    kinds = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    return (
        f"read_json(?, format = '{form}', records = 'true', auto_detect = false, columns = {{{kinds}}}, "
        f"maximum_object_size = {largest})"
    )


# What is no date, or no whole number, is NULL.
_DATE = r"CASE WHEN regexp_full_match(day, '\d{4}-\d{2}-\d{2}(T.*)?') THEN try_cast(day[:10] AS DATE) END"
_BLANKS = "' ' || chr(9) || chr(10) || chr(13)"
_MOST = 2**53 - 1


def _text(column: str) -> str:
    """A text without blanks around it; an empty one if it is unknown."""
    return f"coalesce(trim({column}, {_BLANKS}), '')"


def _id(column: str) -> str:
    """An ID as text, as a number or a string spells it; an empty text if it is unknown: null, blank, or zero."""
    return f"regexp_replace({_text(column)}, '^0*(.*?)([.]0+)?$', '\\1')"


_HAS_PERSON = f"{_text('user_id')} <> ''"
_NUMBER = f"regexp_replace({_text('user_id')}, '[.]0+$', '')"
_PERSON = f"""CASE
  WHEN try_cast(user_id AS UBIGINT)::VARCHAR = user_id THEN user_id::UBIGINT
  WHEN regexp_full_match({_NUMBER}, '\\d+') THEN try_cast({_NUMBER} AS UBIGINT)
END"""
# Which of several rows of a person and day has the most activity: by what was done, by its lines, and by what else the
# row reports. The last part makes one of two equal ones the same whatever their order.
_DONE = " + ".join(f"coalesce({name}, 0)" for name in ACTIVITY[:3])
_LINES = " + ".join(f"coalesce({name}, 0)" for name in ACTIVITY[3:])

PROBLEM, UNDATED, TAKEN, PRESENT, TOLD, SUMMED = "problem", "undated", "taken", "present", "told", "summed"
NOBODY, OVERTAKEN, OWNER = "nobody", "overtaken", "owner"
_RANK = "STRUCT(done DOUBLE, lines DOUBLE, used BIGINT, credits DOUBLE, fingerprint UBIGINT)"
KEPT = f"""
CREATE SEQUENCE numbers;
CREATE TABLE labels (slug VARCHAR, id VARCHAR, organization VARCHAR, team INTEGER);
CREATE TABLE teams (team INTEGER, name VARCHAR);
CREATE TABLE members (day DATE, person UBIGINT, slug VARCHAR, id VARCHAR, organization VARCHAR);
CREATE TABLE best (day DATE, person UBIGINT, rank {_RANK});
CREATE TABLE parts (kind VARCHAR, day DATE, team INTEGER, person UBIGINT, signs BIGINT, said VARCHAR, credits BIGINT,
  rank {_RANK});
"""
LABELS = "SELECT slug, id, organization, max(day) FROM members GROUP BY ALL ORDER BY ALL"
NAME_TEAMS = (
    "DELETE FROM labels; DELETE FROM teams",
    "INSERT INTO labels SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::INTEGER[])",
    "INSERT INTO teams SELECT unnest(?::INTEGER[]), unnest(?::VARCHAR[])",
)
# What just came: how many rows, how many name nobody, how many lack something else.
ARRIVED = """
SELECT count(*), count(*) FILTER (NOT named),
  count(*) FILTER (named AND (day IS NULL OR person IS NULL OR (slug = '' AND id = '')))
FROM arrived
"""
KEEP_ARRIVED = (
    f"INSERT INTO parts (kind, said) SELECT DISTINCT '{OWNER}', owner FROM arrived WHERE owner <> ''",
    "INSERT INTO members SELECT DISTINCT day, person, slug, id, organization FROM arrived WHERE named",
    "DROP TABLE arrived",
)
OWNERS = f"SELECT DISTINCT said FROM parts WHERE kind = '{OWNER}' ORDER BY said"


def members(form: str, owner: str) -> str:
    """The statement that takes a file (`?`) of user-teams, the ID of whose account is `owner`."""
    return f"""
    CREATE TEMP TABLE arrived AS
    SELECT {_DATE} AS day, {_PERSON} AS person, lower({_text("slug")}) AS slug, {_id("team_id")} AS id,
      {_id("organization_id")} AS organization, {_id(owner)} AS owner, {_HAS_PERSON} AS named
    FROM {_source(_MEMBER_COLUMNS, form, _LARGEST_MEMBER)}
    """


def _bits(condition: str) -> str:
    bits = (f"CASE WHEN ({sign}) {condition} THEN {BIT[name]} ELSE 0 END" for name, sign in SIGNS.items())
    return "(" + " | ".join(bits) + ")::BIGINT"


def _wrong() -> str:
    """Whether a counter is no whole number, or the number of a phase or of credits is none.

    The statement fails where a counter is below zero, or is none at all.
    """
    miscounted = [
        f"coalesce(NOT ({place} <= {_MOST} AND {place} = {place}::UBIGINT), false)" for place in _COUNTED.values()
    ]
    for place, found in LISTS.items():
        of_entry = " OR ".join(f"entry.{counter} <> entry.{counter}::UBIGINT" for counter in found.counters)
        miscounted.append(f"coalesce(list_contains(list_transform({place}, lambda entry: {of_entry}), true), false)")
    phase = f"coalesce(ai_adoption_phase.phase_number NOT BETWEEN 0 AND {_MOST}, false)"
    spent = f"coalesce({CREDITS} NOT BETWEEN 0 AND {_MOST_CREDITS}, false)"
    return " OR ".join((*miscounted, phase, spent))


def _said(sums: Iterable[str], names: Iterable[str] = ()) -> str:
    """Whether each sum is told, as bits, and a list of lists with names and sums."""
    bits = " | ".join(f"CASE WHEN count({one}) > 0 THEN {1 << index} ELSE 0 END" for index, one in enumerate(sums))
    return f"{bits}, '[' || string_agg(json_array({', '.join((*names, *sums))}), ',') || ']'"


def _list(place: str) -> str:
    found = LISTS[place]
    names = {f"name{index}": f"entry.{key}" for index, key in enumerate(found.keys)}
    names |= {"name0": f"coalesce({names['name0']}, entry.name)"} if place in _OF_CLI else {}
    sums = {f"sum{index}": f"sum(entry.{counter})::BIGINT" for index, counter in enumerate(found.counters)}
    columns = ", ".join(f"{value} AS {name}" for name, value in (names | sums).items())
    return f"""
    UNION ALL
    SELECT '{place}', day, team, NULL, {_said(tuple(sums), names)}, NULL, NULL
    FROM (
      SELECT lines.day, team, {columns}
      FROM (SELECT line, unnest({place}) AS entry FROM raw) JOIN lines USING (line)
      WHERE entry IS NOT NULL GROUP BY ALL
    )
    GROUP BY day, team
    """


def users(form: str, owner: str) -> str:
    """The statement that takes a file (`?`) of users, the ID of whose account is `owner`.

    Problems with it are parts, too. A row that has more activity than the one that was taken is not taken any more, but
    told as `OVERTAKEN`; if `best` has it, no other is.
    """
    sums = {f"sum{index}": place for index, place in enumerate(SUMS.values())}
    lists = ", ".join(f"coalesce({name}, totals_by_cli.{name}) AS {name}" for name in _OF_CLI)
    return f"""
    INSERT INTO parts
    WITH raw AS MATERIALIZED (
      SELECT nextval('numbers') AS line, {_bits("")} AS shown, {_bits("IS NOT NULL")} AS told, {_wrong()} AS wrong,
        {_DATE} AS date, {_PERSON} AS person, *
      FROM (
        SELECT * REPLACE ({lists}) FROM {_source(_USER_COLUMNS, form, _LARGEST_USER)}
      )
    ), given AS MATERIALIZED (
      SELECT day, person, arg_max(line, rank) AS line, max(rank) AS rank
      FROM (
        SELECT date AS day, person, line, {{'done': {_DONE}, 'lines': {_LINES}, 'used': bit_count(shown),
          'credits': coalesce({CREDITS}, 0),
          'fingerprint': hash({", ".join((*ACTIVITY, *_FLAGS, CREDITS, *LISTS, *OBJECTS, "ai_adoption_phase"))})
        }}::{_RANK} AS rank
        FROM raw WHERE date IS NOT NULL AND person IS NOT NULL
      )
      GROUP BY ALL
    ), compared AS MATERIALIZED (
      SELECT given.*, taken.rank AS earlier
      FROM given LEFT JOIN (SELECT day, person, rank FROM parts WHERE kind = '{TAKEN}') AS taken USING (day, person)
      WHERE NOT EXISTS (
        FROM best WHERE best.day = given.day AND best.person = given.person AND best.rank > given.rank
      )
    ), fresh AS MATERIALIZED (
      SELECT line, day, person, rank FROM compared WHERE earlier IS NULL
    ), pairs AS (
      SELECT DISTINCT line, team
      FROM fresh JOIN members USING (day, person) JOIN labels USING (slug, id, organization)
    ), lines AS MATERIALIZED (
      SELECT line, day, person, team FROM fresh LEFT JOIN pairs USING (line)
    )
    SELECT '{TAKEN}', fresh.day, NULL, fresh.person, shown, NULL, {_CREDITS}, rank
    FROM fresh JOIN raw USING (line)
    UNION ALL
    SELECT '{OVERTAKEN}', day, NULL, person, NULL, NULL, NULL, rank FROM compared WHERE rank > earlier
    UNION ALL
    SELECT CASE
        WHEN wrong OR {_HAS_PERSON} AND person IS NULL OR date IS NULL AND day IS NOT NULL THEN '{PROBLEM}'
        WHEN NOT {_HAS_PERSON} THEN CASE WHEN (SELECT count(person) FROM raw) = 0 THEN '{PROBLEM}' ELSE '{NOBODY}' END
        ELSE '{UNDATED}'
      END, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM raw WHERE wrong OR date IS NULL OR person IS NULL
    UNION ALL
    SELECT DISTINCT '{OWNER}', NULL::DATE, NULL::INTEGER, NULL::UBIGINT, NULL::BIGINT, {_id(owner)}, NULL::BIGINT, NULL
    FROM raw WHERE {_id(owner)} <> ''
    UNION ALL
    SELECT '{PRESENT}', lines.day, team, lines.person, shown, to_json(ai_adoption_phase), NULL, NULL
    FROM lines JOIN raw USING (line) WHERE team IS NOT NULL
    UNION ALL
    SELECT '{TOLD}', date, NULL, NULL, bit_or(told), NULL, NULL, NULL FROM raw GROUP BY 2
    UNION ALL
    SELECT '{SUMMED}', day, team, NULL, {_said(tuple(sums))}, NULL, NULL
    FROM (
      SELECT lines.day, team, {", ".join(f"sum({place})::BIGINT AS {one}" for one, place in sums.items())}
      FROM lines JOIN raw USING (line) GROUP BY 1, 2
    )
    GROUP BY day, team
    {"".join(map(_list, LISTS))}
    """


REPORTED = "CREATE TEMP TABLE reported AS SELECT unnest(?::DATE[]) AS day"
DAILY = f"""
CREATE TEMP TABLE daily AS
SELECT day, team, person, bit_or(signs) AS signs, max(said) AS phase
FROM parts JOIN reported USING (day) WHERE kind = '{PRESENT}' GROUP BY day, team, person
"""
NAMED = """
SELECT name, team, day, count(DISTINCT person)
FROM members JOIN reported USING (day) JOIN labels USING (slug, id, organization) JOIN teams USING (team)
GROUP BY ALL ORDER BY name, day
"""
ACTIVE = f"SELECT DISTINCT day FROM parts WHERE kind = '{TAKEN}'"
FAULTS = f"""
SELECT count(*) FILTER (kind = '{PROBLEM}'), count(*) FILTER (kind = '{UNDATED}'), count(*) FILTER (kind = '{NOBODY}')
FROM parts WHERE kind IN ('{PROBLEM}', '{UNDATED}', '{NOBODY}')
"""
FORGET = f"DELETE FROM parts WHERE kind IN ('{NOBODY}', '{OVERTAKEN}'); DELETE FROM best"
ANY_OVERTAKEN = f"SELECT count(*) FROM parts WHERE kind = '{OVERTAKEN}'"


def save_best(path: str) -> str:
    """The statement that writes the best of the rows that came too late to a file, whose path is quoted."""
    rows = f"SELECT day, person, max(rank) AS rank FROM parts WHERE kind = '{OVERTAKEN}' GROUP BY ALL"
    return f"COPY ({rows}) TO {path} (FORMAT json)"


def load_best(path: str) -> str:
    """The statement that reads them."""
    columns = f"{{day: 'DATE', person: 'UBIGINT', rank: '{_RANK}'}}"
    return f"INSERT INTO best FROM read_json({path}, format = 'newline_delimited', columns = {columns})"


TOLD_ON = f"""
SELECT kind, day, bit_or(signs) FROM parts JOIN reported USING (day)
WHERE kind NOT IN ('{TAKEN}', '{PRESENT}') GROUP BY kind, day
"""
SAID = f"""
SELECT team, day, kind, said FROM parts JOIN reported USING (day) JOIN teams USING (team)
WHERE kind NOT IN ('{TAKEN}', '{PRESENT}', '{TOLD}') ORDER BY name
"""
PHASES = "SELECT team, day, phase, count(*) FROM daily WHERE phase IS NOT NULL GROUP BY ALL"


def _has(sign: str) -> str:
    return f"signs & {BIT[sign]} > 0"


def counted() -> str:
    """By team and day: people, and people of each sign; at last those with a review and none that they asked for."""
    of_signs = ", ".join(f"count(*) FILTER ({_has(name)})" for name in SIGNS)
    return f"SELECT team, day, count(*), {of_signs}, count(*) FILTER ({_PASSIVE}) FROM daily GROUP BY team, day"


# Of everybody, in a team or not; of several rows of a person and day, the one with the most credits.
ACCOUNT_CREDITS = f"""
SELECT day, sum(credits)::BIGINT
FROM (SELECT day, person, max(credits) AS credits FROM parts WHERE kind = '{TAKEN}' GROUP BY day, person)
GROUP BY day ORDER BY day
"""


def _clients(people_by_day: str) -> str:
    """Return the statement that counts people by team and day: with a known client version, and with a recording one.

    A version counts from the day that reports it to the next day of the same person that reports one, at most 28 days.
    A day is told if a number changes on it.
    """
    return f"""
    WITH spans AS (
      SELECT team, day AS since, ({_has("recorded_agent_sessions")})::INTEGER AS recorded,
        least(coalesce(lead(day) OVER (PARTITION BY team, person ORDER BY day), day + 28), day + 28) AS until
      FROM {people_by_day} WHERE {_has("client_version")}
    ), steps AS (
      SELECT team, since AS day, 1 AS known, recorded FROM spans
      UNION ALL
      SELECT team, until, -1, -recorded FROM spans
    )
    SELECT team, day, sum(sum(known)) OVER running::BIGINT, sum(sum(recorded)) OVER running::BIGINT
    FROM steps GROUP BY team, day WINDOW running AS (PARTITION BY team ORDER BY day) ORDER BY team, day
    """


CLIENTS = _clients("daily")
ACCOUNT_CLIENTS = _clients(
    f"(SELECT 0 AS team, day, person, bit_or(signs) AS signs FROM parts WHERE kind = '{TAKEN}' GROUP BY day, person)"
)


def window(features: Iterable[str]) -> str:
    """By team, over the days between two dates (`?`): people, of each sign, passive only, and two days of a feature."""
    of_signs = ", ".join(f"count(*) FILTER ({_has(name)})" for name in SIGNS)
    of_features = ", ".join(f"count(*) FILTER ({name}_days >= 2)" for name in features)
    days = ", ".join(f"count(*) FILTER ({_has(name)}) AS {name}_days" for name in features)
    return f"""
    SELECT team, count(*), {of_signs}, count(*) FILTER ({_PASSIVE}), {of_features}
    FROM (
      SELECT team, person, bit_or(signs) AS signs, {days} FROM daily WHERE day BETWEEN ? AND ? GROUP BY team, person
    )
    GROUP BY team
    """


STILL = """
SELECT team, count(DISTINCT person) FROM daily
SEMI JOIN (
  SELECT team, person FROM members JOIN labels USING (slug, id, organization) WHERE day = ?
) AS last USING (team, person)
WHERE day BETWEEN ? AND ? GROUP BY team
"""
PEOPLE = "SELECT team, count(DISTINCT person) FROM daily WHERE day BETWEEN ? AND ? GROUP BY team"


_PASSIVE = f"{_has('passive_copilot_code_review')} AND NOT {_has('active_copilot_code_review')}"
