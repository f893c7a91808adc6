"""What failed in a run: each cause once, as a line of the log and as the first section of the job summary."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.errors import (
    ApiError,
    CommitError,
    InputError,
    MissingShard,
    NoData,
    PullRequestError,
    ReportError,
)
from copilot_metrics.render import failure_wording, formatting, markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.store.report_store import LastReport

_MOST_LINES = 10  # GitHub shows no more annotations of a step
_MOST_SHOWN = (1000, 100, 10, 1)  # causes in the job summary, as far as there is room
_REQUEST = re.compile(r"^[A-Z]+ /\S+: ")  # "GET /orgs/octo-org/…: ", which differs although the cause is the same


class Texts(NamedTuple):
    """The heading about a run, and a sentence about its report."""

    heading: str
    report: str = ""


# If no scope failed: by the kind of failure, the first one that there is.
_COMPLETE = "The report is complete{follows}."
_TEXTS: dict[type[ReportError], Texts] = {
    MissingShard: Texts("results are missing", "The report{end} contains only the results of the other jobs."),
    NoData: Texts("no data"),
    PullRequestError: Texts("the pull request could not be opened", _COMPLETE),
    CommitError: Texts("the report could not be published", _COMPLETE),
}


class Cause(NamedTuple):
    """A failure, the scopes that fail because of it, and the last good report of each, if there is one."""

    error: ReportError
    scopes: tuple[str, ...]
    last: tuple[LastReport, ...] = ()

    @property
    def problems(self) -> Sequence[str]:
        """What happened: a sentence for each invalid input, else one."""
        return self.error.problems if isinstance(self.error, InputError) else (self.error.message,)

    @property
    def label(self) -> str:
        """Return what the last reports are called; if the commit failed, they are on the branch."""
        return "Last committed report" if isinstance(self.error, CommitError) else "Last good report"


@dataclass(slots=True)
class Failures:
    """The failures of a run, and what there is all the same.

    Attributes:
        reported: How many scopes this run reported.
        directory: Where their files are, relative to the workspace.
        follows: Whether the report follows in the job summary.
        last: The last good reports of scopes that failed.
        warn_of_scopes: Whether failures of scopes are warnings in the log, since others were reported.
    """

    errors: list[ReportError] = field(default_factory=list)
    reported: int = 0
    directory: str = ""
    follows: bool = False
    last: dict[str, LastReport] = field(default_factory=dict)
    warn_of_scopes: bool = False
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
        texts = self._texts(causes)
        cause_texts = [
            failure_wording.cause_text(cause.error, cause.problems, cause.scopes, cause.label, cause.last)
            for cause in causes
        ]
        has_report = self.reported > 0
        report = failure_wording.report_text(texts.report, self.directory if has_report else "")
        for shown in _MOST_SHOWN:
            more = max(len(causes) - shown, 0)
            page = markdown.failures(texts.heading, cause_texts[:shown], more, report)
            if len(page.encode()) <= room:
                return page
        return ""

    def _texts(self, causes: Sequence[Cause]) -> Texts:
        """Return the heading, and a sentence about the report of this run."""
        end = " below" if self.follows else ""
        kinds = [kind for kind in _TEXTS if any(isinstance(cause.error, kind) for cause in causes)]
        if failed := sum(len(cause.scopes) for cause in causes):
            heading = "one scope failed" if failed == 1 else f"{failed:,} scopes failed"
            texts = Texts(heading, f"The other scopes are reported{end}.")
        elif kinds:
            texts = _TEXTS[kinds[0]]
        else:
            texts = Texts("the run failed")
        if not self.reported:
            return Texts(texts.heading if kinds == [NoData] and not failed else "no new report")
        return Texts(texts.heading, texts.report.format(end=end, follows=", and follows below" if end else ""))

    def log(self, runner: Runner) -> None:
        """Write a line for each cause, ten at most; the last one then names the others."""
        causes = self._causes(self.errors)
        shown = causes if len(causes) <= _MOST_LINES else causes[: _MOST_LINES - 1]
        for cause in shown:
            is_warning = self.warn_of_scopes and self.reported and isinstance(cause.error, ApiError | MissingShard)
            annotate = runner.warning if is_warning else runner.error
            annotate(cause.error.title, f"{_named(cause.scopes)}{cause.error.text}")
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
        if isinstance(error, PullRequestError):  # what is on the branch is the report of this run
            return ()
        if isinstance(error, CommitError):
            return tuple(last for last in self.last.values() if last.link)
        return () if self.reported else tuple(self.last.values())


def _named(scopes: Sequence[str]) -> str:
    """Return the scopes that a line is about, such as "orgs/octo-org and orgs/octo-labs: "."""
    if not scopes:
        return ""
    return f"{formatting.listed(scopes)}: "
