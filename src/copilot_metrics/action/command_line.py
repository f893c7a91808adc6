"""The command line: a command, and every input of `action.yml` as a `--flag`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

import copilot_metrics
from copilot_metrics.action.inputs import DEFAULT_COMMAND
from copilot_metrics.action.parsers import closest, closest_input, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from copilot_metrics.action.inputs import Declared

COMMANDS = {
    DEFAULT_COMMAND: "fetch, report and write (the default)",
    "demo": "the whole job against a sample API that comes along; needs no token and no network",
    "check": "try what a run would need for each scope, and write nothing",
}
_SEE_HELP = "--help lists all flags."
_EPILOG = """\
Each input may also be given as INPUT_NAME in the environment, as GitHub Actions does; a flag wins. Off GitHub, the
token may come from GITHUB_TOKEN or GH_TOKEN, and a default in ${{ … }} from the environment variable of that meaning.

example:
  GITHUB_TOKEN=… python -m copilot_metrics --scope orgs/octo-org --days 28
"""


def parser(inputs: Mapping[str, Declared]) -> argparse.ArgumentParser:
    """What `--help` shows."""
    commands = "\n".join(f"  {name:<8}{meaning}" for name, meaning in COMMANDS.items())
    made = argparse.ArgumentParser(
        prog="python -m copilot_metrics",
        description=f"{copilot_metrics.__doc__}\n\ncommands:\n{commands}",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        exit_on_error=False,
    )
    made.add_argument("command", nargs="?", choices=tuple(COMMANDS), default=DEFAULT_COMMAND, help="see above")
    for name, (description, default) in inputs.items():
        shown = f"{description} (default: {default})" if default else description
        optional: Any = {"nargs": "?", "const": "true"} if default in ("true", "false") else {}
        made.add_argument(f"--{name}", metavar="VALUE", help=shown.replace("%", "%%"), action="append", **optional)
    return made


DEMO_INPUTS = (
    *("api", "charts", "days", "if-no-data", "job-summary", "max-wait-minutes", "min-team-size", "output-directory"),
    *("licenses", "repository-breakdown", "scope", "since", "until"),
)
"""The inputs that mean something without a token, a repository, or a network."""


class Line(NamedTuple):
    """A command line: the command, the inputs that are set by flags, what is wrong, and the inputs that were meant."""

    command: str
    flags: dict[str, str]
    problems: list[str]
    misspelled: set[str]


def parse(argv: Sequence[str], inputs: Mapping[str, Declared]) -> Line:
    """Return what the command line says and everything that is wrong with it; ends the process after `--help`."""
    if {"-h", "--help"} & {*argv}:
        parser(inputs).parse_args(["--help"])
    line = Line(DEFAULT_COMMAND, {}, [], set())
    commands: list[str] = []
    arguments = list(argv)
    while arguments:
        flag, is_set, value = arguments.pop(0).partition("=")
        if not flag.startswith("-"):
            commands.append(flag + is_set + value)
            continue
        name = flag.removeprefix("--")
        switch = name not in inputs or inputs[name].default in ("true", "false")
        if not is_set:
            value = _value_after(arguments, "true" if switch else "", COMMANDS if switch else ())
        if not flag.startswith("--") or name not in inputs:
            near = closest_input(flag.lstrip("-"), inputs)
            line.problems.append(f"{flag} is not a flag. " + (f"Did you mean --{near}?" if near else _SEE_HELP))
            line.misspelled.add(near)
        elif not value and not is_set:
            line.problems.append(f"{flag} needs a value: {flag} VALUE.")
            line.misspelled.add(name)
        else:
            line.flags[name] = f"{line.flags[name]}\n{value}" if line.flags.get(name) else value
    command = commands[0] if commands and commands[0] in COMMANDS else DEFAULT_COMMAND
    line.problems.extend(_unknown(word) for word in commands if word is not command)
    for name in [name for name in line.flags if command == "demo" and name not in DEMO_INPUTS]:
        accepted = ", ".join(f"--{accepted}" for accepted in DEMO_INPUTS)
        line.problems.append(f"--{name} does not work with demo. It accepts {accepted}.")
        del line.flags[name]
    return line._replace(command=command)


def _value_after(arguments: list[str], default: str, commands: Collection[str]) -> str:
    """Take the value of a flag from the next argument, unless that is another flag or a command."""
    follows = arguments and not arguments[0].startswith("--") and arguments[0] not in commands
    return arguments.pop(0) if follows else default


def _unknown(word: str) -> str:
    """Return the error for an argument that is not the command."""
    near = closest(word, COMMANDS)
    return f'"{shown(word)}" is not a command. ' + (
        f"Did you mean {near}?" if near and near != word else f"Commands are {', '.join(COMMANDS)}."
    )
