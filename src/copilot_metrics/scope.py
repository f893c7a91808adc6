"""The scopes of a report: enterprises, organizations, and their teams."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

# GitHub's rules for new names do not apply to all names: old accounts begin or end with a hyphen or have two in a row,
# and names of managed users contain an underscore.
_PATTERN = re.compile(
    r"(?P<kind>orgs|enterprises)/(?P<owner>(?!\.)[a-z0-9_.-]{1,100})"
    r"(?:/team/(?P<team>\*|(?:ent:)?[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff/*?#%&\\!,\"'<>|]{1,200}))?"
)
ALL_TEAMS = "*"
ACCEPTED = "orgs/ORG, orgs/ORG/team/TEAM, enterprises/ENT, or enterprises/ENT/team/TEAM"
_KINDS = {"org": "orgs", "organization": "orgs", "organisation": "orgs", "organizations": "orgs", "ent": "enterprises"}


class Scope(NamedTuple):
    """A scope in lowercase; `kind` is `orgs` or `enterprises`, and `team` is empty unless the scope is a team."""

    kind: str
    owner: str
    team: str = ""

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Return the scope of a text such as `orgs/ORG` or `enterprises/ENT/team/TEAM`; raises `ValueError`."""
        match = _PATTERN.fullmatch(text.strip().strip("/").lower())
        if match is None or match["team"] in (".", ".."):
            raise ValueError(ACCEPTED)
        return cls(match["kind"], match["owner"], match["team"] or "")

    def with_team(self, slug: str) -> Scope:
        """Return a team of the owner by its slug; raises `ValueError` if the slug is not safe as part of a path."""
        team = Scope.parse(f"{self.owner_path}/team/{slug}")
        if team.team != slug.lower() or team.team == ALL_TEAMS:
            raise ValueError(ACCEPTED)
        return team

    def __str__(self) -> str:
        return f"{self.owner_path}/team/{self.team}" if self.team else self.owner_path

    @property
    def owner_path(self) -> str:
        """The organization or enterprise that the scope belongs to, such as `orgs/octo-org`."""
        return f"{self.kind}/{self.owner}"

    @property
    def noun(self) -> str:
        """The term for this kind of scope, such as `organization team`."""
        owner = "organization" if self.kind == "orgs" else "enterprise"
        return f"{owner} team" if self.team else owner

    @property
    def title(self) -> str:
        """The name to show: `octo-org`, or `octo-org / blue` for a team."""
        return f"{self.owner} / {self.team}" if self.team else self.owner

    @property
    def folder(self) -> str:
        """The folder in the output directory; every character except a-z 0-9 . _ - is replaced by a hyphen."""
        return "/".join(re.sub(r"[^a-z0-9._-]", "-", part) for part in str(self).split("/"))


def suggestion(text: str) -> str:
    """Return the scope that a misspelled one probably means, such as `orgs/octo-org` for a URL; empty if unknown."""
    path = re.sub(r"^(?:https?://)?[\w-]+(?:\.[\w-]+)*\.[a-z]+/", "", text.strip().lower()).strip("@/ ")
    parts = [part.strip().replace(" ", "-") for part in path.split("/")]
    close = difflib.get_close_matches(parts[0], ("orgs", "enterprises"), 1)
    kind = _KINDS.get(parts[0]) or (close[0] if close else "")
    if kind:
        parts = parts[1:] or [""]
    elif parts[0] not in ("users", "user", "repos"):
        kind = "orgs"
    owner, *rest = parts
    team = rest[1:] if rest and difflib.get_close_matches(rest[0], ("team",), 1) else rest
    try:
        return str(Scope.parse("/".join([kind, owner, *(["team", *team] if team else [])])))
    except ValueError:
        return ""


class Shard(NamedTuple):
    """The part of a plan that a job reports: its number (from 1), the number of shards, and the digest of the plan."""

    number: int
    total: int
    plan: str

    @classmethod
    def parse(cls, text: str) -> Shard | None:
        """Return the shard that a comment of the input `scope` names; `None` if there is none."""
        match = re.search(r"(?m)^# shard (\d{1,3}) of (\d{1,3}) of plan ([0-9a-f]{12})\s*$", text)
        return cls(int(match[1]), int(match[2]), match[3]) if match else None

    @property
    def comment(self) -> str:
        """The comment that a matrix adds to the scopes of a job."""
        return f"# shard {self.number} of {self.total} of plan {self.plan}"


class Selection(NamedTuple):
    """The scopes to report, in their order and without duplicates, and the scopes to exclude from `*`."""

    included: tuple[Scope, ...]
    excluded: frozenset[Scope] = frozenset()
    shard: Shard | None = None

    def excludes(self, scope: Scope) -> bool:
        """Return whether a scope is excluded, by its name or with all teams."""
        return not {scope, Scope(scope.kind, scope.owner, scope.team and ALL_TEAMS)}.isdisjoint(self.excluded)
