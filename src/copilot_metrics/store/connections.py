"""What PyGithub sends its requests by: each ends in time, and takes no more room than it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse

from copilot_metrics.github import http
from copilot_metrics.github.client import origin
from copilot_metrics.github.http import whole

if TYPE_CHECKING:
    from collections.abc import ItemsView

_REDIRECTS = (302, 303, 307, 308)
_MOVED = 301
_MOST_REDIRECTS = 5
_ARCHIVE = "/tarball/"
_LIMITS = "x-ratelimit-"


class Elsewhere(Exception):  # noqa: N818 - it becomes a CommitError
    """A redirect leads to another host, to nowhere or round in a circle."""


def use(limits: http.Limits) -> None:
    """Let PyGithub make its requests within limits; raises what `transfer.exchange` does."""

    class Http(_Bounded, HTTPRequestsConnectionClass):
        within = limits
        environment = False  # plain http is for loopback only, where no proxy is

    class Https(_Bounded, HTTPSRequestsConnectionClass):
        within = limits

    Requester.injectConnectionClasses(Http, Https)


class _Bounded:
    within: http.Limits
    environment = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **kwargs)
        self.session: requests.Session
        self.session.trust_env = self.environment
        self.session.headers["Accept-Encoding"] = "gzip"

    def getresponse(self: Any) -> RequestsResponse:
        """The whole answer to the request that was made last."""
        root = f"{self.protocol}://{self.host}:{self.port}"
        url = f"{root}{self.url}"
        for _ in range(_MOST_REDIRECTS + 1):
            asked = requests.Request(self.verb, url, headers=self.headers, data=self.input)
            response = http.exchange(self.session, asked, self.within)
            if response.status == requests.codes.accepted:  # PyGithub would ask again without end
                raise http.Dropped("the server answered 202")
            if response.status != _MOVED and (response.status not in _REDIRECTS or _ARCHIVE in url):
                return _Answer(response)
            url = http.leads_to(url, response)
            if not url or origin(url) != origin(root):
                break
        raise Elsewhere


class _Answer(RequestsResponse):
    """An answer as PyGithub reads it."""

    def __init__(self, response: http.Response) -> None:
        self.status = response.status
        self._response = response

    def getheaders(self) -> ItemsView[str, str]:
        """Its headers, but for limits that are no numbers, on which PyGithub would fail."""
        told = self._response.headers.items()
        sound = (one for one in told if not one[0].lower().startswith(_LIMITS) or whole(one[1]) is not None)
        return dict(sound).items()

    def read(self) -> str:
        return self._response.body.decode(errors="replace")
