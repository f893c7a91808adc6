from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.metrics.model import Licenses
from copilot_metrics.render.charts.chart_lists import CHARTS
from support import usage_orgs as orgs

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Day, Report

SEATS = Licenses(assigned=150)


def more_agents_than_people(result: Day) -> Day:
    return replace(result, users={**result.users, "monthly_active_agent_users": 121})


def titles(report: Report) -> dict[str, str]:
    return {kind.name: kind.title(report) for kind in CHARTS[report.api]}


def growing(result: Day) -> Day:
    """Ten people more in the last four weeks."""
    later = result.date > orgs.UNTIL - dt.timedelta(days=28)
    return replace(result, users={**result.users, "weekly_active_users": 110 if later else 100})


def test_the_title_compares_people_of_the_last_week_with_four_weeks_ago() -> None:
    title = titles(orgs.build(28, edit=growing, licenses=SEATS))["users"]
    assert title == "110 of 150 licensed people used Copilot in the last 7 days, 10 more than 4 weeks ago"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (orgs.build(28), "70 people used Copilot in the last 7 days, about as many as 4 weeks ago"),
        (
            orgs.build(28, licenses=Licenses(assigned=60)),
            "70 people used Copilot in the last 7 days, about as many as 4 weeks ago",
        ),
        (orgs.build(10), "70 people used Copilot in the last 7 days, about as many as 10 days ago"),
        (orgs.build(1), "70 people used Copilot in the last 7 days"),
        (
            orgs.build(28, missing=(27,)),
            "70 people used Copilot in the 7 days to May 23, 2026, about as many as on April 26, 2026",
        ),
        (
            orgs.build(28, missing=(-1,)),
            "70 people used Copilot in the last 7 days, about as many as on April 25, 2026",
        ),
        (orgs.build(28, missing=range(-28, 0)), "70 people used Copilot in the last 7 days"),
        (orgs.build(28, until=dt.date(2026, 6, 18)), "70 people used Copilot in the last 7 days †"),
        (orgs.build(28, until=dt.date(2026, 7, 18)), "70 people used Copilot in the last 7 days"),
        (
            orgs.build(28, until=dt.date(2026, 7, 19)),
            "70 people used Copilot in the last 7 days, about as many as 4 weeks ago",
        ),
        (
            orgs.build(28, edit=orgs.team),
            "16 of 120 licensed people used Copilot in the last 7 days, about as many as 4 weeks ago",
        ),
    ],
)
def test_the_title_about_people_follows_fixed_rules(report: Report, expected: str) -> None:
    assert titles(report)["users"] == expected


def test_without_weekly_counts_the_title_has_a_typical_weekday() -> None:
    title = titles(orgs.build(28, edit=orgs.without("weekly_active_users")))["users"]
    assert title.startswith("People using Copilot: ")


def test_agent_adoption_is_a_share_of_those_active_in_28_days() -> None:
    report, few, odd = orgs.build(28), orgs.build(28, people=7), orgs.build(28, edit=more_agents_than_people)
    assert [titles(one)["features"] for one in (report, few, odd)] == [
        "Agent adoption: 100 of 120 people active in 28 days used agent mode (83%)",
        "Agent adoption: 6 of 8 people active in 28 days used agent mode",
        "What people use Copilot for",
    ]


def test_each_title_says_what_is_seen() -> None:
    by_chart = titles(orgs.build(7))
    del by_chart["users"], by_chart["features"]
    assert by_chart == {
        "chat": "8,428 chat requests, 14.0 per active user and day",
        "completions": "30% of 24,080 suggestions accepted",
        "code_changes": "Agent contribution: 20% of 30,100 lines of code changed with AI",
        "cli": "Copilot CLI: 299 sessions with 18,060 requests",
        "pull_requests": "Copilot opened 20% of 602 pull requests, and reviewed 33% of 602",
        "languages": "Language usage: TypeScript has 32% of 37,760 suggestions, the most of 6 languages",
        "language_days": "Language usage per day: the 5 most used languages",
        "models": "Model usage per chat mode: Auto has 46% of 9,121 requests, the most of 3 models",
        "model_days": "Model usage per day",
        "model_languages": "Model usage per language: "
        "Auto has 33% of 26,334 suggestions and edits, the most of 3 models",
        "ides": "Activity by editor: typescript has 41% of 5,852 requests, the most of 6 editors",
        "model_changes": "Code changes per model: Auto has 46% of 9,725 lines changed, the most of 3 models",
        "language_changes": "Code changes per language: "
        "TypeScript has 32% of 14,260 lines changed, the most of 6 languages",
        "phases": "Adoption phases: 25 of 208 people in Phase 3",
        "repositories": "Pull requests by repository: typescript has 32% of 944 opened, the most of 6 repositories",
    }


def test_what_is_not_reported_falls_back_to_a_plain_name() -> None:
    assert titles(orgs.silent()) == {
        "users": "People using Copilot",
        "features": "What people use Copilot for",
        "chat": "Chat requests",
        "completions": "Code completions: suggestions and acceptances",
        "code_changes": "Lines of code changed with AI",
        "cli": "Sessions of Copilot CLI and the Copilot app",
        "pull_requests": "Pull requests, and Copilot's part in them",
        "languages": "Language usage",
        "language_days": "Language usage per day",
        "models": "Model usage per chat mode",
        "model_days": "Model usage per day",
        "model_languages": "Model usage per language",
        "ides": "Activity by editor",
        "model_changes": "Code changes per model",
        "language_changes": "Code changes per language",
        "phases": "Adoption phases",
        "repositories": "Pull requests by repository",
    }


def test_few_of_anything_have_no_share() -> None:
    by_chart = titles(orgs.build(1, people=10))
    assert {name: by_chart[name] for name in ("completions", "code_changes", "pull_requests", "models")} == {
        "completions": "12 of 40 suggestions accepted",
        "code_changes": "Agent contribution: 10 of 50 lines of code changed with AI",
        "pull_requests": "Copilot opened 0 of 1 pull request, and reviewed 0 of 1",
        "models": "Model usage per chat mode",
    }


def test_the_title_does_not_name_a_bucket() -> None:
    assert titles(orgs.build(28, names=(orgs.LANGUAGES, ["others", "auto"])))["models"] == "Model usage per chat mode"


def test_a_title_is_one_line_even_if_a_name_is_not() -> None:
    by_chart = titles(orgs.build(28, names=(["a\nb", "c"], ["a\nb", "c"])))
    assert not [title for title in by_chart.values() if "\n" in title]


def test_a_rate_of_undercounted_lines_is_marked() -> None:
    by_chart = titles(orgs.build(28, until=orgs.SEPTEMBER))
    assert by_chart["code_changes"].endswith(" lines of code changed with AI †")
    assert by_chart["completions"].endswith(" accepted")
