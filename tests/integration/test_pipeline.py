"""Successful runs against the sample API: what users get."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest

from copilot_metrics import cli
from copilot_metrics.paths import ACTION_YML, SCHEMA
from sample_github.server import SampleApi
from support import raw, runs
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE = {"orgs/octo-org": [raw.example()]}


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY) as started:
        yield started


def test_one_scope_gets_its_folder_and_an_overview(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, charts="true")
    assert result.status == 0
    files = result.files()
    assert {path for path in files if not path.startswith("orgs/")} == {"README.md", "metrics.json", "fetched.json"}
    names = {path.removeprefix("orgs/octo-org/") for path in files if path.startswith("orgs/octo-org/")}
    charts = {"adoption", "languages"}
    assert names == {
        "README.md",
        "metrics.json",
        "days.csv",
        "breakdowns.csv",
        "history/2026-10.ndjson",
        "history/2026-11.ndjson",
        "history/licenses.ndjson",
        *(f"charts/{theme}/{name}.png" for theme in ("light", "dark") for name in charts),
    }


def test_the_documents_example_comes_out_as_the_contract_says(tmp_path: Path) -> None:
    with SampleApi(TODAY, days=EXAMPLE, days_served=10_000) as api:
        result = run(tmp_path, api.url, since="2024-06-24", until="2024-06-24")
    assert result.status == 0
    report = result.report()
    assert (report["scope"], report["api"], report["stale"], report["withheld"]) == (
        "orgs/octo-org",
        "metrics",
        False,
        False,
    )
    assert report["coverage"] == {"days": 1, "reported": 1, "missing": []}
    assert report["users"]["active"] == {"mean": 24.0, "typical": 24, "max": 24, "latest": 24}
    assert report["totals"]["chat"] == {"chats": 55, "insertions": 23, "copies": 19}
    assert report["breakdowns"]["models"][0] == {
        "name": "default",
        "custom": False,
        "trained_on": None,
        "suggestions": 745,
        "acceptances": 376,
        "acceptance_rate": 376 / 745,
        "lines_suggested": 745,
        "lines_accepted": 405,
        "line_acceptance_rate": 405 / 745,
        "chats": 45,
        "insertions": 12,
        "copies": 16,
        "dotcom_chats": 38,
        "summaries": 6,
        "engaged_users_max": None,
    }
    assert result.outputs == {
        "status": "ok",
        "directory": "copilot-metrics",
        "json": "copilot-metrics/orgs/octo-org/metrics.json",
        "report": "copilot-metrics/orgs/octo-org/README.md",
        "headline": "24 people at octo-org used Copilot on June 24, 2024; 50% of 989 code suggestions were accepted.",
        "scopes": "1",
        "since": "2024-06-24",
        "until": "2024-06-24",
        "days": "1",
        "daily-active-users": "24",
        "weekly-active-users": "",
        "monthly-active-users": "",
        "engaged-users": "20",
        "licenses": "204",
        "unused-licenses": "",
        "adoption-rate": "",
        "suggestions": "989",
        "acceptances": "499",
        "acceptance-rate": "0.5046",
        "chats": "55",
        "commit-sha": "",
        "commit-url": "",
        "pull-request-url": "",
        "changed": "false",
        "matrix": "",
    }


def test_each_kind_of_scope_has_its_own_endpoint(api: SampleApi, tmp_path: Path) -> None:
    scopes = (
        "enterprises/octo-enterprise",
        "enterprises/octo-enterprise/team/platform",
        "orgs/octo-org",
        "orgs/octo-org/team/blue",
    )
    result = run(tmp_path, api.url, scope="\n".join(scopes))
    assert result.status == 0
    requests = {request.path for request in api.requests if request.path.endswith("/metrics")}
    assert requests == {f"/{scope}/copilot/metrics" for scope in scopes}
    document = json.loads(result.files()["metrics.json"])["reports"]
    assert [report["scope"] for report in document] == list(scopes)
    assert result.outputs["json"] == "copilot-metrics/metrics.json"
    assert result.outputs["report"] == "copilot-metrics/README.md"
    assert result.outputs["scopes"] == "4"


def test_auto_asks_once_for_each_account_whether_the_successor_answers(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-org/team/blue, orgs/octo-labs")
    requests = sorted(request.path for request in api.requests if "/reports/" in request.path)
    assert requests == [
        f"/orgs/{owner}/copilot/metrics/reports/organization-28-day/latest" for owner in ("octo-labs", "octo-org")
    ]


def test_with_the_older_api_nothing_else_is_requested(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, api="metrics", licenses="none")
    (request,) = api.requests
    assert request.query == {"since": "2026-10-26T00:00:00Z", "until": "2026-11-22T23:59:59Z", "per_page": "28"}


def test_a_short_report_still_asks_for_28_days_and_a_long_one_for_all_of_them(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, api="metrics", days="7", licenses="none")
    run(tmp_path, api.url, api="metrics", days="60", licenses="none")
    assert [request.query["since"] for request in api.requests if "page" not in request.query] == [
        "2026-10-26T00:00:00Z",
        "2026-09-24T00:00:00Z",
    ]
    assert sum("page" in request.query for request in api.requests) > 0


def test_a_day_of_a_short_report_knows_the_day_before_it(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, days="7")
    previous = result.report()["previous"]
    assert (previous["since"], previous["until"]) == ("2026-11-09", "2026-11-15")


def test_the_previous_period_comes_from_history(api: SampleApi, tmp_path: Path) -> None:
    assert run(tmp_path, api.url).report()["previous"] is None
    with SampleApi(TODAY, days={}) as later:
        run(tmp_path, later.url, since="2026-09-28", until="2026-10-25")
    assert run(tmp_path, api.url).report()["previous"]["since"] == "2026-09-28"


def test_figures_are_those_of_the_raw_days(api: SampleApi, tmp_path: Path) -> None:
    report = run(tmp_path, api.url, api="metrics").report()
    history = [
        json.loads(line)["data"]
        for path in sorted((tmp_path / "copilot-metrics/orgs/octo-org/history").glob("2026-*.ndjson"))
        for line in path.read_text().splitlines()
    ]
    entries = [
        (editor["name"], language["name"], language)
        for day in history
        for editor in (day.get("copilot_ide_code_completions") or {}).get("editors") or []
        for model in editor.get("models") or []
        for language in model.get("languages") or []
    ]
    total = report["totals"]["completions"]
    suggestions = sum(language["total_code_suggestions"] for *_, language in entries)
    acceptances = sum(language["total_code_acceptances"] for *_, language in entries)
    assert (total["suggestions"], total["acceptances"]) == (suggestions, acceptances)
    assert total["acceptance_rate"] == acceptances / suggestions
    for row in report["breakdowns"]["languages"]:
        assert row["suggestions"] == sum(
            one["total_code_suggestions"] for _, name, one in entries if name == row["name"]
        )
    active = [day["total_active_users"] for day in history if day.get("total_active_users") is not None]
    assert report["users"]["active"]["max"] == max(active)
    assert report["users"]["active"]["mean"] == sum(active) / len(active)


def test_json_is_valid_by_its_schema(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-labs/team/interns", days="56")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    for path, content in result.files().items():
        if path.endswith("metrics.json"):
            validator.validate(json.loads(content))


def test_two_runs_give_the_same_bytes(api: SampleApi, tmp_path: Path) -> None:
    first = run(tmp_path, api.url, charts="true")
    files = first.files()
    second = run(tmp_path, api.url, charts="true")
    assert second.files() == files
    assert (second.outputs, second.summary) == (first.outputs, first.summary)


def test_there_is_a_csv_row_for_each_day_with_data(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url)
    rows = list(csv.DictReader(io.StringIO(result.files()["orgs/octo-org/days.csv"].decode())))
    assert [row["date"] for row in rows] == [day["date"] for day in result.report()["days"]]


def test_the_summary_begins_with_the_scope_and_the_headline(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url)
    assert result.summary.startswith("# Copilot at octo-org · October 26 – November 22, 2026\n\n**")
    assert result.summary.splitlines()[2] == f"**{result.outputs['headline']}**"
    assert "```mermaid" in result.summary


def test_no_job_summary_is_written_where_it_is_switched_off(api: SampleApi, tmp_path: Path) -> None:
    assert run(tmp_path, api.url, job_summary="false").summary == ""


def test_a_summary_that_is_full_is_not_written_to(api: SampleApi, tmp_path: Path) -> None:
    environ = runs.environ(tmp_path, api.url)
    (tmp_path / "summary").write_bytes(b"x" * (1024 * 1024 - 100))
    log = io.StringIO()
    assert cli.run([], environ, log, Waits().clock()) == 0
    assert (tmp_path / "summary").stat().st_size == 1024 * 1024 - 100
    assert "::warning title=Job summary::" in log.getvalue()


def test_a_shorter_report_removes_charts_that_are_no_longer_drawn(api: SampleApi, tmp_path: Path) -> None:
    run(tmp_path, api.url, charts="true")
    keep = tmp_path / "copilot-metrics/orgs/octo-org/charts/mine.txt"
    keep.write_text("not ours")
    files = run(tmp_path, api.url, charts="false").files()
    assert not [path for path in files if path.endswith(".png")]
    assert "orgs/octo-org/charts/mine.txt" in files


def test_folders_of_scopes_that_were_not_requested_stay(api: SampleApi, tmp_path: Path) -> None:
    before = run(tmp_path, api.url, scope="orgs/octo-labs").files()
    after = run(tmp_path, api.url, scope="orgs/octo-org").files()
    for path, content in before.items():
        if path.startswith("orgs/"):
            assert after[path] == content


@pytest.mark.parametrize(
    ("values", "status", "kind"), [("warn", 0, "warning"), ("error", 1, "error"), ("ignore", 0, "")]
)
def test_no_data_at_all_does_what_if_no_data_says(tmp_path: Path, values: str, status: int, kind: str) -> None:
    with SampleApi(TODAY, days={"orgs/octo-org": []}) as api:
        result = run(tmp_path, api.url, if_no_data=values)
    assert result.status == status
    texts = [line for line in result.log.splitlines() if "No data" in line]
    assert [line.split(" ")[0] for line in texts] == ([f"::{kind}"] if kind else [])
    report = result.report()
    assert report["coverage"]["reported"] == 0
    assert report["totals"]["completions"]["suggestions"] is None
    assert result.outputs["scopes"] == "0"


def test_a_scope_without_data_is_no_failure_if_another_has_data(api: SampleApi, tmp_path: Path) -> None:
    result = run(tmp_path, api.url, scope="orgs/octo-labs/team/interns, orgs/octo-org", if_no_data="error")
    assert result.status == 0
    assert result.outputs["scopes"] == "1"


def test_days_that_no_server_gives_any_more_are_a_notice(tmp_path: Path) -> None:
    with SampleApi(TODAY, days_served=28) as api:
        result = run(tmp_path, api.url, days="40")
    assert result.status == 0
    assert result.annotations("notice")[0].startswith(
        "::notice title=Days out of reach::Days from 2026-10-14 to 2026-10-25"
    )


@pytest.mark.parametrize(("expires", "warned"), [("2026-12-07 00:00:00 UTC", True), ("2026-12-08 00:00:00 UTC", False)])
def test_a_token_that_expires_within_14_days_is_a_warning(tmp_path: Path, expires: str, warned: bool) -> None:
    with SampleApi(TODAY, token_expires=expires) as api:
        result = run(tmp_path, api.url)
    assert result.status == 0
    assert bool(result.annotations("warning title=Token expires soon")) is warned


def test_doubled_days_and_unsorted_days_count_once_and_in_order(tmp_path: Path) -> None:
    days = [
        raw.example(date="2026-11-20"),
        raw.example(date="2026-11-19"),
        raw.example(date="2026-11-20", total_active_users=30),
    ]
    with SampleApi(TODAY, days={"orgs/octo-org": days}) as api:
        report = run(tmp_path, api.url).report()
    assert [day["date"] for day in report["days"]] == ["2026-11-19", "2026-11-20"]
    assert report["users"]["active"]["latest"] == 30
    assert report["totals"]["completions"]["suggestions"] == 2 * 989


def test_more_than_twenty_scopes_draw_no_team(tmp_path: Path) -> None:
    scopes = ["orgs/octo-org", *(f"orgs/octo-org/team/t{number}" for number in range(20))]
    with SampleApi(TODAY, days={scope: [raw.example(date="2026-11-20")] for scope in scopes}) as api:
        result = run(tmp_path, api.url, scope=",".join(scopes), charts="auto")
    assert {path.split("/charts/")[0] for path in result.files() if path.endswith(".png")} == {"orgs/octo-org"}


def test_every_output_that_is_declared_is_set(api: SampleApi, tmp_path: Path) -> None:
    names = re.findall(r"^  ([a-z-]+):$", ACTION_YML.read_text().split("\noutputs:\n")[1], re.MULTILINE)
    assert list(run(tmp_path, api.url).outputs) == names


def test_hostile_names_reach_no_log_as_commands_and_no_spreadsheet_as_formulas(tmp_path: Path) -> None:
    hostile = {"=cmd()": (500, 100), "::error::x": (400, 100), "a|b\n::set-output name=x::y": (300, 1)}
    with SampleApi(TODAY, days={"orgs/octo-org": [raw.named(hostile, "2026-11-20")]}) as api:
        result = run(tmp_path, api.url, charts="true")
    assert result.status == 0
    for line in result.log.splitlines():
        assert not line.startswith("::") or line.startswith(("::group::", "::endgroup::"))
    cells = [
        row["name"]
        for row in csv.DictReader(io.StringIO(result.files()["orgs/octo-org/breakdowns.csv"].decode(), newline=""))
    ]
    assert "'=cmd()" in cells
    assert [row["name"] for row in result.report()["breakdowns"]["languages"]] == list(hostile)


def test_the_process_of_the_container_walks_the_same_street(tmp_path: Path) -> None:
    with SampleApi(dt.datetime.now(dt.UTC).date()) as api:
        process = runs.process(tmp_path, {**runs.environ(tmp_path, api.url, charts="true"), "PYTHONPATH": "/nowhere"})
    assert (process.returncode, process.stderr) == (0, "")
    assert (tmp_path / "copilot-metrics/orgs/octo-org/charts/light/languages.png").exists()
    assert "headline<<" in (tmp_path / "output").read_text()


def test_help_needs_nothing(tmp_path: Path) -> None:
    process = runs.process(tmp_path, {}, "--help")
    assert process.returncode == 0
    assert "--output-directory" in process.stdout
    assert list(tmp_path.iterdir()) == []
