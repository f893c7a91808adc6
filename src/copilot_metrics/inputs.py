"""From `action.yml`, `INPUT_…` and flags to one frozen `Inputs`; every problem is told at once.

`action.yml` holds the only defaults and descriptions. A flag wins over `INPUT_…`, which wins over the default; an empty
value means "not set".
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_metrics import prepared, values
from copilot_metrics.errors import InputError
from copilot_metrics.model import METRICS, USAGE_METRICS, Period
from copilot_metrics.scope import ACCEPTED, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.values import Secret

DEFAULT_COMMAND = "report"
# The only expressions a default may hold, and the variable that has the same meaning off GitHub.
_EXPRESSIONS = {
    "${{ github.token }}": "GITHUB_TOKEN",
    "${{ github.repository }}": "GITHUB_REPOSITORY",
    "${{ github.repository_owner }}": "GITHUB_REPOSITORY_OWNER",
    "${{ github.api_url }}": "GITHUB_API_URL",
}
_SECRETS = ("token", "app-private-key", "commit-token")


class Declared(NamedTuple):
    """An input as `action.yml` declares it."""

    description: str
    default: str


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
    seats: str
    repositories: bool
    minimum_group: int
    api_url: str
    download_hosts: tuple[str, ...]
    max_wait: float
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
    allow_public: bool
    plan: int | None
    combine: str

    def period(self, default_until: dt.date) -> Period:
        """The period to report, ending at `until` or else at `default_until`."""
        until = self.until or default_until
        return Period(self.since or until - dt.timedelta(days=self.days - 1), until)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "token": values.secret,
    "app-id": str,
    "app-private-key": values.secret,
    "scope": values.scopes,
    "api": values.one_of("auto", METRICS, USAGE_METRICS),
    "days": values.whole(1, 3653),
    "since": values.optional(values.date),
    "until": values.optional(values.date),
    "seats": values.one_of("auto", "true", "false"),
    "repositories": values.boolean,
    "minimum-group": values.whole(0, 1_000_000),
    "api-url": values.api_url,
    "download-hosts": values.hosts,
    "max-wait": values.minutes,
    "output-directory": values.directory,
    "charts": values.one_of("auto", "true", "false"),
    "job-summary": values.boolean,
    "if-no-data": values.one_of("warn", "error", "ignore"),
    "commit": values.boolean,
    "commit-repository": values.optional_text(r"[\w.-]+/[\w.-]+", "OWNER/REPO"),
    "commit-branch": values.branch,
    "commit-directory": values.folder,
    "commit-message": values.message,
    "commit-token": values.secret,
    "pull-request": values.boolean,
    "allow-public": values.boolean,
    "plan": values.optional(values.whole(1, 256)),
    "combine": str,
}


@cache
def declared() -> Mapping[str, Declared]:
    """The inputs of `action.yml`, in its order."""
    inputs = prepared.action()["inputs"]
    return {name: Declared(" ".join(each["description"].split()), each["default"]) for name, each in inputs.items()}


def read(argv: Sequence[str], environ: Mapping[str, str], today: dt.date) -> tuple[str, Inputs]:
    """The command and its inputs; raises `InputError` with all that is wrong. `today` is the UTC date."""
    command = DEFAULT_COMMAND
    flags: dict[str, str] = {}
    problems: list[str] = []
    if argv:  # an Action is started without any
        from copilot_metrics import command_line  # noqa: PLC0415 - a part of the start-up

        command, flags, problems = command_line.parse(argv, declared())
    given = {name: _given(name, default, flags, environ) for name, (_, default) in declared().items()}
    parsed: dict[str, Any] = {}
    for name, text in given.items():
        try:
            parsed[name] = _PARSERS[name](text)
        except ValueError as error:
            secret = name in _SECRETS or "@" in text  # as in https://user:password@host
            shown = "the value given" if secret else f'"{values.shown(text)}"'
            problems.append(f"{name}: {shown} is not accepted; expected {error}.")
    problems += _contradictions(parsed, command, environ, today)
    if problems:
        raise InputError(problems)
    return command, Inputs(**{name: parsed[name.replace("_", "-")] for name in Inputs._fields})


def _given(name: str, default: str, flags: Mapping[str, str], environ: Mapping[str, str]) -> str:
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


def _contradictions(parsed: Mapping[str, Any], command: str, environ: Mapping[str, str], today: dt.date) -> list[str]:
    """What is wrong between inputs that are right by themselves; an input that was refused is left out."""
    get = parsed.get
    since, until = get("since"), get("until")
    shared = [pair for pair in combinations(get("scope", Selection(())).wanted, 2) if pair[0].folder == pair[1].folder]
    app = bool(get("app-id")) + bool(get("app-private-key"))
    rules = (
        (
            command != "demo" and "token" in parsed and not (parsed["token"] or app or get("combine")),
            "token: it is not set; expected a token that reads Copilot metrics"
            + (" (the workflow's own GITHUB_TOKEN cannot)." if environ.get("GITHUB_ACTIONS") == "true" else "."),
        ),
        (
            command != "demo" and "scope" in parsed and not (parsed["scope"].wanted or get("combine")),
            f"scope: it is not set; expected {ACCEPTED}, one per line or comma-separated.",
        ),
        *(
            (True, f"scope: {one} and {other} would share the folder {one.folder}; name only one.")
            for one, other in shared
        ),
        (
            bool(get("commit")) and "commit-repository" in parsed and not parsed["commit-repository"],
            "commit-repository: it is not set; expected OWNER/REPO.",
        ),
        (
            bool(get("commit")) and "commit-token" in parsed and not parsed["commit-token"],
            "commit-token: it is not set; expected a token with contents: write.",
        ),
        (
            bool(get("pull-request")) and get("commit") is False,
            "pull-request: true needs commit: true; expected both, or none.",
        ),
        (bool(get("plan")) and bool(get("combine")), "plan, combine: both are set; expected one of them, or none."),
        (app == 1, "app-id, app-private-key: only one of them is set; expected both or none."),
        (until is not None and until > today, f'until: "{until}" is in the future; expected {today} (UTC) or earlier.'),
        (
            since is not None and until is not None and until < since,
            f'until: "{until}" is before since, "{since}"; expected the same day or a later one.',
        ),
        (
            since is not None and until is None and since >= today,
            f'since: "{since}" is after the last day that can have data; expected yesterday (UTC) or earlier.',
        ),
    )
    return [text for wrong, text in rules if wrong]
