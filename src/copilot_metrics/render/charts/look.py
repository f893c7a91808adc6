"""The look of all charts: sizes in pixels, colors, and styles of series."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 1600
MARGIN = 44
ROOM = WIDTH - 2 * MARGIN  # for titles and notes
TITLE = 42
SUBTITLE = 29
TEXT = 28
LEADING = 1.25  # from one line of text to the next, as a multiple of its size

PAPER = "#ffffff"
INK = "#1f2328"
MUTED = "#59636e"
GRID = "#d1d9e0"
SHADE = "#eff2f5"
# Okabe & Ito: eight colors that color-blind readers can distinguish; yellow is too pale for lines on white.
BLUE, SKY, GREEN = "#0072b2", "#56b4e9", "#009e73"
ORANGE, VERMILION, PURPLE = "#e69f00", "#d55e00", "#cc79a7"
FAINT = 0.5  # of a color, for what lies behind
# The colors of a chart, each with the shares in which edges of lines and letters fade it into paper.
FADES = (
    (INK, (1, 0.66, 0.33)),
    *((color, (1, 0.5)) for color in (BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE)),
    (MUTED, (1, 0.5)),
    (GRID, (1,)),
    (SHADE, (1,)),
)


def tint(color: str, share: float) -> str:
    """Return a color mixed with white; `share` is its share, from 0 to 1."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a series. Dashes and marks distinguish series if colors do not."""

    color: str
    dash: tuple[float, ...] = ()
    mark: str = "circle"
    width: float = 4.5


ACTIVE = Style(INK)
ENGAGED = Style(SKY, mark="square")
COMPLETIONS = Style(BLUE, (16, 6), "triangle")
CHAT = Style(GREEN, (22, 5, 4, 5), "diamond")
DOTCOM_CHAT = Style(PURPLE, (7, 5), "square")
PULL_REQUESTS = Style(ORANGE, (4, 5), "circle")
OFFERED = Style(BLUE)
ACCEPTED = Style(VERMILION, (16, 6), "square")
INSERTED = Style(BLUE, (16, 6), "triangle")
COPIED = Style(VERMILION, (7, 5), "square")

DAILY = Style(INK)
WEEKLY = Style(BLUE, (16, 6), "triangle")
MONTHLY = Style(GREEN, (22, 5, 4, 5), "diamond")
LICENSED = Style(MUTED, (8, 6), "square", width=2.5)
AGENT = Style(VERMILION, (16, 6), "square")
CLOUD_AGENT = Style(PURPLE, (7, 5), "circle")
REVIEW = Style(ORANGE, mark="triangle")
AUTOMATIC_REVIEW = Style(ORANGE, (4, 5), "square")
CLI = Style(SKY, mark="circle")
APP = Style(MUTED, (7, 5), "diamond")
VSCODE_AGENT = Style(VERMILION, (16, 6), "square")
ALL = Style(INK)
BY_COPILOT = Style(PURPLE, (16, 6), "square")
REVIEWED_BY_COPILOT = Style(ORANGE, (7, 5), "triangle")
BY_PEOPLE = Style(BLUE)
BY_AGENTS = Style(VERMILION, (16, 6), "square")
MODES = {
    "chat_panel_ask_mode": Style(GREEN, (22, 5, 4, 5), "diamond"),
    "chat_panel_agent_mode": AGENT,
    "chat_panel_edit_mode": Style(BLUE, mark="triangle"),
    "chat_panel_plan_mode": Style(PURPLE, (7, 5), "circle"),
    "chat_panel_custom_mode": Style(ORANGE, (4, 5), "triangle"),
    "chat_inline": Style(SKY, mark="square"),
}
OTHER_MODE = Style(MUTED, (7, 5), "circle")
# By rank: what has no color of its own.
RANKS = (
    Style(BLUE),
    Style(VERMILION, (16, 6), "square"),
    Style(GREEN, (22, 5, 4, 5), "diamond"),
    Style(PURPLE, (7, 5), "triangle"),
    Style(ORANGE, (4, 5), "circle"),
    Style(INK, (12, 5, 4, 5), "square"),
)
