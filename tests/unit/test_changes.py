import datetime as dt

import pytest

from copilot_metrics import changes, findings
from copilot_metrics.measures import DAYS_BACK, DIMENSIONS, GROUPS, USERS
from copilot_metrics.model import Report
from support import raw, reports, usage


def labels(found: tuple[changes.Change, ...]) -> list[str]:
    return [change.label for change in found]


def report(since: str, until: str) -> Report:
    return usage.build(usage.days("2026-01-01", 300), since, until)


def test_every_change_is_dated_told_and_concerns_something() -> None:
    figures = [
        *(f"users.{name}" for name in USERS),
        *(f"{group.name}.{name}" for group in GROUPS for name in group.measures),
        *(f"{dimension.name}.all" for dimension in DIMENSIONS),
        *(
            f"features.{name}"
            for name in ("copilot_cli", "agent_edit", "chat_panel_agent_mode", "chat_panel_custom_mode")
        ),
    ]
    for change in changes.known():
        assert change.since < dt.date(2027, 1, 1)
        assert len(change.label) <= 25
        assert change.text.endswith(".")
        unused = [pattern for pattern in change.figures if not any(changes.fits(pattern, name) for name in figures)]
        assert unused == []


def test_a_figure_of_before_and_after_is_marked_and_others_are_not() -> None:
    made = report("2026-04-01", "2026-04-28")
    assert labels(changes.marking(made, "activity.loc_added_sum")) == ["CLI joins the totals"]
    assert changes.marking(made, "completions.suggestions") == ()
    assert findings.mark(made, "activity.loc_added_sum") == "†"
    assert labels(changes.in_charts(made)) == labels(changes.noted(made)) == ["CLI joins the totals"]


@pytest.mark.parametrize(("since", "marked"), [("2026-04-10", False), ("2026-04-09", True)])
def test_a_period_that_begins_with_the_new_measure_is_not_marked(since: str, marked: bool) -> None:
    made = report(since, "2026-04-20")
    assert bool(changes.marking(made, "activity.loc_added_sum")) is marked


def test_a_figure_that_reaches_back_is_marked_longer() -> None:
    made = report("2026-06-20", "2026-06-30")
    assert labels(changes.marking(made, "users.monthly_active_users")) == ["users seen by servers"]
    assert labels(changes.marking(made, "users.weekly_active_users")) == ["users seen by servers"]
    assert changes.marking(made, "users.active") == ()


def test_people_of_a_calendar_month_reach_back_thirty_days_at_most_and_those_of_a_day_none() -> None:
    assert {name: days for name, days in DAYS_BACK.items() if days not in (6, 27)} == {
        "monthly_active_vscode_agent_users": 30
    }
    assert DAYS_BACK["weekly_active_vscode_agent_users"] == 6
    assert DAYS_BACK["licensed_active_28d"] == 27
    assert not {"active", "licensed", "daily_active_cli_users"} & DAYS_BACK.keys()


def test_a_lasting_defect_marks_as_long_as_it_lasts_and_nothing_is_compared() -> None:
    made = report("2026-10-10", "2026-10-20")
    assert labels(changes.noted(made)) == ["agent sessions lost"]
    assert changes.in_charts(made) == ()
    assert findings.mark(made, "users.monthly_active_agent_users") == "†"
    assert findings.mark(made, "users.monthly_active_copilot_cloud_agent_users", "completions.suggestions") == ""
    assert changes.divides(made, "chat.chats")
    assert not changes.divides(made, "completions.suggestions")


@pytest.mark.parametrize(
    ("since", "until", "divided"),
    [
        ("2026-07-06", "2026-07-12", True),  # the week before lies before the release
        ("2026-07-13", "2026-07-19", False),  # both lie after it
        ("2026-06-29", "2026-07-05", False),  # both lie before it
    ],
)
def test_no_delta_crosses_a_change(since: str, until: str, divided: bool) -> None:
    assert changes.divides(report(since, until), "completions.suggestions") is divided


def test_without_a_period_before_nothing_is_divided() -> None:
    assert not changes.divides(usage.build(usage.days("2026-07-01", 7), "2026-07-01", "2026-07-07"), "users.active")


def test_the_older_api_knows_no_changes() -> None:
    made = reports.build([raw.example(date="2026-04-10")], since="2026-04-01", until="2026-04-20")
    assert changes.noted(made) == changes.in_charts(made) == ()


def test_a_change_that_is_divided_is_not_told() -> None:
    days = usage.days("2026-04-26", 28, active=100) + usage.days("2026-05-24", 28, active=150)
    assert findings.people_change(usage.build(days, "2026-05-24", "2026-06-20"), "active") is None
    days = usage.days("2026-10-01", 28, active=100) + usage.days("2026-10-29", 28, active=150)
    made = usage.build(days, "2026-10-29", "2026-11-25")
    change = findings.people_change(made, "active")
    assert change is not None
    assert change.by == 50
    assert findings.total_change(made, "activity", "loc_added_sum") is None
