import os
import stat
from pathlib import Path

import pytest

from copilot_metrics.errors import OutputError
from copilot_metrics.metrics.model import File
from copilot_metrics.store.workspace import Workspace


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


def open_workspace(base: Path, directory: str = "out", **environ: str) -> Workspace:
    return Workspace.at(directory, {"GITHUB_WORKSPACE": str(base), **environ})


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_are_written_into_their_folders(base: Path) -> None:
    workspace = open_workspace(base)
    workspace.write([File("README.md", b"a"), File("orgs/octo/README.md", b"b")])
    assert files(base) == ["out/README.md", "out/orgs/octo/README.md"]
    assert workspace.read("orgs/octo") == {"README.md": b"b"}
    assert workspace.read("orgs/none") == {}


def test_paths_are_relative_to_the_workspace(base: Path) -> None:
    workspace = open_workspace(base, "a/b")
    assert (workspace.relative(), workspace.relative("metrics.json")) == ("a/b", "a/b/metrics.json")
    assert open_workspace(base, ".").relative("metrics.json") == "metrics.json"
    assert open_workspace(base, str(base / "x")).relative() == "x"


def test_off_github_the_workspace_is_the_working_directory(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base)
    assert Workspace.at("out", {}).root == base / "out"


def test_a_path_of_the_host_is_recognized(base: Path) -> None:
    workspace = open_workspace(base, "/opt/runner/_work/repo/repo/a", RUNNER_WORKSPACE="/opt/runner/_work/repo")
    assert workspace.root == base / "a"


def test_a_path_of_the_host_is_recognized_by_the_name_of_the_repository(base: Path) -> None:
    workspace = open_workspace(base, "/opt/runner/_work/metrics/metrics/a/b", GITHUB_REPOSITORY="octo-org/metrics")
    assert workspace.root == base / "a" / "b"
    with pytest.raises(OutputError, match="outside the workspace"):
        open_workspace(base, "/opt/runner/_work/metrics/metrics/../x", GITHUB_REPOSITORY="octo-org/metrics")
    with pytest.raises(OutputError, match="outside the workspace"):
        open_workspace(base, "/opt/runner/_work/other/other/a", GITHUB_REPOSITORY="octo-org/metrics")


@pytest.mark.parametrize("directory", ["..", "../x", "a/../../x", "/etc", "link/x", "link"])
def test_a_path_outside_the_workspace_is_refused(base: Path, directory: str) -> None:
    (base / "link").symlink_to(base.parent)
    with pytest.raises(OutputError, match="outside the workspace"):
        open_workspace(base, directory)


@pytest.mark.parametrize("directory", ["out", "out/below"])
def test_a_file_where_the_directory_should_be_is_refused(base: Path, directory: str) -> None:
    (base / "out").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        open_workspace(base, directory)


def test_another_readme_is_not_replaced(base: Path) -> None:
    (base / "README.md").write_text("# My project")
    with pytest.raises(OutputError, match=r"README\.md that this action did not write"):
        open_workspace(base, ".")
    (base / "metrics.json").write_text("{}")
    assert open_workspace(base, ".").root == base


def test_nothing_is_written_through_a_link(base: Path) -> None:
    (base / "out").mkdir()
    (base.parent / "secret").write_text("x")
    (base / "out" / "orgs").symlink_to(base.parent)
    (base / "out" / "outside.md").symlink_to(base.parent / "secret")
    for path in ("orgs/README.md", "outside.md"):
        with pytest.raises(OutputError, match="link"):
            open_workspace(base).write([File("metrics.json", b"new"), File(path, b"b")])
    assert (base.parent / "secret").read_text() == "x"
    assert "metrics.json" not in files(base / "out")


def test_outdated_files_are_removed(base: Path) -> None:
    workspace = open_workspace(base)
    workspace.write([File("a", b"1"), File("b", b"2"), File("c", b"3")])
    workspace.write([File("a", b"4")], outdated=["b", "never"])
    assert (files(workspace.root), (workspace.root / "a").read_bytes()) == (["a", "c"], b"4")


def test_without_files_no_directory_is_created(base: Path) -> None:
    open_workspace(base).write([])
    assert files(base) == []
    assert not (base / "out").exists()


def test_a_failed_run_does_not_change_files(base: Path) -> None:
    workspace = open_workspace(base)
    workspace.write([File("a", b"old"), File("orgs", b"a file where a folder should be")])
    with pytest.raises(OutputError, match="out/orgs/octo: Not a directory"):
        workspace.write([File("orgs/octo/README.md", b"x"), File("a", b"new")])
    assert (workspace.root / "a").read_bytes() == b"old"
    assert files(workspace.root) == ["a", "orgs"]


def test_staged_files_of_a_killed_run_are_removed(base: Path) -> None:
    staging = base / "out" / ".staging"
    staging.mkdir(parents=True)
    (staging / "0").write_text("half")
    open_workspace(base).write([File("a", b"1")])
    assert files(base / "out") == ["a"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a file, as the container does")
def test_written_files_belong_to_the_owner_of_the_workspace(base: Path) -> None:
    os.chown(base, 1001, 1002)
    open_workspace(base, "a/out").write([File("orgs/octo/README.md", b"x")])
    for path in (base / "a").rglob("*"):
        assert (path.stat().st_uid, path.stat().st_gid) == (1001, 1002)
    assert (base / "a").stat().st_uid == 1001


def test_everyone_can_read_written_files(base: Path) -> None:
    open_workspace(base).write([File("a", b"x")])
    assert stat.S_IMODE((base / "out" / "a").stat().st_mode) & 0o444 == 0o444
