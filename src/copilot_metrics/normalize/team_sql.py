# ruff: noqa: S608 - every statement is made of constants; values are parameters
"""The SQL of the join of users with teams, one statement for each step.

Tables:

- `memberships`: who is in a team on which day, from user-teams reports.
- `team_labels`: which team (a number) the columns of a user-teams row mean. `teams` has the team's name.
- `results`: everything that is computed from users reports. `kind` says what a row is: see the constants below. All
  kinds are in one table, because one statement that reads a file and writes one table is fastest: it takes two thirds
  of the time of statements that keep the rows of the file in a table of their own.

A person is a user ID, and a day is a date. Flags are bits: see `team_columns.FLAGS`. Sums are stored as JSON, because
600 teams have millions of entries in four weeks, and JSON takes a tenth of the memory of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.normalize.team_columns import (
    ADOPTION_PHASE,
    CLI_LISTS,
    CREDITS_IN_BILLIONTHS,
    DATE,
    FLAGS,
    HAS_USER_ID,
    LIST_COLUMNS,
    PERSON,
    RANK,
    RANK_TYPE,
    SUMMED_VALUES,
    flag_bits,
    has_flag,
    id_of,
    is_invalid,
    members_file,
    text_of,
    users_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

# Kinds of rows in `results`, and the columns that each has. The sums of a list have its name as their kind.
PERSON_DAY = "person-day"  # day, person, flags, credits, rank: a person's row that is counted
TEAM_PERSON_DAY = "team-person-day"  # day, team, person, flags, json: the same in a team; json is the adoption phase
SUMS = "sums"  # day, team, flags (which sums are known), json: sums over the people of a team
REPORTED = "reported"  # day, flags: which columns any row of the day reports
INVALID_ROW, ROW_WITHOUT_DAY, ROW_WITHOUT_USER = "invalid", "without-day", "without-user"
BETTER_ROW = "better-row"  # day, person, rank: a row with more activity than the one that is already counted
OWNER = "owner"  # json: the ID of the organization or enterprise of some row

CREATE_TABLES = f"""
CREATE SEQUENCE row_indexes;
CREATE TABLE memberships (day DATE, person UBIGINT, slug VARCHAR, id VARCHAR, organization VARCHAR);
CREATE TABLE team_labels (slug VARCHAR, id VARCHAR, organization VARCHAR, team INTEGER);
CREATE TABLE teams (team INTEGER, name VARCHAR);
CREATE TABLE results (
  kind VARCHAR, day DATE, team INTEGER, person UBIGINT, flags BIGINT, json VARCHAR, credits BIGINT, rank {RANK_TYPE}
);
-- The rank of the row to count, if an earlier attempt to read the files has found a better one than the first.
CREATE TABLE best_ranks (day DATE, person UBIGINT, rank {RANK_TYPE});
"""

# --- User-teams reports


def read_members(json_format: str, owner_key: str) -> str:
    """Return the statement that reads a file (`?`) of user-teams into `new_memberships`."""
    return f"""
    CREATE TEMP TABLE new_memberships AS
    SELECT {DATE} AS day, {PERSON} AS person, lower({text_of("slug")}) AS slug, {id_of("team_id")} AS id,
      {id_of("organization_id")} AS organization, {id_of(owner_key)} AS owner, {HAS_USER_ID} AS has_user_id
    FROM {members_file(json_format)}
    """


# How many rows there are, how many have no user ID, and how many others lack something else.
CHECK_NEW_MEMBERSHIPS = """
SELECT count(*), count(*) FILTER (NOT has_user_id),
  count(*) FILTER (has_user_id AND (day IS NULL OR person IS NULL OR (slug = '' AND id = '')))
FROM new_memberships
"""
ADD_NEW_MEMBERSHIPS = (
    f"INSERT INTO results (kind, json) SELECT DISTINCT '{OWNER}', owner FROM new_memberships WHERE owner <> ''",
    """
    INSERT INTO memberships
    SELECT DISTINCT day, person, slug, id, organization FROM new_memberships WHERE has_user_id
    """,
    "DROP TABLE new_memberships",
)
# The labels of teams, each with the last day on which a row has it.
SELECT_LABELS = "SELECT slug, id, organization, max(day) FROM memberships GROUP BY ALL ORDER BY ALL"
REPLACE_TEAMS = (
    "DELETE FROM team_labels; DELETE FROM teams",
    """
    INSERT INTO team_labels
    SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::INTEGER[])
    """,
    "INSERT INTO teams SELECT unnest(?::INTEGER[]), unnest(?::VARCHAR[])",
)
SELECT_OWNERS = f"SELECT DISTINCT json FROM results WHERE kind = '{OWNER}' ORDER BY json"

# --- Users reports


def read_users(json_format: str, owner_key: str) -> str:
    """Return the statement that reads a file (`?`) of users, joins it with the teams, and adds `results`.

    If a person has several rows on a day, the one with the most activity is counted. If an earlier file had another row
    of the person, that one stays counted, and the better one is added as `BETTER_ROW`: then read all files again, after
    `save_best_ranks` and `load_best_ranks`.
    """
    sums = {f"sum{index}": value for index, value in enumerate(SUMMED_VALUES.values())}
    return f"""
    INSERT INTO results BY NAME
    -- The rows of the file, with what is computed from their columns.
    WITH raw AS MATERIALIZED (
      SELECT nextval('row_indexes') AS row_index, {flag_bits("")} AS flags, {flag_bits("IS NOT NULL")} AS reported,
        {is_invalid()} AS is_invalid, {DATE} AS date, {PERSON} AS person, *
      FROM {users_file(json_format)}
    ),
    -- The row of each person and day with the most activity in this file.
    best AS MATERIALIZED (
      SELECT day, person, arg_max(row_index, rank) AS row_index, max(rank) AS rank
      FROM (
        SELECT date AS day, person, row_index, {RANK} AS rank FROM raw WHERE date IS NOT NULL AND person IS NOT NULL
      )
      GROUP BY day, person
    ),
    -- The same with the rank of the row that is already counted, without rows that are known not to be the best.
    compared AS MATERIALIZED (
      SELECT best.*, already_counted.rank AS counted_rank
      FROM best
      LEFT JOIN (SELECT day, person, rank FROM results WHERE kind = '{PERSON_DAY}') AS already_counted
        USING (day, person)
      WHERE NOT EXISTS (
        FROM best_ranks
        WHERE best_ranks.day = best.day AND best_ranks.person = best.person AND best_ranks.rank > best.rank
      )
    ),
    -- The rows to count.
    counted AS MATERIALIZED (
      SELECT row_index, day, person, rank FROM compared WHERE counted_rank IS NULL
    ),
    -- Users × teams: the teams of each row, by the memberships of the same day.
    teams_of_rows AS (
      SELECT DISTINCT row_index, team
      FROM counted JOIN memberships USING (day, person) JOIN team_labels USING (slug, id, organization)
    ),
    -- A row for each row and team; team is NULL for a person without a team.
    rows_by_team AS MATERIALIZED (
      SELECT row_index, day, person, team FROM counted LEFT JOIN teams_of_rows USING (row_index)
    )
    SELECT '{PERSON_DAY}' AS kind, counted.day, counted.person, flags, {CREDITS_IN_BILLIONTHS} AS credits, rank
    FROM counted JOIN raw USING (row_index)
    UNION ALL BY NAME
    SELECT '{BETTER_ROW}' AS kind, day, person, rank FROM compared WHERE rank > counted_rank
    UNION ALL BY NAME
    SELECT CASE
        WHEN is_invalid OR {HAS_USER_ID} AND person IS NULL OR date IS NULL AND day IS NOT NULL THEN '{INVALID_ROW}'
        WHEN {HAS_USER_ID} THEN '{ROW_WITHOUT_DAY}'
        -- A file in which no row has a user ID is of another shape.
        WHEN (SELECT count(person) FROM raw) = 0 THEN '{INVALID_ROW}'
        ELSE '{ROW_WITHOUT_USER}'
      END AS kind
    FROM raw WHERE is_invalid OR date IS NULL OR person IS NULL
    UNION ALL BY NAME
    SELECT DISTINCT '{OWNER}' AS kind, {id_of(owner_key)} AS json FROM raw WHERE {id_of(owner_key)} <> ''
    UNION ALL BY NAME
    SELECT '{TEAM_PERSON_DAY}' AS kind, rows_by_team.day, team, rows_by_team.person, flags,
      to_json({ADOPTION_PHASE}) AS json
    FROM rows_by_team JOIN raw USING (row_index) WHERE team IS NOT NULL
    UNION ALL BY NAME
    SELECT '{REPORTED}' AS kind, date AS day, bit_or(reported) AS flags FROM raw GROUP BY date
    UNION ALL BY NAME
    SELECT '{SUMS}' AS kind, day, team, {_known_sums(sums)} AS flags, {_json_rows(sums)} AS json
    FROM (
      SELECT rows_by_team.day, team, {", ".join(f"sum({value})::BIGINT AS {name}" for name, value in sums.items())}
      FROM rows_by_team JOIN raw USING (row_index) GROUP BY rows_by_team.day, team
    )
    GROUP BY day, team
    {"".join(map(_sum_list, LIST_COLUMNS))}
    """


def _sum_list(list_column: str) -> str:
    """Return the part of `read_users` that adds the counters of a list by team, day, and the names of the entry."""
    column = LIST_COLUMNS[list_column]
    names = {f"name{index}": f"entry.{key}" for index, key in enumerate(column.name_keys)}
    if list_column in CLI_LISTS:
        names["name0"] = f"coalesce({names['name0']}, entry.name)"
    sums = {f"sum{index}": f"sum(entry.{counter})::BIGINT" for index, counter in enumerate(column.counters)}
    columns = ", ".join(f"{value} AS {name}" for name, value in (names | sums).items())
    return f"""
    UNION ALL BY NAME
    SELECT '{list_column}' AS kind, day, team, {_known_sums(sums)} AS flags, {_json_rows((*names, *sums))} AS json
    FROM (
      SELECT rows_by_team.day, team, {columns}
      FROM (SELECT row_index, unnest({list_column}) AS entry FROM raw) JOIN rows_by_team USING (row_index)
      WHERE entry IS NOT NULL
      GROUP BY ALL
    )
    GROUP BY day, team
    """


def _known_sums(sums: Iterable[str]) -> str:
    """Return SQL for the bits of the sums that are not NULL in every row: the first sum is bit 0."""
    return " | ".join(f"CASE WHEN count({name}) > 0 THEN {1 << index} ELSE 0 END" for index, name in enumerate(sums))


def _json_rows(columns: Iterable[str]) -> str:
    """Return SQL for a JSON list of the rows of a group, each a list of these columns."""
    return f"'[' || string_agg(json_array({', '.join(columns)}), ',') || ']'"


# How many rows are invalid, have no day, and have no user ID.
COUNT_PROBLEMS = f"""
SELECT count(*) FILTER (kind = '{INVALID_ROW}'), count(*) FILTER (kind = '{ROW_WITHOUT_DAY}'),
  count(*) FILTER (kind = '{ROW_WITHOUT_USER}')
FROM results WHERE kind IN ('{INVALID_ROW}', '{ROW_WITHOUT_DAY}', '{ROW_WITHOUT_USER}')
"""
COUNT_BETTER_ROWS = f"SELECT count(*) FROM results WHERE kind = '{BETTER_ROW}'"
DELETE_NOTES = f"DELETE FROM results WHERE kind IN ('{ROW_WITHOUT_USER}', '{BETTER_ROW}'); DELETE FROM best_ranks"


def save_best_ranks(path: str) -> str:
    """Return the statement that writes the ranks of better rows to a file; `path` is a quoted literal."""
    rows = f"SELECT day, person, max(rank) AS rank FROM results WHERE kind = '{BETTER_ROW}' GROUP BY ALL"
    return f"COPY ({rows}) TO {path} (FORMAT json)"


def load_best_ranks(path: str) -> str:
    """Return the statement that reads that file."""
    columns = f"{{day: 'DATE', person: 'UBIGINT', rank: '{RANK_TYPE}'}}"
    return f"INSERT INTO best_ranks FROM read_json({path}, format = 'newline_delimited', columns = {columns})"


# --- Reading the results

SELECT_ACTIVE_DAYS = f"SELECT DISTINCT day FROM results WHERE kind = '{PERSON_DAY}'"

# The days (`?`) that have both reports, and the people of each team on these days.
CREATE_REPORTED_DAYS = "CREATE OR REPLACE TEMP TABLE reported_days AS SELECT unnest(?::DATE[]) AS day"
CREATE_TEAM_PEOPLE = f"""
CREATE OR REPLACE TEMP TABLE team_people AS
SELECT day, team, person, bit_or(flags) AS flags, max(json) AS phase
FROM results JOIN reported_days USING (day) WHERE kind = '{TEAM_PERSON_DAY}' GROUP BY day, team, person
"""

# What any row of a day reports: columns (kind `REPORTED`), and the counters of each list.
SELECT_REPORTED = f"""
SELECT kind, day, bit_or(flags) FROM results JOIN reported_days USING (day)
WHERE kind NOT IN ('{PERSON_DAY}', '{TEAM_PERSON_DAY}') GROUP BY kind, day
"""

# The days of each team with its number of members, each with its sums, kind by kind; kind is NULL if there are none.
SELECT_TEAM_DAYS = f"""
WITH team_days AS (
  SELECT team, day, count(DISTINCT person) AS licensed
  FROM memberships JOIN reported_days USING (day) JOIN team_labels USING (slug, id, organization)
  GROUP BY team, day
), sums AS (
  SELECT team, day, kind, json FROM results JOIN reported_days USING (day)
  WHERE team IS NOT NULL AND kind <> '{TEAM_PERSON_DAY}'
)
SELECT name, team, day, licensed, kind, json
FROM team_days JOIN teams USING (team) LEFT JOIN sums USING (team, day)
ORDER BY name, day
"""
SELECT_PHASES = "SELECT team, day, phase, count(*) FROM team_people WHERE phase IS NOT NULL GROUP BY ALL"

_HAS_ONLY_PASSIVE_REVIEW = f"{has_flag('passive_copilot_code_review')} AND NOT {has_flag('active_copilot_code_review')}"
_PEOPLE_BY_FLAG = f"""
  count(*), {", ".join(f"count(*) FILTER ({has_flag(name)})" for name in FLAGS)},
  count(*) FILTER ({_HAS_ONLY_PASSIVE_REVIEW})
"""

# People by team and day: all, with each flag, and with a passive review only.
COUNT_PEOPLE_OF_DAYS = f"SELECT team, day, {_PEOPLE_BY_FLAG} FROM team_people GROUP BY team, day"


def count_people_of_window(feature_flags: Iterable[str]) -> str:
    """Return the statement that counts people by team from one day (`?`) to another (`?`).

    The counts are of all people, of people with each flag, of people with a passive review only, and of people with
    each of the feature flags on two or more days.
    """
    names = list(feature_flags)
    days_with_flag = ", ".join(f"count(*) FILTER ({has_flag(name)}) AS {name}_days" for name in names)
    return f"""
    WITH people AS (
      SELECT team, person, bit_or(flags) AS flags, {days_with_flag}
      FROM team_people WHERE day BETWEEN ? AND ? GROUP BY team, person
    )
    SELECT team, {_PEOPLE_BY_FLAG}, {", ".join(f"count(*) FILTER ({name}_days >= 2)" for name in names)}
    FROM people GROUP BY team
    """


# Distinct people by team from one day (`?`) to another (`?`).
COUNT_ACTIVE_PEOPLE = "SELECT team, count(DISTINCT person) FROM team_people WHERE day BETWEEN ? AND ? GROUP BY team"

# The same, but only people who are members of the team on a day (the first `?`).
COUNT_ACTIVE_MEMBERS = """
WITH members AS (
  SELECT team, person FROM memberships JOIN team_labels USING (slug, id, organization) WHERE day = ?
)
SELECT team, count(DISTINCT person) FROM team_people SEMI JOIN members USING (team, person)
WHERE day BETWEEN ? AND ? GROUP BY team
"""

# Credits (in billionths) by day of all people, with or without a team; each person counts once.
SUM_CREDITS = f"""
WITH people AS (
  SELECT day, person, max(credits) AS credits FROM results WHERE kind = '{PERSON_DAY}' GROUP BY day, person
)
SELECT day, sum(credits)::BIGINT FROM people GROUP BY day ORDER BY day
"""


def _count_client_versions(people_by_day: str) -> str:
    """Return the statement that counts people by team and day by their last known client version.

    The counts are of people with a known version, and of people whose version records agent sessions. A version counts
    from the day that reports it until the person's next day that reports one, for at most 28 days. There is a row only
    for days on which a count changes.
    """
    return f"""
    WITH spans AS (
      SELECT team, day AS since, ({has_flag("recorded_agent_sessions")})::INTEGER AS is_recorded,
        least(coalesce(lead(day) OVER (PARTITION BY team, person ORDER BY day), day + 28), day + 28) AS until
      FROM {people_by_day} WHERE {has_flag("client_version")}
    ), changes AS (
      SELECT team, since AS day, 1 AS known, is_recorded AS recorded FROM spans
      UNION ALL
      SELECT team, until, -1, -is_recorded FROM spans
    )
    SELECT team, day, sum(sum(known)) OVER so_far::BIGINT, sum(sum(recorded)) OVER so_far::BIGINT
    FROM changes GROUP BY team, day WINDOW so_far AS (PARTITION BY team ORDER BY day) ORDER BY team, day
    """


COUNT_CLIENT_VERSIONS = _count_client_versions("team_people")
# The same of all people, with or without a team; team is 0.
_ALL_PEOPLE = f"""(
      SELECT 0 AS team, day, person, bit_or(flags) AS flags FROM results
      WHERE kind = '{PERSON_DAY}' GROUP BY day, person
    )"""
COUNT_CLIENT_VERSIONS_OF_OWNER = _count_client_versions(_ALL_PEOPLE)
