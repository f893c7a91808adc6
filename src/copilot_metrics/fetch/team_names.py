"""Misspelled teams: found before users reports are downloaded, from GitHub's list of teams and reports of members.

A team with fewer than five licensed members is in the list and not in the reports; a secret team may be the reverse. A
team that was renamed is in an earlier report only. A team that is in none of them does not exist.
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
from copilot_metrics.fetch.pages import Pages
from copilot_metrics.fetch.result import FetchWarning
from copilot_metrics.github import teams
from copilot_metrics.scope import ALL_TEAMS, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from copilot_metrics.fetch.options import FetchContext
    from copilot_metrics.fetch.usage_metrics import UsageMetricsDownload

_MEMBERS = "user-teams-1-day"
_SLUG = re.compile(rb'"slug"\s*:\s*("(?:[^"\\]|\\.)*")')
_SIMILAR = 0.75
_BACK = dt.timedelta(days=27)  # to the first of the 28 days whose reports name a team
_FEW = "A team with fewer than five licensed members is not in GitHub's reports"


class Checked(NamedTuple):
    """The teams that do not exist, each with the error that says so, and what is uncertain."""

    missing: Mapping[Scope, ApiError] = {}
    warnings: Sequence[FetchWarning] = ()


def check(account: UsageMetricsDownload, wanted: Sequence[Scope]) -> Checked:
    """Return which of the teams that are named do not exist, and which exclusions exclude nothing."""
    named = [scope for scope in wanted if scope.team not in ("", ALL_TEAMS)]
    excluded = [scope for scope in _excluded(account) if scope.team not in ("", ALL_TEAMS)]
    if not named and not excluded:
        return Checked()
    listed = _listed(account.run, account.account)
    doubtful = [scope for scope in (*named, *excluded) if listed is None or not _is_in(scope.team, listed)]
    reported = _reported(account) if doubtful else None
    doubtful = [scope for scope in doubtful if reported is None or not _is_in(scope.team, reported)]
    missing: dict[Scope, ApiError] = {}
    uncertain: list[str] = []
    warnings: list[FetchWarning] = []
    for scope in doubtful:
        near = nearest(scope.team, {*(listed or ()), *(reported or ())})
        if scope in excluded:
            if near:
                text = f"!{scope} excludes no team. Did you mean !{scope.owner_path}/team/{near}?"
                warnings.append(FetchWarning("Exclusion without effect", text))
        elif near or (listed is not None and reported is not None):
            missing[scope] = _not_found(account, scope, near, is_listed=listed is not None)
        elif reported is not None:
            uncertain.append(str(scope))
    if uncertain:
        warnings.append(_warned(account, uncertain))
    return Checked(missing, warnings)


def _excluded(account: UsageMetricsDownload) -> list[Scope]:
    """Return the teams of an organization or enterprise that the input `scope` excludes."""
    return sorted(one for one in account.run.options.scope.excluded if one.owner_path == str(account.account))


def suggestions(run: FetchContext, unknown: Sequence[Scope]) -> dict[Scope, str]:
    """Return a sentence with the team that each misspelled one of an account probably means, as far as one is close."""
    if not unknown:
        return {}
    listed = _listed(run, Scope(unknown[0].kind, unknown[0].owner)) or ()
    near = {scope: nearest(scope.team, listed) for scope in unknown}
    return {scope: f"Did you mean {scope.owner_path}/team/{slug}?" for scope, slug in near.items() if slug}


def nearest(slug: str, known: Collection[str]) -> str:
    """Return the slug that a misspelled one probably means; empty if none is close.

    Slugs that differ in their numbers only, such as `team-1` and `team-2`, are different teams.
    """
    numbers = re.findall(r"\d+", slug)
    similar = [one for one in sorted(known) if re.findall(r"\d+", one) == numbers]
    return next(iter(get_close_matches(slug, similar, 1, _SIMILAR)), "")


def _is_in(slug: str, known: Collection[str]) -> bool:
    """Whether a team is known, maybe as one of several with the same slug, which have their ID after it."""
    return slug in known or re.sub(r"-\d+$", "", slug) in known


def _listed(run: FetchContext, account: Scope) -> frozenset[str] | None:
    """Return the slugs of GitHub's list of teams; `None` if the token cannot read it."""
    try:
        pages = Pages(run.requests, lambda number: teams.page(run.client, account, number))
        return frozenset(scope.team for scope in pages.read())
    except ApiError:
        return None


def _reported(account: UsageMetricsDownload) -> frozenset[str] | None:
    """Return the slugs in the reports of the period's last day and of 27 days before; `None` without the former."""
    last, earlier = (
        account.run.requests.submit(_slugs, account, day)
        for day in (account.period.until, account.period.until - _BACK)
    )
    reported = last.result()
    return None if reported is None else reported | (earlier.result() or frozenset())


def _slugs(account: UsageMetricsDownload, day: dt.date) -> frozenset[str] | None:
    slugs: set[str] = set()
    try:
        report = account.run.reports.get(account.account, _MEMBERS, day)
        if report is None:
            return None
        with tempfile.TemporaryDirectory(prefix="copilot-metrics-") as folder:
            for path in report.save(Path(folder)):
                with path.open("rb") as file:
                    for line in file:
                        slugs.update(json.loads(slug) for slug in _SLUG.findall(line))
                path.unlink()
    except (ApiError, OSError, ValueError):  # the run downloads it again, and says what is wrong with it
        return None
    return frozenset(slug.lower() for slug in slugs)


def _not_found(account: UsageMetricsDownload, scope: Scope, near: str, *, is_listed: bool) -> NotFound:
    owner = account.account
    sources = "GitHub's list of teams and its report" if is_listed else "GitHub's report"
    does = "do" if is_listed else "does"
    hint = (
        f"Did you mean {owner}/team/{near}?"
        if near
        else "It was renamed or deleted, or is misspelled. The slug is the last part of the address of the team's page."
    )
    few = "" if is_listed else f" {_FEW}, and the token cannot list the teams."
    return NotFound(f"{sources} of {account.period.until} {does} not contain this team.", f"{hint}{few}").of(scope)


def _warned(account: UsageMetricsDownload, uncertain: Sequence[str]) -> FetchWarning:
    return FetchWarning(
        "Teams not in GitHub's report",
        f"{', '.join(uncertain)}: either misspelled or too small. {_FEW} (here that of {account.period.until}), and "
        "the token cannot list the teams. Check the slug, which is the last part of the address of the team's page.",
    )
