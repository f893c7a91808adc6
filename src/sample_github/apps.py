"""A GitHub App of the sample: where it is installed, what it may read there, and the tokens that it was given."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sample_github.messages import Answer, Refused, in_json, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sample_github.messages import Request

_INSTALLATION = re.compile(r"/(?P<account>(?:orgs|enterprises)/[^/]+)/installation")
_TOKENS = re.compile(r"/app/installations/(?P<number>\d+)/access_tokens")
_TOKEN = "/installation/token"  # noqa: S105 - a path
_LONGEST = 660  # seconds that an App may speak for itself, with a minute for clocks that differ
_FIRST = 40_001
_LIFE = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Given:
    """What a token may be used for."""

    account: str
    permissions: Mapping[str, str]


@dataclass
class App:
    """An App known by its `client_id` and the public half of its key.

    Attributes:
        installations: The permissions that it has, by account.
        suspended: Accounts whose owners stopped it.
        alive: The tokens that were made and not revoked.
        made: All tokens that were made, in their order.
    """

    client_id: str
    public_key: str
    installations: Mapping[str, Mapping[str, str]]
    suspended: frozenset[str] = frozenset()
    alive: dict[str, Given] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def answer(self, request: Request, now: dt.datetime) -> Answer | None:
        """The answer to what only an App asks; None for all else."""
        if (request.method, request.path) == ("DELETE", _TOKEN):
            refuse((self.alive.pop(_bearer(request), None) is None, 401, "Bad credentials"))
            return Answer(204, b"")
        if request.method == "GET" and (found := _INSTALLATION.fullmatch(request.path.lower())):
            self._authenticate(request)
            account = found["account"]
            refuse((account not in self.installations, 404, "Not Found"))
            return in_json(200, {"id": self._number(account), "permissions": self.installations[account]})
        if request.method == "POST" and (found := _TOKENS.fullmatch(request.path)):
            self._authenticate(request)
            account = next((one for one in self.installations if str(self._number(one)) == found["number"]), "")
            refuse(
                (not account, 404, "Not Found"),
                (account in self.suspended, 403, "This installation has been suspended"),
            )
            return self._token(account, request, now)
        return None

    def _token(self, account: str, request: Request, now: dt.datetime) -> Answer:
        wanted = (request.json() or {}).get("permissions", self.installations[account])
        lacking = wanted.keys() - self.installations[account].keys()
        refuse((bool(lacking), 422, "The permissions requested are not granted to this installation."))
        token = f"ghs_of-the-sample-for-{account.replace('/', '-')}-{len(self.made) + 1}"
        self.made.append(token)
        self.alive[token] = Given(account, wanted)
        return in_json(201, {"token": token, "expires_at": f"{now + _LIFE:%Y-%m-%dT%H:%M:%SZ}", "permissions": wanted})

    def _number(self, account: str) -> int:
        return _FIRST + [*self.installations].index(account)

    def _authenticate(self, request: Request) -> None:
        import jwt  # noqa: PLC0415 - comes with what signs, and only an App needs it

        try:
            told = jwt.decode(
                _bearer(request), self.public_key, algorithms=["RS256"], options={"require": ["iat", "exp", "iss"]}
            )
        except jwt.InvalidTokenError:
            raise Refused(401, "A JSON web token could not be decoded") from None
        refuse(
            (told["iss"] != self.client_id, 401, "A JSON web token could not be decoded"),
            (told["exp"] - told["iat"] > _LONGEST, 401, "'Expiration time' claim ('exp') is too far in the future"),
        )


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""
