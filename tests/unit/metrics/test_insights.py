from typing import Any

import pytest

from copilot_metrics.metrics import insights
from copilot_metrics.metrics.model import Licenses, Report
from support import raw, reports, usage


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in insights.find_insights(report)]


def test_fewer_daily_users() -> None:
    findings = insights.find_insights(reports.two_weeks({"active": 50, "engaged": 40}, {"active": 40, "engaged": 40}))
    assert [(finding.rule, dict(finding.values)) for finding in findings] == [
        ("fewer_daily_users", {"now": 40, "fewer": 10, "share": -0.2})
    ]
    assert rules(reports.two_weeks({"active": 42, "engaged": 40}, {"active": 40, "engaged": 40})) == []


def test_active_people_who_are_not_engaged() -> None:
    assert rules(reports.build([raw.day(active=40, engaged=30)])) == ["passive_people"]
    assert rules(reports.build([raw.day(active=40, engaged=31)])) == []
    assert rules(reports.build([raw.day(active=4, engaged=1)])) == []
    assert rules(reports.build([raw.day(active=9, engaged=1)])) == []
    [finding] = insights.find_insights(reports.build([raw.day(active=10, engaged=6)]))
    assert dict(finding.values) == {"active": 10, "passive": 4, "share": 0.4}


def test_a_large_language_with_a_low_acceptance_rate() -> None:
    report = reports.build([raw.day(ruby=(1000, 400), python=(900, 300), go=(800, 100), c=(700, 1))])
    findings = [finding for finding in insights.find_insights(report) if finding.rule == "low_acceptance_rate"]
    assert [(finding.values["row"].name, finding.values["overall"]) for finding in findings] == [("go", 801 / 3400)]


def test_two_languages_are_enough_to_compare() -> None:
    report = reports.build([raw.day(ruby=(900, 400), go=(100, 0))])
    [finding] = [finding for finding in insights.find_insights(report) if finding.rule == "low_acceptance_rate"]
    assert finding.values["row"].name == "go"
    assert "low_acceptance_rate" not in rules(reports.build([raw.day(ruby=(900, 400), go=(99, 0))]))
    alone = reports.build([raw.day(ruby=(900, 100), others=(900, 800))])
    assert "low_acceptance_rate" not in rules(alone)


def test_others_and_unknown_are_not_languages_to_compare() -> None:
    assert "low_acceptance_rate" not in rules(
        reports.build([raw.day(ruby=(1000, 400), others=(900, 10), unknown=(800, 1))])
    )


def test_a_language_is_compared_only_if_it_has_enough_suggestions() -> None:
    assert "low_acceptance_rate" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(90, 1))]))
    assert "low_acceptance_rate" not in rules(reports.build([raw.day(ruby=(1000, 400), go=(900, 350))]))
    assert "low_acceptance_rate" not in rules(reports.build([raw.day()]))


def test_unused_licenses_are_a_finding_from_a_tenth_on() -> None:
    now = {"monthly_active_users": 90}
    assert rules(usage.four_weeks(now, now, licenses=Licenses(assigned=100))) == ["unused_licenses"]
    assert rules(usage.four_weeks(now, now, licenses=Licenses(assigned=99))) == []
    [finding] = insights.find_insights(usage.four_weeks(now, now, licenses=Licenses(assigned=100)))
    assert dict(finding.values) == {"unused": 10, "licensed": 100, "never_used": None, "used_before": None}
    assert rules(usage.four_weeks(now, now)) == []


def test_fewer_monthly_users() -> None:
    result = usage.four_weeks({"monthly_active_users": 93}, {"monthly_active_users": 90})
    assert [(finding.rule, dict(finding.values)) for finding in insights.find_insights(result)] == [
        ("fewer_monthly_users", {"now": 90, "fewer": 3, "share": -3 / 93})
    ]


def test_unused_licenses_are_counted_from_the_license_list_if_it_is_known() -> None:
    now = {"monthly_active_users": 99}
    license_counts = Licenses(assigned=100, active=70, idle=20, no_activity=10)
    [finding] = insights.find_insights(usage.four_weeks(now, now, licenses=license_counts))
    assert dict(finding.values) == {"unused": 30, "licensed": 100, "never_used": 10, "used_before": 20}


def test_review_suggestions_that_are_hardly_ever_applied() -> None:
    def suggested(applied: int) -> dict[str, Any]:
        return {
            "pull_requests": {"total_copilot_suggestions": 10, "total_copilot_applied_suggestions": applied},
        }

    [finding] = insights.find_insights(usage.four_weeks(suggested(0), suggested(0)))
    assert (finding.rule, dict(finding.values)) == (
        "unapplied_review_suggestions",
        {"suggested": 280, "applied": 0, "rate": 0},
    )
    assert rules(usage.four_weeks(suggested(1), suggested(1))) == []


@pytest.mark.parametrize(("suggestions", "expected"), [(99, []), (100, ["unapplied_review_suggestions"])])
def test_a_hundred_review_suggestions_are_enough(suggestions: int, expected: list[str]) -> None:
    values = {"total_copilot_suggestions": suggestions, "total_copilot_applied_suggestions": 9}
    day = "2026-05-18"
    assert rules(usage.build([usage.day(day, pull_requests=values)], day, day)) == expected


def test_the_share_of_engaged_people_is_of_days_that_report_both() -> None:
    days = [raw.day("2024-06-24", active=40, engaged=30), raw.day("2024-06-25", active=100, engaged=None)]
    [finding] = insights.find_insights(reports.build(days, "2024-06-24", "2024-06-25"))
    assert dict(finding.values) == {"active": 40, "passive": 10, "share": 0.25}
