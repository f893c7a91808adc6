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
from support.joins import DAY, Rows, join_reports, member, user

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
"""Versions of VS Code: whether they record agent sessions; None if the text is not a version."""
ACTIVE, PASSIVE = "active_copilot_code_review", "passive_copilot_code_review"


class SampleReports:
    """Rows of 300 people in 12 overlapping teams over 30 days, the same in every run."""

    def __init__(self) -> None:
        self.chance = random.Random(20260507)  # noqa: S311 - not for security
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
        row = user(number, date) | self.counters(ACTIVITY) | flags
        row["loc_deleted_sum"] = None
        if self.chance.random() < 0.5:  # otherwise, almost everybody would be engaged
            row |= dict.fromkeys((*flags, *ACTIVITY[:3]))
        for place, (keys, counters) in LISTS.items():
            entries = {tuple(self.chance.choice(CHOICES[key]) for key in keys) for _ in range(self.chance.randrange(4))}
            row[place] = [
                dict(zip(keys, names, strict=True)) | self.counters(counters) for names in sorted(entries)
            ] or None
        for entry in row["totals_by_ide"] or ():
            entry["last_known_ide_version"] = {"ide_version": self.chance.choice(list(VERSIONS))}
        row["ai_credits_used"] = self.chance.choice((None, 0, 7, self.chance.randrange(10_000) / 1000))
        sessions = ("session_count", "request_count", "prompt_count")
        row["totals_by_cli"] = self.counters(sessions) | {"token_usage": self.counters(("output_tokens_sum",))}
        row["ai_adoption_phase"] = self.chance.choice(
            (None, {"phase": "Two", "phase_number": 2, "version": "v1"}, {"phase": "One", "phase_number": 1})
        )
        return row


def flags(row: Mapping[str, Any]) -> set[str]:
    """Return the flags of a person by one row."""
    row_flags = {flag for column, flag in USED.items() if row.get(column)}
    if row_flags - {PASSIVE} or (row["code_acceptance_activity_count"] or 0) + (
        row["user_initiated_interaction_count"] or 0
    ):
        row_flags.add("engaged")
    for entry in row["totals_by_feature"] or ():
        if any(entry[name] for name in ACTIVITY):
            row_flags.add(entry["feature"])
        if entry["feature"] == "code_completion" and entry["code_acceptance_activity_count"]:
            row_flags.add("accepts")
    return row_flags


def is_recorded(row: Mapping[str, Any]) -> bool | None:
    """Return whether every client of a row records agent sessions; None if no version is known."""
    ides = row["totals_by_ide"] or ()
    versions = [
        VERSIONS[entry["last_known_ide_version"]["ide_version"]] and entry["ide"] == "vscode"
        for entry in ides
        if entry["ide"] != "neovim"
    ]
    known = [recorded for recorded in versions if recorded is not None]
    return all(known) if known else None


def client_versions(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the counts of people by their last known client versions."""
    last = {
        row["user_id"]: recorded
        for row in sorted(rows, key=lambda row: str(row["day"]))
        if (recorded := is_recorded(row)) is not None
    }
    counts = {"client_version_known_28d": len(last), "agent_sessions_recorded_28d": sum(last.values())}
    return counts if last else {}


def sum_credits(rows: Rows) -> float:
    return float(sum(Decimal(str(row["ai_credits_used"] or 0)) for row in rows))


def sum_values(values: Iterable[int | None]) -> int:
    return sum(value or 0 for value in values)


def expected_month(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the counts of people over the days of a team's rows."""
    days: dict[int, list[set[str]]] = defaultdict(list)
    for row in rows:
        days[row["user_id"]].append(flags(row))
    flags_of_people = [set[str]().union(*person_days) for person_days in days.values()]
    return {
        "active_28d": len(days),
        **{name: sum(flag in person for person in flags_of_people) for name, flag in MONTHLY.items()},
        "monthly_passive_copilot_code_review_users": sum(
            PASSIVE in person and ACTIVE not in person for person in flags_of_people
        ),
        "copilot_feature_engagement": {
            "active_user_count": len(days),
            "totals_by_feature": [
                {
                    "feature": feature,
                    "engaged_user_count": sum(
                        sum(flag in person_day for person_day in person_days) >= 2 for person_days in days.values()
                    ),
                }
                for feature, flag in FEATURES.items()
            ],
        },
    }


def expected_days(reports: SampleReports, slug: str) -> dict[dt.date, dict[str, Any]]:
    """Return a team's days, computed by loops over the rows."""
    members = defaultdict(set)
    for row in reports.members:
        if row["slug"] == slug:
            members[row["day"]].add(row["user_id"])
    rows = [
        row for row in reports.rows if row["user_id"] in members[row["day"]] and row["day"] != str(reports.dates[11])
    ]
    days = {}
    for date in reports.reported:
        if str(date) not in members:
            continue
        day_rows = [row for row in rows if row["day"] == str(date)]
        day_flags = [flags(row) for row in day_rows]
        days[date] = {
            "day": str(date),
            "licensed": len(members[str(date)]),
            "daily_active_users": len(day_rows),
            **{name: sum(flag in person for person in day_flags) for name, flag in DAILY.items()},
            "daily_active_vscode_agent_users": None,
            "daily_passive_copilot_code_review_users": sum(
                PASSIVE in person and ACTIVE not in person for person in day_flags
            ),
            **{name: sum_values(row[name] for row in day_rows) for name in ACTIVITY},
            "loc_deleted_sum": None,
            "ai_credits_used": sum_credits(day_rows),
            **{place: entries(day_rows, place) for place in LISTS},
            "totals_by_cli": {
                **{
                    name: sum_values(row["totals_by_cli"][name] for row in day_rows)
                    for name in ("session_count", "request_count", "prompt_count")
                },
                "token_usage": {
                    "output_tokens_sum": sum_values(
                        row["totals_by_cli"]["token_usage"]["output_tokens_sum"] for row in day_rows
                    ),
                    "prompt_tokens_sum": None,
                },
            },
            "totals_by_ai_adoption_phase": [
                {"phase": phase, "phase_number": number, "version": version, "total_engaged_users": people}
                for number, phase, version in ((1, "One", None), (2, "Two", "v1"))
                if (people := sum((row["ai_adoption_phase"] or {}).get("phase") == phase for row in day_rows))
            ],
        }
        month = [row for row in rows if str(date - dt.timedelta(days=27)) <= row["day"] <= str(date)]
        days[date] |= client_versions(month)
        if date >= reports.dates[6]:
            week = [row for row in rows if str(date - dt.timedelta(days=6)) <= row["day"] <= str(date)]
            days[date]["active_7d"] = len({row["user_id"] for row in week})
            days[date]["licensed_active_7d"] = len({row["user_id"] for row in week} & members[str(date)])
        if date >= reports.dates[27]:
            since = str(date - dt.timedelta(days=27))
            month = [row for row in rows if since <= row["day"] <= str(date)]
            days[date] |= expected_month(month)
            days[date]["licensed_active_28d"] = len({row["user_id"] for row in month} & members[str(date)])
    return days


def entries(rows: Rows, place: str) -> list[dict[str, Any]]:
    """Return the entries of a list with their counters added by name."""
    keys, counters = LISTS[place]
    entries_by_names: dict[tuple[str, ...], list[Mapping[str, int]]] = defaultdict(list)
    for row in rows:
        for entry in row[place] or ():
            entries_by_names[tuple(entry[key] for key in keys)].append(entry)
    return [
        dict(zip(keys, names, strict=True)) | {name: sum_values(entry[name] for entry in same) for name in counters}
        for names, same in sorted(entries_by_names.items())
    ]


@pytest.fixture(scope="module")
def reports() -> SampleReports:
    return SampleReports()


def test_days_of_teams_equal_those_computed_by_loops(tmp_path: Path, reports: SampleReports) -> None:
    period = Period(reports.dates[20], reports.dates[25])
    teams = join_reports(tmp_path, [reports.members], [reports.rows], reports.reported, period)
    assert list(teams) == sorted({row["slug"] for row in reports.members})
    for slug, team in teams.items():
        assert dict(team.days) == expected_days(reports, slug)
        members = {(row["user_id"], row["day"]) for row in reports.members if row["slug"] == slug}
        dates = {str(date) for date in reports.dates[20:26]}
        assert team.people == len(
            {row["user_id"] for row in reports.rows if row["day"] in dates and (row["user_id"], row["day"]) in members}
        )


def test_order_of_lines_and_files_does_not_matter(tmp_path: Path, reports: SampleReports) -> None:
    members, rows = reports.members[:], reports.rows[:]
    reports.chance.shuffle(members)
    reports.chance.shuffle(rows)
    in_order = join_reports(tmp_path, [reports.members], [reports.rows], reports.reported)
    shuffled = join_reports(
        tmp_path, [members[::2], members[1::2]], [rows[::3], rows[1::3], rows[2::3]], reports.reported
    )
    assert shuffled == in_order
