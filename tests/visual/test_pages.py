"""Every page in a real browser, light and dark, wide and narrow; the pictures are in `visual-output/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.browser import faults
from support.github_page import COLUMNS
from visual.cases import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    Written = Callable[[str], dict[str, Path]]


@pytest.mark.parametrize("window", COLUMNS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("case", "name"), PAGES)
def test_a_page_is_complete(
    browser: Browser,
    written: Callable[[str], dict[str, Path]],
    pictures: Path,
    case: str,
    name: str,
    theme: str,
    window: int,
) -> None:
    picture = pictures / f"{case}.{name}.{theme}-{window}.png"
    assert faults(browser, written(case)[name], theme, window, picture, foreign="http://127.0.0.1") == []
    assert picture.stat().st_size > 1000


@pytest.mark.parametrize(
    ("markdown", "fault"),
    [
        ("```mermaid\nxychart-beta\n  bar [one, two\n```\n", "a diagram that Mermaid cannot draw"),
        ("a paragraph\n| a | b |\n| 1 | 2 |\n", "a table that is none"),
        ("| a | b |\n|:--|--:|\n| 1 | 2 | 3 |\n", "a row of another length"),
        ("![a chart](charts/missing.png)\n", "a picture that is missing"),
        ("[days](days.csv)\n", "a link that leads nowhere"),
        ("[days](https://evil.example/)\n", "a link that leads nowhere"),
        ("<u>name</u>\n", "a name that became markup"),
        ("| " + "x" * 300 + " | b |\n|:--|--:|\n| 1 | 2 |\n", "wider than the page"),
    ],
)
def test_what_is_wrong_with_a_page_is_seen(browser: Browser, tmp_path: Path, markdown: str, fault: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(markdown)
    assert fault in " ".join(faults(browser, path, "light", 800, tmp_path / "page.png"))


def test_a_page_without_faults_has_none(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Title\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n```mermaid\nxychart-beta\n  bar [1, 2]\n```\n")
    assert faults(browser, path, "dark", 1280, tmp_path / "page.png") == []
