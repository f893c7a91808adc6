from pathlib import Path

import pytest
import yaml

from copilot_metrics import prepared
from copilot_metrics.paths import ACTION_YML, TEMPLATES

ACTION = yaml.safe_load(ACTION_YML.read_bytes())


def test_without_anything_prepared_the_action_is_read_from_its_file(tmp_path: Path) -> None:
    assert prepared.action(tmp_path / "nowhere") == ACTION


def test_what_is_prepared_is_the_action_and_every_template(tmp_path: Path) -> None:
    prepared.prepare(tmp_path / "made")
    assert prepared.action(tmp_path / "made") == ACTION
    compiled = [path for path in (tmp_path / "made").iterdir() if path.suffix == ".cache"]
    assert len(compiled) == len(list(TEMPLATES.glob("*.j2")))


@pytest.mark.parametrize("content", ["", "{", '{"source": "name: older", "action": {"inputs": {}}}'])
def test_an_older_preparation_is_passed_over(tmp_path: Path, content: str) -> None:
    (tmp_path / "action.json").write_text(content)
    assert prepared.action(tmp_path) == ACTION
