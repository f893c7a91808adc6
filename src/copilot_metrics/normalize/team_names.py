"""Which rows of user-teams reports are of one team, and what each team is called.

A team is its ID together with the organization or enterprise that it belongs to. A slug is only a name: teams of two
organizations can share one, and it changes if somebody renames the team.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_RECENT = dt.timedelta(days=27)


class Label(NamedTuple):
    """What a row of user-teams says of its team, each empty if unknown. A team of an enterprise has no organization."""

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

    def had(self, slug: str) -> bool:
        """Whether the team has or had a slug."""
        return slug in self.slugs


def name_teams(seen: Mapping[Label, dt.date]) -> dict[Label, TeamName]:
    """Return the team that each label means, from the last day on which a row carries it.

    Of teams with one slug, the one with the lowest ID is called by it, and the others `SLUG-ID`. One without an ID
    comes after them. Teams that the last 28
    days name come first, so that a longer period does not change what they are called.
    """
    last = max(seen.values(), default=dt.date.min)
    groups: defaultdict[Label, dict[Label, dt.date]] = defaultdict(dict)
    complete = _complete(seen)
    for label, date in seen.items():
        known = complete[label]
        groups[known._replace(slug="" if known.id else known.slug)][label] = date
    slugs = {key: _latest_slug(labels) for key, labels in groups.items()}

    def rank(key: Label) -> tuple[bool, bool, int, str, str]:
        old = max(groups[key].values()) < last - _RECENT
        return old, not key.id, int(key.id) if key.id.isdecimal() else 0, key.id, key.organization

    names: dict[str, Label] = {}
    for key in sorted(groups, key=rank):
        names.setdefault(slugs[key], key)
    for key in sorted(groups, key=rank):
        if names[slugs[key]] != key:
            names[_free_name(slugs[key], key, names)] = key
    teams = {
        key: TeamName(
            name, slugs[key], key.id, key.organization, frozenset(one.slug for one in groups[key] if one.slug)
        )
        for name, key in names.items()
    }
    return {label: teams[key] for key, labels in groups.items() for label in labels}


def _complete(seen: Iterable[Label]) -> dict[Label, Label]:
    """Return each label with its unknown parts from the only other label that has the same known ones."""
    labels = list(seen)
    organizations: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for label in labels:
        if label.organization:
            organizations[label.slug, label.id].add(label.organization)
    known = {
        label: label._replace(organization=label.organization or _only(organizations[label.slug, label.id]))
        for label in labels
    }
    ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for label in known.values():
        if label.id:
            ids[label.slug, label.organization].add(label.id)
    return {
        label: full._replace(id=full.id or _only(ids[full.slug, full.organization])) for label, full in known.items()
    }


def _only(values: Collection[str]) -> str:
    return next(iter(values)) if len(values) == 1 else ""


def _latest_slug(labels: Mapping[Label, dt.date]) -> str:
    """Return the slug of the last day; the ID of a team whose slug is on no day."""
    slugs = [(date, label.slug) for label, date in labels.items() if label.slug]
    return max(slugs)[1] if slugs else next(iter(labels)).id


def _free_name(slug: str, key: Label, names: Collection[str]) -> str:
    name = slug
    for part in (key.id, key.organization):
        name = f"{name}-{part}" if part else name
        if name not in names:
            return name
    number = 2
    while f"{name}-{number}" in names:
        number += 1
    return f"{name}-{number}"
