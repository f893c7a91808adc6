"""The charts of a scope. To add one, copy a function, and add it to `CHARTS`.

A function returns a title, which states the finding in at most 60 characters, and a figure; None without enough data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import breakdown_tables, compare, counting_changes, key_metrics, trend
from copilot_metrics.metrics.aggregate import entries_total, fold_rows
from copilot_metrics.metrics.display_names import display_name
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.metrics.vocabulary import DIMENSIONS, RATIOS, Dimension
from copilot_metrics.render import formatting
from copilot_metrics.render.charts import plotting, style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from copilot_metrics.metrics.counting_changes import CountingChange
    from copilot_metrics.metrics.model import PeriodMetrics, Report, Row
    from copilot_metrics.metrics.trend import Week

    ChartFunction = Callable[[Report], tuple[str, Figure] | None]

_FEATURES = (
    ("Chat", "monthly_active_chat_users"),
    ("Agent mode", "monthly_active_agent_users"),
    ("Code review, requested", "monthly_active_copilot_code_review_users"),
    ("Code review, automatic", "monthly_passive_copilot_code_review_users"),
    ("Cloud agent", "monthly_active_copilot_cloud_agent_users"),
)
_AGENTS = (
    ("Agent mode", "monthly_active_agent_users", "in 28 days"),
    ("Cloud agent", "monthly_active_copilot_cloud_agent_users", "in 28 days"),
    ("Copilot CLI", "daily_active_cli_users", "a weekday"),
)
_MAX_PANELS = 5
_REQUESTS = "user_initiated_interaction_count"
_LANGUAGES = next(dimension for dimension in DIMENSIONS if dimension.name == "languages")


def adoption(report: Report) -> tuple[str, Figure] | None:
    """Draw the people who use Copilot in a week (on the older API: engaged people) and on a typical weekday."""
    daily = trend.typical_weekdays(report, trend.users("active"))
    if not trend.has_trend(daily):
        return None
    name = "active_7d" if report.scope.team else "weekly_active_users"
    weekly, label = trend.latest_values(report, trend.users(name)), "in a week"
    if report.api == METRICS:
        name, label = "engaged", "engaged"
        weekly = trend.typical_weekdays(report, trend.users(name))
    first = daily[0]
    last = plotting.short_number(trend.last_value(daily) or 0)
    title = (
        f"Last full week: {last} people a weekday, {plotting.short_number(first.value or 0)} in {first.monday:%b %Y}"
    )
    weeks = _all_weeks(weekly, daily)
    figure = plotting.new_figure(title, _subtitle("People who used Copilot, by week", weeks))
    axes = plotting.add_axes(figure)
    plotting.plot_weeks(axes, weekly, style.PEOPLE)
    plotting.plot_weeks(axes, daily, style.PEOPLE_ON_WEEKDAYS)
    plotting.set_week_axes(axes, weeks)
    lines = [
        (weekly, f"{_last(weekly)} {label}", style.PEOPLE),
        (daily, f"{_last(daily)} on a weekday", style.PEOPLE_ON_WEEKDAYS),
    ]
    plotting.label_ends(axes, lines)
    plotting.mark_changes(axes, counting_changes.changes_of_trend(report, "users.active", f"users.{name}"))
    return title, figure


def features(report: Report) -> tuple[str, Figure] | None:
    """Draw the people who used each feature in 28 days, now and before, as shares of the active people."""
    rows = [
        (label, share, _previous_share(report, name))
        for label, name in _FEATURES
        if (share := _share_of_active(report.current, name)) is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: -row[1])
    title = f"{rows[0][0]} is used by {formatting.percent(rows[0][1])} of active people"
    period = formatting.period(report.current.period)
    subtitle = f"Share of people active in 28 days: {period} (filled) and the previous period (open)"
    figure = plotting.new_figure(title, subtitle, height=max(480, 260 + 64 * len(rows)))
    axes = plotting.add_axes(figure, left=420, right=170, top=160)
    plotting.set_row_axes(axes, [label for label, *_ in rows], room=380)
    plotting.set_share_axis(axes)
    for number, (_, share, previous) in enumerate(rows):
        if previous is not None:
            axes.plot([previous, share], [number, number], color=style.PEOPLE.light, zorder=2)
            plotting.plot_point(axes, previous, number, style.PEOPLE, is_open=True)
        plotting.plot_point(axes, share, number, style.PEOPLE)
    plotting.write_column(axes, "now", [formatting.percent(share) for _, share, _ in rows], right=140)
    return title, figure


def pull_requests(report: Report) -> tuple[str, Figure] | None:
    """Draw the shares of pull requests that Copilot reviewed and opened."""
    reviewed = trend.ratios(report, RATIOS["reviewed_by_copilot"], least=10)
    opened = trend.ratios(report, RATIOS["opened_by_copilot"], least=10)
    if not (trend.has_trend(reviewed) or trend.has_trend(opened)):
        return None
    title = f"Copilot reviews {_last_share(reviewed)} of pull requests, and opens {_last_share(opened)}"
    longest = _all_weeks(reviewed, opened)
    figure = plotting.new_figure(title, _subtitle("Share of pull requests, by week", longest))
    axes = plotting.add_axes(figure)
    lines = [
        (reviewed, f"{_last_share(reviewed)} reviewed", style.PULL_REQUESTS),
        (opened, f"{_last_share(opened)} opened", style.PULL_REQUESTS_OPENED),
    ]
    for weeks, _, color in lines:
        plotting.plot_weeks(axes, weeks, color)
    plotting.set_week_axes(axes, longest, is_share=True)
    plotting.label_ends(axes, lines)
    plotting.mark_changes(axes, counting_changes.changes_of_trend(report, "pull_requests.total_created"))
    return title, figure


def agents(report: Report) -> tuple[str, Figure] | None:
    """Draw the people who use agents: a panel for each kind of agent, on one scale."""
    panels = []
    for label, name, unit in _AGENTS:
        weekly = trend.typical_weekdays if name.startswith("daily") else trend.latest_values
        weeks = weekly(report, trend.users(name))
        if trend.has_trend(weeks):
            panels.append((f"{label}, {unit}", weeks))
    if not panels:
        return None
    label, weeks = panels[0]
    title = (
        f"{_people(trend.last_value(weeks))} used {label.split(',')[0].lower().replace('copilot cli', 'Copilot CLI')}"
    )
    figure = plotting.new_figure(
        title, _subtitle("People, by week", _all_weeks(*(weeks for _, weeks in panels))), height=640
    )
    plotting.add_panels(figure, panels, style.AGENTS, _agent_changes(report))
    return title, figure


def languages(report: Report) -> tuple[str, Figure] | None:
    """Draw the languages with the most accepted suggestions, and their acceptance rates."""
    if report.api == METRICS:
        rows: Sequence[Row] = report.breakdowns["languages"]
        accepted, suggested = "acceptances", "suggestions"
        dimension = _LANGUAGES
    else:
        rows = breakdown_tables.languages(report)
        accepted, suggested = "code_acceptance_activity_count", "code_generation_activity_count"
        dimension = Dimension("", (accepted, suggested))
    rows = sorted((row for row in rows if row.values[accepted]), key=lambda row: -(row.values[accepted] or 0))
    if not rows:
        return None
    shown, others, number = fold_rows(rows, 8, dimension)
    names = [_name(row, "language") for row in shown] + ([f"{number} others"] if others else [])
    entries = [*shown, *([others] if others else [])]
    values = [entry.values[accepted] or 0 for entry in entries]
    title = f"{names[0]} has {formatting.percent(values[0] / sum(values))} of the accepted suggestions"
    subtitle = f"Accepted suggestions, {formatting.period(report.current.period)}"
    figure = plotting.new_figure(title, subtitle, height=max(480, 220 + 64 * len(names)))
    axes = plotting.add_axes(figure, left=320, right=400, top=160, bottom=40)
    plotting.set_row_axes(axes, names, room=280)
    axes.barh(range(len(values)), values, height=0.66, color=style.PEOPLE.light)
    axes.set_xlim(0, max(values))
    axes.set_xticks([])
    rates = [key_metrics.share(entry.values[accepted], entry.values[suggested]) for entry in entries]
    plotting.write_column(axes, "accepted", [formatting.count(value) for value in values], right=170)
    plotting.write_column(axes, "acceptance rate", [formatting.percent(rate) for rate in rates], right=380)
    return title, figure


def models(report: Report) -> tuple[str, Figure] | None:
    """Draw the requests to the most used models on a typical weekday: a panel for each model, on one scale."""
    if report.api == METRICS:
        return None
    rows = [row for row in breakdown_tables.models(report) if row.values[_REQUESTS] and not row.is_bucket]
    rows.sort(key=lambda row: -(row.values[_REQUESTS] or 0))
    panels = []
    for row in rows[:_MAX_PANELS]:
        weeks = trend.typical_weekdays(
            report,
            lambda day, name=row.name: entries_total(day, "model_features", (name,), (_REQUESTS,)),  # type: ignore[misc]
        )
        if trend.has_trend(weeks):
            panels.append((_name(row, "model"), weeks))
    if not panels:
        return None
    total = sum(row.values[_REQUESTS] or 0 for row in breakdown_tables.models(report))
    share = formatting.percent((rows[0].values[_REQUESTS] or 0) / total)
    title = f"{_name(rows[0], 'model')} gets {share} of requests"
    figure = plotting.new_figure(
        title,
        _subtitle("Requests on a typical weekday, by week", _all_weeks(*(weeks for _, weeks in panels))),
        height=640,
    )
    plotting.add_panels(figure, panels, style.PEOPLE, counting_changes.changes_of_trend(report, "models.*"))
    return title, figure


CHARTS: dict[str, tuple[ChartFunction, ...]] = {
    USAGE_METRICS: (adoption, features, pull_requests, agents, languages, models),
    METRICS: (adoption, languages),
}
"""The charts of each API, in their order."""


def _share_of_active(metrics: PeriodMetrics, name: str) -> float | None:
    """Return a count of people of 28 days as a share of the active people of 28 days."""
    active = key_metrics.active_in_month(metrics)
    return key_metrics.share(key_metrics.latest_count(metrics, name), active.people) if active else None


def _previous_share(report: Report, name: str) -> float | None:
    """Return the share of the previous period; None if a counting change prevents the comparison."""
    if report.previous is None or not compare.latest_count_change(report, name).is_compared:
        return None
    return _share_of_active(report.previous, name)


def _agent_changes(report: Report) -> tuple[CountingChange, ...]:
    return counting_changes.changes_of_trend(report, "users.monthly_active_agent_users", "users.daily_active_cli_users")


def _subtitle(unit: str, weeks: Sequence[Week]) -> str:
    first, last = weeks[0].monday, weeks[-1].monday
    return f"{unit}, {first:%B} {first.year} – {last:%B} {last.year}"


def _people(count: float | None) -> str:
    return formatting.counted(None if count is None else round(count), "person")


def _number(value: float | None) -> str:
    return formatting.count(None if value is None else round(value))


def _last(weeks: Sequence[Week]) -> str:
    return _number(trend.last_value(weeks))


def _last_share(weeks: Sequence[Week]) -> str:
    return formatting.percent(trend.last_value(weeks))


def _all_weeks(*lines: Sequence[Week]) -> list[Week]:
    """Return the weeks that any of some lines covers."""
    return sorted({week.monday: week for weeks in lines for week in weeks}.values())


def _name(row: Row, kind: str) -> str:
    return plotting.readable((display_name(row.name, kind) if row.name else None) or row.name)
