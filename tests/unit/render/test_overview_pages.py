"""The overview and the summary of several scopes, as pages."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.metrics.aggregate import hide_metrics
from copilot_metrics.render import bundle, markdown
from copilot_metrics.render.charts import Chart
from copilot_metrics.render.overview_wording import FailedScope
from copilot_metrics.render.pictures import Place
from copilot_metrics.scope import Scope
from copilot_metrics.store.branch import CommitResult
from support import raw, reports
from support.teams import PERIOD, many, organization, team

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report

MEBIBYTE = 1024 * 1024
ALL = organization("orgs/octo-org", (331, 412), 318)
TEAMS = [
    team("api-platform", (22, 24), (21, 24), week=15, agent=17),
    team("checkout", (27, 31), (21, 30), week=19, agent=18),
    team("payments-core", (15, 34), (26, 34), week=10, agent=8),
    hide_metrics(team("web-growth", (3, 6))),
    replace(team("labs", (None, None)), is_absent=True),
]
TWELVE = [ALL, *TEAMS]
CHART = Chart("teams", "One | outside", b"light", b"dark")


def page(*reports: Report, failed: tuple[FailedScope, ...] = (), charts: tuple[Chart, ...] = ()) -> str:
    return markdown.overview_pages(reports, failed, charts)["README.md"].decode().replace("\u00a0", " ")


def summary(
    *reports: Report, failed: tuple[FailedScope, ...] = (), room: int = MEBIBYTE, place: Place | None = None
) -> str:
    place = place or Place("copilot-metrics")
    return markdown.summary(reports, failed, reports[0], place, room).replace("\u00a0", " ")


def rows(text: str) -> list[str]:
    return re.findall(r"^\| \**\[.*$", text, re.MULTILINE)


def test_an_overview_begins_with_title_headline_and_total() -> None:
    lines = [line for line in page(*TWELVE).splitlines() if line]
    assert lines[0] == "# Copilot in 4 teams of octo-org · April 27 – May 24, 2026"
    assert lines[1] == (
        "**Two of the three teams with data have 80% or more of their licensed members active in 28 days. "
        "One moved up, one down; the other by two people or fewer.**"
    )
    assert lines[2] == (
        "All of octo-org, everyone counted once: 331 of 412 active in 28 days (80%), 13 more than 4 weeks ago. "
        "People in several teams count in each: never add the rows. Changes are against March 30 – April 26, 2026."
    )


def test_a_share_has_its_people_and_a_change_its_previous_value() -> None:
    assert rows(page(*TWELVE)) == [
        ("| **[All of octo-org](orgs/octo-org/README.md)** | 412 | `████████░░` 80% (331) | +13, from 318 | – | – |"),
        (
            "| [api-platform](orgs/octo-org/team/api-platform/README.md) | 24 | `█████████░` 92% (22) "
            "| no change | 63% (15) | 71% (17) |"
        ),
        (
            "| [checkout](orgs/octo-org/team/checkout/README.md) | 31 | `█████████░` 87% (27) "
            "| +6 (+29%), from 21 of 30 | 61% (19) | 58% (18) |"
        ),
        (
            "| [payments-core](orgs/octo-org/team/payments-core/README.md) | 34 | `████░░░░░░` 44% (15) ▽ "
            "| −11 (−42%), from 26 of 34 | 29% (10) | 24% (8) |"
        ),
        "| [web-growth](orgs/octo-org/team/web-growth/README.md) | | hidden: fewer than `min-team-size` | | | |",
    ]


def test_teams_that_need_help_and_absent_teams_are_named() -> None:
    text = page(*TWELVE)
    assert (
        "**Where help may be welcome**: payments-core (11 people fewer than before: 15, were 26; "
        "44%, below the expected range)."
    ) in text
    assert text.count("labs") == 1
    assert "Not in GitHub's report: orgs/octo-org/team/labs (fewer than five licensed members" in text


@pytest.mark.parametrize(
    ("result", "title"),
    [
        ([ALL], "Copilot at octo-org"),
        ([ALL, TEAMS[0]], "Copilot in 1 team of octo-org"),
        ([ALL, organization("orgs/octo-labs", (1, 2))], "Copilot in 2 organizations"),
        (
            [organization("enterprises/acme", (8, 9)), ALL, *TEAMS[:2]],
            "Copilot in 1 enterprise, 1 organization and 2 teams",
        ),
        ([TEAMS[-1]], "Copilot in 1 team of octo-org"),
    ],
)
def test_the_title_counts_the_scopes(result: list[Report], title: str) -> None:
    assert page(*result).startswith(f"# {title} · April 27 – May 24, 2026\n")


def test_an_enterprise_counts_everyone_once() -> None:
    text = page(
        ALL, TEAMS[0], organization("enterprises/octo-org", (900, 1000)), organization("orgs/octo-labs", (9, 10))
    )
    assert (
        "**Copilot reported 1 day of octo-org, but not how many people used it.**\n\nAll two organizations with" in text
    )
    assert [row.split("](")[0] for row in rows(text)] == [
        "| **[octo-org (enterprise)",
        "| **[octo-labs",
        "| **[All of octo-org",
        "| [octo-org / api-platform",
    ]
    assert "People in several scopes count in each: never add the rows." in text


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ([8, 8], "All two teams with data have 80% or more"),
        ([1, 8], "One of the two teams with data has 80% or more of its licensed members"),
        ([1, 1], "None of the two teams with data have 80% or more"),
    ],
)
def test_the_headline_is_a_sentence_for_any_number(shares: list[int], sentence: str) -> None:
    assert f"**{sentence}" in page(*(team(f"t{n}", (active, 10)) for n, active in enumerate(shares)))


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ([5, 5], "Two moved up.**"),
        ([9, 9], "None of them gained or lost three or more active people.**"),
        ([9, 5], "One moved up; the other by two people or fewer.**"),
        ([5, None], "Of the one that can be compared, one moved up.**"),
    ],
)
def test_the_headline_counts_teams_that_can_be_compared(before: list[int | None], sentence: str) -> None:
    items = [team(f"t{n}", (8, 10), (was, 10) if was else None) for n, was in enumerate(before)]
    assert sentence in page(*items)


def test_different_periods_are_shown_above_the_table_and_in_the_row() -> None:
    older = reports.build([raw.day()], scope="orgs/old")
    text = page(
        *TWELVE, team("orgs/octo-org/team/late", (5, 9), period=replace(PERIOD, until=dt.date(2026, 5, 23))), older
    )
    assert text.startswith("# Copilot in 2 organizations and 5 teams\n")
    assert "Periods differ: April 27 – May 24, 2026 (5 of 7), " in text
    assert re.search(r"\[octo-org / late\]\(.*?\) · April 27 – May 23, 2026 \|", text)
    assert "| [old](orgs/old/README.md) |" in text
    assert "do not compare a row of one table with a row of the other" in text


def test_failed_scopes_are_shown_with_their_reason() -> None:
    not_found = FailedScope(Scope.parse("orgs/gone"), "Not found", "404.", earlier=False)
    rate_limited = FailedScope(Scope.parse("orgs/octo-org"), "Rate limit", "429.", earlier=True)
    text = page(replace(ALL, is_stale=True), *TEAMS, failed=(not_found, rate_limited))
    assert "Not reported in this run: orgs/gone (Not found)." in text
    assert "Metrics of an earlier run, because this run could not download them: orgs/octo-org (Rate limit)." in text
    assert "README.md)** · earlier run, April 27 – May 24, 2026 |" in text


def test_definitions_are_folded() -> None:
    text = page(*TWELVE)
    assert "<details><summary>How to read this</summary>\n\n- **Licensed**" in text
    assert "not a ranking, and not for judging people" in text


def test_the_chart_is_shown_by_its_relative_path_and_in_a_summary_by_its_address() -> None:
    assert '<img alt="One | outside" src="charts/light/teams.png"' in page(*TWELVE, charts=(CHART,))
    commit = CommitResult("https://github.com/octo-org/metrics", "data", "reports", "0" * 40, is_new=True)
    text = summary(*TWELVE, place=Place("copilot-metrics", commit, {None: [CHART]}))
    address = f"https://github.com/octo-org/metrics/raw/{'0' * 40}/reports/charts"
    assert f'srcset="{address}/dark/teams.png"><img alt="One | outside" src="{address}/light/teams.png"' in text
    assert "[api-platform](https://github.com/octo-org/metrics/blob/data/reports/orgs/octo-org/team/api" in text
    assert "teams.png" not in summary(*TWELVE)


def test_many_teams_have_their_distribution_before_the_folded_table() -> None:
    items = [*many(600), team("zebra", (1, 60))]
    text = page(*items, charts=(CHART,))
    order = (
        "| % of licensed people active in 28 days | 0–10 |",
        "xychart-beta",
        "charts/light/teams.png",
        "Outside the expected range",
    )
    places = [text.index(part) for part in (*order, "<details><summary>601 teams of octo-org")]
    assert places == sorted(places)
    spread = re.findall(r"^\| teams \| (.*) \|$", text, re.MULTILINE)[0].split(" | ")
    assert sum(map(int, spread)) == 601
    assert f"bar [{', '.join(spread)}]" in text
    assert len(rows(text.split("<details>")[1])) == 601


def test_a_thousand_scopes_fit_into_one_page() -> None:
    pages = markdown.overview_pages(many(1000), [])
    assert list(pages) == ["README.md"]
    assert len(pages["README.md"]) < MEBIBYTE
    text = summary(*many(1000))
    assert len(text.encode()) < MEBIBYTE
    assert "1,000 teams of octo-org" in text


def test_tables_that_do_not_fit_are_on_more_pages() -> None:
    items = [*many(1000, prefix="_" * 150), reports.build([raw.day()], scope="orgs/old")]
    pages = markdown.overview_pages(items, [], room=500_000)
    assert len(pages) > 1
    assert all(len(content) <= 500_000 for content in pages.values())
    assert all(bundle.is_overview_file(name) for name in pages if name != "README.md")
    first = pages.pop("README.md").decode()
    assert all(f"[{name}]({name})" in first for name in pages)
    text = "".join(content.decode() for content in pages.values())
    assert all(f"({report.scope.folder}/README.md)" in text for report in items)


def test_pages_get_as_few_rows_as_they_need() -> None:
    pages = markdown.overview_pages(many(100), [], room=12_000)
    assert all(len(content) <= 12_000 for name, content in pages.items() if name != "README.md")
    assert len(rows("".join(content.decode() for name, content in pages.items() if name != "README.md"))) == 101


@pytest.mark.parametrize("room", [400_000, 40_000, 15_000])
def test_a_summary_of_many_omits_tables_last(room: int) -> None:
    text = summary(*many(1000), room=room)
    assert 0 < len(text.encode()) <= room
    assert ("The tables of all scopes are omitted" in text) is ("1,000 teams of octo-org</s" not in text)
    assert "| % of licensed people active in 28 days | 50–60 |" in text


def test_a_pull_request_has_the_overview_as_far_as_there_is_room() -> None:
    commit = CommitResult("https://github.com/octo-org/metrics", "data", "reports", "0" * 40, is_new=True)
    assert len(rows(markdown.pull_request(TWELVE, [], commit))) == 5
    text = markdown.pull_request(many(1000), [], commit)
    assert len(text) < 65_536
    assert "| % of licensed people active in 28 days | 50–60 |" in text


def test_a_pull_request_without_room_has_a_sentence_and_no_table() -> None:
    commit = CommitResult("https://github.com/octo-org/metrics", "data", "reports", "0" * 40, is_new=True)
    text = markdown.pull_request(TWELVE, [], commit, room=500)
    assert "|" not in text
    assert text.startswith("**Two of the three teams with data have 80% or more")


def test_no_name_of_a_team_breaks_the_table() -> None:
    text = page(
        organization("orgs/octo-org", (331, 412)),
        team("[x](y)`@monalisa$", (1, 30)),
        team("b", (8, 10)),
        team("c~~", (8, 10)),
    )
    assert "| [``[x](y)`@monalisa$``](" in text
    for row in rows(text):
        assert row.count("|") == 6


def test_the_headline_of_the_older_api_is_the_median() -> None:
    older = [reports.build([raw.day(active=active)], scope=f"orgs/octo-{active}") for active in (5, 10, 24)]
    sentence = "Half of the three organizations with data have 10 or more people who use Copilot on a typical weekday."
    assert f"**{sentence}**" in markdown.overview_pages(older, [])["README.md"].decode()


def test_many_scopes_on_the_older_api_have_their_distribution_first() -> None:
    items = [
        older_week("orgs/octo-org", 40, 30),
        older_week("orgs/octo-org/team/blue", 20, 12),
        *(older_week(f"orgs/octo-org/team/t{number:02}", number, number) for number in range(45)),
    ]
    text = page(*items)
    assert "| [octo-org](orgs/octo-org/README.md) | 30 | −10 (−25%), from 40 | 20 | – | – | 5 of 7 |" in text
    assert "| people on a typical weekday | 0 | 1–4 | 5–9 | 10–19 | 20–49 |" in text
    assert "| scopes | 1 | 4 | 5 | 11 | 26 |" in text
    assert "bar [1, 4, 5, 11, 26]" in text
    assert "**Where help may be welcome**: blue (8 people fewer on a typical weekday: 12, were 20)." in text
    sentence = "**Half of the 47 scopes with data have 22 or more people who use Copilot on a typical weekday. "
    assert f"{sentence}Two moved down; the others by two people or fewer.**" in text
    assert text.index("| people on a typical") < text.index("<summary>47 scopes on the Copilot metrics API")


def test_the_headline_is_that_of_the_enterprise() -> None:
    enterprise = organization("enterprises/acme", (8, 9), week=7, completions=(300, 1000))
    lines = [line for line in page(enterprise, *TWELVE).splitlines() if line]
    assert lines[1] == (
        "**7 of 9 licensed people (78%) at acme used Copilot in the last 7 days; "
        "30% of 1,000 code suggestions were accepted.**"
    )
    assert lines[2] == (
        "Two of the three teams with data have 80% or more of their licensed members active in 28 days. One moved "
        "up, one down; the other by two people or fewer. People in several scopes count in each: never add the rows. "
        "Changes are against March 30 – April 26, 2026."
    )


def test_the_total_has_its_change_and_completions() -> None:
    grown = organization("orgs/octo-org", (331, 412), 318, completions=(300, 1000))
    assert (
        "All of octo-org, everyone counted once: 331 of 412 active in 28 days (80%), 13 more than 4 weeks ago; "
        "30% of 1,000 code suggestions were accepted."
    ) in page(grown, *TEAMS)
    assert "(80%), about as many as 4 weeks ago." in page(organization("orgs/octo-org", (331, 412), 330), *TEAMS)
    assert "(80%). People" in page(organization("orgs/octo-org", (331, 412)), *TEAMS)


def older_week(scope: str, before: int, now: int) -> Report:
    days = [raw.day(f"2024-06-{17 + day}", active=before) for day in range(5)]
    days += [raw.day(f"2024-06-{24 + day}", active=now) for day in range(5)]
    return reports.build(days, since="2024-06-24", until="2024-06-30", scope=scope)
