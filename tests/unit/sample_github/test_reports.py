from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sample_github import faults
from sample_github.files import Delivery
from sample_github.github import TOKEN
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = dt.date(2026, 11, 23)
ORGANIZATION, ENTERPRISE = "orgs/octo-org", "enterprises/octo-enterprise"
LOST = ("2026-11-13", "2026-11-14")  # within the latest 28 days
HEADERS = {
    "Accept": "application/vnd.github+json",
    "Authorization": f"Bearer {TOKEN}",
    "User-Agent": "tests",
    "X-GitHub-Api-Version": "2022-11-28",
}


class Client:
    """Asks a sample API for reports, and for their files without a token."""

    def __init__(self, api: SampleApi, session: requests.Session, token: str) -> None:
        self.api, self.session = api, session
        self.headers = {**HEADERS, "Authorization": f"Bearer {token}"}

    def get(self, path: str, **params: str) -> requests.Response:
        return self.session.get(f"{self.api.url}/{path}", headers=self.headers, params=params)

    def report(self, report: str, account: str = ORGANIZATION, **params: str) -> requests.Response:
        return self.get(f"{account}/copilot/metrics/reports/{report}", **params)

    def links(self, report: str, account: str = ORGANIZATION, **params: str) -> list[str]:
        links: list[str] = self.report(report, account, **params).json()["download_links"]
        return links

    def files(self, report: str, account: str = ORGANIZATION, **params: str) -> list[bytes]:
        return [self.session.get(link).content for link in self.links(report, account, **params)]

    def records(self, report: str, account: str = ORGANIZATION, **params: str) -> list[Any]:
        return [record for file in self.files(report, account, **params) for record in parsed(file)]


def parsed(file: bytes) -> list[Any]:
    """Return the records of a file of any form."""
    text = (gzip.decompress(file) if file.startswith(b"\x1f\x8b") else file).decode()
    if text.startswith("[") or "\n  " in text:
        document = json.loads(text)
        return document if isinstance(document, list) else [document]
    return [json.loads(line) for line in text.splitlines()]


@contextmanager
def sample(token: str = TOKEN, today: dt.date = TODAY, **settings: Any) -> Iterator[Client]:
    """Return a sample API that serves everybody's reports."""
    with SampleApi(today, **{"usage_metrics": ("*",), **settings}) as api, requests.Session() as session:
        session.trust_env = False
        yield Client(api, session, token)


def days(records: list[Any]) -> list[str]:
    return sorted(record["day"] for record in records)


def dates(first: str, last: str, without: tuple[str, ...] = ()) -> list[str]:
    since, until = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    every = [str(since + dt.timedelta(days=place)) for place in range((until - since).days + 1)]
    return [date for date in every if date not in without]


def test_the_latest_28_days_are_one_object_that_ends_three_days_ago_and_lacks_the_days_that_were_lost() -> None:
    with sample() as client:
        answer = client.report("organization-28-day/latest").json()
        [record] = parsed(client.session.get(answer["download_links"][0]).content)
    assert (answer["report_start_day"], answer["report_end_day"]) == ("2026-10-24", "2026-11-20")
    assert (record["report_start_day"], record["report_end_day"]) == ("2026-10-24", "2026-11-20")
    assert days(record["day_totals"]) == dates("2026-10-24", "2026-11-20", LOST)
    assert days(record["day_totals"]) != [day["day"] for day in record["day_totals"]]


def test_a_day_is_the_same_in_its_own_report_and_in_that_of_28_days() -> None:
    with sample() as client:
        [record] = client.records("organization-28-day/latest")
        [day] = client.records("organization-1-day", day="2026-11-18")
    assert day in record["day_totals"]


def test_the_latest_users_are_a_row_for_each_person_and_day() -> None:
    with sample() as client:
        rows = client.records("users-28-day/latest")
        one = client.records("users-1-day", day="2026-11-18")
    assert sorted({row["day"] for row in rows}) == dates("2026-10-24", "2026-11-20", LOST)
    assert [row for row in rows if row["day"] == "2026-11-18"] == one
    assert len({(row["user_id"], row["day"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("report", "account", "status"),
    [
        ("organization-1-day", ORGANIZATION, 200),
        ("organization-1-day", ENTERPRISE, 404),
        ("enterprise-1-day", ENTERPRISE, 200),
        ("enterprise-1-day", ORGANIZATION, 404),
        ("users-1-day", ORGANIZATION, 200),
        ("users-1-day", ENTERPRISE, 200),
        ("user-teams-1-day", ORGANIZATION, 200),
        ("user-teams-1-day", ENTERPRISE, 200),
        ("repos-1-day", ORGANIZATION, 200),
        ("repos-1-day", ENTERPRISE, 200),
        ("teams-1-day", ORGANIZATION, 404),
        ("organization-1-day", "orgs/acme", 404),
        ("organization-1-day", "orgs/octo-org/team/blue", 404),
    ],
)
def test_each_kind_of_account_has_its_own_reports(report: str, account: str, status: int) -> None:
    with sample() as client:
        answer = client.report(report, account, day="2026-11-18")
    assert answer.status_code == status
    assert answer.json().get("report_day") == ("2026-11-18" if status == 200 else None)


@pytest.mark.parametrize(
    ("report", "params"),
    [
        ("organization-1-day", {}),
        ("organization-1-day", {"day": "yesterday"}),
        ("organization-1-day", {"day": "2026-11-31"}),
        ("organization-1-day", {"day": "20261118"}),
        ("organization-1-day", {"day": "2026-11-18", "page": "2"}),
        ("organization-28-day/latest", {"day": "2026-11-18"}),
    ],
)
def test_a_parameter_that_is_missing_wrong_or_unknown_is_422(report: str, params: dict[str, str]) -> None:
    with sample() as client:
        answer = client.report(report, **params)
    assert answer.status_code == 422
    assert re.search(r"day|page", answer.json()["message"])


@pytest.mark.parametrize(
    ("header", "status"), [("Authorization", 401), ("Accept", 415), ("X-GitHub-Api-Version", 400), ("User-Agent", 403)]
)
def test_reports_ask_for_the_same_headers_as_everything_else(header: str, status: int) -> None:
    with sample() as client:
        client.headers[header] = ""
        assert client.report("organization-28-day/latest").status_code == status


def test_reports_of_enterprises_refuse_fine_grained_tokens_but_not_apps() -> None:
    for token, status in {"github_pat_x": 403, "ghs_x": 200}.items():
        with sample(token, tokens={token: ("*",)}) as client:
            assert client.report("enterprise-28-day/latest", ENTERPRISE).status_code == status
            assert client.report("organization-28-day/latest").status_code == 200


def test_what_a_token_may_not_see_is_not_found() -> None:
    with sample(tokens={TOKEN: ("orgs/octo-labs",)}) as client:
        assert client.report("organization-28-day/latest").status_code == 404
        assert client.report("organization-28-day/latest", "orgs/octo-labs").status_code == 200


def test_an_account_is_served_by_one_of_the_two_apis() -> None:
    with sample(usage_metrics=("orgs/octo-org",)) as client:
        for scope in (ORGANIZATION, f"{ORGANIZATION}/team/blue"):
            answer = client.get(f"{scope}/copilot/metrics")
            assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
        for scope in (ENTERPRISE, "orgs/octo-labs"):
            assert client.get(f"{scope}/copilot/metrics").status_code == 200
        assert client.report("organization-28-day/latest").status_code == 200
        for report, account in (("organization-28-day/latest", "orgs/octo-labs"), ("users-28-day/latest", ENTERPRISE)):
            answer = client.report(report, account)
            assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_without_its_policy_an_account_refuses_reports() -> None:
    with sample(policy_off=("enterprises/*",)) as client:
        answer = client.report("enterprise-28-day/latest", ENTERPRISE)
        assert client.report("organization-28-day/latest").status_code == 200
    assert answer.status_code == 403
    assert answer.json()["message"] == "The 'Copilot usage metrics' policy must be enabled to use this API"


@pytest.mark.parametrize("day", [*LOST, "2026-11-22", "2026-11-23", "2025-11-22", "2025-12-11"])
def test_no_report_is_silence_for_organizations_and_for_repositories(day: str) -> None:
    with sample() as client:
        for report in ("organization-1-day", "users-1-day", "user-teams-1-day", "repos-1-day"):
            answer = client.report(report, day=day)
            assert (answer.status_code, answer.content) == (204, b"")
            assert "Content-Length" not in answer.headers


@pytest.mark.parametrize("day", [*LOST, "2026-11-22", "2025-11-22"])
def test_no_report_is_not_found_for_enterprises(day: str) -> None:
    with sample() as client:
        for report in ("enterprise-1-day", "users-1-day", "user-teams-1-day"):
            answer = client.report(report, ENTERPRISE, day=day)
            assert answer.status_code == 404
            assert answer.json() == {"message": f"No report available for this enterprise on {day}"}
        assert client.report("repos-1-day", ENTERPRISE, day=day).status_code == 204


def test_no_report_can_be_a_bare_string_or_no_links() -> None:
    with sample(delivery=Delivery(no_report="string")) as client:
        answer = client.report("users-1-day", day=LOST[0])
        assert (answer.status_code, answer.json()) == (200, f"No report available for this organization on {LOST[0]}")
    with sample(delivery=Delivery(no_report="empty")) as client:
        assert client.report("users-1-day", day=LOST[0]).json() == {"download_links": [], "report_day": LOST[0]}


@pytest.mark.parametrize(
    ("today", "account", "kind", "first"),
    [
        ("2026-03-01", ORGANIZATION, "organization", "2025-12-12"),
        ("2026-03-01", ENTERPRISE, "enterprise", "2025-10-10"),
        ("2026-12-25", ORGANIZATION, "organization", "2025-12-25"),
    ],
)
def test_nothing_is_older_than_the_first_report_or_a_year(today: str, account: str, kind: str, first: str) -> None:
    before = str(dt.date.fromisoformat(first) - dt.timedelta(days=1))
    with sample(today=dt.date.fromisoformat(today)) as client:
        assert client.report(f"{kind}-1-day", account, day=first).status_code == 200
        assert client.report(f"{kind}-1-day", account, day=before).status_code in {204, 404}


def test_28_days_begin_with_the_first_report_and_are_none_before_it() -> None:
    with sample(today=dt.date(2025, 12, 24)) as client:
        [record] = client.records("organization-28-day/latest")
        assert days(record["day_totals"])[0] == "2025-12-12"
    with sample(today=dt.date(2025, 12, 14)) as client:
        assert client.report("organization-28-day/latest").status_code == 204


def test_a_date_has_the_same_day_whatever_today_is() -> None:
    texts = []
    for today in (dt.date(2026, 6, 10), dt.date(2026, 11, 23)):
        with sample(today=today) as client:
            texts.append(
                [
                    client.files("organization-1-day", day="2026-06-05"),
                    client.files("users-1-day", day="2026-06-05"),
                    client.files("user-teams-1-day", day="2026-06-05"),
                    client.files("repos-1-day", day="2026-06-05"),
                ]
            )
    assert texts[0] == texts[1]


def test_a_link_is_new_each_time_and_its_secret_is_known_to_the_sample() -> None:
    with sample() as client:
        links = [client.links("organization-28-day/latest")[0] for _ in range(2)]
        secrets = [parse_qs(urlsplit(link).query)["sig"][0] for link in links]
        assert all(link.startswith(f"{client.api.url}/download/") for link in links)
        assert all("octo" not in link for link in links)
        assert client.api.signatures == secrets
        assert len(set(secrets)) == 2


def test_a_file_is_bytes_of_a_known_length_that_http_does_not_pack() -> None:
    with sample() as client:
        answer = client.session.get(client.links("organization-28-day/latest")[0])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "Content-Encoding" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_a_link_refuses_a_token() -> None:
    with sample() as client:
        [link] = client.links("organization-28-day/latest")
        answer = client.session.get(link, headers={"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, "<Error>" in answer.text) == (400, True)
        assert client.session.get(link).status_code == 200


@pytest.mark.parametrize(("good", "other"), [("sig=", "sig=0"), ("se=2026", "se=2027"), ("/download/", "/download/0")])
def test_a_link_that_was_changed_is_refused(good: str, other: str) -> None:
    with sample() as client:
        [link] = client.links("organization-28-day/latest")
        assert client.session.get(link.replace(good, other)).status_code == 403
        assert client.session.get(link).status_code == 200


def test_links_can_expire_and_new_ones_work() -> None:
    with sample() as client:
        [old] = client.links("organization-28-day/latest")
        client.api.expire()
        [new] = client.links("organization-28-day/latest")
        assert [client.session.get(link).status_code for link in (old, new)] == [403, 200]


def test_downloads_are_logged_and_fail_as_configured() -> None:
    with sample() as client:
        [link] = client.links("organization-28-day/latest")
        client.api.fail(r"^/download/.*sig=", faults.Status(410))
        client.api.fail(r"^/download/", faults.HalfBody())
        assert client.session.get(link).status_code == 410
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = client.session.get(link).content
        assert client.session.get(link).status_code == 200
        logged = [request for request in client.api.requests if request.path.startswith("/download/")]
    assert len(logged) == 3
    assert "Authorization" not in logged[0].headers
    assert link.endswith(logged[0].target.replace(":", "%3A"))


def test_a_rate_limit_on_a_download_has_the_servers_date_too() -> None:
    with sample() as client:
        [link] = client.links("organization-28-day/latest")
        client.api.fail("/download/", faults.RateLimit(90, by_reset=True))
        answer = client.session.get(link)
    assert (answer.status_code, answer.headers["Date"]) == (403, "Mon, 23 Nov 2026 06:00:00 GMT")


FORMS = [
    Delivery(),
    Delivery(form="array"),
    Delivery(form="pretty"),
    Delivery(crlf=True),
    Delivery(final_newline=False),
    Delivery(gzip="encoding"),
    Delivery(gzip="file"),
    Delivery(links=3),
    Delivery(wrappers=2),
    Delivery(links=2, wrappers=2, form="array", crlf=True, gzip="file", final_newline=False),
]


@pytest.mark.parametrize("delivery", FORMS)
def test_the_days_are_the_same_however_they_are_delivered(delivery: Delivery) -> None:
    texts = []
    for how in (Delivery(), delivery):
        with sample(delivery=how) as client:
            records = client.records("organization-28-day/latest")
            assert len(records) == how.links * how.wrappers
            texts.append(
                sorted((day for record in records for day in record["day_totals"]), key=lambda day: day["day"])
            )
    assert texts[0] == texts[1]


@pytest.mark.parametrize("delivery", FORMS)
def test_the_rows_are_the_same_however_they_are_delivered(delivery: Delivery) -> None:
    texts = []
    for how in (Delivery(), delivery):
        with sample(delivery=how) as client:
            assert len(client.links("users-1-day", day="2026-11-18")) == how.links
            rows = client.records("users-1-day", day="2026-11-18")
            assert (len({row["user_id"] for row in rows}) < len(rows)) == (how.links > 1)
            texts.append({row["user_id"]: row for row in rows})
    assert texts[0] == texts[1]


def test_repositories_are_in_one_file_only() -> None:
    with sample(delivery=Delivery(links=3)) as client:
        rows = client.records("repos-1-day", day="2026-11-18")
    assert len({row["repo_id"] for row in rows}) == len(rows) > 3


def test_the_bytes_of_each_form_are_what_it_says() -> None:
    def file(**how: Any) -> bytes:
        with sample(delivery=Delivery(**how)) as client:
            return client.files("users-1-day", day="2026-11-18")[0]

    assert file().endswith(b"}\n")
    assert file(final_newline=False).endswith(b"}")
    assert file(crlf=True).endswith(b"}\r\n")
    assert file(form="array")[:2] == b"[{"
    assert file(gzip="file")[:2] == b"\x1f\x8b"
    with sample(delivery=Delivery(gzip="encoding")) as client:
        answer = client.session.get(client.links("users-1-day", day="2026-11-18")[0])
    assert (answer.headers["Content-Encoding"], answer.content) == ("gzip", file())
    with sample(delivery=Delivery(form="pretty")) as client:
        assert client.files("organization-28-day/latest")[0].startswith(b'{\n  "day_totals": [\n')


def test_a_test_can_put_its_own_files_in_the_place_of_the_samples() -> None:
    own = {
        ("orgs/acme", "users-28-day/latest", ""): [b"one", b"two"],
        (ORGANIZATION, "organization-1-day", "2026-11-23"): [b""],
        (ORGANIZATION, "organization-1-day", "2026-11-18"): None,
    }
    with sample(reports=own) as client:
        assert client.files("users-28-day/latest", "orgs/acme") == [b"one", b"two"]
        assert client.report("organization-28-day/latest", "orgs/acme").status_code == 204
        assert client.files("organization-1-day", day="2026-11-23") == [b""]
        assert client.report("organization-1-day", day="2026-11-18").status_code == 204
        assert client.report("organization-1-day", day="2026-11-17").status_code == 200


@pytest.mark.parametrize("served", [("*",), ()])
def test_licenses_of_an_organization_are_served_with_both_apis(served: tuple[str, ...]) -> None:
    with sample(usage_metrics=served) as client:
        answer = client.get(f"{ORGANIZATION}/copilot/billing").json()
    text = answer["seat_breakdown"]
    assert text["total"] == 204
    assert text["active_this_cycle"] + text["inactive_this_cycle"] == 204
    assert 0.6 < text["active_this_cycle"] / 204 < 0.8
    assert (answer["seat_management_setting"], answer["plan_type"]) == ("assign_selected", "business")


def test_seats_are_of_known_organizations_and_may_be_forbidden() -> None:
    with sample() as client:
        assert client.get("orgs/acme/copilot/billing").status_code == 404
        assert client.get(f"{ENTERPRISE}/copilot/billing").status_code == 404
        assert client.get(f"{ORGANIZATION}/team/blue/copilot/billing").status_code == 404
        assert client.get(f"{ORGANIZATION}/copilot/billing", page="1").status_code == 422
    with sample(billing=False) as client:
        answer = client.get(f"{ORGANIZATION}/copilot/billing")
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by personal access token"
