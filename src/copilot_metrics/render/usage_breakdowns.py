"""The breakdowns of a report on the Copilot usage metrics API: languages, models, modes, phases, repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics import breakdown_tables, counting_changes, key_metrics
from copilot_metrics.metrics.aggregate import fold_rows
from copilot_metrics.metrics.vocabulary import RATIOS, REQUESTS_PER_ACTIVE_USER, Dimension
from copilot_metrics.render.formatting import (
    NOT_REPORTED,
    Markdown,
    count,
    duration,
    escape,
    named,
    percent,
    period,
    table,
)
from copilot_metrics.render.metrics_api_sections import code_completions_by_language, rate_of
from copilot_metrics.render.names import clean_name
from copilot_metrics.render.wording import footnote_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Number, Report, Row

_MOST_ROWS = 8
_MOST_FEATURES = 20
_REQUESTS = "user_initiated_interaction_count"
_SUGGESTIONS = ("suggestions", "code_generation_activity_count")
_ACCEPTED = ("accepted", "code_acceptance_activity_count")
_LINES = (("lines added", "loc_added_sum"), ("lines deleted", "loc_deleted_sum"))
_ALL_ACTIVITY = (("prompts", _REQUESTS), _SUGGESTIONS, _ACCEPTED, *_LINES)
_CHANGED_BY = (("by people", "user_initiated_loc_changed"), ("by agents", "agent_initiated_loc_changed"))
_MERGED_PER_PERSON = "pull_requests_merged_per_user_28d"
_MINUTES_TO_REVIEW = "avg_pull_requests_minutes_to_review"
_PHASES = {
    "users_in_phase_28d": "People, 28 days",
    "total_engaged_users": "Active that day",
    "avg_user_initiated_interactions": "Prompts per person",
    "avg_loc_added": "Lines added per person",
    _MERGED_PER_PERSON: "Pull requests merged per person and 28 days",
    _MINUTES_TO_REVIEW: "Time to first review",
    "avg_pull_requests_review_cycles": "Review cycles",
}
_CUSTOMIZATIONS_NOTE = (
    "GitHub names the customizations that it knows and counts customer-defined ones together. "
    "A plugin's skills are also among the skills. For MCP servers, attempts to connect are counted."
)
_REVIEW_TIMES_NOTE = (
    "The shortest and the longest median of a single day, most merged pull requests first. Reviews are those by people."
)


def breakdowns(report: Report) -> Markdown:
    """Return all breakdowns that have entries, each with a heading."""
    sections = [
        *_activity(report),
        _phases(report),
        _customizations(report),
        _repositories(report),
        _review_times(report),
        _feature_engagement(report),
    ]
    return Markdown("\n\n".join(section for section in sections if section))


def _activity(report: Report) -> list[Markdown]:
    """Return the sections of activity by mode, language, model, feature, editor, agent, and type of comment."""
    marks_models, marks_languages = (
        counting_changes.is_marked(report, "model_features.all"),
        counting_changes.is_marked(report, "language_features.all"),
    )
    marks_changes = counting_changes.is_marked(report, "code_changes.loc_changed")
    modes, features = breakdown_tables.chat_modes(report), report.breakdowns["features"]
    models_by_mode, mode_names = breakdown_tables.models_by_chat_mode(report)
    return [
        _section(
            "Requests per chat mode",
            "mode",
            modes,
            [("requests", _REQUESTS), _SUGGESTIONS, _ACCEPTED],
            ["feature"],
            is_marked=_are_marked(report, "features", modes),
        ),
        code_completions_by_language(report),
        _section(
            "Language usage",
            "language",
            breakdown_tables.languages(report),
            [_SUGGESTIONS, _ACCEPTED, *_LINES],
            ["language"],
            is_marked=marks_languages,
        ),
        _section(
            "Model usage, all features",
            "model",
            breakdown_tables.models(report),
            [("requests and prompts", _REQUESTS), _SUGGESTIONS, *_LINES],
            ["model"],
            is_marked=marks_models,
        ),
        _section(
            "Model usage per chat mode, chat only",
            "model",
            models_by_mode,
            [("requests", _REQUESTS), *((named(name, "feature"), name) for name in mode_names)],
            ["model"],
            is_marked=marks_models,
        ),
        _section(
            "Model usage per language",
            "language · model",
            breakdown_tables.languages_by_model(report),
            [_SUGGESTIONS, _ACCEPTED, *_LINES],
            ["language", "model"],
            is_marked=counting_changes.is_marked(report, "language_models.all"),
        ),
        _section(
            "Lines of code changed with AI, per language",
            "language",
            breakdown_tables.changed_lines(report, "language_features"),
            _CHANGED_BY,
            ["language"],
            is_marked=marks_changes,
        ),
        _section(
            "Lines of code changed with AI, per model (completions have none)",
            "model",
            breakdown_tables.changed_lines(report, "model_features"),
            _CHANGED_BY,
            ["model"],
            is_marked=marks_changes,
        ),
        _section(
            "All activity by feature",
            "feature",
            features,
            _ALL_ACTIVITY,
            ["feature"],
            is_marked=_are_marked(report, "features", features),
            most=_MOST_FEATURES,
        ),
        _section(
            "All activity by editor",
            "editor",
            report.breakdowns["ides"],
            _ALL_ACTIVITY,
            ["editor"],
            is_marked=counting_changes.is_marked(report, "ides.all"),
        ),
        _section(
            "Third-party agents",
            "agent",
            report.breakdowns["3rd_party_agents"],
            [("prompts", _REQUESTS), ("sessions", "session_count")],
        ),
        _section(
            "Copilot's review suggestions",
            "type of comment",
            report.breakdowns["copilot_suggestions_by_comment_type"],
            [("suggestions", "total_copilot_suggestions"), ("applied", "total_copilot_applied_suggestions")],
            ["comment_type"],
        ),
    ]


def _repositories(report: Report) -> Markdown:
    return _section(
        "Pull requests by repository",
        "repository",
        breakdown_tables.repositories(report),
        [
            ("opened", "total_created"),
            ("by Copilot", "total_created_by_copilot"),
            ("reviewed", "total_reviewed"),
            ("by Copilot", "total_reviewed_by_copilot"),
            ("merged", "total_merged"),
        ],
    )


def _section(
    title: str,
    header: str,
    rows: Sequence[Row],
    columns: Sequence[tuple[str, str]],
    kinds: Sequence[str] = ("plain",),
    *,
    is_marked: bool = False,
    most: int = _MOST_ROWS,
) -> Markdown:
    """Return a heading and the table of a breakdown: the first rows, and all others in one; empty without rows.

    `columns` are pairs of header and counter. `kinds` are what each key of a row identifies, see `display_names`.
    """
    if not rows:
        return Markdown("")
    shown, others, number = fold_rows(rows, most, Dimension("", tuple(counter for _, counter in columns)))
    lines = [[_row_name(row, kinds), *_counts(row, columns)] for row in shown]
    if others:
        lines.append([Markdown(f"*{number} others*"), *_counts(others, columns)])
    page = table("l" + "r" * len(columns), [header, *(label for label, _ in columns)], lines)
    return Markdown(f"### {title}{' †' if is_marked else ''}\n\n{page}")


def _are_marked(report: Report, breakdown: str, rows: Sequence[Row]) -> bool:
    """Return whether a counting change marks any row of a breakdown."""
    return counting_changes.is_marked(report, *(f"{breakdown}.{row.name}" for row in rows))


def _row_name(row: Row, kinds: Sequence[str]) -> Markdown:
    names = [part if isinstance(part, str) else None for part in row.key]
    return Markdown(" · ".join(named(name, kind) for name, kind in zip(names, kinds, strict=False)))


def _counts(row: Row, columns: Sequence[tuple[str, str]]) -> list[str]:
    return [count(row.values[counter]) for _, counter in columns]


def _phases(report: Report) -> Markdown:
    rows = breakdown_tables.phases(report)
    counters = [counter for counter in _PHASES if any(row.values[counter] is not None for row in rows)]
    if not rows:
        return Markdown("")
    heading = f"### AI adoption phases, on the last day{footnote_mark(report, 'ai_adoption_phases.all')}"
    page = table(
        "l" + "r" * len(counters),
        ["Phase", *(_PHASES[counter] for counter in counters)],
        [
            [
                clean_name(breakdown_tables.phase_name(row)),
                *(_phase_value(report, row, counter) for counter in counters),
            ]
            for row in rows
        ],
    )
    multiplier = breakdown_tables.adoption_multiplier(report)
    if multiplier is None:
        return Markdown(f"{heading}\n\n{page}")
    sentence = (
        f"A person in phases 1 to 3 merged {count(multiplier)} times as many pull requests as a person in phase 0 "
        "(GitHub's adoption multiplier)."
    )
    return Markdown(f"{heading}\n\n{page}\n\n{sentence}")


def _phase_value(report: Report, row: Row, counter: str) -> str:
    value = row.values[counter]
    if value is None:
        return count(None)
    if counter == _MERGED_PER_PERSON:
        merged = breakdown_tables.merged_per_person(report, row)
        return "too few" if merged is None else count(merged)
    return duration(value) if counter == _MINUTES_TO_REVIEW else count(value)


def _customizations(report: Report) -> Markdown:
    kinds = breakdown_tables.customizations(report)
    if not kinds:
        return Markdown("")
    page = table("ll", ["Kind", "Used most (times)"], [[label, _used_most(rows)] for label, rows in kinds])
    return Markdown(f"### Copilot CLI customizations\n\n{page}\n\n{_CUSTOMIZATIONS_NOTE}")


def _used_most(rows: Sequence[Row]) -> Markdown:
    uses = (f"{escape(clean_name(row.name))} ({count(row.values['interaction_count'])})" for row in rows)
    return Markdown(", ".join(uses))


def _review_times(report: Report) -> Markdown:
    times = breakdown_tables.review_times(report)
    if not times:
        return Markdown("")
    headers = ["repository", "ready → first review", "first → last review", "last review → merge", "opening → merge"]
    rows = [[clean_name(row.name), *map(_range, stages)] for row, stages in times[:_MOST_ROWS]]
    return Markdown(f"### Review times by repository\n\n{table('lrrrr', headers, rows)}\n\n{_REVIEW_TIMES_NOTE}")


def _range(spread: breakdown_tables.Spread | None) -> str:
    return f"{duration(spread.low)} to {duration(spread.high)}" if spread else NOT_REPORTED


def _feature_engagement(report: Report) -> Markdown:
    engagement = report.engagement
    if not engagement:
        return Markdown("")
    active = engagement.active_user_count
    headers = ["feature", "people who used it on two or more of 28 days", f"of {count(active)} active"]
    rows = [
        [named(feature, "feature"), count(people), percent(key_metrics.share(people, active))]
        for feature, people in engagement.totals_by_feature.items()
    ]
    return Markdown(f"### Feature engagement\n\n{table('lrr', headers, rows)}")


def dashboard(report: Report) -> Markdown:
    """Return the table of the values that GitHub's dashboards show, with their names there."""
    current = report.current
    totals, changes = current.totals, footnote_mark(report, "code_changes.loc_changed")
    week, month = key_metrics.active_in_week(current), key_metrics.active_in_month(current)
    completions, code = totals["completions"], totals["code_changes"]
    requests_mark = footnote_mark(report, *RATIOS[REQUESTS_PER_ACTIVE_USER].metrics)
    models = footnote_mark(report, "model_features.all")
    rows = [
        ("Daily active users", "typical weekday", count(key_metrics.typical_people(current, "active"))),
        ("Weekly active users", "people of 7 days, on the last day", count(week.people if week else None)),
        ("Total active users", "people of 28 days, on the last day", count(month.people if month else None)),
        (
            f"Agent adoption{footnote_mark(report, 'users.monthly_active_agent_users')}",
            "people of agent mode ÷ active people, 28 days",
            percent(key_metrics.agent_adoption(current).value),
        ),
        (
            f"Average chat requests per active user{requests_mark}",
            "requests ÷ person-days",
            count(key_metrics.requests_per_person_day(current)),
        ),
        (f"Most used chat model{models}", "by requests", _most_used_model(report)),
        (
            "Code completions",
            "suggested, accepted",
            f"{count(completions['suggestions'])}, {count(completions['acceptances'])}",
        ),
        ("Code completion acceptance rate", "accepted ÷ suggested", rate_of(current, "acceptance_rate")),
        (f"Lines of code changed with AI{changes}", "added and deleted in editors", count(code["loc_changed"])),
        (
            f"User-initiated code changes{changes}",
            "lines of completions and chats",
            count(code["user_initiated_loc_changed"]),
        ),
        (
            f"Agent-initiated code changes{changes}",
            "lines of agent edits",
            count(code["agent_initiated_loc_changed"]),
        ),
        (f"Agent contribution{changes}", "by agents ÷ all lines changed", rate_of(current, "agent_contribution")),
        (
            f"Average lines deleted by agent{changes}",
            "lines that agents deleted ÷ person-days",
            count(current.quotients["agent_loc_deleted_per_active_user"].value),
        ),
        (
            f"Adoption multiplier{footnote_mark(report, 'ai_adoption_phases.all')}",
            "pull requests merged per person, phases 1 to 3 ÷ phase 0",
            _multiplier(report),
        ),
    ]
    note = (
        "GitHub's pages cover the latest 28 days, or the current calendar month for some metrics (total active users, "
        f"agent adoption); this report covers {period(current.period)}. The pages do not include Copilot CLI; its "
        "activity is in the totals here. Editors send telemetry late and people may switch it off; days are revised "
        "for three days. An enterprise counts a person in two of its organizations once. Licenses and billing "
        "are counted from other sources."
    )
    summary = "<details><summary>The values of GitHub's dashboards, and why they may differ</summary>"
    page = table("llr", ["GitHub calls it", "here", "of this period"], rows)
    return Markdown(f"{summary}\n\n{page}\n\n{note}\n\n</details>")


def _most_used_model(report: Report) -> str:
    models, _ = breakdown_tables.models_by_chat_mode(report)
    return named(models[0].name, "model") if models else NOT_REPORTED


def _multiplier(report: Report) -> str:
    multiplier: Number | None = breakdown_tables.adoption_multiplier(report)
    if multiplier is None and report.current.adoption_multiplier is not None:
        return "too few"
    return count(multiplier)
