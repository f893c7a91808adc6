"""How numbers, dates, and names are written in reports, and how text is escaped in Markdown."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from copilot_metrics.metrics.display_names import display_name, is_identified
from copilot_metrics.metrics.overview import TENTHS, blocks
from copilot_metrics.render.names import NO_NAME, clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.counting_changes import Boundary
    from copilot_metrics.metrics.model import Number, Period

NOT_REPORTED = "–"
_WEEK = 7  # days
_CLEAR_SHARE = 0.1  # of the earlier people, from which a change of people has a percentage
_MOST_RANGES = 8
_PLURALS = {"person": "people", "licensed person": "licensed people"}
_FLOAT_ERROR = 1e-9
_DECIMAL_BELOW = 0.0995  # a share of less has one decimal; 9.95% and more is 10%
_SPELLED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HOUR, _DAY = 60, 24 * 60  # minutes
# What GitHub makes a link, a mention, an emoji, or a formula of, even behind a backslash: it goes into a code span.
_REACTS = re.compile(r"@|\$|://|www\.|#\d|\bGH-\d|:[\w+-]+(?::|$)|\b(?:mailto|xmpp):", re.IGNORECASE | re.ASCII)
# What Markdown takes for more than a character, unless a backslash is before it.
_SPECIAL = re.compile(
    r"""[\\`*\[\]~|]
    | (?<![^\W_])_+ | _+(?![^\W_])      # but not within a word
    | <(?=[A-Za-z/!?]) | &(?=\#?\w+;)   # HTML
    | ^\#+$                               # at the end of a heading
    | \{(?=[{%])                         # Liquid, where GitHub Pages serves the pages
    """,
    re.VERBOSE,
)
_BEGINS_A_BLOCK = re.compile(r">|(?:\#{1,6}|[-+]|=+|-+|(\d{1,9})[.)])(?=\s|$)")
_NOT_IN_A_CODE_SPAN = re.compile(r"\||\{[{%]|\]:")
_LINE_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")  # a non-breaking space stays
_AT = f"&#{ord('@')};"
_BACKTICKS = re.compile(r"`+")

_CODE_OR_ADDRESS = re.compile(r"(`[^`\n]+`|https://[^\s<>`\"'()]*[^\s<>`\"'().,;:!?])")

Markdown = Markup  # text that is Markdown already: literal parts of templates, and what macros and filters make


def finalize(value: object) -> Markdown:
    """Return what a template writes for a value: Markdown unchanged, other text escaped and on one line."""
    if isinstance(value, Markdown):
        return value
    return Markdown("") if value is None else escape(str(value))


def escape(text: str) -> Markdown:
    """Write text for any place in a page, so that GitHub shows it unchanged: with backslashes if they are needed.

    A word that GitHub would make a link, a mention, an emoji, or a formula of is a code span.
    """
    words = (
        code(word) if _REACTS.search(word) else _behind_backslashes(word) for word in _on_one_line(text).split(" ")
    )
    escaped = " ".join(words)
    if begins := _BEGINS_A_BLOCK.match(escaped):
        at = begins.end(1) if begins[1] else 0
        escaped = f"{escaped[:at]}\\{escaped[at:]}"
    return Markdown(escaped)


def code(text: str) -> Markdown:
    """Write text as a code span for any place in a page, also in a table."""
    text = _on_one_line(text)
    if not text or _NOT_IN_A_CODE_SPAN.search(text):  # a table divides a code span at |
        inside = "".join(character if character.isalnum() else f"&#{ord(character)};" for character in text)
        return Markdown(f"<code>{inside.replace(_AT, f'{_AT}<!-- -->')}</code>")  # what is divided is no address
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    room = " " if text[0] in "` " or text[-1] in "` " else ""
    return Markdown(f"{fence}{room}{text}{room}{fence}")


def named(identifier: str | None, kind: str) -> Markdown:
    """Write a name from GitHub's API: the name people use or, if it is unknown, the identifier in a code span."""
    if identifier is None:
        return escape(NO_NAME)
    known = display_name(identifier, kind)
    if known is not None or not is_identified(kind):
        return escape(known or clean_name(identifier))
    return code(clean_name(identifier))


def table(columns: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Markdown:
    """Return a Markdown table; cells that are not `Markdown` are escaped.

    `columns` has a letter for each column: `l` aligns it left, `r` right.
    """
    alignment = [Markdown({"l": ":--", "r": "--:"}[column]) for column in columns]
    lines = (list(map(finalize, cells)) for cells in [headers, *rows])
    first, *others = [f"|{''.join(f' {cell} |' if cell else ' |' for cell in cells)}" for cells in lines]
    return Markdown("\n".join([first, f"|{'|'.join(alignment)}|", *others]))


def bold(text: str) -> Markdown:
    """Write text in bold."""
    return Markdown(f"**{finalize(text)}**")


def part_of(part: Number | None, total: Number | None) -> str:
    """Write a part of something that is counted, such as 12 of 236; "–" if neither is reported."""
    return NOT_REPORTED if part is None and total is None else f"{count(part)} of {count(total)}"


def _on_one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", text)


def _behind_backslashes(word: str) -> str:
    return _SPECIAL.sub(lambda found: "".join(f"\\{character}" for character in found[0]), word)


def prose(text: str) -> Markdown:
    """Write the sentences of an error as Markdown: code spans and addresses stay, everything else is escaped."""
    parts = _CODE_OR_ADDRESS.split(text)  # what is between two matches, and every second part a match
    return Markdown("").join(
        escape(part) if place % 2 == 0 else Markdown(part if part.startswith("`") else f"<{part}>")
        for place, part in enumerate(parts)
    )


def count(number: Number | None) -> str:
    """Write a number, such as 84,210 or 24.5; "–" if it is not reported."""
    if number is None:
        return NOT_REPORTED
    return f"{number:,}" if float(number).is_integer() and isinstance(number, int) else f"{number:,.1f}"


def counted(number: Number | None, noun: str) -> str:
    """Write a count with its noun, such as 1 session, 1,234 sessions, 2 people; "–" if it is not reported."""
    head, of, rest = noun.partition(" of ")
    return f"{count(number)} {noun if number == 1 else _PLURALS.get(head, head + 's') + of + rest}"


def days(number: int) -> str:
    """Write a number of days: 1 day, 28 days."""
    return counted(number, "day")


def duration(minutes: Number) -> str:
    """Write a duration, such as 45 min, 6.2 h, or 3.1 days."""
    if minutes < _HOUR:
        return f"{minutes:.0f} min"
    return f"{minutes / _HOUR:.1f} h" if minutes < 2 * _DAY else f"{minutes / _DAY:,.1f} days"


def listed(names: Sequence[str], most: int = 20) -> str:
    """Write names as A, B and C; those beyond `most` are counted."""
    shown = [*names[:most], *([f"{len(names) - most:,} more"] if len(names) > most else [])]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def percent(share: float | None) -> str:
    """Write a share as a whole percentage, with one decimal below 10%: 73%, 4.6%, 0%; "–" if there is none."""
    if share is None:
        return NOT_REPORTED
    decimals = 1 if 0 < abs(share) < _DECIMAL_BELOW else 0
    return f"{rounded(share * 100, decimals)}%"


def rounded(number: float, decimals: int = 0) -> str:
    """Write a number with so many decimals; a half is rounded up, not to the even digit."""
    scale = 10**decimals
    return f"{math.floor(number * scale + 0.5 + _FLOAT_ERROR) / scale:,.{decimals}f}"


def bar(share: float) -> str:
    """Write a share as ten blocks, filled by its tenths."""
    full = blocks(share)
    return f"`{'█' * full}{'░' * (TENTHS - full)}`"


def spelled(number: int) -> str:
    """Write a number as a word: no, one, two, up to twelve; larger numbers in digits."""
    return _SPELLED[number] if number < len(_SPELLED) else count(number)


def change(value: Change) -> str:
    """Write a change: +11 (+20%), −1.7 points, +6% per weekday, no change, or why two values are not compared."""
    if value.boundary:
        return f"not compared: {why_not_compared(value.boundary)}"
    if value.reason:
        return value.reason
    if value.is_small:
        return "no\u00a0change"
    sign = "+" if value.by > 0 else "−"
    if value.kind == "points":
        return f"{sign}{rounded(abs(value.by) * 100, 1)}\u00a0points"
    typical = " on a typical weekday" if value.is_per_weekday and value.kind == "people" else ""
    if value.kind == "share":
        return f"{sign}{rounded(abs(value.by) * 100)}%{' per weekday' if value.is_per_weekday else ''}"
    share = abs(value.share or 0)
    relative = f"\u00a0({sign}{rounded(share * 100)}%)" if share >= _CLEAR_SHARE else ""
    return f"{sign}{count(abs(value.by))}{relative}{typical}"


def why_not_compared(boundary: Boundary) -> str:
    """Return because of which counting change two values are not compared, as the end of a sentence."""
    if boundary.is_end:
        return f"{boundary.change.reason_after} before {day(boundary.date)}"
    return boundary.change.reason


def ago(earlier: int | dt.date) -> str:
    """Write how long ago, such as 4 weeks ago, 10 days ago, or on what date; after "than" or "as many as"."""
    if isinstance(earlier, dt.date):
        return f"on {day(earlier)}"
    weeks, rest = divmod(earlier, _WEEK)
    return f"{days(earlier)} ago" if rest else f"{counted(weeks, 'week')} ago"


def last_days(number: int, on: dt.date, covered: Period) -> str:
    """Name the days to the last day with data of a period: last 7 days, or 7 days to November 20, 2026."""
    return f"last {days(number)}" if on == covered.until else f"{days(number)} to {day(on)}"


def day(date: dt.date) -> str:
    """Write a date: November 20, 2026."""
    return f"{_month_day(date)}, {date.year}"


def period(covered: Period) -> str:
    """Write a period, each month and year once: October 24 – November 20, 2026; November 1–28, 2026."""
    since, until = covered.since, covered.until
    if since.year != until.year:
        return f"{day(since)} – {day(until)}"
    return f"{_range(since, until)}, {until.year}"


def dates(found: Sequence[dt.date]) -> str:
    """Write days as ranges, such as June 8–9, June 15; with years if there are several. Long lists end in a count."""
    ranges: list[list[dt.date]] = []
    for date in found:
        if ranges and date - ranges[-1][-1] == dt.timedelta(days=1):
            ranges[-1].append(date)
        else:
            ranges.append([date])
    years = len({date.year for date in found}) > 1
    write = _range_with_year if years else _range
    shown = [write(days[0], days[-1]) for days in ranges[:_MOST_RANGES]]
    more = sum(len(days) for days in ranges[_MOST_RANGES:])
    return ("; " if years else ", ").join(shown) + (f" and {more} more" if more else "")


def _range(first: dt.date, last: dt.date) -> str:
    if first == last:
        return _month_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{_month_day(first)}–{last.day}"
    return f"{_month_day(first)} – {_month_day(last)}"


def _range_with_year(first: dt.date, last: dt.date) -> str:
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    return f"{_range(first, last)}, {last.year}"


def _month_day(date: dt.date) -> str:
    return f"{date:%B} {date.day}"
