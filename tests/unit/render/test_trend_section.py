from __future__ import annotations

from typing import Any

from copilot_metrics.render.trend_section import by_quarter
from support import usage


def quarter(since: str, **values: Any) -> list[dict[str, Any]]:
    return usage.days(since, 5, **values)


def test_a_quarter_has_the_people_of_its_last_day_and_shares_of_its_days() -> None:
    pull_requests = {"total_created": 10, "total_created_by_copilot": 1}
    first = quarter("2026-01-05", monthly_active_users=140, monthly_active_agent_users=71, pull_requests=pull_requests)
    second = quarter("2026-04-06", monthly_active_users=159, monthly_active_agent_users=123)
    report = usage.build([*first, *second], "2026-04-06", "2026-04-10")
    assert by_quarter(report) == (
        "## 12 months\n\n"
        "| At the end of the quarter, or over the quarter | Q1 2026 | Q2 2026 to date |\n"
        "|:--|--:|--:|\n"
        "| Active in the last 28 days | 140 | 159 |\n"
        "| Used agent mode in 28 days | 71 | 123 |\n"
        "| Pull requests opened by Copilot | 10% | – |"
    )


def test_counting_changes_between_the_quarters_are_named() -> None:
    days = [*quarter("2026-06-01", monthly_active_users=140), *quarter("2026-08-03", monthly_active_users=159)]
    report = usage.build(days, "2026-08-03", "2026-08-07")
    assert by_quarter(report).endswith("GitHub changed how it counts some of these metrics on June 15, July 28.")


def test_one_quarter_has_no_section() -> None:
    report = usage.build(quarter("2026-01-05", monthly_active_users=140), "2026-01-05", "2026-01-09")
    assert by_quarter(report) == ""
