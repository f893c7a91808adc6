from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from copilot_metrics.render.charts import draw
from copilot_metrics.render.charts.canvas import glyphs
from support import orgs
from support.drawings import HOSTILE, LONG, chart, overlaps, recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.metrics.model import Report

NAMES = ["users", "completions", "lines", "chat", "languages", "editors", "models", "repositories"]
PERIODS = (1, 28, 365)
SOURCE = Path(__file__).parents[4] / "src"
DIGEST = """
import sys, hashlib
sys.path[:0] = sys.argv[1:3]
from support import orgs
from copilot_metrics.render.charts import draw
digest = hashlib.sha256(b"".join(one.png for one in draw(orgs.build(7)))).hexdigest()
print(digest, sorted({"matplotlib.pyplot", "pandas"} & set(sys.modules)))
"""


def picture(png: bytes | None) -> Image.Image:
    assert png
    return Image.open(io.BytesIO(png))


@pytest.fixture(scope="module", params=PERIODS)
def drawn(request: pytest.FixtureRequest) -> Mapping[str, bytes | None]:
    return {one.name: one.png for one in draw(orgs.build(request.param))}


def test_all_eight_charts_come_in_their_order(drawn: Mapping[str, bytes | None]) -> None:
    assert list(drawn) == NAMES


def test_a_chart_is_a_wide_png_with_a_small_palette_and_nothing_else_in_it(drawn: Mapping[str, bytes | None]) -> None:
    for png in drawn.values():
        image = picture(png)
        assert (image.format, image.mode, image.width) == ("PNG", "P", 1600)
        assert len(image.getpalette() or ()) // 3 <= 64
        assert not set(image.info) - {"transparency"}


def test_a_chart_takes_at_most_60_kb(drawn: Mapping[str, bytes | None]) -> None:
    assert max(len(png or b"") for png in drawn.values()) <= 60_000


@pytest.mark.parametrize(
    "report",
    [
        *(orgs.build(length, names=LONG) for length in PERIODS),
        orgs.build(60, missing=range(3, 57, 7), people=1237),
        orgs.build(1100),
    ],
    ids=lambda report: f"{report.current.period.length} days, {len(report.breakdowns['models'])} names",
)
def test_a_chart_above_60_kb_has_fewer_details(report: Report) -> None:
    assert {one.name: len(one.png or b"") for one in draw(report) if len(one.png or b"") > 60_000} == {}


def test_fewer_rows_and_no_marks_are_what_is_left_out() -> None:
    report = orgs.build(28, names=LONG)
    rows, days = chart(report, "languages", 3), chart(report, "lines", 3)
    assert "37 others" in [text for text, _ in rows.texts]
    assert [len(points) for points, _ in days.all_marks if len(points) > 1] == []


def test_the_same_report_is_drawn_in_the_same_bytes() -> None:
    assert draw(orgs.build(7)) == draw(orgs.build(7))


@pytest.mark.parametrize(
    "report",
    [
        *(orgs.build(length) for length in (*PERIODS, 2, 7, 10, 62, 63, 100, 1100)),
        orgs.build(28, names=LONG, scope="enterprises/" + "a" * 39 + "/team/" + "long-name-" * 8),
        orgs.build(28, names=HOSTILE),
        orgs.build(28, people=0),
        orgs.build(28, people=1_000_000),
        orgs.build(28, missing=range(28)[2:], other=range(5)),
    ],
    ids=lambda report: f"{report.current.period.length} days, {len(report.breakdowns['models'])} names",
)
def test_labels_overlap_neither_each_other_nor_the_edge(report: Report) -> None:
    for name, canvas in recorded(report).items():
        assert not overlaps(canvas.texts), name
        assert all(result >= 0 and right <= 1600 for _, (result, _, right, _) in canvas.texts), name


def test_names_of_any_kind_are_drawn_without_a_warning() -> None:
    assert all(one.png for one in draw(orgs.build(7, names=HOSTILE)))


@pytest.mark.parametrize("name", ["漢字", "한국어", "rocket 🚀", "مرحبا"])
def test_a_name_that_the_font_cannot_write_is_in_the_table_only(name: str) -> None:
    drawn = recorded(orgs.build(28, names=[name, "TypeScript"]))
    texts = [text for text, _ in drawn["languages"].texts]
    assert texts.count("(name in the table)") == 1
    assert "TypeScript" in texts
    assert any("1 name is in the table only" in text for text in texts)
    letters = {letter for chart in drawn.values() for text, _ in chart.texts for letter in text}
    assert {ord(letter) for letter in letters if not letter.isascii()} <= glyphs()


def test_names_that_the_font_can_write_are_as_they_are() -> None:
    texts = [text for text, _ in recorded(orgs.build(28, names=["Größe", "Ελληνικά", "язык"]))["languages"].texts]
    assert {"Größe", "Ελληνικά", "язык"} <= set(texts)
    assert not [text for text in texts if "table" in text]


def test_chats_in_editors_and_on_github_have_one_scale() -> None:
    words = recorded(orgs.build(28))["chat"].words
    assert words.count("1,000") == 2


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    name = "octo-org/" + "x" * 100 + "-0007"
    texts = [text for text, _ in recorded(orgs.build(7, names=[name]))["repositories"].texts]
    assert any(text.startswith("octo-org/") for text in texts)
    assert any(text.endswith("-0007") for text in texts)


def test_a_custom_model_says_so_with_its_training_date() -> None:
    texts = [text for text, _ in recorded(orgs.build(7))["models"].texts]
    assert "(custom, trained 2024-02-01)" in texts


def test_what_is_beyond_eight_rows_is_one_row_of_others() -> None:
    texts = [text for text, _ in recorded(orgs.build(7, names=LONG))["languages"].texts]
    assert "32 others" in texts


def test_a_line_breaks_where_days_are_missing() -> None:
    complete, broken = (recorded(orgs.build(28, missing=missing))["lines"].lines for missing in ((), (8, 9)))
    assert not [points for points in complete if any(y != y for _, y in points)]  # noqa: PLR0124 - NaN is not itself
    assert [sum(y != y for _, y in points) for points in broken if len(points) > 20] == [1, 1]  # noqa: PLR0124


def test_a_single_day_between_gaps_can_be_seen() -> None:
    alone = recorded(orgs.build(28, missing=[place for place in range(28) if place != 10]))["lines"]
    assert [len(points) for points, _ in alone.all_marks if points] == [1] * 4, "two series, and a sample of each"


def test_weekends_are_shaded_up_to_a_season() -> None:
    shades = [
        len([box for box in recorded(orgs.build(length))["lines"].boxes if box[4] == "#eff2f5"])
        for length in (28, 62, 63)
    ]
    assert shades == [4, 9, 0]


def test_days_of_another_api_are_hollow_and_explained() -> None:
    canvas = recorded(orgs.build(28, other=range(5)))["completions"]
    assert [len(points) for points, kind in canvas.all_marks if kind == "hollow"] == [5, 5, 5]
    assert any("hollow: days of the other-api" in text for text, _ in canvas.texts)


def test_gaps_are_counted_without_the_days_of_another_api() -> None:
    canvas = recorded(orgs.build(28, missing=(8, 9), other=range(5)))["lines"]
    assert any("gaps: 2 days without data" in text for text, _ in canvas.texts)


def test_no_rate_is_drawn_for_few_suggestions() -> None:
    texts = [text for text, _ in recorded(orgs.build(1, people=10))["languages"].texts]
    assert not [text for text in texts if text.endswith("%")]


def test_a_chart_without_data_is_not_drawn_and_says_why() -> None:
    charts = draw(orgs.silent())
    assert [one.png for one in charts] == [None] * len(NAMES)
    assert charts[-1].reason == "the API reported no pull-request summaries in this period"


def test_a_chart_of_zeros_is_drawn() -> None:
    assert all(one.png for one in draw(orgs.build(28, people=0)))


@pytest.mark.parametrize("broken", [b"font.size: 3\nnonsense\nlines.linewidth: x\n", b"\xff\xfe not utf-8"])
def test_settings_in_the_workspace_change_nothing(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "matplotlibrc").write_bytes(broken)
    command = [sys.executable, "-W", "error", "-c", DIGEST, str(SOURCE), str(SOURCE.parent / "tests")]
    quiet = {**os.environ, "MPLCONFIGDIR": str(tmp_path / "cache")}
    hostile = {**quiet, "MPLBACKEND": "module://nowhere", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    ours = subprocess.run(command, capture_output=True, text=True, check=True, env=quiet)
    theirs = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=hostile)
    assert theirs.stdout == ours.stdout
    assert theirs.stdout.endswith("[]\n"), "pyplot or pandas was imported"
    assert "matplotlibrc" not in theirs.stderr
