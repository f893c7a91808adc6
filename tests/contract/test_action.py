"""`action.yml`, the program and the image say the same."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from copilot_metrics import cli
from copilot_metrics.action.inputs import Inputs, read_inputs
from copilot_metrics.action.outputs import report_outputs
from copilot_metrics.build import Bundle, ScopeResult
from copilot_metrics.fetch.result import FetchResult
from copilot_metrics.paths import ACTION_YML, ROOT
from copilot_metrics.store.history import History
from copilot_metrics.store.report_store import SaveResult
from copilot_metrics.store.workspace import Workspace
from support import raw, reports

if TYPE_CHECKING:
    from pathlib import Path

_ACTION: dict[str, Any] = yaml.safe_load(ACTION_YML.read_bytes())
_TODAY = dt.date(2024, 7, 1)
_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def instructions() -> list[str]:
    """Return the Dockerfile, an instruction a line, without comments."""
    text = "\n".join(line for line in read("Dockerfile").splitlines() if not line.lstrip().startswith("#"))
    return [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_input_has_a_field_of_its_own_in_the_same_order() -> None:
    names = [field.name.replace("_", "-") for field in fields(Inputs)]
    into_scope = {"enterprise", "organization", "teams"}
    assert names == [name for name in _ACTION["inputs"] if name not in into_scope]


def test_every_input_has_a_description_and_a_default_and_nothing_else() -> None:
    for name, declared in _ACTION["inputs"].items():
        assert set(declared) == {"description", "default"}, name
        assert isinstance(declared["default"], str), name
        assert re.search(r"[.?]$", declared["description"]), name


def test_inputs_and_outputs_are_written_in_kebab_case() -> None:
    names = [*_ACTION["inputs"], *_ACTION["outputs"]]
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


def test_no_input_has_a_name_that_the_runner_keeps_for_itself() -> None:
    assert not {"args", "entrypoint", "command", "help"} & set(_ACTION["inputs"])


def test_help_lists_every_input_with_its_description_and_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10000")
    text = " ".join(cli.build_parser("report").format_help().split())
    for name, declared in _ACTION["inputs"].items():
        shown = f" (default: {declared['default']})" if declared["default"] else ""
        assert re.search(rf"--{name} \[?VALUE\]? {re.escape(declared['description'] + shown)}", text), name


def test_every_default_is_a_value_that_the_program_accepts() -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY_OWNER": "octo-org", "GITHUB_REPOSITORY": "octo-org/metrics"}
    inputs = {f"INPUT_{name.upper()}": declared["default"] for name, declared in _ACTION["inputs"].items()}
    written = {name: value for name, value in inputs.items() if "${{" not in value}
    accepted = read_inputs(environ | written | {"INPUT_TOKEN": "invented"}, _TODAY)
    assert (accepted.mode, [str(scope) for scope in accepted.scope.included]) == ("report", ["orgs/octo-org"])


def test_defaults_hold_only_expressions_that_the_program_can_read_off_github() -> None:
    text = set(re.findall(r"\$\{\{.*?\}\}", "".join(declared["default"] for declared in _ACTION["inputs"].values())))
    assert text == {
        "${{ github.token }}",
        "${{ github.repository }}",
        "${{ github.api_url }}",
    }


def test_every_output_is_set_in_the_same_order(tmp_path: Path) -> None:
    report = reports.build([raw.example()])
    fetched = FetchResult(report.scope, report.api, report.current.period, ())
    saved = SaveResult(Bundle([ScopeResult(fetched, History({}), report)], []))
    result = report_outputs(
        "ok", saved, report, "A sentence.", Workspace.at("out", {"GITHUB_WORKSPACE": str(tmp_path)})
    )
    assert list(result) == list(_ACTION["outputs"])


def test_every_output_has_a_description_and_nothing_else() -> None:
    for name, declared in _ACTION["outputs"].items():
        assert set(declared) == {"description"}, name
        assert isinstance(declared["description"], str), name


def test_the_action_is_built_from_the_dockerfile_and_can_be_listed() -> None:
    assert _ACTION["runs"] == {"using": "docker", "image": "Dockerfile"}
    assert set(_ACTION["branding"]) == {"icon", "color"}
    assert {"name", "description", "author"} <= set(_ACTION)


def test_the_base_image_is_pinned_by_its_digest() -> None:
    stages = {"scratch"}
    for line in instructions():
        if matches := re.fullmatch(r"FROM (\S+)(?: AS (\S+))?", line):
            assert matches[1] in stages or re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", matches[1]), line
            stages.add(matches[2])
    assert stages


def test_the_entrypoint_is_isolated_python_in_exec_form() -> None:
    entrypoints = [line.removeprefix("ENTRYPOINT ") for line in instructions() if line.startswith("ENTRYPOINT ")]
    assert len(entrypoints) == 1
    python, *arguments = json.loads(entrypoints[0])
    assert python.startswith("/")
    assert arguments == ["-I", "-u", "-m", "copilot_metrics"]


def test_the_image_runs_as_root_and_in_the_directory_that_the_runner_names() -> None:
    words = {line.split()[0] for line in instructions()}
    assert not words & {"USER", "WORKDIR", "CMD", "VOLUME", "ADD", "SHELL"}


def test_the_dependencies_of_the_image_are_locked_and_hashed() -> None:
    installs = [line for line in instructions() if " install " in line]
    assert len(installs) == 1
    assert {"--require-hashes", "--only-binary"} <= set(installs[0].split())


def test_the_build_gets_only_the_files_that_the_program_reads() -> None:
    copied = {
        line.split()[1].rstrip("/") for line in instructions() if line.startswith("COPY ") and "--from=" not in line
    }
    ignored, *let_in = [line for line in read(".dockerignore").splitlines() if not line.startswith("#")]
    assert ignored == "*"
    assert {line.removeprefix("!") for line in let_in if line.startswith("!")} == copied
    for path in (ACTION_YML, ROOT / "src" / "copilot_metrics"):
        assert path.relative_to(ROOT).as_posix() in copied


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda path: str(path.name))
def test_a_lock_file_names_versions_and_hashes_but_no_place_to_fetch_them_from(lock: Path) -> None:
    entries = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==\S+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", entry), entry[:80]


def test_what_the_program_needs_is_locked_to_the_same_versions_for_users_and_developers() -> None:
    runtime, dev = (
        set(re.findall(r"^([\w.-]+==[^\s;]+)", read(f"requirements/{name}.txt"), re.MULTILINE))
        for name in ("runtime", "dev")
    )
    assert runtime <= dev
