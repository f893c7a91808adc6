import json

from copilot_metrics.render import metrics_json
from support import raw, reports


def test_keys_have_the_order_of_the_schema() -> None:
    (report,) = json.loads(metrics_json.document([reports.build([raw.example()])], days=True))["reports"]
    assert list(report) == [
        "scope",
        "api",
        "stale",
        "withheld",
        "since",
        "until",
        "coverage",
        "users",
        "totals",
        "ratios",
        "previous",
        "breakdowns",
        "licenses",
        "days",
    ]
    assert list(report["breakdowns"]["models"][0]) == [
        "name",
        "custom",
        "trained_on",
        "suggestions",
        "acceptances",
        "acceptance_rate",
        "lines_suggested",
        "lines_accepted",
        "line_acceptance_rate",
        "chats",
        "insertions",
        "copies",
        "dotcom_chats",
        "summaries",
        "engaged_users_max",
    ]
    assert list(report["days"][0])[:7] == [
        "date", "api", "users", "completions", "chat", "dotcom_chat", "pull_requests",
    ]  # fmt: skip
    assert report["coverage"] == {"days": 1, "reported": 1, "missing": []}


def test_the_file_at_the_top_has_no_days() -> None:
    (report,) = json.loads(metrics_json.document([reports.build([raw.example()])], days=False))["reports"]
    assert "days" not in report


def test_names_are_written_as_they_are_in_utf_8_with_two_spaces() -> None:
    content = metrics_json.document([reports.build([raw.named({"crème\n|": (1, 1)})])], days=False)
    assert "crème\\n|".encode() in content
    assert content.startswith(b'{\n  "schema_version": 1,\n  "reports": [\n')
    assert content.endswith(b"}\n")


def test_half_a_character_breaks_nothing() -> None:
    assert b'"?x"' in metrics_json.document([reports.build([raw.named({"\ud800x": (1, 1)})])], days=False)
