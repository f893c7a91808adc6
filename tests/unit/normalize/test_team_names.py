import datetime as dt

from copilot_metrics.normalize.team_names import TeamLabel, name_teams

DAY = dt.date(2026, 11, 27)
EARLIER = DAY - dt.timedelta(days=3)
LONG_AGO = DAY - dt.timedelta(days=28)


def names(*labels: tuple[str, str, str], last_days: dict[int, dt.date] | None = None) -> list[str]:
    """Return the name of the team of each label (slug, ID, organization). `last_days` has the days other than `DAY`."""
    days = {TeamLabel(*label): (last_days or {}).get(index, DAY) for index, label in enumerate(labels)}
    teams = name_teams(days)
    return [teams[TeamLabel(*label)].name for label in labels]


def test_name_is_the_slug() -> None:
    assert names(("core", "7", "9"), ("docs", "8", "9")) == ["core", "docs"]


def test_lowest_id_gets_a_shared_slug_and_ids_are_compared_as_numbers() -> None:
    assert names(("a", "100", "9"), ("a", "99", "9"), ("a", "101", "9")) == ["a-100", "a", "a-101"]


def test_renamed_team_has_its_latest_slug_and_all_its_slugs() -> None:
    days = {TeamLabel("old", "7", "9"): EARLIER, TeamLabel("new", "7", "9"): DAY, TeamLabel("", "7", "9"): DAY}
    (team,) = set(name_teams(days).values())
    assert (team.name, team.slug, team.id, team.organization) == ("new", "new", "7", "9")
    assert (team.had_slug("old"), team.had_slug("new"), team.had_slug("core"), team.had_slug("")) == (
        True,
        True,
        False,
        False,
    )


def test_slug_that_moved_to_another_team_names_that_team() -> None:
    assert names(("a", "7", ""), ("b", "7", ""), ("a", "8", ""), last_days={0: EARLIER}) == ["b", "b", "a"]


def test_teams_of_different_owners_with_the_same_id_are_different_teams() -> None:
    assert names(("a", "7", "9"), ("ent:a", "7", "")) == ["a", "ent:a"]
    assert names(("a", "7", "10"), ("a", "7", "9")) == ["a", "a-7"]


def test_unknown_id_or_organization_is_filled_in_from_the_only_team_with_the_slug() -> None:
    assert names(("a", "", "9"), ("a", "7", "9"), ("a", "7", "")) == ["a", "a", "a"]


def test_ambiguous_unknown_id_is_a_team_of_its_own() -> None:
    assert names(("a", "", ""), ("a", "7", ""), ("a", "8", "")) == ["a-2", "a", "a-8"]


def test_names_are_unique() -> None:
    assert names(("a", "7", ""), ("a", "12", ""), ("a-12", "5", "")) == ["a", "a-12-2", "a-12"]
    assert names(("a", "12", "9"), ("a", "12", "8"), ("a-12", "5", "9")) == ["a-12-9", "a", "a-12"]


def test_team_without_a_slug_is_named_by_its_id() -> None:
    assert names(("", "7", "9")) == ["7"]


def test_team_of_the_last_28_days_gets_a_shared_slug_before_an_older_team() -> None:
    assert names(("a", "12", ""), ("a", "7", ""), last_days={1: LONG_AGO}) == ["a", "a-7"]
    assert names(("a", "12", ""), ("a", "7", ""), last_days={1: LONG_AGO + dt.timedelta(days=1)}) == ["a-12", "a"]


def test_no_labels_give_no_teams() -> None:
    assert name_teams({}) == {}
