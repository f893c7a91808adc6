"""Whether everyone can read the job summary and the log: those of a public repository are public, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_metrics.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import Patience
    from copilot_metrics.secret import Secret
    from copilot_metrics.store.repository import RepositoryInfo


def is_public(
    api_url: str,
    token: Secret,
    environ: Mapping[str, str],
    facts: RepositoryInfo | None,
    clock: Clock,
    patience: Patience,
    log: Callable[[str], None],
) -> bool | None:
    """Return whether the repository of the workflow is public; `None` if that is unknown.

    The event of the workflow usually says so. Otherwise GitHub is asked, unless `facts` is about the same repository.
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    name = environ.get("GITHUB_REPOSITORY", "")
    if environ.get("GITHUB_ACTIONS") != "true" or not name:
        return None
    by_event = _of_event(environ.get("GITHUB_EVENT_PATH", ""))
    if by_event is not None:
        return by_event
    if facts and facts.name.lower() == name.lower():
        return facts.is_public
    if not token or api_url != environ.get("GITHUB_API_URL"):
        return None
    from copilot_metrics.store.repository import Repository  # noqa: PLC0415 - brings PyGithub along

    repository = Repository(api_url, name, token, clock, patience, log)
    try:
        return repository.info().is_public
    except CommitError:
        return None
    finally:
        repository.close()


def _of_event(path: str) -> bool | None:
    """Return what the event's payload says."""
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
