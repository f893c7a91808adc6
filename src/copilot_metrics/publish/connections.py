"""What PyGithub sends its requests by: each ends in time, and takes no more room than it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse

from copilot_metrics.github import transfer

if TYPE_CHECKING:
    from collections.abc import ItemsView

_OTHER_REDIRECTS = (302, 303, 307, 308)
_MOVED = 301
_ARCHIVE = "/tarball/"


def use(limits: transfer.Limits) -> None:
    """Let PyGithub make its requests within limits; raises what `transfer.exchange` does."""

    class Http(_Bounded, HTTPRequestsConnectionClass):
        within = limits
        environment = False  # plain http is for loopback only, where no proxy is

    class Https(_Bounded, HTTPSRequestsConnectionClass):
        within = limits

    Requester.injectConnectionClasses(Http, Https)


class _Bounded:
    within: transfer.Limits
    environment = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **kwargs)
        self.session: requests.Session
        self.session.trust_env = self.environment
        self.session.headers["Accept-Encoding"] = "gzip"

    def getresponse(self: Any) -> RequestsResponse:
        """The whole answer to the request that was made last."""
        url = f"{self.protocol}://{self.host}:{self.port}{self.url}"
        asked = requests.Request(self.verb, url, headers=self.headers, data=self.input)
        response = transfer.exchange(self.session, asked, self.within)
        if response.status == requests.codes.accepted:  # PyGithub would ask again without end
            raise transfer.Dropped("the server answered 202")
        # PyGithub knows one kind of redirect, which it follows within its host and refuses elsewhere.
        redirected = response.status in _OTHER_REDIRECTS and _ARCHIVE not in self.url
        return _Answer(_MOVED if redirected else response.status, response)


class _Answer(RequestsResponse):
    """An answer as PyGithub reads it."""

    def __init__(self, status: int, response: transfer.Response) -> None:
        self.status = status
        self._response = response

    def getheaders(self) -> ItemsView[str, str]:
        return self._response.headers.items()

    def read(self) -> str:
        return self._response.body.decode(errors="replace")
