"""The charts of scopes and teams: their texts, sizes, and bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import itertools
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest
from matplotlib.text import Text
from PIL import Image

from copilot_metrics.metrics.overview import Overview
from copilot_metrics.metrics.trend import Week
from copilot_metrics.paths import ROOT
from copilot_metrics.render import charts
from copilot_metrics.render.charts import plotting, style
from copilot_metrics.render.charts.scope_charts import CHARTS
from copilot_metrics.render.charts.team_chart import teams
from support import orgs, usage_orgs
from support.teams import organization, team

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from copilot_metrics.metrics.model import Report

LONG = [f"octo-organization/a-name-as-long-as-they-may-be-and-more-{number:03d}" for number in range(40)]
HOSTILE = ["line\nbreak", "$x^2$", "\x1b[31mred\x00", "😀🚀", "漢字の名前", "עברית", "\u202egnp.exe", None, "z̸̢̛a̴l̷g̵o"]
SUMMER = dt.date(2026, 9, 27)  # a Sunday, after all counting changes of 2026
REPORTS = {
    "1 day": usage_orgs.build(1),
    "28 days": usage_orgs.build(28),
    "a year": usage_orgs.build(365, until=SUMMER, preliminary_since=SUMMER - dt.timedelta(days=2)),
    "a year with gaps": usage_orgs.build(365, until=SUMMER, missing=range(-200, 300, 9)),
    "long names": usage_orgs.build(28, names=(LONG, LONG)),
    "hostile names": usage_orgs.build(28, names=(HOSTILE, HOSTILE)),
    "a million people": usage_orgs.build(60, people=1_000_000),
    "nobody": usage_orgs.build(28, people=0),
    "a team": usage_orgs.build(28, edit=usage_orgs.team),
    "older API, 28 days": orgs.build(28),
    "older API, long names": orgs.build(28, names=LONG),
}


def figures(report: Report) -> list[tuple[str, Figure]]:
    """Return the title and the figure of each chart of a report."""
    with mpl.rc_context(style.STYLE):
        return [drawing for function in CHARTS[report.api] if (drawing := function(report))]


def texts(figure: Figure) -> list[Text]:
    """Return the texts of a figure that are drawn: without the labels of ticks outside of the axes."""
    not_drawn: set[Text] = set()
    for axes in figure.axes:
        (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        not_drawn.update(label for label in axes.get_xticklabels() if not left <= label.get_position()[0] <= right)
        not_drawn.update(label for label in axes.get_yticklabels() if not low <= label.get_position()[1] <= high)
        if not axes.yaxis.get_tick_params()["labelleft"]:
            not_drawn.update(axes.get_yticklabels())
    found = (text for text in figure.findobj(Text) if isinstance(text, Text) and text not in not_drawn)
    return [text for text in found if text.get_text() and text.get_visible()]


def faults(figure: Figure) -> list[str]:
    """Return the texts that overlap each other or the edge of the picture."""
    figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    width, height = figure.bbox.width, figure.bbox.height
    outside = [text for text, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    overlapping = [
        f"{first} | {second}"
        for (first, one), (second, other) in itertools.combinations(boxes, 2)
        if one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
    ]
    return outside + overlapping


@pytest.mark.parametrize("name", REPORTS)
def test_texts_neither_overlap_nor_leave_the_picture(name: str) -> None:
    for title, figure in figures(REPORTS[name]):
        with mpl.rc_context(style.STYLE):
            assert faults(figure) == [], title


@pytest.mark.parametrize("name", REPORTS)
def test_titles_are_short(name: str) -> None:
    assert [title for title, _ in figures(REPORTS[name]) if len(title) > 60 and "a-name-as-long" not in title] == []


@pytest.mark.parametrize("number", [5, 12, 40, 60])
def test_teams_have_a_row_each(number: int) -> None:
    names = [f"team-{place}-with-a-name-that-is-much-too-long-for-a-chart" for place in range(number)]
    reports = [team(name, (place + 1, number + 5), (place, number + 5)) for place, name in enumerate(names)]
    [group] = Overview([organization("orgs/octo-org", (300, 412)), *reports]).team_groups
    with mpl.rc_context(style.STYLE):
        title, figure = teams(group)
        assert faults(figure) == []
    assert len(figure.axes[0].get_yticklabels()) == min(number, 40)
    assert "expected range" in title


def test_pictures_are_wide_and_have_few_colors() -> None:
    for chart in charts.draw(usage_orgs.build(365, until=SUMMER)):
        images = [Image.open(io.BytesIO(content)) for content in (chart.light, chart.dark)]
        assert [image.mode for image in images] == ["P", "P"]
        assert {image.width for image in images} == {1440}
        assert 480 <= images[0].height <= 1600
        assert len(chart.light) < 60_000


def test_the_dark_picture_has_the_dark_colors() -> None:
    chart = charts.draw(usage_orgs.build(365, until=SUMMER))[0]
    light, dark = (Image.open(io.BytesIO(content)).convert("RGB") for content in (chart.light, chart.dark))
    assert light.getpixel((1, 1)) == (255, 255, 255)
    assert dark.getpixel((1, 1)) == (13, 17, 23)
    assert {(9, 105, 218), (31, 35, 40)} <= {color for _, color in light.getcolors(100_000) or ()}
    assert {(68, 147, 248), (240, 246, 252)} <= {color for _, color in dark.getcolors(100_000) or ()}


@pytest.mark.parametrize("color", style.COLORS[4:])
def test_colors_have_a_contrast_of_three_to_one(color: style.Color) -> None:
    def luminance(code: str) -> float:
        channels = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for theme in ("light", "dark"):
        low, high = sorted(luminance(getattr(one, theme)) for one in (color, style.BACKGROUND))
        assert (high + 0.05) / (low + 0.05) >= 3


def test_the_same_report_gives_the_same_bytes() -> None:
    assert charts.draw(usage_orgs.build(28)) == charts.draw(usage_orgs.build(28))


@pytest.mark.parametrize("settings", ["font.size: 3\nnonsense\nlines.linewidth: x\n", "backend: nonsense\n"])
def test_settings_in_the_workspace_change_nothing(tmp_path: Path, settings: str) -> None:
    (tmp_path / "matplotlibrc").write_text(settings)
    code = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
from copilot_metrics.render import charts
from support import usage_orgs
print(hashlib.sha256(repr(charts.draw(usage_orgs.build(7))).encode()).hexdigest())
"""
    command = [sys.executable, "-W", "error", "-c", code, str(ROOT / "src"), str(ROOT / "tests")]
    environ = {**os.environ, "MPLBACKEND": "nonsense", "MATPLOTLIBRC": str(tmp_path)}
    output = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    expected = hashlib.sha256(repr(charts.draw(usage_orgs.build(7))).encode()).hexdigest()
    assert (output.stdout.strip(), output.stderr) == (expected, "")


def test_one_day_has_no_weekly_chart() -> None:
    drawn = {chart.name: bool(chart.light) for chart in charts.draw(usage_orgs.build(1, missing=range(-9, 0)))}
    assert not drawn["adoption"]
    assert drawn["languages"]


def test_a_name_without_glyphs_refers_to_the_table() -> None:
    assert plotting.has_glyphs("C++ (React) – ü")
    assert not plotting.has_glyphs("漢字")
    assert not plotting.has_glyphs("עברית")


@pytest.mark.parametrize(
    ("positions", "spread"),
    [
        ([], []),
        ([5], [5]),
        ([0, 100], [0, 100]),
        ([10, 12], [6, 16]),
        ([10, 10, 30], [5, 15, 30]),
        ([0, 1, 2], [-9, 1, 11]),
    ],
)
def test_labels_move_as_little_as_needed(positions: Sequence[float], spread: Sequence[float]) -> None:
    assert plotting.spread(positions, 10) == spread


def test_preliminary_points_are_open_and_gaps_stay_gaps() -> None:
    figure = plotting.new_figure("Title", "Subtitle")
    axes = plotting.add_axes(figure)
    monday = dt.date(2026, 6, 1)
    values = [1, None, 3, 4]
    weeks = [Week(monday + dt.timedelta(days=7 * number), value, number == 3) for number, value in enumerate(values)]
    plotting.plot_weeks(axes, weeks, style.PEOPLE)
    line, *points = axes.lines
    assert [value == value for value in line.get_ydata()] == [True, False, True, True]  # type: ignore[union-attr] # noqa: PLR0124 - NaN
    assert [point.get_markerfacecolor() for point in points] == ["#0969da", "#ffffff"]
