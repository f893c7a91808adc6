"""Paths of the files that the program reads: package data when installed, the root of the repository in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE.parents[1]
"""The root of the repository; it exists in a checkout only."""
ACTION_YML = next(path for path in (_PACKAGE / "action.yml", ROOT / "action.yml") if path.exists())
SCHEMA = ROOT / "schemas" / "metrics.schema.json"
COUNTING_CHANGES = _PACKAGE / "metrics" / "counting_changes.toml"
