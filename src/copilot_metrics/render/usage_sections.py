"""The main tables of a report on the Copilot usage metrics API: people, use, and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import breakdown_tables, compare, key_metrics
from copilot_metrics.metrics.aggregate import fold_rows
from copilot_metrics.metrics.vocabulary import Dimension
from copilot_metrics.render import wording
from copilot_metrics.render.formatting import (
    Markdown,
    bold,
    change,
    count,
    counted,
    days,
    duration,
    last_days,
    named,
    percent,
    table,
)
from copilot_metrics.render.metrics_api_sections import rate_of, sums

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.key_metrics import ActivePeople
    from copilot_metrics.metrics.model import PeriodMetrics, Report, Row

_REQUESTS = "user_initiated_interaction_count"
_MOST_MODES = 4
_AGENT_MODE = "chat_panel_agent_mode"
_COMPARED_SUMS = (
    ("chat", "chats"),
    ("totals_by_cli", "session_count"),
    ("totals_by_copilot_app", "session_count"),
    ("pull_requests", "total_reviewed_by_copilot"),
    ("pull_requests", "total_created_by_copilot"),
)
_PULL_REQUEST_RATES = {
    "opened_by_copilot": "Opened by Copilot",
    "reviewed_by_copilot": "Reviewed by Copilot",
    "merged_opened_by_copilot": "Merged, opened by Copilot",
    "merged_reviewed_by_copilot": "Merged, reviewed by Copilot",
    "suggestions_applied": "Copilot's review suggestions applied",
}
_MERGE_TIMES = {
    "median_minutes_to_merge": "all",
    "median_minutes_to_merge_copilot_authored": "opened by Copilot",
    "median_minutes_to_merge_copilot_reviewed": "reviewed by Copilot",
}


def people(report: Report) -> Markdown:
    """Return the table of the people who use Copilot."""
    previous = [wording.before(report), "change"] if report.previous else []
    rows = [
        *_active_row(report, "Weekly active users", 7, key_metrics.active_in_week, compare.week_change),
        *_active_row(report, "Total active users", 28, key_metrics.active_in_month, compare.month_change),
        _daily_row(report),
    ]
    if report.current.users["licensed"].latest is not None and report.previous:
        licensed, before = (
            count(key_metrics.licensed_people(report)),
            count(key_metrics.latest_count(report.previous, "licensed")),
        )
        rows.append(
            ["Licensed", bold(licensed), "people", before, change(compare.latest_count_change(report, "licensed"))]
        )
    return table("lrlrr" if report.previous else "lrl", ["Who uses it", "now", "", *previous], rows)


def _active_row(
    report: Report,
    label: str,
    number: int,
    active_people: Callable[[PeriodMetrics], ActivePeople | None],
    people_change: Callable[[Report], Change],
) -> list[list[str]]:
    """Return the row of the people who were active in so many days; no row if they are not reported."""
    now, licensed = active_people(report.current), key_metrics.licensed_people(report)
    if not now:
        return []
    mark = wording.footnote_mark(report, f"users.{now.name}")
    cells = [f"{label}: in the {last_days(number, now.on, report.current.period)}{mark}"]
    if licensed and now.licensed <= licensed:
        cells.append(bold(percent(key_metrics.share(now.licensed, licensed))))
    else:
        cells.append(bold(count(now.people)))
    if licensed:
        left = f", and {count(now.left)} who left" if now.left > 0 else ""
        cells.append(f"{count(now.licensed)} of {count(licensed)} licensed{left}")
    else:
        cells.append("person" if now.people == 1 else "people")
    if report.previous:
        before = active_people(report.previous)
        cells += [count(before.licensed if before else None), change(people_change(report))]
    return [cells]


def _daily_row(report: Report) -> list[str]:
    weekdays = days(report.current.users["active"].weekdays)
    cells = [
        f"Daily active users: on a typical weekday{wording.footnote_mark(report, 'users.active')}",
        bold(count(key_metrics.typical_people(report.current, "active"))),
        f"median of {weekdays}, Mon–Fri" if report.current.reported > 1 else "on that day",
    ]
    if report.previous:
        before = count(key_metrics.typical_people(report.previous, "active"))
        cells += [before, change(compare.typical_people_change(report, "active"))]
    return cells


def use(report: Report) -> Markdown:
    """Return the table of what Copilot is used for, and why its sums are compared per weekday if they are."""
    base = key_metrics.active_in_month(report.current)
    columns = [
        ("l", "What for"),
        ("r", "people"),
        ("r", f"of {count(base.people)} active" if base else ""),
        *([("r", "change")] if report.previous else []),
        ("l", f"in {days(report.current.period.length)}"),
        *([("r", "change")] if report.previous else []),
    ]
    rows = [
        _use_row(
            report,
            "Code completions",
            "completions.suggestions",
            people=_feature_people(report, "code_completion", "completions"),
            amount=_with_rate(report, "acceptance_rate", "accepted"),
        ),
        _use_row(
            report,
            "Chat, all modes",
            "chat.chats",
            people=_monthly_people(report, "monthly_active_chat_users", "chat"),
            amount=_with_change(report, _chat_requests(report), "chat", "chats"),
        ),
        *_chat_mode_rows(report),
        _use_row(
            report,
            "Agent edits",
            "code_changes.loc_changed",
            people=_feature_people(report, "agent_edit", ""),
            amount=_with_rate(report, "agent_contribution", "lines changed"),
        ),
        *_cli_row(report),
        *_app_row(report),
        *_pull_request_rows(report),
    ]
    headers = [header for _, header in columns]
    page = table("".join(alignment for alignment, _ in columns), headers, rows)
    return Markdown(f"{page}\n\n{wording.uneven_days(report, _COMPARED_SUMS)}")


def _use_row(report: Report, label: str, marked: str, people: list[str], amount: list[str]) -> list[str]:
    mark = wording.footnote_mark(report, marked) if marked else ""
    return [f"{label}{mark}", *people, *amount]


def _chat_requests(report: Report) -> str:
    requests = counted(report.current.totals["chat"]["chats"], "request")
    per_person = key_metrics.requests_per_person_day(report.current)
    return requests if per_person is None else f"{requests}, {count(per_person)} per active user and day"


def _chat_mode_rows(report: Report) -> list[list[str]]:
    modes, others, number = fold_rows(breakdown_tables.chat_modes(report), _MOST_MODES, Dimension("", (_REQUESTS,)))
    rows = [_chat_mode_row(report, row) for row in modes]
    if others:
        rows.append([f"… {number} other modes", *_nobody(report), *_mode_requests(report, others)])
    return rows


def _chat_mode_row(report: Report, row: Row) -> list[str]:
    label = Markdown(f"… {named(row.name, 'feature')}{wording.footnote_mark(report, f'features.{row.name}')}")
    users = _nobody(report)
    if row.name == _AGENT_MODE:
        users = _monthly_people(report, "monthly_active_agent_users", "daily_active_agent_users")
    return [label, *users, *_mode_requests(report, row)]


def _mode_requests(report: Report, row: Row) -> list[str]:
    return [f"{count(row.values[_REQUESTS])} of these requests", *([""] if report.previous else [])]


def _nobody(report: Report) -> list[str]:
    """Return the cells of people for a row whose people are not reported."""
    return ["", "", *([""] if report.previous else [])]


def _cli_row(report: Report) -> list[list[str]]:
    totals = report.current.totals["totals_by_cli"]
    if totals["session_count"] is None:
        return []
    amount = f"{counted(totals['session_count'], 'session')}, {counted(totals['prompt_count'], 'prompt')}"
    return [
        _use_row(
            report,
            "Copilot CLI",
            "totals_by_cli.session_count",
            people=_feature_people(report, "copilot_cli", "daily_active_cli_users"),
            amount=_with_change(report, amount, "totals_by_cli", "session_count"),
        )
    ]


def _app_row(report: Report) -> list[list[str]]:
    sessions = report.current.totals["totals_by_copilot_app"]["session_count"]
    if sessions is None:
        return []
    return [
        _use_row(
            report,
            "Copilot app",
            "totals_by_copilot_app.session_count",
            people=_feature_people(report, "github_app", "daily_active_copilot_app_users"),
            amount=_with_change(report, counted(sessions, "session"), "totals_by_copilot_app", "session_count"),
        )
    ]


def _pull_request_rows(report: Report) -> list[list[str]]:
    totals = report.current.totals["pull_requests"]
    reviewed, opened = totals["total_reviewed_by_copilot"], totals["total_created_by_copilot"]
    reviews = "" if reviewed is None else f"{counted(reviewed, 'review')} of pull requests, with automatic ones"
    pull_requests = "" if opened is None else f"{counted(opened, 'pull request')} opened"
    return [
        [
            "Code review, requested",
            *_daily_or_monthly(report, "active_copilot_code_review_users"),
            *_with_change(report, reviews, "pull_requests", "total_reviewed_by_copilot"),
        ],
        [
            "… automatic only",
            *_daily_or_monthly(report, "passive_copilot_code_review_users"),
            "",
            *([""] if report.previous else []),
        ],
        [
            "Cloud agent",
            *_daily_or_monthly(report, "active_copilot_cloud_agent_users"),
            *_with_change(report, pull_requests, "pull_requests", "total_created_by_copilot"),
        ],
    ]


def _daily_or_monthly(report: Report, name: str) -> list[str]:
    return _monthly_people(report, f"monthly_{name}", f"daily_{name}")


def _feature_people(report: Report, feature: str, daily: str) -> list[str]:
    """Return the cells of a feature's people, from GitHub's feature engagement."""
    number = report.engagement.totals_by_feature.get(feature) if report.engagement else None
    return [*_people_and_share(report, number), *_people_change(report, "", daily)]


def _monthly_people(report: Report, monthly: str, daily: str) -> list[str]:
    """Return the cells of the people of 28 days, as of the last day."""
    number = key_metrics.latest_count(report.current, monthly)
    return [*_people_and_share(report, number), *_people_change(report, monthly, daily)]


def _people_and_share(report: Report, number: int | None) -> list[str]:
    base = key_metrics.active_in_month(report.current)
    return [count(number), "" if number is None or not base else percent(key_metrics.share(number, base.people))]


def _people_change(report: Report, monthly: str, daily: str) -> list[str]:
    if not report.previous:
        return []
    people_change = compare.feature_change(report, monthly, daily)
    return [change(people_change) if people_change else ""]


def _with_change(report: Report, amount: str, group: str, counter: str) -> list[str]:
    """Return the cells of an amount and its change."""
    return [amount, *([change(compare.total_change(report, group, counter))] if report.previous else [])]


def _with_rate(report: Report, name: str, text: str) -> list[str]:
    """Return the cells of two sums, their rate if there is enough for one, and its change."""
    rate = key_metrics.rate(report.current, name)
    share = "" if rate is None else f": {bold(percent(rate))}"
    amount = Markdown(f"{sums(report.current, name)} {text}{share}")
    return [amount, *([change(compare.rate_change(report, name))] if report.previous else [])]


def pull_requests(report: Report) -> Markdown:
    """Return the table of pull requests and the times to merge; empty if GitHub does not report pull requests."""
    if report.current.totals["pull_requests"]["total_created"] is None:
        return Markdown("")
    previous = [wording.before(report), "change"] if report.previous else []
    rows = [_pull_request_rate(report, name, label) for name, label in _PULL_REQUEST_RATES.items()]
    headers = ["Pull requests", "now", "", *previous]
    page = table("l" + "r" * (len(headers) - 1), headers, rows)
    return Markdown(f"{page}\n\n{_merge_times(report)}")


def _pull_request_rate(report: Report, name: str, label: str) -> list[str]:
    cells = [label, bold(rate_of(report.current, name)), _unbroken(sums(report.current, name))]
    if report.previous:
        before = f"{rate_of(report.previous, name)} ({_unbroken(sums(report.previous, name))})"
        cells += [before, change(compare.rate_change(report, name))]
    return cells


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _merge_times(report: Report) -> str:
    times: list[str] = []
    for name, spread in breakdown_tables.minutes_to_merge(report).items():
        limits = f" ({duration(spread.low)} to {duration(spread.high)})" if spread.low != spread.high else ""
        times.append(f"{_MERGE_TIMES[name]} {duration(spread.middle)}{limits}")
    if not times:
        return ""
    kind = "the median of the daily medians (lowest to highest)" if report.current.reported > 1 else "median of the day"
    return f"Time from opening to merge, {kind}: {'; '.join(times)}."
