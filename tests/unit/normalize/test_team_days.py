import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from copilot_metrics.metrics.model import Period
from copilot_metrics.metrics.vocabulary import ACTIVITY, LANGUAGE_ACTIVITY
from support.joins import DAY, Rows, joined, member, user

CHOICES = {
    "ide": ("vscode", "intellij", "neovim"),
    "feature": ("code_completion", "agent_edit", "chat_panel_ask_mode"),
    "language": ("go", "python", "c++", "日本語"),
    "model": ("gpt-5", "claude"),
    "agent_id": ("2246796", "2248422"),
    "agent_name": ("Claude", "Codex"),
    "skill": ("other", "code-review"),
    "custom_agent": ("general-purpose", "other"),
    "mcp": ("github-mcp-server", "other"),
    "slash_cmd": ("/plan", "custom"),
    "plugin": ("other",),
}
LISTS = {
    "totals_by_ide": (("ide",), ACTIVITY),
    "totals_by_feature": (("feature",), ACTIVITY),
    "totals_by_language_feature": (("language", "feature"), LANGUAGE_ACTIVITY),
    "totals_by_language_model": (("language", "model"), LANGUAGE_ACTIVITY),
    "totals_by_model_feature": (("model", "feature"), ACTIVITY),
    "totals_by_3rd_party_agent": (("agent_id", "agent_name"), ("user_initiated_interaction_count", "session_count")),
    "totals_by_skill": (("skill",), ("interaction_count",)),
    "totals_by_custom_agent": (("custom_agent",), ("interaction_count",)),
    "totals_by_mcp": (("mcp",), ("interaction_count",)),
    "totals_by_slash_cmd": (("slash_cmd",), ("interaction_count",)),
    "totals_by_plugin": (("plugin",), ("interaction_count",)),
}
USED = {
    "used_chat": "chat",
    "used_agent": "agent",
    "used_cli": "copilot_cli",
    "used_copilot_app": "copilot_app",
    "used_copilot_cloud_agent": "copilot_cloud_agent",
    "used_copilot_coding_agent": "copilot_cloud_agent",
    "used_copilot_code_review_active": "active_copilot_code_review",
    "used_copilot_code_review_passive": "passive_copilot_code_review",
    "used_vscode_agent": "vscode_agent",
}
DAILY = {
    "daily_active_chat_users": "chat",
    "daily_active_agent_users": "agent",
    "daily_active_cli_users": "copilot_cli",
    "daily_active_copilot_app_users": "copilot_app",
    "daily_active_copilot_cloud_agent_users": "copilot_cloud_agent",
    "daily_active_copilot_code_review_users": "active_copilot_code_review",
    "daily_active_vscode_agent_users": "vscode_agent",
    "daily_active_completion_users": "accepts",
    "engaged_users": "engaged",
}
MONTHLY = {
    "monthly_active_chat_users": "chat",
    "monthly_active_agent_users": "agent",
    "monthly_active_copilot_cloud_agent_users": "copilot_cloud_agent",
    "monthly_active_copilot_code_review_users": "active_copilot_code_review",
}
FEATURES = {
    "code_completion": "code_completion",
    "agent_edit": "agent_edit",
    "copilot_cli": "copilot_cli",
    "code_review_active": "active_copilot_code_review",
    "code_review_passive": "passive_copilot_code_review",
    "cloud_agent": "copilot_cloud_agent",
    "github_app": "copilot_app",
}
VERSIONS = {"1.139.0": True, "1.140.2-insider": True, "1.138.9": False, "1.2": False, "": None, "unknown": None}
"""Of VS Code: whether agent sessions are recorded, None for what is no version."""
ACTIVE, PASSIVE = "active_copilot_code_review", "passive_copilot_code_review"


class World:
    """Three hundred people in twelve overlapping teams over thirty days."""

    def __init__(self) -> None:
        self.chance = random.Random(20260507)  # noqa: S311 - a world that is the same in every run
        self.dates = [DAY - dt.timedelta(days=days) for days in range(29, -1, -1)]
        self.reported = [date for date in self.dates if date != self.dates[11]]
        self.members = [
            member(number, f"team-{team}", date)
            for number in range(300)
            for team in self.chance.sample(range(12), 3)
            for date in self.dates
            if self.chance.random() < 0.9
        ]
        self.rows = [
            self.row(number, date) for number in range(300) for date in self.dates if self.chance.random() < 0.3
        ]

    def counters(self, names: Iterable[str]) -> dict[str, int]:
        return {name: self.chance.choice((0, 0, self.chance.randrange(50), 2**40)) for name in names}

    def row(self, number: int, date: dt.date) -> dict[str, Any]:
        flags = {name: self.chance.choice((True, False, False, None)) for name in USED if name != "used_vscode_agent"}
        made = user(number, date) | self.counters(ACTIVITY) | flags
        made["loc_deleted_sum"] = None
        if self.chance.random() < 0.5:  # or too many were engaged
            made |= dict.fromkeys((*flags, *ACTIVITY[:3]))
        for place, (keys, counters) in LISTS.items():
            entries = {tuple(self.chance.choice(CHOICES[key]) for key in keys) for _ in range(self.chance.randrange(4))}
            made[place] = [
                dict(zip(keys, names, strict=True)) | self.counters(counters) for names in sorted(entries)
            ] or None
        for entry in made["totals_by_ide"] or ():
            entry["last_known_ide_version"] = {"ide_version": self.chance.choice(list(VERSIONS))}
        made["ai_credits_used"] = self.chance.choice((None, 0, 7, self.chance.randrange(10_000) / 1000))
        sessions = ("session_count", "request_count", "prompt_count")
        made["totals_by_cli"] = self.counters(sessions) | {"token_usage": self.counters(("output_tokens_sum",))}
        made["ai_adoption_phase"] = self.chance.choice(
            (None, {"phase": "Two", "phase_number": 2, "version": "v1"}, {"phase": "One", "phase_number": 1})
        )
        return made


def signs(row: Mapping[str, Any]) -> set[str]:
    found = {sign for flag, sign in USED.items() if row.get(flag)}
    if found - {PASSIVE} or (row["code_acceptance_activity_count"] or 0) + (
        row["user_initiated_interaction_count"] or 0
    ):
        found.add("engaged")
    for entry in row["totals_by_feature"] or ():
        if any(entry[name] for name in ACTIVITY):
            found.add(entry["feature"])
        if entry["feature"] == "code_completion" and entry["code_acceptance_activity_count"]:
            found.add("accepts")
    return found


def is_recorded(row: Mapping[str, Any]) -> bool | None:
    """Whether every client of a row records agent sessions; None if no version is known."""
    ides = row["totals_by_ide"] or ()
    found = [
        VERSIONS[entry["last_known_ide_version"]["ide_version"]] and entry["ide"] == "vscode"
        for entry in ides
        if entry["ide"] != "neovim"
    ]
    known = [recorded for recorded in found if recorded is not None]
    return all(known) if known else None


def clients(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """People by the last client versions that are known of them."""
    last = {
        row["user_id"]: recorded
        for row in sorted(rows, key=lambda row: str(row["day"]))
        if (recorded := is_recorded(row)) is not None
    }
    found = {"client_version_known_28d": len(last), "agent_sessions_recorded_28d": sum(last.values())}
    return found if last else {}


def spent(rows: Rows) -> float:
    return float(sum(Decimal(str(row["ai_credits_used"] or 0)) for row in rows))


def summed(values: Iterable[int | None]) -> int:
    return sum(value or 0 for value in values)


def window(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the days of a team's rows together tell."""
    days: dict[int, list[set[str]]] = defaultdict(list)
    for row in rows:
        days[row["user_id"]].append(signs(row))
    ever = [set[str]().union(*found) for found in days.values()]
    return {
        "active_28d": len(days),
        **{name: sum(sign in found for found in ever) for name, sign in MONTHLY.items()},
        "monthly_passive_copilot_code_review_users": sum(PASSIVE in found and ACTIVE not in found for found in ever),
        "copilot_feature_engagement": {
            "active_user_count": len(days),
            "totals_by_feature": [
                {
                    "feature": feature,
                    "engaged_user_count": sum(sum(sign in one for one in found) >= 2 for found in days.values()),
                }
                for feature, sign in FEATURES.items()
            ],
        },
    }


def expected(world: World, slug: str) -> dict[dt.date, dict[str, Any]]:
    """A team's days, by plain loops."""
    named = defaultdict(set)
    for one in world.members:
        if one["slug"] == slug:
            named[one["day"]].add(one["user_id"])
    rows = [row for row in world.rows if row["user_id"] in named[row["day"]] and row["day"] != str(world.dates[11])]
    made = {}
    for date in world.reported:
        if str(date) not in named:
            continue
        of_day = [row for row in rows if row["day"] == str(date)]
        shown = [signs(row) for row in of_day]
        made[date] = {
            "day": str(date),
            "licensed": len(named[str(date)]),
            "daily_active_users": len(of_day),
            **{name: sum(sign in found for found in shown) for name, sign in DAILY.items()},
            "daily_active_vscode_agent_users": None,
            "daily_passive_copilot_code_review_users": sum(PASSIVE in one and ACTIVE not in one for one in shown),
            **{name: summed(row[name] for row in of_day) for name in ACTIVITY},
            "loc_deleted_sum": None,
            "ai_credits_used": spent(of_day),
            **{place: entries(of_day, place) for place in LISTS},
            "totals_by_cli": {
                **{
                    name: summed(row["totals_by_cli"][name] for row in of_day)
                    for name in ("session_count", "request_count", "prompt_count")
                },
                "token_usage": {
                    "output_tokens_sum": summed(
                        row["totals_by_cli"]["token_usage"]["output_tokens_sum"] for row in of_day
                    ),
                    "prompt_tokens_sum": None,
                },
            },
            "totals_by_ai_adoption_phase": [
                {"phase": phase, "phase_number": number, "version": version, "total_engaged_users": people}
                for number, phase, version in ((1, "One", None), (2, "Two", "v1"))
                if (people := sum((row["ai_adoption_phase"] or {}).get("phase") == phase for row in of_day))
            ],
        }
        seen = [row for row in rows if str(date - dt.timedelta(days=27)) <= row["day"] <= str(date)]
        made[date] |= clients(seen)
        if date >= world.dates[6]:
            week = [row for row in rows if str(date - dt.timedelta(days=6)) <= row["day"] <= str(date)]
            made[date]["active_7d"] = len({row["user_id"] for row in week})
            made[date]["licensed_active_7d"] = len({row["user_id"] for row in week} & named[str(date)])
        if date >= world.dates[27]:
            since = str(date - dt.timedelta(days=27))
            month = [row for row in rows if since <= row["day"] <= str(date)]
            made[date] |= window(month)
            made[date]["licensed_active_28d"] = len({row["user_id"] for row in month} & named[str(date)])
    return made


def entries(rows: Rows, place: str) -> list[dict[str, Any]]:
    keys, counters = LISTS[place]
    found: dict[tuple[str, ...], list[Mapping[str, int]]] = defaultdict(list)
    for row in rows:
        for entry in row[place] or ():
            found[tuple(entry[key] for key in keys)].append(entry)
    return [
        dict(zip(keys, names, strict=True)) | {name: summed(entry[name] for entry in same) for name in counters}
        for names, same in sorted(found.items())
    ]


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_every_figure_of_a_month_is_that_of_plain_loops(tmp_path: Path, world: World) -> None:
    period = Period(world.dates[20], world.dates[25])
    teams = joined(tmp_path, [world.members], [world.rows], world.reported, period)
    assert list(teams) == sorted({one["slug"] for one in world.members})
    for slug, team in teams.items():
        assert dict(team.days) == expected(world, slug)
        named = {(one["user_id"], one["day"]) for one in world.members if one["slug"] == slug}
        dates = {str(date) for date in world.dates[20:26]}
        assert team.people == len(
            {row["user_id"] for row in world.rows if row["day"] in dates and (row["user_id"], row["day"]) in named}
        )


def test_the_order_of_lines_and_files_changes_nothing(tmp_path: Path, world: World) -> None:
    members, rows = world.members[:], world.rows[:]
    world.chance.shuffle(members)
    world.chance.shuffle(rows)
    given = joined(tmp_path, [world.members], [world.rows], world.reported)
    parts = joined(tmp_path, [members[::2], members[1::2]], [rows[::3], rows[1::3], rows[2::3]], world.reported)
    assert parts == given
