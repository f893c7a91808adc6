"""What an answer that is no report means for the reader: what happened, why, and what to click.

GitHub's own reason in the body comes first (`reasons`), then what its headers say of the token, then what the token's
prefix says. Only what none of them says is worded as a possibility.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

import requests

from copilot_metrics.errors import ApiError, Disabled, Forbidden, NotFound, Unauthorized, UnexpectedAnswer
from copilot_metrics.github import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_metrics.github.caller import Caller
    from copilot_metrics.github.client import Answer, Client
    from copilot_metrics.scope import Scope

_CLASSIC, _OAUTH, _FINE_GRAINED, _APP_USER, _APP = "ghp_", "gho_", "github_pat_", "ghu_", "ghs_"
_KINDS = {
    _CLASSIC: "classic personal access token",
    _OAUTH: "OAuth app token",
    _FINE_GRAINED: "fine-grained personal access token",
    _APP_USER: "GitHub App user access token",
    _APP: "GitHub App installation token",
}
# What a scope includes: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
_INCLUDED = {
    "admin:org": ("write:org", "read:org"),
    "write:org": ("read:org",),
    "admin:enterprise": ("read:enterprise", "manage_billing:enterprise"),
}
# Permissions as X-Accepted-GitHub-Permissions names them, and as the settings of a token show them.
_PERMISSIONS = {
    "organization_copilot_metrics": "Organization Copilot metrics",
    "enterprise_copilot_metrics": "Enterprise Copilot metrics",
    "organization_copilot_seat_management": "GitHub Copilot Business",
    "organization_administration": "Administration",
    "members": "Members",
}
# Messages that give no reason of their own.
_GENERIC = re.compile(r"must have|must be an?|not accessible|not found|forbidden|not authorized", re.IGNORECASE)
_REQUESTS_TO_SPARE = 50  # with fewer left, none is made to explain a failure
_API_URL = "Check that api-url is the root of GitHub's REST API."


class Needs(NamedTuple):
    """What it takes to read something.

    Attributes:
        scopes: Any of these scopes, for a classic token or an OAuth app token.
        permission: For a fine-grained token or a GitHub App; empty if none will do.
        people: Who may read it.
        closed_to: Prefixes of the kinds of tokens that never work.
    """

    scopes: tuple[str, ...]
    permission: str
    people: str
    closed_to: tuple[str, ...] = ()


class Api(NamedTuple):
    """One of GitHub's APIs: what it serves, what a good answer looks like, and what it takes, by kind of owner."""

    what: str
    expected: str
    needs: Mapping[str, Needs]
    disabled: str


_OWNERS = "organization owners"
_ENTERPRISE_OWNERS = "enterprise owners and billing managers"
_OWNERS_AND_ROLE = f"{_OWNERS}, and people whose role has the permission “View Organization Copilot Metrics”"
_ENTERPRISE_OWNERS_AND_ROLE = (
    "enterprise owners, billing managers, and people whose role has the permission “View Enterprise Copilot Metrics”"
)
METRICS = Api(
    what="Copilot metrics",
    expected="a list of days",
    needs={
        "orgs": Needs(
            ("manage_billing:copilot", "read:org", "read:enterprise"),
            "the organization permission “GitHub Copilot Business” or “Administration” (read)",
            _OWNERS,
        ),
        "enterprises": Needs(
            ("manage_billing:copilot", "read:enterprise"), "", _ENTERPRISE_OWNERS, (_FINE_GRAINED, _APP_USER, _APP)
        ),
    },
    disabled="Usually the policy “Copilot Metrics API access” is off.",
)
USAGE = Api(
    what="Copilot metrics",
    expected="an object with download_links",
    needs={
        "orgs": Needs(
            ("read:org",), "the organization permission “Organization Copilot metrics” (read)", _OWNERS_AND_ROLE
        ),
        "enterprises": Needs(
            ("manage_billing:copilot", "read:enterprise"),
            "the enterprise permission “Enterprise Copilot metrics” (read)",
            _ENTERPRISE_OWNERS_AND_ROLE,
            (_FINE_GRAINED,),
        ),
    },
    disabled="Usually a setting is in the way, such as the policy “Copilot usage metrics”.",
)
TEAM_LISTS = Api(
    what="the list of teams",
    expected="a list of teams",
    needs={
        "orgs": Needs(("read:org",), "the organization permission “Members” (read)", "members of the organization"),
        "enterprises": Needs(
            ("read:enterprise",),
            "the enterprise permission “Enterprise teams” (read)",
            "members of the enterprise",
            (_FINE_GRAINED,),
        ),
    },
    disabled="The teams cannot be listed.",
)
SEATS = Api(
    what="Copilot licenses",
    expected="an object with seats",
    needs={
        "orgs": Needs(
            ("manage_billing:copilot", "read:org"),
            "the organization permission “GitHub Copilot Business” (read)",
            _OWNERS,
        ),
        "enterprises": Needs(
            ("manage_billing:copilot", "read:enterprise"),
            "the enterprise permission “Enterprise Copilot license management” (read)",
            _ENTERPRISE_OWNERS,
            (_FINE_GRAINED,),
        ),
    },
    disabled="It has no Copilot Business or Copilot Enterprise licenses that could be read.",
)


def kind_of(token: str) -> str:
    """Return the kind of a token by its prefix, in words."""
    return next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), "token of an unknown kind")


def failure(client: Client, answer: Answer, scope: Scope, api: Api) -> ApiError:
    """Return the error that an answer other than 200 is for a scope.

    If an organization is not found, one more request finds out whether a person or nobody has that name.
    """
    if (
        answer.status == requests.codes.not_found
        and api is METRICS
        and not (client.caller.wants_metrics_api or scope.team)
    ):
        answer, api = client.is_absent.get(scope.owner_path, answer), USAGE
    return _Refusal(client, answer, scope, api).error()


def quoted(answer: Answer) -> str:
    """Return what GitHub answered, as a sentence with its own words in quotes."""
    if not answer.message:
        return f"GitHub answered {answer.status}."
    end = "" if answer.message[-1] in ".!?" else "."
    return f"GitHub answered {answer.status}: “{answer.message}”{end}"


class _Advice(NamedTuple):
    """Why something happened, what to do, and on which page."""

    why: str
    action: str
    link: str = ""


class _Refusal:
    """A request that was refused, and all that is known about it."""

    def __init__(self, client: Client, answer: Answer, scope: Scope, api: Api) -> None:
        self._client = client
        self._caller: Caller = client.caller
        self._answer = answer
        self._scope = scope
        self._api = api
        self._needs = api.needs[scope.kind]
        self._noun = "organization" if scope.kind == "orgs" else "enterprise"
        self._prefix = next((prefix for prefix in _KINDS if answer.token.reveal().startswith(prefix)), "")

    def error(self) -> ApiError:
        """Return the error."""
        answer = self._answer
        message = quoted(answer)
        kind: type[ApiError]
        if answer.status in (401, 403, 404, 422) and not isinstance(answer.data, dict):
            kind, advice = UnexpectedAnswer, _Advice("GitHub's API would have answered in JSON.", _API_URL)
        elif answer.status == 401:  # noqa: PLR2004 - statuses read best as numbers
            kind, advice = Unauthorized, self._unauthorized()
        elif answer.status == 403:  # noqa: PLR2004
            kind = Disabled if "policy must" in answer.message else Forbidden
            advice = self._by_github() or self._lacking()
        elif answer.status == 404:  # noqa: PLR2004
            kind, advice = NotFound, self._by_github() or self._not_found()
        elif answer.status == 422:  # noqa: PLR2004
            kind, advice = Disabled, self._disabled()
        elif answer.status == 407:  # noqa: PLR2004
            kind = UnexpectedAnswer
            advice = _Advice(
                "A proxy stands between, and wants a name and a password.", "Put them into HTTPS_PROXY for this step."
            )
        else:
            kind, advice = UnexpectedAnswer, _Advice(f"Expected was 200 with {self._api.expected}.", _API_URL)
        return kind(message, advice.action, why=advice.why, link=advice.link)

    def _unauthorized(self) -> _Advice:
        if self._caller.has_workflow_token:
            return self._workflow_token()
        why = "The token is invalid, was revoked, or has expired."
        if not self._prefix:
            why += " It does not begin as GitHub's tokens do (such as ghp_ or github_pat_): is it another secret?"
        return self._with_new_token(why, "a new token", "and store it in the secret that `token` reads")

    def _by_github(self) -> _Advice | None:
        """Return what GitHub's own reason means; None if it gives no known one."""
        sso = self._answer.headers.get("X-GitHub-SSO", "")
        if "required" in sso or re.search(r"saml|single sign-on", self._answer.message, re.IGNORECASE):
            return self._single_sign_on(sso)
        found = reasons.find(self._answer.message)
        if found is None:
            return None
        reason = found.reason
        names = {"by": self._noun, "owner": self._scope.owner, "noun": self._noun, "remaining": self._remaining()}
        names |= found.groups
        page = reason.page if self._scope.kind == "orgs" else reason.enterprise_page
        link = self._token_page() if reason.token_page else page and self._caller.page(page.format(**names))
        action = (self._scope.kind == "enterprises" and reason.enterprise_action) or reason.action
        return _Advice(reason.why.format(**names), action.format(**names), link)

    def _single_sign_on(self, header: str) -> _Advice:
        owner = self._scope.owner
        why = f"The {self._noun} {owner} uses single sign-on, and the token is not authorized for it."
        link = re.search(r"url=([!-:<-~]+)", header)
        if link and self._is_own(link[1]):
            return _Advice(
                why,
                f"As the owner of the token, authorize it for {owner} on this page; the link works for an hour.",
                link[1],
            )
        if self._prefix in (_OAUTH, _APP_USER):
            page = f"/{'orgs' if self._scope.kind == 'orgs' else 'enterprises'}/{owner}/sso"
            return _Advice(why, "Sign in there, and authorize the app again.", self._caller.page(page))
        action = f"Open the list of your tokens, and select Configure SSO next to this one, then Authorize for {owner}."
        return _Advice(why, action, self._caller.page("/settings/tokens"))

    def _is_own(self, url: str) -> bool:
        """Whether an address is one of the server's own."""
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc == self._caller.host

    def _remaining(self) -> str:
        """Return the kinds of tokens that work, without those that GitHub's message forbids."""
        message = self._answer.message.lower()
        forbidden, _, suggested = message.partition("please use")
        classic = "(classic)" not in forbidden and (not suggested or "classic" in suggested)
        return self._usable(classic=classic, fine_grained="fine-grained" not in forbidden)

    def _usable(self, *, classic: bool = True, fine_grained: bool = True) -> str:
        """Return which tokens can read what was refused."""
        needs = self._needs
        kinds = [f"a classic token with the scope {_either(needs.scopes)}"] if classic else []
        if needs.permission:
            also = "a fine-grained token or " if fine_grained and _FINE_GRAINED not in needs.closed_to else ""
            kinds.append(f"{also}a GitHub App with {needs.permission}")
        return ", or ".join(kinds) or "another kind of token"

    def _lacking(self) -> _Advice:
        """Return what the token lacks, as far as GitHub says so or its kind tells."""
        if self._caller.has_workflow_token:
            return self._workflow_token()
        if self._prefix in self._needs.closed_to:
            why = f"The token is a {_KINDS[self._prefix]}, which cannot read {self._api.what} of an {self._noun}."
            return _Advice(why, f"Use {self._usable()}.", self._token_page(new=True))
        held = self._scopes("X-OAuth-Scopes")
        if held is not None and self._prefix not in (_FINE_GRAINED, _APP_USER, _APP):
            return self._lacking_scope(held)
        if self._prefix in (_FINE_GRAINED, _APP_USER, _APP):
            return self._lacking_permission()
        kind = f" ({_a(_KINDS[self._prefix])})" if self._prefix else ""
        why = f"The token{kind} may not read {self._api.what} of {self._scope.owner}: only {self._needs.people} can."
        return _Advice(why, f"Use {self._usable()}.", self._token_page(new=True))

    def _lacking_scope(self, held: tuple[str, ...]) -> _Advice:
        """Return what a token lacks that has these scopes."""
        needed = self._scopes("X-Accepted-OAuth-Scopes") or self._needs.scopes
        every = self._includes(held)
        kind = _KINDS.get(self._prefix, "token")
        if every.isdisjoint(needed):
            has = f"has the {'scope' if len(held) == 1 else 'scopes'} {_both(held)}" if held else "has no scope"
            why = f"The token ({_a(kind)}) {has}, and this needs {_either(needed)}."
            action = f"Add the scope {_either(needed)} to the token; its value stays the same."
            return _Advice(why, action, self._token_page())
        enough = next(one for one in needed if one in every)
        if self._answer.message and not _GENERIC.search(self._answer.message):
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
        action = "Ask an owner to create the token, or to give the token's owner such a role."
        roles = f"/organizations/{self._scope.owner}/settings/org_roles" if self._scope.kind == "orgs" else ""
        return _Advice(why, action, roles and self._caller.page(roles))

    @staticmethod
    def _includes(held: tuple[str, ...]) -> set[str]:
        """Return these scopes with all that they include."""
        return {*held, *(one for scope in held for one in _INCLUDED.get(scope, ()))}

    def _lacking_permission(self) -> _Advice:
        """Return what a fine-grained token or a GitHub App lacks."""
        kind, owner = _KINDS[self._prefix], self._scope.owner
        accepted = _permissions(self._answer.headers.get("X-Accepted-GitHub-Permissions", ""))
        needed = accepted or self._needs.permission
        why = f"The token ({_a(kind)}) lacks {needed}."
        if self._prefix == _FINE_GRAINED:
            why = (
                f"The token ({_a(kind)}) lacks {needed}, its resource owner is not {owner}, or it is not approved yet."
            )
            action = f"Give the token that permission, with {owner} as its resource owner."
            return _Advice(why, action, self._token_page())
        pages = {"orgs": f"/organizations/{owner}/settings/installations", "enterprises": f"/enterprises/{owner}"}
        action = f"Give the GitHub App that permission, and accept it where {owner} has installed the App."
        return _Advice(why, action, self._caller.page(pages[self._scope.kind]))

    def _workflow_token(self) -> _Advice:
        why = (
            "`token` is the workflow's own GITHUB_TOKEN, which cannot read Copilot metrics, whatever `permissions` say."
        )
        what = f"a classic token with the scope {_either(self._needs.scopes)}"
        return self._with_new_token(why, what, "store it as a secret, and set `token` to that secret")

    def _with_new_token(self, why: str, what: str, then: str) -> _Advice:
        """Return the advice to create a token, with links to where it is created and where it is stored."""
        page, secrets = self._token_page(new=True), self._caller.secrets_page
        if not secrets:
            return _Advice(why, f"Create {what}, {then}.", page)
        return _Advice(why, f"Create {what} ({page}), {then}.", secrets)

    def _not_found(self) -> _Advice:
        """Return what a 404 means: a name that does not exist, or a token that cannot see it."""
        if self._caller.wants_metrics_api and self._caller.on_github and self._api is METRICS:
            why = "GitHub closed the Copilot metrics API on 2026-04-02, and `api: metrics` requests it."
            return _Advice(why, "Remove `api: metrics` from the workflow.")
        if self._scope.team and (self._scope.kind == "enterprises" or self._owner_kind() == "Organization"):
            return self._not_found_team()
        advice = self._not_found_organization() if self._scope.kind == "orgs" else self._not_found_enterprise()
        if self._caller.on_github or self._api is SEATS:
            return advice
        return advice._replace(
            why=f"{advice.why} GitHub Enterprise Server does not have the Copilot usage metrics API.",
            action=f"{advice.action} A server that has only the older API needs `api: metrics`.",
        )

    def _not_found_team(self) -> _Advice:
        owner, team = self._scope.owner, self._scope.team
        if self._is_lacking():
            return self._lacking()
        why = f"There is no team `{team}` in {owner}, or the token cannot see it."
        pages = {"orgs": f"/orgs/{owner}/teams", "enterprises": f"/enterprises/{owner}/teams"}
        return _Advice(
            why, "Compare the slug in `scope` with the list of teams.", self._caller.page(pages[self._scope.kind])
        )

    def _not_found_organization(self) -> _Advice:
        owner = self._scope.owner
        kind = self._owner_kind()
        if kind == "User":
            why = f"`{owner}` is a person. GitHub has Copilot metrics of organizations and enterprises only."
            return _Advice(why, "Set `scope` to an organization (`orgs/NAME`) or an enterprise (`enterprises/SLUG`).")
        if kind == "":
            why = f"There is no organization `{owner}` on {self._caller.host}{self._near(owner)}"
            action = f"Correct the name in `scope`: it is the end of the address {self._caller.page('/NAME')}."
            return _Advice(why, action)
        lacking = self._lacking()
        if kind == "Organization":
            return lacking._replace(why=f"The organization {owner} exists. {lacking.why}")
        return lacking._replace(
            why=f"There is no organization `{owner}`, or the token cannot see it. {lacking.why}",
            action=f"Check the name in `scope`. {lacking.action}",
        )

    def _not_found_enterprise(self) -> _Advice:
        owner, slugs = self._scope.owner, self._caller.page("/enterprises/SLUG")
        if self._is_lacking():
            return self._lacking()
        why = (
            f"There is no enterprise `{owner}`, or the owner of the token may not read its Copilot metrics: only "
            f"{self._needs.people} can."
        )
        action = (
            f"Check the slug in `scope`: it is the end of the address {slugs}. If it is right, ask an owner of the "
            "enterprise to create the token."
        )
        return _Advice(why, action)

    def _is_lacking(self) -> bool:
        """Return whether the token is known to be of no use here, whatever exists."""
        held = self._scopes("X-OAuth-Scopes")
        return (
            self._caller.has_workflow_token
            or self._prefix in self._needs.closed_to
            or (held is not None and self._includes(held).isdisjoint(self._needs.scopes))
        )

    def _owner_kind(self) -> str | None:
        """Return who has the name: "Organization", "User", "" for nobody, or None if GitHub does not say."""
        known, owner = self._client.owner_kinds, self._scope.owner
        with self._client.owner_lock:
            if owner not in known:
                known[owner] = self._ask_owner_kind()
            return known[owner]

    def _ask_owner_kind(self) -> str | None:
        tokens, request = self._client.tokens, requests.Request("GET", f"/users/{quote(self._scope.owner)}")
        try:
            left = tokens.of(f"/{self._scope.owner_path}").budget.left
            if left is not None and left < _REQUESTS_TO_SPARE:
                return None
            answer = self._client.ask(request, lambda: tokens.of(f"/{self._scope.owner_path}"))
        except ApiError:
            return None
        kind = answer.data.get("type") if isinstance(answer.data, dict) else None
        return {requests.codes.ok: kind if isinstance(kind, str) else None, requests.codes.not_found: ""}.get(
            answer.status
        )

    def _near(self, owner: str) -> str:
        """Return the end of the sentence about a name that does not exist."""
        own = self._caller.repository.partition("/")[0].lower()
        near = own != owner and difflib.get_close_matches(owner, [own], 1)
        return f". Did you mean `{own}`?" if near else ", as far as the token can see."

    def _disabled(self) -> _Advice:
        owner = self._scope.owner
        pages = {
            "orgs": f"/organizations/{owner}/settings/copilot/policies",
            "enterprises": f"/enterprises/{owner}/ai-controls/copilot",
        }
        return _Advice(
            self._api.disabled,
            "Enable it in the settings, or ask an owner to.",
            self._caller.page(pages[self._scope.kind]),
        )

    def _token_page(self, *, new: bool = False) -> str:
        """Return the page with the tokens of a person, or the one to create a token that can read this."""
        if self._prefix == _FINE_GRAINED and _FINE_GRAINED not in self._needs.closed_to:
            return self._caller.page(f"/settings/personal-access-tokens{'/new' if new else ''}")
        scopes = f"/new?scopes={self._needs.scopes[0]}&description=Copilot+metrics" if new else ""
        return self._caller.page(f"/settings/tokens{scopes}")

    def _scopes(self, header: str) -> tuple[str, ...] | None:
        """Return the scopes that a header lists; None if it is not there."""
        text = self._answer.headers.get(header)
        return None if text is None else tuple(re.findall(r"[\w:.-]+", text)[:20])


def _permissions(header: str) -> str:
    """Return what X-Accepted-GitHub-Permissions lists, as the settings show it; empty if it lists nothing."""
    sets = []
    for text in header.split(";")[:3]:
        found = re.findall(r"(\w{1,60})=(\w{1,20})", text)
        names = [f"“{_PERMISSIONS.get(name, name)}” ({access})" for name, access in found]
        sets += [" and ".join(names)] if names else []
    return f"the permission {' or '.join(sets)}" if sets else ""


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOaeio' else 'a'} {noun}"


def _either(names: tuple[str, ...]) -> str:
    return _listed(names, "or")


def _both(names: tuple[str, ...]) -> str:
    return _listed(names, "and")


def _listed(names: tuple[str, ...], last: str) -> str:
    """Return names as code, such as `a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)
