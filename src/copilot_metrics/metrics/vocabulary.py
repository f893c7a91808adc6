"""The names of all metrics: counts of people, groups of counters, and breakdowns. A new metric begins here.

The names of the older API's metrics are those of this project. The Copilot usage metrics API adds metrics; they have
GitHub's names:
https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics
"""

from __future__ import annotations

from dataclasses import dataclass

# Counters of the usage metrics API for all features together.
ACTIVITY = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_suggested_to_delete_sum",
    "loc_added_sum",
    "loc_deleted_sum",
)
CREDITS = "ai_credits_used"
CODE_COMPLETION = "code_completion"
AGENT_EDIT = "agent_edit"
# Extensions of Copilot CLI; GitHub counts plugins among skills, too.
CUSTOMIZATIONS = ("skill", "custom_agent", "mcp", "slash_cmd", "plugin")
DISTINCT_CUSTOMIZATIONS = tuple(f"distinct_{name}_use_count" for name in CUSTOMIZATIONS)
LANGUAGE_ACTIVITY = ACTIVITY[1:]  # breakdowns by language have no interactions
COMPLETION_COUNTERS = ("suggestions", "acceptances", "lines_suggested", "lines_accepted")
CHAT_COUNTERS = ("chats", "insertions", "copies")
BUCKETS = ("others", "unknown")  # for everything without a name of its own
SESSION_COUNTERS = ("session_count", "request_count", "prompt_count", "output_tokens_sum", "prompt_tokens_sum")
PULL_REQUEST_COUNTERS = (
    "total_created",
    "total_created_by_copilot",
    "total_reviewed",
    "total_reviewed_by_copilot",
    "total_merged",
    "total_merged_created_by_copilot",
    "total_merged_reviewed_by_copilot",
    "total_suggestions",
    "total_applied_suggestions",
    "total_copilot_suggestions",
    "total_copilot_applied_suggestions",
)
MINUTES_TO_MERGE = (
    "median_minutes_to_merge",
    "median_minutes_to_merge_copilot_authored",
    "median_minutes_to_merge_copilot_reviewed",
)
REVIEW_MINUTES = tuple(
    f"{statistic}_minutes_{stage}"
    for stage in ("ready_to_first_review", "first_to_final_review", "final_review_to_merge")
    for statistic in ("median", "p90")
)
TIMED_PULL_REQUESTS = "pull_request_review_times_total_merged"
"""The counter of the merged pull requests that the review minutes of a repository cover."""


def is_chat_feature(feature: str | None) -> bool:
    """Return whether a feature is chat in an editor, inline or in the panel, in any mode."""
    return feature == "chat_inline" or (feature or "").startswith("chat_panel_")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and its counters: `name` = Σ (`numerator` + `more`) ÷ Σ `denominator` × `times`."""

    name: str
    numerator: str
    denominator: str
    more: tuple[str, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Counters that belong together, such as those of code completions.

    Attributes:
        name: The name.
        counters: The counters, which are summed over days.
        rates: The rates, each after its numerator.
        medians: Medians of single days, which cannot be combined.
        is_inline: Whether its values are on the level of the day in JSON, not below the name of the group.
    """

    name: str
    counters: tuple[str, ...]
    rates: tuple[Rate, ...] = ()
    medians: tuple[str, ...] = ()
    is_inline: bool = False

    @property
    def value_names(self) -> tuple[str, ...]:
        """The names of the counters and medians of a day."""
        return self.counters + self.medians


@dataclass(frozen=True, slots=True)
class Dimension:
    """A breakdown.

    Attributes:
        name: The name.
        counters: The counters of an entry.
        keys: The names of an entry's keys.
        rates: The rates, each after its numerator.
        medians: Medians of single days, which cannot be combined.
        has_people: Whether an entry may have a number of people.
        has_ids: Whether GitHub has an ID for each entry, which does not change with its name.
        is_as_of_last_day: Whether its values are those of the last day with data, except for `rates`.
    """

    name: str
    counters: tuple[str, ...]
    keys: tuple[str, ...] = ("name",)
    rates: tuple[Rate, ...] = ()
    medians: tuple[str, ...] = ()
    has_people: bool = False
    has_ids: bool = False
    is_as_of_last_day: bool = False

    @property
    def value_names(self) -> tuple[str, ...]:
        """The names of the counters and medians of an entry on a day."""
        return self.counters + self.medians


PHASES = "ai_adoption_phases"
COMPLETION_RATES = (
    Rate("acceptance_rate", "acceptances", "suggestions"),
    Rate("line_acceptance_rate", "lines_accepted", "lines_suggested"),
)
PULL_REQUESTS_MERGED_PER_USER = Rate(
    "pull_requests_merged_per_user_28d", "total_pull_requests_merged", "users_in_phase_28d", times=28
)
_TOKENS = (Rate("avg_tokens_per_request", "prompt_tokens_sum", "request_count", more=("output_tokens_sum",)),)

USERS = (
    "active",
    "engaged",
    "completions",
    "chat",
    "dotcom_chat",
    "pull_requests",
    "weekly_active_users",
    "monthly_active_users",
    "monthly_active_chat_users",
    "daily_active_agent_users",
    "monthly_active_agent_users",
    "daily_active_cli_users",
    "daily_active_copilot_app_users",
    "daily_active_copilot_cloud_agent_users",
    "weekly_active_copilot_cloud_agent_users",
    "monthly_active_copilot_cloud_agent_users",
    "daily_active_copilot_code_review_users",
    "weekly_active_copilot_code_review_users",
    "monthly_active_copilot_code_review_users",
    "daily_passive_copilot_code_review_users",
    "weekly_passive_copilot_code_review_users",
    "monthly_passive_copilot_code_review_users",
    "daily_active_vscode_agent_users",
    "weekly_active_vscode_agent_users",
    "monthly_active_vscode_agent_users",
    "licensed",
    "active_7d",
    "active_28d",
    "licensed_active_7d",
    "licensed_active_28d",
    "client_version_known_28d",
    "agent_sessions_recorded_28d",
)
DAYS_BACK = {
    name: 6 if name.startswith("weekly") or name.endswith("_7d") else 27
    for name in USERS
    if name.startswith(("weekly", "monthly")) or name.endswith(("_7d", "_28d"))
} | {"weekly_active_vscode_agent_users": 6, "monthly_active_vscode_agent_users": 30}
"""The number of earlier days that a count of people covers at most; a count that is not here covers one day.

Counts of VS Code agents start again each Sunday and on the first of each month, so two days cannot be compared.
"""
GROUPS = (
    Group("completions", COMPLETION_COUNTERS, COMPLETION_RATES),
    Group("chat", CHAT_COUNTERS),
    Group("dotcom_chat", ("chats",)),
    Group("pull_requests", ("summaries", *PULL_REQUEST_COUNTERS), medians=MINUTES_TO_MERGE),
    Group("activity", ACTIVITY, is_inline=True),
    Group("credits", (CREDITS,), is_inline=True),
    Group(
        "code_changes",
        (
            "loc_changed",
            "user_initiated_loc_changed",
            "agent_initiated_loc_changed",
            "agent_initiated_loc_deleted",
        ),
        (Rate("agent_contribution", "agent_initiated_loc_changed", "loc_changed"),),
    ),
    Group("totals_by_cli", SESSION_COUNTERS, _TOKENS),
    Group("cli_customizations", (), medians=DISTINCT_CUSTOMIZATIONS, is_inline=True),
    Group("totals_by_copilot_app", SESSION_COUNTERS, _TOKENS),
    Group("totals_by_vscode_agent", ("session_count", "total_user_messages")),
)
DIMENSIONS = (
    Dimension("languages", COMPLETION_COUNTERS, rates=COMPLETION_RATES, has_people=True),
    Dimension("editors", (*COMPLETION_COUNTERS, *CHAT_COUNTERS), rates=COMPLETION_RATES, has_people=True),
    Dimension(
        "models",
        (*COMPLETION_COUNTERS, *CHAT_COUNTERS, "dotcom_chats", "summaries"),
        keys=("name", "custom", "trained_on"),
        rates=COMPLETION_RATES,
        has_people=True,
    ),
    Dimension(
        "repositories",
        ("summaries", *PULL_REQUEST_COUNTERS, TIMED_PULL_REQUESTS),
        medians=(*MINUTES_TO_MERGE, *REVIEW_MINUTES),
        has_people=True,
        has_ids=True,
    ),
    Dimension("ides", ACTIVITY),
    Dimension("features", ACTIVITY),
    Dimension("language_features", LANGUAGE_ACTIVITY, keys=("language", "feature")),
    Dimension("language_models", LANGUAGE_ACTIVITY, keys=("language", "model")),
    Dimension("model_features", ACTIVITY, keys=("model", "feature")),
    Dimension("3rd_party_agents", ("user_initiated_interaction_count", "session_count"), has_ids=True),
    *(Dimension(f"{name}s", ("interaction_count",)) for name in CUSTOMIZATIONS),
    Dimension(
        "copilot_suggestions_by_comment_type", ("total_copilot_suggestions", "total_copilot_applied_suggestions")
    ),
    Dimension(
        PHASES,
        (
            "users_in_phase_28d",
            "total_engaged_users",
            "phase_number",
            "avg_user_initiated_interactions",
            "avg_code_generation_activities",
            "avg_code_acceptance_activities",
            "avg_loc_added",
            "avg_loc_deleted",
            "avg_pull_requests_created",
            "avg_pull_requests_reviewed",
            "avg_pull_requests_merged",
            "avg_pull_requests_median_minutes_to_merge",
            "avg_pull_requests_minutes_to_review",
            "avg_pull_requests_review_cycles",
            "total_pull_requests_merged",
        ),
        keys=("name", "version"),
        rates=(PULL_REQUESTS_MERGED_PER_USER,),
        is_as_of_last_day=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of two sums over a period: Σ numerator ÷ Σ denominator over the days that report both.

    Numerator and denominator are each a group (or `users`) and the name of a counter in it. A sum of users is a number
    of person-days.
    """

    name: str
    numerator: tuple[str, str]
    denominator: tuple[str, str]

    @property
    def metrics(self) -> tuple[str, str]:
        """The names of its two counters in counting changes."""
        return f"{self.numerator[0]}.{self.numerator[1]}", f"{self.denominator[0]}.{self.denominator[1]}"


REQUESTS_PER_ACTIVE_USER = "requests_per_active_user"
ENGAGED_SHARE = "engaged_share"
AGENT_LINES_DELETED = "agent_loc_deleted_per_active_user"


def _pull_request_ratio(name: str, numerator: str, denominator: str) -> Ratio:
    return Ratio(name, ("pull_requests", numerator), ("pull_requests", denominator))


RATIOS = {
    ratio.name: ratio
    for ratio in (
        *(
            Ratio(rate.name, (group.name, rate.numerator), (group.name, rate.denominator))
            for group in GROUPS
            for rate in group.rates
            if not rate.more
        ),
        Ratio(REQUESTS_PER_ACTIVE_USER, ("chat", "chats"), ("users", "active")),
        Ratio(AGENT_LINES_DELETED, ("code_changes", "agent_initiated_loc_deleted"), ("users", "active")),
        Ratio(ENGAGED_SHARE, ("users", "engaged"), ("users", "active")),
        _pull_request_ratio("opened_by_copilot", "total_created_by_copilot", "total_created"),
        _pull_request_ratio("reviewed_by_copilot", "total_reviewed_by_copilot", "total_reviewed"),
        _pull_request_ratio("merged_opened_by_copilot", "total_merged_created_by_copilot", "total_merged"),
        _pull_request_ratio("merged_reviewed_by_copilot", "total_merged_reviewed_by_copilot", "total_merged"),
        _pull_request_ratio("suggestions_applied", "total_copilot_applied_suggestions", "total_copilot_suggestions"),
    )
}
"""All ratios of two sums, by name. Tables, sentences, and charts use these formulas and no others."""
