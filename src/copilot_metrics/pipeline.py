"""The street itself, top to bottom: inputs → fetch → normalise → history → report → render → publish → summary.

The outside world comes in as arguments; only `main` builds the real one.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from copilot_metrics.errors import MissingShard, NoData
from copilot_metrics.fetch import Fetching
from copilot_metrics.github.budget import Budget
from copilot_metrics.github.caller import Caller
from copilot_metrics.github.client import Client
from copilot_metrics.github.downloads import Downloads
from copilot_metrics.github.rate_limit import Patience
from copilot_metrics.github.tokens import OneToken
from copilot_metrics.github.usage_metrics import TEAMS_SINCE
from copilot_metrics.scope import ANY_TEAM, Selection
from copilot_metrics.store import history
from copilot_metrics.store.keeping import Keeping
from copilot_metrics.store.workspace import Workspace, in_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_metrics.action.failures import Failures
    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.action.workflow_commands import Runner
    from copilot_metrics.assemble import Known, Reader
    from copilot_metrics.clock import Clock
    from copilot_metrics.fetch import Fetched
    from copilot_metrics.github.tokens import Tokens
    from copilot_metrics.scope import Scope
    from copilot_metrics.sharding.merge import Parts
    from copilot_metrics.store.history import Dates
    from copilot_metrics.store.keeping import Kept
    from copilot_metrics.store.repository import Facts

_EXPIRES_SOON = dt.timedelta(days=14)


def run(given: Inputs, environ: Mapping[str, str], runner: Runner, clock: Clock, failures: Failures) -> int:
    """Download metrics, and write, commit, and summarize the reports; return the exit status."""
    workspace = Workspace.at(given.output_directory, environ)
    if given.plan_shards:
        return _plan(given, workspace, runner, clock, failures)
    parts = _parts(given, environ, workspace)
    combined = parts.fetched() if parts else []
    missing = parts.missing if parts else []
    failures.add(*missing)
    failures.warn_of_scopes = given.if_scope_fails == "warn"
    for text in parts.warnings if parts else ():
        runner.warning("Results of two jobs", text)
    if combined:  # what is kept of these is wanted
        given = replace(given, scope=Selection(tuple(one.scope for one in combined), given.scope.left_out))
    patience = Patience(clock, given.max_wait_minutes, runner.log)
    with Keeping(given, workspace, clock, patience, runner.log) as keeping:
        if keeping.problem:
            failures.add(keeping.problem)
        hides = _hides_metrics(given, environ, keeping.facts, runner, clock, patience)
        fetched = combined if parts else _fetch(given, keeping.readers, runner, clock, patience)
        before = parts.readers if parts else []
        failures.add(*(one.error for one in fetched if one.error))
        _tell_fetched(fetched, runner)

        from copilot_metrics import assemble  # noqa: PLC0415 - imported meanwhile
        from copilot_metrics.render import markdown  # noqa: PLC0415

        with runner.group("Writing"):
            kept = keeping.keep(
                lambda places, stage: assemble.everything(fetched, given, [*before, *places], stage),
                lambda made, published: markdown.pull_request(made.reports, assemble.failures(made.scopes), published),
            )
        for scope in dict.fromkeys(one.scope for one in fetched if one.error or kept.problem):
            if last := keeping.last_report(scope):
                failures.last[str(scope)] = last
    _tell_made(kept.made.scopes, runner)
    if kept.problem and kept.problem is not keeping.problem:
        failures.add(kept.problem)
    if kept.made.failed:
        runner.outputs({"status": "failed"})
        return 1
    if not kept.made.scopes:
        return _no_data("No scope has any data: there is no team.", given, runner, failures)
    return _publish(given, kept, workspace, runner, failures, hides_metrics=hides, is_incomplete=bool(missing))


def _hides_metrics(
    given: Inputs,
    environ: Mapping[str, str],
    facts: Facts | None,
    runner: Runner,
    clock: Clock,
    patience: Patience,
) -> bool:
    """Return whether log and job summary must not contain metrics, because everyone can read them."""
    if given.allow_public_repository:
        return False
    from copilot_metrics.store.visibility import is_public  # noqa: PLC0415 - few runs need it

    if not is_public(given, environ, facts, clock, patience, runner.log):
        return False
    runner.warning(
        "Public repository",
        f"{environ['GITHUB_REPOSITORY']} is public, and everyone can read its job summaries and logs. Those of this "
        "run contain no metrics. Run the workflow in a private repository, or set "
        "`allow-public-repository: true` if all may see the metrics.",
    )
    return True


def _plan(given: Inputs, workspace: Workspace, runner: Runner, clock: Clock, failures: Failures) -> int:
    """Divide the scopes among several jobs; nothing is fetched but what tells which there are."""
    from copilot_metrics.action.outputs import plan_outputs  # noqa: PLC0415
    from copilot_metrics.sharding.split import Plan  # noqa: PLC0415 - few runs are a plan

    patience = Patience(clock, given.max_wait_minutes, runner.log)
    with open_fetching(given, [workspace.read], runner, clock, patience) as fetching:
        opened = fetching.open(given.scope.wanted)
        plan = Plan.of(opened, given.scope.wanted, given.plan_shards or 1, fetching.failed)
    problems = [one.error for one in plan.scopes if one.error]
    failures.add(*problems)
    if len(problems) == len(plan.scopes):
        return int(bool(problems)) or _no_data("No scope has any data: there is no team.", given, runner, failures)
    file = plan.file()
    workspace.write([file])
    for shard in range(1, plan.shards + 1):
        accounts = dict.fromkeys(one.scope.account for one in plan.of_shard(shard))
        runner.log(f"Shard {shard}: {len(plan.of_shard(shard)):,} scopes of {', '.join(accounts)}")
    runner.outputs(plan_outputs(plan, workspace.relative(), workspace.relative(file.path)))
    return 0


def _parts(given: Inputs, environ: Mapping[str, str], workspace: Workspace) -> Parts | None:
    if not given.merge_from:
        return None
    from copilot_metrics.sharding.merge import Parts  # noqa: PLC0415 - few runs combine

    return Parts.below(in_workspace(given.merge_from, environ), workspace.root)


def _publish(
    given: Inputs,
    kept: Kept,
    workspace: Workspace,
    runner: Runner,
    failures: Failures,
    *,
    hides_metrics: bool,
    is_incomplete: bool,
) -> int:
    """Outputs and the job summary; the summary comes last, because it links to what was published."""
    from copilot_metrics import assemble  # noqa: PLC0415 - imported meanwhile
    from copilot_metrics.action.outputs import report_outputs  # noqa: PLC0415
    from copilot_metrics.metrics.aggregate import headline_report  # noqa: PLC0415
    from copilot_metrics.render import markdown, pictures, wording  # noqa: PLC0415

    scopes, reports = kept.made.scopes, kept.made.reports
    first = headline_report(reports)
    headline = wording.headline(first)
    if not hides_metrics:
        runner.log(headline)
    hidden = dict.fromkeys(("directory", "json", "report"), "") if hides_metrics else {}
    is_partial = any(one.fetched.error for one in scopes) or bool(kept.problem) or is_incomplete
    has_data = any(report.current.reported or report.is_hidden for report in reports)
    outcome = "no-data" if not has_data else "partial" if is_partial else "ok"
    runner.outputs(report_outputs(outcome, kept, first, headline, workspace) | hidden)
    scope_failed = is_incomplete or any(one.fetched.error for one in scopes)
    status = int(bool(kept.problem) or (scope_failed and given.if_scope_fails == "error"))
    if not any(report.current.reported or report.is_hidden for report in reports):
        period = first.current.period
        text = f"No scope has any data from {period.since} to {period.until}."
        status = max(status, _no_data(text, given, runner, failures))
    failures.reported = sum(not one.fetched.error for one in scopes)
    failures.directory = workspace.relative()
    failures.follows = given.job_summary and not hides_metrics
    if room := runner.summary_room:
        page = failures.section(room)
        if given.job_summary:
            place = pictures.Place(workspace.relative(), kept.published, kept.made.charts if kept.published else {})
            report = (
                markdown.public_summary(workspace.relative())
                if hides_metrics
                else markdown.summary(reports, assemble.failures(scopes), first, place, room - len(page.encode()))
            )
            page += report
            if not report:
                runner.warning(
                    "Job summary", "There is no room left in the job summary of this step; nothing is added to it."
                )
        runner.summary(page)
    return status


def _no_data(text: str, given: Inputs, runner: Runner, failures: Failures) -> int:
    """Say that no scope has any data, as `if-no-data` says; the exit status."""
    error = NoData(
        text,
        "Check the scopes and the period, or set if-no-data to what should happen.",
        why="GitHub has days only if five or more people had a license, and only people whose editors send telemetry.",
    )
    if given.if_no_data == "error":
        failures.add(error)
        return 1
    if given.if_no_data == "warn":
        runner.warning(error.title, str(error))
    return 0


def _fetch(given: Inputs, places: Sequence[Reader], runner: Runner, clock: Clock, patience: Patience) -> list[Fetched]:
    with open_fetching(given, places, runner, clock, patience) as fetching:
        count = len(given.scope.wanted)
        runner.log(f"Fetching Copilot metrics of {count} {'scope' if count == 1 else 'scopes'}")
        return fetching.scopes(given.scope.wanted)


@contextmanager
def open_fetching(
    given: Inputs, places: Sequence[Reader], runner: Runner, clock: Clock, patience: Patience
) -> Iterator[Fetching]:
    """What fetches, with its connections and tokens."""
    today = clock.now().date()

    @cache
    def known(scope: Scope) -> Dates:
        dates = history.dates([read(f"{scope.folder}/history") for read in places])
        return dates._replace(is_hidden=bool(scope.team) and not dates.days and was_hidden(scope))

    def was_hidden(scope: Scope) -> bool:
        from copilot_metrics.render import metrics_json  # noqa: PLC0415 - imported meanwhile

        pages = [read(scope.folder).get("metrics.json", b"") for read in reversed(places)]
        earlier = next((told for page in pages if (told := metrics_json.told(page))), None)
        return earlier is not None and earlier[2]

    with (
        Client(
            given.api_url, _tokens(given, runner, clock, patience), clock, log=runner.log, caller=_caller(given, runner)
        ) as client,
        Downloads(given.api_url, given.allowed_download_hosts, clock, log=runner.log) as downloads,
        Fetching(client, downloads, given, today, known=known, log=runner.log, warn=runner.warning) as fetching,
    ):
        yield fetching
        expires = client.token_expires
    if expires and expires - today <= _EXPIRES_SOON:
        runner.warning("Token expires soon", f"The token expires on {expires}. Renew it, and update the secret.")


def _caller(given: Inputs, runner: Runner) -> Caller:
    return Caller.of(given, runner.server, runner.repository, in_job=runner.on_github)


def _tokens(given: Inputs, runner: Runner, clock: Clock, patience: Patience) -> Tokens:
    if not given.app_id:
        return OneToken(given.token, Budget(clock, patience))
    from copilot_metrics.github.apps import Installations  # noqa: PLC0415 - brings PyGithub along

    return Installations(given, clock, patience, mask=runner.mask, log=runner.log)


def _tell_fetched(fetched: Sequence[Fetched], runner: Runner) -> None:
    """Say what went otherwise than asked for, and which teams are not there."""
    from copilot_metrics.render import formatting  # noqa: PLC0415 - imported meanwhile

    for one in fetched:
        for title, text in one.warnings:
            runner.warning(title, text)
    for one in fetched:
        if one.is_absent and one.scope.team == ANY_TEAM:
            runner.notice("No teams", f"{one.scope}: there is no team, or none that GitHub reports.")
    absent = [str(one.scope) for one in fetched if one.is_absent and one.scope.team != ANY_TEAM]
    if absent:
        runner.notice(
            "Teams that GitHub does not report",
            f"{formatting.listed(absent)}: fewer than five licensed members, renamed, or not there.",
        )


def _tell_made(scopes: Sequence[Known], runner: Runner) -> None:
    """Say what is known of each scope, and what is damaged or missing."""
    from copilot_metrics.render import formatting  # noqa: PLC0415 - imported meanwhile

    for one in scopes:
        if one.history.damages:
            lines = ", ".join(f"{damage.file} line {damage.line}" for damage in one.history.damages)
            runner.warning(
                "Damaged history",
                f"{one.fetched.scope}: {lines} could not be read and moved to history/damaged.ndjson; the run goes on.",
            )
        if one.report:
            current = one.report.current
            is_cut_short = isinstance(one.fetched.error, MissingShard) and bool(one.fetched.dates)
            kept = ", incomplete" if is_cut_short else ", kept from an earlier run" if one.fetched.error else ""
            known = f"{current.reported} of {formatting.days(current.period.length)}{kept}"
            runner.log(f"{one.fetched.scope}: {'withheld' if one.report.is_hidden else known}")
    out_of_reach = {
        date
        for one in scopes
        if one.report and one.fetched.served and not one.report.is_hidden
        for date in one.report.current.missing
        if date < one.fetched.served
    }
    if out_of_reach:
        runner.notice(
            "Days out of reach",
            f"Days from {min(out_of_reach)} to {max(out_of_reach)} are missing: they are older than what the API "
            "serves (the Copilot metrics API the latest 28 days, some servers more; the Copilot usage metrics API a "
            f"year, from its first day; reports of teams exist since {TEAMS_SINCE}), and history has none of them. It "
            "keeps what each run fetches, if the next run finds the output directory again, or commits it.",
        )
