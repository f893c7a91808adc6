"""The sentences about a run in which something failed, for the first section of the job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.render.formatting import Markdown, code, escape, period, prose
from copilot_metrics.render.wording import and_more

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.action.failures import Cause, Failures, Texts
    from copilot_metrics.store.keeping import LastReport

_MOST_SCOPES = 20
_MOST_REPORTS = 5


class CauseText(NamedTuple):
    """Why some scopes failed and what to do, as Markdown; `problems` is empty if there is only one."""

    title: Markdown
    problem: Markdown
    problems: Sequence[Markdown]
    why: Markdown
    action: Markdown
    last_reports: Sequence[Markdown]


def cause_text(cause: Cause) -> CauseText:
    """Return the texts about a cause."""
    error, problems = cause.error, [prose(problem) for problem in cause.problems]
    scopes = f": {and_more([code(scope) for scope in cause.scopes], _MOST_SCOPES)}" if cause.scopes else ""
    link = f" <{error.link}>" if error.link else ""
    return CauseText(
        title=Markdown(f"{escape(error.title)}{scopes}"),
        problem=problems[0],
        problems=problems if len(problems) > 1 else (),
        why=prose(error.why),
        action=Markdown(f"{prose(error.action)}{link}" if error.action else ""),
        last_reports=[_last_report(cause, report) for report in cause.last[:_MOST_REPORTS]],
    )


def _last_report(cause: Cause, report: LastReport) -> Markdown:
    scope = f" of {code(report.scope)}" if len(cause.last) > 1 else ""
    place = f"[{escape(report.path)}]({report.link})" if report.link else f"in {code(report.path)} of the workspace"
    return Markdown(f"**{cause.label}{scope}:** {period(report.period)}, {place}")


def report_text(failures: Failures, texts: Texts) -> Markdown:
    """Return what the report of the run contains all the same, and where its files are; empty if there is none."""
    if not failures.reported:
        return Markdown("")
    files = f"The files are in {code(failures.directory)} of the workspace." if failures.directory else ""
    return Markdown(" ".join(text for text in (texts.report, files) if text))
