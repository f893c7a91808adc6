"""The tokens of a GitHub App: one for each organization or enterprise in which it is installed.

A token is created when the first request for its owner needs it, with only the permissions that the run uses. It is
valid for an hour: a new one is created before that, and all are revoked at the end. PyGithub signs the App's requests.
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from github import Auth

from copilot_metrics.errors import ApiError, Forbidden, NotFound, Unauthorized, UnexpectedResponse
from copilot_metrics.github.auth import AccessToken, PersonalToken
from copilot_metrics.github.client import Client
from copilot_metrics.github.explain import quote_response
from copilot_metrics.github.rate_limit import RateLimiter
from copilot_metrics.github.run_context import web_url
from copilot_metrics.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.client import ApiResponse
    from copilot_metrics.github.rate_limit import WaitBudget

_JWT_EXPIRY = 300  # seconds
_JWT_RENEWAL = dt.timedelta(minutes=4)
_RENEW_BEFORE = dt.timedelta(minutes=5)
_MAX_LIFETIME = dt.timedelta(hours=1)
_OWNER_TYPES = {"orgs": "organization", "enterprises": "enterprise"}
_CHECK_APP = "Check app-id and app-private-key, and the clock of this machine."
_GRANT = {
    "orgs": "Give the App the organization permission “Organization Copilot metrics” (read), and accept it there.",
    "enterprises": "Give the App the enterprise permission “Enterprise Copilot metrics” (read), and accept it there.",
}


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App and the permissions that a run needs.

    Attributes:
        app_id: Its client ID or ID.
        private_key: Its key, as PEM.
        permissions: By kind of owner (`orgs`, `enterprises`), patterns of the names of permissions.
    """

    app_id: str
    private_key: Secret
    permissions: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class _Installation:
    """The App in one organization or enterprise (`orgs/NAME`); `error` is the reason why there is no token."""

    owner: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    id: int = 0
    permissions: frozenset[str] = frozenset()
    token: AccessToken | None = None
    renew_at: dt.datetime | None = None
    error: ApiError | None = None


class AppTokens:
    """The tokens of a GitHub App, by owner; `mask` is called with each token before it is used."""

    def __init__(
        self,
        api_url: str,
        credentials: AppCredentials,
        clock: Clock,
        wait_budget: WaitBudget,
        *,
        mask: Callable[[str], None],
        log: Callable[[str], None],
    ) -> None:
        self._api_url = api_url
        self._credentials = credentials
        self._clock = clock
        self._wait_budget = wait_budget
        self._mask = mask
        self._log = log
        self._limiter = RateLimiter(clock, wait_budget)  # of the App itself
        self._client = Client(api_url, PersonalToken(Secret(), self._limiter), clock, log=log)
        self._lock = threading.Lock()
        self._installations: dict[str, _Installation] = {}
        self._created: list[AccessToken] = []
        self._jwt = AccessToken(self._sign(), self._limiter)
        self._sign_at = clock.now() + _JWT_RENEWAL

    def token_for(self, path: str) -> AccessToken:
        """Return the token of the owner in a path such as `/orgs/octo-org/copilot/metrics`; raises an `ApiError`."""
        owner = "/".join(path.split("/")[1:3])
        with self._lock:
            installation = self._installations.setdefault(owner, _Installation(owner))
        with installation.lock:
            if installation.error:
                raise installation.error
            if installation.token and installation.renew_at and self._clock.now() < installation.renew_at:
                return installation.token
            try:
                return self._create_token(installation)
            except ApiError as error:
                installation.error = error
                raise

    @property
    def tokens(self) -> list[AccessToken]:
        """The token in use of each owner that has one."""
        with self._lock:
            return [installation.token for installation in self._installations.values() if installation.token]

    def close(self) -> None:
        """Revoke every token. If that fails, log it: the token expires within an hour."""
        with self._client:
            for token in self._created:
                if failure := self._revoke(token):
                    self._log(f"A token of the App could not be revoked, and expires within an hour: {failure}")

    def _revoke(self, token: AccessToken) -> str:
        """Revoke a token; return why that failed, or an empty text."""
        try:
            response = self._client.send(requests.Request("DELETE", "/installation/token"), lambda: token)
        except ApiError as error:
            return error.message
        is_revoked = response.status == requests.codes.no_content
        return "" if is_revoked else f"GitHub answered {response.status}"

    def _create_token(self, installation: _Installation) -> AccessToken:
        """Create a token of an installation; raises an `ApiError`."""
        if not installation.id:
            response = self._request(installation.owner, "GET", f"/{installation.owner}/installation")
            installation.id, installation.permissions = _read_installation(response)
        permissions = self._permissions(installation)
        path = f"/app/installations/{installation.id}/access_tokens"
        response = self._request(installation.owner, "POST", path, {"permissions": permissions})
        secret, lifetime = _read_token(response)
        self._mask(secret)
        installation.renew_at = self._clock.now() + lifetime - _RENEW_BEFORE
        limiter = installation.token.limiter if installation.token else RateLimiter(self._clock, self._wait_budget)
        installation.token = token = AccessToken(Secret(secret), limiter)
        with self._lock:
            self._created.append(token)
        self._log(f"{installation.owner}: created a token of the App that can read {', '.join(permissions)}")
        return token

    def _request(self, owner: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> ApiResponse:
        """Send a request as the App; raises an `ApiError` unless the response is 200 or 201."""
        response = self._client.send(requests.Request(method, path, json=body), self._app_token)
        if response.status in (requests.codes.ok, requests.codes.created):
            return response
        message = quote_response(response)
        kind, _, name = owner.partition("/")
        page = f"{web_url(self._api_url)}/organizations/{name}/settings/installations" if kind == "orgs" else ""
        if response.status == requests.codes.unauthorized:
            raise Unauthorized(message, _CHECK_APP, why="GitHub does not know a GitHub App with this ID and key.")
        if response.status == requests.codes.not_found:
            raise NotFound(
                message,
                f"Check the name `{name}` in `scope`, and ask an owner to install the App there.",
                why=f"The GitHub App is not installed there, or there is no {_OWNER_TYPES[kind]} `{name}`.",
                link=page,
            )
        raise Forbidden(
            message,
            "Ask an owner to unsuspend the App, or to accept its new permissions.",
            why="The installation may be suspended, or its new permissions may not be accepted yet.",
            link=page,
        )

    def _permissions(self, installation: _Installation) -> dict[str, str]:
        """Return the permissions of an installation that the run needs; raises `Forbidden` if there is none."""
        kind = installation.owner.split("/")[0]
        patterns = self._credentials.permissions[kind]
        names = [
            name
            for name in sorted(installation.permissions)
            if any(re.fullmatch(pattern, name) for pattern in patterns)
        ]
        if not names:
            raise Forbidden(
                "The installation of the GitHub App has no permission that reads Copilot metrics.", _GRANT[kind]
            )
        return dict.fromkeys(names, "read")

    def _app_token(self) -> AccessToken:
        """Return the token with which the App authenticates as itself."""
        with self._lock:
            if self._clock.now() >= self._sign_at:
                self._jwt = AccessToken(self._sign(), self._limiter)
                self._sign_at = self._clock.now() + _JWT_RENEWAL
            return self._jwt

    def _sign(self) -> Secret:
        key = self._credentials.private_key.reveal()
        return Secret(Auth.AppAuth(self._credentials.app_id, key, jwt_expiry=_JWT_EXPIRY).create_jwt())


def _read_installation(response: ApiResponse) -> tuple[int, frozenset[str]]:
    """Return the ID of an installation and the names of its permissions."""
    data = response.data if isinstance(response.data, dict) else {}
    number, permissions = data.get("id"), data.get("permissions")
    if type(number) is not int or not isinstance(permissions, dict):
        raise _unexpected("an installation with id and permissions")
    return number, frozenset(permissions)


def _read_token(response: ApiResponse) -> tuple[str, dt.timedelta]:
    """Return a token, and how long it is valid by the server's own clock."""
    data = response.data if isinstance(response.data, dict) else {}
    token = data.get("token")
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise _unexpected("a token")
    try:
        now = email.utils.parsedate_to_datetime(response.headers["Date"])
        lifetime = dt.datetime.fromisoformat(data["expires_at"]) - now
    except (KeyError, TypeError, ValueError):
        return token, _MAX_LIFETIME
    return token, lifetime if dt.timedelta(0) < lifetime <= _MAX_LIFETIME else _MAX_LIFETIME


def _unexpected(expected: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        "GitHub's response to the App has an unexpected shape.",
        f"It should contain {expected}. Check that api-url is the root of GitHub's REST API.",
    )
