"""Unusual responses: each is accepted, or a message says what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from sample_github.faults import Body, Redirect, Status
from sample_github.server import SampleApi
from support import leaks, raw
from support.canned import ORG, SINCE, UNTIL, Canned, ndjson
from support.families import CLIENT_ID, LIMITS, pem
from support.families import app as the_app
from support.files import answer
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sample_github.faults import Fault, Wait
    from sample_github.messages import Response

REPORT, FILE, OLDER = "organization-28-day", "^/download/.*organization_28_day", r"octo-org/copilot/metrics(\?|$)"
SUPERSCRIPT = "\xb2"  # a digit to Python, and no number
MANY = "9" * 5000  # more digits than Python reads
DAY = {"day": UNTIL, "daily_active_users": 7}


@dataclass(frozen=True, slots=True)
class Raw:
    """Any bytes, whatever they are in HTTP."""

    content: bytes
    is_carried_out: ClassVar[bool] = False

    def wire(self, _: Response, __: Wait) -> Iterator[bytes]:
        yield self.content


@dataclass(frozen=True, slots=True)
class Beside:
    """The usual answer with other headers, and something before it."""

    headers: Mapping[str, str]
    before: bytes = b""
    is_carried_out: ClassVar[bool] = True

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        yield self.before + replace(usual, headers={**usual.headers, **self.headers}).wire()


@dataclass(frozen=True, slots=True)
class Token:
    """The answer of a status with another body."""

    status: Status
    body: bytes
    is_carried_out: ClassVar[bool] = False

    def wire(self, usual: Response, _: Wait) -> Iterator[bytes]:
        yield replace(usual, status=201, body=self.body, headers={**usual.headers, **self.status.headers}).wire()


def spent(reset: str) -> Status:
    return Status(403, "", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", [REPORT, OLDER])
@pytest.mark.parametrize(
    "fault",
    [
        *(Status(429, "", {"Retry-After": one}) for one in (SUPERSCRIPT, MANY, "-5", "soon", "1e9", "nan", "")),
        *(spent(one) for one in (SUPERSCRIPT, MANY, "1", "-1")),
        *(Beside({"X-RateLimit-Remaining": one, "X-RateLimit-Reset": "1795521600"}) for one in (SUPERSCRIPT, MANY)),
        Beside({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": MANY}),
        Beside({"github-authentication-token-expiration": "2026-02-30 \xff"}),
        Beside({}, before=b"HTTP/1.1 100 Continue\r\n\r\n"),
        Status(503, "", {"Retry-After": "Mon, 23 Nov 2026 12:02:00 GMT"}),
        Status(503, "", {"Retry-After": MANY}),
        Raw(b"ICY 200 OK\r\n\r\n"),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n"),
        Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 100_000),
        Raw(b"HTTP/1.1 200 OK\r\n" + b"X-Much: more\r\n" * 200),
        Raw(answer(b"{}", headers={"Content-Encoding": "br"})),
    ],
    ids=lambda value: ascii(value)[:80],
)
def test_a_request_with_a_nonsensical_response_is_repeated(tmp_path: Path, path: str, fault: Fault) -> None:
    waits = Waits(limits=LIMITS)
    with SampleApi(TODAY, usage_metrics=() if path == OLDER else ("*",)) as api:
        api.fail(path, fault)
        result = run(
            tmp_path, api.url, waits=waits, licenses="none", api="metrics" if path == OLDER else "usage-metrics"
        )
    assert result.status == 0, result.log
    assert result.annotations("error") == []
    assert sum(waits.slept) <= 61
    assert result.report()["coverage"]["reported"] > 20


@pytest.mark.parametrize(
    ("path", "fault", "expected"),
    [
        (REPORT, Status(407, "Sign in"), "A proxy asks for a user name and a password"),
        (REPORT, Status(451, "Unavailable"), "answered 451: “Unavailable”"),
        (REPORT, Raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "answered 304"),
        (REPORT, Body(b"<title>Sign in to the proxy</title>", "text/html"), "is not JSON"),
        (OLDER, Body(b""), "the response is empty"),
        (REPORT, Redirect("file:///etc/passwd"), "redirects to an invalid address"),
        (REPORT, Redirect("javascript:alert(1)"), "redirects to an invalid address"),
        (REPORT, Redirect(""), "redirects to an invalid address"),
        (REPORT, Redirect("http://api.github.com/?sig=hidden"), "a redirect to another host, api.github.com"),
        (REPORT, Redirect("http://octocat:hidden@[::1"), "redirects to an invalid address"),
        (REPORT, Body(b'{"download_links": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "is not JSON"),
        (FILE, Body(json.dumps(DAY).encode("utf-16")), "is not JSON"),
        (FILE, Body(b'{"day": "2026-11-20", "x": "\xe9"}'), "is not JSON"),
        (FILE, Body(b'{"day": "2026-11-20", "daily_active_users": 1e400}'), "is not JSON"),
        (
            FILE,
            Body(b'{"day": "2026-11-20", "daily_active_users": ' + b"9" * 400 + b"}"),
            "daily_active_users should be an integer",
        ),
        (FILE, Body(b'{"day": "2026-02-30"}'), "[0].day should be a date"),
        (FILE, Body(b'{"day": "2026-11-24"}'), "[0].day should be a day that has begun"),
        (FILE, Status(206, "Partial"), "answered 206"),
        (FILE, Status(404, "BlobNotFound"), "127.0.0.1 answered 404 to its link, and to a new one"),
        (FILE, Redirect("file:///etc/passwd"), "has an invalid link"),
    ],
    ids=lambda value: ascii(value)[:80],
)
def test_a_response_that_is_always_nonsensical_is_an_error(
    tmp_path: Path, path: str, fault: Fault, expected: str
) -> None:
    with SampleApi(TODAY, usage_metrics=() if path == OLDER else ("*",)) as api:
        api.fail(path, fault, times=99)
        values = "metrics" if path == OLDER else "auto"
        result = run(tmp_path, api.url, waits=Waits(limits=LIMITS), days="10", api=values)
    (error,) = result.annotations("error")
    assert result.status == 1
    assert expected in error
    assert "Internal error" not in error
    assert leaks.find_secrets(leaks.all_output(result), ["hidden", *api.signatures]) == []
    assert {name for name, value in result.outputs.items() if value} <= {"status", "changed"}


@pytest.mark.parametrize("number", [1e400, -1e999])
def test_a_number_that_no_file_can_contain_is_refused(tmp_path: Path, number: float) -> None:
    day = {**raw.example(date="2026-11-20"), "unknown": number}
    assert "Infinity" in json.dumps(day)
    with SampleApi(TODAY) as api:
        api.fail(OLDER, Body(json.dumps([day]).replace("Infinity", "1e400").encode()))
        result = run(tmp_path, api.url, api="metrics")
    assert "is not JSON" in result.annotations("error")[0]
    assert result.files() == {}


@pytest.mark.parametrize("date", ["2026-11-24", "2027-01-01", "9999-12-31"])
@pytest.mark.parametrize("api", ["metrics", "usage-metrics"])
def test_a_future_day_is_an_error_and_does_not_enter_history(api: str, date: str) -> None:
    with Canned() as canned:
        result = (
            canned.usage_metrics(ndjson([DAY, {**DAY, "day": date}]))
            if api == "usage-metrics"
            else canned.metrics(json.dumps([raw.example(date=UNTIL), raw.example(date=date)]).encode())
        )
    assert result.run.status == 0, result.run.log
    assert "should be a day that has begun" in result.run.annotations("warning")[0]
    assert [name for name in result.files if "/history/" in name and "report" not in name] == [
        f"{ORG}/history/2026-11.ndjson"
    ]


def test_the_month_of_a_day_long_ago_is_a_file_like_any_other() -> None:
    with Canned() as canned:
        result = canned.metrics(json.dumps([raw.example(date="0001-01-01")]).encode())
    assert f"{ORG}/history/0001-01.ndjson" in result.files


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (SINCE, "9999-12-31"), ("0001-01-01", "0001-01-02"), ("0001-01-01", UNTIL), (UNTIL, SINCE),
        (SINCE, "2026-11-24"), (SINCE, "2026-02-30"), (SINCE, 20261120), ([], {}), (None, None),
    ],
)  # fmt: skip
def test_a_report_that_says_what_cannot_be_of_the_days_it_covers_is_read_all_the_same(
    since: object, until: object
) -> None:
    window: dict[str, object] = {"report_start_day": since, "report_end_day": until}
    with Canned() as canned:
        canned.report("organization-28-day/latest", [ndjson([DAY])])
        links = json.loads(canned.bodies[f"/{ORG}/copilot/metrics/reports/organization-28-day/latest"])
        canned.bodies[f"/{ORG}/copilot/metrics/reports/organization-28-day/latest"] = json.dumps(
            links | window
        ).encode()
        canned.report("organization-1-day?2026-11-10", [ndjson([{**DAY, "day": "2026-11-10"}])])
        result = canned.run(api="usage-metrics")
    assert result.run.status == 0, result.run.log
    assert (result.report["since"], result.report["until"]) == (SINCE, UNTIL)
    assert [day["date"] for day in result.report["days"]] == ["2026-11-10", UNTIL]


SLUGS = ["../../x", "a/b", "..", ".", "*", "a\0b", "a\nb", "a?b", "a#b", "\ud800", "x" * 5000, "a\\b", " a", 7, None]


@pytest.mark.parametrize("slug", SLUGS, ids=ascii)
@pytest.mark.parametrize("api", ["metrics", "usage-metrics"])
def test_no_name_of_a_team_leads_out_of_its_folder(api: str, slug: object) -> None:
    day = {"day": UNTIL, "organization_id": "1"}
    with Canned() as canned:
        if api == "metrics":
            canned.bodies = {f"/{ORG}/teams": json.dumps([{"slug": slug}]).encode()}
            result = canned.run(api=api, scope=f"{ORG}/team/*")
        else:
            people = range(1, 8)
            members = [{**day, "user_id": one, "slug": slug} for one in people]
            result = canned.teams([ndjson(members)], [ndjson([{**day, "user_id": one} for one in people])])
    if api == "usage-metrics" and slug in (7, " a"):  # a number is taken for its digits, and blanks are removed
        assert f"{ORG}/team/{str(slug).strip()}/metrics.json" in result.files
        return
    assert result.run.status == 1, result.run.log
    assert len(result.run.annotations("error title=Unexpected response")) == 1
    assert result.files == {}


MOMENTS = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "soon"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_of_a_seat_that_cannot_be_is_a_warning(tmp_path: Path, moment: str) -> None:
    seat = {"assignee": {"id": 1}, "last_activity_at": moment}
    with SampleApi(TODAY, seats={ORG: [seat]}) as api:
        result = run(tmp_path, api.url, api="metrics", licenses="details")
    assert result.status == 0, result.log
    assert "seats: the response has an unexpected shape" in result.annotations("warning title=Licenses")[0]


def test_pages_of_an_impossible_number_of_licenses_are_not_requested(tmp_path: Path) -> None:
    values = {"total_seats": 10**9, "seats": [{"assignee": {"id": 1}}]}
    with SampleApi(TODAY) as api:
        api.fail("billing/seats", Body(json.dumps(values).encode()), times=99)
        result = run(tmp_path, api.url, api="metrics", licenses="details")
    assert result.status == 0, result.log
    assert len([one for one in api.requests if one.path.endswith("/seats")]) == 3  # as its links say


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, {"token": "ghs_\u00e9\ud800"}, "an unexpected shape"),
        ({}, {"token": "ghs_a\nb"}, "an unexpected shape"),
        ({"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}, {"token": "ghs_x", "expires_at": "2026-11-23T13:00:00Z"}, "401"),
        ({"Date": "Mon, 01 Jan 0001 00:00:00 GMT"}, {"token": "ghs_x", "expires_at": "9999-12-31T23:59:59Z"}, "401"),
    ],
)
def test_an_invalid_token_of_an_app_is_an_error(
    tmp_path: Path, headers: dict[str, str], body: dict[str, str], expected: str
) -> None:
    made_up = Status(201, "", {"Content-Type": "application/json", **headers})
    with SampleApi(TODAY, app=the_app()) as api:
        api.fail("access_tokens$", Token(made_up, json.dumps(body).encode()), times=9)
        result = run(tmp_path, api.url, token="", app_id=CLIENT_ID, app_private_key=pem(), licenses="none")
    assert expected in result.annotations("error")[0]
    assert "Internal error" not in result.log


@pytest.mark.parametrize("page", ["%C2%B2", MANY, "-1", "two"])
def test_a_last_page_that_is_no_number_is_none(tmp_path: Path, page: str) -> None:
    with SampleApi(TODAY) as api:
        api.fail("octo-org/teams", Beside({"Link": f'<{api.url}/x?page={page}>; rel="last"'}))
        result = run(tmp_path, api.url, api="metrics", scope=f"{ORG}/team/*", licenses="none")
    assert result.status == 0, result.log


def test_repositories_of_another_day_are_an_error(tmp_path: Path) -> None:
    row = {"day": "2026-11-01", "repo_owner_name": "octo-org", "repo_name": "demo", "pull_requests": {}}
    with SampleApi(TODAY, usage_metrics=("*",), reports={(ORG, "repos-1-day", UNTIL): [ndjson([row])]}) as api:
        result = run(tmp_path, api.url, repository_breakdown="true", licenses="none")
    assert f"be {UNTIL}, as requested" in result.annotations("warning title=Repositories not complete")[0]
