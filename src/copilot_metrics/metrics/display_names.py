"""What people call the features, editors, languages, models, and comment types that GitHub's API identifies.

JSON and CSV keep the identifiers. An identifier that is not known here is shown as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FEATURES = {
    "agent_edit": "Agent edits",
    "chat_inline": "Inline chat",
    "chat_panel_agent_mode": "Agent mode",
    "chat_panel_ask_mode": "Ask mode",
    "chat_panel_custom_mode": "Custom agents",
    "chat_panel_edit_mode": "Edit mode",
    "chat_panel_plan_mode": "Plan mode",
    "chat_panel_unknown_mode": "Chat, unknown mode",
    "cloud_agent": "Cloud agent",
    "code_completion": "Code completion",
    "code_review_active": "Code review, requested",
    "code_review_passive": "Code review, automatic",
    "copilot_app": "GitHub Copilot app",
    "copilot_cli": "GitHub Copilot CLI",
    "github_app": "GitHub Copilot app",
}
EDITORS = {
    "copilot_cli": "GitHub Copilot CLI",
    "eclipse": "Eclipse",
    "emacs": "Emacs",
    "github.com": "GitHub.com",
    "jetbrains": "JetBrains",
    "neovim": "Neovim",
    "vim": "Vim",
    "visualstudio": "Visual Studio",
    "vscode": "VS Code",
    "xcode": "Xcode",
    "zed": "Zed",
}
LANGUAGES = {
    "abap": "ABAP",
    "apex": "Apex",
    "bash": "Bash",
    "bat": "Batch",
    "bicep": "Bicep",
    "c": "C",
    "c#": "C#",
    "c++": "C++",
    "chatagent": "Custom agents",
    "clojure": "Clojure",
    "cmd": "Windows command script",
    "cobol": "COBOL",
    "cpp": "C++",
    "csharp": "C#",
    "css": "CSS",
    "cuda": "CUDA",
    "dart": "Dart",
    "dockerfile": "Dockerfile",
    "dotenv": "dotenv",
    "elixir": "Elixir",
    "erlang": "Erlang",
    "fsharp": "F#",
    "github-actions-workflow": "GitHub Actions workflow",
    "go": "Go",
    "graphql": "GraphQL",
    "groovy": "Groovy",
    "haskell": "Haskell",
    "hcl": "HCL",
    "html": "HTML",
    "ini": "INI",
    "instructions": "Copilot instructions",
    "java": "Java",
    "javascript": "JavaScript",
    "javascriptreact": "JavaScript (React)",
    "json": "JSON",
    "jsonc": "JSON with comments",
    "jsx": "JSX",
    "julia": "Julia",
    "kotlin": "Kotlin",
    "latex": "LaTeX",
    "less": "Less",
    "lua": "Lua",
    "makefile": "Makefile",
    "markdown": "Markdown",
    "matlab": "MATLAB",
    "mermaid": "Mermaid",
    "objective-c": "Objective-C",
    "objective-cpp": "Objective-C++",
    "ocaml": "OCaml",
    "perl": "Perl",
    "php": "PHP",
    "plaintext": "Plain text",
    "powershell": "PowerShell",
    "prompt": "Copilot prompts",
    "proto": "Protocol Buffers",
    "pwsh": "PowerShell (pwsh)",
    "python": "Python",
    "r": "R",
    "razor": "Razor",
    "ruby": "Ruby",
    "rust": "Rust",
    "sass": "Sass",
    "scala": "Scala",
    "scss": "SCSS",
    "shell": "Shell",
    "shellscript": "Shell script",
    "solidity": "Solidity",
    "sql": "SQL",
    "svelte": "Svelte",
    "swift": "Swift",
    "terraform": "Terraform",
    "tex": "TeX",
    "text": "Text",
    "toml": "TOML",
    "tsx": "TSX",
    "typescript": "TypeScript",
    "typescriptreact": "TypeScript (React)",
    "vb": "Visual Basic",
    "vue": "Vue",
    "xml": "XML",
    "yaml": "YAML",
    "zig": "Zig",
}
COMMENT_TYPES = {
    "bug": "Bug",
    "bug_risk": "Bug risk",
    "correctness": "Correctness",
    "documentation": "Documentation",
    "maintainability": "Maintainability",
    "performance": "Performance",
    "readability": "Readability",
    "reliability": "Reliability",
    "security": "Security",
    "style": "Style",
    "testing": "Testing",
}
_BUCKETS = {"none": "None", "others": "Others", "unknown": "Unknown"}
_MODELS = {"auto": "Auto", "default": "Default"}
_CLAUDE = re.compile(
    r"claude-(?:(?P<family>haiku|opus|sonnet)-(?P<version>[\d.]+)|(?P<older>[\d.]+)-(?P<kind>haiku|opus|sonnet))"
    r"(?P<more>(?:-[a-z0-9]+)*)"
)
_GPT = re.compile(r"gpt-(?P<version>\d+(?:\.\d+)*o?)(?P<more>(?:-[a-z0-9]+)*)")
_GEMINI = re.compile(r"gemini-(?P<version>[\d.]+)-(?P<family>flash|pro)(?P<more>(?:-[a-z0-9]+)*)")
_SUFFIXES = {"codex": "-Codex"}


_BY_KIND: Mapping[str, Mapping[str, str]] = {
    "comment_type": {**COMMENT_TYPES, **_BUCKETS},
    "editor": {**EDITORS, **_BUCKETS},
    "feature": {**FEATURES, **_BUCKETS},
    "language": {**LANGUAGES, **_BUCKETS},
}
"""The kind of names that people chose, such as those of repositories."""


def is_identified(kind: str) -> bool:
    """Return whether GitHub's API has identifiers of this kind, rather than names that people chose."""
    return kind == "model" or kind in _BY_KIND


def display_name(identifier: str, kind: str) -> str | None:
    """Return what people call an identifier of a kind, such as "VS Code" for "vscode"; None if it is not known."""
    lowered = identifier.lower()
    if kind == "model":
        return _MODELS.get(lowered) or _BUCKETS.get(lowered) or _model(lowered)
    return _BY_KIND.get(kind, {}).get(lowered)


def _model(identifier: str) -> str | None:
    """Return the name that the maker of a model uses: GPT-5 mini, Claude Sonnet 4.5, Gemini 2.5 Pro."""
    if match := _CLAUDE.fullmatch(identifier):
        family = (match["family"] or match["kind"]).capitalize()
        return f"Claude {family} {match['version'] or match['older']}{_more(match['more'])}"
    if match := _GPT.fullmatch(identifier):
        return f"GPT-{match['version']}{_more(match['more'])}"
    if match := _GEMINI.fullmatch(identifier):
        return f"Gemini {match['version']} {match['family'].capitalize()}{_more(match['more'])}"
    return None


def _more(parts: str) -> str:
    """Return the readable form of what follows a model's version: "-Codex mini" for "-codex-mini"."""
    return "".join(
        _SUFFIXES.get(part, f" {part.upper() if part[0].isdigit() else part}") for part in parts.split("-")[1:]
    )
