"""Templates are layout: what they show comes finished from Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copilot_metrics.render import markdown

TEMPLATES = sorted((Path(markdown.__file__).parent / "templates").glob("*.j2"))
MACRO = re.compile(r"\{%-? macro .*?endmacro -?%\}", re.DOTALL)
EXPRESSION = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
QUOTED = re.compile(r'"[^"]*"')
ARITHMETIC_OR_COMPARISON = re.compile(r"[+*/~<>]|==|!=|//|\s-\s")


def test_there_are_templates() -> None:
    assert TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_line_is_longer_than_160_characters(template: Path) -> None:
    assert [line for line in template.read_text().splitlines() if len(line) > 160] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_macro_is_longer_than_15_lines(template: Path) -> None:
    assert [macro for macro in MACRO.findall(template.read_text()) if macro.count("\n") >= 15] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_calculates_or_compares(template: Path) -> None:
    expressions = [QUOTED.sub("", expression) for expression in EXPRESSION.findall(template.read_text())]
    assert [expression for expression in expressions if ARITHMETIC_OR_COMPARISON.search(expression)] == []
