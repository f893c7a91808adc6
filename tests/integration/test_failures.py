"""Runs that fail: the messages, the files that remain, and the exit status."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from copilot_metrics import cli
from copilot_metrics.clock import Clock
from sample_github.faults import Body, Drop, Fault, Status
from sample_github.github import TOKEN
from sample_github.server import SampleApi
from support import raw, runs
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

METRICS = r"octo-org/copilot/metrics(\?|$)"
FINE_GRAINED = "github_pat_invented0123456789"


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY) as started:
        yield started


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            Status(403, "Must have admin rights"),
            (
                "title=Not permitted",
                "“Must have admin rights”",
                "classic personal access token",
                "its owner may not read Copilot metrics",
            ),
        ),
        (
            Status(403, "Resource protected by organization SAML enforcement."),
            ("the token is not authorized for it", "select Configure SSO"),
        ),
        (
            Status(403, "x", {"X-GitHub-SSO": "required; url=https://example.com/sig"}),
            ("single sign-on", "Configure SSO"),
        ),
        (Status(403, "`octo-org` has an IP allow list enabled"), ("does not contain the address of this runner",)),
        (
            Status(403, "The 'Copilot usage metrics' policy must be enabled"),
            ("The policy “Copilot usage metrics” is off", "settings/copilot/policies"),
        ),
        (
            Status(404, "Not Found"),
            ("title=Not found", "The organization octo-org exists.", "only organization owners"),
        ),
        (
            Status(422, "Copilot Usage Metrics API setting is disabled"),
            ("title=Copilot metrics are disabled", "setting is disabled”", "Copilot Metrics API access"),
        ),
        (Status(418, "I am a teapot"), ("title=Unexpected response", "answered 418", "“I am a teapot”")),
        (
            Body(b'[{"date": "2026-11-20", "total_active_users": "many"}]'),
            ("2026-11-20.total_active_users should be an integer",),
        ),
        (Body(b'[{"date": "soon"}]'), ("[0].date should be a date such as",)),
    ],
)
def test_each_failure_is_one_annotation_that_says_what_to_do(
    api: SampleApi, tmp_path: Path, fault: Fault, expected: tuple[str, ...]
) -> None:
    api.fail(METRICS, fault, times=5)
    result = run(tmp_path, api.url)
    assert result.status == 1
    (error,) = result.annotations("error")
    for words in expected:
        assert words in error
    assert not (tmp_path / "copilot-metrics").exists()
    assert result.outputs == {"status": "failed"}


@pytest.mark.parametrize("fault", [Status(503), Drop()])
def test_a_lasting_failure_is_an_error_after_all_tries(api: SampleApi, tmp_path: Path, fault: Fault) -> None:
    api.fail(METRICS, fault, times=5)
    waits = Waits()
    result = run(tmp_path, api.url, waits=waits)
    assert result.status == 1
    assert "::error title=GitHub is not answering::" in result.log
    assert "5 times in a row" in result.log
    assert waits.slept == [1, 2, 4, 8]


def test_a_token_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    with SampleApi(TODAY, tokens={FINE_GRAINED: ("*",)}) as api:
        result = run(tmp_path, api.url, token=FINE_GRAINED, scope="enterprises/octo-enterprise", api="metrics")
    (error,) = result.annotations("error")
    assert "a fine-grained personal access token, which cannot read Copilot metrics of an enterprise" in error


def test_a_refusal_of_the_usage_metrics_api_is_one_error_of_all_its_scopes_and_no_reason_to_fall_back(
    api: SampleApi, tmp_path: Path
) -> None:
    api.fail("/reports/", Status(403, "Resource not accessible"))
    result = run(tmp_path, api.url, scope="orgs/octo-org/team/blue, orgs/octo-org/team/data-science")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert error.split("::")[2].startswith(
        "orgs/octo-org/team/blue and orgs/octo-org/team/data-science: GitHub answered 403"
    )
    assert "api: metrics" not in error
    assert not [request for request in api.requests if request.path.endswith("/metrics")]


@pytest.mark.parametrize(
    "answer", [Body(b'{"download_links": []}'), Status(404, "No report available for this enterprise")]
)
def test_a_missing_report_does_not_lead_to_the_older_api(api: SampleApi, tmp_path: Path, answer: Fault) -> None:
    api.fail("/reports/", answer, times=100)
    result = run(tmp_path, api.url)
    assert result.status == 0
    assert result.report()["api"] == "usage-metrics"
    assert result.annotations("warning title=No data")


def test_if_one_scope_fails_the_others_are_reported(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope="orgs/nowhere, orgs/octo-org")
    assert result.status == 1
    assert len(result.annotations("error")) == 1
    assert [one["scope"] for one in json.loads(result.files()["metrics.json"])["reports"]] == ["orgs/octo-org"]
    assert "Not reported in this run: orgs/nowhere (Not found)." in result.files()["README.md"].decode()
    assert result.summary.startswith("# Copilot metrics: one scope failed\n\n## Not found: `orgs/nowhere`\n")
    assert "The other scopes are reported below." in result.summary
    assert result.outputs["headline"].split(" at ")[1].startswith("octo-org ")
    assert result.outputs["json"] == "copilot-metrics/metrics.json"


def test_with_if_scope_fails_warn_a_failed_scope_is_a_warning_if_others_are_reported(
    api: SampleApi, tmp_path: Path
) -> None:
    result = run(tmp_path, api.url, scope="orgs/nowhere, orgs/octo-org", if_scope_fails="warn")
    assert result.status == 0
    assert result.annotations("error") == []
    (warning,) = result.annotations("warning title=Not found")
    assert "orgs/nowhere" in warning
    assert result.outputs["status"] == "partial"
    assert result.report("orgs/octo-org")["stale"] is False
    assert result.summary.startswith("# Copilot metrics: one scope failed\n\n## Not found: `orgs/nowhere`\n")


def test_with_if_scope_fails_warn_a_run_fails_if_no_scope_is_reported(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope="orgs/nowhere, orgs/nobody", if_scope_fails="warn")
    assert result.status == 1
    assert len(result.annotations("error title=Not found")) == 2
    assert result.annotations("warning title=Not found") == []


def test_a_failed_scope_keeps_its_earlier_figures_as_stale(api: SampleApi, tmp_path: Path) -> None:
    before = run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-labs").report()
    api.fail(METRICS, Status(404, "Not Found"))
    result = run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-labs", days="14")
    after = result.report()
    assert result.status == 1
    assert after == {**before, "stale": True, "licenses": after["licenses"]}
    assert result.report("orgs/octo-labs")["stale"] is False
    assert result.report("orgs/octo-labs")["coverage"]["days"] == 14
    assert "octo-labs" in result.outputs["headline"]
    assert "not downloaded in this run" in result.files()["orgs/octo-org/README.md"].decode()
    run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-labs")
    assert result.report()["stale"] is False


def test_complete_days_before_a_failure_enter_history(api: SampleApi, tmp_path: Path) -> None:
    api.fail(r"[&?]page=2\b", Status(404, "Not Found"))
    result = run(tmp_path, api.url, days="60")
    assert result.status == 1
    assert {path.split("/")[2] for path in result.files()} == {"history"}
    days = [content for path, content in result.files().items() if "/history/20" in path]
    assert sum(content.count(b"\n") for content in days) == 28


def test_a_day_of_another_shape_keeps_the_other_days(tmp_path: Path) -> None:
    days = [raw.example(date="2026-11-19"), {"date": "2026-11-20", "total_active_users": []}]
    with SampleApi(TODAY, days={"orgs/octo-org": days}) as api:
        result = run(tmp_path, api.url)
    assert result.status == 0
    (warning,) = result.annotations("warning title=Unreadable day")
    assert "2026-11-20.total_active_users" in warning
    assert result.report()["coverage"]["reported"] == 1
    (content,) = [content for path, content in result.files().items() if "/history/20" in path]
    assert [json.loads(line)["date"] for line in content.splitlines()] == ["2026-11-19"]


def test_failed_scopes_are_ten_annotations_at_most_and_the_last_names_the_rest(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope=",".join(f"orgs/nowhere-{number}" for number in range(14)))
    errors = result.annotations("error")
    assert len(errors) == 10
    assert errors[-1].startswith("::error title=5 more scopes failed::")
    assert all(f"orgs/nowhere-{number}:" in errors[-1] for number in range(9, 14))


def test_bad_inputs_are_one_annotation(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, days="many", charts="some")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert error.startswith('::error title=Inputs::`days` is "many", but must be a whole number')
    assert '%0A`charts` is "some", but' in error
    assert api.requests == []


def test_an_output_directory_outside_the_workspace_is_refused_before_any_request(
    api: SampleApi, tmp_path: Path
) -> None:
    result = run(tmp_path, api.url, output_directory="../elsewhere", days="many")
    assert result.status == 1
    (error,) = result.annotations("error")
    assert "`days`" in error
    assert '%0A`output-directory` is "../elsewhere", which is outside the workspace.' in error
    assert api.requests == []


def test_damaged_history_is_moved_with_a_warning(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url)
    path = tmp_path / "copilot-metrics/orgs/octo-org/history/2026-10.ndjson"
    path.write_bytes(b'{"date":"2026-10-01","api":"met\n' + path.read_bytes())
    result = run(tmp_path, api.url)
    assert result.status == 0
    assert "2026-10.ndjson line 1 cannot be read" in result.annotations("warning")[0]
    assert result.files()["orgs/octo-org/history/damaged.ndjson"] == b'{"date":"2026-10-01","api":"met\n'
    assert not run(tmp_path, api.url).annotations("warning")


def test_a_defect_is_one_line_and_its_traceback_is_in_the_debug_log_only(api: SampleApi, tmp_path: Path) -> None:
    for debug in ("", "1"):
        sound = Waits().clock()
        moments = iter([sound.now()])  # a clock that breaks down once the inputs are read

        def now(moments: Iterator[dt.datetime] = moments) -> dt.datetime:
            for moment in moments:
                return moment
            raise ZeroDivisionError(TOKEN)

        log = io.StringIO()
        environ = {**runs.environ(tmp_path, api.url), "RUNNER_DEBUG": debug}
        assert cli.run([], environ, log, Clock(now=now)) == 1
        assert (
            log.getvalue().count("::error title=Internal error::ZeroDivisionError: this is a defect of the action.")
            == 1
        )
        assert ("Traceback" in log.getvalue()) is bool(debug)
        assert TOKEN not in log.getvalue()


def test_if_the_usage_metrics_api_cannot_be_reached_its_scopes_fail(api: SampleApi, tmp_path: Path) -> None:
    api.fail("/reports/", Status(503), times=5)
    result = run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/blue")
    assert result.status == 1
    (error,) = result.annotations("error title=GitHub is not answering")
    assert error.split("::")[2].startswith("orgs/octo-org and orgs/octo-org/team/blue: GET /orgs/octo-org/")
    assert len([one for one in api.requests if "/reports/" in one.path]) == 5
