"""A server that all examples of a file share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.canned import Canned

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def canned() -> Iterator[Canned]:
    with Canned() as started:
        yield started
