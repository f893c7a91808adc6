"""Which token a request is made with: one for all, or of a GitHub App one for each account (`apps`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from copilot_metrics.github.budget import Budget
    from copilot_metrics.secret import Secret


class Grant(NamedTuple):
    """A token, and what it may still ask for."""

    token: Secret
    budget: Budget


class Tokens(Protocol):
    """The tokens of a run; safe to use from several threads."""

    def of(self, path: str) -> Grant:
        """The token for a path such as `/orgs/octo-org/copilot/metrics`; raises an `ApiError` where there is none."""

    @property
    def grants(self) -> list[Grant]:
        """Every token that was used, each with what it may still ask for."""

    def close(self) -> None:
        """End what need not live on."""


class OneToken:
    """One token for whatever is asked."""

    def __init__(self, token: Secret, budget: Budget) -> None:
        self._grant = Grant(token, budget)

    def of(self, _: str) -> Grant:
        """The token."""
        return self._grant

    @property
    def grants(self) -> list[Grant]:
        """The token."""
        return [self._grant]

    def close(self) -> None:
        """Nothing to end."""
