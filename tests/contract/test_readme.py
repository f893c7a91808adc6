"""The documents for people keep up with the program.

`make update-golden` writes the tables of the README anew.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from copilot_metrics.paths import ACTION_YML, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACTION: dict[str, Any] = yaml.safe_load(ACTION_YML.read_bytes())
_README = ROOT / "README.md"
_DOCUMENTS = [*sorted(ROOT.glob("*.md")), ROOT / "tests" / "README.md"]
_MAKE = re.compile(r"(?:`|^)make ((?:[a-z-]+ ?)+)", re.MULTILINE)
_TOLD_TWICE = "The README's tables are not what action.yml says: run make update-golden"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def table(kind: str) -> str:
    """The table of the inputs or outputs of `action.yml`, in Markdown."""
    columns = ("default", "description") if kind == "inputs" else ("description",)
    rows = [
        [f"`{name}`", *(cell(column, " ".join(declared[column].split())) for column in columns)]
        for name, declared in _ACTION[kind].items()
    ]
    head = [kind.removesuffix("s").capitalize(), *(column.capitalize() for column in columns)]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, [":--"] * len(head), *rows])


def cell(column: str, text: str) -> str:
    text = text.replace("|", "\\|")
    return f"`{text}`" if text and column == "default" else text


def written_anew(text: str) -> str:
    """The README with its tables made from `action.yml`."""
    for kind in ("inputs", "outputs"):
        text = re.sub(
            rf"(<!-- {kind}: [^>]*-->\n).*?(?=<!-- /{kind} -->)",
            lambda found, kind=kind: f"{found[1]}{table(kind)}",  # type: ignore[misc] # binds the loop's own
            text,
            flags=re.DOTALL,
        )
    return text


def section(title: str) -> str:
    return read(_README).split(f"\n## {title}\n")[1].split("\n## ")[0]


def prose(text: str) -> str:
    """Markdown without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The addresses of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_the_readme_has_the_inputs_and_outputs_of_the_action(kind: str) -> None:
    assert f"-->\n{table(kind)}<!-- /{kind} -->" in read(_README), _TOLD_TWICE


def test_writing_the_tables_anew_changes_nothing() -> None:
    assert written_anew(read(_README)) == read(_README), _TOLD_TWICE


def documented_targets() -> Iterable[tuple[str, str]]:
    for document in _DOCUMENTS:
        for targets in _MAKE.findall(read(document)):
            for target in targets.split():
                yield document.name, target


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = set(documented_targets())
    assert {"install", "demo", "test", "lint"} <= {target for _, target in named}
    assert {(document, target) for document, target in named if target not in targets} == set()


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(read(document))):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        place = document.parent / path if path else document
        assert place.exists(), target
        assert not anchor or anchor in anchors(read(place)), target


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    folders = "src|tests|templates|schemas|requirements|examples|bench|docs"
    named = re.findall(rf"`((?:{folders})/[\w./-]*|[A-Z][\w-]+\.md|action\.yml|Dockerfile|Makefile)`", read(document))
    missing = [name for name in named if not any((place / name).exists() for place in (ROOT, document.parent))]
    assert missing == []


def test_every_picture_says_what_it_shows() -> None:
    pictures = re.findall(r"!\[(.*?)\]\(", read(_README))
    assert pictures
    assert all(len(text) > 40 for text in pictures)


def test_the_newest_version_of_the_changelog_is_that_of_the_project() -> None:
    version = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["version"]
    assert re.findall(r"^## (\d+\.\d+\.\d+)\b", read(ROOT / "CHANGELOG.md"), re.MULTILINE)[0] == version


def test_what_people_and_machines_paste_uses_no_plain_http_and_names_no_registry() -> None:
    files = [*_DOCUMENTS, ACTION_YML, ROOT / "Dockerfile", ROOT / "Makefile"]
    files += [path for folder in ("examples", ".github", "requirements") for path in (ROOT / folder).rglob("*.*")]
    for path in files:
        assert not re.search(r"http://|pypi\.org|pythonhosted|registry\.npmjs|docker\.io|--index-url", read(path)), path


def test_the_license_is_the_one_that_the_project_declares() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    assert project["license"] == "MIT"
    assert read(ROOT / "LICENSE").startswith("MIT License\n")


if __name__ == "__main__":
    Path(_README).write_text(written_anew(read(_README)), encoding="utf-8")
