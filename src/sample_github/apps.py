"""A GitHub App of the sample: its installations, their permissions, and its tokens."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sample_github.messages import RefusedError, Response, json_response, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sample_github.messages import Request

_INSTALLATION = re.compile(r"/(?P<owner>(?:orgs|enterprises)/[^/]+)/installation")
_TOKENS = re.compile(r"/app/installations/(?P<number>\d+)/access_tokens")
_TOKEN = "/installation/token"  # noqa: S105 - a path
_LONGEST = 660  # seconds that a JSON web token is valid at most, with a minute of tolerance for the clock
_FIRST = 40_001
_LIFE = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """The owner and the permissions of an installation token."""

    owner: str
    permissions: Mapping[str, str]


@dataclass
class App:
    """A GitHub App with its `client_id` and public key.

    Attributes:
        installations: Permissions by owner.
        suspended: Owners that suspended the installation.
        alive: Valid tokens.
        created: All tokens in the order of their creation.
    """

    client_id: str
    public_key: str
    installations: Mapping[str, Mapping[str, str]]
    suspended: frozenset[str] = frozenset()
    alive: dict[str, TokenAccess] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)

    def answer(self, request: Request, now: dt.datetime) -> Response | None:
        """Return the response to a request that only an App can make; None for any other request."""
        if (request.method, request.path) == ("DELETE", _TOKEN):
            refuse((self.alive.pop(_bearer(request), None) is None, 401, "Bad credentials"))
            return Response(204, b"")
        if request.method == "GET" and (match := _INSTALLATION.fullmatch(request.path.lower())):
            self._authenticate(request)
            owner = match["owner"]
            refuse((owner not in self.installations, 404, "Not Found"))
            return json_response(200, {"id": self._number(owner), "permissions": self.installations[owner]})
        if request.method == "POST" and (match := _TOKENS.fullmatch(request.path)):
            self._authenticate(request)
            owner = next((name for name in self.installations if str(self._number(name)) == match["number"]), "")
            refuse(
                (not owner, 404, "Not Found"),
                (owner in self.suspended, 403, "This installation has been suspended"),
            )
            return self._token(owner, request, now)
        return None

    def _token(self, owner: str, request: Request, now: dt.datetime) -> Response:
        wanted = (request.json() or {}).get("permissions", self.installations[owner])
        lacking = wanted.keys() - self.installations[owner].keys()
        refuse((bool(lacking), 422, "The permissions requested are not granted to this installation."))
        token = f"ghs_of-the-sample-for-{owner.replace('/', '-')}-{len(self.created) + 1}"
        self.created.append(token)
        self.alive[token] = TokenAccess(owner, wanted)
        return json_response(
            201, {"token": token, "expires_at": f"{now + _LIFE:%Y-%m-%dT%H:%M:%SZ}", "permissions": wanted}
        )

    def _number(self, owner: str) -> int:
        return _FIRST + [*self.installations].index(owner)

    def _authenticate(self, request: Request) -> None:
        import jwt  # noqa: PLC0415 - only an App needs it

        try:
            claims = jwt.decode(
                _bearer(request), self.public_key, algorithms=["RS256"], options={"require": ["iat", "exp", "iss"]}
            )
        except jwt.InvalidTokenError:
            raise RefusedError(401, "A JSON web token could not be decoded") from None
        refuse(
            (claims["iss"] != self.client_id, 401, "A JSON web token could not be decoded"),
            (claims["exp"] - claims["iat"] > _LONGEST, 401, "'Expiration time' claim ('exp') is too far in the future"),
        )


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""
