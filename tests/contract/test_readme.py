"""The documents agree with `action.yml`, the Makefile, and the tree.

`make update-golden` runs this file to rewrite the tables of the README.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from copilot_metrics.github.usage_metrics import FIRST_DAYS
from copilot_metrics.metrics import compare, key_metrics
from copilot_metrics.paths import ACTION_YML, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ACTION: dict[str, Any] = yaml.safe_load(ACTION_YML.read_bytes())
_README = ROOT / "README.md"
_DOCS = ROOT / "docs"
_DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted(_DOCS.glob("*.md")), ROOT / "tests" / "README.md"]
_MAKE = re.compile(r"(?:`|^)make ((?:[a-z-]+ ?)+)", re.MULTILINE)
_OUTDATED = "The README's tables differ from action.yml. Run make update-golden"

_REQUIRED = {"token": "Yes, unless a GitHub App is used", "app-private-key": "With `app-id`"}

each_document = pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def inputs_table() -> str:
    """Return the inputs of `action.yml` as a Markdown table, with a row for the title of each group."""
    rows = [["Input", "Required", "Default", "Description"], [":--"] * 4]
    titles = {name: title for title, name in re.findall(r"^  # (.+)\n  ([a-z-]+):$", read(ACTION_YML), re.MULTILINE)}
    for name, declared in _ACTION["inputs"].items():
        if name in titles:
            rows.append([f"**{titles[name]}**", "", "", ""])
        default = f"`{escape(declared['default'])}`" if declared["default"] else ""
        rows.append([f"`{name}`", _REQUIRED.get(name, "No"), default, escape(declared["description"])])
    return markdown_table(rows)


def outputs_table() -> str:
    """Return the outputs of `action.yml` as a Markdown table."""
    outputs = _ACTION["outputs"].items()
    rows = [["Output", "Description"], [":--"] * 2]
    return markdown_table([*rows, *([f"`{name}`", escape(declared["description"])] for name, declared in outputs)])


def escape(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def markdown_table(rows: Iterable[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_tables(text: str, inputs: str, outputs: str) -> str:
    """Return the README with other tables between their markers."""
    for name, table in (("inputs", inputs), ("outputs", outputs)):
        start, rest = re.split(rf"(?<=<!-- {name}: from action.yml, by make update-golden -->\n)", text)
        text = f"{start}{table}{rest[rest.index(f'<!-- /{name} -->') :]}"
    return text


def without_code_blocks(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.*)$", without_code_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_lists_the_inputs_and_outputs_of_the_action() -> None:
    assert with_tables(read(_README), inputs_table(), outputs_table()) == read(_README), _OUTDATED


def test_the_readme_has_at_most_1600_words_without_the_generated_tables() -> None:
    assert len(with_tables(read(_README), "", "").split()) <= 1600


def test_the_readme_links_every_page_of_the_docs_for_users() -> None:
    links = set(re.findall(r"\(docs/(\w[\w-]*\.md)", read(_README)))
    assert {path.name for path in _DOCS.glob("*.md")} - links == {"releasing.md"}


@pytest.mark.parametrize("page", ["metrics.md", "files.md"])
def test_json_keys_and_files_on_a_page_exist_in_the_schema_or_the_code(page: str) -> None:
    known = read(ROOT / "schemas" / "metrics.schema.json") + "".join(map(read, (ROOT / "src").rglob("*.py")))
    names = set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", read(_DOCS / page)))
    assert {name for name in names if name not in known} == set()


def documented_inputs() -> Iterable[tuple[str, str]]:
    for document in _DOCUMENTS:
        if document.name not in ("performance.md", "releasing.md"):
            for name in re.findall(r"`([a-z]+(?:-[a-z]+)*): [^`]*`", read(document)):
                yield document.name, name


def test_every_input_that_a_document_sets_exists() -> None:
    known = {*_ACTION["inputs"], "contents", "pull-requests", "permissions"}
    assert {(document, name) for document, name in documented_inputs() if name not in known} == set()


def test_the_metrics_page_names_the_first_days_of_the_api() -> None:
    orgs, enterprises = FIRST_DAYS["orgs"], FIRST_DAYS["enterprises"]
    assert f"{orgs} (organizations) or {enterprises} (enterprises)" in read(_DOCS / "metrics.md")


def test_the_metrics_page_has_the_thresholds_of_comparisons() -> None:
    page = " ".join(read(_DOCS / "metrics.md").split())
    assert (compare.FEW_PEOPLE, "A change of one or two people is" in page) == (3, True)
    assert f"less than {key_metrics.ENOUGH_VOLUME} in a rate's denominator" in page
    assert f"if the median is below {compare.ENOUGH_PER_WEEKDAY}" in page


def documented_targets() -> Iterable[tuple[str, str]]:
    for document in _DOCUMENTS:
        for targets in _MAKE.findall(read(document)):
            for target in targets.split():
                yield document.name, target


def test_every_make_target_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    documented = set(documented_targets())
    assert {"install", "demo", "test", "lint"} <= {target for _, target in documented}
    assert {(document, target) for document, target in documented if target not in targets} == set()


@each_document
def test_every_relative_link_has_a_target(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code_blocks(read(document))):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = document.parent / path if path else document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(read(linked)), target


@each_document
def test_every_file_in_a_document_exists(document: Path) -> None:
    folders = "src|tests|templates|schemas|requirements|examples|bench|docs"
    names = re.findall(rf"`((?:{folders})/[\w./-]*|[A-Z][\w-]+\.md|action\.yml|Dockerfile|Makefile)`", read(document))
    assert [name for name in names if not any((path / name).exists() for path in (ROOT, document.parent))] == []


def test_every_picture_has_an_alternative_text() -> None:
    pictures = [text for document in _DOCUMENTS for text in re.findall(r"!\[(.*?)\]\(", read(document))]
    assert pictures
    assert all(len(text) > 40 for text in pictures)


def test_the_newest_version_in_the_changelog_is_that_of_the_project() -> None:
    version = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["version"]
    assert re.findall(r"^## (\d+\.\d+\.\d+)\b", read(ROOT / "CHANGELOG.md"), re.MULTILINE)[0] == version


def test_nothing_uses_plain_http_or_names_a_package_registry() -> None:
    files = [*_DOCUMENTS, ACTION_YML, ROOT / "Dockerfile", ROOT / "Makefile"]
    files += [path for folder in ("examples", ".github", "requirements") for path in (ROOT / folder).rglob("*.*")]
    for path in files:
        assert not re.search(r"http://|pypi\.org|pythonhosted|registry\.npmjs|docker\.io|--index-url", read(path)), path


def test_the_license_is_that_of_the_project() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    assert project["license"] == "MIT"
    assert read(ROOT / "LICENSE").startswith("MIT License\n")


if __name__ == "__main__":
    _README.write_text(with_tables(read(_README), inputs_table(), outputs_table()), encoding="utf-8")
