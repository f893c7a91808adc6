"""Responses of the two APIs of every shape that GitHub describes: anything may be missing or null, or come twice."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")
Json = dict[str, Any]

LARGE = 2**43
"""More than 32 bits hold, and sums of it are numbers that JSON holds exactly."""
COUNTERS = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_suggested_to_delete_sum",
    "loc_added_sum",
    "loc_deleted_sum",
)
PEOPLE = (
    "daily_active_users", "weekly_active_users", "monthly_active_users", "monthly_active_chat_users",
    "daily_active_cli_users", "daily_passive_copilot_code_review_users", "monthly_active_vscode_agent_users",
)  # fmt: skip
PULL_REQUESTS = ("total_created", "total_reviewed", "total_merged", "total_suggestions", "total_applied_suggestions")
MINUTES = ("median_minutes_to_merge", "median_minutes_to_merge_copilot_authored")
SESSIONS = ("session_count", "request_count", "prompt_count")
TOKENS = ("output_tokens_sum", "prompt_tokens_sum")
CUSTOMIZATIONS = ("skill", "custom_agent", "mcp", "slash_cmd", "plugin")
LISTS = {
    "totals_by_ide": (("ide",), COUNTERS),
    "totals_by_feature": (("feature",), COUNTERS),
    "totals_by_language_feature": (("language", "feature"), COUNTERS[1:]),
    "totals_by_language_model": (("language", "model"), COUNTERS[1:]),
    "totals_by_model_feature": (("model", "feature"), COUNTERS),
    "totals_by_3rd_party_agent": (("agent_name",), ("user_initiated_interaction_count", "session_count")),
    **{f"totals_by_{name}": ((name,), ("interaction_count",)) for name in CUSTOMIZATIONS},
}
FLAGS = (
    "used_chat", "used_agent", "used_cli", "used_copilot_app", "used_copilot_cloud_agent", "used_copilot_coding_agent",
    "used_copilot_code_review_active", "used_copilot_code_review_passive", "used_vscode_agent",
)  # fmt: skip
TODAY = dt.date(2026, 11, 23)

json_values: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
counts = st.integers(0, 50) | st.sampled_from([0, 1, 250_000, LARGE, 7.0])
minutes = counts | st.floats(0, 1e6)
names = st.sampled_from(
    [
        "python",
        "ruby",
        "vscode",
        "VS Code",
        "default",
        "others",
        "unknown",
        "octo-org/app",
        "",
        "=1+1",
        "a|b\n# c",
        "😀",
    ]
) | st.text(max_size=6)
dates = st.integers(1, 60).map(lambda back: str(TODAY - dt.timedelta(days=back)))
features = st.sampled_from(["code_completion", "agent_edit", "chat_inline", "chat_panel_ask_mode", "others"]) | names


def perhaps(**keys: SearchStrategy[Any]) -> SearchStrategy[Json]:
    """Return an object any of whose keys may be missing or null, with a key that nobody knows yet."""
    return st.fixed_dictionaries(
        {}, optional={**{key: value | st.none() for key, value in keys.items()}, "not_known_yet": json_values}
    )


def some(entries: SearchStrategy[Any], most: int = 3) -> SearchStrategy[list[Any]]:
    """Return a list."""
    return st.lists(entries, max_size=most)


def counted(*counters: str, of: SearchStrategy[Any] = counts) -> dict[str, SearchStrategy[Any]]:
    """Counters by name."""
    return dict.fromkeys(counters, of)


def with_date(key: str, days: SearchStrategy[Json]) -> SearchStrategy[Json]:
    """Days, each with the date that it has to have."""
    return st.builds(lambda date, day: {key: date, **day}, dates, days)


def _model(*counters: str, **more: SearchStrategy[Any]) -> SearchStrategy[Json]:
    return perhaps(
        name=names,
        is_custom_model=st.booleans(),
        custom_model_training_date=st.sampled_from(["2024-02-01", "2024-03-01"]),
        **counted("total_engaged_users", *counters),
        **more,
    )


def _people(**more: SearchStrategy[Any]) -> SearchStrategy[Json]:
    return perhaps(name=names, total_engaged_users=counts, **more)


_LINES = ("total_code_suggestions", "total_code_acceptances", "total_code_lines_suggested", "total_code_lines_accepted")
_LANGUAGE = perhaps(name=names, **counted("total_engaged_users", *_LINES))
metrics_days: SearchStrategy[Json] = with_date(
    "date",
    perhaps(
        **counted("total_active_users", "total_engaged_users"),
        copilot_ide_code_completions=perhaps(
            total_engaged_users=counts,
            languages=some(_people()),
            editors=some(_people(models=some(_model(languages=some(_LANGUAGE)), 2)), 2),
        ),
        copilot_ide_chat=perhaps(
            total_engaged_users=counts,
            editors=some(
                _people(models=some(_model("total_chats", "total_chat_insertion_events", "total_chat_copy_events")))
            ),
        ),
        copilot_dotcom_chat=perhaps(total_engaged_users=counts, models=some(_model("total_chats"))),
        copilot_dotcom_pull_requests=perhaps(
            total_engaged_users=counts, repositories=some(_people(models=some(_model("total_pr_summaries_created"))))
        ),
    ),
)


def entries(place: str) -> SearchStrategy[list[Json]]:
    """Return the entries of a list of the usage metrics API."""
    keys, counters = LISTS[place]
    return some(perhaps(**{key: features if key == "feature" else names for key in keys}, **counted(*counters)))


_SESSIONS = perhaps(**counted(*SESSIONS), token_usage=perhaps(**counted(*TOKENS)))
_USED = {
    **counted(*COUNTERS),
    **{place: entries(place) for place in LISTS},
    "totals_by_cli": _SESSIONS,
    "totals_by_copilot_app": _SESSIONS,
    "totals_by_vscode_agent": perhaps(**counted("session_count", "total_user_messages")),
}
_COMMENTS = perhaps(comment_type=names, **counted("total_copilot_suggestions", "total_copilot_applied_suggestions"))
usage_days: SearchStrategy[Json] = with_date(
    "day",
    perhaps(
        organization_id=st.just("2002"),
        **_USED,
        **counted(*PEOPLE),
        pull_requests=perhaps(
            **counted(*PULL_REQUESTS),
            **counted(*MINUTES, of=minutes),
            copilot_suggestions_by_comment_type=some(_COMMENTS),
        ),
        totals_by_ai_adoption_phase=st.lists(st.sampled_from(["No phase", "Phase 1", "Phase 2"]), unique=True).flatmap(
            lambda phases: st.tuples(
                *(
                    perhaps(**counted("phase_number", "users_in_phase_28d", "avg_loc_added", of=minutes)).map(
                        lambda one, phase=phase: {"phase": phase, **one}  # type: ignore[misc]
                    )
                    for phase in phases
                )
            ).map(list)
        ),
    ),
)
engagements = perhaps(
    active_user_count=counts, totals_by_feature=some(perhaps(feature=features, engaged_user_count=counts))
)


def wrapped(days: Sequence[Json], **more: Any) -> Json:
    """Return the record of a report of 28 days."""
    return {"report_start_day": "2026-10-24", "report_end_day": "2026-11-20", "day_totals": list(days), **more}


@st.composite
def split(draw: DrawFn, values: Sequence[T]) -> list[list[T]]:
    """Return the values in any order, in one to four parts."""
    ordered = draw(st.permutations(values))
    cuts = sorted(draw(st.lists(st.integers(0, len(ordered)), max_size=3)))
    return [list(ordered[start:end]) for start, end in zip([0, *cuts], [*cuts, len(ordered)], strict=True)]


@st.composite
def shuffled(draw: DrawFn, value: Any) -> Any:
    """Return the same JSON with every list in it, and the keys of every object, in any order."""
    if isinstance(value, dict):
        return {key: draw(shuffled(value[key])) for key in draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [draw(shuffled(one)) for one in draw(st.permutations(value))]
    return value


_DAYS = st.sampled_from(["2026-11-18", "2026-11-19", "2026-11-20"])
_USER = st.fixed_dictionaries({"user_id": st.integers(1, 4), "day": _DAYS, "organization_id": st.just("9")})
_USES = perhaps(
    **_USED,
    **dict.fromkeys(FLAGS, st.booleans()),
    ai_adoption_phase=st.sampled_from([{"phase": "Phase 1", "phase_number": 1}, {"phase": "Phase 2"}, {}]),
)
users = st.builds(lambda user, uses: {**user, "user_login": f"login{user['user_id']}", **uses}, _USER, _USES)
"""Rows of a users report."""
_TEAMS = st.sampled_from([("core", 7), ("Core", 7), ("docs", 8), ("a.b", 9), ("manuals", 8)])
members = st.builds(lambda user, team: {**user, "slug": team[0], "team_id": team[1]}, _USER, _TEAMS)
"""Rows of a user-teams report."""


def of_a_day(row: Json) -> tuple[Any, ...]:
    """Return what a user has one row of."""
    return str(row["user_id"]), row["day"]


def full_user(number: int = 1, day: str = "2026-11-20") -> Json:
    """Return a row of a users report with every figure there is, each of which is one."""
    sessions = {**dict.fromkeys(SESSIONS, 1), "token_usage": dict.fromkeys(TOKENS, 1)}
    return {
        "user_id": number, "day": day, "organization_id": "9", "user_login": f"login{number}",
        **dict.fromkeys(COUNTERS, 1), **dict.fromkeys(FLAGS, True),
        **{place: [dict.fromkeys(keys, "code_completion") | dict.fromkeys(counters, 1)]
           for place, (keys, counters) in LISTS.items()},
        "totals_by_cli": sessions, "totals_by_copilot_app": sessions,
        "totals_by_vscode_agent": {"session_count": 1, "total_user_messages": 1},
        "ai_adoption_phase": {"phase": "Phase 1", "phase_number": 1},
    }  # fmt: skip
