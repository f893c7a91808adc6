"""Find out whether the workflow's repository is public; everyone can read its job summaries and logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_metrics.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import WaitBudget
    from copilot_metrics.secret import Secret
    from copilot_metrics.store.repository import RepositoryInfo


def is_public(
    api_url: str,
    token: Secret,
    environ: Mapping[str, str],
    info: RepositoryInfo | None,
    clock: Clock,
    wait_budget: WaitBudget,
    log: Callable[[str], None],
) -> bool | None:
    """Return whether the repository of the workflow is public; `None` if that is unknown.

    The event of the workflow usually contains the visibility. Otherwise, it is that of `info` if this is about the same
    repository, or it is requested from GitHub.
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    name = environ.get("GITHUB_REPOSITORY", "")
    if environ.get("GITHUB_ACTIONS") != "true" or not name:
        return None
    is_public_in_event = _is_public_in_event(environ.get("GITHUB_EVENT_PATH", ""))
    if is_public_in_event is not None:
        return is_public_in_event
    if info and info.name.lower() == name.lower():
        return info.is_public
    if not token or api_url != environ.get("GITHUB_API_URL"):
        return None
    from copilot_metrics.store.repository import Repository  # noqa: PLC0415 - PyGithub takes 0.1 s to import

    repository = Repository(api_url, name, token, clock, wait_budget, log)
    try:
        return repository.info().is_public
    except CommitError:
        return None
    finally:
        repository.close()


def _is_public_in_event(path: str) -> bool | None:
    """Return whether the repository is public in the payload of the event; `None` if it does not contain that."""
    try:
        event: Any = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    repository = event.get("repository") if isinstance(event, dict) else None
    if not isinstance(repository, dict):
        return None
    visibility, private = repository.get("visibility"), repository.get("private")
    if isinstance(visibility, str):
        return visibility == "public"
    return not private if isinstance(private, bool) else None
