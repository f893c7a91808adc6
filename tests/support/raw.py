"""Days as the Copilot metrics API returns them: the example of the documentation, and small ones."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"
_EXAMPLE = json.loads((DATA / "example.json").read_bytes())[0]


def example(**changes: Any) -> dict[str, Any]:
    """Return the document's example response, one day, with keys replaced."""
    return {**copy.deepcopy(_EXAMPLE), **changes}


def day(
    date: str = "2024-06-24", active: int | None = 24, engaged: int | None = 20, **languages: Any
) -> dict[str, Any]:
    """Return a small day; `languages` are name=(suggestions, acceptances) in one editor and one model."""
    values: dict[str, Any] = {"date": date, "total_active_users": active, "total_engaged_users": engaged}
    if languages:
        values["copilot_ide_code_completions"] = completions(languages)
    return values


def named(languages: dict[str, Any], date: str = "2024-06-24") -> dict[str, Any]:
    """Return a small day whose languages may have any name."""
    return {**day(date), "copilot_ide_code_completions": completions(languages)}


def completions(languages: dict[str, tuple[int | None, int | None]], editor: str = "vscode") -> dict[str, Any]:
    """Return the section of code completions with one editor and its default model."""
    texts = [
        {
            "name": name,
            "total_code_suggestions": suggestions,
            "total_code_acceptances": acceptances,
            "total_code_lines_suggested": None if suggestions is None else suggestions * 2,
            "total_code_lines_accepted": acceptances,
        }
        for name, (suggestions, acceptances) in languages.items()
    ]
    model = {"name": "default", "is_custom_model": False, "languages": texts}
    return {"total_engaged_users": 5, "editors": [{"name": editor, "models": [model]}]}


def days(since: str, count: int, **kwargs: Any) -> list[dict[str, Any]]:
    """Return the document's example on each of so many days."""
    first = dt.date.fromisoformat(since)
    return [example(date=str(first + dt.timedelta(days=offset)), **kwargs) for offset in range(count)]
