"""Open the connections of a run from its inputs: to download metrics, and to commit reports."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from copilot_metrics.fetch.options import FetchOptions
from copilot_metrics.fetch.scopes import Fetcher
from copilot_metrics.github.auth import PersonalToken
from copilot_metrics.github.client import Client
from copilot_metrics.github.downloads import Downloads
from copilot_metrics.github.rate_limit import RateLimiter
from copilot_metrics.github.run_context import RunContext, is_github_api, is_workflow_token, web_url
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.store import history
from copilot_metrics.store.earlier_reports import read_latest_report
from copilot_metrics.store.target import CommitTarget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.clock import Clock
    from copilot_metrics.github.auth import TokenSource
    from copilot_metrics.github.rate_limit import WaitBudget
    from copilot_metrics.metrics.model import HistoryDates
    from copilot_metrics.scope import Scope
    from copilot_metrics.store.earlier_reports import Reader

_EXPIRES_SOON = dt.timedelta(days=14)


def commit_target(inputs: Inputs) -> CommitTarget | None:
    """Return the branch to commit reports to; `None` if they are not committed."""
    if not inputs.commit:
        return None
    return CommitTarget(
        api_url=inputs.api_url,
        repository=inputs.commit_repository,
        branch=inputs.commit_branch,
        directory=inputs.commit_directory,
        token=inputs.commit_token,
        pull_request=inputs.pull_request,
        allow_public=inputs.allow_public_repository,
        scopes=inputs.scope.included,
    )


def fetch_options(inputs: Inputs) -> FetchOptions:
    """Return the inputs that decide what to download."""
    return FetchOptions(
        scope=inputs.scope,
        api=inputs.api,
        days=inputs.days,
        since=inputs.since,
        until=inputs.until,
        licenses=inputs.licenses,
        repository_breakdown=inputs.repository_breakdown,
        max_wait_minutes=inputs.max_wait_minutes,
    )


@contextmanager
def open_fetcher(
    inputs: Inputs, readers: Sequence[Reader], runner: Runner, clock: Clock, wait_budget: WaitBudget
) -> Iterator[Fetcher]:
    """Open what downloads metrics; warn if the token expires soon.

    `readers` read the files of earlier runs; the last one takes precedence.
    """
    today = clock.now().date()

    @cache
    def dates_in_history(scope: Scope) -> HistoryDates:
        dates = history.read_dates([read(f"{scope.folder}/history") for read in readers])
        return replace(dates, is_hidden=bool(scope.team) and not dates.days and was_hidden(scope))

    def was_hidden(scope: Scope) -> bool:
        earlier = read_latest_report(readers, scope.folder)
        return earlier is not None and earlier.is_hidden

    tokens = _tokens(inputs, runner, clock, wait_budget)
    context = RunContext(
        server=runner.server or web_url(inputs.api_url),
        repository=runner.repository,
        has_workflow_token=runner.on_github and is_workflow_token(inputs.token.reveal(), inputs.commit_token.reveal()),
        wants_metrics_api=inputs.api == METRICS,
        is_on_github=is_github_api(inputs.api_url),
    )
    with (
        Client(inputs.api_url, tokens, clock, log=runner.log, context=context) as client,
        Downloads(inputs.api_url, inputs.allowed_download_hosts, clock, log=runner.log) as downloads,
        Fetcher(
            client,
            downloads,
            fetch_options(inputs),
            today,
            history_dates=dates_in_history,
            log=runner.log,
            warn=runner.warning,
        ) as fetcher,
    ):
        yield fetcher
        expires = client.token_expires
    if expires and expires - today <= _EXPIRES_SOON:
        runner.warning("Token expires soon", f"The token expires on {expires}. Renew it, and update the secret.")


def _tokens(inputs: Inputs, runner: Runner, clock: Clock, wait_budget: WaitBudget) -> TokenSource:
    if not inputs.app_id:
        return PersonalToken(inputs.token, RateLimiter(clock, wait_budget))
    from copilot_metrics.github.github_app import (  # noqa: PLC0415 - PyGithub takes 0.1 s to import
        AppCredentials,
        AppTokens,
    )

    credentials = AppCredentials(inputs.app_id, inputs.app_private_key, app_permissions(inputs))
    return AppTokens(inputs.api_url, credentials, clock, wait_budget, mask=runner.mask, log=runner.log)


def app_permissions(inputs: Inputs) -> dict[str, list[str]]:
    """Return patterns of the permissions that a run needs, by kind of owner."""
    reads_reports = inputs.api != METRICS
    reads_licenses = inputs.licenses != "none" or inputs.api != USAGE_METRICS
    lists_teams = any(scope.team for scope in inputs.scope.included)
    needed = {
        "orgs": [
            (reads_reports, "organization_copilot_metrics"),
            (reads_licenses, "organization_copilot_seat_management"),
            (lists_teams, "members"),
        ],
        "enterprises": [
            (reads_reports, "enterprise_copilot_metrics"),
            (reads_licenses, "enterprise_copilot_(license|seat).*"),
        ],
    }
    return {kind: [pattern for is_needed, pattern in pairs if is_needed] for kind, pairs in needed.items()}
