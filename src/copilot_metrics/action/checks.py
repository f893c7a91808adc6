"""Combine the inputs that select scopes, and find inputs that contradict each other.

An input that was rejected is not in `values`. Nothing that follows from a rejected input is a problem of its own.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from copilot_metrics.errors import OutputError
from copilot_metrics.scope import ACCEPTED, ALL_TEAMS, Scope, Selection
from copilot_metrics.secret import shorten
from copilot_metrics.store.workspace import Workspace, in_workspace

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

SECRETS = ("token", "app-private-key", "commit-token")
"""The inputs whose values are stored as secrets."""
_SELECTING = ("enterprise", "organization", "teams", "scope")


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about an invalid input.

    Attributes:
        name: The input to correct; empty for a word of the command line that is not an input.
        text: The sentence.
        intended: The input that a misspelled name means; empty if no name is misspelled.
    """

    name: str
    text: str
    intended: str = ""


def select_scopes(values: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Selection, list[Problem]]:
    """Combine `enterprise`, `organization`, `teams`, and `scope` into one selection.

    If none of them names an organization or enterprise, it is the owner of the repository.
    """
    empty = Selection(())
    if any(name not in values for name in _SELECTING):
        return empty, []
    scope: Selection = values["scope"]
    owners: list[Scope] = [*values["enterprise"], *values["organization"]]
    teams: Sequence[str] = values["teams"]
    merges = bool(values.get("merge-from", True))
    if not owners and scope.included:
        if teams:
            accepted = "In `scope`, a team is orgs/ORG/team/TEAM, and * means all teams."
            text = f"`teams` is set, but `organization` and `enterprise` are empty. {accepted}"
            return empty, [Problem("teams", text)]
        return scope, _shared_folders(scope.included)
    owner = environ.get("GITHUB_REPOSITORY_OWNER", "")
    if not owners and owner:
        owners = [Scope("orgs", owner.lower())]
    if not owners and not merges:
        return empty, [Problem("organization", "`organization` is empty. It must be the name of an organization.")]
    selected, problems = _select_teams(owners, teams)
    scopes = [team for owner in owners for team in (owner, *selected.get(owner, ()))]
    included = [item for item in dict.fromkeys([*scopes, *scope.included]) if not scope.excludes(item)]
    if owners and not included and not problems:
        problems.append(Problem("scope", f"`scope` excludes everything. It must leave at least one scope: {ACCEPTED}."))
    return Selection(tuple(included), scope.excluded, scope.shard), [*problems, *_shared_folders(included)]


def _select_teams(owners: Sequence[Scope], teams: Sequence[str]) -> tuple[dict[Scope, list[Scope]], list[Problem]]:
    """Return the teams of each owner, from texts such as `*`, `blue`, or `octo-org/blue`."""
    selected: dict[Scope, list[Scope]] = {owner: [] for owner in owners}
    problems = []
    for text in teams:
        name, slash, slug = text.rpartition("/")
        matching = [owner for owner in owners if owner.owner == name] if slash else list(owners)
        if text == ALL_TEAMS or len(matching) == 1:
            for owner in matching:
                selected[owner].append(owner.with_team(slug) if slug != ALL_TEAMS else Scope(*owner[:2], ALL_TEAMS))
        elif not slash:
            accepted = f"It must be OWNER/TEAM, such as {owners[0].owner}/{slug}." if owners else ""
            problems.append(Problem("teams", f"`teams` has {slug}, but there are several owners. {accepted}"))
        elif matching:
            accepted = "Name the team in `scope`."
            problems.append(Problem("teams", f"`teams` has {text}, but {name} is two owners. {accepted}"))
        else:
            close = difflib.get_close_matches(name, [owner.owner for owner in owners], 1)
            hint = f'Did you mean "{close[0]}/{slug}"?' if close else f"Add {name} to `organization` or `enterprise`."
            reason = f"but {name} is not in `organization` or `enterprise`. {hint}"
            problems.append(Problem("teams", f"`teams` has {text}, {reason}"))
    return selected, problems


def _shared_folders(scopes: Sequence[Scope]) -> list[Problem]:
    """Return a problem for each pair of scopes whose files would have the same paths."""
    return [
        Problem(
            "scope",
            f"`scope`: {scope} and {other} would share the folder {scope.folder}. Name only one of them.",
        )
        for scope, other in combinations(scopes, 2)
        if scope.folder == other.folder
    ]


def contradictions(values: Mapping[str, Any], environ: Mapping[str, str], today: dt.date) -> list[Problem]:
    """Return the contradictions between inputs that are valid by themselves."""
    get = values.get

    def is_empty(*names: str) -> bool:
        return all(name in values and not values[name] for name in names)

    merges = bool(get("merge-from", True))
    since, until = get("since"), get("until")
    rules = (
        (
            "token",
            not merges and is_empty("token", "app-id", "app-private-key"),
            "`token` is empty. Does the secret exist in this repository, and is its name spelled as in the workflow?"
            if environ.get("GITHUB_ACTIONS") == "true"
            else "`token` is empty. Set GITHUB_TOKEN or GH_TOKEN to a token that can read Copilot metrics.",
        ),
        (
            "commit-repository",
            bool(get("commit")) and is_empty("commit-repository"),
            "`commit-repository` is empty. It must be OWNER/REPO.",
        ),
        (
            "commit-token",
            bool(get("commit")) and is_empty("commit-token"),
            "`commit-token` is empty. It must be a token with the permission contents: write.",
        ),
        (
            "commit",
            bool(get("pull-request")) and get("commit") is False,
            "`pull-request` is true, but `commit` is false. Set `commit: true`, too.",
        ),
        (
            "plan-shards",
            bool(get("plan-shards")) and bool(get("merge-from")),
            "`plan-shards` and `merge-from` are both set. Set one of them, or neither.",
        ),
        (
            "app-private-key",
            bool(get("app-id")) and is_empty("app-private-key"),
            "`app-id` is set, but `app-private-key` is empty. Does the secret exist in this repository?",
        ),
        (
            "app-id",
            bool(get("app-private-key")) and is_empty("app-id"),
            "`app-private-key` is set, but `app-id` is empty. It must be the App's client ID (or ID).",
        ),
        (
            "until",
            until is not None and until > today,
            f'`until` is "{until}", which is in the future. It must be {today} (UTC) or earlier.',
        ),
        (
            "until",
            since is not None and until is not None and until < since,
            f'`until` is "{until}", which is before `since`, "{since}". It must be the same day or a later one.',
        ),
        (
            "since",
            since is not None and is_empty("until") and since >= today,
            f'`since` is "{since}", and there is no data of that day yet. It must be yesterday (UTC) or earlier.',
        ),
    )
    return [Problem(name, text) for name, is_wrong, text in rules if is_wrong]


def path_problems(values: Mapping[str, Any], environ: Mapping[str, str]) -> list[Problem]:
    """Return the problems with paths in the workspace."""
    problems = []
    if "output-directory" in values:
        try:
            Workspace.at(values["output-directory"], environ)
        except OutputError as error:
            problems.append(Problem("output-directory", str(error)))
    if values.get("merge-from"):
        place = in_workspace(values["merge-from"], environ)
        value = f'`merge-from` is "{shorten(values["merge-from"])}"'
        if not Workspace.contains(place, environ):
            accepted = "It must be a path relative to the workspace, or an absolute path inside it."
            problems.append(Problem("merge-from", f"{value}, which is outside the workspace. {accepted}"))
        elif not place.is_dir():
            advice = "Download the artifacts of the jobs into it in an earlier step."
            problems.append(Problem("merge-from", f"{value}, which is not a directory of the workspace. {advice}"))
    return problems
