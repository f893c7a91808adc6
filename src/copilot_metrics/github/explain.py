"""Explain responses of the REST API that refuse a request: what happened, why, and what to click.

GitHub's own reason in the body takes precedence (`reasons`), then the headers about the token, then the token's prefix.
A message names possible reasons only if none of these shows the actual one.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import requests

from copilot_metrics.errors import ApiError, Disabled, Forbidden, NotFound, Unauthorized, UnexpectedResponse
from copilot_metrics.github import reasons
from copilot_metrics.github.access import (
    APP,
    APP_USER,
    FINE_GRAINED,
    INCLUDED_SCOPES,
    LICENSES_API,
    METRICS_API,
    OAUTH,
    PERMISSIONS,
    TOKEN_KINDS,
    USAGE_METRICS_API,
)

if TYPE_CHECKING:
    from copilot_metrics.github.access import Api
    from copilot_metrics.github.auth import AccessToken
    from copilot_metrics.github.client import ApiResponse, Client
    from copilot_metrics.scope import Scope

# Messages that do not contain a reason.
_GENERIC = re.compile(r"must have|must be an?|not accessible|not found|forbidden|not authorized", re.IGNORECASE)
_SPARE_REQUESTS = 50  # that remain at least after a request that only explains a failure
_API_URL = "Check that api-url is the root of GitHub's REST API."


def api_error(client: Client, response: ApiResponse, scope: Scope, api: Api) -> ApiError:
    """Return the error for a scope that a response other than 200 means.

    If an organization is not found, one more request finds out whether a person or nobody has that name.
    """
    if (
        response.status == requests.codes.not_found
        and api is METRICS_API
        and not (client.context.wants_metrics_api or scope.team)
    ):
        response, api = client.missing_usage_metrics.get(scope.owner_path, response), USAGE_METRICS_API
    return _RefusedRequest(client, response, scope, api).error()


def quote_response(response: ApiResponse) -> str:
    """Return what GitHub answered, as a sentence with its own words in quotes."""
    if not response.message:
        return f"GitHub answered {response.status}."
    end = "" if response.message[-1] in ".!?" else "."
    return f"GitHub answered {response.status}: “{response.message}”{end}"


@dataclass(frozen=True, slots=True)
class _Advice:
    """Why something happened, what to do, and on which page."""

    why: str
    action: str
    link: str = ""


class _RefusedRequest:
    """A request that GitHub refused, and what the response, the token, and the run say about the reason."""

    def __init__(self, client: Client, response: ApiResponse, scope: Scope, api: Api) -> None:
        self._client = client
        self._context = client.context
        self._response = response
        self._scope = scope
        self._api = api
        self._needs = api.needs[scope.kind]
        self._noun = "organization" if scope.kind == "orgs" else "enterprise"
        self._prefix = next((prefix for prefix in TOKEN_KINDS if response.token.reveal().startswith(prefix)), "")

    def error(self) -> ApiError:
        """Return the error."""
        response = self._response
        message = quote_response(response)
        kind: type[ApiError]
        if response.status in (401, 403, 404, 422) and not isinstance(response.data, dict):
            kind, advice = (
                UnexpectedResponse,
                _Advice("The response is not JSON, so it is not from GitHub's API.", _API_URL),
            )
        elif response.status == 401:  # noqa: PLR2004 - statuses read best as numbers
            kind, advice = Unauthorized, self._advice_for_401()
        elif response.status == 403:  # noqa: PLR2004
            kind = Disabled if "policy must" in response.message else Forbidden
            advice = self._advice_for_reason() or self._advice_for_access()
        elif response.status == 404:  # noqa: PLR2004
            kind, advice = NotFound, self._advice_for_reason() or self._advice_for_404()
        elif response.status == 422:  # noqa: PLR2004
            kind, advice = Disabled, self._advice_for_422()
        elif response.status == 407:  # noqa: PLR2004
            kind = UnexpectedResponse
            advice = _Advice(
                "A proxy asks for a user name and a password.",
                "Add them to HTTPS_PROXY in the environment of this step.",
            )
        else:
            kind, advice = (
                UnexpectedResponse,
                _Advice(f"The expected response is 200 with {self._api.expected}.", _API_URL),
            )
        return kind(message, advice.action, why=advice.why, link=advice.link)

    def _advice_for_401(self) -> _Advice:
        if self._context.has_workflow_token:
            return self._advice_for_workflow_token()
        why = "The token is invalid, was revoked, or has expired."
        if not self._prefix:
            why += " It does not begin as GitHub's tokens do (such as ghp_ or github_pat_): is it another secret?"
        return self._advice_to_create_token(why, "a new token", "and store it in the secret that `token` reads")

    def _advice_for_reason(self) -> _Advice | None:
        """Return the advice for the reason in GitHub's message; None if it contains no known one."""
        sso = self._response.headers.get("X-GitHub-SSO", "")
        if "required" in sso or re.search(r"saml|single sign-on", self._response.message, re.IGNORECASE):
            return self._advice_for_single_sign_on(sso)
        match = reasons.find_reason(self._response.message)
        if match is None:
            return None
        reason = match.reason
        names = {"by": self._noun, "owner": self._scope.owner, "noun": self._noun, "remaining": self._accepted_tokens()}
        names |= match.groups
        page = reason.page if self._scope.kind == "orgs" else reason.enterprise_page
        link = self._token_page() if reason.token_page else page and self._context.page(page.format(**names))
        action = (self._scope.kind == "enterprises" and reason.enterprise_action) or reason.action
        return _Advice(reason.why.format(**names), action.format(**names), link)

    def _advice_for_single_sign_on(self, header: str) -> _Advice:
        owner = self._scope.owner
        why = f"The {self._noun} {owner} uses single sign-on, and the token is not authorized for it."
        link = re.search(r"url=([!-:<-~]+)", header)
        if link and self._is_on_server(link[1]):
            return _Advice(
                why,
                f"As the owner of the token, authorize it for {owner} on this page; the link works for an hour.",
                link[1],
            )
        if self._prefix in (OAUTH, APP_USER):
            page = f"/{'orgs' if self._scope.kind == 'orgs' else 'enterprises'}/{owner}/sso"
            return _Advice(why, "Sign in there, and authorize the app again.", self._context.page(page))
        action = f"Open the list of your tokens, and select Configure SSO next to this one, then Authorize for {owner}."
        return _Advice(why, action, self._context.page("/settings/tokens"))

    def _is_on_server(self, url: str) -> bool:
        """Return whether an address belongs to the GitHub server."""
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc == self._context.host

    def _accepted_tokens(self) -> str:
        """Return the kinds of tokens that work, without those that GitHub's message forbids."""
        message = self._response.message.lower()
        forbidden, _, suggested = message.partition("please use")
        classic = "(classic)" not in forbidden and (not suggested or "classic" in suggested)
        return self._usable_tokens(classic=classic, fine_grained="fine-grained" not in forbidden)

    def _usable_tokens(self, *, classic: bool = True, fine_grained: bool = True) -> str:
        """Return which tokens can read what was refused."""
        needs = self._needs
        kinds = [f"a classic token with the scope {_any_of(needs.scopes)}"] if classic else []
        if needs.permission:
            also = "a fine-grained token or " if fine_grained and FINE_GRAINED not in needs.excluded_prefixes else ""
            kinds.append(f"{also}a GitHub App with {needs.permission}")
        return ", or ".join(kinds) or "another kind of token"

    def _advice_for_access(self) -> _Advice:
        """Return the advice for a token that lacks access, by what GitHub and the kind of the token show."""
        if self._context.has_workflow_token:
            return self._advice_for_workflow_token()
        if self._prefix in self._needs.excluded_prefixes:
            why = f"The token is a {TOKEN_KINDS[self._prefix]}, which cannot read {self._api.what} of an {self._noun}."
            return _Advice(why, f"Use {self._usable_tokens()}.", self._token_page(new=True))
        scopes = self._scopes("X-OAuth-Scopes")
        if scopes is not None and self._prefix not in (FINE_GRAINED, APP_USER, APP):
            return self._advice_for_scope(scopes)
        if self._prefix in (FINE_GRAINED, APP_USER, APP):
            return self._advice_for_permission()
        kind = f" ({_a(TOKEN_KINDS[self._prefix])})" if self._prefix else ""
        why = f"The token{kind} may not read {self._api.what} of {self._scope.owner}: only {self._needs.people} can."
        return _Advice(why, f"Use {self._usable_tokens()}.", self._token_page(new=True))

    def _advice_for_scope(self, scopes: tuple[str, ...]) -> _Advice:
        """Return what a token lacks that has these scopes."""
        needed = self._scopes("X-Accepted-OAuth-Scopes") or self._needs.scopes
        every = self._includes(scopes)
        kind = TOKEN_KINDS.get(self._prefix, "token")
        if every.isdisjoint(needed):
            has = f"has the {'scope' if len(scopes) == 1 else 'scopes'} {_all_of(scopes)}" if scopes else "has no scope"
            why = f"The token ({_a(kind)}) {has}, and this needs {_any_of(needed)}."
            action = f"Add the scope {_any_of(needed)} to the token; its value stays the same."
            return _Advice(why, action, self._token_page())
        enough = next(one for one in needed if one in every)
        if self._response.message and not _GENERIC.search(self._response.message):
            why = (
                f"The token ({_a(kind)}) has the scope `{enough}`, which is enough: GitHub's message names the reason."
            )
            return _Advice(
                why, f"Follow GitHub's message. Those who can read {self._api.what} are {self._needs.people}."
            )
        why = (
            f"The token ({_a(kind)}) has the scope `{enough}`, but its owner may not read {self._api.what} of "
            f"{self._scope.owner}: only {self._needs.people} can."
        )
        action = "Ask an owner to create the token, or to assign such a role to the token's owner."
        roles = f"/organizations/{self._scope.owner}/settings/org_roles" if self._scope.kind == "orgs" else ""
        return _Advice(why, action, roles and self._context.page(roles))

    @staticmethod
    def _includes(scopes: tuple[str, ...]) -> set[str]:
        """Return these scopes with all that they include."""
        return {*scopes, *(one for scope in scopes for one in INCLUDED_SCOPES.get(scope, ()))}

    def _advice_for_permission(self) -> _Advice:
        """Return what a fine-grained token or a GitHub App lacks."""
        kind, owner = TOKEN_KINDS[self._prefix], self._scope.owner
        accepted = _permissions(self._response.headers.get("X-Accepted-GitHub-Permissions", ""))
        needed = accepted or self._needs.permission
        why = f"The token ({_a(kind)}) lacks {needed}."
        if self._prefix == FINE_GRAINED:
            why = (
                f"The token ({_a(kind)}) lacks {needed}, its resource owner is not {owner}, or it is not approved yet."
            )
            action = f"Give the token that permission, with {owner} as its resource owner."
            return _Advice(why, action, self._token_page())
        pages = {"orgs": f"/organizations/{owner}/settings/installations", "enterprises": f"/enterprises/{owner}"}
        action = f"Give the GitHub App that permission, and accept it where {owner} has installed the App."
        return _Advice(why, action, self._context.page(pages[self._scope.kind]))

    def _advice_for_workflow_token(self) -> _Advice:
        why = (
            "`token` is the workflow's own GITHUB_TOKEN, which cannot read Copilot metrics, whatever `permissions` say."
        )
        what = f"a classic token with the scope {_any_of(self._needs.scopes)}"
        return self._advice_to_create_token(why, what, "store it as a secret, and set `token` to that secret")

    def _advice_to_create_token(self, why: str, what: str, then: str) -> _Advice:
        """Return the advice to create a token, with links to where it is created and where it is stored."""
        page, secrets = self._token_page(new=True), self._context.secrets_page
        if not secrets:
            return _Advice(why, f"Create {what}, {then}.", page)
        return _Advice(why, f"Create {what} ({page}), {then}.", secrets)

    def _advice_for_404(self) -> _Advice:
        """Return what a 404 means: a name that does not exist, or a token that cannot see it."""
        if self._context.wants_metrics_api and self._context.is_on_github and self._api is METRICS_API:
            why = "GitHub closed the Copilot metrics API on 2026-04-02, and `api: metrics` requests it."
            return _Advice(why, "Remove `api: metrics` from the workflow.")
        if self._scope.team and (self._scope.kind == "enterprises" or self._owner_type() == "Organization"):
            return self._advice_for_missing_team()
        advice = (
            self._advice_for_missing_organization()
            if self._scope.kind == "orgs"
            else self._advice_for_missing_enterprise()
        )
        if self._context.is_on_github or self._api is LICENSES_API:
            return advice
        return replace(
            advice,
            why=f"{advice.why} GitHub Enterprise Server does not have the Copilot usage metrics API.",
            action=f"{advice.action} A server that has only the older API needs `api: metrics`.",
        )

    def _advice_for_missing_team(self) -> _Advice:
        owner, team = self._scope.owner, self._scope.team
        if self._cannot_read():
            return self._advice_for_access()
        why = f"There is no team `{team}` in {owner}, or the token cannot see it."
        pages = {"orgs": f"/orgs/{owner}/teams", "enterprises": f"/enterprises/{owner}/teams"}
        return _Advice(
            why, "Compare the slug in `scope` with the list of teams.", self._context.page(pages[self._scope.kind])
        )

    def _advice_for_missing_organization(self) -> _Advice:
        owner = self._scope.owner
        kind = self._owner_type()
        if kind == "User":
            why = f"`{owner}` is a person. GitHub has Copilot metrics of organizations and enterprises only."
            return _Advice(why, "Set `scope` to an organization (`orgs/NAME`) or an enterprise (`enterprises/SLUG`).")
        if kind == "":
            why = f"There is no organization `{owner}` on {self._context.host}{self._suggestion(owner)}"
            action = f"Correct the name in `scope`: it is the end of the address {self._context.page('/NAME')}."
            return _Advice(why, action)
        advice = self._advice_for_access()
        if kind == "Organization":
            return replace(advice, why=f"The organization {owner} exists. {advice.why}")
        return replace(
            advice,
            why=f"There is no organization `{owner}`, or the token cannot see it. {advice.why}",
            action=f"Check the name in `scope`. {advice.action}",
        )

    def _advice_for_missing_enterprise(self) -> _Advice:
        owner, slugs = self._scope.owner, self._context.page("/enterprises/SLUG")
        if self._cannot_read():
            return self._advice_for_access()
        why = (
            f"There is no enterprise `{owner}`, or the owner of the token may not read its Copilot metrics: only "
            f"{self._needs.people} can."
        )
        action = (
            f"Check the slug in `scope`: it is the end of the address {slugs}. If it is right, ask an owner of the "
            "enterprise to create the token."
        )
        return _Advice(why, action)

    def _cannot_read(self) -> bool:
        """Return whether the token is known to be of no use here, whatever exists."""
        scopes = self._scopes("X-OAuth-Scopes")
        return (
            self._context.has_workflow_token
            or self._prefix in self._needs.excluded_prefixes
            or (scopes is not None and self._includes(scopes).isdisjoint(self._needs.scopes))
        )

    def _owner_type(self) -> str | None:
        """Return who has the name: "Organization", "User", "" for nobody, or None if GitHub does not say."""
        known, owner = self._client.owner_types, self._scope.owner
        with self._client.owner_lock:
            if owner not in known:
                known[owner] = self._request_owner_type()
            return known[owner]

    def _request_owner_type(self) -> str | None:
        request = requests.Request("GET", f"/users/{quote(self._scope.owner)}")
        try:
            remaining = self._token().limiter.remaining
            if remaining is not None and remaining < _SPARE_REQUESTS:
                return None
            response = self._client.send(request, self._token)
        except ApiError:
            return None
        if response.status == requests.codes.not_found:
            return ""
        kind = response.data.get("type") if isinstance(response.data, dict) else None
        return kind if response.status == requests.codes.ok and isinstance(kind, str) else None

    def _token(self) -> AccessToken:
        return self._client.tokens.token_for(f"/{self._scope.owner_path}")

    def _suggestion(self, owner: str) -> str:
        """Return the end of the sentence about a name that does not exist."""
        own = self._context.repository.partition("/")[0].lower()
        near = own != owner and difflib.get_close_matches(owner, [own], 1)
        return f". Did you mean `{own}`?" if near else ", as far as the token can see."

    def _advice_for_422(self) -> _Advice:
        owner = self._scope.owner
        pages = {
            "orgs": f"/organizations/{owner}/settings/copilot/policies",
            "enterprises": f"/enterprises/{owner}/ai-controls/copilot",
        }
        return _Advice(
            self._api.disabled,
            "Enable it in the settings, or ask an owner to.",
            self._context.page(pages[self._scope.kind]),
        )

    def _token_page(self, *, new: bool = False) -> str:
        """Return the page with the tokens of a person, or the one to create a token that can read this."""
        if self._prefix == FINE_GRAINED and FINE_GRAINED not in self._needs.excluded_prefixes:
            return self._context.page(f"/settings/personal-access-tokens{'/new' if new else ''}")
        scopes = f"/new?scopes={self._needs.scopes[0]}&description=Copilot+metrics" if new else ""
        return self._context.page(f"/settings/tokens{scopes}")

    def _scopes(self, header: str) -> tuple[str, ...] | None:
        """Return the scopes that a header lists; None if it is not there."""
        text = self._response.headers.get(header)
        return None if text is None else tuple(re.findall(r"[\w:.-]+", text)[:20])


def _permissions(header: str) -> str:
    """Return what X-Accepted-GitHub-Permissions lists, as the settings show it; empty if it lists nothing."""
    sets = []
    for text in header.split(";")[:3]:
        pairs = re.findall(r"(\w{1,60})=(\w{1,20})", text)
        names = [f"“{PERMISSIONS.get(name, name)}” ({access})" for name, access in pairs]
        sets += [" and ".join(names)] if names else []
    return f"the permission {' or '.join(sets)}" if sets else ""


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOaeio' else 'a'} {noun}"


def _any_of(names: tuple[str, ...]) -> str:
    return _listed(names, "or")


def _all_of(names: tuple[str, ...]) -> str:
    return _listed(names, "and")


def _listed(names: tuple[str, ...], last: str) -> str:
    """Return names as code, such as `a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)
