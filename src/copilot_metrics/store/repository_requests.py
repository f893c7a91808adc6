"""Send the requests of PyGithub to a repository, with the retries, waits, and errors of this action."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import requests
from github.GithubException import BadAttributeException, GithubException
from requests.structures import CaseInsensitiveDict

from copilot_metrics.errors import CommitError, RateLimited
from copilot_metrics.github.http import RETRY_DELAYS, HttpResponse
from copilot_metrics.github.rate_limit import rate_limit_wait
from copilot_metrics.store import github_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_metrics.clock import Clock
    from copilot_metrics.github.rate_limit import WaitBudget
    from copilot_metrics.store.github_errors import Purpose

T = TypeVar("T")
_NOT_FOUND, _CONFLICT, _UNPROCESSABLE, _SERVER_ERROR = 404, 409, 422, 500
# GitHub accepts about 80 writes a minute before its secondary rate limit.
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
_WRITES_WITHOUT_PAUSE, _PAUSE = 60, 0.75
# PyGithub does not check the shape of a response; it fails in one of these ways if the shape is unexpected.
_UNREADABLE = (
    BadAttributeException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class RepositoryRequests:
    """Sends requests to the repository `name` (OWNER/REPO).

    A request is repeated if a connection or the server fails, if a rate limit ends within `wait_budget`, and if GitHub
    does not show Git data yet that was just stored.
    """

    def __init__(
        self, name: str, server: str, clock: Clock, wait_budget: WaitBudget, log: Callable[[str], None]
    ) -> None:
        self._name = name
        self._server = server
        self._clock = clock
        self._wait_budget = wait_budget
        self._log = log
        self._writes = 0
        self._has_written = False

    def read(self, endpoint: str, call: Callable[[], T], purpose: Purpose = github_errors.READ) -> T:
        """Return the result of `call`, which reads from an endpoint; raise a `CommitError` if GitHub refuses it."""
        return self._send_or_explain("GET", endpoint, call, purpose)

    def write(
        self, endpoint: str, call: Callable[[], T], purpose: Purpose = github_errors.WRITE, *, method: str = "POST"
    ) -> T:
        """Return the result of `call`, which writes to an endpoint; raise a `CommitError` if GitHub refuses it."""
        return self._send_or_explain(method, endpoint, call, purpose)

    def send(self, method: str, endpoint: str, call: Callable[[], T]) -> T:
        """Return the result of `call`, which requests an endpoint of the repository, after up to five attempts.

        Raises:
            GithubException: GitHub refuses the request with a status from 400 to 499.
            CommitError: There is no readable response.
        """
        request = f"{method} /repos/{self._name}/{endpoint}".rstrip("/")
        delays = iter(RETRY_DELAYS)
        while True:
            self._pause_before_write(method)
            last_error: Exception
            try:
                result = call()
            except GithubException as refusal:
                if (seconds := self._rate_limit(refusal)) is not None:
                    self._wait(seconds, request)
                    continue
                if refusal.status < _SERVER_ERROR and not self._is_temporary(refusal, method, endpoint):
                    raise
                message = github_errors.github_message(refusal.data)
                reason = f"GitHub answered {refusal.status}" + (f": “{message}”" if message else "")
                is_outage = refusal.status >= _SERVER_ERROR
                last_error = github_errors.outage_error(request, reason) if is_outage else refusal
            except requests.exceptions.SSLError:
                raise github_errors.certificate_error(request) from None
            except (requests.RequestException, OSError) as problem:
                reason = github_errors.connection_problem(problem)
                last_error = github_errors.outage_error(request, reason)
            except _UNREADABLE:
                reason = "the response cannot be read"
                last_error = github_errors.unreadable_error(request)
            else:
                self._has_written = self._has_written or method != "GET"
                return result
            delay = next(delays, None)
            if delay is None:
                raise last_error from None
            self._log(f"{request}: {reason}; trying again in {delay} s")
            self._clock.sleep(delay * self._clock.jitter())

    def refusal_error(self, refusal: GithubException, purpose: Purpose) -> CommitError:
        """Return the error for a request that GitHub refuses."""
        message = github_errors.github_message(refusal.data)
        return github_errors.refusal_error(refusal.status, message, self._name, purpose, self._server)

    def _send_or_explain(self, method: str, endpoint: str, call: Callable[[], T], purpose: Purpose) -> T:
        try:
            return self.send(method, endpoint, call)
        except GithubException as refusal:
            raise self.refusal_error(refusal, purpose) from None

    def _is_temporary(self, refusal: GithubException, method: str, endpoint: str) -> bool:
        """Return whether a refusal may be about Git data that exists, but that GitHub does not show yet."""
        if refusal.status == _NOT_FOUND:
            names_git_data = endpoint in ("git/commits", "git/trees", "git/blobs", "tarball")
            return names_git_data and (method == "GET" or self._has_written)
        message = github_errors.github_message(refusal.data)
        if refusal.status == _CONFLICT and self._has_written:
            return "is empty" in message
        return refusal.status in (_CONFLICT, _UNPROCESSABLE) and github_errors.is_not_visible_yet(message)

    def _rate_limit(self, refusal: GithubException) -> float | None:
        """Return the seconds to wait if a refusal is a rate limit."""
        headers = CaseInsensitiveDict(refusal.headers or {})
        return rate_limit_wait(HttpResponse(refusal.status, headers, str(refusal.data).encode()), self._clock)

    def _wait(self, seconds: float, request: str) -> None:
        try:
            self._wait_budget.wait(seconds, request)
        except RateLimited as limited:
            raise CommitError(limited.message, limited.hint) from None

    def _pause_before_write(self, method: str) -> None:
        if method != "GET":
            self._writes += 1
            if self._writes > _WRITES_WITHOUT_PAUSE:
                self._clock.sleep(_PAUSE)
