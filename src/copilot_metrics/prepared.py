"""What is made once, at install or in the image, and spares every start some work: `action.yml` as JSON, templates.

Run as a module, it makes both. The program does without what is not there, or not of the files that are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from copilot_metrics.paths import ACTION_YML, PREPARED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ACTION = "action.json"


def action(place: Path = PREPARED) -> Mapping[str, Any]:
    """What `action.yml` says."""
    source = ACTION_YML.read_text(encoding="utf-8")
    try:
        made = json.loads((place / _ACTION).read_bytes())
    except (OSError, ValueError):
        made = None
    return made["action"] if made and made["source"] == source else _parsed(source)


def prepare(place: Path = PREPARED) -> None:
    """Make everything anew."""
    from copilot_metrics.render import markdown  # noqa: PLC0415 - not where only `action` is asked for

    place.mkdir(exist_ok=True)
    source = ACTION_YML.read_text(encoding="utf-8")
    (place / _ACTION).write_text(json.dumps({"source": source, "action": _parsed(source)}), encoding="utf-8")
    markdown.compile_templates(place)


def _parsed(source: str) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - a noticeable part of the start-up

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(source, Loader=loader)  # type: ignore[no-any-return]  # noqa: S506 - both are safe loaders


if __name__ == "__main__":
    prepare()
