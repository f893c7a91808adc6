"""The runs of every kind whose pages are rendered."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from copilot_metrics import cli
from copilot_metrics.clock import Clock
from copilot_metrics.metrics.model import File
from copilot_metrics.render import bundle, markdown, pictures
from sample_github import data
from sample_github.server import SampleApi
from support import raw, teams
from support.names import HOSTILE
from support.runs import TODAY, environ
from support.usage import activity, day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from copilot_metrics.metrics.model import Report

ORG, LABS, ENTERPRISE = "orgs/octo-org", "orgs/octo-labs", "enterprises/octo-enterprise"
SUMMARY = "summary"
_ON_BOTH: Mapping[str, Any] = {"usage_metrics": (ORG, ENTERPRISE), "days_served": 400}


class Pages(Protocol):
    """A source of pages: `folders` are those of their scopes, empty for the overview."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The pages, without the job summary."""

    def pages(self, workspace: Path) -> dict[str, Path]:
        """Return the Markdown files, by their names."""


@dataclass(frozen=True)
class SideBySide:
    """Reports on the usage metrics API, as a run would set them side by side."""

    reports: Callable[[], Sequence[Report]]
    folders: tuple[str, ...] = ("",)

    def pages(self, workspace: Path) -> dict[str, Path]:
        """Return the job summary and the overview."""
        result = self.reports()
        drawn = bundle.draw_overview(result, "auto")
        pages = [
            *bundle.overview_files(result, [], drawn, []),
            *(File(f"{one.scope.folder}/README.md", b"") for one in result),
        ]
        for file in pages:
            (workspace / file.path).parent.mkdir(parents=True, exist_ok=True)
            (workspace / file.path).write_bytes(file.content)
        place = pictures.Place("copilot-metrics")
        (workspace / "summary.md").write_text(markdown.summary(result, [], result[0], place, 1024 * 1024))
        return {SUMMARY: workspace / "summary.md", "overview": workspace / "README.md"}


@dataclass(frozen=True)
class Case:
    """A server, inputs, and the pages to render with the job summary; `before` is an earlier run."""

    server: Mapping[str, Any]
    inputs: Mapping[str, str]
    folders: tuple[str, ...]
    before: Mapping[str, str] | None = None
    status: int = 0

    def pages(self, workspace: Path) -> dict[str, Path]:
        """Return the Markdown files of a run, by their names."""
        noon = dt.datetime.combine(TODAY, dt.time(12), dt.UTC)
        clock = Clock(now=lambda: noon)
        with SampleApi(TODAY, **self.server) as api:
            for settings in filter(None, (self.before, self.inputs)):
                (workspace / "summary").write_text("")
                log = io.StringIO()
                status = cli.run([], environ(workspace, api.url, **settings), log, clock)
                assert status == self.status, log.getvalue()
        (workspace / "summary").rename(workspace / "summary.md")
        root = workspace / "copilot-metrics"
        values = {name(folder): root / folder / "README.md" for folder in self.folders}
        return {SUMMARY: workspace / "summary.md", **values}


def older_teams(number: int) -> dict[str, list[Any]]:
    """So many teams on the older API."""
    known = [one for back in range(1, 28) if (one := data.day(f"{ORG}/team/blue", TODAY - dt.timedelta(days=back)))]
    return {
        f"{ORG}/team/team-{place:03d}": [one | {"total_active_users": 2 + place**2 // 500} for one in known]
        for place in range(number)
    }


def hostile() -> dict[str, Any]:
    """Return an organization on each API whose languages, models and editors have every hostile name."""
    dates = [str(TODAY - dt.timedelta(days=back)) for back in range(3, 31)]
    older = [raw.named({name: (1000 - 10 * place, 10) for place, name in enumerate(HOSTILE)}, one) for one in dates]
    names = [name for name in HOSTILE if "\n" not in name]
    newer = [
        day(
            one,
            totals_by_language_feature=[activity(9, 90, 9, language=name, feature="code_completion") for name in names],
            totals_by_ide=[activity(9, 90, 9, ide=name) for name in names],
            totals_by_model_feature=[activity(9, 90, 9, model=name, feature="agent_edit") for name in names],
        )
        for one in dates
    ]
    return {"days": {LABS: older}, "usage_metrics": (ORG,), "reports": latest(ORG, newer)}


def latest(account: str, days: list[Any]) -> dict[tuple[str, str, str], list[bytes]]:
    """Return the latest 28 days of an account."""
    return {(account, "organization-28-day", ""): [latest_report(days)]}


def latest_report(days: list[Any]) -> bytes:
    """Return a report file."""
    dates = sorted(one["day"] for one in days)
    return json.dumps({"report_start_day": dates[0], "report_end_day": dates[-1], "day_totals": days}).encode()


_DEMO = {"scope": f"{ORG}, {ORG}/team/*, {ENTERPRISE}, {LABS}", "licenses": "details", "repository-breakdown": "true"}
CASES: Mapping[str, Pages] = {
    "demo": Case(
        _ON_BOTH,
        _DEMO | {"charts": "true"},
        ("", ORG, f"{ORG}/team/blue", ENTERPRISE, LABS),
        before=_DEMO | {"days": "56"},
    ),
    "one-organization": Case(_ON_BOTH, {"scope": ORG, "charts": "true"}, (ORG,)),
    "one-organization-older": Case(_ON_BOTH, {"scope": LABS, "charts": "true"}, (LABS,)),
    "one-day": Case(_ON_BOTH, {"scope": f"{ORG}, {LABS}", "days": "1", "charts": "true"}, (ORG, LABS)),
    "a-year": Case(_ON_BOTH, {"scope": f"{ORG}, {LABS}", "days": "365", "charts": "true"}, (ORG, LABS)),
    "twelve-teams": SideBySide(teams.twelve),
    "two-hundred-teams": SideBySide(lambda: teams.many(200, days=28)),
    "two-hundred-teams-older": Case({"days": older_teams(200)}, {"scope": f"{ORG}/team/*"}, ("",)),
    "no-data": Case({"days": {LABS: []}}, {"scope": LABS}, ()),
    "hostile-names": Case(hostile(), {"scope": f"{ORG}, {LABS}", "charts": "true"}, ("", ORG, LABS)),
}


def name(folder: str) -> str:
    """Return what the page of a scope's folder is called."""
    return folder.replace("/", "-") or "overview"


PAGES = tuple((case, page) for case, source in CASES.items() for page in (SUMMARY, *map(name, source.folders)))
