"""The charts of a report on the Copilot usage metrics API; to add one, add an entry.

What GitHub's own dashboards show has the name here that it has there.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from copilot_metrics.metrics.vocabulary import RATIOS, REQUESTS_PER_ACTIVE_USER
from copilot_metrics.render.charts import choices, grid, look, tables, usage_titles
from copilot_metrics.render.charts.breakdowns import Column
from copilot_metrics.render.charts.choices import REQUESTS, is_chat
from copilot_metrics.render.charts.forms import OverDays, Rows
from copilot_metrics.render.charts.metrics_api_charts import RATE, SUGGESTIONS
from copilot_metrics.render.charts.series import EACH, HOURS, Panel, Reference, Series, fixed, rate
from copilot_metrics.render.charts.sources import Counter, Entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.metrics.model import Report
    from copilot_metrics.render.charts.forms import Kind
    from copilot_metrics.render.charts.look import Style

_GENERATIONS = "code_generation_activity_count"
_SUGGESTED, _ACCEPTED = Counter("completions", "suggestions"), Counter("completions", "acceptances")
_PEOPLE_WITH = ("code_completion", *(f"chat_{mode}" for mode in ("inline", *(f"panel_{one}_mode" for one in (
    "ask", "edit", "agent", "plan", "custom", "unknown")))))  # fmt: skip


def _users(label: str, name: str, style: Style, *, optional: bool = True) -> Series:
    return Series(label, Counter("users", name), style, optional=optional)


def _pulls(label: str, name: str, style: Style) -> Series:
    return Series(label, Counter("pull_requests", name), style, optional=True)


def _sessions(counter: str) -> tuple[Series, ...]:
    groups = {
        "Copilot CLI": ("totals_by_cli", look.CLI),
        "Copilot app": ("totals_by_copilot_app", look.APP),
    }
    return tuple(
        Series(label, Counter(group, counter), style, optional=True) for label, (group, style) in groups.items()
    )


def _lines(counter: str) -> tuple[Series, ...]:
    return (
        Series("user-initiated", Entries("features", _PEOPLE_WITH, (counter,)), look.BY_PEOPLE),
        Series("agent-initiated", Entries("features", ("agent_edit",), (counter,)), look.BY_AGENTS),
    )


def _rows(
    name: str,
    what: str,
    table: tables.Maker,
    title: tuple[str, str, str],
    drawn: Callable[..., float] | None = None,
) -> Rows:
    """Return a chart whose title names the largest of its rows: its plain name, unit, and kind."""
    plain, things, kinds = title

    def title_of(report: Report) -> str:
        return usage_titles.most(report, table(report), plain, things, kinds)

    return Rows(name, what, title_of, table, drawn) if drawn else Rows(name, what, title_of, table)


CHARTS: tuple[Kind, ...] = (
    OverDays(
        "users",
        "numbers of people",
        usage_titles.users,
        (
            Panel(
                "daily, weekly and monthly active users",
                560,
                fixed(
                    _users("daily", "active", look.DAILY, optional=False),
                    _users("last 7 days", "weekly_active_users", look.WEEKLY),
                    _users("last 7 days", "active_7d", look.WEEKLY),
                    _users("last 28 days", "monthly_active_users", look.MONTHLY),
                    _users("last 28 days", "active_28d", look.MONTHLY),
                    _users("licensed", "licensed", look.LICENSED),
                ),
                reference=Reference(
                    "licenses today",
                    look.LICENSED,
                    lambda report: (
                        report.licenses.assigned
                        if report.licenses and report.current.users["licensed"].latest is None
                        else None
                    ),
                ),
            ),
        ),
    ),
    OverDays(
        "features",
        "numbers of people by feature",
        usage_titles.features,
        (
            Panel(
                "people in the last 28 days",
                400,
                fixed(
                    _users("all active", "monthly_active_users", look.ACTIVE),
                    _users("chat", "monthly_active_chat_users", look.CHAT),
                    _users("agent mode", "monthly_active_agent_users", look.AGENT),
                    _users("cloud agent", "monthly_active_copilot_cloud_agent_users", look.CLOUD_AGENT),
                    _users("review, requested", "monthly_active_copilot_code_review_users", look.REVIEW),
                    _users("review, automatic", "monthly_passive_copilot_code_review_users", look.AUTOMATIC_REVIEW),
                ),
                marks=False,
                together="people",
            ),
            Panel(
                "people a day",
                400,
                fixed(
                    _users("completions", "completions", look.COMPLETIONS),
                    _users("chat", "chat", look.CHAT),
                    _users("agent mode", "daily_active_agent_users", look.AGENT),
                    _users("CLI", "daily_active_cli_users", look.CLI),
                    _users("cloud agent", "daily_active_copilot_cloud_agent_users", look.CLOUD_AGENT),
                    _users("review, requested", "daily_active_copilot_code_review_users", look.REVIEW),
                    _users("Copilot app", "daily_active_copilot_app_users", look.APP),
                ),
                together="people",
            ),
        ),
    ),
    OverDays(
        "chat",
        "chat requests",
        usage_titles.chat,
        (
            Panel("requests per chat mode a day", 420, choices.modes),
            Panel(
                "average chat requests per active user a day",
                210,
                fixed(Series("requests", RATIOS[REQUESTS_PER_ACTIVE_USER], look.CHAT)),
                EACH,
            ),
        ),
    ),
    OverDays(
        "completions",
        "code completions",
        usage_titles.completions,
        (
            Panel(
                "code completions a day",
                380,
                fixed(
                    Series("suggested", _SUGGESTED, look.OFFERED),
                    Series("accepted", _ACCEPTED, look.ACCEPTED),
                ),
            ),
            Panel(
                "code completion acceptance rate",
                230,
                fixed(Series("rate", RATIOS["acceptance_rate"], look.ACTIVE)),
                rate("suggestions"),
            ),
        ),
    ),
    OverDays(
        "code_changes",
        "lines of code",
        usage_titles.code_changes,
        (
            Panel("lines of code added with AI a day", 250, fixed(*_lines("loc_added_sum")), together="lines"),
            Panel("lines of code deleted with AI a day", 250, fixed(*_lines("loc_deleted_sum")), together="lines"),
            Panel(
                "agent contribution",
                210,
                fixed(Series("by agents", RATIOS["agent_contribution"], look.ACTIVE)),
                rate("changed lines"),
            ),
        ),
    ),
    OverDays(
        "cli",
        "sessions of Copilot CLI",
        usage_titles.sessions,
        (
            Panel(
                "sessions a day",
                260,
                fixed(
                    *_sessions("session_count"),
                    Series(
                        "VS Code agent",
                        Counter("totals_by_vscode_agent", "session_count"),
                        look.VSCODE_AGENT,
                        optional=True,
                    ),
                ),
            ),
            Panel("requests to models a day", 260, fixed(*_sessions("request_count"))),
        ),
    ),
    OverDays(
        "pull_requests",
        "pull requests",
        usage_titles.pull_requests,
        (
            Panel(
                "pull requests opened a day",
                200,
                fixed(
                    _pulls("all", "total_created", look.ALL),
                    _pulls("by Copilot", "total_created_by_copilot", look.BY_COPILOT),
                ),
                together="pull requests",
            ),
            Panel(
                "pull requests reviewed a day",
                200,
                fixed(
                    _pulls("all", "total_reviewed", look.ALL),
                    _pulls("by Copilot", "total_reviewed_by_copilot", look.REVIEWED_BY_COPILOT),
                ),
                together="pull requests",
            ),
            Panel(
                "pull requests merged a day",
                200,
                fixed(
                    _pulls("all", "total_merged", look.ALL),
                    _pulls("opened by Copilot", "total_merged_created_by_copilot", look.BY_COPILOT),
                ),
                together="pull requests",
            ),
            Panel(
                "hours to merge, median of the day",
                200,
                fixed(
                    _pulls("all", "median_minutes_to_merge", look.ALL),
                    _pulls("opened by Copilot", "median_minutes_to_merge_copilot_authored", look.BY_COPILOT),
                ),
                HOURS,
            ),
        ),
    ),
    _rows(
        "languages",
        "code completions by language",
        tables.unchanged("languages", (SUGGESTIONS, RATE)),
        ("Language usage", "suggestions", "languages"),
    ),
    OverDays(
        "language_days",
        "code completions by language",
        partial(
            usage_titles.a_day,
            breakdown="languages",
            counter="suggestions",
            plain="Language usage per day",
            kinds="languages",
        ),
        (Panel("completions suggested a day", 460, choices.largest("languages", "suggestions")),),
    ),
    _rows(
        "models",
        "requests by model",
        tables.across("model_features", REQUESTS, "requests", "modes", of=is_chat),
        ("Model usage per chat mode", "requests", "models"),
        grid.draw,
    ),
    OverDays(
        "model_days",
        "requests by model",
        partial(
            usage_titles.a_day,
            breakdown="model_features",
            counter=REQUESTS,
            plain="Model usage per day",
            kinds="models",
        ),
        (Panel("requests a day", 460, choices.largest("model_features", REQUESTS)),),
    ),
    _rows(
        "model_languages",
        "code by model and language",
        tables.across("language_models", _GENERATIONS, "suggestions and edits", "languages", key=1),
        ("Model usage per language", "suggestions and edits", "models"),
        grid.draw,
    ),
    _rows(
        "ides",
        "activity by editor",
        tables.unchanged(
            "ides",
            (
                Column("requests", REQUESTS, look.GREEN, concerned=f"ides.{REQUESTS}"),
                Column("suggestions and edits", _GENERATIONS, look.BLUE, concerned=f"ides.{_GENERATIONS}"),
            ),
        ),
        ("Activity by editor", "requests", "editors"),
    ),
    _rows(
        "model_changes",
        "lines of code by model",
        tables.changes_of("model_features"),
        ("Code changes per model", "lines changed", "models"),
    ),
    _rows(
        "language_changes",
        "lines of code by language",
        tables.changes_of("language_features"),
        ("Code changes per language", "lines changed", "languages"),
    ),
    OverDays(
        "phases",
        "adoption phases",
        usage_titles.phases,
        (Panel("people by adoption phase, of 28 days; of a team, active that day", 460, choices.phases),),
    ),
    _rows(
        "repositories",
        "pull requests by repository",
        tables.unchanged(
            "repositories",
            tuple(
                Column(unit, counter, color, together="pull requests")
                for unit, counter, color in (
                    ("opened", "total_created", look.BLUE),
                    ("opened by Copilot", "total_created_by_copilot", look.PURPLE),
                    ("reviewed", "total_reviewed", look.BLUE),
                    ("reviewed by Copilot", "total_reviewed_by_copilot", look.ORANGE),
                )
            ),
        ),
        ("Pull requests by repository", "opened", "repositories"),
    ),
)
