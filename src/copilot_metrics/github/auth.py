"""The token of a request: one for all owners, or, of a GitHub App, one for each owner (`github_app`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import requests

if TYPE_CHECKING:
    from copilot_metrics.github.rate_limit import RateLimiter
    from copilot_metrics.secret import Secret


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and its rate limit."""

    secret: Secret
    limiter: RateLimiter


class TokenSource(Protocol):
    """The tokens of a run; safe to use from several threads."""

    def token_for(self, path: str) -> AccessToken:
        """Return the token for a path such as `/orgs/octo-org/copilot/metrics`; raises an `ApiError` if there is none.

        A token may expire: call this before each request.
        """

    @property
    def tokens(self) -> list[AccessToken]:
        """The tokens in use."""

    def close(self) -> None:
        """Revoke the tokens that only this run needs."""


class PersonalToken:
    """One token for all owners."""

    def __init__(self, token: Secret, limiter: RateLimiter) -> None:
        self._token = AccessToken(token, limiter)

    def token_for(self, _: str) -> AccessToken:
        """Return the token."""
        return self._token

    @property
    def tokens(self) -> list[AccessToken]:
        """The token."""
        return [self._token]

    def close(self) -> None:
        """Do nothing: the token is the user's."""


class BearerAuth(requests.auth.AuthBase):
    """Sends a token, or nothing if it is empty. With it, requests does not look for credentials in `.netrc`."""

    def __init__(self, token: Secret | None = None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header of a request."""
        request.headers.pop("Authorization", None)
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request
