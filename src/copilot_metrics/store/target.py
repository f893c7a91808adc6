"""The branch and the directory that reports are committed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_metrics.scope import Scope
    from copilot_metrics.secret import Secret


@dataclass(frozen=True, slots=True)
class CommitTarget:
    """A directory on a branch of a repository, and how to write to it.

    Attributes:
        api_url: Root of the REST API.
        repository: OWNER/REPO.
        branch: The branch to commit to.
        directory: Directory of the repository; empty for its root.
        token: Token with the permission contents: write.
        pull_request: Whether to open a pull request against the default branch.
        allow_public: Whether the repository may be public.
        scopes: The scopes of the run; their folders on the branch are read.
    """

    api_url: str
    repository: str
    branch: str
    directory: str
    token: Secret
    pull_request: bool = False
    allow_public: bool = False
    scopes: tuple[Scope, ...] = ()
