"""Text of any kind in a page: GitHub's renderer shows it as it is, and makes nothing of it."""

from __future__ import annotations

import html
import re

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from copilot_metrics.render import formatting
from copilot_metrics.render.names import clean_name
from support.names import HOSTILE

# A place in a page, and how GitHub's renderer shows what is there.
PLACES = {
    "a cell": ("| x | y |\n|:--|--:|\n| {} | z |\n", r'<td align="left">(.*?)</td>\n<td align="right">z</td>'),
    "an item": ("- {}: text\n", "<li>(.*): text</li>"),
    "a heading": ("### {}\n", "<h3>(.*)</h3>"),
    "a link": ("[{}](README.md)\n", '<a href="README.md">(.*)</a>'),
    "bold": ("**{}**\n", "<strong>(.*)</strong>"),
    "a paragraph": ("{}\n", "<p>(.*)</p>"),
    "a line below another": ("text\n{}\n", "<p>text\n(.*)</p>"),
}
PIECES = [
    *"ab19é _*`\\|<>&;#@$:/.~[]()!{}%=+-\"'^,?",
    *("www.", "http://", "a@b.c", "&lt;", "&#64;", "GH-1", "--", "==", "1.", "```", "<b>", "<!--", "{{", "\\|", "]:"),
]


def shown(text: str, place: str) -> str:
    """Return what GitHub's renderer makes of text in a place, as HTML without code spans."""
    page, matches = PLACES[place]
    result = cmarkgfm.github_flavored_markdown_to_html(page.format(text), Options.CMARK_OPT_UNSAFE)
    inside = re.search(matches, result, re.DOTALL)
    assert inside, result
    return re.sub("</?code>|<!-- -->", "", inside[1])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_is(name: str, place: str) -> None:
    assert html.unescape(shown(formatting.escape(clean_name(name)), place)) == clean_name(name)
    assert html.unescape(shown(formatting.code(clean_name(name)), place)) == clean_name(name)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join))
def test_any_text_is_shown_as_it_is_and_becomes_nothing_else(text: str) -> None:
    name = re.sub(" +", " ", clean_name(text))
    for place in PLACES:
        for result in (formatting.escape(name), formatting.code(name)):
            inside = shown(result, place)
            assert "<" not in inside
            assert html.unescape(inside) == name


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("octo-org/app_one", "octo-org/app_one"),
        ("GPT-5.4 mini (preview)", "GPT-5.4 mini (preview)"),
        ("it's 5 < 6 & 7 > 6", "it's 5 < 6 & 7 > 6"),
        ("R&D, C#, C++", "R&D, C#, C++"),
        ("100% of 1,234: fine!", "100% of 1,234: fine!"),
        ("a|b", r"a\|b"),
        ("_a_ b_c *d* [e]", r"\_a\_ b_c \*d\* \[e\]"),
        ("<b> &lt;", r"\<b> \&lt;"),
        ("# 1", r"\# 1"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("{{ 7 }}", r"\{{ 7 }}"),
        ("ask @monalisa", "ask `@monalisa`"),
        ("octo-org/app#2 GH-7", "`octo-org/app#2` `GH-7`"),
        ("see https://docs.github.com", "see `https://docs.github.com`"),
        (":tada: $x$ www.github.com", "`:tada:` `$x$` `www.github.com`"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_backslash_or_a_code_span_is_only_where_it_is_needed(text: str, written: str) -> None:
    assert formatting.escape(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("code_completion", "`code_completion`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a|b", "<code>a&#124;b</code>"),
        ("", "<code></code>"),
    ],
)
def test_a_code_span_shows_its_text_as_it_is(text: str, written: str) -> None:
    assert formatting.code(text) == written


@pytest.mark.parametrize(
    ("identifier", "kind", "written"),
    [
        ("chat_panel_agent_mode", "feature", "Agent mode"),
        ("others", "feature", "Others"),
        ("chat_panel_new_mode", "feature", "`chat_panel_new_mode`"),
        ("vscode", "editor", "VS Code"),
        ("JetBrains", "editor", "JetBrains"),
        ("csharp", "language", "C#"),
        ("typescriptreact", "language", "TypeScript (React)"),
        ("易语言", "language", "`易语言`"),
        ("bug_risk", "comment_type", "Bug risk"),
        ("auto", "model", "Auto"),
        ("gpt-5.3-codex", "model", "GPT-5.3-Codex"),
        ("gpt-5-mini", "model", "GPT-5 mini"),
        ("gpt-4o", "model", "GPT-4o"),
        ("claude-4.5-haiku", "model", "Claude Haiku 4.5"),
        ("claude-opus-4.6-1m", "model", "Claude Opus 4.6 1M"),
        ("gemini-2.5-pro", "model", "Gemini 2.5 Pro"),
        ("my-own-model", "model", "`my-own-model`"),
        ("octo-org/app", "repository", "octo-org/app"),
        (None, "language", "(no name)"),
    ],
)
def test_identifiers_have_the_names_that_people_use(identifier: str | None, kind: str, written: str) -> None:
    assert formatting.named(identifier, kind) == written
