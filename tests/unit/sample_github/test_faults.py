from __future__ import annotations

import datetime as dt
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests

from sample_github import faults
from sample_github.github import TOKEN
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_github.messages import Response

METRICS = "/orgs/octo-org/copilot/metrics"
HEADERS = {
    "Accept": "application/vnd.github+json",
    "Authorization": f"Bearer {TOKEN}",
    "X-GitHub-Api-Version": "2022-11-28",
}


@contextmanager
def failing(fault: faults.Fault, pattern: str = "", times: int = 1) -> Iterator[tuple[requests.Session, str]]:
    """Return a client, and the address of metrics that fail in this way."""
    with SampleApi(dt.date(2024, 6, 29)) as api, requests.Session() as session:
        session.trust_env = False
        session.headers.update(HEADERS)
        api.fail(pattern, fault, times)
        yield session, api.url + METRICS


def test_a_status_comes_with_its_message_and_headers_and_then_all_is_well_again() -> None:
    with failing(faults.Status(503, "No server is available", {"X-Note": "1"})) as (session, url):
        answer = session.get(url)
        assert (answer.status_code, answer.json()["message"]) == (503, "No server is available")
        assert answer.headers["X-Note"] == "1"
        assert session.get(url).status_code == 200


def test_a_fault_happens_as_often_as_configured_and_only_if_its_pattern_matches() -> None:
    with failing(faults.Status(500), r"[?&]page=2\b", times=2) as (session, url):
        statuses = [session.get(url, params={"page": page}).status_code for page in "12122"]
    assert statuses == [200, 500, 200, 500, 200]


def test_several_faults_happen_in_their_order() -> None:
    with SampleApi(dt.date(2024, 6, 29)) as api, requests.Session() as session:
        session.trust_env = False
        session.headers.update(HEADERS)
        api.fail("octo-org", faults.Status(502))
        api.fail("metrics", faults.Status(504))
        assert [session.get(api.url + METRICS).status_code for _ in range(3)] == [502, 504, 200]


def test_a_secondary_rate_limit_says_after_how_many_seconds_to_retry() -> None:
    with failing(faults.RateLimit(7, status=429)) as (session, url):
        answer = session.get(url)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert "rate limit" in answer.json()["message"]


def test_a_primary_rate_limit_says_when_it_is_reset_by_the_servers_date() -> None:
    with failing(faults.RateLimit(90, by_reset=True)) as (session, url):
        answer = session.get(url)
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert answer.headers["Date"] == "Sat, 29 Jun 2024 06:00:00 GMT"
    assert int(answer.headers["X-RateLimit-Reset"]) == dt.datetime(2024, 6, 29, 6, 1, 30, tzinfo=dt.UTC).timestamp()


def test_a_redirect_leads_where_it_says() -> None:
    with failing(faults.Redirect("/orgs/octo-labs/copilot/metrics", 307)) as (session, url):
        answer = session.get(url)
    assert answer.status_code == 200
    assert [one.status_code for one in answer.history] == [307]
    assert answer.url.endswith("/orgs/octo-labs/copilot/metrics")


def test_any_body_can_be_answered() -> None:
    with failing(faults.Body(b"<html>", "text/html")) as (session, url):
        answer = session.get(url)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"<html>", "text/html")


def test_a_dropped_connection_has_no_answer() -> None:
    with failing(faults.Drop()) as (session, url), pytest.raises(requests.ConnectionError):
        session.get(url)


def test_half_of_the_headers_say_no_length() -> None:
    with failing(faults.HalfHeaders()) as (session, url):
        answer = session.get(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Content-Length" not in answer.headers


def test_a_huge_body_is_small_on_the_way() -> None:
    with failing(faults.Huge(10**6)) as (session, url):
        answer = session.get(url)
    assert answer.content == b" " * 10**6
    assert int(answer.headers["Content-Length"]) < 10**4


def test_a_server_with_another_clock_uses_its_own_time_everywhere() -> None:
    with failing(faults.WrongClock(-3600)) as (session, url):
        answer = session.get(url)
    assert answer.headers["Date"] == "Sat, 29 Jun 2024 05:00:00 GMT"
    assert int(answer.headers["X-RateLimit-Reset"]) == dt.datetime(2024, 6, 29, 6, tzinfo=dt.UTC).timestamp()
    assert answer.json()
    with failing(faults.WrongClock(3600, faults.RateLimit(90, by_reset=True))) as (session, url):
        answer = session.get(url)
    assert answer.headers["Date"] == "Sat, 29 Jun 2024 07:00:00 GMT"
    assert int(answer.headers["X-RateLimit-Reset"]) == dt.datetime(2024, 6, 29, 7, 1, 30, tzinfo=dt.UTC).timestamp()


def test_half_a_body_is_less_than_was_promised() -> None:
    with (
        failing(faults.HalfBody()) as (session, url),
        session.get(url, stream=True) as answer,
        pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"),
    ):
        _ = answer.content


def test_a_truncated_gzip_body_is_as_long_as_promised_but_does_not_end() -> None:
    with failing(faults.TruncatedGzip()) as (session, url), session.get(url, stream=True) as answer:
        raw = answer.raw.read(decode_content=False)
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert unpacker.decompress(raw).startswith(b'[{"date"')
    assert len(raw) == int(answer.headers["Content-Length"])
    assert not unpacker.eof


def test_a_dribble_sends_single_bytes_until_the_client_gives_up() -> None:
    with (
        failing(faults.Dribble(every=0.0)) as (session, url),
        session.get(url, stream=True) as answer,
    ):
        assert answer.raw.read(9) == b'[{"date":'


def test_a_server_that_stops_ends_a_dribble_and_a_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with failing(faults.Dribble(every=3600)) as (session, url), pytest.raises(requests.RequestException):
        session.get(url, timeout=0.1)
    with failing(faults.Silence()) as (session, url), pytest.raises(requests.ReadTimeout):
        session.get(url, timeout=0.1)
    assert capfd.readouterr() == ("", "")


class _Defect:
    is_carried_out = False

    def wire(self, usual: Response, wait: faults.Wait) -> Iterator[bytes]:
        raise ZeroDivisionError(f"{usual.status} {wait}")


def test_a_defect_of_the_sample_itself_is_loud(capfd: pytest.CaptureFixture[str]) -> None:
    with failing(_Defect()) as (session, url), pytest.raises(requests.ConnectionError):
        session.get(url)
    assert "ZeroDivisionError: 200" in capfd.readouterr().err
