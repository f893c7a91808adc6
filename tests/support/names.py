"""Names that do their worst to a page, a table, a diagram, a log or a spreadsheet."""

from __future__ import annotations

HOSTILE = [
    "a|b",
    "<script>alert(1)</script>",
    "`code` ``` fence",
    "two\nlines\r\n\n# heading",
    "::error::hello",
    "=cmd()",
    "[link](https://example.com) ![x](y)",
    "**bold** _it_ ~~s~~",
    "@monalisa #1 octo-org/app#2 https://example.com www.example.com",
    "</details></table>",
    "&lt;b&gt; \\| \\",
    "$x$ $$y$$",
    "{{ 7 * 7 }} {% raw %}",
    "\u202ereversed\u200b",
    "东京 🙂 مرحبا",
    "x" * 300,
]
