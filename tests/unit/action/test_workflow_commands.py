import base64
import io
from pathlib import Path

import pytest

from copilot_metrics.action.workflow_commands import SUMMARY_LIMIT, Runner


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


def runner(out: io.StringIO, **environ: object) -> Runner:
    return Runner({name: str(value) for name, value in environ.items()}, out)


def on_github(out: io.StringIO, **environ: object) -> Runner:
    return runner(out, GITHUB_ACTIONS="true", **environ)


def test_data_and_properties_of_a_command_are_escaped_percent_first(out: io.StringIO) -> None:
    on_github(out).error("a:b,c%", "100 %\nnext: line, \r")
    assert out.getvalue() == "::error title=a%3Ab%2Cc%25::100 %25%0Anext: line,  \n"


def test_off_github_messages_are_plain_text(out: io.StringIO) -> None:
    result = runner(out)
    result.warning("Title", "text")
    result.notice("Title", "text")
    with result.group("Folded"):
        result.log("inside")
    assert out.getvalue() == "warning: Title: text\nnotice: Title: text\ninside\n"


def test_a_group_is_closed_if_an_exception_is_raised_in_it(out: io.StringIO) -> None:
    with pytest.raises(ZeroDivisionError), on_github(out).group("Writing"):
        _ = 1 / 0
    assert out.getvalue() == "::group::Writing\n::endgroup::\n"


def test_foreign_text_cannot_be_a_workflow_command(out: io.StringIO) -> None:
    result = on_github(out)
    result.log("::error::hello")
    result.log("a\n::set-output name=x::y")
    result.log("  ::add-mask::z")
    result.log("##[error]old style")
    result.log("a\r::error::b")
    for line in out.getvalue().splitlines():
        assert not line.startswith("::")
        assert "##[" not in line


@pytest.mark.parametrize(
    "shape",
    [
        "ghp_hid/den",
        "ghp_hid%2Fden",
        *(base64.b64encode(before + b"ghp_hid/den").decode() for before in (b"", b"x", b"x:")),
    ],
)
def test_a_secret_is_replaced_in_every_form(out: io.StringIO, tmp_path: Path, shape: str) -> None:
    summary, output = tmp_path / "summary", tmp_path / "output"
    result = on_github(out, GITHUB_STEP_SUMMARY=summary, GITHUB_OUTPUT=output, RUNNER_DEBUG=1)
    result.hide("ghp_hid/den")
    result.hide("")
    result.log(f"a {shape}")
    result.error(f"title {shape}", f"text {shape}")
    result.debug(f"trace {shape}")
    result.outputs({"headline": f"x {shape}"})
    result.summary(f"y {shape}")
    text = out.getvalue() + summary.read_text() + output.read_text()
    assert shape[4:-4] not in text
    assert text.count("***") == 6


def test_foreign_text_cannot_control_a_terminal(out: io.StringIO) -> None:
    on_github(out).log("\x1b[31mred\x9b1m\x07\x00")
    assert out.getvalue() == "[31mred 1m  \n"


def test_debug_text_is_in_the_log_only_if_it_is_on(out: io.StringIO) -> None:
    on_github(out).debug("x")
    assert out.getvalue() == ""
    on_github(out, RUNNER_DEBUG=1).debug("a\nb")
    runner(out, RUNNER_DEBUG=1).debug("c")
    assert out.getvalue() == "::debug::a\n::debug::b\nc\n"


def test_outputs_have_a_delimiter_that_no_value_can_guess(out: io.StringIO, tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("earlier=1\n")
    on_github(out, GITHUB_OUTPUT=path).outputs({"headline": "x\nEOF\ny", "changed": ""})
    lines = path.read_text().splitlines()
    name, delimiter = lines[1].split("<<")
    assert (lines[0], name) == ("earlier=1", "headline")
    assert lines[2:6] == ["x", "EOF", "y", delimiter]
    assert path.read_text().endswith(f"{lines[-1]}\n")
    assert lines[-3].startswith("changed<<")


def test_without_files_there_are_no_outputs_and_no_summary(out: io.StringIO) -> None:
    result = on_github(out)
    result.outputs({"a": "b"})
    result.summary("x")
    assert result.summary_room == 0
    assert out.getvalue() == ""


def test_a_summary_does_not_exceed_githubs_limit(out: io.StringIO, tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("x" * (SUMMARY_LIMIT - 10))
    result = on_github(out, GITHUB_STEP_SUMMARY=path)
    assert result.summary_room == 10
    result.summary("ä" * 6)
    assert path.stat().st_size == SUMMARY_LIMIT - 10
    result.summary("ä" * 5)
    assert path.stat().st_size == SUMMARY_LIMIT


def test_an_annotation_is_cut_at_githubs_limit(out: io.StringIO) -> None:
    on_github(out).error("Title", "x" * 10_000)
    assert len(out.getvalue()) < 4200


def test_a_terminal_without_a_character_gets_a_question_mark() -> None:
    raw = io.BytesIO()
    narrow = io.TextIOWrapper(raw, encoding="ascii")
    Runner({}, narrow).log("28 – 30")
    assert raw.getvalue() == b"28 ? 30\n"
