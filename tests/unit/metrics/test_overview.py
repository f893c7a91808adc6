import datetime as dt
from dataclasses import replace

import pytest

from copilot_metrics.metrics import key_metrics, overview
from copilot_metrics.metrics.aggregate import hide_metrics
from copilot_metrics.metrics.model import Period, Report
from copilot_metrics.metrics.overview import ABOVE, BELOW, Headline, Overview, ScopeLine
from copilot_metrics.metrics.weekday_overview import ScopeChanges
from copilot_metrics.scope import Scope
from support import raw, reports
from support.teams import PERIOD, many, organization, team

EARLIER = Period(dt.date(2026, 3, 30), dt.date(2026, 4, 26))
ALL = organization("orgs/octo-org", (331, 412), 318)


def line(report: Report, *others: Report) -> ScopeLine:
    return next(line for line in Overview([report, *others]).lines if line.report is report)


@pytest.mark.parametrize(
    ("part", "total", "share"),
    [(22, 24, 22 / 24), (0, 5, 0), (None, 5, None), (3, None, None), (0, 0, None), (6, 5, None)],
)
def test_a_share_needs_both_numbers_and_is_at_most_one(
    part: int | None, total: int | None, share: float | None
) -> None:
    assert key_metrics.share(part, total) == share


@pytest.mark.parametrize(("share", "blocks"), [(0, 0), (0.049, 0), (0.05, 1), (0.618, 6), (0.917, 9), (1, 10)])
def test_a_share_is_rounded_to_tenths(share: float, blocks: int) -> None:
    assert overview.blocks(share) == blocks


def test_a_line_has_the_people_of_both_periods() -> None:
    result = line(team("blue", (27, 31), (21, 30), week=19, agent=18))
    assert (result.month, result.licensed, result.week, result.agent, result.before) == (27, 31, 19, 18, (21, 30))
    assert result.people_change == 6


@pytest.mark.parametrize(("before", "change"), [(24, 3), (25, 0), (29, 0), (30, -3)])
def test_one_or_two_people_are_no_change(before: int, change: int) -> None:
    assert line(team("blue", (27, 31), (before, 31))).people_change == change


def test_nothing_is_compared_without_values_of_both_periods() -> None:
    assert line(team("blue", (27, 31))).change.reason == "no earlier data"
    assert line(team("blue", (None, None), (20, 30))).change.reason == "not reported"
    assert line(team("blue", (None, None))).share is None


def test_the_share_of_an_organization_is_of_its_licenses() -> None:
    assert line(ALL).share == 331 / 412
    assert line(organization("orgs/octo-org", (331, None))).share is None
    assert line(organization("orgs/octo-org", (420, 412))).share is None


def test_a_team_outside_the_expected_range() -> None:
    assert line(team("low", (15, 34)), ALL).range_side == BELOW
    assert line(team("high", (60, 60)), ALL).range_side == ABOVE
    assert line(team("blue", (24, 34)), ALL).range_side == ""
    assert line(team("tiny", (0, 1)), ALL).range_side == ""
    assert line(team("none", (0, 0)), ALL).range_side == ""


def test_the_expected_range_needs_the_organization_in_the_same_period() -> None:
    low = team("low", (15, 34))
    assert line(low).range_side == ""
    assert line(low, organization("orgs/octo-labs", (331, 412))).range_side == ""
    assert line(low, organization("enterprises/octo-org", (331, 412))).range_side == ""
    assert line(low, replace(ALL, is_stale=True)).range_side == ""
    assert line(team("low", (15, 34), period=EARLIER), ALL, team("blue", (8, 10))).range_side == ""


def test_the_headline_counts_only_teams_that_can_be_compared() -> None:
    result = Overview(
        [
            ALL,
            team("a", (8, 10), (8, 10)),
            team("b", (7, 10), (4, 10)),
            team("c", (9, 10), (10, 10)),
            team("d", (1, 10), (9, 10)),
            team("e", (9, 9)),
            team("f", (9, 9), (1, 9), period=EARLIER),
            replace(team("g", (9, 9), (1, 9)), is_stale=True),
            hide_metrics(team("h", (3, 9))),
        ]
    )
    assert result.headline == Headline("teams", 3, ScopeChanges(5, compared=4, up=1, down=1))
    assert result.headline.changes.unchanged == 2


def test_with_only_one_team_the_headline_is_about_organizations() -> None:
    assert Overview([ALL, team("a", (8, 10))]).headline is None
    result = Overview([ALL, organization("orgs/octo-labs", (9, 10)), team("a", (8, 10))]).headline
    assert result == Headline("organizations", 2, ScopeChanges(2, compared=1, up=1, down=0))


def test_teams_are_counted_by_tenths_of_their_share() -> None:
    result = Overview([team(f"t{active}", (active, 10)) for active in (0, 1, 3, 9, 10)])
    assert result.tenths == {0: 1, 1: 1, 2: 0, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0, 8: 0, 9: 2}
    assert Overview([team("a", (6, 10)), team("b", (8, 10))]).tenths == {6: 1, 7: 0, 8: 1}
    assert Overview([ALL]).tenths == {}


def test_declining_teams_have_fewer_people_or_a_share_below_the_range() -> None:
    result = Overview([ALL, team("b", (20, 25), (23, 25)), team("a", (3, 25)), team("c", (25, 25), (10, 25))])
    assert [line.scope.team for line in result.declining_teams] == ["a", "b"]
    assert [line.scope.team for line in result.outside_range] == ["a"]
    assert Overview([organization("orgs/octo-org", (300, 412), 331)]).declining_teams == []


def test_each_person_counts_once_in_enterprises_or_else_in_organizations_with_teams() -> None:
    acme = organization("enterprises/acme", (900, 1000))
    labs = organization("orgs/octo-labs", (9, 10))
    assert [line.report for line in Overview([ALL, team("a", (8, 10)), labs]).everyone] == [ALL]
    assert [line.report for line in Overview([ALL, acme, team("a", (8, 10)), labs]).everyone] == [acme]
    assert Overview([ALL, labs]).everyone == []


def test_lines_are_sorted_by_kind_and_name_without_absent_teams() -> None:
    missing = replace(team("absent", (None, None)), is_absent=True)
    result = Overview([team("b", (1, 2)), missing, ALL, organization("enterprises/acme", (9, 10)), team("a", (1, 2))])
    names = ["enterprises/acme", "orgs/octo-org", "orgs/octo-org/team/a", "orgs/octo-org/team/b"]
    assert [str(line.scope) for line in result.lines] == names
    assert result.absent == [missing.scope]
    assert result.counts == [("enterprises", 1), ("organizations", 1), ("teams", 2)]
    assert result.owner == ""
    assert Overview([missing]).counts == [("teams", 1)]


def test_the_most_common_period_comes_first() -> None:
    older = reports.build([raw.day()])
    result = Overview([older, ALL, team("a", (1, 2)), team("b", (1, 2), period=EARLIER)])
    assert result.periods == [(PERIOD, 2), (EARLIER, 1), (older.current.period, 1)]
    assert result.older == [older]
    assert [line.has_usual_period for line in result.lines] == [True, True, False]


def test_many_lines_are_split_into_sections_and_pages() -> None:
    result = Overview(
        [*many(100), organization("orgs/octo-labs", (9, 10)), reports.build([raw.day()], scope="orgs/old")]
    )
    assert result.is_long
    assert [(section.owner, section.kinds, len(section.lines)) for section in result.sections] == [
        ("", ["organizations"], 2),
        ("octo-org", ["teams"], 100),
    ]
    pages = result.pages(30)
    assert max(sum(len(section.lines) for section in sections) for sections, _ in pages) == 30
    assert [line for sections, _ in pages for section in sections for line in section.lines] == result.lines
    assert [report for _, older in pages for report in older] == result.older


def test_a_group_needs_five_teams_with_a_share() -> None:
    teams = [team(f"t{number}", (5, 6)) for number in range(4)]
    assert Overview([ALL, *teams, hide_metrics(team("h", (3, 9)))]).team_groups == []
    group = Overview([ALL, *teams, team("t4", (0, 40))]).team_groups[0]
    assert (group.owner, len(group.teams), group.owner_line and group.owner_line.report) == ("octo-org", 5, ALL)
    assert [line.scope.team for line in group.outside_range] == ["t4"]


def test_a_report_without_days_that_others_have_is_a_gap() -> None:
    days = [raw.day(f"2024-06-{day:02}") for day in (26, 27, 28)]
    first, second = (reports.build(days[start:], "2024-06-25", "2024-06-28", f"orgs/o{start}") for start in (0, 1))
    assert Overview([first, second]).gaps == [second]
    assert Overview([first, first]).gaps == []
    assert Overview([first, second]).unreported == {"metrics": [dt.date(2024, 6, 25)]}


def test_the_days_of_the_other_api_are_no_gap() -> None:
    older = reports.build([raw.day("2026-05-23")], "2026-05-23", "2026-05-24")
    result = Overview([older, team("a", (1, 2), period=Period(dt.date(2026, 5, 23), dt.date(2026, 5, 24)))])
    assert result.gaps == []
    assert result.unreported == {"metrics": [dt.date(2026, 5, 24)], "usage-metrics": [dt.date(2026, 5, 23)]}


def test_the_leading_report_counts_each_person_once() -> None:
    enterprise = organization("enterprises/acme", (331, 412))
    assert Overview([ALL, enterprise, team("a", (8, 10))]).lead is enterprise
    assert Overview([ALL, team("a", (8, 10))]).lead is None
    assert Overview([ALL, organization("orgs/octo-labs", (9, 10))]).lead is None
    assert Overview([enterprise, organization("enterprises/octo-org", (9, 10))]).lead is None


def test_if_there_are_many_scopes_only_owners_are_detailed() -> None:
    owners = [Scope.parse(f"orgs/octo-{number:02}") for number in range(25, 0, -1)]
    teams = [Scope.parse(f"orgs/octo-01/team/{number:02}") for number in range(15, 0, -1)]
    assert overview.detailed([*teams, *owners]) == sorted([*owners, *teams])
    many_more = [*teams, *owners, Scope.parse("orgs/octo-01/team/99")]
    assert overview.detailed(many_more) == sorted(owners)[:20]


def teams_with_versions(*recorded_since: str) -> list[Report]:
    """Teams in November 2026, by the day since which most of their people use versions that record agent sessions."""
    period = Period(dt.date(2026, 10, 29), dt.date(2026, 11, 25))
    return [
        replace(
            team(f"t{number}", (8, 10), agent=5, period=period),
            recorded_since=dt.date.fromisoformat(since) if since else None,
        )
        for number, since in enumerate(recorded_since)
    ]


def test_a_counting_change_of_any_line_needs_a_note() -> None:
    result = Overview(teams_with_versions("2026-09-20", ""))
    assert [[change.label for change in line.counting_changes] for line in result.lines] == [
        [],
        ["agents undercounted"],
    ]
    [note] = result.notes
    assert note.scopes == []
    assert "undercounted agent sessions since September 2026" in note.text


def test_scopes_are_named_if_an_undercount_ends_differently() -> None:
    result = Overview(teams_with_versions("", "2026-11-11", ""))
    notes = [([scope.team for scope in note.scopes], "since November 11, 2026" in note.text) for note in result.notes]
    assert notes == [(["t1"], True), (["t0", "t2"], False)]


def test_no_note_is_about_values_that_are_not_reported() -> None:
    period = Period(dt.date(2026, 10, 29), dt.date(2026, 11, 25))
    assert Overview([team("a", (8, 10), period=period)]).notes == []
    assert Overview([team("a", (None, None), period=period)]).notes == []


def test_a_change_that_is_not_compared_needs_a_note() -> None:
    period = Period(dt.date(2026, 7, 20), dt.date(2026, 8, 16))
    [line] = Overview([team("a", (8, 10), (7, 10), period=period)]).lines
    assert [change.label for change in line.counting_changes] == ["app joins the totals"]
