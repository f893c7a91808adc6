from __future__ import annotations

import pytest

from copilot_metrics.store import archive
from copilot_metrics.store.branch import CommitResult, Snapshot


@pytest.mark.parametrize(
    ("api_url", "host"),
    [
        ("https://api.github.com", "codeload.github.com"),
        ("https://api.octo.ghe.com", "codeload.octo.ghe.com"),
        ("https://git.example.com/api/v3", "codeload.git.example.com"),
        ("https://git.example.com/api/v3", "git.example.com"),
    ],
)
def test_archives_are_downloaded_from_hosts_of_github(api_url: str, host: str) -> None:
    assert host in archive.hosts(api_url)


def test_a_folder_does_not_include_its_subfolders() -> None:
    contents = {"metrics.json": b"{}", "orgs/octo-org/metrics.json": b"[]", "orgs/octo-org/history/x.ndjson": b""}
    snapshot = Snapshot(None, (), dict.fromkeys(contents, "0"), (contents,))
    (read,) = snapshot.readers()
    assert read("") == {"metrics.json": b"{}"}
    assert read("orgs/octo-org") == {"metrics.json": b"[]"}
    assert snapshot.names("orgs/octo-org/history") == ["x.ndjson"]


def test_links_to_a_commit_are_encoded() -> None:
    commit = CommitResult("https://github.com/octo-org/metrics", "data/a b", "reports", "c0ffee", is_new=True)
    assert commit.url == "https://github.com/octo-org/metrics/commit/c0ffee"
    assert commit.raw_url("orgs/o/charts/a (b).png") == (
        "https://github.com/octo-org/metrics/raw/c0ffee/reports/orgs/o/charts/a%20%28b%29.png"
    )
    assert commit.page_url("README.md") == "https://github.com/octo-org/metrics/blob/data/a%20b/reports/README.md"


def test_links_of_reports_in_the_root_have_no_folder() -> None:
    commit = CommitResult("https://github.com/octo-org/metrics", "main", "", "c0ffee", is_new=True)
    assert commit.page_url("README.md") == "https://github.com/octo-org/metrics/blob/main/README.md"
