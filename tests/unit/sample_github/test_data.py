from __future__ import annotations

import datetime as dt
import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from sample_github import data

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTERPRISE, ORGANIZATION, TEAM = "enterprises/octo-enterprise", "orgs/octo-org", "orgs/octo-org/team/web-platform"
PARTS = [
    (ORGANIZATION, ENTERPRISE),
    ("orgs/octo-labs", ENTERPRISE),
    ("enterprises/octo-enterprise/team/platform", ENTERPRISE),
    ("orgs/octo-org/team/blue", ORGANIZATION),
    (TEAM, ORGANIZATION),
    ("orgs/octo-org/team/data-science", ORGANIZATION),
]
FEATURES = {
    "copilot_ide_code_completions",
    "copilot_ide_chat",
    "copilot_dotcom_chat",
    "copilot_dotcom_pull_requests",
}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
NAME: dict[str, Any] = {"type": "string", "minLength": 1}


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """Return the schema of an object with these keys and no other."""
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def listed(**properties: Any) -> dict[str, Any]:
    """Return the schema of a list of entries with a name, a number of engaged people, and all of these keys."""
    known = {"name": NAME, "total_engaged_users": COUNT, **properties}
    return {"type": "array", "minItems": 1, "items": closed(tuple(known), **known)}


def feature(**properties: Any) -> dict[str, Any]:
    """Return the schema of a section: null, or an object with a number of engaged people and more keys."""
    return {"anyOf": [{"type": "null"}, closed(("total_engaged_users",), total_engaged_users=COUNT, **properties)]}


def models(**properties: Any) -> dict[str, Any]:
    trained = {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]}
    return listed(is_custom_model={"type": "boolean"}, custom_model_training_date=trained, **properties)


LANGUAGES = listed(
    total_code_suggestions=COUNT,
    total_code_acceptances=COUNT,
    total_code_lines_suggested=COUNT,
    total_code_lines_accepted=COUNT,
)
CHATS = {"total_chats": COUNT, "total_chat_insertion_events": COUNT, "total_chat_copy_events": COUNT}
DAY = closed(
    ("date", "total_active_users"),
    date={"type": "string", "format": "date"},
    total_active_users=COUNT,
    total_engaged_users=COUNT,
    copilot_ide_code_completions=feature(languages=listed(), editors=listed(models=models(languages=LANGUAGES))),
    copilot_ide_chat=feature(editors=listed(models=models(**CHATS))),
    copilot_dotcom_chat=feature(models=models(total_chats=COUNT)),
    copilot_dotcom_pull_requests=feature(repositories=listed(models=models(total_pr_summaries_created=COUNT))),
)


def dates(since: str, count: int) -> list[dt.date]:
    first = dt.date.fromisoformat(since)
    return [first + dt.timedelta(days=offset) for offset in range(count)]


@cache
def days(scope: str, since: str = "2024-05-01", count: int = 100) -> list[dict[str, Any]]:
    return [day for date in dates(since, count) if (day := data.day(scope, date)) is not None]


def entries(node: Any, key: str) -> Iterator[dict[str, Any]]:
    """Return the entries of all lists at this key, at any depth."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        if name == key:
            yield from child
        yield from entries(child, key)


def names(scope: str, key: str) -> set[str]:
    return {entry["name"] for entry in entries(days(scope), key)}


def suggestions(scope: str, since: str, count: int = 28) -> tuple[int, int]:
    """Return the suggestions and acceptances of a period."""
    languages = entries(days(scope, since, count), "languages")
    counted = [entry for entry in languages if "total_code_suggestions" in entry]
    return (
        sum(entry["total_code_suggestions"] for entry in counted),
        sum(entry["total_code_acceptances"] for entry in counted),
    )


@pytest.mark.parametrize("scope", data.SCOPES)
def test_every_day_has_the_shape_of_the_api(scope: str) -> None:
    Draft202012Validator.check_schema(DAY)
    checker = Draft202012Validator(DAY, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for day in days(scope):
        checker.validate(day)


def test_days_are_the_same_on_every_machine() -> None:
    text = json.dumps([data.day(scope, dt.date(2024, 6, 24)) for scope in data.SCOPES])
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "f16e6fcc2afbb62b8e785dc10d5ec8befcea5e3cc3d9245a3d34e3dda653c47f"
    )


def test_caller_can_change_a_day() -> None:
    first = data.day(ORGANIZATION, dt.date(2024, 6, 24))
    assert first is not None
    first.clear()
    assert data.day(ORGANIZATION, dt.date(2024, 6, 24))


@pytest.mark.parametrize("scope", data.SCOPES)
def test_engaged_people_are_active(scope: str) -> None:
    for day in days(scope):
        engaged = day.get("total_engaged_users", day["total_active_users"])
        assert day["total_active_users"] >= engaged
        assert all(engaged >= day[name]["total_engaged_users"] for name in FEATURES if day[name])


def test_acceptances_and_copies_do_not_exceed_suggestions_and_chats() -> None:
    for language in entries(days(ENTERPRISE), "languages"):
        if "total_code_suggestions" in language:
            assert language["total_code_acceptances"] <= language["total_code_suggestions"]
            assert language["total_code_lines_accepted"] <= language["total_code_lines_suggested"]
    for model in entries([day["copilot_ide_chat"] for day in days(ENTERPRISE)], "models"):
        assert model["total_chat_insertion_events"] <= model["total_chats"]
        assert model["total_chat_copy_events"] <= model["total_chats"]


@pytest.mark.parametrize(("part", "owner"), PARTS)
def test_part_has_at_most_the_values_of_its_owner(part: str, owner: str) -> None:
    owner_days = {day["date"]: day for day in days(owner)}
    for day in days(part):
        assert day["total_active_users"] <= owner_days[day["date"]]["total_active_users"]
        assert day.get("total_engaged_users", 0) <= owner_days[day["date"]].get("total_engaged_users", 0)
    assert suggestions(part, "2024-06-01") <= suggestions(owner, "2024-06-01")


def test_no_scope_has_more_active_people_than_licenses() -> None:
    for scope, licensed in data.SCOPES.items():
        assert all(day["total_active_users"] <= len(licensed) for day in days(scope))


def test_team_with_fewer_than_five_licenses_has_no_report() -> None:
    assert days("orgs/octo-labs/team/interns") == []


def test_a_weekend_has_about_an_eighth_of_a_working_day() -> None:
    active: dict[bool, list[int]] = {True: [], False: []}
    for day in days(ORGANIZATION):
        active[dt.date.fromisoformat(day["date"]).isoweekday() > 5].append(day["total_active_users"])
    mean = {weekend: sum(figures) / len(figures) for weekend, figures in active.items()}
    assert 0.08 < mean[True] / mean[False] < 0.18


def test_work_grows_over_a_year() -> None:
    assert suggestions(ORGANIZATION, "2024-06-03", 84)[0] > 1.05 * suggestions(ORGANIZATION, "2023-06-05", 84)[0]


def test_acceptance_rate_is_realistic() -> None:
    suggested, accepted = suggestions(ORGANIZATION, "2024-06-01")
    assert 0.2 < accepted / suggested < 0.35


def test_no_scope_has_a_report_for_the_two_days_of_an_outage() -> None:
    missing = [date for date in dates("2024-06-01", 84) if data.day(ENTERPRISE, date) is None]
    assert len(missing) == 6
    assert [(after - before).days for before, after in zip(missing[::2], missing[1::2], strict=True)] == [1, 1, 1]
    assert all(data.day(scope, date) is None for scope in data.SCOPES for date in missing)


def test_nobody_works_on_a_holiday() -> None:
    assert data.day(ENTERPRISE, dt.date(2024, 12, 25)) is None
    assert data.day(ENTERPRISE, dt.date(2025, 1, 1)) is None


def test_there_is_no_report_before_the_first_day() -> None:
    assert data.day(ENTERPRISE, data.FIRST_DAY - dt.timedelta(days=7)) is None
    assert data.day(ENTERPRISE, data.FIRST_DAY) is not None


def test_some_days_lack_a_section_or_engaged_people() -> None:
    known = days(ORGANIZATION)
    assert any("total_engaged_users" not in day for day in known)
    assert any(day["copilot_dotcom_chat"] is None for day in known)
    assert any(day["copilot_dotcom_pull_requests"] is None for day in known)
    assert any("repositories" not in (day["copilot_dotcom_pull_requests"] or {}) for day in known)
    assert sum("total_engaged_users" in day and all(map(day.get, FEATURES)) for day in known) > 0.8 * len(known)


def test_names_are_those_of_github() -> None:
    assert names(ENTERPRISE, "editors") == {"vscode", "JetBrains", "Neovim", "Xcode", "VisualStudio"}
    assert names(ENTERPRISE, "models") == {"default", "octo-code"}
    assert {"unknown", "others", "typescriptreact", "csharp"} < names(ENTERPRISE, "languages")
    assert len(names(ORGANIZATION, "languages")) >= 12
    assert all(name.startswith("octo-org/") for name in names(ORGANIZATION, "repositories"))


def test_custom_model_is_used_after_its_training_date() -> None:
    assert {
        (model["name"], model["is_custom_model"], model["custom_model_training_date"])
        for model in entries(days(ENTERPRISE), "models")
    } == {("default", False, None), ("octo-code", True, "2024-02-01")}
    assert {model["name"] for model in entries(days(ENTERPRISE, "2024-01-01", 31), "models")} == {"default"}


def test_unknown_scope_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        data.day("orgs/acme", dt.date(2024, 6, 24))
