"""The command line: a command, and every input of `action.yml` as a `--flag`."""

from __future__ import annotations

import argparse
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
    "check": "try what a run would need, and write nothing",
}


def parser(inputs: Mapping[str, Declared]) -> argparse.ArgumentParser:
    """What `--help` shows."""
    commands = "\n".join(f"  {name:<8}{meaning}" for name, meaning in COMMANDS.items())
    made = argparse.ArgumentParser(
        prog="python -m copilot_metrics",
        description=f"{copilot_metrics.__doc__}\n\ncommands:\n{commands}",
        epilog="Each input may also be given as INPUT_NAME in the environment, as GitHub Actions does; a flag wins.",
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
    try:
        found, unknown = parser(inputs).parse_known_args(argv)
    except argparse.ArgumentError as error:
        raise InputError([f"{error}."]) from None
    told = {name: getattr(found, name.replace("-", "_")) for name in inputs}
    flags = {name: "\n".join(values) for name, values in told.items() if values}
    return found.command, flags, [f"{flag.split('=')[0]} is not a flag; --help lists them." for flag in unknown]
