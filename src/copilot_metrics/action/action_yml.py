"""The metadata of the action: the declaration of its inputs and outputs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from copilot_metrics.paths import ACTION_YML

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def action_yml() -> Mapping[str, Any]:
    """Return the content of `action.yml`.

    https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
    """
    return yaml.safe_load(ACTION_YML.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
