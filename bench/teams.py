"""Teams of a large enterprise: how fast users are joined with them, and in how much memory.

A day's file of users has 300 MB: 37,000 people, each in two of 600 teams.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from copilot_metrics.metrics.model import Period
from copilot_metrics.metrics.vocabulary import ACTIVITY, LANGUAGE_ACTIVITY
from copilot_metrics.normalize.team_join import TeamJoin
from measure import SCALE, Measurement, compare, exponent, script, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROUNDS = 7
PEOPLE, TEAMS, TEAMS_OF_ONE = max(2000, round(37_000 * SCALE)), 600, 2
DATES = [dt.date(2026, 5, day) for day in range(1, 5)]
MEMORY = 600  # MB
NAMES = {
    "ide": ("vscode", "visualstudio", "intellij", "eclipse", "neovim", "xcode"),
    "feature": (
        "code_completion", "chat_inline", "chat_panel_ask_mode", "chat_panel_edit_mode", "chat_panel_agent_mode",
        "chat_panel_plan_mode", "agent_edit", "copilot_cli", "others",
    ),
    "language": (
        "c", "cpp", "csharp", "css", "go", "html", "java", "javascript", "json", "kotlin", "markdown", "php", "python",
        "ruby", "rust", "shellscript", "sql", "swift", "typescript", "unknown", "yaml",
    ),
    "model": (
        "claude-opus-4.1", "claude-sonnet-4", "claude-sonnet-4.5", "default", "gemini-2.5-pro", "gpt-4.1", "gpt-4o",
        "gpt-5", "gpt-5-codex", "gpt-5-mini", "others",
    ),
}  # fmt: skip


def measurements() -> Iterator[Measurement]:
    """Yield the throughput of the join, its memory for one and four days, and the growth of its time with users."""
    with tempfile.TemporaryDirectory(prefix="bench-teams-") as folder:
        place = Path(folder)
        generate(place, PEOPLE)
        pairs = [(seconds(lambda: join(place, 1)), seconds(lambda: parse(place))) for _ in range(ROUNDS)]
        what = f"throughput of {PEOPLE:,} users × {TEAMS_OF_ONE} of {TEAMS} teams ÷ orjson.loads of the lines"
        yield compare(what, pairs, 0.7, throughput=True)
        for days in (1, len(DATES)):
            peak = script("teams", folder, str(days)).run().memory
            size = users(place, days).stat().st_size / 10**6
            yield Measurement(f"memory of joining {size:,.0f} MB of users ÷ {MEMORY} MB", peak / MEMORY, 1, memory=peak)
    sizes = [PEOPLE // 4, PEOPLE // 2, PEOPLE]
    yield Measurement(
        "time of the join by users, fitted exponent", exponent(sizes, [joined(size) for size in sizes]), 1.1
    )


def joined(people: int) -> float:
    """Return the seconds of a join of `people` people, the median of three."""
    with tempfile.TemporaryDirectory(prefix="bench-teams-") as folder:
        generate(Path(folder), people)
        return statistics.median(seconds(lambda: join(Path(folder), 1)).seconds for _ in range(3))


def join(place: Path, days: int) -> None:
    """Join users with teams."""
    with TeamJoin(place) as team_join:
        for date in DATES[:days]:
            team_join.add_members(place / f"members-{date}")
        team_join.add_users([users(place, days)])
        day_counts = [len(team.days) for _, team in team_join.teams(Period(DATES[0], DATES[days - 1]), DATES[:days])]
    if not day_counts or set(day_counts) != {days}:
        sys.exit("some team lacks a day")


def parse(place: Path) -> None:
    """Parse the same lines with orjson, for comparison."""
    with users(place, 1).open("rb") as file:
        for line in file:
            orjson.loads(line)


def users(place: Path, days: int) -> Path:
    """Return the path of the users file of `days` days."""
    return place / f"users-{days}"


def generate(place: Path, people: int) -> None:
    """Write the files, the same in every run."""
    chance = random.Random(20260501)  # noqa: S311 - nothing secret
    teams: list[list[dict[str, Any]]] = [[] for _ in DATES]
    with users(place, 1).open("w") as one, users(place, len(DATES)).open("w") as all_days:
        for number in range(1_000_000, 1_000_000 + people):
            text = json.dumps(row(chance, number))
            for index, date in enumerate(DATES):
                line = text.replace("YYYY-MM-DD", str(date)) + "\n"
                all_days.write(line)
                if index == 0:
                    one.write(line)
            for team in chance.sample(range(TEAMS), TEAMS_OF_ONE):
                for date, rows in zip(DATES, teams, strict=True):
                    rows.append(member(number, team, date))
    for date, rows in zip(DATES, teams, strict=True):
        (place / f"members-{date}").write_text("".join(json.dumps(one) + "\n" for one in rows))


def member(number: int, team: int, date: dt.date) -> dict[str, Any]:
    """Return a row of a user-teams report."""
    return {
        "user_id": number, "user_login": f"login{number}", "day": str(date), "organization_id": "999",
        "team_id": team, "slug": f"team-{team}",
    }  # fmt: skip


def row(chance: random.Random, number: int) -> dict[str, Any]:
    """Return a row of a users report, with all keys of GitHub's example."""
    mine = {key: chance.sample(names, min(len(names), 6)) for key, names in NAMES.items()}
    sampled = {"sampled_at": "2026-05-01T00:01:43.000Z"}
    sessions = {
        "prompt_count": 2, "request_count": 12, "session_count": 2,
        "token_usage": {"avg_tokens_per_request": 4400.0, "output_tokens_sum": 5000, "prompt_tokens_sum": 380000},
    }  # fmt: skip
    counted = {
        "totals_by_custom_agent": ("custom_agent", ("general-purpose", "other")),
        "totals_by_mcp": ("mcp", ("github-mcp-server", "other")),
        "totals_by_plugin": ("plugin", ("other",)),
        "totals_by_skill": ("skill", ("other",)),
        "totals_by_slash_cmd": ("slash_cmd", ("/plan", "custom")),
    }
    flags = ("agent", "chat", "cli", "copilot_app", "copilot_cloud_agent", "copilot_coding_agent")
    return {
        "ai_adoption_phase": {"phase": "Phase 2", "phase_number": 2, "version": "v1"},
        "ai_credits_used": 12.5,
        **counters(chance, ACTIVITY),
        "day": "YYYY-MM-DD",
        **{f"distinct_{name}_use_count": 2 for name in ("custom_agent", "mcp", "plugin", "skill", "slash_cmd")},
        "enterprise_id": "1",
        "organization_id": "999",
        "totals_by_cli": {"last_known_cli_version": {"cli_version": "1.0.8", **sampled}, **sessions},
        "totals_by_copilot_app": sessions,
        **{
            place: [{"interaction_count": 4, name: value} for value in values]
            for place, (name, values) in counted.items()
        },
        "totals_by_3rd_party_agent": [
            {"agent_id": "2246796", "agent_name": "Claude (Anthropic)", "user_initiated_interaction_count": 2},
            {"agent_id": "2248422", "agent_name": "Codex (OpenAI)", "user_initiated_interaction_count": 2},
        ],
        "totals_by_feature": list(entries(chance, mine, ("feature",), ACTIVITY, 4)),
        "totals_by_ide": [
            entry
            | {
                "last_known_ide_version": {"ide_version": "1.85.0", **sampled},
                "last_known_plugin_version": {"plugin": "copilot-chat", "plugin_version": "0.31.2", **sampled},
            }
            for entry in entries(chance, mine, ("ide",), ACTIVITY, 2)
        ],
        "totals_by_language_feature": list(entries(chance, mine, ("language", "feature"), LANGUAGE_ACTIVITY, 6)),
        "totals_by_language_model": list(entries(chance, mine, ("language", "model"), LANGUAGE_ACTIVITY, 6)),
        "totals_by_model_feature": list(entries(chance, mine, ("model", "feature"), ACTIVITY, 5)),
        **{f"used_{flag}": chance.random() < 1 / 3 for flag in flags},
        "used_copilot_code_review_active": None,
        "used_copilot_code_review_passive": None,
        "user_id": number,
        "user_login": f"login{number}",
        "etl_id": "green",
        "day_partition": "YYYY-MM-DD",
        "entity_id_partition": 1,
    }


def entries(
    chance: random.Random, mine: dict[str, list[str]], keys: Sequence[str], names: Iterable[str], most: int
) -> Iterator[dict[str, Any]]:
    """Yield at most `most` entries of a breakdown, with different names."""
    drawn = {tuple(chance.choice(mine[key]) for key in keys) for _ in range(4 * most)}
    for one in sorted(drawn)[:most]:
        yield counters(chance, names) | dict(zip(keys, one, strict=True))


def counters(chance: random.Random, names: Iterable[str]) -> dict[str, int]:
    """Return random counters."""
    return {name: chance.randrange(200) for name in names}


if __name__ == "__main__":
    join(Path(sys.argv[1]), int(sys.argv[2]))
