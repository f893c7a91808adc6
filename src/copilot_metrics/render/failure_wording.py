"""The sentences about a run in which something failed, for the first section of the job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.render.formatting import Markdown, code, escape, period, prose
from copilot_metrics.render.wording import and_more

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.errors import ReportError
    from copilot_metrics.store.report_store import LastReport

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


def cause_text(
    error: ReportError, problems: Sequence[str], scopes: Sequence[str], label: str, last_reports: Sequence[LastReport]
) -> CauseText:
    """Return the texts about an error: its `problems` as sentences, the scopes it concerns, and their last reports.

    `label` is what the last reports are called.
    """
    sentences = [prose(problem) for problem in problems]
    names = f": {and_more([code(scope) for scope in scopes], _MOST_SCOPES)}" if scopes else ""
    link = f" <{error.link}>" if error.link else ""
    labels = [f"{label} of {code(report.scope)}" if len(last_reports) > 1 else label for report in last_reports]
    return CauseText(
        title=Markdown(f"{escape(error.title)}{names}"),
        problem=sentences[0],
        problems=sentences if len(sentences) > 1 else (),
        why=prose(error.why),
        action=Markdown(f"{prose(error.action)}{link}" if error.action else ""),
        last_reports=[
            _last_report(label, report) for label, report in zip(labels[:_MOST_REPORTS], last_reports, strict=False)
        ],
    )


def _last_report(label: str, report: LastReport) -> Markdown:
    place = f"[{escape(report.path)}]({report.link})" if report.link else f"in {code(report.path)} of the workspace"
    return Markdown(f"**{label}:** {period(report.period)}, {place}")


def report_text(sentence: str, directory: str) -> Markdown:
    """Return a sentence about the report of the run, and where its files are; an empty `directory` if it has none."""
    files = f"The files are in {code(directory)} of the workspace." if directory else ""
    return Markdown(" ".join(text for text in (sentence, files) if text))
