"""What the files of the usage metrics API say of the invented accounts.

A day of an account is the sum of its people's days, and who is counted in a week or a month was active in it: nobody is
counted on a date that was lost, of which no report should be made. Everything is ready for JSON, and belongs to who
asked for it; an account is one of `ACCOUNTS`, any other a KeyError.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import add, itemgetter
from statistics import median
from typing import TYPE_CHECKING, Any

from sample_github import clients, data, people
from sample_github.pulls import Pull, pulls, review_times, totals
from sample_github.work import THIRD_PARTIES, Cell, Figures, Sessions, Stint, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Raw = dict[str, Any]  # a record of a file
    _Done = tuple[Cell, Figures]

_ENTERPRISE = {"enterprise_id": "970000001"}
_ALL = "enterprises/octo-enterprise"
ACCOUNTS: Mapping[str, Mapping[str, str]] = {
    _ALL: _ENTERPRISE,
    "orgs/octo-org": {"organization_id": "980000001", **_ENTERPRISE},
    "orgs/octo-labs": {"organization_id": "980000002", **_ENTERPRISE},
}
"""The ids that stand in every record of an account."""

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
_PICKED = {names: (itemgetter(*map(Cell._fields.index, names)), len(names) == 1) for names in _BREAKDOWNS.values()}
_NOTHING: Figures = (0,) * len(_COUNTERS)
_DAY = dt.timedelta(days=1)


def day(account: str, date: dt.date) -> Raw:
    """The day of an account."""
    licensed = data.SCOPES[account]
    stints = _stints(licensed, date)
    cells: dict[Cell, Figures] = {}
    for cell, figures in (done for stint in stints for done in stint.done):
        cells[cell] = _sum(cells[cell], figures) if cell in cells else figures
    merges = [pull for pull in pulls(date) if pull.person in licensed]
    return {
        "day": str(date),
        **ACCOUNTS[account],
        **people.counted(licensed, date),
        **_activity([*cells.items()]),
        **_told("totals_by_cli", _sessions(stint.cli for stint in stints)),
        **_told("totals_by_copilot_app", _sessions(stint.app for stint in stints)),
        **clients.customizations(stints, date),
        "totals_by_3rd_party_agent": _third_parties(stints),
        "totals_by_vscode_agent": {
            "session_count": sum(stint.messages[0] for stint in stints),
            "total_user_messages": sum(stint.messages[1] for stint in stints),
        },
        "pull_requests": totals(merges),
        "totals_by_ai_adoption_phase": _phases(licensed, date, stints),
        **_housekeeping(account, date),
    }


def wrapper(account: str, until: dt.date, days: Sequence[Raw]) -> Raw:
    """The record around days of the 28 that end with `until`."""
    licensed, month = people.mask(data.SCOPES[account]), people.month(until)
    return {
        "day_totals": [*days],
        **ACCOUNTS[account],
        "report_start_day": str(until - people.MONTH),
        "report_end_day": str(until),
        "created_at": f"{until + _DAY}T03:36:11.710Z",
        "copilot_feature_engagement": {
            "active_user_count": people.count(month["active"][0], licensed),
            "totals_by_feature": [
                {"feature": feature, "engaged_user_count": people.count(month[kind][1], licensed)}
                for feature, kind in _ENGAGED.items()
            ],
        },
        **_housekeeping(account, until),
    }


def users(account: str, date: dt.date) -> list[Raw]:
    """A row for each person of an account who was active."""
    phases = people.phases(date)
    return [_user(account, date, stint, phases) for stint in _stints(data.SCOPES[account], date)]


def user_teams(account: str, date: dt.date) -> list[Raw]:
    """A row for each licensed person of each team of an account that is large enough."""
    entity, number = next(iter(ACCOUNTS[account].items()))
    return [
        {
            **_name(person),
            "day": str(date),
            entity: number,
            "team_id": _FIRST_TEAM + place,
            "slug": scope.rpartition("/")[2],
        }
        for place, (scope, licensed) in enumerate(data.SCOPES.items())
        if scope.startswith(f"{account}/team/") and len(licensed) >= data.FEWEST_LICENSED
        for person in licensed
    ]


def repositories(account: str, date: dt.date) -> list[Raw]:
    """A row for each repository of an account in which its people had pull requests."""
    licensed = data.SCOPES[account]
    known = dict.fromkeys(name for person in data.everybody() for name in person.craft.repositories)
    made = []
    for place, repository in enumerate(known):
        owner, name = repository.split("/")
        some = [pull for pull in pulls(date) if pull.repository == repository and pull.person in licensed]
        if some and account in {f"orgs/{owner}", _ALL}:
            made.append(
                {
                    "day": str(date),
                    **ACCOUNTS[f"orgs/{owner}"],
                    "repo_id": _FIRST_REPOSITORY + place,
                    "repo_owner_name": owner,
                    "repo_name": name,
                    "repo_visibility": "PRIVATE" if place % 3 else "INTERNAL",
                    "pull_requests": totals(some),
                    **review_times(some, date),
                }
            )
    return made


def active(account: str, until: dt.date) -> int:
    """How many people of an account were active in the 28 days that end with `until`."""
    return people.count(people.month(until)["active"][0], people.mask(data.SCOPES[account]))


def _stints(licensed: range, date: dt.date) -> list[Stint]:
    return [stint for stint in work(date) if stint.person.number in licensed]


def _sum(one: Figures, other: Figures) -> Figures:
    return tuple(map(add, one, other))


def _total(done: Iterable[_Done]) -> Figures:
    return reduce(_sum, (figures for _, figures in done), _NOTHING)


def _activity(cells: Sequence[_Done]) -> Raw:
    """The counters, and the breakdowns: a cell has no place where a name of it is not told."""
    told: Raw = dict(zip(_COUNTERS, _total(cells), strict=True))
    for key, names in _BREAKDOWNS.items():
        pick, alone = _PICKED[names]
        sums: dict[Any, Figures] = {}
        for cell, figures in cells:
            name = pick(cell)
            if name and (alone or "" not in name):
                sums[name] = _sum(sums[name], figures) if name in sums else figures
        first = 1 if "language" in names else 0  # nobody asks for a language
        told[key] = [
            dict(zip((*names, *_COUNTERS[first:]), (*([name] if alone else name), *figures[first:]), strict=True))
            for name, figures in sums.items()
        ]
    return told


def _sessions(those: Iterable[Sessions | None]) -> Raw | None:
    """Sums; None where there was no session."""
    some = [one for one in those if one]
    if not some:
        return None
    sessions, requests, prompts, output, prompt = (sum(figures) for figures in zip(*some, strict=True))
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


def _told(key: str, value: Raw | None) -> Raw:
    return {} if value is None else {key: value}


def _third_parties(stints: Iterable[Stint]) -> list[Raw]:
    those = [stint.third_party for stint in stints if stint.third_party]
    return [
        {
            "agent_name": name,
            "agent_id": number,
            "user_initiated_interaction_count": sum(asked for agent, asked, _ in those if agent == name),
            "session_count": sum(sessions for agent, _, sessions in those if agent == name),
        }
        for name, number in THIRD_PARTIES.items()
        if any(agent == name for agent, *_ in those)
    ]


def _housekeeping(account: str, date: dt.date) -> Raw:
    number = int(next(iter(ACCOUNTS[account].values())))
    return {"etl_id": "green", "day_partition": str(date), "entity_id_partition": number}


def _phases(licensed: range, date: dt.date, stints: Sequence[Stint]) -> list[Raw]:
    mask = people.mask(licensed)
    merges = [pull for pull in pulls(date) if pull.merged and pull.person in licensed]
    made = []
    for number, those in enumerate(people.phases(date)):
        some = [stint for stint in stints if those >> stint.person.number & 1]
        merged = [pull for pull in merges if those >> pull.person & 1]
        sums = _total(done for stint in some for done in stint.done)
        average = [round(figure / max(len(some), 1), 2) for figure in sums]
        made.append(
            {
                "phase": f"Phase {number}",
                "phase_number": number,
                "version": "v1",
                "total_engaged_users": len(some),
                "users_in_phase_28d": people.count(those, mask),
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
    return made


def _reviews(merged: Sequence[Pull]) -> Raw:
    """What a phase has of reviews of pull requests that were merged; nothing if none was."""
    if not merged:
        return {}
    return {
        "avg_pull_requests_median_minutes_to_merge": round(median(pull.minutes for pull in merged), 2),
        "avg_pull_requests_minutes_to_review": round(median(pull.waited[0] for pull in merged), 2),
        "avg_pull_requests_review_cycles": median(1 + (pull.waited[1] > 0) + pull.applied for pull in merged),
    }


def _name(number: int) -> Raw:
    return {"user_id": _FIRST_USER + number, "user_login": f"monalisa-{number:04d}"}


def _user(account: str, date: dt.date, stint: Stint, phases: Sequence[int]) -> Raw:
    number, sampled = stint.person.number, f"{date}T09:00:02.000Z"
    phase = next(place for place, those in enumerate(phases) if those >> number & 1)
    cli, app, activity = _sessions([stint.cli]), _sessions([stint.app]), _activity(stint.done)
    for ide in activity["totals_by_ide"]:
        ide["last_known_ide_version"] = {"ide_version": clients.ide_version(stint.person, date), "sampled_at": sampled}
        ide["last_known_plugin_version"] = {"plugin": "copilot", "plugin_version": "0.56.0", "sampled_at": sampled}
    if cli:
        cli["last_known_cli_version"] = {"cli_version": "1.0.8", "sampled_at": sampled}
    third = _third_parties([stint])
    for agent in third:
        del agent["session_count"]
    return {
        **_name(number),
        "day": str(date),
        **ACCOUNTS[account],
        **activity,
        "ai_adoption_phase": {"phase": f"Phase {phase}", "phase_number": phase, "version": "v1"},
        **clients.credits_used(stint, date),
        **clients.customizations([stint], date),
        **_told("totals_by_cli", cli),
        **_told("totals_by_copilot_app", app),
        "totals_by_3rd_party_agent": third,
        **{flag: kind in stint.kinds for flag, kind in _USED.items()},
        **_housekeeping(account, date),
    }
