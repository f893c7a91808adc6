"""The failures of a run, each cause once: as annotations, and as the first section of the job summary."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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

_MAX_ANNOTATIONS = 10  # GitHub shows no more errors of a step
_MAX_SHOWN_CAUSES = (1000, 100, 10, 1)  # the first number whose section fits into the job summary
_REQUEST = re.compile(r"^[A-Z]+ /\S+: ")  # "GET /orgs/octo-org/…: ", which differs although the cause is the same


@dataclass(frozen=True, slots=True)
class Texts:
    """The heading of the section, and a sentence about the report of the run."""

    heading: str
    report: str = ""


_COMPLETE = "The report is complete{follows}."
# The texts for the first of these kinds that occurred, if no scope failed.
_TEXTS: dict[type[ReportError], Texts] = {
    MissingShard: Texts("results are missing", "The report{end} contains only the results of the other jobs."),
    NoData: Texts("no data"),
    PullRequestError: Texts("the pull request could not be opened", _COMPLETE),
    CommitError: Texts("the report could not be published", _COMPLETE),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """A failure, the scopes that fail because of it, and the last good report of each, if there is one."""

    error: ReportError
    scopes: tuple[str, ...]
    last_reports: tuple[LastReport, ...] = ()

    @property
    def problems(self) -> Sequence[str]:
        """What happened: a sentence for each invalid input; one sentence for any other error."""
        return self.error.problems if isinstance(self.error, InputError) else (self.error.message,)

    @property
    def label(self) -> str:
        """The label of the last reports; if the commit failed, they are on the branch."""
        return "Last committed report" if isinstance(self.error, CommitError) else "Last good report"


@dataclass(slots=True)
class Failures:
    """The failures of a run, and what the run reported anyway.

    Attributes:
        errors: The failures.
        reported_scopes: The number of scopes that this run reported.
        directory: The directory of their reports, relative to the workspace.
        report_follows: Whether the report follows in the job summary.
        last_reports: The last good reports of scopes that failed, by scope.
        warns_of_failed_scopes: Whether failed scopes are warnings if other scopes were reported.
    """

    errors: list[ReportError] = field(default_factory=list)
    reported_scopes: int = 0
    directory: str = ""
    report_follows: bool = False
    last_reports: dict[str, LastReport] = field(default_factory=dict)
    warns_of_failed_scopes: bool = False
    _shown: int = 0

    def add(self, *errors: ReportError) -> None:
        """Add failures."""
        self.errors += errors

    def section(self, room: int) -> str:
        """Return the section about failures that no section has shown yet, in at most `room` bytes; it may be empty."""
        causes = self._causes(self.errors[self._shown :])
        self._shown = len(self.errors)
        if not causes:
            return ""
        texts = self._texts(causes)
        cause_texts = [
            failure_wording.cause_text(cause.error, cause.problems, cause.scopes, cause.label, cause.last_reports)
            for cause in causes
        ]
        has_report = self.reported_scopes > 0
        report = failure_wording.report_text(texts.report, self.directory if has_report else "")
        for limit in _MAX_SHOWN_CAUSES:
            hidden = max(len(causes) - limit, 0)
            page = markdown.failures(texts.heading, cause_texts[:limit], hidden, report)
            if len(page.encode()) <= room:
                return page
        return ""

    def _texts(self, causes: Sequence[Cause]) -> Texts:
        """Return the heading and the sentence for some causes."""
        end = " below" if self.report_follows else ""
        kinds = [kind for kind in _TEXTS if any(isinstance(cause.error, kind) for cause in causes)]
        if failed := sum(len(cause.scopes) for cause in causes):
            heading = "one scope failed" if failed == 1 else f"{failed:,} scopes failed"
            texts = Texts(heading, f"The other scopes are reported{end}.")
        elif kinds:
            texts = _TEXTS[kinds[0]]
        else:
            texts = Texts("the run failed")
        if not self.reported_scopes:
            return Texts(texts.heading if kinds == [NoData] and not failed else "no new report")
        return Texts(texts.heading, texts.report.format(end=end, follows=", and follows below" if end else ""))

    def log(self, runner: Runner) -> None:
        """Write an annotation for each cause, at most ten; if there are more causes, the last one names the rest."""
        causes = self._causes(self.errors)
        shown = causes if len(causes) <= _MAX_ANNOTATIONS else causes[: _MAX_ANNOTATIONS - 1]
        for cause in shown:
            annotate = runner.warning if self._is_warning(cause) else runner.error
            annotate(cause.error.title, f"{_scope_prefix(cause.scopes)}{cause.error.text}")
        if rest := causes[len(shown) :]:
            scopes = sum(len(cause.scopes) for cause in rest)
            text = " ".join(f"{_scope_prefix(cause.scopes)}{cause.error.message}" for cause in rest)
            annotate = runner.warning if all(map(self._is_warning, rest)) else runner.error
            annotate(f"{scopes} more scopes failed", text)

    def _is_warning(self, cause: Cause) -> bool:
        """Return whether a cause does not fail the run: only scopes failed, and others were reported."""
        is_failed_scope = isinstance(cause.error, ApiError | MissingShard)
        return is_failed_scope and self.warns_of_failed_scopes and self.reported_scopes > 0

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
        return [
            Cause(error, tuple(scopes[key]), self._last_reports(error, scopes[key])) for key, error in first.items()
        ]

    def _last_reports(self, error: ReportError, scopes: dict[str, None]) -> tuple[LastReport, ...]:
        if isinstance(error, ApiError):
            return tuple(self.last_reports[scope] for scope in scopes if scope in self.last_reports)
        if isinstance(error, PullRequestError):  # the branch has the report of this run
            return ()
        if isinstance(error, CommitError):
            return tuple(report for report in self.last_reports.values() if report.link)
        return () if self.reported_scopes else tuple(self.last_reports.values())


def _scope_prefix(scopes: Sequence[str]) -> str:
    """Return the start of a line about scopes, such as "orgs/octo-org and orgs/octo-labs: "; empty without scopes."""
    if not scopes:
        return ""
    return f"{formatting.listed(scopes)}: "
