"""Find misspelled teams before users reports are downloaded, with GitHub's list of teams and its reports of members.

The list contains teams with fewer than five licensed members, which the reports do not; the reports may contain secret
teams, which the list does not. A team that was renamed is in an earlier report only. A team in neither does not exist.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.errors import ApiError, NotFound
from copilot_metrics.fetch.parallel import PagedList
from copilot_metrics.fetch.result import FetchWarning
from copilot_metrics.github import teams
from copilot_metrics.scope import ALL_TEAMS, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from copilot_metrics.fetch.options import FetchContext
    from copilot_metrics.fetch.usage_metrics import UsageMetricsDownload

_MEMBERS = "user-teams-1-day"
_SLUG = re.compile(rb'"slug"\s*:\s*("(?:[^"\\]|\\.)*")')
_MIN_SIMILARITY = 0.75
_FIRST_REPORT = dt.timedelta(days=27)  # before the last day of the period
_SMALL_TEAM = "A team with fewer than five licensed members is not in GitHub's reports"


class TeamCheck(NamedTuple):
    """The errors of teams that do not exist, and warnings about teams that may not exist."""

    errors: Mapping[Scope, ApiError] = {}
    warnings: Sequence[FetchWarning] = ()


def check_teams(download: UsageMetricsDownload, scopes: Sequence[Scope]) -> TeamCheck:
    """Check which of the requested and of the excluded teams exist."""
    requested = [scope for scope in scopes if scope.team not in ("", ALL_TEAMS)]
    excluded = [scope for scope in _excluded_scopes(download) if scope.team not in ("", ALL_TEAMS)]
    if not requested and not excluded:
        return TeamCheck()
    listed = _list_teams(download.context, download.owner)
    unknown = [scope for scope in (*requested, *excluded) if listed is None or not _contains(listed, scope.team)]
    reported = _reported_teams(download) if unknown else None
    unknown = [scope for scope in unknown if reported is None or not _contains(reported, scope.team)]
    errors: dict[Scope, ApiError] = {}
    uncertain: list[str] = []
    warnings: list[FetchWarning] = []
    for scope in unknown:
        nearest = nearest_team(scope.team, {*(listed or ()), *(reported or ())})
        if scope in excluded:
            if nearest:
                text = f"!{scope} excludes no team. Did you mean !{scope.owner_path}/team/{nearest}?"
                warnings.append(FetchWarning("Exclusion without effect", text))
        elif nearest or (listed is not None and reported is not None):
            errors[scope] = _not_found(download, scope, nearest, is_listed=listed is not None)
        elif reported is not None:
            uncertain.append(str(scope))
    if uncertain:
        warnings.append(
            FetchWarning(
                "Teams not in GitHub's report",
                f"{', '.join(uncertain)}: either misspelled or too small. {_SMALL_TEAM} (here: the report of "
                f"{download.period.until}), and the token cannot list the teams. Check the slug, which is the last "
                "part of the address of the team's page.",
            )
        )
    return TeamCheck(errors, warnings)


def suggest_teams(context: FetchContext, unknown: Sequence[Scope]) -> dict[Scope, str]:
    """Return a question that suggests the right team for each misspelled team of an owner, if one is similar."""
    if not unknown:
        return {}
    listed = _list_teams(context, Scope(unknown[0].kind, unknown[0].owner)) or ()
    nearest = {scope: nearest_team(scope.team, listed) for scope in unknown}
    return {scope: f"Did you mean {scope.owner_path}/team/{slug}?" for scope, slug in nearest.items() if slug}


def nearest_team(slug: str, slugs: Collection[str]) -> str:
    """Return the slug that a misspelled slug probably means; empty if none is similar.

    Slugs that differ only in their numbers, such as `team-1` and `team-2`, are different teams.
    """
    numbers = re.findall(r"\d+", slug)
    candidates = [other for other in sorted(slugs) if re.findall(r"\d+", other) == numbers]
    return next(iter(get_close_matches(slug, candidates, 1, _MIN_SIMILARITY)), "")


def _excluded_scopes(download: UsageMetricsDownload) -> list[Scope]:
    """Return the teams of the owner that the input `scope` excludes."""
    excluded = download.context.options.scope.excluded
    return sorted(scope for scope in excluded if scope.owner_path == str(download.owner))


def _contains(slugs: Collection[str], slug: str) -> bool:
    """Return whether slugs contain a team, maybe as one of several teams with the same slug, which end in their ID."""
    return slug in slugs or re.sub(r"-\d+$", "", slug) in slugs


def _list_teams(context: FetchContext, owner: Scope) -> frozenset[str] | None:
    """Return the slugs of GitHub's list of teams; None if the token cannot read it."""
    try:
        pages = PagedList(context.requests, lambda number: teams.read_page(context.client, owner, number))
        return frozenset(scope.team for scope in pages.read())
    except ApiError:
        return None


def _reported_teams(download: UsageMetricsDownload) -> frozenset[str] | None:
    """Return the slugs in the reports of the period's last day and of 27 days before; None without the former."""
    last_day = download.period.until
    last, first = (
        download.context.requests.submit(_read_slugs, download, day) for day in (last_day, last_day - _FIRST_REPORT)
    )
    slugs = last.result()
    return None if slugs is None else slugs | (first.result() or frozenset())


def _read_slugs(download: UsageMetricsDownload, day: dt.date) -> frozenset[str] | None:
    slugs: set[str] = set()
    try:
        report = download.context.reports.get(download.owner, _MEMBERS, day)
        if report is None:
            return None
        with tempfile.TemporaryDirectory(prefix="copilot-metrics-") as folder:
            for path in report.save(Path(folder)):
                with path.open("rb") as file:
                    for line in file:
                        slugs.update(json.loads(slug) for slug in _SLUG.findall(line))
                path.unlink()
    except (ApiError, OSError, ValueError):  # the run downloads the report again, and reports what is wrong with it
        return None
    return frozenset(slug.lower() for slug in slugs)


def _not_found(download: UsageMetricsDownload, scope: Scope, nearest: str, *, is_listed: bool) -> NotFound:
    sources = "GitHub's list of teams and its report" if is_listed else "GitHub's report"
    verb = "do" if is_listed else "does"
    hint = (
        f"Did you mean {download.owner}/team/{nearest}?"
        if nearest
        else "It was renamed or deleted, or is misspelled. The slug is the last part of the address of the team's page."
    )
    limitation = "" if is_listed else f" {_SMALL_TEAM}, and the token cannot list the teams."
    return NotFound(
        f"{sources} of {download.period.until} {verb} not contain this team.", f"{hint}{limitation}"
    ).for_scope(scope)
