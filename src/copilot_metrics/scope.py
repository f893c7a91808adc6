"""What can be reported on: an enterprise, an organization, or a team of one of them."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

# Names are not judged by GitHub's rules for new ones: old accounts begin or end with a hyphen or have two in a row, and
# names of managed users contain an underscore.
_PATTERN = re.compile(
    r"(?P<kind>orgs|enterprises)/(?P<owner>(?!\.)[a-z0-9_.-]{1,100})"
    r"(?:/team/(?P<team>\*|(?:ent:)?[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff/*?#%&\\!,\"'<>|]{1,200}))?"
)
ALL_TEAMS = "*"
ACCEPTED = "orgs/ORG, orgs/ORG/team/TEAM, enterprises/ENT, or enterprises/ENT/team/TEAM"
_KINDS = {"org": "orgs", "organization": "orgs", "organisation": "orgs", "organizations": "orgs", "ent": "enterprises"}


class Scope(NamedTuple):
    """A scope as the user names it, in lower case; `team` is empty for a whole organization or enterprise."""

    kind: str
    owner: str
    team: str = ""

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Read `orgs/ORG`, `enterprises/ENT/team/TEAM` and so on; raises ValueError where it is none."""
        found = _PATTERN.fullmatch(text.strip().strip("/").lower())
        if found is None or found["team"] in (".", ".."):
            raise ValueError(ACCEPTED)
        return cls(found["kind"], found["owner"], found["team"] or "")

    def with_team(self, slug: str) -> Scope:
        """A team of it as GitHub names it; raises ValueError where that is no name, which is to be part of a path."""
        made = Scope.parse(f"{self.owner_path}/team/{slug}")
        if made.team != slug.lower() or made.team == ALL_TEAMS:
            raise ValueError(ACCEPTED)
        return made

    def __str__(self) -> str:
        return f"{self.owner_path}/team/{self.team}" if self.team else self.owner_path

    @property
    def owner_path(self) -> str:
        """The organization or enterprise that the scope belongs to, such as `orgs/octo-org`."""
        return f"{self.kind}/{self.owner}"

    @property
    def noun(self) -> str:
        """What GitHub calls such a scope."""
        account = "organization" if self.kind == "orgs" else "enterprise"
        return f"{account} team" if self.team else account

    @property
    def title(self) -> str:
        """The name that a reader knows it by: `octo-org`, or `octo-org / blue` for a team."""
        return f"{self.owner} / {self.team}" if self.team else self.owner

    @property
    def folder(self) -> str:
        """Its folder in the output directory; any character but a-z 0-9 . _ - becomes -."""
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
    """Which part of a plan a job reports: its number (from 1), how many there are, and the digest of the plan."""

    number: int
    total: int
    plan: str

    @classmethod
    def parse(cls, text: str) -> Shard | None:
        """Return the shard that a comment of the input `scope` names; `None` if there is none."""
        found = re.search(r"(?m)^# shard (\d{1,3}) of (\d{1,3}) of plan ([0-9a-f]{12})\s*$", text)
        return cls(int(found[1]), int(found[2]), found[3]) if found else None

    @property
    def comment(self) -> str:
        """The comment that the matrix of a plan adds to the scopes of a job."""
        return f"# shard {self.number} of {self.total} of plan {self.plan}"


class Selection(NamedTuple):
    """The scopes that are asked for, in their order, each once, and those that are left out of what `*` finds."""

    included: tuple[Scope, ...]
    excluded: frozenset[Scope] = frozenset()
    shard: Shard | None = None

    def excludes(self, scope: Scope) -> bool:
        """Whether a scope is left out, by its name or with all teams."""
        return not {scope, Scope(scope.kind, scope.owner, scope.team and ALL_TEAMS)}.isdisjoint(self.excluded)
