"""Everything that can go wrong and that a user can do something about.

ReportError                what happened, why it usually does, what to do
├── InputError             one or more inputs are wrong; all are told at once
├── OutputError            a file cannot be written where it should
├── CommitError            the reports cannot be committed, or no pull request opened
└── ApiError               GitHub's answer for one scope cannot be used
    ├── Unauthorized       401: the token is not valid
    ├── Forbidden          403: the token may not read this
    ├── NotFound           404: not there, or not to be seen with this token
    ├── Disabled           422: switched off in the settings
    ├── RateLimited        waiting longer than max-wait allows would be needed
    ├── Unavailable        5xx, dropped, timed out, after all retries
    ├── UnexpectedAnswer   not JSON, of another shape, or cut short
    └── MissingShard       a job that was to fetch it left nothing
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from copilot_metrics.scope import Scope


class ReportError(Exception):
    """A failure as a small document: `title`, `message` (what happened) and `hint` (why, usually, and what to do)."""

    title = "Copilot metrics report"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(ReportError):
    """One or more inputs are wrong; `problems` has a sentence for each."""

    title = "Inputs"

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class OutputError(ReportError):
    """A file cannot be written where it should."""

    title = "Output"


class CommitError(ReportError):
    """The reports cannot be committed, or no pull request opened."""

    title = "Commit"


class ApiError(ReportError):
    """GitHub's answer for one scope cannot be used."""

    title = "GitHub API"

    def of(self, scope: Scope) -> Self:
        """The same error, told of a scope."""
        return type(self)(f"{scope}: {self.message}", self.hint)


class Unauthorized(ApiError):
    """401."""

    title = "Token not valid"


class Forbidden(ApiError):
    """403 that is no rate limit."""

    title = "Not permitted"


class NotFound(ApiError):
    """404."""

    title = "Not found"


class Disabled(ApiError):
    """422."""

    title = "Copilot metrics are disabled"


class RateLimited(ApiError):
    """More waiting would be needed than `max-wait` allows."""

    title = "Rate limit"


class Unavailable(ApiError):
    """5xx, a dropped connection or a timeout, after all retries."""

    title = "GitHub is not answering"


class UnexpectedAnswer(ApiError):
    """Not JSON, JSON of another shape, or cut short."""

    title = "Unexpected answer"


class MissingShard(ApiError):
    """A job of a fleet left nothing."""

    title = "Shard missing"
