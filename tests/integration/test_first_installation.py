# ruff: noqa: E501 - GitHub's sentences are long
"""Typical mistakes of a first installation: what a person who has never seen the project reads, and where to click.

Each mistake has the key sentences of its one annotation; the first section of the job summary has the same sentences.
"""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from copilot_metrics import cli
from sample_github.faults import Body, Fault, RateLimit, Status
from sample_github.github import TOKEN
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support import runs
from support.commits import WRITER
from support.runs import TODAY, Waits

if TYPE_CHECKING:
    from pathlib import Path

FINE_GRAINED, OAUTH, OWN = "github_pat_invented0123456789", "gho_invented0123456789", "ghs_of-the-workflow"
TOKENS = dict.fromkeys((TOKEN, FINE_GRAINED, OAUTH, OWN), ("*",))
ENTERPRISE = {"scope": "enterprises/octo-enterprise"}
SECRETS = "https://github.com/octo-org/metrics/settings/secrets/actions"
WORKFLOW = "https://github.com/octo-org/metrics/blob/main/.github/workflows/copilot.yml"
NEW_TOKEN = "https://github.com/settings/tokens/new?scopes=read:org&description=Copilot+metrics"
SSO = "https://github.com/orgs/octo-org/sso?authorization_request=A1B2C3"
CREDENTIALS = "Although you appear to have the correct authorization credentials, the `octo-org` organization has "


class Mistake(NamedTuple):
    """What the API answers, if it does not answer as usual, the inputs, and what is read."""

    sentences: tuple[str, ...]
    fault: Fault | None = None
    inputs: dict[str, str] = {}  # noqa: RUF012 - never changed
    where: str = "/reports/|/copilot/metrics"


def refused(message: str, *sentences: str, token: str = TOKEN, status: int = 403, **headers: str) -> Mistake:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Mistake(sentences, Status(status, message, named), {"token": token})


MISTAKES = {
    "no secret": Mistake(
        ("`token` is empty. Does the secret exist in this repository, and is its name spelled as in the workflow?", SECRETS),
        inputs={"token": ""},
    ),
    "invalid secret": Mistake(
        ("`token` must be one token", "Create or replace the secret on this page", SECRETS), inputs={"token": "two words"}
    ),
    "invalid secret and input": Mistake(
        (
            "`days`", "Create or replace the secret on this page", SECRETS,
            "Correct the other inputs in the workflow", WORKFLOW,
        ),
        inputs={"token": "two words", "days": "many"},
    ),
    "org as an input": Mistake(
        ("`org` is not an input. Did you mean `organization`?", "Correct this in the workflow", WORKFLOW),
        inputs={"org": "octo-labs"},
    ),
    "token as scope": Mistake(("`scope` looks like a token.",), inputs={"scope": FINE_GRAINED}),
    "expired token": refused(
        "Bad credentials", "GitHub answered 401: “Bad credentials”.", "was revoked, or has expired", NEW_TOKEN, SECRETS, status=401
    ),
    "another secret": Mistake(("does not begin as GitHub's tokens do", SECRETS), inputs={"token": "hunter2-hunter2"}),
    "the workflow's own token": Mistake(
        ("`token` is the workflow's own GITHUB_TOKEN", "store it as a secret", NEW_TOKEN, SECRETS),
        Status(403, "Resource not accessible by integration"), {"token": OWN, "commit_token": OWN},
    ),
    "the workflow's own token, not found": Mistake(
        ("The organization octo-org exists.", "`token` is the workflow's own GITHUB_TOKEN"),
        Status(404, "Not Found"), {"token": OWN, "commit_token": OWN},
    ),
    "missing scope": refused(
        "Must have admin rights to SampleRepository.",
        "has the scopes `repo` and `workflow`, and this needs `read:org`.", "https://github.com/settings/tokens",
        X_OAuth_Scopes="repo, workflow", X_Accepted_OAuth_Scopes="read:org",
    ),
    "missing scope, not found": refused(
        "Not Found", "The organization octo-org exists.", "has no scope, and this needs `read:org`", status=404, X_OAuth_Scopes="",
    ),
    "plain member": refused(
        "Must have admin rights to SampleRepository.", "has the scope `read:org`, but its owner may not read",
        "“View Organization Copilot Metrics”", "https://github.com/organizations/octo-org/settings/org_roles",
        X_OAuth_Scopes="admin:org", X_Accepted_OAuth_Scopes="read:org",
    ),
    "missing permission": refused(
        "Resource not accessible by personal access token",
        "lacks the permission “Organization Copilot metrics” (read)", "its resource owner is not octo-org",
        "https://github.com/settings/personal-access-tokens", token=FINE_GRAINED,
        X_Accepted_GitHub_Permissions="organization_copilot_metrics=read",
    ),
    "App without permission": Mistake(
        ("GitHub App installation token", "https://github.com/organizations/octo-org/settings/installations"),
        Status(403, "Resource not accessible by integration"), {"token": OWN},
    ),
    "classic tokens forbidden": refused(
        "`octo-org` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal "
        "access token with fine-grained permissions.",
        "The organization octo-org does not accept classic personal access tokens.", "Use a fine-grained token or a GitHub App",
        "https://github.com/organizations/octo-org/settings/personal-access-tokens",
    ),
    "fine-grained tokens forbidden": refused(
        "`octo-org` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, or an "
        "OAuth App.",
        "does not accept fine-grained personal access tokens. Use a GitHub App with", token=FINE_GRAINED,
    ),
    "lifetime too long": refused(
        "The 'octo-org' organization forbids access via a fine-grained personal access tokens if the token's lifetime is "
        "greater than 90 days.",
        "The organization accepts only tokens that expire within 90 days.", "Regenerate the token", token=FINE_GRAINED,
    ),
    "no single sign-on": refused(
        "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this "
        "organization.", "uses single sign-on, and the token is not authorized for it.", SSO,
        X_GitHub_SSO=f"required; url={SSO}",
    ),
    "single sign-on elsewhere": refused(
        "Resource protected by organization SAML enforcement.", "select Configure SSO next to this one",
        "https://github.com/settings/tokens", X_GitHub_SSO="required; url=https://github.com.example.com/sso?sig=hidden",
    ),
    "IP allow list": refused(
        f"{CREDENTIALS}an IP allow list enabled, and your IP address is not permitted to access this resource.",
        "does not contain the address of this runner", "https://github.com/organizations/octo-org/settings/security",
    ),
    "OAuth app not approved": refused(
        f"{CREDENTIALS}enabled OAuth App access restrictions, meaning that data access to third-parties is limited.",
        "has not approved the OAuth app", "https://github.com/organizations/octo-org/settings/oauth_application_policy",
        token=OAUTH,
    ),
    "suspended account": refused("Sorry. Your account was suspended", "GitHub suspended the account"),
    "managed user": refused(
        "Unauthorized: As an Enterprise Managed User, you cannot access this content", "The token belongs to a managed user"
    ),
    "policy off": refused(
        "The 'Copilot usage metrics' policy must be enabled to use this API", "The policy “Copilot usage metrics” is off.",
        "under AI controls > Copilot", "https://github.com/organizations/octo-org/settings/copilot/policies",
    ),
    "misspelled organization": Mistake(
        ("There is no organization `octo-ogr` on github.com. Did you mean `octo-org`?",), inputs={"scope": "orgs/octo-ogr"}
    ),
    "a person": Mistake(("`monalisa` is a person.", "`orgs/NAME`"), inputs={"scope": "orgs/monalisa"}),
    "misspelled enterprise": Mistake(
        ("There is no enterprise `octo-enterprize`", "https://github.com/enterprises/SLUG"),
        inputs={"scope": "enterprises/octo-enterprize"},
    ),
    "fine-grained token for an enterprise": Mistake(
        ("cannot read Copilot metrics of an enterprise", "`manage_billing:copilot` or `read:enterprise`"),
        inputs=ENTERPRISE | {"token": FINE_GRAINED},
    ),
    "enterprise without scope": Mistake(
        ("has the scope `read:org`, and this needs `manage_billing:copilot` or `read:enterprise`.",),
        Status(404, "Not Found", {"X-OAuth-Scopes": "read:org"}), ENTERPRISE,
    ),
    "policy of an enterprise off": Mistake(
        ("Set it to “Enabled everywhere”", "https://github.com/enterprises/octo-enterprise/ai-controls/copilot"),
        Status(403, "The 'Copilot usage metrics' policy must be enabled to use this API"), ENTERPRISE,
    ),
    "the closed API": Mistake(
        ("GitHub closed the Copilot metrics API on 2026-04-02", "Remove `api: metrics` from the workflow."),
        Status(404, "Not Found"), {"api": "metrics"},
    ),
    "invalid inputs": Mistake(
        ("`days`", "`charts`", "https://github.com/octo-org/metrics/blob/main/.github/workflows/copilot.yml"),
        inputs={"days": "many", "charts": "some"},
    ),
    "api-url of the web site": Mistake(("is not JSON", "Check that api-url is the root"), Body(b"<html>", "text/html")),
    "rate limit": Mistake(("GitHub's rate limit asks to wait 3,600 s", "Raise max-wait-minutes"), RateLimit(3600, 429)),
    "GitHub is down": Mistake(("the server answered 503, 5 times in a row", "githubstatus.com"), Status(503)),
    "another policy": refused(
        "Access denied: the conditional access policy of your enterprise blocks this token.",
        "conditional access policy of your enterprise blocks this token.", "classic personal access token",
    ),
    "unknown reason": refused("No, thank you.", "GitHub answered 403: “No, thank you.”", "GitHub's message names the reason"),
}  # fmt: skip


def job(folder: Path, url: str, **inputs: str) -> tuple[int, str, str]:
    """Return the exit status, the log, and the job summary of a workflow of octo-org/metrics."""
    environ = runs.environ(folder, url, **inputs) | {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "octo-org/metrics",
        "GITHUB_WORKFLOW_REF": "octo-org/metrics/.github/workflows/copilot.yml@refs/heads/main",
    }
    log = io.StringIO()
    status = cli.run([], environ, log, Waits().clock())
    summary = folder / "summary"
    return status, log.getvalue(), summary.read_text() if summary.exists() else ""


def plain(text: str) -> str:
    """Markdown or a workflow command as it is read."""
    text = re.sub(r"</?code>", "`", html.unescape(text))
    return text.replace("\\", "").replace("**", "").replace("%0A", "\n").replace("%25", "%")


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("job_summary", ["true", "false"])
def test_each_mistake_is_one_annotation_and_the_first_section_of_the_summary(
    tmp_path: Path, name: str, job_summary: str
) -> None:
    mistake = MISTAKES[name]
    with SampleApi(TODAY, tokens=TOKENS, usage_metrics=("*",)) as api:
        if mistake.fault:
            api.fail(mistake.where, mistake.fault, times=50)
        status, log, summary = job(tmp_path, api.url, job_summary=job_summary, **mistake.inputs)
    errors = [line for line in log.splitlines() if line.startswith("::error")]
    assert status == 1
    assert len(errors) == 1, log
    assert log.splitlines()[-1] == errors[0]
    assert summary.startswith("# Copilot metrics: no new report\n\n## ")
    for sentence in mistake.sentences:
        assert sentence in plain(errors[0])
        for part in sentence.split(". "):  # what happened, why, and what to do are paragraphs
            assert part.removesuffix(".") in plain(summary)
    for wrong in ("Traceback", TOKEN, FINE_GRAINED, "sig=hidden", "0 files", "needs `api: metrics`"):
        assert wrong not in log + summary


def test_a_failed_commit_is_explained_above_the_report(tmp_path: Path) -> None:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER), archived=True)
    with SampleApi(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        status, log, summary = job(
            tmp_path, api.url, commit="true", commit_repository="octo-org/metrics", commit_token=WRITER
        )
    assert status == 1
    assert log.count("::error") == 1
    assert summary.startswith(
        "# Copilot metrics: the report could not be published\n\n## Commit\n\n**What happened:** "
    )
    assert "The report is complete, and follows below. The files are in `copilot-metrics` of the workspace." in summary
    assert summary.index("follows below") < summary.index("# Copilot at octo-org")


def test_the_last_good_report_is_linked_on_its_branch(tmp_path: Path) -> None:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    inputs = {"commit": "true", "commit_repository": "octo-org/metrics", "commit_token": WRITER}
    with SampleApi(TODAY, usage_metrics=("*",), repositories=[repository]) as api:
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        second.mkdir()
        assert job(first, api.url, **inputs)[0] == 0
        api.fail("/reports/", Status(401, "Bad credentials"), times=50)
        _, _, summary = job(second, api.url, **inputs)
        page = f"{api.url}/octo-org/metrics/blob/copilot-metrics/copilot-metrics/orgs/octo-org/README.md"
    assert f"**Last good report:** October 24 – November 20, 2026, [orgs/octo-org/README.md]({page})" in summary


def test_the_last_good_report_is_named_in_the_output_directory(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        assert job(tmp_path, api.url)[0] == 0
        (tmp_path / "summary").write_text("")
        api.fail("/reports/", Status(401, "Bad credentials"), times=50)
        _, _, summary = job(tmp_path, api.url)
    last = "**Last good report:** October 24 – November 20, 2026, in `copilot-metrics/orgs/octo-org/README.md` of"
    assert last in summary


def test_one_cause_of_several_failures_is_explained_once(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail("/reports/", Status(503), times=50)
        _, log, summary = job(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-labs")
    assert log.count("::error") == 1
    assert "## GitHub is not answering: `orgs/octo-org`, `orgs/octo-labs`" in summary
    assert summary.count("What happened") == 1


def test_no_data_is_an_error_if_so_wanted(tmp_path: Path) -> None:
    reports = {("orgs/octo-org", "organization-28-day/latest", ""): None}
    with SampleApi(TODAY, usage_metrics=("*",), reports=reports) as api:
        api.fail("organization-1-day", Status(204), times=99)
        status, log, summary = job(tmp_path, api.url, if_no_data="error")
    assert status == 1
    assert log.count("::error title=No data::") == 1
    assert "## No data" in summary


def test_a_check_that_fails_on_github_is_one_annotation_and_a_section_of_the_summary(tmp_path: Path) -> None:
    log = io.StringIO()
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail("/reports/", Status(401, "Bad credentials"), times=50)
        assert cli.run(["check"], runs.environ(tmp_path, api.url), log, Waits().clock()) == 1
    assert log.getvalue().count("::error title=Token not valid::orgs/octo-org: GitHub answered 401") == 1
    assert "## Token not valid: `orgs/octo-org`" in (tmp_path / "summary").read_text()
