"""What failed in a run: each cause once, as a line of the log and as the first section of the job summary."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.errors import ApiError, CommitError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.errors import ReportError
    from copilot_metrics.publish.keeping import LastReport
    from copilot_metrics.runner import Runner

_MOST_LINES = 10  # GitHub shows no more annotations of a step
_MOST_SHOWN = (1000, 100, 10, 1)  # causes in the job summary, as far as there is room
_REQUEST = re.compile(r"^[A-Z]+ /\S+: ")  # "GET /orgs/octo-org/…: ", which differs although the cause is the same


class Cause(NamedTuple):
    """A failure, the scopes that fail because of it, and the last good report of each, if there is one."""

    error: ReportError
    scopes: tuple[str, ...]
    last: tuple[LastReport, ...] = ()

    @property
    def problems(self) -> Sequence[str]:
        """What happened: a sentence for each invalid input, else one."""
        return self.error.problems if isinstance(self.error, InputError) else (self.error.message,)


@dataclass(slots=True)
class Failures:
    """The failures of a run, and what there is all the same.

    Attributes:
        reported: How many scopes this run reported.
        directory: Where their files are, relative to the workspace.
        follows: Whether the report follows in the job summary.
        last: The last good reports of scopes that failed.
    """

    errors: list[ReportError] = field(default_factory=list)
    reported: int = 0
    directory: str = ""
    follows: bool = False
    last: dict[str, LastReport] = field(default_factory=dict)
    _shown: int = 0

    def add(self, *errors: ReportError) -> None:
        """Add failures."""
        self.errors += errors

    def section(self, room: int) -> str:
        """Return the section about what was not shown yet, in at most `room` bytes; empty if there is nothing."""
        causes = self._causes(self.errors[self._shown :])
        self._shown = len(self.errors)
        if not causes:
            return ""
        from copilot_metrics.render import markdown  # noqa: PLC0415 - most runs do without

        failed = sum(len(cause.scopes) for cause in causes)
        for shown in _MOST_SHOWN:
            page = markdown.failures(self, causes[:shown], failed, len(causes) - shown)
            if len(page.encode()) <= room:
                return page
        return ""

    def log(self, runner: Runner) -> None:
        """Write a line for each cause, ten at most; the last one then names what is left."""
        causes = self._causes(self.errors)
        shown = causes if len(causes) <= _MOST_LINES else causes[: _MOST_LINES - 1]
        for cause in shown:
            runner.error(cause.error.title, f"{_named(cause.scopes)}{cause.error.text}")
        if rest := causes[len(shown) :]:
            scopes = sum(len(cause.scopes) for cause in rest)
            text = " ".join(f"{_named(cause.scopes)}{cause.error.message}" for cause in rest)
            runner.error(f"{scopes} more scopes failed", text)

    def _causes(self, errors: Sequence[ReportError]) -> list[Cause]:
        """Return each cause once, in the order of the errors."""
        scopes: dict[tuple[object, ...], dict[str, None]] = {}
        first: dict[tuple[object, ...], ReportError] = {}
        for error in errors:
            key = (type(error), _REQUEST.sub("", error.message), error.why, error.action, error.link)
            first.setdefault(key, error)
            scopes.setdefault(key, {})
            if isinstance(error, ApiError) and error.scope:
                scopes[key][error.scope] = None
        return [Cause(error, tuple(scopes[key]), self._last(error, scopes[key])) for key, error in first.items()]

    def _last(self, error: ReportError, scopes: dict[str, None]) -> tuple[LastReport, ...]:
        if isinstance(error, ApiError):
            return tuple(self.last[scope] for scope in scopes if scope in self.last)
        return tuple(self.last.values()) if isinstance(error, CommitError) or not self.reported else ()


def _named(scopes: Sequence[str]) -> str:
    """Return the scopes that a line is about, such as "orgs/octo-org and orgs/octo-labs: "."""
    if not scopes:
        return ""
    from copilot_metrics.render import words  # noqa: PLC0415 - most runs do without

    return f"{words.listed(scopes)}: "
