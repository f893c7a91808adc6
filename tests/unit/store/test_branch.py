from __future__ import annotations

import pytest

from copilot_metrics.store import archive
from copilot_metrics.store.branch import Published, Snapshot


@pytest.mark.parametrize(
    ("api_url", "host"),
    [
        ("https://api.github.com", "codeload.github.com"),
        ("https://api.octo.ghe.com", "codeload.octo.ghe.com"),
        ("https://git.example.com/api/v3", "codeload.git.example.com"),
        ("https://git.example.com/api/v3", "git.example.com"),
    ],
)
def test_archives_come_from_githubs_own_hosts(api_url: str, host: str) -> None:
    assert host in archive.hosts(api_url)


def test_a_folder_has_its_own_files_and_none_of_the_folders_in_it() -> None:
    contents = {"metrics.json": b"{}", "orgs/octo-org/metrics.json": b"[]", "orgs/octo-org/history/x.ndjson": b""}
    found = Snapshot(None, (), dict.fromkeys(contents, "0"), (contents,))
    (read,) = found.readers()
    assert read("") == {"metrics.json": b"{}"}
    assert read("orgs/octo-org") == {"metrics.json": b"[]"}
    assert found.names("orgs/octo-org/history") == ["x.ndjson"]


def test_addresses_are_those_of_a_browser() -> None:
    made = Published("https://github.com/octo-org/metrics", "data/a b", "reports", "c0ffee", changed=True)
    assert made.url == "https://github.com/octo-org/metrics/commit/c0ffee"
    assert made.raw("orgs/o/charts/a (b).png").endswith("/raw/c0ffee/reports/orgs/o/charts/a%20%28b%29.png")
    assert made.page("README.md") == "https://github.com/octo-org/metrics/blob/data/a%20b/reports/README.md"
    assert made._replace(folder="").page("README.md").endswith("/a%20b/README.md")
