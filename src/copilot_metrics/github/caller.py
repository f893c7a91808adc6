"""What a message about a refused request has to know about the run that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from copilot_metrics.github.hosts import is_loopback
from copilot_metrics.metrics.model import METRICS

if TYPE_CHECKING:
    from copilot_metrics.action.inputs import Inputs

GITHUB = "https://github.com"
_GHE, _API = ".ghe.com", "api."
_PERSONAL = ("ghp_", "github_pat_", "gho_", "ghu_")  # prefixes of tokens that belong to a person


class Caller(NamedTuple):
    """The run that makes requests.

    Attributes:
        server: The web address of the GitHub server, such as `https://github.com`.
        repository: The repository of the workflow, OWNER/REPO; empty outside of GitHub Actions.
        has_workflow_token: Whether `token` is the workflow's own GITHUB_TOKEN.
        wants_metrics_api: Whether `api: metrics` was requested.
        on_github: Whether `api-url` is that of github.com or GHE.com (or of the sample API, on loopback).
    """

    server: str = GITHUB
    repository: str = ""
    has_workflow_token: bool = False
    wants_metrics_api: bool = False
    on_github: bool = True

    @classmethod
    def of(cls, given: Inputs, server: str, repository: str, *, in_job: bool) -> Caller:
        """Return the caller for these inputs; `server` and `repository` are empty if they are not known."""
        token = given.token.reveal()
        is_shared = bool(token) and given.token == given.commit_token
        host = urlsplit(given.api_url).hostname or ""
        return cls(
            server=server or web_address(host),
            repository=repository,
            has_workflow_token=in_job and is_shared and not token.startswith(_PERSONAL),
            wants_metrics_api=given.api == METRICS,
            on_github=host == "api.github.com" or host.endswith(_GHE) or is_loopback(host),
        )

    @property
    def host(self) -> str:
        """The host of the server."""
        return urlsplit(self.server).hostname or ""

    def page(self, path: str) -> str:
        """Return the address of a page of the server."""
        return f"{self.server}{path}"

    @property
    def secrets_page(self) -> str:
        """The page with the secrets of the workflow's repository; empty if that is not known."""
        return self.page(f"/{self.repository}/settings/secrets/actions") if self.repository else ""


def web_address(api_host: str) -> str:
    """Return the web address of the server whose API has this host."""
    if not api_host or api_host == "api.github.com" or is_loopback(api_host):
        return GITHUB
    return f"https://{api_host.removeprefix(_API)}"
