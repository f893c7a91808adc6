"""The client against a real server that fails as GitHub and proxies do."""

from __future__ import annotations

import datetime as dt
import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics.clock import Clock, Limits
from copilot_metrics.errors import ApiError, RateLimited, Unavailable, UnexpectedResponse
from copilot_metrics.github.auth import PersonalToken
from copilot_metrics.github.client import Client
from copilot_metrics.github.rate_limit import RateLimiter, WaitBudget
from copilot_metrics.secret import Secret
from sample_github.faults import (
    Body,
    Dribble,
    Drop,
    Fault,
    HalfBody,
    RateLimit,
    Redirect,
    Silence,
    Status,
    TruncatedGzip,
)
from sample_github.github import TOKEN
from sample_github.server import SampleApi
from support.files import Files
from support.runs import TODAY, Waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/orgs/octo-org/copilot/metrics"
QUICK = Limits(silence=0.3, total=0.6)


@pytest.fixture
def api() -> Iterator[SampleApi]:
    with SampleApi(TODAY) as started:
        yield started


class World:
    """A client, what it waited for, and what it logged."""

    def __init__(self, url: str, minutes: float = 5, limits: Limits | None = None) -> None:
        self.waits = Waits()
        self.log: list[str] = []
        clock = replace(self.waits.clock(), limits=limits)
        limiter = RateLimiter(clock, WaitBudget(clock, minutes, self.log.append))
        self.client = Client(url, PersonalToken(Secret(TOKEN), limiter), clock, log=self.log.append)

    def get(self, **params: str) -> Any:
        with self.client:
            return self.client.get(PATH, params)

    def error(self) -> ApiError:
        with self.client, pytest.raises(ApiError) as caught:
            self.client.get(PATH)
        return caught.value


def test_a_request_carries_what_the_document_names(api: SampleApi) -> None:
    assert World(api.url).get(per_page="1").status == 200
    (request,) = api.requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Accept"] == "application/vnd.github+json"
    assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"


DAYS = b'[{"date": "2026-11-20"}, {"date": "2026-11-21"}]'
PACKED = gzip.compress(DAYS, mtime=0)


def http(body: bytes, *headers: str, start: str = "HTTP/1.1 200 OK") -> bytes:
    """Return an answer whose headers are all named."""
    return "\r\n".join((start, *headers, "", "")).encode() + body


@pytest.mark.parametrize(
    "sent",
    [
        http(DAYS),
        http(DAYS, start="HTTP/1.0 200 OK"),
        http(DAYS, "Connection: close", "Content-Type: text/plain"),
        http(PACKED, "content-encoding: gzip"),
        http(DAYS, "Content-Encoding: identity"),
        http(DAYS, "CONTENT-LENGTH: 48", "connection: keep-alive"),
        http(DAYS, "Content-Length: 48, 48"),
        http(b"30\r\n" + DAYS + b"\r\n0\r\n\r\n", "Transfer-Encoding: CHUNKED"),
        http(b"30\r\n" + DAYS + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 9"),
        http(
            DAYS, "Via: 1.1 proxy", 'Warning: 214 proxy "changed"', start="HTTP/1.1 203 Non-Authoritative Information"
        ),
        http(b"\xef\xbb\xbf" + DAYS + b"\r\n"),
    ],
)
def test_an_answer_may_come_in_any_way_that_http_allows(sent: bytes) -> None:
    with Files(sent) as files:
        world = World(files.url)
        answer = world.get()
    assert (answer.status, [day["date"] for day in answer.data]) == (200, ["2026-11-20", "2026-11-21"])
    assert world.waits.slept == []


@pytest.mark.parametrize(
    "cut", [http(DAYS[:-1]), http(DAYS[:24]), http(PACKED[:-9], "Content-Encoding: gzip"), http(b""), http(b"12")]
)
def test_an_answer_without_a_length_that_is_not_json_is_requested_again(cut: bytes) -> None:
    with Files(cut, http(DAYS)) as files:
        world = World(files.url)
        assert len(world.get().data) == 2
    assert world.waits.slept == [1]


@pytest.mark.parametrize(("body", "message"), [(b'{"message": "Not Found"}', "Not Found"), (b"<p>Not Found</p>", "")])
def test_an_error_without_a_length_is_an_answer(body: bytes, message: str) -> None:
    with Files(http(body, start="HTTP/1.0 404 Not Found")) as files:
        answer = World(files.url).get()
    assert (answer.status, answer.message) == (404, message)


@pytest.mark.parametrize(
    "links",
    [
        ('Link: <{url}/x?page=1>; rel="prev"', 'Link: <{url}/x?page=2>; rel="next"'),
        ('LINK: <{url}/x?page=1>; rel="first prev", <{url}/x?page=2>; title="a, b"; REL=next',),
        ('Link: <{url}/x?page=2>; rel="next last"',),
        ('Link: <{url}/x?page=2>; rel="nofollow next"',),
    ],
)
def test_the_next_page_is_found_however_links_are_written(links: tuple[str, ...]) -> None:
    answers = [http(b"[1]", "Content-Length: 3"), http(b"[2]", "Content-Length: 3")]
    with Files(*answers) as files:
        answers[0] = http(b"[1]", "Content-Length: 3", *(one.format(url=files.url) for one in links))
        files._answers[0] = answers[0]  # noqa: SLF001 - its address is known only now
        with World(files.url).client as client:
            assert [answer.data for answer in client.pages(PATH, {})] == [[1], [2]]
    assert [path for path, _ in files.requests] == [PATH, f"{PATH}?page=2"]


def test_a_link_that_is_not_next_ends_the_list() -> None:
    sent = http(b"[1]", "Content-Length: 3", 'Link: <http://127.0.0.1/x?page=2>; rel="x-next", </y>; rel="nextish"')
    with Files(sent) as files, World(files.url).client as client:
        assert [answer.data for answer in client.pages(PATH, {})] == [[1]]


def test_a_netrc_never_replaces_the_token(api: SampleApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("default login monalisa password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert World(api.url).get().status == 200


@pytest.mark.parametrize("fault", [Status(500), Status(502), Status(503), Drop()])
def test_what_passes_is_tried_again(api: SampleApi, fault: Fault) -> None:
    api.fail(PATH, fault, times=4)
    world = World(api.url)
    assert world.get().status == 200
    assert world.waits.slept == [1, 2, 4, 8]
    assert len(world.log) == 4


def test_after_five_tries_it_is_an_error(api: SampleApi) -> None:
    api.fail(PATH, Status(502, "Server Error"), times=5)
    error = World(api.url).error()
    assert isinstance(error, Unavailable)
    assert error.message == f"GET {PATH}: the server answered 502, 5 times in a row."


@pytest.mark.parametrize(("fault", "reason"), [(Silence(), "took too long"), (Dribble(), "took too long")])
def test_silence_and_a_byte_at_a_time_end(api: SampleApi, fault: Fault, reason: str) -> None:
    api.fail(PATH, fault, times=5)
    error = World(api.url, limits=QUICK).error()
    assert isinstance(error, Unavailable)
    assert reason in error.message


@pytest.mark.parametrize("fault", [HalfBody(), TruncatedGzip()])
def test_half_an_answer_is_tried_again_and_never_taken(api: SampleApi, fault: Fault) -> None:
    complete = World(api.url).get().data
    api.fail(PATH, fault, times=1)
    world = World(api.url)
    assert world.get().data == complete
    assert world.waits.slept == [1]


def test_an_answer_that_stays_cut_short_is_unexpected(api: SampleApi) -> None:
    api.fail(PATH, TruncatedGzip(), times=5)
    error = World(api.url).error()
    assert isinstance(error, UnexpectedResponse)
    assert "cut short" in error.message


def test_a_response_that_is_too_large_is_an_error(api: SampleApi) -> None:
    api.fail(PATH, Body(b"[" + b" " * 2_000_000 + b"]"), times=5)
    error = World(api.url, limits=Limits(size=1024 * 1024)).error()
    assert "larger than 1 MiB" in error.message


@pytest.mark.parametrize("body", [b"<html>", b"[", b"", b"NaN", b"[" * 100_000, b"\xff"])
def test_invalid_json_is_an_error_that_names_the_endpoint(api: SampleApi, body: bytes) -> None:
    api.fail(PATH, Body(body, "text/html"))
    error = World(api.url).error()
    assert isinstance(error, UnexpectedResponse)
    assert f"GET {PATH}" in error.message


def test_a_refusal_in_html_is_still_an_answer(api: SampleApi) -> None:
    class Html(Status):
        def wire(self, usual: Any, wait: Any) -> Iterator[bytes]:
            yield from (part.replace(b"application/json", b"text/html") for part in super().wire(usual, wait))

    api.fail(PATH, Html(404, "x"))
    assert World(api.url).get().status == 404


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (RateLimit(30), 30),
        (RateLimit(30, status=429), 30),
        (RateLimit(42, by_reset=True), 42),
        (RateLimit(42, status=429, by_reset=True), 42),
        (Status(429), 60),
        (Status(403, "You have exceeded a secondary rate limit."), 60),
        (Status(429, "", {"Retry-After": "Mon, 23 Nov 2026 06:00:09 GMT"}), 9),
        (Status(429, "", {"Retry-After": "0"}), 1),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_the_server_says(api: SampleApi, fault: Fault, seconds: float) -> None:
    api.fail(PATH, fault)
    world = World(api.url)
    assert world.get().status == 200
    assert world.waits.slept == [seconds]
    assert f"waiting {seconds:.0f} s" in world.log[0]


def test_a_refusal_that_is_no_rate_limit_is_not_waited_for(api: SampleApi) -> None:
    api.fail(PATH, Status(403, "Resource not accessible by integration"))
    world = World(api.url)
    assert world.get().status == 403
    assert world.waits.slept == []


def test_waiting_ends_where_max_wait_is_used_up(api: SampleApi) -> None:
    api.fail(PATH, RateLimit(40), times=3)
    world = World(api.url, minutes=1)
    error = world.error()
    assert isinstance(error, RateLimited)
    assert world.waits.slept == [40]
    assert "longer than max-wait-minutes still allows" in error.message


def test_one_thread_waits_for_all_that_use_a_token(api: SampleApi) -> None:
    api.fail(PATH, RateLimit(40))
    world = World(api.url, minutes=1)
    with world.client as client, ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: client.get(PATH), range(3)))
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert world.waits.slept == [40]


def test_waiting_for_two_tokens_at_the_same_time_counts_once() -> None:
    at_once = threading.Barrier(2, timeout=20)
    noon = dt.datetime.combine(TODAY, dt.time(12), dt.UTC)

    def sleep(_: float) -> None:
        at_once.wait()

    wait_budget = WaitBudget(Clock(now=lambda: noon, sleep=sleep), 1, lambda _: None)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda token: wait_budget.wait(40, token), ["one", "other"]))
    with pytest.raises(RateLimited):
        wait_budget.wait(61, "one")


def test_a_redirect_within_the_host_is_followed(api: SampleApi) -> None:
    api.fail(PATH, Redirect("/orgs/octo-labs/copilot/metrics"))
    assert World(api.url).get().status == 200
    assert api.requests[-1].path == "/orgs/octo-labs/copilot/metrics"


def test_the_token_is_never_sent_to_another_host(api: SampleApi) -> None:
    with SampleApi(TODAY) as other:
        api.fail(PATH, Redirect(f"{other.url}{PATH}?sig=hidden"))
        error = World(api.url).error()
        assert other.requests == []
    assert "redirect to another host" in error.message
    assert "hidden" not in str(error)


def test_endless_redirects_are_an_error(api: SampleApi) -> None:
    api.fail(PATH, Redirect(PATH), times=10)
    assert "no end" in World(api.url).error().message


def test_a_refused_connection_is_an_error() -> None:
    with SampleApi(TODAY) as missing:
        url = missing.url
    error = World(url).error()
    assert isinstance(error, Unavailable)
    assert "it refused the connection" in error.message


def test_pages_follow_the_link_until_there_is_none(api: SampleApi) -> None:
    world = World(api.url)
    with world.client as client:
        answers = list(client.pages(PATH, {"per_page": "10", "since": "2026-10-26T00:00:00Z"}))
    assert [len(answer.data) for answer in answers][:-1] == [10] * (len(answers) - 1)
    assert [request.query.get("page") for request in api.requests] == [None, "2", "3"]
    assert all(request.query["since"] == "2026-10-26T00:00:00Z" for request in api.requests)


def test_only_the_query_of_a_link_is_taken() -> None:
    link = '<https://inside.example.com/x/y?page=2&per_page=14>; rel="next", <https://x/?page=9>; rel="last"'

    class Linked(Body):
        def wire(self, usual: Any, wait: Any) -> Iterator[bytes]:
            yield from (
                p.replace(b"\r\n\r\n", f"\r\nLink: {link}\r\n\r\n".encode(), 1) for p in super().wire(usual, wait)
            )

    with SampleApi(TODAY, days={"orgs/octo-org": []}) as api:
        api.fail(PATH, Linked(b"[]"))
        with World(api.url).client as client:
            assert len(list(client.pages(PATH, {"per_page": "14"}))) == 2
    assert [(request.path, request.query.get("page")) for request in api.requests] == [(PATH, None), (PATH, "2")]


def test_pages_that_link_to_each_other_are_an_error(api: SampleApi) -> None:
    class Circle(Body):
        def wire(self, usual: Any, wait: Any) -> Iterator[bytes]:
            link = b'\r\nLink: <x?page=2>; rel="next"\r\n\r\n'
            yield from (part.replace(b"\r\n\r\n", link, 1) for part in super().wire(usual, wait))

    api.fail(PATH, Circle(b"[]"), times=5)
    with World(api.url).client as client, pytest.raises(UnexpectedResponse, match="no end"):
        list(client.pages(PATH, {}))


def test_pages_end_with_the_first_that_is_refused(api: SampleApi) -> None:
    api.fail("page=2", Status(404, "Not Found"))
    with World(api.url).client as client:
        assert [answer.status for answer in client.pages(PATH, {"per_page": "10"})] == [200, 404]


@pytest.mark.parametrize(
    ("expected", "known"),
    [("2026-12-01 10:00:00 UTC", dt.date(2026, 12, 1)), ("", None), ("soon", None), ("2026-99-99", None)],
)
def test_the_end_of_the_token_is_known(expected: str, known: dt.date | None) -> None:
    with SampleApi(TODAY, token_expires=expected) as api:
        world = World(api.url)
        world.get()
    assert world.client.token_expires == known


def test_proxies_and_authorities_come_from_the_environment_but_not_for_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with SampleApi(TODAY) as api:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
        assert World(api.url).get().status == 200


def test_a_proxy_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert "the proxy that HTTPS_PROXY" in World("https://api.example.com").error().message


def test_a_missing_bundle_of_certificates_is_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    world = World("https://api.example.com")
    assert "names does not exist" in world.error().message
    assert world.waits.slept == []


def test_errors_name_no_address(api: SampleApi) -> None:
    api.fail(PATH, Drop(), times=5)
    error = World(api.url).error()
    assert "127.0.0.1" not in str(error)
    assert error.__suppress_context__ or error.__context__ is None or "127.0.0.1" not in str(error.__context__)


def test_the_client_shows_no_token(api: SampleApi) -> None:
    client = World(api.url).client
    with client:
        assert TOKEN not in f"{client!r} {vars(client)}"
