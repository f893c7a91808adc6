import os
import stat
from pathlib import Path

import pytest

from copilot_metrics.errors import OutputError
from copilot_metrics.metrics.model import File
from copilot_metrics.store.workspace import Workspace


@pytest.fixture
def base(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def at(base: Path, directory: str = "out", **environ: str) -> Workspace:
    return Workspace.at(directory, {"GITHUB_WORKSPACE": str(base), **environ})


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_are_written_into_their_folders(base: Path) -> None:
    made = at(base)
    made.write([File("README.md", b"a"), File("orgs/octo/README.md", b"b")])
    assert files(base) == ["out/README.md", "out/orgs/octo/README.md"]
    assert made.read("orgs/octo") == {"README.md": b"b"}
    assert made.read("orgs/none") == {}


def test_paths_are_told_relative_to_the_workspace(base: Path) -> None:
    made = at(base, "a/b")
    assert (made.relative(), made.relative("metrics.json")) == ("a/b", "a/b/metrics.json")
    assert at(base, ".").relative("metrics.json") == "metrics.json"
    assert at(base, str(base / "x")).relative() == "x"


def test_off_github_the_workspace_is_the_working_directory(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base)
    assert Workspace.at("out", {}).root == base / "out"


def test_a_path_of_the_host_is_understood(base: Path) -> None:
    made = at(base, "/opt/runner/_work/repo/repo/a", RUNNER_WORKSPACE="/opt/runner/_work/repo")
    assert made.root == base / "a"


def test_a_path_of_the_host_is_understood_by_the_name_of_the_repository(base: Path) -> None:
    made = at(base, "/opt/runner/_work/metrics/metrics/a/b", GITHUB_REPOSITORY="octo-org/metrics")
    assert made.root == base / "a" / "b"
    with pytest.raises(OutputError, match="outside the workspace"):
        at(base, "/opt/runner/_work/metrics/metrics/../x", GITHUB_REPOSITORY="octo-org/metrics")
    with pytest.raises(OutputError, match="outside the workspace"):
        at(base, "/opt/runner/_work/other/other/a", GITHUB_REPOSITORY="octo-org/metrics")


@pytest.mark.parametrize("directory", ["..", "../x", "a/../../x", "/etc", "link/x", "link"])
def test_a_path_that_leaves_the_workspace_is_refused(base: Path, directory: str) -> None:
    (base / "link").symlink_to(base.parent)
    with pytest.raises(OutputError, match="outside the workspace"):
        at(base, directory)


@pytest.mark.parametrize("directory", ["out", "out/below"])
def test_a_file_where_the_directory_should_be_is_refused(base: Path, directory: str) -> None:
    (base / "out").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        at(base, directory)


def test_somebody_elses_readme_is_not_replaced(base: Path) -> None:
    (base / "README.md").write_text("# My project")
    with pytest.raises(OutputError, match=r"README\.md that this action did not write"):
        at(base, ".")
    (base / "metrics.json").write_text("{}")
    assert at(base, ".").root == base


def test_nothing_is_written_through_a_link(base: Path) -> None:
    (base / "out").mkdir()
    (base.parent / "secret").write_text("x")
    (base / "out" / "orgs").symlink_to(base.parent)
    (base / "out" / "outside.md").symlink_to(base.parent / "secret")
    for path in ("orgs/README.md", "outside.md"):
        with pytest.raises(OutputError, match="link"):
            at(base).write([File("metrics.json", b"new"), File(path, b"b")])
    assert (base.parent / "secret").read_text() == "x"
    assert "metrics.json" not in files(base / "out")


def test_what_is_gone_is_removed_and_the_rest_stays(base: Path) -> None:
    made = at(base)
    made.write([File("a", b"1"), File("b", b"2"), File("c", b"3")])
    made.write([File("a", b"4")], outdated=["b", "never"])
    assert (files(made.root), (made.root / "a").read_bytes()) == (["a", "c"], b"4")


def test_nothing_to_write_makes_no_directory(base: Path) -> None:
    at(base).write([])
    assert files(base) == []
    assert not (base / "out").exists()


def test_a_run_that_fails_leaves_earlier_files_whole(base: Path) -> None:
    made = at(base)
    made.write([File("a", b"old"), File("orgs", b"a file where a folder should be")])
    with pytest.raises(OutputError, match="out/orgs/octo: Not a directory"):
        made.write([File("orgs/octo/README.md", b"x"), File("a", b"new")])
    assert (made.root / "a").read_bytes() == b"old"
    assert files(made.root) == ["a", "orgs"]


def test_what_a_killed_run_left_behind_is_cleared_away(base: Path) -> None:
    staging = base / "out" / ".staging"
    staging.mkdir(parents=True)
    (staging / "0").write_text("half")
    at(base).write([File("a", b"1")])
    assert files(base / "out") == ["a"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away, as the container does")
def test_written_files_belong_to_the_owner_of_the_workspace(base: Path) -> None:
    os.chown(base, 1001, 1002)
    at(base, "a/out").write([File("orgs/octo/README.md", b"x")])
    for path in (base / "a").rglob("*"):
        assert (path.stat().st_uid, path.stat().st_gid) == (1001, 1002)
    assert (base / "a").stat().st_uid == 1001


def test_written_files_may_be_read_by_all(base: Path) -> None:
    at(base).write([File("a", b"x")])
    assert stat.S_IMODE((base / "out" / "a").stat().st_mode) & 0o444 == 0o444
