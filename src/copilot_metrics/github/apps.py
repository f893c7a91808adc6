"""The tokens of a GitHub App: one for each organization or enterprise in which it is installed.

A token is made when the first request of its account needs it, with no permission but those that the run uses. It lives
an hour: a new one is made before, and all are revoked at the end. PyGithub signs what the App says of itself.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import threading
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from github import Auth

from copilot_metrics.errors import ApiError, Forbidden, NotFound, Unauthorized, UnexpectedAnswer
from copilot_metrics.github.budget import Budget
from copilot_metrics.github.caller import web_address
from copilot_metrics.github.client import Client
from copilot_metrics.github.explain import quoted
from copilot_metrics.github.tokens import Grant, OneToken
from copilot_metrics.metrics.model import METRICS, USAGE_METRICS
from copilot_metrics.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.action.inputs import Inputs
    from copilot_metrics.clock import Clock
    from copilot_metrics.github.client import Answer
    from copilot_metrics.github.rate_limit import Patience

_SIGNED_FOR = 300  # seconds that GitHub may believe who we are
_SIGNED_ANEW = dt.timedelta(minutes=4)
_SPARE = dt.timedelta(minutes=5)  # before its end, a token is too old
_AN_HOUR = dt.timedelta(hours=1)
_NOUNS = {"orgs": "organization", "enterprises": "enterprise"}
_CHECK = "Check app-id and app-private-key, and the clock of this machine."


class Installations:
    """The tokens of an App, by account; `mask` is told of each before it is used."""

    def __init__(
        self,
        given: Inputs,
        clock: Clock,
        patience: Patience,
        *,
        mask: Callable[[str], None],
        log: Callable[[str], None],
    ) -> None:
        self._given = given
        self._clock = clock
        self._patience = patience
        self._mask = mask
        self._log = log
        self._budget = Budget(clock, patience)  # of the App itself
        self._client = Client(given.api_url, OneToken(Secret(), self._budget), clock, log=log)
        self._lock = threading.Lock()
        self._accounts: dict[str, _Account] = {}
        self._made: list[Grant] = []
        self._own = Grant(self._signed(), self._budget)
        self._sign_at = clock.now() + _SIGNED_ANEW

    def of(self, path: str) -> Grant:
        """The token for what belongs to an account, such as `/orgs/octo-org/copilot/metrics`; raises an `ApiError`."""
        name = "/".join(path.split("/")[1:3])
        with self._lock:
            account = self._accounts.setdefault(name, _Account(name))
        with account.lock:
            if account.problem:
                raise account.problem
            if account.grant and self._clock.now() < account.renew_at:
                return account.grant
            try:
                return self._make(account)
            except ApiError as problem:
                account.problem = problem
                raise

    @property
    def grants(self) -> list[Grant]:
        """The token in use of each account that has one."""
        with self._lock:
            return [account.grant for account in self._accounts.values() if account.grant]

    def close(self) -> None:
        """Revoke every token; where that fails it is said, and they end by themselves within the hour."""
        with self._client:
            for grant in self._made:
                try:
                    answer = self._client.ask(
                        requests.Request("DELETE", "/installation/token"), partial(_itself, grant)
                    )
                    failed = "" if answer.status == requests.codes.no_content else f"GitHub answered {answer.status}"
                except ApiError as problem:
                    failed = problem.message
                if failed:
                    self._log(f"A token of the App could not be revoked, and ends within an hour: {failed}")

    def _make(self, account: _Account) -> Grant:
        """Make a token for an account; raises an `ApiError`."""
        if not account.installation:
            found = self._ask(account.name, "GET", f"/{account.name}/installation")
            account.installation, account.granted = _installation(found)
        wanted = self._permissions(account)
        path = f"/app/installations/{account.installation}/access_tokens"
        answer = self._ask(account.name, "POST", path, {"permissions": wanted})
        token, life = _token(answer)
        self._mask(token)
        account.renew_at = self._clock.now() + life - _SPARE
        budget = account.grant.budget if account.grant else Budget(self._clock, self._patience)
        account.grant = grant = Grant(Secret(token), budget)
        with self._lock:
            self._made.append(grant)
        self._log(f"{account.name}: a token of the App, which may read {', '.join(wanted)}")
        return grant

    def _ask(self, account: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """What GitHub answers the App itself; raises an `ApiError` where that is no success."""
        request = requests.Request(method, path, json=body)
        answer = self._client.ask(request, self._itself)
        if answer.status in (requests.codes.ok, requests.codes.created):
            return answer
        said = quoted(answer)
        kind, _, owner = account.partition("/")
        server = web_address(urlsplit(self._given.api_url).hostname or "")
        page = f"{server}/organizations/{owner}/settings/installations" if kind == "orgs" else ""
        if answer.status == requests.codes.unauthorized:
            raise Unauthorized(said, _CHECK, why="GitHub does not know a GitHub App with this ID and key.")
        if answer.status == requests.codes.not_found:
            raise NotFound(
                said,
                f"Check the name `{owner}` in `scope`, and ask an owner to install the App there.",
                why=f"The GitHub App is not installed there, or there is no {_NOUNS[kind]} `{owner}`.",
                link=page,
            )
        raise Forbidden(
            said,
            "Ask an owner to unsuspend the App, or to accept its new permissions.",
            why="The installation may be suspended, or its new permissions may not be accepted yet.",
            link=page,
        )

    def _permissions(self, account: _Account) -> dict[str, str]:
        """Of the permissions that the App has there, those that this run needs; raises `Forbidden` for none."""
        kind = account.name.split("/")[0]
        needed = [name for name, wanted in _NEEDED[kind] if wanted(self._given)]
        found = {name: "read" for name in account.granted if any(re.fullmatch(one, name) for one in needed)}
        if not found:
            raise Forbidden(
                "The installation of the GitHub App has no permission that reads Copilot metrics.",
                _GRANT[kind],
            )
        return dict(sorted(found.items()))

    def _itself(self) -> Grant:
        """What the App says of itself, as long as GitHub believes it."""
        with self._lock:
            if self._clock.now() >= self._sign_at:
                self._own = Grant(self._signed(), self._budget)
                self._sign_at = self._clock.now() + _SIGNED_ANEW
            return self._own

    def _signed(self) -> Secret:
        key = self._given.app_private_key.reveal()
        return Secret(Auth.AppAuth(self._given.app_id, key, jwt_expiry=_SIGNED_FOR).create_jwt())


class _Account:
    """What is known of an account: its installation, that one's permissions, and the token or why there is none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.installation = 0
        self.granted: frozenset[str] = frozenset()
        self.grant: Grant | None = None
        self.renew_at = dt.datetime.max.replace(tzinfo=dt.UTC)
        self.problem: ApiError | None = None


def _itself(grant: Grant) -> Grant:
    return grant


def _reads_reports(given: Inputs) -> bool:
    return given.api != METRICS


def _reads_seats(given: Inputs) -> bool:
    return given.licenses != "none" or given.api != USAGE_METRICS


def _lists_teams(given: Inputs) -> bool:
    return any(scope.team for scope in given.scope.included)


# What a run may need, by kind of account, as patterns of names of permissions, and when.
_NEEDED: Mapping[str, tuple[tuple[str, Callable[[Inputs], bool]], ...]] = {
    "orgs": (
        ("organization_copilot_metrics", _reads_reports),
        ("organization_copilot_seat_management", _reads_seats),
        ("members", _lists_teams),
    ),
    "enterprises": (
        ("enterprise_copilot_metrics", _reads_reports),
        ("enterprise_copilot_(license|seat).*", _reads_seats),
    ),
}
_GRANT = {
    "orgs": 'Give the App the organization permission "Organization Copilot metrics", read, and accept it there.',
    "enterprises": 'Give the App the enterprise permission "Enterprise Copilot metrics", read, and accept it there.',
}


def _installation(answer: Answer) -> tuple[int, frozenset[str]]:
    told = answer.data if isinstance(answer.data, dict) else {}
    number, granted = told.get("id"), told.get("permissions")
    if type(number) is not int or not isinstance(granted, dict):
        raise _of_another_shape("an installation with id and permissions")
    return number, frozenset(granted)


def _token(answer: Answer) -> tuple[str, dt.timedelta]:
    """A token, and how long it lives by the server's own clock."""
    told = answer.data if isinstance(answer.data, dict) else {}
    token = told.get("token")
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise _of_another_shape("a token")
    try:
        now = email.utils.parsedate_to_datetime(answer.headers["Date"])
        life = dt.datetime.fromisoformat(told["expires_at"]) - now
    except (KeyError, TypeError, ValueError):
        return token, _AN_HOUR
    return token, life if dt.timedelta(0) < life <= _AN_HOUR else _AN_HOUR


def _of_another_shape(expected: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        "GitHub answered the App with JSON of another shape.",
        f"Expected was {expected}. Check that api-url is the root of GitHub's REST API.",
    )
