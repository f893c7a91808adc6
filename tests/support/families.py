"""Families of endpoints, each with a run in which any response of the family can fail."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from copilot_metrics.clock import Limits
from sample_github.apps import App
from sample_github.github import TOKEN
from sample_github.repository import SampleRepository, everything
from sample_github.server import SampleApi
from support.commits import WRITER, git
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sample_github.faults import Fault
    from support.runs import Run

CLIENT_ID = "Iv23liOfTheSample"
TEAM = "orgs/octo-org/team/blue"
LIMITS = Limits(silence=2, total=1, size=8 * 1024 * 1024)
"""Limits that end a slow response soon, and a good one hardly ever."""
_PERMISSIONS = {
    "organization_copilot_metrics": "read",
    "organization_copilot_seat_management": "read",
    "members": "read",
}


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of endpoint: what its requests look like, and what makes a run ask it.

    `days` are those of an earlier report and of a later one. Where the later is shorter, it asks for no single days, so
    that nothing new is learnt where it fails.

    `there` is what the repository has before: nothing, its default branch, or also the branch with a report. By then
    the commit is on the branch (`committed`), or this is what puts it there (`effect`).
    """

    path: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    older: bool = False
    days: tuple[str, str] = ("15", "14")
    there: Literal["nothing", "default", "report"] = "report"
    committed: bool = False
    effect: bool = False

    @property
    def commits(self) -> bool:
        return "commit" in self.inputs

    @property
    def of_an_app(self) -> bool:
        return "app_id" in self.inputs


_REPORTS, _FILES, _REPOSITORY = "^/orgs/octo-org/copilot/metrics/reports/", "^/download/.*/", "^/repos/octo-org/metrics"
_OLDER = {"api": "metrics", "licenses": "none"}
_COMMIT = {**_OLDER, "commit": "true", "commit_repository": "octo-org/metrics", "commit_token": WRITER}
_PULL = {**_COMMIT, "pull_request": "true"}
_APP = {"token": "", "app_id": CLIENT_ID, "licenses": "none"}

FAMILIES = {
    "older metrics": Family(r"octo-org/copilot/metrics(\?|$)", _OLDER, older=True),
    "28-day report": Family(f"{_REPORTS}organization-28-day"),
    "one-day report": Family(f"{_REPORTS}organization-1-day", days=("7", "15")),
    "repositories": Family(f"{_REPORTS}repos-1-day", {"repository-breakdown": "true"}),
    "users": Family(f"{_REPORTS}users-28-day", {"scope": TEAM}),
    "user-teams": Family(f"{_REPORTS}user-teams-1-day", {"scope": TEAM}),
    "report file": Family(f"{_FILES}organization_28_day"),
    "users file": Family(f"{_FILES}users_28_day", {"scope": TEAM}),
    "teams list": Family("octo-org/teams", {**_OLDER, "scope": "orgs/octo-org/team/*"}, older=True),
    "seats": Family("billing/seats", {"licenses": "details"}),
    "billing": Family("billing$"),
    "installation": Family("octo-org/installation$", _APP),
    "App token": Family("access_tokens$", _APP),
    "revocation": Family("^/installation/token$", _APP),
    "repository": Family(f"{_REPOSITORY}$", _COMMIT, older=True),
    "ref": Family(f"{_REPOSITORY}/git/ref/heads/", _COMMIT, older=True),
    "archive link": Family(f"{_REPOSITORY}/tarball/", _COMMIT, older=True),
    "archive": Family("^/archives/", _COMMIT, older=True),
    "contents": Family(f"{_REPOSITORY}/git/trees$", _COMMIT, older=True),
    "commit": Family(f"{_REPOSITORY}/git/commits$", _COMMIT, older=True),
    "branch": Family(f"{_REPOSITORY}/git/refs/heads/", _COMMIT, older=True, effect=True),
    "new branch": Family(f"{_REPOSITORY}/git/refs$", _COMMIT, older=True, there="default", effect=True),
    "first commit": Family(f"{_REPOSITORY}/contents/", _COMMIT, older=True, there="nothing", effect=True),
    "pulls": Family(rf"{_REPOSITORY}/pulls\?", _PULL, older=True),
    "new pull request": Family(
        f"{_REPOSITORY}/pulls$", _PULL, older=True, there="default", committed=True, effect=True
    ),
    "pull request": Family(f"{_REPOSITORY}/pulls/1$", _PULL, older=True, committed=True, effect=True),
}


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def pem() -> str:
    """Return the private key of the App."""
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        .decode()
    )


def app() -> App:
    """Return the App, as it is installed in octo-org."""
    public = (
        key().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return App(CLIENT_ID, public.decode(), {"orgs/octo-org": _PERMISSIONS})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left: itself, files, the branch's tree, pull requests, what it waited for, and secrets in play."""

    run: Run
    files: dict[str, bytes]
    tree: str
    pulls: list[str]
    slept: list[float]
    secrets: list[str]


def run_in(
    family: Family, folder: Path, inputs: Mapping[str, str], fault: Fault | None = None, times: int = 0
) -> Outcome:
    """Run in a folder with the workspace and the repository of earlier runs, and return its result."""
    workspace = folder / "workspace"
    workspace.mkdir(parents=True, exist_ok=True)
    repository = _repository(folder) if family.commits else None
    known = app() if family.of_an_app else None
    inputs_value = {**({"app_private_key": pem()} if known else {}), **family.inputs, **inputs}
    waits = Waits(limits=LIMITS)
    with SampleApi(
        TODAY, usage_metrics=() if family.older else ("*",), repositories=[repository] if repository else (), app=known
    ) as api:
        if fault is not None:
            api.fail(family.path, fault, times)
        result = run(workspace, api.url, waits=waits, **inputs_value)
    tree, pulls = _held(repository) if repository else ("", [])
    (folder / "pulls").write_text(json.dumps(pulls))
    secrets = [
        TOKEN,
        WRITER,
        pem(),
        "of-this-archive",
        "link-secret",
        *api.signatures,
        *(known.created if known else ()),
    ]
    return Outcome(result, result.files(), tree, [_wording(pull) for pull in pulls], waits.slept, secrets)


def _repository(folder: Path) -> SampleRepository:
    """Return the repository in a folder, with the pull requests of earlier runs."""
    text = folder / "pulls"
    pulls = json.loads(text.read_text()) if text.exists() else []
    return SampleRepository(
        folder / "metrics.git", writers=everything(WRITER), pulls={pull["number"]: pull for pull in pulls}
    )


def _held(repository: SampleRepository) -> tuple[str, list[dict[str, Any]]]:
    """Return the tree of the branch, empty where it is missing, and the pull requests."""
    there = git(repository.path, "for-each-ref", "--format=%(tree)", "refs/heads/copilot-metrics")
    return there, list(repository.pulls.values())


def _wording(pull: dict[str, Any]) -> str:
    """Return what people read of a pull request, but for the server and the commit that it links to."""
    return re.sub(r"http://[^/]+|[0-9a-f]{40}", "", f"{pull['number']} {pull['state']} {pull['title']}: {pull['body']}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A family with what an earlier run left in `folder`, and what a later one makes of that where nothing happens."""

    family: Family
    folder: Path
    before: Outcome
    without_fault: Outcome
    without: Outcome
    """The same where nothing is known of licenses."""

    def again(self, folder: Path, fault: Fault, times: int) -> Outcome:
        """Return the result of a later run with a fault, in a copy of the folder."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return run_in(self.family, folder, {"days": self.family.days[1]}, fault, times)


def prepare(family: Family, folder: Path) -> Prepared:
    """Make the earlier run, and the later one without a fault."""
    earlier = folder / "earlier"
    if family.commits and family.there != "nothing":
        _begin(_repository(earlier), folder)
    more = {} if family.there == "report" else {"commit": "false", "pull_request": "false"}
    before = run_in(family, earlier, {"days": family.days[0], **more})
    items = []
    for name in ("without_fault", "without"):
        shutil.copytree(earlier, folder / name)
        more = {"licenses": "none"} if name == "without" else {}
        items.append(run_in(family, folder / name, {"days": family.days[1], **more}))
    return Prepared(family, earlier, before, *items)


def _begin(repository: SampleRepository, folder: Path) -> None:
    """Return a default branch for the repository."""
    git(folder, "clone", "--quiet", str(repository.path), "clone")
    (folder / "clone/README.md").write_text("# Ours\n")
    git(folder / "clone", "add", "--all")
    git(folder / "clone", "commit", "--quiet", "--message", "Begin")
    git(folder / "clone", "push", "--quiet", "origin", "HEAD:main")
