from __future__ import annotations

import pytest

from copilot_metrics.errors import CommitError
from copilot_metrics.metrics.model import File
from copilot_metrics.store import entries
from copilot_metrics.store.entries import TreeEntry


def test_the_sha_of_a_file_is_that_of_git() -> None:
    assert entries.blob_sha(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_short_texts_are_sent_with_the_tree() -> None:
    assert entries.decode_text("é\n".encode()) == "é\n"


@pytest.mark.parametrize("content", [b"\xff", b"\0", b"x" * 2_000_001], ids=["not UTF-8", "binary", "long"])
def test_other_files_are_stored_first(content: bytes) -> None:
    assert entries.decode_text(content) is None


def test_a_request_has_at_most_1000_entries() -> None:
    files = [TreeEntry(str(number), sha="0" * 40) for number in range(2500)]
    assert [len(request) for request in entries.split_entries(files)] == [1000, 1000, 500]


def test_a_request_has_at_most_5_megabytes() -> None:
    files = [TreeEntry(str(number), text="x" * 1_500_000) for number in range(5)]
    assert [len(request) for request in entries.split_entries(files)] == [3, 2]


def test_a_file_that_is_too_large_for_github_is_an_error() -> None:
    with pytest.raises(CommitError, match=r"orgs/octo-org/charts/users.png has 100,000,001 bytes"):
        entries.check_limits([File("orgs/octo-org/charts/users.png", bytes(100_000_001))])


def test_more_charts_than_github_accepts_in_an_hour_are_an_error() -> None:
    charts = [File(f"charts/{number}.png", b"\0") for number in range(401)]
    with pytest.raises(CommitError, match=r"charts: auto or false"):
        entries.check_limits(charts)
