from __future__ import annotations

import datetime as dt
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sample_github import data
from sample_github.github import TOKEN
from sample_github.server import SampleApi

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = dt.date(2024, 6, 29)
METRICS = "/orgs/octo-org/copilot/metrics"
HEADERS = {
    "Accept": "application/vnd.github+json",
    "Authorization": f"Bearer {TOKEN}",
    "User-Agent": "tests",
    "X-GitHub-Api-Version": "2022-11-28",
}


@contextmanager
def sample(token: str = TOKEN, **settings: Any) -> Iterator[tuple[SampleApi, requests.Session]]:
    """Return a sample API, and a client that sends the headers that GitHub recommends."""
    with SampleApi(TODAY, **settings) as api, requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        session.headers.update({**HEADERS, "Authorization": f"Bearer {token}"})
        yield api, session


def get(path: str = METRICS, headers: dict[str, str] | None = None, **params: str) -> requests.Response:
    """One answer of a sample API that lives only for it."""
    with sample() as (api, session):
        return session.get(api.url + path, headers=headers, params=params)


def as_token(token: str, path: str, **settings: Any) -> requests.Response:
    with sample(token, **settings) as (api, session):
        return session.get(api.url + path)


def dates(answer: requests.Response) -> list[str]:
    return [day["date"] for day in answer.json()]


def of_sample(since: str, until: str, scope: str = "orgs/octo-org") -> list[str]:
    first, last = dt.date.fromisoformat(since), dt.date.fromisoformat(until)
    every = [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [str(date) for date in every if data.day(scope, date)]


def test_the_days_of_the_sample_are_answered_oldest_first_up_to_yesterday() -> None:
    answer = get(since="2024-06-01T00:00:00Z")
    assert answer.status_code == 200
    assert answer.json()[-1] == data.day("orgs/octo-org", dt.date(2024, 6, 28))
    assert dates(answer) == of_sample("2024-06-01", "2024-06-28")


def test_since_and_until_are_inclusive() -> None:
    answer = get(since="2024-06-10T00:00:00Z", until="2024-06-12T23:59:59Z")
    assert dates(answer) == ["2024-06-10", "2024-06-11", "2024-06-12"]


def test_days_older_than_the_api_serves_are_left_out() -> None:
    with sample(days_served=28) as (api, session):
        answer = session.get(api.url + METRICS, params={"since": "2024-01-01T00:00:00Z"})
    assert dates(answer) == of_sample("2024-06-01", "2024-06-28")


def test_without_since_the_answer_has_the_last_28_days_and_with_it_up_to_100() -> None:
    assert dates(get()) == of_sample("2024-06-01", "2024-06-28")
    assert dates(get(since="2024-01-01T00:00:00Z")) == of_sample("2024-03-21", "2024-06-28")[:28]


def test_an_owner_may_be_written_in_any_case() -> None:
    assert get("/orgs/Octo-Org/copilot/metrics").status_code == 200


def test_a_team_with_fewer_than_five_licenses_answers_an_empty_list() -> None:
    answer = get("/orgs/octo-labs/team/interns/copilot/metrics")
    assert (answer.status_code, answer.json()) == (200, [])


def test_pages_are_linked_absolutely_in_both_directions() -> None:
    with sample() as (api, session):
        seen: list[str] = []
        url: str | None = f"{api.url}{METRICS}?since=2024-06-01T00:00:00Z&until=2024-06-28T23:59:59Z&per_page=10"
        relations = []
        while url:
            assert url.startswith(api.url)
            answer = session.get(url)
            seen += dates(answer)
            relations.append(set(answer.links))
            url = answer.links.get("next", {}).get("url")
    assert seen == of_sample("2024-06-01", "2024-06-28")
    assert relations == [{"next", "last"}, {"prev", "next", "last", "first"}, {"prev", "first"}]


def test_a_single_page_has_no_links() -> None:
    assert "Link" not in get(since="2024-06-20T00:00:00Z").headers


def test_a_page_after_the_last_is_empty() -> None:
    assert get(page="9").json() == []


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"since": "2024-06-01"}, "since"),
        ({"since": "2024-06-01T00:00:00+00:00"}, "since"),
        ({"until": "yesterday"}, "until"),
        ({"since": "2024-06-02T00:00:00Z", "until": "2024-06-01T00:00:00Z"}, "until"),
        ({"page": "0"}, "page"),
        ({"page": "one"}, "page"),
        ({"per_page": "29"}, "per_page"),
        ({"per_page": "0"}, "per_page"),
        ({"per_page": "-1"}, "per_page"),
        ({"days": "28"}, "days"),
    ],
)
def test_a_parameter_that_github_does_not_accept_is_422_and_named(params: dict[str, str], named: str) -> None:
    answer = get(METRICS, None, **params)
    assert answer.status_code == 422
    assert named in answer.json()["message"]


@pytest.mark.parametrize(
    ("header", "value", "status", "message"),
    [
        ("Authorization", None, 401, "Requires authentication"),
        ("Authorization", "Bearer ghp_another", 401, "Bad credentials"),
        ("Authorization", f"Basic {TOKEN}", 401, "Bad credentials"),
        ("Accept", "application/json", 415, "Unsupported 'Accept' header"),
        ("X-GitHub-Api-Version", "2021-01-01", 400, "not a supported API version"),
        ("X-GitHub-Api-Version", None, 400, "not a supported API version"),
        ("User-Agent", None, 403, "User-Agent"),
    ],
)
def test_a_request_without_what_github_asks_for_is_refused(
    header: str, value: str | None, status: int, message: str
) -> None:
    with sample() as (api, session):
        request = session.prepare_request(requests.Request("GET", api.url + METRICS))
        del request.headers[header]
        request.headers.update({header: value} if value else {"User-Agent": ""} if header == "User-Agent" else {})
        answer = session.send(request)
    assert answer.status_code == status
    assert message in answer.json()["message"]
    assert answer.json()["status"] == str(status)


@pytest.mark.parametrize("path", ["/orgs/acme", "/orgs/octo-org/team/red", "/enterprises/acme", "/users/octocat"])
def test_what_does_not_exist_is_not_found(path: str) -> None:
    answer = get(f"{path}/copilot/metrics")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"


def test_what_a_token_may_not_see_is_not_found() -> None:
    tokens = {"ghp_labs": ("orgs/octo-labs",)}
    assert as_token("ghp_labs", METRICS, tokens=tokens).status_code == 404
    assert as_token("ghp_labs", "/orgs/octo-labs/copilot/metrics", tokens=tokens).status_code == 200


@pytest.mark.parametrize(
    ("token", "kind"),
    [("github_pat_x", "personal access token"), ("ghs_x", "integration"), ("ghu_x", "integration")],
)
def test_enterprises_refuse_tokens_that_are_neither_classic_nor_of_an_oauth_app(token: str, kind: str) -> None:
    answer = as_token(token, "/enterprises/octo-enterprise/copilot/metrics", tokens={token: ("*",)})
    assert answer.status_code == 403
    assert answer.json()["message"] == f"Resource not accessible by {kind}"
    assert as_token(token, METRICS, tokens={token: ("*",)}).status_code == 200


def test_the_successor_has_no_reports_yet() -> None:
    answer = get(f"{METRICS}/reports/organization-28-day/latest")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"


def test_answers_tell_the_rate_limit_and_a_date_that_does_not_depend_on_the_clock() -> None:
    headers = get().headers
    assert headers["Date"] == "Sat, 29 Jun 2024 06:00:00 GMT"
    assert headers["X-RateLimit-Remaining"] == "4999"
    assert int(headers["X-RateLimit-Reset"]) == dt.datetime(2024, 6, 29, 7, tzinfo=dt.UTC).timestamp()


def test_the_expiration_of_a_token_is_sent_if_there_is_one() -> None:
    assert "github-authentication-token-expiration" not in get().headers
    text = as_token(TOKEN, METRICS, token_expires="2024-07-04 23:59:59 UTC").headers
    assert text["GitHub-Authentication-Token-Expiration"] == "2024-07-04 23:59:59 UTC"


def test_an_answer_is_packed_only_where_the_client_accepts_that() -> None:
    packed, plain = get(headers={"Accept-Encoding": "gzip"}), get(headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert packed.json() == plain.json()


def test_a_test_can_put_its_own_days_in_the_place_of_the_samples() -> None:
    own = [{"date": "2024-06-24", "extra": None}, {"date": "2023-01-01"}, {"date": 7}, "not a day"]
    with sample(days={"orgs/acme": own, "orgs/octo-org": {"not": "a list"}}) as (api, session):
        assert session.get(f"{api.url}/orgs/acme/copilot/metrics").json() == [own[0], own[2], own[3]]
        assert session.get(api.url + METRICS).json() == {"not": "a list"}


def test_requests_are_logged_as_they_came() -> None:
    with sample() as (api, session):
        session.get(api.url + METRICS, params={"per_page": "28", "page": "2"})
        session.get(f"{api.url}/orgs/octo%2Dorg/copilot/metrics")
    assert [request.path for request in api.requests] == [METRICS, METRICS]
    assert api.requests[0].query == {"per_page": "28", "page": "2"}
    assert api.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert api.requests[0].target == f"{METRICS}?per_page=28&page=2"


def test_a_connection_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from sample_github import server  # noqa: PLC0415 - only here

    taken: list[object] = []
    original = server._Server.process_request  # noqa: SLF001 - counts connections

    def counted(self: Any, request: Any, client_address: Any) -> None:
        taken.append(client_address)
        original(self, request, client_address)

    monkeypatch.setattr(server._Server, "process_request", counted)  # noqa: SLF001
    with sample() as (api, session):
        for _ in range(3):
            session.get(api.url + METRICS)
    assert len(taken) == 1


def test_stopping_closes_open_connections_and_all_threads(
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = threading.active_count()
    with requests.Session() as session:
        session.trust_env = False
        with SampleApi(TODAY) as api:
            assert session.get(api.url + METRICS, headers=HEADERS).ok
        assert threading.active_count() == before
        with pytest.raises(requests.ConnectionError):
            session.get(api.url + METRICS, headers=HEADERS)
    assert capfd.readouterr() == ("", "")


def test_many_clients_at_once_are_all_answered() -> None:
    answers: list[int] = []
    with sample() as (api, _):

        def ask() -> None:
            with requests.Session() as session:
                session.trust_env = False
                params = {"since": "2024-06-24T00:00:00Z"}
                answers.append(session.get(api.url + METRICS, headers=HEADERS, params=params).status_code)

        threads = [threading.Thread(target=ask) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * 32
    assert len(api.requests) == 32


def test_the_sample_listens_on_loopback_alone() -> None:
    with SampleApi(TODAY) as api:
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", api.url)
