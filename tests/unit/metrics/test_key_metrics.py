import datetime as dt

import pytest

from copilot_metrics.metrics import compare, key_metrics
from copilot_metrics.metrics.key_metrics import ActivePeople
from copilot_metrics.metrics.model import Licenses, Quotient
from support import raw, reports, usage


def test_half_a_person_is_rounded_up() -> None:
    days = [raw.day(f"2024-06-{date}", active=active) for date, active in ((17, 10), (18, 11), (24, 14), (25, 15))]
    report = reports.build(days, since="2024-06-24", until="2024-06-25")
    assert key_metrics.typical_people(report.current, "active") == 15
    week = reports.build(days, since="2024-06-24", until="2024-06-30")
    assert key_metrics.typical_people(week.current, "active") == 15
    assert key_metrics.typical_people(reports.build([]).current, "active") is None


def test_a_trailing_count_that_the_last_days_do_not_report_is_unknown() -> None:
    days = usage.days("2026-05-18", 24, monthly_active_users=40) + usage.days("2026-06-11", 4)
    report = usage.build(days, "2026-05-18", "2026-06-14")
    assert report.current.users["monthly_active_users"].latest == 40
    assert key_metrics.latest_count(report.current, "monthly_active_users") is None


def test_a_team_has_its_own_trailing_counts() -> None:
    result = usage.four_weeks({"active_28d": 20}, {"active_28d": 22, "licensed": 30}, scope="orgs/octo-org/team/blue")
    assert key_metrics.active_in_month(result.current) == ActivePeople("active_28d", 22, 22, dt.date(2026, 6, 14))
    assert key_metrics.licensed_people(result) == 30
    change = compare.latest_count_change(result, "active_28d")
    assert change.is_small


def test_licensed_members_of_a_team_take_precedence_over_licenses() -> None:
    assert key_metrics.licensed_people(usage.four_weeks({}, {"licensed": 30}, licenses=Licenses(assigned=12))) == 30


def test_active_people_of_a_team_include_those_who_no_longer_have_a_license() -> None:
    values = {"active_7d": 12, "licensed_active_7d": 9, "active_28d": 22, "licensed_active_28d": 20}
    result = usage.four_weeks(values, values, scope="orgs/octo-org/team/blue")
    assert key_metrics.active_in_week(result.current) == ActivePeople("active_7d", 12, 9, dt.date(2026, 6, 14))
    assert key_metrics.active_in_month(result.current) == ActivePeople("active_28d", 22, 20, dt.date(2026, 6, 14))


def test_requests_per_active_user_are_of_days_that_report_both() -> None:
    """The second of two days has no `totals_by_feature`: 500 requests of 100 people are 5 for each, not 2.5."""
    first = usage.day("2026-05-18", active=100, totals_by_feature=[usage.activity(500, feature="chat_inline")])
    second = usage.day("2026-05-19", active=100, user_initiated_interaction_count=500)
    del second["totals_by_feature"]
    report = usage.build([first, second], "2026-05-18", "2026-05-19")
    assert key_metrics.requests_per_person_day(report.current) == 5


@pytest.mark.parametrize(("active", "requests"), [(99, None), (100, 0.5)])
def test_requests_per_active_user_need_a_hundred_person_days(active: int, requests: float | None) -> None:
    chats = [usage.activity(50, feature="chat_inline")]
    day = usage.day("2026-05-18", active=active, totals_by_feature=chats)
    assert key_metrics.requests_per_person_day(usage.build([day], "2026-05-18", "2026-05-18").current) == requests


def test_without_days_there_are_no_requests_per_active_user() -> None:
    assert key_metrics.requests_per_person_day(usage.build([], "2026-05-18", "2026-06-14").current) is None


def test_a_rate_is_of_days_that_report_numerator_and_denominator() -> None:
    """Of 200 opened pull requests, only the day with 100 of them reports those of Copilot: 20."""
    days = [
        usage.day("2026-05-18", pull_requests={"total_created": 100, "total_created_by_copilot": 20}),
        usage.day("2026-05-19", pull_requests={"total_created": 100}),
    ]
    report = usage.build(days, "2026-05-18", "2026-05-19")
    assert key_metrics.rate(report.current, "opened_by_copilot") == 0.2
    assert key_metrics.quotient(report.current, "opened_by_copilot") == Quotient(20, 100, 1)


def test_agent_adoption_is_of_the_same_28_days() -> None:
    people = {"monthly_active_users": 40, "monthly_active_agent_users": 30}
    assert key_metrics.agent_adoption(usage.four_weeks({}, people).current) == Quotient(30, 40, 0)
    other_day = [usage.day("2026-05-18", **people), usage.day("2026-05-19", monthly_active_users=40)]
    for days in (other_day, usage.days("2026-05-18", 2, monthly_active_users=20, monthly_active_agent_users=30)):
        assert key_metrics.agent_adoption(usage.build(days, "2026-05-18", "2026-05-19").current).value is None
