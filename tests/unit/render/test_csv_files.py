import csv
import io
from typing import Any

import pytest

from copilot_metrics.render import csv_files
from support import raw, reports


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_days_have_a_row_for_each_day_with_data() -> None:
    report = reports.build([raw.example(), raw.day("2024-06-26")], until="2024-06-26")
    content = csv_files.days_csv(report)
    columns = content.decode().splitlines()[0]
    assert columns.startswith(
        "date,api,users_active,users_engaged,users_completions,users_chat,users_dotcom_chat,users_pull_requests,"
    )
    assert (
        "completions_suggestions,completions_acceptances,completions_acceptance_rate,"
        "completions_lines_suggested,completions_lines_accepted,completions_line_acceptance_rate,"
        "chat_chats,chat_insertions,chat_copies,dotcom_chat_chats,pull_requests_summaries,"
    ) in columns
    assert "users_weekly_active_users" in columns
    assert ",loc_added_sum," in columns
    assert ",totals_by_cli_session_count," in columns
    first, second = rows(content)
    assert (first["date"], first["api"], first["users_active"]) == ("2024-06-24", "metrics", "24")
    assert (first["completions_suggestions"], first["dotcom_chat_chats"]) == ("989", "38")
    assert float(first["completions_acceptance_rate"]) == 499 / 989
    assert (second["users_chat"], second["completions_suggestions"]) == ("", "")


def test_without_days_there_are_only_headers() -> None:
    report = reports.build([])
    assert csv_files.days_csv(report).count(b"\n") == csv_files.breakdowns_csv(report).count(b"\n") == 1


def test_breakdowns_have_a_row_for_each_reported_value() -> None:
    lines = csv_files.breakdowns_csv(reports.build([raw.example()])).decode().splitlines()
    assert lines[0] == "date,dimension,name,second_name,metric,value"
    assert [line for line in lines if ",languages,ruby," in line] == [
        "2024-06-24,languages,ruby,,suggestions,496",
        "2024-06-24,languages,ruby,,acceptances,253",
        "2024-06-24,languages,ruby,,lines_suggested,520",
        "2024-06-24,languages,ruby,,lines_accepted,270",
        "2024-06-24,languages,ruby,,engaged_users,10",
    ]


def test_the_second_name_of_a_custom_model_has_its_training_date() -> None:
    table = rows(csv_files.breakdowns_csv(reports.build([raw.example()])))
    assert {row["second_name"] for row in table if row["name"] == "a-custom-model"} == {"custom 2024-02-01"}
    assert {row["second_name"] for row in table if row["name"] == "default"} == {""}


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@sum", "\t=1", "\r=1"])
def test_no_name_is_a_formula(name: str) -> None:
    table = rows(csv_files.breakdowns_csv(reports.build([raw.named({name: (1, 1)})])))
    assert table[0]["name"] == f"'{name}"


@pytest.mark.parametrize("name", ['a,b"c', "a\nb", "a\rb", "crème", "a;b", "'x", "  x "])
def test_names_survive_a_round_trip(name: str) -> None:
    content = csv_files.breakdowns_csv(reports.build([raw.named({name: (1, 1)})]))
    assert rows(content)[0]["name"] == name
    assert b"\r\n" not in content


def test_every_row_has_as_many_cells_as_the_header() -> None:
    hostile: dict[str, Any] = {"a,b": (1, 1), "": (2, 2), 'x"y': (3, None)}
    report = reports.build([raw.named(hostile), raw.example(date="2024-06-25")], until="2024-06-25")
    for content in (csv_files.days_csv(report), csv_files.breakdowns_csv(report)):
        widths = {len(row) for row in csv.reader(io.StringIO(content.decode(), newline=""))}
        assert len(widths) == 1
