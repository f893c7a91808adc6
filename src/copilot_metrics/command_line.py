"""The command line: a command, and every input of `action.yml` as a `--flag`."""

from __future__ import annotations

import argparse
import difflib
from typing import TYPE_CHECKING, Any

import copilot_metrics
from copilot_metrics.errors import InputError
from copilot_metrics.inputs import DEFAULT_COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_metrics.inputs import Declared

COMMANDS = {
    DEFAULT_COMMAND: "fetch, report and write (the default)",
    "demo": "the whole job against a sample API that comes along; needs no token and no network",
    "check": "try what a run would need for each scope, and write nothing",
}
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


def parse(argv: Sequence[str], inputs: Mapping[str, Declared]) -> tuple[str, dict[str, str], list[str]]:
    """The command, the inputs that are given as flags, and what is wrong with others.

    Raises `InputError` where the command line cannot be read at all; ends the process after `--help`.
    """
    known, problems = _without_unknown(argv, inputs)
    try:
        found = parser(inputs).parse_args(known)
    except argparse.ArgumentError as error:
        raise InputError([*problems, f"{error}."]) from None
    told = {name: getattr(found, name.replace("-", "_")) for name in inputs}
    return found.command, {name: "\n".join(values) for name, values in told.items() if values}, problems


def _without_unknown(argv: Sequence[str], inputs: Mapping[str, Declared]) -> tuple[list[str], list[str]]:
    """The arguments without unknown flags and their values, and a problem for each of these flags."""
    flags = ["--help", *(f"--{name}" for name in inputs)]
    known: list[str] = []
    problems: list[str] = []
    passing = False  # what stands behind an unknown flag may be its value
    for argument in argv:
        flag = argument.split("=")[0]
        if argument.startswith("--") and flag not in flags:
            near = difflib.get_close_matches(flag, flags, 1)
            problems.append(f"{flag} is not a flag; " + (f"is it {near[0]}?" if near else "--help lists them."))
        elif not passing or argument.startswith("-"):
            known.append(argument)
        passing = argument.startswith("--") and flag not in flags and "=" not in argument
    return known, problems
