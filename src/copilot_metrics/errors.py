"""Every error that a user can do something about.

ReportError                what happened, why it usually happens, what to do
├── InputError             one or more inputs are invalid; a run reports all of them at once
├── OutputError            a file cannot be written
├── CommitError            the reports cannot be committed
│   └── PullRequestError   they are committed, but the pull request cannot be opened
├── NoData                 no scope has any data, and `if-no-data` is `error`
├── DemoError              the demo has no sample API
├── InternalError          a defect of this program
└── ApiError               GitHub's response for one scope cannot be used
    ├── Unauthorized       401: the token is not valid
    ├── Forbidden          403: the token may not read this
    ├── NotFound           404: it does not exist, or the token cannot see it
    ├── Disabled           a setting or policy is off
    ├── RateLimited        the rate limit needs more time than max-wait-minutes
    ├── Unavailable        5xx, a lost connection, or a timeout, after all retries
    ├── UnexpectedResponse not JSON, of an unexpected shape, or cut short
    └── MissingShard       the job that should download it has no results
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.scope import Scope


class ReportError(Exception):
    """A failure as a small document, for the log and for the job summary.

    Attributes:
        title: The kind of failure in a few words.
        message: What happened, with GitHub's own words in quotes.
        why: Why it usually happens; empty if the message says that.
        action: What to do.
        link: The page to do it on; empty if there is none.
    """

    title = "Copilot metrics report"

    def __init__(self, message: str, action: str = "", *, why: str = "", link: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.action = action
        self.link = link

    @property
    def hint(self) -> str:
        """Why it usually happens and what to do, on one line."""
        action = f"{self.action.removesuffix('.')}: {self.link}" if self.action and self.link else self.action
        return " ".join(part for part in (self.why, action) if part)

    @property
    def text(self) -> str:
        """The message and the hint."""
        return f"{self.message} {self.hint}".strip()

    def __str__(self) -> str:
        return self.text


class InputError(ReportError):
    """One or more inputs are invalid.

    Attributes:
        problems: A sentence for each.
        names: The inputs to correct, as far as they are known.
    """

    title = "Inputs"

    def __init__(self, problems: Sequence[str], names: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        self.names = frozenset(names)
        super().__init__("\n".join(problems))

    @property
    def text(self) -> str:
        """A line for each problem, and one for what to do."""
        return f"{self.message}\n{self.hint}".strip()


class OutputError(ReportError):
    """A file cannot be written."""

    title = "Output"


class CommitError(ReportError):
    """The reports cannot be committed."""

    title = "Commit"


class PullRequestError(CommitError):
    """The reports are committed, but no pull request was opened or updated."""

    title = "Pull request"


class NoData(ReportError):
    """No scope has any data."""

    title = "No data"


class DemoError(ReportError):
    """The sample API of the demo is not installed."""

    title = "Demo"


class InternalError(ReportError):
    """A defect of this program."""

    title = "Internal error"


class ApiError(ReportError):
    """GitHub's response for one scope cannot be used.

    Attributes:
        scope: The scope that fails because of it; empty if that is not known yet.
    """

    title = "GitHub API"
    scope = ""

    def for_scope(self, scope: Scope) -> Self:
        """Return the same error for a scope."""
        error = copy.copy(self)
        error.scope = str(scope)
        return error

    def __str__(self) -> str:
        return f"{self.scope}: {self.text}" if self.scope else self.text


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
    """A setting or policy is off: 422, or a 403 that names the policy."""

    title = "Copilot metrics are disabled"


class RateLimited(ApiError):
    """The rate limit needs more time than `max-wait-minutes` allows."""

    title = "Rate limit"


class Unavailable(ApiError):
    """5xx, a lost connection, or a timeout, after all retries."""

    title = "GitHub is not answering"


class UnexpectedResponse(ApiError):
    """Not JSON, JSON of an unexpected shape, or cut short."""

    title = "Unexpected response"


class MissingShard(ApiError):
    """The job of a shard has no results."""

    title = "Shard missing"
