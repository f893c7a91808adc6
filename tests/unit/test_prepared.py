from pathlib import Path

import pytest
import yaml

from copilot_metrics import prepared
from copilot_metrics.paths import ACTION_YML, TEMPLATES


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "prepared"
    for name, value in (("PREPARED", made), ("_ACTION_JSON", made / "action.json")):
        monkeypatch.setattr(prepared, name, value)
    monkeypatch.setattr("copilot_metrics.render.markdown.PREPARED", made)
    return made


def test_without_anything_prepared_the_action_is_read_from_its_file(place: Path) -> None:
    assert not place.exists()
    assert prepared.action() == yaml.safe_load(ACTION_YML.read_bytes())


def test_what_is_prepared_is_the_action_and_every_template(place: Path) -> None:
    from copilot_metrics.render import markdown  # noqa: PLC0415 - after the place is another

    markdown._environment.cache_clear()  # noqa: SLF001 - environments know their place from their making
    prepared.prepare()
    markdown._environment.cache_clear()  # noqa: SLF001 - the same
    assert prepared.action() == yaml.safe_load(ACTION_YML.read_bytes())
    compiled = [path for path in place.iterdir() if path.suffix == ".cache"]
    assert len(compiled) == len(list(TEMPLATES.glob("*.j2")))


def test_an_older_preparation_is_passed_over(place: Path) -> None:
    place.mkdir()
    for content in ("", "{", '{"source": "name: older", "action": {"inputs": {}}}'):
        (place / "action.json").write_text(content)
        assert prepared.action()["inputs"]
