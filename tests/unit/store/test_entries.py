from __future__ import annotations

import pytest

from copilot_metrics.errors import CommitError
from copilot_metrics.metrics.model import File
from copilot_metrics.store import entries
from copilot_metrics.store.entries import Entry


def test_a_file_is_named_as_git_names_it() -> None:
    assert entries.sha_of(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_what_is_no_short_text_is_stored_by_itself() -> None:
    assert entries.text_of("é\n".encode()) == "é\n"
    assert entries.text_of(b"\xff") is None
    assert entries.text_of(b"\0") is None
    assert entries.text_of(b"x" * 2_000_001) is None


def test_a_tree_is_made_in_as_many_requests_as_it_takes() -> None:
    few = [Entry(f"{number}", sha="0" * 40) for number in range(2500)]
    assert [len(part) for part in entries.in_requests(few)] == [1000, 1000, 500]
    large = [Entry(f"{number}", text="x" * 1_500_000) for number in range(5)]
    assert [len(part) for part in entries.in_requests(large)] == [3, 2]


def test_a_file_that_github_does_not_take_is_named_before_anything_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "_LARGEST_BLOB", 3)
    with pytest.raises(CommitError, match=r"orgs/octo-org/charts/users.png has 4 bytes"):
        entries.refuse_what_is_too_much([File("orgs/octo-org/charts/users.png", b"\0\1\2\3")])
