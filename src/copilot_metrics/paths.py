"""Where the files that the program reads stand: in a checkout and in the image alike, two levels above the package."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ACTION_YML = ROOT / "action.yml"
TEMPLATES = ROOT / "templates"
PREPARED = TEMPLATES / "__pycache__"
SCHEMA = ROOT / "schemas" / "metrics.schema.json"
CHANGES = Path(__file__).resolve().parent / "changes.toml"
