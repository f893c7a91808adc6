"""The look of all charts: one style, and one palette in which each color has one meaning, light and dark.

https://matplotlib.org/stable/users/explain/customizing.html describes the settings.
"""

from __future__ import annotations

from typing import Any, NamedTuple

WIDTH = 1440
"""Pixels of a picture; pages show it at half this width or smaller."""


class Color(NamedTuple):
    """A color of the light theme and its counterpart in the dark theme."""

    light: str
    dark: str


BACKGROUND = Color("#ffffff", "#0d1117")
TEXT = Color("#1f2328", "#f0f6fc")
SECONDARY_TEXT = Color("#59636e", "#9198a1")
GRID = Color("#d1d9e0", "#3d444d")
EXPECTED_RANGE = Color("#dde3ea", "#2f363e")
PEOPLE = Color("#0969da", "#4493f8")
PEOPLE_ON_WEEKDAYS = Color("#5b94d6", "#79a8e0")
AGENTS = Color("#c2410c", "#f0883e")
PULL_REQUESTS = Color("#116b2b", "#3fb950")
PULL_REQUESTS_OPENED = Color("#6b8f1f", "#9fc54d")
GRAY = Color("#6e7781", "#8b949e")
"""Licenses, totals, and previous values."""

COLORS = (
    TEXT,
    SECONDARY_TEXT,
    GRID,
    EXPECTED_RANGE,
    PEOPLE,
    PEOPLE_ON_WEEKDAYS,
    AGENTS,
    PULL_REQUESTS,
    PULL_REQUESTS_OPENED,
    GRAY,
)
TITLE_SIZE, LABEL_SIZE, NOTE_SIZE = 36, 28, 24  # points, which are pixels at 72 dpi
STYLE: Any = {
    "axes.axisbelow": True,
    "axes.facecolor": BACKGROUND.light,
    "axes.grid": True,
    "axes.spines.bottom": False,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 72,
    "figure.facecolor": BACKGROUND.light,
    "font.family": "DejaVu Sans",
    "font.size": LABEL_SIZE,
    "grid.color": GRID.light,
    "grid.linewidth": 2,
    "lines.linewidth": 4,
    "lines.markeredgewidth": 3,
    "lines.markersize": 13,
    "lines.solid_capstyle": "round",
    "text.color": TEXT.light,
    "text.parse_math": False,
    "xtick.color": SECONDARY_TEXT.light,
    "xtick.major.pad": 20,
    "xtick.major.size": 0,
    "ytick.color": SECONDARY_TEXT.light,
    "ytick.major.pad": 14,
    "ytick.major.size": 0,
}
