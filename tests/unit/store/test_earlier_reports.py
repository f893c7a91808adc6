from __future__ import annotations

import pytest

from copilot_metrics.render import metrics_json
from copilot_metrics.scope import Scope
from copilot_metrics.store.earlier_reports import EarlierReport, read_latest_report, read_report, read_scopes
from support import raw, reports


def test_the_report_of_an_earlier_run_is_read_again() -> None:
    report = reports.build([raw.example()], until="2024-06-28")
    folder = {"metrics.json": metrics_json.document([report], days=True)}
    assert read_report(lambda _: folder, "") == EarlierReport("metrics", report.current.period, is_hidden=False)
    assert read_scopes(lambda _: folder, "") == [Scope("orgs", "octo-org")]


def test_the_last_place_with_a_report_takes_precedence() -> None:
    first, second = (
        {"metrics.json": metrics_json.document([reports.build([raw.example()], until=until)], days=True)}
        for until in ("2024-06-27", "2024-06-28")
    )
    report = read_latest_report([lambda _: first, lambda _: second, lambda _: {}], "")
    assert report
    assert str(report.period.until) == "2024-06-28"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"reports": []}', b'{"reports": [{"since": 1}]}', b"\xff"])
def test_a_file_that_cannot_be_read_contains_no_report(content: bytes) -> None:
    assert read_report(lambda _: {"metrics.json": content}, "") is None
    assert read_scopes(lambda _: {"metrics.json": content}, "") == []
