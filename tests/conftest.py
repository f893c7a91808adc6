"""What concerns all tests: the examples of properties, and which cases `make test` runs."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import settings

# The same examples in every run, however slow the machine.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("exhaustive", settings.get_profile("steady"))  # see support/examples.py
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all cases of a `sampled` test as exhaustive but for about one in N, which are the same in every run."""
    for item in items:
        if sampled := item.get_closest_marker("sampled"):
            digest = hashlib.sha256(item.name.encode()).digest()
            if int.from_bytes(digest[:4]) % sampled.args[0]:
                item.add_marker(pytest.mark.exhaustive)
