"""Which charts there are, and what is in each: a new one is a new entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_metrics.render.charts import breakdowns, look, over_days, titles
from copilot_metrics.render.charts.breakdowns import Column
from copilot_metrics.render.charts.over_days import Panel, Series
from copilot_metrics.report import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.model import Report
    from copilot_metrics.render.charts.canvas import Canvas


@dataclass(frozen=True, slots=True)
class OverDays:
    """A chart of panels below each other, with a point a day; `what` is missing where there is none."""

    name: str
    what: str
    title: Callable[[Report], str]
    panels: tuple[Panel, ...]

    def reported(self, report: Report) -> bool:
        """Whether there is anything to draw."""
        return over_days.reported(report, self.panels)

    def draw(self, canvas: Canvas, report: Report, left_out: int) -> float:
        """Draws it, marks of single days aside where something is left out; returns its height in pixels."""
        return over_days.draw(canvas, report, self.title(report), self.panels, marks=not left_out)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A chart of columns side by side, with a row an entry; its name is its dimension."""

    name: str
    what: str
    columns: tuple[Column, ...]

    def title(self, report: Report) -> str:
        """What is seen."""
        return titles.largest(report, self.name)

    def reported(self, report: Report) -> bool:
        """Whether there is anything to draw."""
        return breakdowns.reported(report, self.name, self.columns)

    def draw(self, canvas: Canvas, report: Report, left_out: int) -> float:
        """Draws it, with fewer rows the more is left out; returns its height in pixels."""
        return breakdowns.draw(canvas, report, self.title(report), self.name, self.columns, _MOST_ROWS[left_out])


Kind = OverDays | Breakdown
_MOST_ROWS = (MOST_ROWS, 6, 4, 3)
LEFT_OUT = range(len(_MOST_ROWS))  # how much of a chart, from nothing to all that it can do without

_RATE = Column("acceptance rate", "acceptance_rate", look.VERMILLION, of="suggestions")
_SUGGESTIONS = Column("suggestions", "suggestions", look.BLUE)
_CHATS = Column("chats in editors", "chats", look.GREEN)
_DOTCOM_CHATS = Column("chats on GitHub.com", "dotcom_chats", look.PURPLE)
_SUMMARIES = Column("pull-request summaries", "summaries", look.ORANGE)

CHARTS: tuple[Kind, ...] = (
    OverDays(
        "users",
        "numbers of people",
        titles.users,
        (
            Panel(
                "people a day",
                560,
                (
                    Series("active", "users", "active", look.ACTIVE),
                    Series("engaged", "users", "engaged", look.ENGAGED),
                    Series("completions", "users", "completions", look.COMPLETIONS),
                    Series("chat in editors", "users", "chat", look.CHAT),
                    Series("GitHub.com chat", "users", "dotcom_chat", look.DOTCOM_CHAT),
                    Series("pull requests", "users", "pull_requests", look.PULL_REQUESTS),
                ),
            ),
        ),
    ),
    OverDays(
        "completions",
        "code completions",
        titles.completions,
        (
            Panel(
                "completions a day",
                380,
                (
                    Series("suggested", "completions", "suggestions", look.OFFERED),
                    Series("accepted", "completions", "acceptances", look.ACCEPTED),
                ),
            ),
            Panel(
                "daily acceptance rate",
                230,
                (Series("rate", "completions", "acceptances", look.ACTIVE, of="suggestions"),),
            ),
        ),
    ),
    OverDays(
        "lines",
        "lines of code",
        titles.lines,
        (
            Panel(
                "lines of code a day",
                480,
                (
                    Series("suggested", "completions", "lines_suggested", look.OFFERED),
                    Series("accepted", "completions", "lines_accepted", look.ACCEPTED),
                ),
            ),
        ),
    ),
    OverDays(
        "chat",
        "chat",
        titles.chat,
        (
            Panel("chats in editors a day", 220, (Series("chats", "chat", "chats", look.CHAT),)),
            Panel(
                "insertions and copies a day",
                220,
                (
                    Series("insertions", "chat", "insertions", look.INSERTED),
                    Series("copies", "chat", "copies", look.COPIED),
                ),
            ),
            Panel("chats on GitHub.com a day", 220, (Series("GitHub.com", "dotcom_chat", "chats", look.DOTCOM_CHAT),)),
        ),
    ),
    Breakdown("languages", "languages", (_SUGGESTIONS, _RATE)),
    Breakdown("editors", "editors", (_SUGGESTIONS, _RATE, _CHATS)),
    Breakdown("models", "models", (_SUGGESTIONS, _RATE, _CHATS, _DOTCOM_CHATS, _SUMMARIES)),
    Breakdown("repositories", "pull-request summaries", (_SUMMARIES,)),
)
