"""The charts of a report on the older Copilot metrics API; to add one, add an entry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from copilot_metrics.metrics.vocabulary import RATIOS
from copilot_metrics.render.charts import look, titles
from copilot_metrics.render.charts.breakdowns import Column
from copilot_metrics.render.charts.forms import OverDays, Rows
from copilot_metrics.render.charts.series import Panel, Series, fixed, rate
from copilot_metrics.render.charts.sources import Counter
from copilot_metrics.render.charts.tables import unchanged

if TYPE_CHECKING:
    from copilot_metrics.render.charts.forms import Kind

RATE = Column("acceptance rate", "acceptance_rate", look.VERMILION, of="suggestions", concerned="languages.acceptances")
SUGGESTIONS = Column("suggestions", "suggestions", look.BLUE, concerned="languages.suggestions")
_CHATS = Column("chats in editors", "chats", look.GREEN, together="chats")
_DOTCOM_CHATS = Column("chats on GitHub.com", "dotcom_chats", look.PURPLE, together="chats")
_SUMMARIES = Column("pull-request summaries", "summaries", look.ORANGE)
_SUGGESTED, _ACCEPTED = Counter("completions", "suggestions"), Counter("completions", "acceptances")


def _breakdown(dimension: str, what: str, *columns: Column) -> Rows:
    return Rows(dimension, what, partial(titles.largest, dimension=dimension), unchanged(dimension, columns))


CHARTS: tuple[Kind, ...] = (
    OverDays(
        "users",
        "numbers of people",
        titles.users,
        (
            Panel(
                "people a day",
                560,
                fixed(
                    Series("active", Counter("users", "active"), look.ACTIVE),
                    Series("engaged", Counter("users", "engaged"), look.ENGAGED),
                    Series("completions", Counter("users", "completions"), look.COMPLETIONS),
                    Series("chat in editors", Counter("users", "chat"), look.CHAT),
                    Series("GitHub.com chat", Counter("users", "dotcom_chat"), look.DOTCOM_CHAT),
                    Series("pull requests", Counter("users", "pull_requests"), look.PULL_REQUESTS),
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
                fixed(
                    Series("suggested", _SUGGESTED, look.OFFERED),
                    Series("accepted", _ACCEPTED, look.ACCEPTED),
                ),
            ),
            Panel(
                "acceptance rate",
                230,
                fixed(Series("rate", RATIOS["acceptance_rate"], look.ACTIVE)),
                rate("suggestions"),
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
                fixed(
                    Series("suggested", Counter("completions", "lines_suggested"), look.OFFERED),
                    Series("accepted", Counter("completions", "lines_accepted"), look.ACCEPTED),
                ),
            ),
        ),
    ),
    OverDays(
        "chat",
        "chat",
        titles.chat,
        (
            Panel(
                "chats in editors a day",
                220,
                fixed(Series("chats", Counter("chat", "chats"), look.CHAT)),
                together="chats",
            ),
            Panel(
                "insertions and copies a day",
                220,
                fixed(
                    Series("insertions", Counter("chat", "insertions"), look.INSERTED),
                    Series("copies", Counter("chat", "copies"), look.COPIED),
                ),
            ),
            Panel(
                "chats on GitHub.com a day",
                220,
                fixed(Series("GitHub.com", Counter("dotcom_chat", "chats"), look.DOTCOM_CHAT)),
                together="chats",
            ),
        ),
    ),
    _breakdown("languages", "languages", SUGGESTIONS, RATE),
    _breakdown("editors", "editors", SUGGESTIONS, RATE, _CHATS),
    _breakdown("models", "models", SUGGESTIONS, RATE, _CHATS, _DOTCOM_CHATS, _SUMMARIES),
    _breakdown("repositories", "pull-request summaries", _SUMMARIES),
)
