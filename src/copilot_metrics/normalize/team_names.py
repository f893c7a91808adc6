"""Finding out which rows of user-teams reports belong to one team, and what to call each team.

A team is identified by its ID together with the organization or enterprise that it belongs to. A slug is only a name:
teams of two organizations can have the same slug, and the slug changes if somebody renames the team.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_RECENT = dt.timedelta(days=27)


class TeamLabel(NamedTuple):
    """The team columns of a user-teams row, each empty if unknown. A team of an enterprise has no organization."""

    slug: str
    id: str
    organization: str


class TeamName(NamedTuple):
    """A team: its name in scopes, its latest slug, its ID and organization (empty if unknown), and all its slugs."""

    name: str
    slug: str
    id: str
    organization: str
    slugs: frozenset[str]

    def had_slug(self, slug: str) -> bool:
        """Return whether the team has or had a slug."""
        return slug in self.slugs


def name_teams(last_days: Mapping[TeamLabel, dt.date]) -> dict[TeamLabel, TeamName]:
    """Return the team of each label. `last_days` has the last day on which a row has the label.

    The name of a team is its latest slug. If several teams have the same slug, the team with the lowest ID gets it, the
    others are called `SLUG-ID`, and a team without an ID comes last. Teams with rows in the last 28 days come first, so
    that their names do not depend on the length of the period.
    """
    last_day = max(last_days.values(), default=dt.date.min)
    labels_by_team: defaultdict[TeamLabel, dict[TeamLabel, dt.date]] = defaultdict(dict)
    complete_labels = _complete_labels(last_days)
    for label, day in last_days.items():
        complete = complete_labels[label]
        team = complete._replace(slug="" if complete.id else complete.slug)
        labels_by_team[team][label] = day
    slugs = {team: _latest_slug(labels) for team, labels in labels_by_team.items()}

    def rank(team: TeamLabel) -> tuple[bool, bool, int, str, str]:
        is_old = max(labels_by_team[team].values()) < last_day - _RECENT
        return is_old, not team.id, int(team.id) if team.id.isdecimal() else 0, team.id, team.organization

    by_rank = sorted(labels_by_team, key=rank)
    teams_by_name: dict[str, TeamLabel] = {}
    for team in by_rank:
        teams_by_name.setdefault(slugs[team], team)
    for team in by_rank:
        if teams_by_name[slugs[team]] != team:
            teams_by_name[_free_name(slugs[team], team, teams_by_name)] = team
    names = {
        team: TeamName(
            name,
            slugs[team],
            team.id,
            team.organization,
            frozenset(label.slug for label in labels_by_team[team]) - {""},
        )
        for name, team in teams_by_name.items()
    }
    return {label: names[team] for team, labels in labels_by_team.items() for label in labels}


def _complete_labels(labels: Iterable[TeamLabel]) -> dict[TeamLabel, TeamLabel]:
    """Return each label with its unknown parts filled in from the only other label with the same known parts."""
    labels = list(labels)
    organizations: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for label in labels:
        if label.organization:
            organizations[label.slug, label.id].add(label.organization)
    with_organization = {
        label: label._replace(organization=label.organization or _only(organizations[label.slug, label.id]))
        for label in labels
    }
    ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for label in with_organization.values():
        if label.id:
            ids[label.slug, label.organization].add(label.id)
    return {
        label: complete._replace(id=complete.id or _only(ids[complete.slug, complete.organization]))
        for label, complete in with_organization.items()
    }


def _only(values: Collection[str]) -> str:
    """Return the value if there is exactly one, otherwise an empty string."""
    return next(iter(values)) if len(values) == 1 else ""


def _latest_slug(last_days: Mapping[TeamLabel, dt.date]) -> str:
    """Return the slug on the team's last day; the team's ID if it never has a slug."""
    slugs = [(day, label.slug) for label, day in last_days.items() if label.slug]
    return max(slugs)[1] if slugs else next(iter(last_days)).id


def _free_name(slug: str, team: TeamLabel, names: Collection[str]) -> str:
    """Return a name that no other team has: `SLUG-ID`, `SLUG-ID-ORGANIZATION`, or with a number."""
    name = slug
    for part in (team.id, team.organization):
        name = f"{name}-{part}" if part else name
        if name not in names:
            return name
    number = 2
    while f"{name}-{number}" in names:
        number += 1
    return f"{name}-{number}"
