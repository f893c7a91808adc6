"""The columns of users and user-teams reports, and the SQL expressions that are computed from one row.

See https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics for the fields of a row.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics.vocabulary import ACTIVITY, CREDITS, CUSTOMIZATIONS, LANGUAGE_ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_SAFE_INTEGER = 2**53 - 1
_MAX_CREDITS = 10**9  # of a person on a day
BILLIONTHS = 10**9

# --- Columns that are summed


class ListColumn(NamedTuple):
    """A list in a users row: the keys that name an entry, and the keys of its counters."""

    name_keys: tuple[str, ...]
    counters: tuple[str, ...]


LIST_COLUMNS: Mapping[str, ListColumn] = {
    "totals_by_ide": ListColumn(("ide",), ACTIVITY),
    "totals_by_feature": ListColumn(("feature",), ACTIVITY),
    "totals_by_language_feature": ListColumn(("language", "feature"), LANGUAGE_ACTIVITY),
    "totals_by_language_model": ListColumn(("language", "model"), LANGUAGE_ACTIVITY),
    "totals_by_model_feature": ListColumn(("model", "feature"), ACTIVITY),
    "totals_by_3rd_party_agent": ListColumn(
        ("agent_id", "agent_name"), ("user_initiated_interaction_count", "session_count")
    ),
    **{f"totals_by_{name}": ListColumn((name,), ("interaction_count",)) for name in CUSTOMIZATIONS},
}
CLI_LISTS = tuple(f"totals_by_{name}" for name in CUSTOMIZATIONS)
"""Lists that a row has either itself or in its object `totals_by_cli`."""

OBJECT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "totals_by_cli": ("session_count", "request_count", "prompt_count"),
    "totals_by_copilot_app": ("session_count", "request_count", "prompt_count"),
    "totals_by_vscode_agent": ("session_count", "total_user_messages"),
}
"""Objects in a users row, and their counters."""
OBJECTS_WITH_TOKENS = ("totals_by_cli", "totals_by_copilot_app")
TOKEN_COUNTERS = ("output_tokens_sum", "prompt_tokens_sum")
ADOPTION_PHASE = "ai_adoption_phase"

# Counters of a row: name → column or field.
_COUNTERS: Mapping[str, str] = {
    **{name: name for name in ACTIVITY},
    **{f"{place}.{name}": f"{place}.{name}" for place, names in OBJECT_COLUMNS.items() for name in names},
    **{f"{place}.{name}": f"{place}.token_usage.{name}" for place in OBJECTS_WITH_TOKENS for name in TOKEN_COUNTERS},
}
# Credits are added as integers, so that the sum does not depend on the order of rows.
CREDITS_IN_BILLIONTHS = f"round({CREDITS} * {BILLIONTHS})::BIGINT"
SUMMED_VALUES: Mapping[str, str] = {**_COUNTERS, CREDITS: CREDITS_IN_BILLIONTHS}
"""The values of a row that are added over a team's people: name → SQL expression."""
NUMBER_KEYS = frozenset(
    chain(ACTIVITY, *OBJECT_COLUMNS.values(), TOKEN_COUNTERS, *(column.counters for column in LIST_COLUMNS.values()))
)
"""Every key whose value has to be a number."""

# --- Flags: what is known about a person on a day

_USED_COLUMNS = (
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
_PASSIVE_REVIEW = "used_copilot_code_review_passive"  # Copilot was assigned automatically: the person did nothing
_ENGAGED_CONDITIONS = (
    "code_acceptance_activity_count > 0",
    "user_initiated_interaction_count > 0",
    *(name for name in _USED_COLUMNS if name != _PASSIVE_REVIEW),
)

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
_IDE_VERSION = "entry.last_known_ide_version ->> '$.ide_version'"
_VERSION_NUMBERS = r"^\s*v?(\d{1,9}(?:\.\d{1,9})+)"  # a version that does not match is unknown


def _any_true(conditions: Iterable[str]) -> str:
    """Return SQL for "any condition is true". Unlike OR, it is false if some conditions are false and others NULL."""
    return f"greatest({', '.join(conditions)})"


def _is_ide(names: Iterable[str]) -> str:
    return f"{_IDE} IN ({', '.join(repr(name) for name in names)})"


def _has_client(condition: str) -> str:
    """Return SQL for "the row has an IDE of `_RECORDING_VERSIONS` with a known version that meets the condition"."""
    is_known = f"{_is_ide(chain(*_RECORDING_VERSIONS))} AND regexp_matches({_IDE_VERSION}, '{_VERSION_NUMBERS}')"
    return f"len(list_filter(totals_by_ide, lambda entry: {is_known} AND {condition})) > 0"


def _is_recording() -> str:
    """Return SQL for "the version of the IDE records agent sessions"."""
    numbers = f"try_cast(string_split(regexp_extract({_IDE_VERSION}, '{_VERSION_NUMBERS}', 1), '.') AS BIGINT[])"
    cases = (
        f"WHEN {_is_ide(names)} THEN {numbers} >= {list(first)}"
        for names, first in _RECORDING_VERSIONS.items()
        if first
    )
    return f"CASE {' '.join(cases)} ELSE false END"


_HAS_KNOWN_CLIENT, _HAS_OLD_CLIENT = _has_client("true"), _has_client(f"NOT {_is_recording()}")


def _used_feature(feature: str, counters: Iterable[str]) -> str:
    """Return SQL for "any of these counters of a feature is above zero"."""
    is_used = " OR ".join(f"entry.{name} > 0" for name in counters)
    return f"len(list_filter(totals_by_feature, lambda entry: entry.feature = '{feature}' AND ({is_used}))) > 0"


FLAGS: Mapping[str, str] = {
    "engaged": _any_true(_ENGAGED_CONDITIONS),
    "chat": "used_chat",
    "agent": "used_agent",
    "copilot_cli": "used_cli",
    "copilot_app": "used_copilot_app",
    "copilot_cloud_agent": _any_true(("used_copilot_cloud_agent", "used_copilot_coding_agent")),
    "active_copilot_code_review": "used_copilot_code_review_active",
    "passive_copilot_code_review": _PASSIVE_REVIEW,
    "vscode_agent": "used_vscode_agent",
    "accepting": _used_feature("code_completion", ("code_acceptance_activity_count",)),
    "code_completion": _used_feature("code_completion", ACTIVITY),
    "agent_edit": _used_feature("agent_edit", ACTIVITY),
    "client_version": f"CASE WHEN {_HAS_KNOWN_CLIENT} THEN true END",
    "recorded_agent_sessions": f"CASE WHEN {_HAS_KNOWN_CLIENT} THEN NOT {_HAS_OLD_CLIENT} END",
    **{
        name: f"CASE WHEN {name} IS NOT NULL THEN false END"
        for name in (*LIST_COLUMNS, *OBJECT_COLUMNS, ADOPTION_PHASE)
    },
}
"""What is known about a person on a day: name → SQL condition on the row, NULL if the row does not report it.

The last ones are never true: they only say whether a row reports the column.
"""
FLAG_BITS: Mapping[str, int] = {name: 1 << index for index, name in enumerate(FLAGS)}
"""Flags are stored as the bits of an integer."""


def has_flag(name: str) -> str:
    """Return SQL for "the flag is set in the column `flags`"."""
    return f"flags & {FLAG_BITS[name]} > 0"


def flag_bits(condition: str) -> str:
    """Return SQL for the bits of all flags of a row that are true, or that meet a condition such as `IS NOT NULL`."""
    bits = (f"CASE WHEN ({flag}) {condition} THEN {FLAG_BITS[name]} ELSE 0 END" for name, flag in FLAGS.items())
    return "(" + " | ".join(bits) + ")::BIGINT"


# --- Identity of a row

_BLANKS = "' ' || chr(9) || chr(10) || chr(13)"
DATE = r"CASE WHEN regexp_full_match(day, '\d{4}-\d{2}-\d{2}(T.*)?') THEN try_cast(day[:10] AS DATE) END"
"""SQL for the date of a row; NULL if `day` is not a date."""


def text_of(column: str) -> str:
    """Return SQL for a text without surrounding blanks; an empty text if it is unknown."""
    return f"coalesce(trim({column}, {_BLANKS}), '')"


def id_of(column: str) -> str:
    """Return SQL for an ID as text, from a number or a text; an empty text if it is unknown: null, blank, or zero."""
    return f"regexp_replace({text_of(column)}, '^0*(.*?)([.]0+)?$', '\\1')"


HAS_USER_ID = f"{text_of('user_id')} <> ''"
_USER_NUMBER = f"regexp_replace({text_of('user_id')}, '[.]0+$', '')"
PERSON = f"""CASE
  WHEN try_cast(user_id AS UBIGINT)::VARCHAR = user_id THEN user_id::UBIGINT
  WHEN regexp_full_match({_USER_NUMBER}, '\\d+') THEN try_cast({_USER_NUMBER} AS UBIGINT)
END"""
"""SQL for the user ID of a row as a number; NULL if it is not a number."""

# How much activity a row has: interactions, generations, and acceptances first, then lines, then everything else. The
# fingerprint makes the choice between two equal rows independent of their order.
RANK_TYPE = "STRUCT(interactions DOUBLE, lines DOUBLE, used BIGINT, credits DOUBLE, fingerprint UBIGINT)"
_RANKED_COLUMNS = (*ACTIVITY, *_USED_COLUMNS, CREDITS, *LIST_COLUMNS, *OBJECT_COLUMNS, ADOPTION_PHASE)
RANK = f"""{{
      'interactions': {" + ".join(f"coalesce({name}, 0)" for name in ACTIVITY[:3])},
      'lines': {" + ".join(f"coalesce({name}, 0)" for name in ACTIVITY[3:])},
      'used': bit_count(flags),
      'credits': coalesce({CREDITS}, 0),
      'fingerprint': hash({", ".join(_RANKED_COLUMNS)})
    }}::{RANK_TYPE}"""


def is_invalid() -> str:
    """Return SQL for "a counter of the row has a fraction or is too large, or its phase or credits are out of range".

    The statement itself fails if a counter is below zero or is not a number.
    """
    conditions = [
        f"coalesce(NOT ({counter} <= {_MAX_SAFE_INTEGER} AND {counter} = {counter}::UBIGINT), false)"
        for counter in _COUNTERS.values()
    ]
    for name, column in LIST_COLUMNS.items():
        has_fraction = " OR ".join(f"entry.{counter} <> entry.{counter}::UBIGINT" for counter in column.counters)
        conditions.append(f"coalesce(list_contains(list_transform({name}, lambda entry: {has_fraction}), true), false)")
    conditions.append(f"coalesce({ADOPTION_PHASE}.phase_number NOT BETWEEN 0 AND {_MAX_SAFE_INTEGER}, false)")
    conditions.append(f"coalesce({CREDITS} NOT BETWEEN 0 AND {_MAX_CREDITS}, false)")
    return " OR ".join(conditions)


# --- Reading a file

# DuckDB rounds 2.6 if a column is an integer: counters are read as they are, and `is_invalid` finds fractions.
_COUNTER = "DOUBLE"


def _struct(fields: Mapping[str, str]) -> str:
    return "STRUCT(" + ", ".join(f"{name} {kind}" for name, kind in fields.items()) + ")"


def _list_type(name: str) -> str:
    column = LIST_COLUMNS[name]
    fields = dict.fromkeys(column.name_keys, "VARCHAR") | dict.fromkeys(column.counters, _COUNTER)
    if name == "totals_by_ide":
        fields["last_known_ide_version"] = "JSON"
    if name in CLI_LISTS:
        fields["name"] = "VARCHAR"
    return _struct(fields) + "[]"


def _object_type(name: str) -> str:
    fields = dict.fromkeys(OBJECT_COLUMNS[name], _COUNTER)
    if name == "totals_by_cli":
        fields |= {key: _list_type(key) for key in CLI_LISTS}
    if name in OBJECTS_WITH_TOKENS:
        fields["token_usage"] = _struct(dict.fromkeys(TOKEN_COUNTERS, _COUNTER))
    return _struct(fields)


_USERS_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("user_id", "day", "organization_id", "enterprise_id"), "VARCHAR"),
    **dict.fromkeys(ACTIVITY, _COUNTER),
    **dict.fromkeys(_USED_COLUMNS, "BOOLEAN"),
    CREDITS: "DOUBLE",
    **{name: _list_type(name) for name in LIST_COLUMNS},
    **{name: _object_type(name) for name in OBJECT_COLUMNS},
    ADOPTION_PHASE: _struct({"phase": "VARCHAR", "phase_number": "DOUBLE", "version": "VARCHAR"}),
}
_MEMBERS_TYPES = dict.fromkeys(("user_id", "day", "organization_id", "enterprise_id", "team_id", "slug"), "VARCHAR")
# DuckDB allocates buffers of twice the largest row for each thread, so the limits are as low as rows allow.
_MAX_USERS_ROW, _MAX_MEMBERS_ROW = 4 * 2**20, 2**18


def users_file(json_format: str) -> str:
    """Return SQL that reads a file (`?`) of users. The format is DuckDB's `newline_delimited` or `array`."""
    lists = ", ".join(f"coalesce({name}, totals_by_cli.{name}) AS {name}" for name in CLI_LISTS)
    return f"(SELECT * REPLACE ({lists}) FROM {_read_json(_USERS_TYPES, json_format, _MAX_USERS_ROW)})"  # noqa: S608


def members_file(json_format: str) -> str:
    """Return SQL that reads a file (`?`) of user-teams."""
    return _read_json(_MEMBERS_TYPES, json_format, _MAX_MEMBERS_ROW)


def _read_json(types: Mapping[str, str], json_format: str, max_row: int) -> str:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    return (
        f"read_json(?, format = '{json_format}', records = 'true', auto_detect = false, columns = {{{columns}}}, "
        f"maximum_object_size = {max_row})"
    )
