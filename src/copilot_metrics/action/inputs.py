"""Read `action.yml`, `INPUT_…`, and flags into one `Inputs` record, and report all invalid inputs at once.

`action.yml` holds the only defaults and descriptions. A flag wins over `INPUT_…`, which wins over the default. An empty
value means "not set".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from copilot_metrics.action import checks, parsers, private_key
from copilot_metrics.action.checks import SECRETS, Problem
from copilot_metrics.errors import InputError
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.paths import ACTION_YML
from copilot_metrics.secret import looks_like_token, shorten

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.action.parsers import InvalidValueError
    from copilot_metrics.scope import Selection
    from copilot_metrics.secret import Secret

# The expressions that a default in action.yml may contain, and the variable with the same value.
_EXPRESSIONS = {
    "${{ github.token }}": "GITHUB_TOKEN",
    "${{ github.repository }}": "GITHUB_REPOSITORY",
    "${{ github.api_url }}": "GITHUB_API_URL",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """The description and the default of an input in `action.yml`."""

    description: str
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of a run: a field for each input of `action.yml`, with `_` for `-`.

    `scope` also contains the scopes of the inputs `enterprise`, `organization`, and `teams`, which have no field.
    """

    token: Secret
    app_id: str
    app_private_key: Secret
    scope: Selection
    days: int
    since: dt.date | None
    until: dt.date | None
    licenses: str
    repository_breakdown: bool
    min_team_size: int
    api: str
    mode: str
    output_directory: str
    charts: str
    job_summary: bool
    if_no_data: str
    if_scope_fails: str
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
    api_url: str
    allowed_download_hosts: tuple[str, ...]
    max_wait_minutes: float


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "token": parsers.secret,
    "app-id": str,
    "app-private-key": private_key.parse,
    "enterprise": parsers.owners("enterprises"),
    "organization": parsers.owners("orgs"),
    "teams": parsers.teams,
    "scope": parsers.scopes,
    "days": parsers.integer(1, 3653),
    "since": parsers.optional(parsers.date),
    "until": parsers.optional(parsers.date),
    "licenses": parsers.one_of("counts", "details", "none"),
    "repository-breakdown": parsers.boolean,
    "min-team-size": parsers.integer(0, 1_000_000),
    "api": parsers.one_of("auto", METRICS, USAGE_METRICS),
    "mode": parsers.one_of("report", "check"),
    "output-directory": parsers.directory,
    "charts": parsers.one_of("auto", "true", "false"),
    "job-summary": parsers.boolean,
    "if-no-data": parsers.one_of("warn", "error", "ignore"),
    "if-scope-fails": parsers.one_of("error", "warn"),
    "commit": parsers.boolean,
    "commit-repository": parsers.repository,
    "commit-branch": parsers.branch,
    "commit-directory": parsers.folder,
    "commit-message": parsers.message,
    "commit-token": parsers.secret,
    "pull-request": parsers.boolean,
    "allow-public-repository": parsers.boolean,
    "plan-shards": parsers.optional(parsers.integer(1, 256)),
    "merge-from": str,
    "api-url": parsers.api_url,
    "allowed-download-hosts": parsers.hosts,
    "max-wait-minutes": parsers.minutes,
}


@cache
def action_yml() -> Mapping[str, Any]:
    """Return the content of `action.yml`.

    https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
    """
    return yaml.safe_load(ACTION_YML.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def declarations() -> Mapping[str, Declaration]:
    """Return the inputs of `action.yml` by name, in its order."""
    return {
        name: Declaration(" ".join(declared["description"].split()), declared["default"])
        for name, declared in action_yml()["inputs"].items()
    }


def read_inputs(
    environ: Mapping[str, str],
    today: dt.date,
    flags: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> Inputs:
    """Return the inputs of a run.

    Args:
        environ: The environment, with an `INPUT_…` variable for each input of the step.
        today: The date in UTC.
        flags: The inputs of the command line, by name.
        problems: What is wrong with the command line.

    Raises:
        InputError: An input is invalid, or inputs contradict each other. The error names all of them.
    """
    problems = [*problems, *_misspelled_variables(environ)]
    values: dict[str, Any] = {}
    for name, declaration in declarations().items():
        text = _text(name, declaration.default, flags or {}, environ)
        try:
            values[name] = _PARSERS[name](text)
        except parsers.InvalidValueError as invalid:
            problems.append(Problem(name, _invalid_value(name, text, invalid)))
    valid = {name: value for name, value in values.items() if name not in {problem.intended for problem in problems}}
    selection, selection_problems = checks.select_scopes(valid, environ)
    problems += selection_problems
    problems += checks.contradictions(valid, environ, today)
    problems += checks.path_problems(valid, environ)
    if problems:
        raise InputError([problem.text for problem in problems], [problem.name for problem in problems])
    values["scope"] = selection
    return Inputs(**{field.name: values[field.name.replace("_", "-")] for field in fields(Inputs)})


def _misspelled_variables(environ: Mapping[str, str]) -> list[Problem]:
    """Return a problem for each `INPUT_…` with a name that is similar to the name of an input.

    For an unknown input of a step, GitHub only shows a warning, and sets the variable.
    """
    problems = []
    for variable in sorted(environ):
        name = variable.removeprefix("INPUT_").lower()
        if variable.startswith("INPUT_") and environ[variable].strip() and name not in declarations():
            similar = parsers.similar_input(name, declarations())
            if similar:
                problems.append(Problem(name, f"`{name}` is not an input. Did you mean `{similar}`?", similar))
    return problems


def _invalid_value(name: str, text: str, invalid: InvalidValueError) -> str:
    """Return the sentences about a value that is not accepted; secrets are not quoted."""
    if name not in SECRETS and looks_like_token(text):
        return f"`{name}` looks like a token. It must be {invalid.accepted}."
    is_secret = name in SECRETS or "@" in text  # as in https://user:password@host
    value = "" if is_secret else f' is "{shorten(invalid.value or text)}", but'
    reason = f", but {invalid.reason}" if invalid.reason else ""
    suggestion = f' Did you mean "{shorten(invalid.suggestion)}"?' if invalid.suggestion and not is_secret else ""
    advice = f" {invalid.advice}" if invalid.advice else ""
    return f"`{name}`{value} must be {invalid.accepted}{reason}.{suggestion}{advice}"


def _text(name: str, default: str, flags: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Return the text of an input: the flag, the variable, or the default."""
    text = flags.get(name) or environ.get(f"INPUT_{name.upper()}", "")
    if text.strip():
        return text.strip()
    if name == "token" and environ.get("GITHUB_ACTIONS") != "true":
        default = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    return _replace_expression(default, environ)


def _replace_expression(default: str, environ: Mapping[str, str]) -> str:
    """Return a default with its expression replaced; empty if the variable is not set."""
    expression = re.search(r"\$\{\{.*?\}\}", default)
    if expression is None:
        return default
    value = environ.get(_EXPRESSIONS[expression[0]], "")
    return default.replace(expression[0], value) if value else ""
