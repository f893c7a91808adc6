from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from copilot_metrics.metrics.model import Licenses
from copilot_metrics.render.charts import draw
from copilot_metrics.scope import Scope
from support import usage_orgs as orgs
from support.drawings import HOSTILE, LONG, chart, overlaps, recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.metrics.model import Day, Report
    from support.drawings import Recorder

NAMES = [
    "users",
    "features",
    "chat",
    "completions",
    "code_changes",
    "cli",
    "pull_requests",
    "languages",
    "language_days",
    "models",
    "model_days",
    "model_languages",
    "ides",
    "model_changes",
    "language_changes",
    "phases",
    "repositories",
]
OTHERWISE = "† counted differently: see the note"
CHANGING = dt.date(2026, 8, 16)  # a Sunday; since July 20 there was one change
FIVE_MONTHS = dt.date(2026, 9, 6)
SEATS = Licenses(assigned=150)


@pytest.fixture(scope="module")
def reported() -> Mapping[str, Recorder]:
    return recorded(orgs.build(28))


def described(report: Report) -> str:
    current = report.current
    return f"{current.period.length} days to {current.period.until}, {len(report.breakdowns['languages'])} names"


@pytest.mark.parametrize("length", [1, 28, 365])
def test_all_charts_come_in_their_order_as_small_wide_pngs(length: int) -> None:
    charts = draw(orgs.build(length))
    assert [one.name for one in charts] == NAMES
    assert [one.name for one in charts if len(one.png or b"") not in range(1, 60_001)] == []
    images = [Image.open(io.BytesIO(one.png or b"")) for one in charts]
    assert {(image.mode, image.width) for image in images} == {("P", 1600)}


@pytest.mark.parametrize(
    "report",
    [
        orgs.build(28, names=(LONG[:15], LONG[:15])),
        orgs.build(
            365, names=(LONG[:12], orgs.MODELS), people=12_370, until=FIVE_MONTHS, preliminary_since=dt.date(2026, 9, 4)
        ),
        orgs.build(60, missing=range(3, 57, 7), people=1237, licenses=SEATS),
    ],
    ids=described,
)
def test_a_chart_above_60_kb_has_fewer_details(report: Report) -> None:
    assert [one.name for one in draw(report) if len(one.png or b"") > 60_000] == []


def test_marks_are_left_out_first_then_height() -> None:
    drawn = [chart(orgs.build(28), "users", left_out) for left_out in (0, 1, 3)]
    assert [len([points for points, _ in canvas.all_marks if len(points) > 1]) for canvas in drawn] == [3, 0, 0]
    lowest = [max(bottom for _, (_, _, _, bottom) in canvas.texts) for canvas in drawn]
    assert [round(lowest[0] - one) for one in lowest] == [0, 0, 280]


def test_the_same_report_is_drawn_in_the_same_bytes() -> None:
    assert draw(orgs.build(7)) == draw(orgs.build(7))


@pytest.mark.parametrize(
    "report",
    [
        *(orgs.build(length, licenses=SEATS) for length in (1, 2, 7, 10, 28, 62, 63, 100, 365)),
        replace(
            orgs.build(28, names=(LONG[:15], LONG[:15])),
            scope=Scope.parse("enterprises/" + "a" * 39 + "/team/" + "long-name-" * 8),
        ),
        orgs.build(28, names=(HOSTILE, HOSTILE)),
        orgs.build(28, people=0, licenses=SEATS),
        orgs.build(28, people=1_000_000, licenses=SEATS),
        orgs.build(28, missing=range(28)[2:], other=range(5)),
        orgs.build(28, edit=orgs.team),
        *(orgs.build(length, until=FIVE_MONTHS, preliminary_since=dt.date(2026, 9, 4)) for length in (7, 28, 120, 365)),
        *(orgs.build(28, until=CHANGING - dt.timedelta(days=back)) for back in (0, 10, 12, 13)),
    ],
    ids=described,
)
def test_labels_overlap_neither_each_other_nor_the_edge(report: Report) -> None:
    for name, canvas in recorded(report).items():
        assert not overlaps(canvas.texts), name
        assert all(result >= 0 and right <= 1600 for _, (result, _, right, _) in canvas.texts), name


def test_a_chart_without_data_is_not_drawn_and_says_why() -> None:
    charts = draw(orgs.silent())
    assert [one.png for one in charts] == [None] * len(NAMES)
    assert charts[0].reason == "the API reported no numbers of people in this period"
    assert charts[-1].reason == "the API reported no pull requests by repository in this period"


def test_a_missing_breakdown_does_not_affect_other_charts() -> None:
    lacking = orgs.build(28, edit=orgs.without("ai_adoption_phases", "repositories", "totals_by_cli"))
    assert [one.name for one in draw(lacking) if not one.png] == ["phases", "repositories"]
    assert "Copilot CLI" not in chart(lacking, "cli").words


def test_licenses_are_a_line_with_their_number() -> None:
    with_seats, without = (chart(orgs.build(28, licenses=seats), "users") for seats in (SEATS, None))
    assert "150 licenses today" in with_seats.words
    assert not [text for text in without.words if "licens" in text and "today" in text]


def test_licenses_of_a_team_are_a_series() -> None:
    words = chart(orgs.build(28, edit=orgs.team, licenses=SEATS), "users").words
    assert {"daily", "last 7 days", "last 28 days", "licensed"} <= set(words)
    assert not [text for text in words if "licens" in text and "today" in text]


def test_days_that_may_still_rise_are_hollow_and_dotted() -> None:
    canvas = chart(orgs.build(28, preliminary_since=orgs.UNTIL - dt.timedelta(days=2)), "users")
    assert [len(points) for points, kind in canvas.all_marks if kind == "hollow"] == [3, 3, 3]
    dotted = [points for points, dash in zip(canvas.lines, canvas.dashes, strict=True) if dash == (2, 6)]
    assert [len(points) for points in dotted] == [4, 4, 4], "from the last settled day on"
    assert any("hollow, dotted: preliminary" in text for text in canvas.words)


def test_hollow_days_stay_where_other_marks_are_left_out() -> None:
    canvas = chart(orgs.build(28, preliminary_since=orgs.UNTIL), "users", 1)
    assert [len(points) for points, kind in canvas.all_marks if kind == "hollow"] == [1, 1, 1]


def test_no_line_leads_over_a_gap_to_a_day_that_may_still_rise() -> None:
    canvas = chart(orgs.build(28, missing=(24, 25), preliminary_since=orgs.UNTIL - dt.timedelta(days=1)), "users")
    dotted = [points for points, dash in zip(canvas.lines, canvas.dashes, strict=True) if dash == (2, 6)]
    assert [sum(y != y for _, y in points) for points in dotted] == [1, 1, 1]  # noqa: PLR0124 - NaN is not itself


def test_where_all_days_may_still_rise_none_is_filled() -> None:
    canvas = chart(orgs.build(7, preliminary_since=orgs.UNTIL - dt.timedelta(days=6)), "completions")
    assert [len(points) for points, kind in canvas.all_marks if kind == "filled"] == [1, 1, 1], "samples of labels"


def test_beyond_a_season_the_last_week_is_dotted() -> None:
    canvas = chart(orgs.build(365, preliminary_since=orgs.UNTIL - dt.timedelta(days=2)), "completions")
    dotted = [points for points, dash in zip(canvas.lines, canvas.dashes, strict=True) if dash == (2, 6)]
    assert [len(points) for points in dotted] == [2, 2, 2], "of each line of weeks"
    assert any("dotted: preliminary" in text and "hollow" not in text for text in canvas.words)


def test_a_report_of_settled_days_says_nothing_of_rising() -> None:
    assert not [text for text in chart(orgs.build(28), "users").words if "rise" in text]


def test_a_change_of_measure_is_a_line_in_each_panel_that_it_concerns_and_labelled_in_the_first() -> None:
    canvas = chart(orgs.build(28, until=dt.date(2026, 9, 14)), "chat")
    assert [text for text in canvas.words if text == "agents undercounted"] == ["agents undercounted"]
    assert len([dash for dash in canvas.dashes if dash == (6, 5)]) == 2


def test_a_counting_change_is_drawn_before_its_first_day() -> None:
    canvas = chart(orgs.build(2, until=dt.date(2026, 7, 28)), "users")
    x = next(points[0][0] for points, dash in zip(canvas.lines, canvas.dashes, strict=True) if dash == (6, 5))
    days = [x for x, _ in next(points for points, _ in canvas.all_marks if len(points) == 2)]
    assert days[0] < x < days[1]


def test_a_change_that_concerns_nothing_in_a_chart_is_not_in_it() -> None:
    drawn = recorded(orgs.build(28, until=CHANGING))
    assert [name for name in ("pull_requests", "phases") if "app joins the totals" in drawn[name].words] == []


def test_what_is_counted_otherwise_is_marked_and_explained() -> None:
    drawn = recorded(orgs.build(28, until=orgs.SEPTEMBER))
    assert {"Agent mode †", "Ask mode"} <= set(drawn["chat"].words)
    assert any(OTHERWISE in text for text in drawn["chat"].words)
    assert "agent-initiated code changes\u00a0†" in drawn["model_changes"].words
    assert "all modes\u00a0†" in drawn["models"].words
    assert not [text for name in ("users", "languages", "pull_requests") for text in drawn[name].words if "†" in text]


def test_only_chat_modes_that_were_used_are_drawn_the_most_used_first() -> None:
    words = chart(orgs.build(28), "chat").words
    assert [
        text
        for text in words
        if text in ("Ask mode", "Agent mode", "Inline chat", "Edit mode", "Plan mode", "Custom agents")
    ] == [
        "Agent mode",
        "Ask mode",
        "Inline chat",
    ]


def test_a_chat_mode_that_is_new_has_its_name() -> None:
    def edit(day: Day) -> Day:
        entries = [replace(entry, key=("chat_panel_deep_dive_mode",)) for entry in day.breakdowns["features"][1:2]]
        return replace(day, breakdowns={**day.breakdowns, "features": (*day.breakdowns["features"], *entries)})

    words = chart(orgs.build(28, edit=edit), "chat").words
    assert [text for text in words if text.startswith("chat_pan") and text.endswith("mode")]


def test_the_title_has_chat_requests_per_active_user() -> None:
    assert "requests: 14.0" in chart(orgs.build(1), "chat").words


def test_the_title_has_the_time_to_merge_in_hours() -> None:
    assert {"all: 6.5", "opened by Copilot: 2.5"} <= set(chart(orgs.build(1), "pull_requests").words)


def test_the_five_largest_have_a_line_and_buckets_none() -> None:
    words = chart(orgs.build(28, names=(["others", *orgs.LANGUAGES], orgs.MODELS)), "language_days").words
    assert [text for text in words if text in ("Others", "TypeScript", "Python", "Go", "C#", "YAML", "SQL")] == [
        "TypeScript",
        "Python",
        "Go",
        "C#",
        "YAML",
    ]


def test_phases_are_drawn_from_the_last_to_the_first() -> None:
    words = chart(orgs.build(28), "phases").words
    assert [text for text in words if text in ("Phase 0", "Phase 1", "Phase 2", "Phase 3")] == [
        f"Phase {number}" for number in (3, 2, 1, 0)
    ]


def test_phases_that_tell_only_of_the_day_are_drawn_by_it() -> None:
    def edit(day: Day) -> Day:
        phases = tuple(
            replace(one, counters={**one.counters, "users_in_phase_28d": None, "total_engaged_users": 7})
            for one in day.breakdowns["ai_adoption_phases"]
        )
        return replace(day, breakdowns={**day.breakdowns, "ai_adoption_phases": phases})

    assert "Phase 3: 7" in chart(orgs.build(1, edit=edit), "phases").words


def test_columns_that_count_the_same_have_one_scale() -> None:
    canvas = chart(orgs.build(28), "repositories")
    bars = [box for box in canvas.boxes if round(box[3] - box[1]) == 30]
    created, by_copilot = (
        max(right - result for result, _, right, _, ink in bars if ink == color) for color in ("#0072b2", "#cc79a7")
    )
    assert round(created / by_copilot) == 5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("users", "daily, weekly and monthly active users"),
        ("features", "Agent adoption"),
        ("chat", "requests per chat mode"),
        ("chat", "average chat requests per active user"),
        ("completions", "code completions"),
        ("completions", "code completion acceptance rate"),
        ("code_changes", "lines of code changed with AI"),
        ("code_changes", "agent contribution"),
        ("languages", "Language usage"),
        ("language_days", "Language usage per day"),
        ("models", "Model usage per chat mode"),
        ("model_days", "Model usage per day"),
        ("model_languages", "Model usage per language"),
        ("model_changes", "user-initiated code changes"),
        ("model_changes", "Code changes per model"),
        ("language_changes", "agent-initiated code changes"),
        ("language_changes", "Code changes per language"),
    ],
)
def test_what_dashboards_of_github_show_has_its_name_there(
    reported: Mapping[str, Recorder], name: str, text: str
) -> None:
    assert text in " ".join(reported[name].words)


def test_cells_that_do_not_fit_are_counted() -> None:
    words = chart(orgs.build(28, names=(LONG[:15], LONG[:15])), "model_languages").words
    assert any(text.startswith("the 4 largest of 15 languages") for text in words)


def test_a_cell_without_anything_is_a_zero_without_a_bar() -> None:
    def edit(day: Day) -> Day:
        rows = tuple(one for one in day.breakdowns["language_models"] if one.key != ("python", "auto"))
        return replace(day, breakdowns={**day.breakdowns, "language_models": rows})

    canvas = chart(orgs.build(28, edit=edit), "model_languages")
    cells = len(orgs.MODELS) * (len(orgs.LANGUAGES) + 1)
    assert canvas.words.count("0") == 1
    assert len([box for box in canvas.boxes if round(box[3] - box[1]) == 12]) == cells - 1


def test_rows_of_a_grid_that_do_not_fit_are_one() -> None:
    assert "7 others" in chart(orgs.build(28, names=(orgs.LANGUAGES, LONG[:15])), "models").words


def test_days_of_the_older_api_are_hollow_where_they_tell_the_same() -> None:
    canvas = chart(orgs.build(28, other=range(5)), "completions")
    assert [len(points) for points, kind in canvas.all_marks if kind == "hollow"] == [5, 5, 5]
    assert any("hollow: days of the Copilot metrics API" in text for text in canvas.words)
