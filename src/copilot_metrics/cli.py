"""The command line: parse arguments, run the command, and report failures.

Each input of `action.yml` is a flag. The container of the action runs the same program without arguments.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import copilot_metrics
from copilot_metrics import pipeline
from copilot_metrics.action.checks import SECRETS, Problem
from copilot_metrics.action.failures import Failures
from copilot_metrics.action.inputs import declarations, read_inputs
from copilot_metrics.action.parsers import similar, similar_input
from copilot_metrics.action.workflow_commands import Runner
from copilot_metrics.clock import Clock
from copilot_metrics.commands import check, demo, split
from copilot_metrics.errors import InputError, InternalError, OutputError, ReportError
from copilot_metrics.secret import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

COMMANDS = {
    "report": "download the metrics and write the report (the default)",
    "check": "test tokens, permissions, and settings, and write nothing",
    "demo": "write a report of built-in sample data; needs no token and no network",
}
_LISTS = ("allowed-download-hosts", "enterprise", "organization", "scope", "teams")
_EPILOG = """\
Each input can also be set by an environment variable INPUT_NAME, as in GitHub Actions. A flag wins. Outside GitHub
Actions, the token may come from GITHUB_TOKEN or GH_TOKEN.

example:
  GITHUB_TOKEN=… copilot-metrics --organization octo-org --days 28
"""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CANCELED = "The run was canceled. No file was left half-written; run it again to finish."


@dataclass(frozen=True, slots=True)
class Arguments:
    """A parsed command line: the command, the inputs that flags set, and the problems."""

    command: str
    flags: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def main() -> int:
    """Run the program, and return its exit status."""
    stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    for number in _SIGNALS:
        signal.signal(number, lambda *_: _cancel(stdout))
    return run(sys.argv[1:], os.environ, stdout, Clock())


def _cancel(stdout: TextIO) -> None:
    """Report that the run is canceled, and stop it so that it cleans up; a second signal ends it at once."""
    for number in _SIGNALS:
        signal.signal(number, lambda *_: os._exit(1))
    with suppress(RuntimeError):  # the signal came while another line was being written
        runner = Runner(os.environ, stdout)
        with suppress(OutputError):
            runner.summary(f"# Copilot metrics: canceled\n\n{_CANCELED}\n\n")
        runner.error("Canceled", _CANCELED)
    raise KeyboardInterrupt


def run(argv: Sequence[str], environ: Mapping[str, str], stdout: TextIO, clock: Clock) -> int:
    """Run a command, and return the exit status: 0, or 1 if something that was requested failed."""
    runner = Runner(environ, stdout)
    failures = Failures()
    status = 1
    try:
        status = _run_command(parse_arguments(argv), environ, runner, clock, failures)
    except ReportError as error:
        if isinstance(error, InputError):
            _add_link(error, runner)
        _fail(error, failures, runner)
    except KeyboardInterrupt:  # `_cancel` reported it
        pass
    except Exception as error:  # noqa: BLE001 - users see no traceback
        _fail(_internal_error(error, runner), failures, runner)
        runner.debug(traceback.format_exc())
    with suppress(OutputError):  # the log contains the failures, too
        if section := failures.section(runner.summary_room):
            runner.summary(section)
    failures.log(runner)
    return status


def _run_command(
    arguments: Arguments, environ: Mapping[str, str], runner: Runner, clock: Clock, failures: Failures
) -> int:
    if arguments.command == "demo":
        if arguments.problems:
            raise InputError([problem.text for problem in arguments.problems])
        return demo.run(arguments.flags, environ, runner, clock, run)
    inputs = read_inputs(environ, clock.now().date(), arguments.flags, arguments.problems)
    for secret in (inputs.token, inputs.commit_token, inputs.app_private_key):
        runner.hide(secret.reveal())
    run_command = check.run if inputs.mode == "check" else split.run if inputs.plan_shards else pipeline.run
    return run_command(inputs, environ, runner, clock, failures)


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Return the command and the inputs of a command line; ends the process after `--help`."""
    is_command = bool(argv) and argv[0] in COMMANDS
    command, words = (argv[0], argv[1:]) if is_command else ("report", argv)
    namespace, unknown = build_parser(command).parse_known_args(words)
    arguments = Arguments(command)
    if command == "check":
        arguments.flags["mode"] = "check"
    for name, value in vars(namespace).items():
        text = "\n".join(filter(None, value)) if isinstance(value, list) else value
        if text is None or (isinstance(value, list) and None in value):
            arguments.problems.append(Problem(name, f"--{name} needs a value: --{name} VALUE.", name))
        else:
            arguments.flags[name] = text
    arguments.problems.extend(_unknown_words(unknown, command))
    return arguments


def build_parser(command: str) -> argparse.ArgumentParser:
    """Return the parser of a command, with a flag for each input that the command accepts."""
    commands = "\n".join(f"  {name:<8}{meaning}" for name, meaning in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=f"copilot-metrics {command}" if command != "report" else "copilot-metrics",
        usage="%(prog)s [--INPUT VALUE ...]" if command != "report" else "%(prog)s [COMMAND] [--INPUT VALUE ...]",
        description=f"{copilot_metrics.__doc__}\n\ncommands:\n{commands}",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for name, declaration in declarations().items():
        description, default = declaration.description, declaration.default
        if command == "demo" and name not in demo.INPUTS:
            continue
        parser.add_argument(
            f"--{name}",
            dest=name,
            metavar="VALUE",
            help=(f"{description} (default: {default})" if default else description).replace("%", "%%"),
            action="append" if name in _LISTS else "store",
            nargs="?",  # a flag without a value is `true`, or a problem that is reported with the others
            const="true" if default in ("true", "false") else None,
        )
    return parser


def _unknown_words(words: Sequence[str], command: str) -> list[Problem]:
    """Return a problem for each unknown flag or command; skip the value after an unknown flag."""
    problems = []
    previous = ""
    for word in words:
        flag = word.partition("=")[0]
        name = flag.lstrip("-")
        if not word.startswith("-"):
            if not previous.startswith("-") or "=" in previous:
                problems.append(Problem("", _unknown_command(word)))
        elif command == "demo" and name in declarations():
            accepted = ", ".join(f"--{accepted}" for accepted in demo.INPUTS)
            problems.append(Problem("", f"{flag} does not work with demo. It accepts {accepted}."))
        else:
            likely = similar_input(name, declarations())
            advice = f"Did you mean --{likely}?" if likely else "--help lists all flags."
            problems.append(Problem("", f"{flag} is not a flag. {advice}", likely))
        previous = word
    return problems


def _unknown_command(word: str) -> str:
    likely = similar(word, COMMANDS)
    if word in COMMANDS:
        return f'"{word}" must be the first argument.'
    advice = f"Did you mean {likely}?" if likely else f"Commands are {', '.join(COMMANDS)}."
    return f'"{shorten(word)}" is not a command. {advice}'


def _fail(error: ReportError, failures: Failures, runner: Runner) -> None:
    """Add the failure that ends the run."""
    failures.add(error)
    with suppress(OutputError):
        runner.outputs({"status": "failed"})


def _add_link(error: InputError, runner: Runner) -> None:
    """Add the page to correct inputs on: for secrets the settings of the repository, for others the workflow."""
    secrets = error.names.intersection(SECRETS) if runner.secrets_page else frozenset()
    others = error.names - secrets or not secrets
    replace = f"Create or replace the {'secret' if len(secrets) == 1 else 'secrets'} on this page"
    if not secrets:
        error.action, error.link = "Correct this in the workflow." if runner.workflow_page else "", runner.workflow_page
    elif not others:
        error.action, error.link = f"{replace}.", runner.secrets_page
    else:
        error.action = f"{replace}: {runner.secrets_page}. Correct the other inputs in the workflow."
        error.link = runner.workflow_page


def _internal_error(error: Exception, runner: Runner) -> InternalError:
    """Return the error for an unexpected exception, without the exception's text, which may contain secrets."""
    return InternalError(
        f"{type(error).__name__}: this is a defect of the action.",
        "Run the job again with “Enable debug logging”, and report the defect with its log.",
        link=runner.defects_page,
    )
