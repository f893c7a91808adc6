"""From `action.yml`, `INPUT_…`, and flags to one frozen `Inputs`; all invalid inputs are reported at once.

`action.yml` holds the only defaults and descriptions. A flag wins over `INPUT_…`, which wins over the default; an empty
value means "not set".
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics.action import parsers, private_key
from copilot_metrics.action.action_yml import action_yml
from copilot_metrics.errors import InputError, OutputError
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS, Period
from copilot_metrics.scope import ACCEPTED, Selection
from copilot_metrics.store.workspace import Workspace, in_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.action.parsers import Invalid, Secret

DEFAULT_COMMAND = "report"
# The only expressions a default may hold, and the variable that has the same meaning off GitHub.
_EXPRESSIONS = {
    "${{ github.token }}": "GITHUB_TOKEN",
    "${{ github.repository }}": "GITHUB_REPOSITORY",
    "${{ github.repository_owner }}": "GITHUB_REPOSITORY_OWNER",
    "${{ github.api_url }}": "GITHUB_API_URL",
}
SECRETS = ("token", "app-private-key", "commit-token")
"""The inputs whose values are stored as secrets."""


class Declared(NamedTuple):
    """An input as `action.yml` declares it."""

    description: str
    default: str


class Problem(NamedTuple):
    """A sentence about an invalid input, and the name of the input that is to be corrected."""

    name: str
    text: str


class Inputs(NamedTuple):
    """What the user asked for; a field for each input of `action.yml`, with `_` for `-`."""

    token: Secret
    app_id: str
    app_private_key: Secret
    scope: Selection
    api: str
    days: int
    since: dt.date | None
    until: dt.date | None
    licenses: str
    repository_breakdown: bool
    min_team_size: int
    api_url: str
    allowed_download_hosts: tuple[str, ...]
    max_wait_minutes: float
    output_directory: str
    charts: str
    job_summary: bool
    if_no_data: str
    commit: bool
    commit_repository: str
    commit_branch: str
    commit_directory: str
    commit_message: str
    commit_token: Secret
    pull_request: bool
    allow_public_repository: bool
    plan_shards: int | None
    merge_from: str

    def period(self, default_until: dt.date) -> Period:
        """The period to report, ending at `until` or else at `default_until`."""
        until = self.until or default_until
        return Period(self.since or until - dt.timedelta(days=self.days - 1), until)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "token": parsers.secret,
    "app-id": str,
    "app-private-key": private_key.parse,
    "scope": parsers.scopes,
    "api": parsers.one_of("auto", METRICS, USAGE_METRICS),
    "days": parsers.whole(1, 3653),
    "since": parsers.optional(parsers.date),
    "until": parsers.optional(parsers.date),
    "licenses": parsers.one_of("counts", "details", "none"),
    "repository-breakdown": parsers.boolean,
    "min-team-size": parsers.whole(0, 1_000_000),
    "api-url": parsers.api_url,
    "allowed-download-hosts": parsers.hosts,
    "max-wait-minutes": parsers.minutes,
    "output-directory": parsers.directory,
    "charts": parsers.one_of("auto", "true", "false"),
    "job-summary": parsers.boolean,
    "if-no-data": parsers.one_of("warn", "error", "ignore"),
    "commit": parsers.boolean,
    "commit-repository": parsers.repository,
    "commit-branch": parsers.branch,
    "commit-directory": parsers.folder,
    "commit-message": parsers.message,
    "commit-token": parsers.secret,
    "pull-request": parsers.boolean,
    "allow-public-repository": parsers.boolean,
    "plan-shards": parsers.optional(parsers.whole(1, 256)),
    "merge-from": str,
}


@cache
def declared() -> Mapping[str, Declared]:
    """The inputs of `action.yml`, in its order."""
    inputs = action_yml()["inputs"]
    return {name: Declared(" ".join(each["description"].split()), each["default"]) for name, each in inputs.items()}


def read(argv: Sequence[str], environ: Mapping[str, str], today: dt.date) -> tuple[str, Inputs]:
    """Return the command and its inputs; raises `InputError` with all that is wrong. `today` is the UTC date."""
    command = DEFAULT_COMMAND
    flags: dict[str, str] = {}
    problems, misspelled = _unknown_inputs(environ)
    if argv:  # an Action is started without any
        from copilot_metrics.action import command_line  # noqa: PLC0415 - a part of the start-up

        line = command_line.parse(argv, declared())
        command, flags = line.command, line.flags
        problems += [Problem("", text) for text in line.problems]
        misspelled |= line.misspelled
    texts = {name: _text_of(name, default, flags, environ) for name, (_, default) in declared().items()}
    parsed: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            parsed[name] = _PARSERS[name](text)
        except parsers.Invalid as invalid:
            problems.append(Problem(name, _problem(name, text, invalid)))
    sound = {name: value for name, value in parsed.items() if name not in misspelled}
    problems += _contradictions(sound, command, environ, today)
    problems += _paths(sound, command, environ)
    if problems:
        raise InputError([problem.text for problem in problems], [problem.name for problem in problems])
    return command, Inputs(**{name: parsed[name.replace("_", "-")] for name in Inputs._fields})


def _unknown_inputs(environ: Mapping[str, str]) -> tuple[list[Problem], set[str]]:
    """Return an error for each `INPUT_…` whose name is close to that of an input, and the inputs that were meant.

    GitHub passes unknown inputs of a step on with no more than a warning.
    """
    problems: list[Problem] = []
    meant: set[str] = set()
    for variable in sorted(environ):
        name = variable.removeprefix("INPUT_").lower()
        if variable.startswith("INPUT_") and environ[variable].strip() and name not in declared():
            near = parsers.closest_input(name, declared())
            if near:
                problems.append(Problem(name, f"`{name}` is not an input. Did you mean `{near}`?"))
                meant.add(near)
    return problems, meant


def _problem(name: str, text: str, invalid: Invalid) -> str:
    """Return the sentences about a value that is not accepted; secrets are not quoted."""
    if name not in SECRETS and parsers.looks_like_token(text):
        return f"`{name}` looks like a token. It must be {invalid.accepted}."
    secret = name in SECRETS or "@" in text  # as in https://user:password@host
    value = "" if secret else f' is "{parsers.shown(invalid.value or text)}", but'
    found = f", but {invalid.found}" if invalid.found else ""
    meant = f' Did you mean "{parsers.shown(invalid.meant)}"?' if invalid.meant and not secret else ""
    advice = f" {invalid.advice}" if invalid.advice else ""
    return f"`{name}`{value} must be {invalid.accepted}{found}.{meant}{advice}"


def _text_of(name: str, default: str, flags: Mapping[str, str], environ: Mapping[str, str]) -> str:
    text = flags.get(name) or environ.get(f"INPUT_{name.upper()}", "")
    if text.strip():
        return text.strip()
    if name == "token" and environ.get("GITHUB_ACTIONS") != "true":
        default = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    return _evaluated(default, environ)


def _evaluated(default: str, environ: Mapping[str, str]) -> str:
    """The default with its expression replaced; not set where the variable is not."""
    expression = re.search(r"\$\{\{.*?\}\}", default)
    if expression is None:
        return default
    value = environ.get(_EXPRESSIONS[expression[0]], "")
    return default.replace(expression[0], value) if value else ""


def _contradictions(
    parsed: Mapping[str, Any], command: str, environ: Mapping[str, str], today: dt.date
) -> list[Problem]:
    """Return what is wrong between inputs that are valid by themselves.

    An input that was rejected is not in `parsed`, and nothing that would follow from it is an error of its own.
    """
    get = parsed.get

    def is_empty(*names: str) -> bool:
        return all(name in parsed and not parsed[name] for name in names)

    demo, merges = command == "demo", bool(get("merge-from", True))
    since, until = get("since"), get("until")
    scopes = get("scope", Selection(())).wanted
    shared = [pair for pair in combinations(scopes, 2) if pair[0].folder == pair[1].folder]
    rules = (
        (
            "token",
            not demo and not merges and is_empty("token", "app-id", "app-private-key"),
            "`token` is empty. Does the secret exist in this repository, and is its name spelled as in the workflow?"
            if environ.get("GITHUB_ACTIONS") == "true"
            else "`token` is empty. Set GITHUB_TOKEN or GH_TOKEN to a token that can read Copilot metrics.",
        ),
        (
            "scope",
            not demo and not merges and "scope" in parsed and not scopes,
            f"`scope` is empty. It must be {ACCEPTED}, one per line or separated by commas.",
        ),
        *(
            ("scope", True, f"`scope`: {one} and {other} would share the folder {one.folder}. Name only one of them.")
            for one, other in shared
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
    return [Problem(name, text) for name, wrong, text in rules if wrong]


def _paths(parsed: Mapping[str, Any], command: str, environ: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with the paths in the workspace."""
    if command == "demo":
        return []
    problems = []
    if "output-directory" in parsed:
        try:
            Workspace.at(parsed["output-directory"], environ)
        except OutputError as problem:
            problems.append(Problem("output-directory", str(problem)))
    if parsed.get("merge-from"):
        place = in_workspace(parsed["merge-from"], environ)
        if not Workspace.contains(place, environ):
            text = f'`merge-from` is "{parsers.shown(parsed["merge-from"])}", which is outside the workspace.'
            text += " It must be a path relative to the workspace, or an absolute path inside it."
            problems.append(Problem("merge-from", text))
        elif not place.is_dir():
            text = (
                f'`merge-from` is "{parsers.shown(parsed["merge-from"])}", which is not a directory of the workspace.'
            )
            problems.append(
                Problem("merge-from", f"{text} Download the artifacts of the jobs into it in an earlier step.")
            )
    return problems
