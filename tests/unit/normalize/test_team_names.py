import datetime as dt

from copilot_metrics.normalize.team_names import TeamLabel, name_teams

DAY = dt.date(2026, 11, 27)
EARLIER = DAY - dt.timedelta(days=3)
LONG_AGO = DAY - dt.timedelta(days=28)


def names(*labels: tuple[str, str, str], on: dict[int, dt.date] | None = None) -> list[str]:
    """The name of the team that each label (slug, ID, organization) means; `on` has other days than the last."""
    seen = {TeamLabel(*label): (on or {}).get(place, DAY) for place, label in enumerate(labels)}
    named = name_teams(seen)
    return [named[TeamLabel(*label)].name for label in labels]


def test_a_team_has_its_slug() -> None:
    assert names(("core", "7", "9"), ("docs", "8", "9")) == ["core", "docs"]


def test_of_teams_with_one_slug_the_lowest_id_has_it_and_numbers_are_compared_as_numbers() -> None:
    assert names(("a", "100", "9"), ("a", "99", "9"), ("a", "101", "9")) == ["a-100", "a", "a-101"]


def test_a_renamed_team_has_its_latest_slug_and_remembers_the_others() -> None:
    seen = {TeamLabel("old", "7", "9"): EARLIER, TeamLabel("new", "7", "9"): DAY, TeamLabel("", "7", "9"): DAY}
    (team,) = set(name_teams(seen).values())
    assert (team.name, team.slug, team.id, team.organization) == ("new", "new", "7", "9")
    assert (team.had_slug("old"), team.had_slug("new"), team.had_slug("core"), team.had_slug("")) == (
        True,
        True,
        False,
        False,
    )


def test_a_slug_that_passed_from_one_team_to_another_is_the_others() -> None:
    assert names(("a", "7", ""), ("b", "7", ""), ("a", "8", ""), on={0: EARLIER}) == ["b", "b", "a"]


def test_a_team_of_an_organization_is_no_team_of_the_enterprise_with_the_same_number() -> None:
    assert names(("a", "7", "9"), ("ent:a", "7", "")) == ["a", "ent:a"]
    assert names(("a", "7", "10"), ("a", "7", "9")) == ["a", "a-7"]


def test_an_unknown_id_or_organization_is_that_of_the_only_team_with_the_slug() -> None:
    assert names(("a", "", "9"), ("a", "7", "9"), ("a", "7", "")) == ["a", "a", "a"]


def test_an_unknown_id_that_may_be_of_several_teams_is_a_team_of_its_own_and_the_last() -> None:
    assert names(("a", "", ""), ("a", "7", ""), ("a", "8", "")) == ["a-2", "a", "a-8"]


def test_a_name_that_another_team_has_is_not_given_twice() -> None:
    assert names(("a", "7", ""), ("a", "12", ""), ("a-12", "5", "")) == ["a", "a-12-2", "a-12"]
    assert names(("a", "12", "9"), ("a", "12", "8"), ("a-12", "5", "9")) == ["a-12-9", "a", "a-12"]


def test_a_team_without_any_slug_is_named_by_its_id() -> None:
    assert names(("", "7", "9")) == ["7"]


def test_a_team_of_the_last_four_weeks_keeps_its_slug_if_a_longer_period_has_another() -> None:
    assert names(("a", "12", ""), ("a", "7", ""), on={1: LONG_AGO}) == ["a", "a-7"]
    assert names(("a", "12", ""), ("a", "7", ""), on={1: LONG_AGO + dt.timedelta(days=1)}) == ["a-12", "a"]


def test_no_rows_are_no_teams() -> None:
    assert name_teams({}) == {}
