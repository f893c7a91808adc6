"""Markdown as GitHub shows it: its dialect, its list of allowed elements, its style sheet and typeface, and Mermaid."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options

from copilot_metrics.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGES = ROOT / ".tools" / "node" / "node_modules"
_MERMAID = re.compile(r'<pre lang="mermaid"><code>(.*?)</code></pre>', re.DOTALL)
_ELEMENTS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "a", "img", "picture", "source", "ul", "ol", "li", "table"),
    *("thead", "tbody", "tr", "th", "td", "pre", "code", "blockquote", "details", "summary", "b", "i", "strong", "em"),
    *("sub", "sup", "del", "ins", "kbd", "div", "span"),
}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "source": {"srcset", "media"},
    "th": {"align"},
    "td": {"align"},
    "pre": {"lang"},
    "details": {"open"},
}
# The typeface that can be had everywhere of those in GitHub's style sheet: those of a machine are as wide as they
# happen to be.
_FACES = {"400": "16px", "400-italic": "italic 16px", "600": "600 16px"}
# A window of 1,280 px leaves a summary about 912 px next to the list of jobs; one of 800 px, all but the margins.
COLUMNS = {1280: 912, 800: 736}
_PAGE = """<!doctype html>
<meta charset="utf-8">
<base href="{base}/">
<link rel="stylesheet" href="{packages}/github-markdown-css/github-markdown-{theme}.css">
{faces}
<style>
  body.markdown-body {{ box-sizing: border-box; margin: 0 auto; padding: 24px 0; max-width: {column}px; }}
  html {{ background: {background}; }}
</style>
<body class="markdown-body">
{body}
<script src="{packages}/mermaid/dist/mermaid.min.js"></script>
<script>
  mermaid.initialize({{startOnLoad: false, theme: "{mermaid}"}});
  Promise.all({fonts}.map(face => document.fonts.load(`${{face}} "Noto Sans"`)))
    .then(found => {{ document.body.dataset.faces = found.every(faces => faces.length); }})
    .then(() => mermaid.run({{querySelector: ".mermaid", suppressErrors: true}}))
    .finally(() => {{ document.body.dataset.drawn = "true"; }});
</script>
"""


def page(markdown: str, base: Path, theme: str, window: int) -> str:
    """Return the HTML page of a text; `base` is the root of links, `theme` light or dark, `window` a width."""
    shown = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    allowed = nh3.clean(shown, tags=_ELEMENTS, attributes=_ATTRIBUTES, link_rel=None)
    return _PAGE.format(
        base=base.resolve().as_uri(),
        packages=_PACKAGES.as_uri(),
        faces="\n".join(
            f'<link rel="stylesheet" href="{_PACKAGES.as_uri()}/@fontsource/noto-sans/{face}.css">' for face in _FACES
        ),
        fonts=json.dumps([*_FACES.values()]),
        theme=theme,
        column=COLUMNS[window],
        background="#0d1117" if theme == "dark" else "#ffffff",
        mermaid="dark" if theme == "dark" else "default",
        body=_MERMAID.sub(lambda found: f'<pre class="mermaid">{found[1]}</pre>', allowed),
    )


def elements(markdown: str) -> list[str]:
    """Elements that GitHub would take away: none of ours, so that somebody's name became one."""
    shown = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return sorted(set(re.findall(r"<([a-z][\w-]*)", shown.lower())) - _ELEMENTS)


def torn_tables(markdown: str) -> list[str]:
    """Rows of tables with more or fewer cells than their head: GitHub drops what is too much without a word."""
    torn, cells = [], 0
    for line in markdown.splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        count = len(re.findall(r"(?<!\\)\|", line))
        cells = cells or count
        if count != cells:
            torn.append(line)
    return torn
