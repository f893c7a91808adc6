"""The records of the usage metrics API for the invented organizations and enterprise.

A day of an owner is the sum of the days of its people. On a date without a report nobody is active; do not create a
report for it. Records are plain JSON values that the caller may change. An owner is a key of `OWNERS`; any other
raises `KeyError`.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import add, itemgetter
from statistics import median
from typing import TYPE_CHECKING, Any

from sample_github import active_people, clients, data
from sample_github.person_days import THIRD_PARTIES, Activity, Context, Counters, PersonDay, Sessions, all_person_days
from sample_github.pull_requests import PullRequest, pull_request_totals, pull_requests, review_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Raw = dict[str, Any]  # a record of a file

_ENTERPRISE = {"enterprise_id": "970000001"}
_ALL = "enterprises/octo-enterprise"
OWNERS: Mapping[str, Mapping[str, str]] = {
    _ALL: _ENTERPRISE,
    "orgs/octo-org": {"organization_id": "980000001", **_ENTERPRISE},
    "orgs/octo-labs": {"organization_id": "980000002", **_ENTERPRISE},
}
"""Each owner, and the IDs in all its records."""

_FIRST_USER, _FIRST_TEAM, _FIRST_REPOSITORY = 900_000_000, 960_000_000, 950_000_000
_COUNTERS = (
    *("user_initiated_interaction_count", "code_generation_activity_count", "code_acceptance_activity_count"),
    *("loc_suggested_to_add_sum", "loc_suggested_to_delete_sum", "loc_added_sum", "loc_deleted_sum"),
)
_BREAKDOWNS = {
    "totals_by_ide": ("ide",),
    "totals_by_feature": ("feature",),
    "totals_by_language_feature": ("language", "feature"),
    "totals_by_language_model": ("language", "model"),
    "totals_by_model_feature": ("model", "feature"),
}
_ENGAGED = {
    "code_completion": "completion",
    "agent_edit": "agent_edit",
    "copilot_cli": "cli",
    "code_review_active": "review_active",
    "code_review_passive": "review_passive",
    "cloud_agent": "cloud",
    "github_app": "app",
}
_USED = {
    "used_agent": "agent",
    "used_chat": "chat",
    "used_cli": "cli",
    "used_copilot_app": "app",
    "used_copilot_cloud_agent": "cloud",
    "used_copilot_coding_agent": "cloud",
    "used_copilot_code_review_active": "review_active",
    "used_copilot_code_review_passive": "review_passive",
    "used_vscode_agent": "vscode_agent",
}
_NAME_SELECTORS = {
    names: (itemgetter(*map(Context._fields.index, names)), len(names) == 1) for names in _BREAKDOWNS.values()
}
_NO_ACTIVITY: Counters = (0,) * len(_COUNTERS)
_DAY = dt.timedelta(days=1)


def day(owner: str, date: dt.date) -> Raw:
    """Return the day of an owner."""
    licensed = data.SCOPES[owner]
    person_days = _person_days(licensed, date)
    sums: dict[Context, Counters] = {}
    for context, counters in (activity for person_day in person_days for activity in person_day.activities):
        sums[context] = _add(sums[context], counters) if context in sums else counters
    opened = [pull for pull in pull_requests(date) if pull.person in licensed]
    return {
        "day": str(date),
        **OWNERS[owner],
        **active_people.active_user_counts(licensed, date),
        **_activity_record([*sums.items()]),
        **_if_any("totals_by_cli", _sessions(person_day.cli for person_day in person_days)),
        **_if_any("totals_by_copilot_app", _sessions(person_day.app for person_day in person_days)),
        **clients.customizations(person_days, date),
        "totals_by_3rd_party_agent": _third_parties(person_days),
        "totals_by_vscode_agent": {
            "session_count": sum(person_day.messages[0] for person_day in person_days),
            "total_user_messages": sum(person_day.messages[1] for person_day in person_days),
        },
        "pull_requests": pull_request_totals(opened),
        "totals_by_ai_adoption_phase": _phases(licensed, date, person_days),
        **_volatile_keys(owner, date),
    }


def report_record(owner: str, until: dt.date, days: Sequence[Raw]) -> Raw:
    """Return the record of a 28-day report that ends on `until`, with these days."""
    licensed, month = active_people.bit_mask(data.SCOPES[owner]), active_people.month_activity(until)
    return {
        "day_totals": [*days],
        **OWNERS[owner],
        "report_start_day": str(until - active_people.MONTH),
        "report_end_day": str(until),
        "created_at": f"{until + _DAY}T03:36:11.710Z",
        "copilot_feature_engagement": {
            "active_user_count": active_people.count_licensed(month["active"][0], licensed),
            "totals_by_feature": [
                {"feature": feature, "engaged_user_count": active_people.count_licensed(month[kind][1], licensed)}
                for feature, kind in _ENGAGED.items()
            ],
        },
        **_volatile_keys(owner, until),
    }


def users(owner: str, date: dt.date) -> list[Raw]:
    """Return a row for each active person of an owner."""
    phases = active_people.adoption_phases(date)
    return [_user(owner, date, person_day, phases) for person_day in _person_days(data.SCOPES[owner], date)]


def user_teams(owner: str, date: dt.date) -> list[Raw]:
    """Return a row for each member of each team of an owner that is large enough."""
    owner_key, owner_id = next(iter(OWNERS[owner].items()))
    return [
        {
            **_name(person),
            "day": str(date),
            owner_key: owner_id,
            "team_id": _FIRST_TEAM + index,
            "slug": scope.rpartition("/")[2],
        }
        for index, (scope, licensed) in enumerate(data.SCOPES.items())
        if scope.startswith(f"{owner}/team/") and len(licensed) >= data.MIN_LICENSED_MEMBERS
        for person in licensed
    ]


def repositories(owner: str, date: dt.date) -> list[Raw]:
    """Return a row for each repository of an owner with pull requests of its people."""
    licensed = data.SCOPES[owner]
    names = dict.fromkeys(name for person in data.all_people() for name in person.role.repositories)
    rows = []
    for index, repository in enumerate(names):
        organization, name = repository.split("/")
        some = [pull for pull in pull_requests(date) if pull.repository == repository and pull.person in licensed]
        if some and owner in {f"orgs/{organization}", _ALL}:
            rows.append(
                {
                    "day": str(date),
                    **OWNERS[f"orgs/{organization}"],
                    "repo_id": _FIRST_REPOSITORY + index,
                    "repo_owner_name": organization,
                    "repo_name": name,
                    "repo_visibility": "PRIVATE" if index % 3 else "INTERNAL",
                    "pull_requests": pull_request_totals(some),
                    **review_times(some, date),
                }
            )
    return rows


def active_people_count(owner: str, until: dt.date) -> int:
    """Return how many people of an owner were active in the 28 days that end on `until`."""
    return active_people.count_licensed(
        active_people.month_activity(until)["active"][0], active_people.bit_mask(data.SCOPES[owner])
    )


def _person_days(licensed: range, date: dt.date) -> list[PersonDay]:
    return [person_day for person_day in all_person_days(date) if person_day.person.number in licensed]


def _add(left: Counters, right: Counters) -> Counters:
    return tuple(map(add, left, right))


def _total(activities: Iterable[Activity]) -> Counters:
    return reduce(_add, (counters for _, counters in activities), _NO_ACTIVITY)


def _activity_record(activities: Sequence[Activity]) -> Raw:
    """Return the counters and breakdowns. An activity is in the breakdowns whose names it all has."""
    record: Raw = dict(zip(_COUNTERS, _total(activities), strict=True))
    for key, names in _BREAKDOWNS.items():
        select_names, is_single = _NAME_SELECTORS[names]
        sums: dict[Any, Counters] = {}
        for context, counters in activities:
            name = select_names(context)
            if name and (is_single or "" not in name):
                sums[name] = _add(sums[name], counters) if name in sums else counters
        first = 1 if "language" in names else 0  # languages have no interactions
        record[key] = [
            dict(zip((*names, *_COUNTERS[first:]), (*([name] if is_single else name), *counters[first:]), strict=True))
            for name, counters in sums.items()
        ]
    return record


def _sessions(days: Iterable[Sessions | None]) -> Raw | None:
    """Return the sums of sessions; `None` if there are none."""
    days_with_sessions = [day for day in days if day]
    if not days_with_sessions:
        return None
    sessions, requests, prompts, output, prompt = (sum(counters) for counters in zip(*days_with_sessions, strict=True))
    return {
        "session_count": sessions,
        "request_count": requests,
        "prompt_count": prompts,
        "token_usage": {
            "output_tokens_sum": output,
            "prompt_tokens_sum": prompt,
            "avg_tokens_per_request": round((output + prompt) / requests, 2),
        },
    }


def _if_any(key: str, value: Raw | None) -> Raw:
    return {} if value is None else {key: value}


def _third_parties(person_days: Iterable[PersonDay]) -> list[Raw]:
    uses = [person_day.third_party for person_day in person_days if person_day.third_party]
    return [
        {
            "agent_name": name,
            "agent_id": number,
            "user_initiated_interaction_count": sum(interactions for agent, interactions, _ in uses if agent == name),
            "session_count": sum(sessions for agent, _, sessions in uses if agent == name),
        }
        for name, number in THIRD_PARTIES.items()
        if any(agent == name for agent, *_ in uses)
    ]


def _volatile_keys(owner: str, date: dt.date) -> Raw:
    number = int(next(iter(OWNERS[owner].values())))
    return {"etl_id": "green", "day_partition": str(date), "entity_id_partition": number}


def _phases(licensed: range, date: dt.date, person_days: Sequence[PersonDay]) -> list[Raw]:
    licensed_bits = active_people.bit_mask(licensed)
    merged_pulls = [pull for pull in pull_requests(date) if pull.merged and pull.person in licensed]
    rows = []
    for number, people in enumerate(active_people.adoption_phases(date)):
        some = [person_day for person_day in person_days if people >> person_day.person.number & 1]
        merged = [pull for pull in merged_pulls if people >> pull.person & 1]
        sums = _total(activity for person_day in some for activity in person_day.activities)
        average = [round(value / max(len(some), 1), 2) for value in sums]
        rows.append(
            {
                "phase": f"Phase {number}",
                "phase_number": number,
                "version": "v1",
                "total_engaged_users": len(some),
                "users_in_phase_28d": active_people.count_licensed(people, licensed_bits),
                "avg_user_initiated_interactions": average[0],
                "avg_code_generation_activities": average[1],
                "avg_code_acceptance_activities": average[2],
                "avg_loc_added": average[5],
                "avg_loc_deleted": average[6],
                "avg_pull_requests_merged": round(len(merged) / max(len(some), 1), 2),
                **_reviews(merged),
                "total_pull_requests_merged": len(merged),
            }
        )
    return rows


def _reviews(merged: Sequence[PullRequest]) -> Raw:
    """Return the review times of a phase's merged pull requests; empty if there are none."""
    if not merged:
        return {}
    return {
        "avg_pull_requests_median_minutes_to_merge": round(median(pull.minutes for pull in merged), 2),
        "avg_pull_requests_minutes_to_review": round(median(pull.waited[0] for pull in merged), 2),
        "avg_pull_requests_review_cycles": median(1 + (pull.waited[1] > 0) + pull.applied for pull in merged),
    }


def _name(number: int) -> Raw:
    return {"user_id": _FIRST_USER + number, "user_login": f"monalisa-{number:04d}"}


def _user(owner: str, date: dt.date, person_day: PersonDay, phases: Sequence[int]) -> Raw:
    number, sampled = person_day.person.number, f"{date}T09:00:02.000Z"
    phase = next(index for index, people in enumerate(phases) if people >> number & 1)
    cli, app, activity = (
        _sessions([person_day.cli]),
        _sessions([person_day.app]),
        _activity_record(person_day.activities),
    )
    for ide in activity["totals_by_ide"]:
        ide["last_known_ide_version"] = {
            "ide_version": clients.ide_version(person_day.person, date),
            "sampled_at": sampled,
        }
        ide["last_known_plugin_version"] = {"plugin": "copilot", "plugin_version": "0.56.0", "sampled_at": sampled}
    if cli:
        cli["last_known_cli_version"] = {"cli_version": "1.0.8", "sampled_at": sampled}
    third_parties = _third_parties([person_day])
    for agent in third_parties:
        del agent["session_count"]
    return {
        **_name(number),
        "day": str(date),
        **OWNERS[owner],
        **activity,
        "ai_adoption_phase": {"phase": f"Phase {phase}", "phase_number": phase, "version": "v1"},
        **clients.credits_used(person_day, date),
        **clients.customizations([person_day], date),
        **_if_any("totals_by_cli", cli),
        **_if_any("totals_by_copilot_app", app),
        "totals_by_3rd_party_agent": third_parties,
        **{flag: kind in person_day.kinds for flag, kind in _USED.items()},
        **_volatile_keys(owner, date),
    }
