"""What messages about refused requests need to know about the run."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from copilot_metrics.github.hosts import is_loopback

GITHUB = "https://github.com"
_GITHUB_API = "api.github.com"
_GHE = ".ghe.com"
_PERSONAL_PREFIXES = ("ghp_", "github_pat_", "gho_", "ghu_")  # of tokens that belong to a person


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run that makes requests.

    Attributes:
        server: The web address of the GitHub server, such as `https://github.com`.
        repository: The repository of the workflow, OWNER/REPO; empty outside of GitHub Actions.
        has_workflow_token: Whether `token` is the workflow's own `GITHUB_TOKEN`.
        wants_metrics_api: Whether `api: metrics` was requested.
        is_on_github: Whether `api-url` is that of github.com or GHE.com, or of a server on this machine.
    """

    server: str = GITHUB
    repository: str = ""
    has_workflow_token: bool = False
    wants_metrics_api: bool = False
    is_on_github: bool = True

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


def is_workflow_token(token: str, commit_token: str) -> bool:
    """Return whether `token` is the workflow's own, which is the default of `commit-token`."""
    return bool(token) and token == commit_token and not token.startswith(_PERSONAL_PREFIXES)


def is_github_api(api_url: str) -> bool:
    """Return whether an API is that of github.com or GHE.com, or runs on this machine."""
    host = urlsplit(api_url).hostname or ""
    return host == _GITHUB_API or host.endswith(_GHE) or is_loopback(host)


def web_url(api_url: str) -> str:
    """Return the web address of the server with an API."""
    host = urlsplit(api_url).hostname or ""
    if not host or host == _GITHUB_API or is_loopback(host):
        return GITHUB
    return f"https://{host.removeprefix('api.')}"
