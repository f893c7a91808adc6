import datetime as dt
import html
import re
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from copilot_metrics.metrics.model import Report
from copilot_metrics.render import markdown, wording
from copilot_metrics.render.charts import Chart
from copilot_metrics.render.overview_wording import FailedScope
from copilot_metrics.render.pictures import Place
from copilot_metrics.scope import Scope
from copilot_metrics.store.branch import CommitResult
from support import raw, reports, usage
from support.names import HOSTILE

MEBIBYTE = 1024 * 1024


def rendered(page: bytes | str) -> str:
    text = page if isinstance(page, str) else page.decode()
    return str(cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE))


def summary(*scopes: Report, failed: tuple[FailedScope, ...] = (), room: int = MEBIBYTE) -> str:
    return markdown.summary(scopes, failed, scopes[0], Place("copilot-metrics"), room).replace("\u00a0", " ")


def pull_request(*scopes: Report, failed: tuple[FailedScope, ...] = ()) -> str:
    commit = CommitResult("https://github.com/octo-org/metrics", "data", "reports", "0" * 40, is_new=True)
    return markdown.pull_request(scopes, failed, commit).replace("\u00a0", " ")


def overview(*scopes: Report, failed: tuple[FailedScope, ...] = ()) -> str:
    return markdown.overview_pages(scopes, failed)["README.md"].decode().replace("\u00a0", " ")


def example(**kwargs: Any) -> Report:
    return reports.build(raw.days("2024-06-01", 28), since="2024-06-01", until="2024-06-28", **kwargs)


def test_the_headline_is_the_first_sentence_of_the_summary() -> None:
    report = example()
    sentence = wording.headline(report)
    assert sentence == (
        "24 people at octo-org used Copilot on a typical weekday; 50% of 27,692 code suggestions were accepted."
    )
    assert summary(report).splitlines()[2] == f"**{sentence}**"


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ([], "There are no Copilot metrics of octo-org for June 24–30, 2024."),
        (
            [raw.day("2024-06-29", active=1), raw.day("2024-06-30", active=4)],
            "2.5 people a day at octo-org used Copilot, on average over 2 days.",
        ),
        ([raw.day(active=1)], "1 person at octo-org used Copilot on a typical weekday."),
        (
            [raw.day(active=None, ruby=(200, 50))],
            "25% of 200 code suggestions at octo-org were accepted in 7 days.",
        ),
        ([raw.day(active=None)], "Copilot reported 1 day of octo-org, but not how many people used it."),
    ],
)
def test_the_headline_uses_what_is_reported(days: list[Any], sentence: str) -> None:
    assert wording.headline(reports.build(days, until="2024-06-30")) == sentence


@pytest.mark.parametrize(("before", "words"), [(20, "4 more than"), (30, "6 fewer than"), (23, "about as many as")])
def test_the_headline_compares_with_the_previous_period(before: int, words: str) -> None:
    days = [raw.day(f"2024-06-{date}") for date in (24, 25, 26)]
    report = reports.build([raw.day("2024-06-21", active=before), *days], until="2024-06-26")
    assert f", {words} in the previous period" in wording.headline(report)


def test_missing_days_are_named_in_the_data_line() -> None:
    report = reports.build([raw.day("2024-06-24"), raw.day("2024-06-27")], until="2024-06-27")
    assert "Data: 2 of 4 days · missing: June 25–26 · no data before June 24, 2024 · Copilot metrics API" in summary(
        report
    )


def test_preliminary_days_are_named_if_they_have_data_and_otherwise_not_mentioned() -> None:
    days = usage.days("2026-10-24", 26)
    since = dt.date(2026, 11, 18)
    assert "· preliminary: November 18\n" in summary(
        usage.build(days, "2026-10-24", "2026-11-20", preliminary_since=since)
    )
    assert "preliminary" not in summary(usage.build(days[:25], "2026-10-24", "2026-11-20", preliminary_since=since))


def test_a_count_of_one_is_singular() -> None:
    cli = {"session_count": 1, "prompt_count": 1}
    pulls = {"total_created": 1, "total_created_by_copilot": 1, "total_reviewed_by_copilot": 1}
    features = [usage.activity(1, feature="chat_inline")]
    day = usage.day("2026-05-18", totals_by_cli=cli, pull_requests=pulls, totals_by_feature=features)
    text = summary(usage.build([day], "2026-05-18", "2026-05-18"))
    for phrase in ("1 session, 1 prompt", "1 request |", "1 pull request opened", "1 review of pull requests"):
        assert phrase in text


def test_periods_with_different_missing_days_are_compared() -> None:
    """The days after June 12, and then those after June 10, are missing."""

    def counts(people: int, accepted: int, requests: int) -> dict[str, Any]:
        return {
            "active": people,
            "weekly_active_users": people + 20,
            "monthly_active_users": people + 40,
            "monthly_active_copilot_cloud_agent_users": people - 20,
            "totals_by_feature": [
                usage.activity(0, 100, accepted, feature="code_completion"),
                usage.activity(requests, feature="chat_inline"),
            ],
            "pull_requests": {"total_created": 10, "total_created_by_copilot": accepted // 10},
        }

    before = usage.days("2026-04-20", 28, **counts(40, 30, 50))
    now = usage.days("2026-05-18", 26, **counts(46, 31, 60))
    text = summary(usage.build([*before, *now], "2026-05-18", "2026-06-14"))
    assert "| Weekly active users: in the 7 days to June 12, 2026 | **66** | people | 60 | +6 (+10%) |" in text
    assert "| Total active users: in the 28 days to June 12, 2026 | **86** | people | 80 | +6 |" in text
    assert "| Daily active users: on a typical weekday | **46** | median of 20 days, Mon–Fri | 40 | +6 (+15%) |" in text
    assert "806 of 2,600 accepted: **31%** | +1.0 points |" in text
    assert "| Cloud agent | 26 | 30% | +6 (+30%) |" in text
    text = summary(usage.build([*before, *now[:24]], "2026-05-18", "2026-06-14"))
    assert "1,440 requests, 1.3 per active user and day | +20% per weekday |" in text
    assert "because 18 weekdays have data in this period and 20 in the previous one." in text
    assert "not compared" not in text.split("How each value")[0]


def test_periods_with_different_weekdays_have_a_note() -> None:
    days = [raw.day("2024-06-21"), raw.day("2024-06-24")]
    assert "the periods do not have the same mix of weekdays" in summary(
        reports.build(days, since="2024-06-22", until="2024-06-24")
    )
    assert "the periods do not have the same mix of weekdays" not in summary(reports.build(days))
    week = reports.build([raw.day("2024-06-17"), raw.day("2024-06-24")], until="2024-06-30")
    assert "the periods do not have the same mix of weekdays" not in summary(week)


def test_a_rate_has_its_numerator_and_denominator() -> None:
    assert "| Code suggestions accepted | 13,972 of 27,692 | **50%** |" in summary(example())


def test_fewer_than_100_suggestions_have_no_rate() -> None:
    text = summary(reports.build([raw.day(ruby=(99, 50))]))
    assert "| Code suggestions accepted | 50 of 99 | **–** |" in text
    assert "51%" not in text
    assert "50%" in summary(reports.build([raw.day(ruby=(100, 50))]))


def test_every_section_of_the_api_is_shown() -> None:
    text = summary(example())
    for words in (
        "| Ruby | 7,084 of 13,888 | 51% | 7,560 of 14,560 (52%) | 10 |",
        "| Neovim | 3,444 of 6,832 |",
        "| `a-custom-model` (custom, trained 2024-02-01) | 3,444 of 6,832 |",
        "| Chats in editors | 1,540 |",
        "| … insertions from chat | 644 |",
        "| … copies from chat | 532 |",
        "| Chats on GitHub.com | 1,064 |",
        "| demo/repo2 | 280 | 4 |",
        "| VS Code | 10,528 of 20,860 | 50% | 11,340 of 20,860 (54%) | 1,540 · 644 · 532 | 13 |",
        "| … with pull-request summaries | **12** |",
    ):
        assert words in text


def test_a_metric_that_is_not_reported_is_a_dash() -> None:
    text = summary(reports.build([raw.day(engaged=None)]))
    assert "| Engaged | **–** | – | – | 0 |" in text
    assert "| Chats in editors | – |" in text


def test_no_name_breaks_a_page() -> None:
    first = reports.build([raw.named({name: (1000 - n, 10) for n, name in enumerate(HOSTILE[:8])})])
    second = reports.build([raw.named({name: (1000 - n, 10) for n, name in enumerate(HOSTILE[8:])})])
    for report in (first, second):
        for page in (summary(report), markdown.report_page(report, ()), summary(report, report)):
            text = rendered(page)
            for forbidden in (
                "<script",
                "<h1>heading",
                '<a href="https://example.com',
                "<strong>bold",
                "<em>it",
                "<img",
                "49",
            ):
                assert forbidden not in text.replace('<a href="days.csv"', "")
            table = re.findall(r"<tr>(.*?)</tr>", text.split("Languages</h3>")[1].split("</table>")[0], re.DOTALL)
            assert {row.count("<t") for row in table} == {4}
            assert len(table) == 9


def test_a_hostile_name_is_shown_unchanged() -> None:
    text = html.unescape(rendered(summary(reports.build([raw.named(dict.fromkeys(HOSTILE[:8], (1000, 10)))]))))
    for shown in (
        "><code>a|b</code></td>",
        "><code><script>alert(1)</script></code></td>",
        "><code>two lines # heading</code></td>",
        "><code>::error::hello</code></td>",
    ):
        assert shown in text


def test_a_mermaid_chart_has_numbers_and_quoted_words() -> None:
    report = reports.build(
        [raw.example(date=f"2024-06-{day:02}") for day in (3, 4, 6)], since="2024-06-01", until="2024-06-10"
    )
    block = re.findall(r"```mermaid\n(.*?)```", summary(report), re.DOTALL)[0]
    assert 'x-axis "day of the month" ["3", "4", "6"]' in block
    assert "line [24, 24, 24]\n  line [20, 20, 20]" in block
    assert 'title "24 people active on a typical weekday, 20 engaged"' in block


def test_a_chart_of_one_day_is_not_drawn() -> None:
    assert "mermaid" not in summary(reports.build([raw.example()]))


def test_a_year_is_shown_by_weeks() -> None:
    report = reports.build(raw.days("2024-01-01", 364), since="2024-01-01", until="2024-12-29")
    block = re.findall(r"```mermaid\n(.*?)```", summary(report), re.DOTALL)[0]
    assert 'x-axis "week" 1 --> 52' in block
    assert "a point a week (its median weekday) from January 1, 2024" in summary(report)


def test_the_rest_of_a_long_breakdown_is_folded() -> None:
    text = summary(reports.build([raw.named({f"language{n}": (100, 10) for n in range(200)})]))
    assert "| *192 others* | 1,920 of 19,200 | 10% |" in text


def test_definitions_are_folded_away() -> None:
    text = rendered(summary(example()))
    assert text.index("<details>") < text.index("never a mean of daily rates") < text.index("</details>")


def test_a_failed_scope_is_shown_with_its_reason() -> None:
    failed = FailedScope(
        Scope.parse("orgs/octo-labs"), "Not found", "GitHub answered 404: “Not <Found>”.", earlier=False
    )
    text = pull_request(example(), failed=(failed,))
    assert "- orgs/octo-labs: Not found. GitHub answered 404: “Not \\<Found>”." in text
    assert "Not reported in this run: orgs/octo-labs (Not found)." in overview(example(), failed=(failed,))


def test_scopes_with_the_same_failure_are_listed_together() -> None:
    names = [f"orgs/octo-org/team/{team}" for team in ("blue", "green", "gray", "red")]
    own_texts = tuple(
        FailedScope(Scope.parse(name), "Rate limit", f"Wait {name}.", earlier=name.endswith("red")) for name in names
    )
    text = pull_request(example(), failed=own_texts)
    assert (
        f"- 4 scopes: Rate limit. The first of them: Wait {names[0]}. All: {', '.join(names)}."
        f" The metrics here are from an earlier run for {names[3]}.\n" in text
    )
    same_text = tuple(
        FailedScope(Scope.parse(name), "Shard missing", "Shard 2 of 3 is missing.", earlier=False) for name in names
    )
    assert f"- 2 scopes: Shard missing. Shard 2 of 3 is missing. All: {names[0]}, {names[1]}.\n" in pull_request(
        example(), failed=same_text[:2]
    )
    assert f"- {names[0]}: Rate limit. Wait {names[0]}.\n- {names[1]}: Rate limit. Wait {names[1]}.\n" in (
        pull_request(example(), failed=own_texts[:2])
    )


def test_an_earlier_report_is_marked() -> None:
    failed = FailedScope(Scope.parse("orgs/octo-org"), "Not found", "404.", earlier=True)
    text = pull_request(example(), example(scope="orgs/octo-labs"), failed=(failed,))
    assert "Its metrics here are from an earlier run." in text
    assert "Not reported" not in overview(example(), failed=(failed,))


def test_scopes_are_sorted_by_kind_and_name() -> None:
    scopes = [example(scope=text) for text in ("orgs/b/team/x", "orgs/b", "enterprises/e", "orgs/a")]
    text = overview(*scopes)
    names = re.findall(r"^\| \[(.*?)\]\((.*?)\)", text, re.MULTILINE)
    assert [name for name, _ in names] == ["e (enterprise)", "a", "b", "b / x"]
    assert names[3][1] == "orgs/b/team/x/README.md"
    assert "never add the rows" in text
    assert "never add the rows" not in overview(scopes[0])


def many() -> list[Report]:
    repositories = [
        {"name": f"octo-org/{'r' * 80}{n}", "total_engaged_users": 1, "models": [{"total_pr_summaries_created": n}]}
        for n in range(1000)
    ]
    languages = {f"{'l' * 80}{n}": (1000 + n, 10) for n in range(200)}
    days = [
        {**raw.named(languages, f"2024-06-{day:02}"), "copilot_dotcom_pull_requests": {"repositories": repositories}}
        for day in (26, 27, 28)
    ]
    first = reports.build(days, since="2024-06-01", until="2024-06-28")
    return [first, *(example(scope=f"orgs/octo-{n}") for n in range(49))]


def test_a_summary_stays_below_the_limit() -> None:
    text = summary(*many())
    assert len(text.encode()) <= MEBIBYTE
    assert text.count("<details><summary>orgs/") == 20


@pytest.mark.parametrize("room", [150_000, 60_000, 20_000])
def test_a_summary_with_less_room_omits_details(room: int) -> None:
    text = summary(*many(), room=room)
    assert 0 < len(text.encode()) <= room
    shown = text.count("<details><summary>orgs/")
    assert f"the details of {50 - shown} scopes are omitted. They are in the reports." in text


def test_a_summary_of_a_single_scope_omits_its_breakdowns_first() -> None:
    report = example()
    complete = summary(report)
    brief = summary(report, room=len(complete.encode()) - 1)
    assert "The breakdowns are omitted, because a job summary holds 1 MiB." in brief
    assert "ruby" not in brief
    assert "Who uses it" in brief


def test_a_summary_without_room_is_empty() -> None:
    assert summary(example(), room=100) == ""


def test_the_report_page_shows_charts_for_light_and_dark_pages() -> None:
    charts = [Chart("adoption", '24 people | "a day"', b"light", b"dark"), Chart("languages", "")]
    page = markdown.report_page(example(), charts).decode()
    assert (
        '<picture><source media="(prefers-color-scheme: dark)" srcset="charts/dark/adoption.png">'
        '<img alt="24 people | &quot;a day&quot;" src="charts/light/adoption.png" width="720"></picture>'
    ) in page
    assert "languages.png" not in page


def test_pages_of_the_same_report_are_the_same() -> None:
    assert markdown.report_page(example(), ()) == markdown.report_page(example(), ())


def test_a_note_explains_a_comparison_per_weekday() -> None:
    days = [
        usage.day(f"2026-05-{day}", totals_by_cli={"session_count": 100}) for day in (*range(11, 16), *range(18, 22))
    ]
    report = usage.build(days, since="2026-05-18", until="2026-05-24")
    note = "Sums are compared per typical weekday (Monday to Friday), because 4 weekdays have data in this "
    assert f"\n\n{note}period and 5 in the previous one.\n" in summary(report)
    complete = usage.build(
        [*days, usage.day("2026-05-22", totals_by_cli={"session_count": 100})], "2026-05-18", "2026-05-24"
    )
    assert "Sums are compared" not in summary(complete)


def test_a_report_without_data_explains_what_to_check() -> None:
    text = summary(reports.build([]))
    assert "Check the scope and the period" in text
    assert "How each value is calculated" not in text


def test_lines_with_different_days_have_separate_charts_with_one_scale() -> None:
    days = [raw.day("2024-06-24", active=9, engaged=None), raw.day("2024-06-25", active=8, engaged=5)]
    days += [raw.day("2024-06-26", active=7, engaged=6)]
    blocks = re.findall(
        r"```mermaid\n(.*?)```\n(.*?)\n",
        summary(reports.build(days, since="2024-06-24", until="2024-06-26")),
        re.DOTALL,
    )
    active, engaged = blocks[:2]
    assert 'x-axis "day of the month" ["24", "25", "26"]' in active[0]
    assert "line [9, 8, 7]\n" in active[0]
    assert 'x-axis "day of the month" ["25", "26"]' in engaged[0]
    assert "line [5, 6]\n" in engaged[0]
    assert all('y-axis "people" 0 --> 9' in block for block, _ in (active, engaged))
    assert "days without data: June 24" in engaged[1]
    assert "days without data" not in active[1]
