"""A real browser, and what it sees on a page."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

from support import machine
from support.github_page import COLUMNS, elements, page, torn_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-sandbox", "--allow-file-access-from-files",
)  # fmt: skip
_SEEN = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const wide = one => one.scrollWidth > one.clientWidth + 1;
  const text = one => one.textContent.trim().slice(0, 80);
  return {
    diagrams: all(".mermaid").filter(one => !one.querySelector("svg")
      || one.querySelector('[aria-roledescription="error"]')).map(text),
    tables: all("p, li").filter(one => /^\\s*\\|.*\\|/m.test(one.textContent)).map(text),
    images: all("img").filter(one => !one.naturalWidth).map(one => one.getAttribute("src")),
    links: all("a[href]").map(one => one.getAttribute("href")),
    wide: [document.scrollingElement, ...all("table, pre:not(.mermaid), img, .mermaid svg")]
      .filter(one => one.matches("img, svg") ? one.getBoundingClientRect().right
        > document.body.getBoundingClientRect().right + 1 : wide(one)).map(text),
  };
}"""


@contextmanager
def started() -> Iterator[Browser]:
    """Return a browser, which is installed if there is none."""
    if not any(map(shutil.which, _NAMES)):
        machine.install(["chromium", "fonts-dejavu-core"], "There is no browser.")
    program = next(matches for name in _NAMES if (matches := shutil.which(name)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def faults(browser: Browser, markdown: Path, theme: str, window: int, picture: Path, *, foreign: str = "") -> list[str]:
    """Return what is wrong with a page, a sentence each; what it looks like is left as a picture, with all folds open.

    Links to `foreign` may lead anywhere: the server creates them.
    """
    text = markdown.read_text(encoding="utf-8")
    shown = picture.with_suffix(".html")
    shown.write_text(page(text, markdown.parent, theme, window), encoding="utf-8")
    color_scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    tab = browser.new_page(viewport={"width": window, "height": 900}, color_scheme=color_scheme)
    try:
        _open(tab, shown)
        tab.screenshot(path=picture, full_page=True)
        tab.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
        seen: dict[str, Any] = tab.evaluate(_SEEN)
    finally:
        tab.close()
        shown.unlink()
    dead = [link for link in seen["links"] if not _leads(link, markdown.parent, foreign)]
    values = {
        "a diagram that Mermaid cannot draw": seen["diagrams"],
        "a table that is none": seen["tables"],
        "a row of another length": torn_tables(text),
        "a picture that is missing": seen["images"],
        "a link that leads nowhere": dead,
        "a name that became markup": elements(text),
        "wider than the page": seen["wide"],
    }
    return [f"{what}: {one}" for what, those in values.items() for one in those]


def top(browser: Browser, markdown: Path, height: int) -> bytes:
    """Return a picture of the top of a page, light and sharp, as PNG; as wide as its column, `height` in pixels."""
    shown = markdown.with_suffix(".html")
    shown.write_text(page(markdown.read_text(encoding="utf-8"), markdown.parent, "light", 1280), encoding="utf-8")
    tab = browser.new_page(viewport={"width": COLUMNS[1280] + 48, "height": height}, device_scale_factor=2)
    try:
        _open(tab, shown)
        return tab.screenshot()
    finally:
        tab.close()
        shown.unlink()


def _open(tab: Page, shown: Path) -> None:
    tab.goto(shown.resolve().as_uri())
    tab.wait_for_selector("body[data-faces=true][data-drawn]", timeout=60_000)


def _leads(link: str, base: Path, foreign: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme:
        return link.startswith(("https://docs.github.com/", "https://github.com/")) or bool(
            foreign and link.startswith(foreign)
        )
    return not parts.path or (base / unquote(parts.path)).exists()
