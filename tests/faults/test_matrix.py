"""Every family of endpoints, and all that may go wrong with it: what a user reads, and what is on the disk then.

Each cell is a run after an earlier one that went well. It either comes to the same bytes as where nothing happened, or
it says why not and what to do, once, and does not change earlier files.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sample_github.faults import (
    AfterRequest,
    Body,
    Dribble,
    HalfBody,
    HalfHeaders,
    Huge,
    RateLimit,
    Redirect,
    Status,
    TruncatedGzip,
    WrongClock,
)
from support import leaks
from support.families import FAMILIES, LIMITS, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_github.faults import Fault
    from support.families import Outcome, Prepared

ONCE, ALWAYS = 1, 1000
HOUR = 3600


class Message(NamedTuple):
    """The title of the one annotation, and a part of what it says to do."""

    title: str
    remedy: str
    kind: str = "error"


RECOVERED = None  # no message, and the files are those of a run without the fault
SILENT = Message("", "")  # a message in the log only, and no licenses
CHECK = "Check that api-url is the root of GitHub's REST API"
UNEXPECTED, UNAVAILABLE = "Unexpected response", "GitHub is not answering"
LATER = Message(UNAVAILABLE, "run the workflow again later")
ROOT, COMMIT_ROOT = Message(UNEXPECTED, CHECK), Message("Commit", CHECK)
BETWEEN = Message(UNEXPECTED, "Check whether a proxy changes responses of the host of the files")
LINK = Message(UNEXPECTED, "check the clock of this machine")
DEFECT = Message(UNEXPECTED, "server is GitHub's own, please report it")
PASSES = Message("Commit", "Usually the next run succeeds.")
PERMIT = Message("Commit", "write` under `permissions:`")
HTML, NUMBER, OBJECT = Body(b"<html>", "text/html"), Body(b"7"), Body(b'{"surprise": [7]}')
ELSEWHERE = "https://elsewhere.example.com/x?sig=link-secret"

# What happens: the fault, how often, and what comes of it: of GitHub's API, of a file behind a link, of a commit.
FAULTS: dict[str, tuple[Fault, int, Message | None, Message | None, Message | None]] = {
    "500 once": (Status(500), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "500 always": (Status(500), ALWAYS, LATER, LATER, PASSES),
    "202 once": (Status(202, "Accepted"), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "202 always": (Status(202, "Accepted"), ALWAYS, LATER, LATER, PASSES),
    "429 with Retry-After": (RateLimit(30, 429), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "429 without Retry-After": (Status(429, "Too many"), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "429 for an hour": (
        RateLimit(HOUR, 429), ALWAYS, Message("Rate limit", "Raise max-wait-minutes"),
        LATER, Message("Commit", "Raise max-wait-minutes"),
    ),
    "a secondary rate limit": (RateLimit(30), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "one with only a message": (
        Status(403, "You have exceeded a secondary rate limit."), ONCE, RECOVERED, RECOVERED, RECOVERED,
    ),
    "one by another clock": (
        WrongClock(5 * HOUR, RateLimit(30, by_reset=True)), ONCE, RECOVERED, RECOVERED, RECOVERED,
    ),
    "a clock that is wrong": (WrongClock(-7 * HOUR), ALWAYS, RECOVERED, RECOVERED, RECOVERED),
    "401": (
        Status(401, "Bad credentials"), ALWAYS,
        Message("Token not valid", "Create a new token"), LINK, Message("Commit", "Create a new token"),
    ),
    "403": (
        Status(403, "Resource not accessible"), ALWAYS,
        Message("Not permitted", "Ask an owner to create the token"), LINK, PERMIT,
    ),
    "404": (
        Status(404, "Not Found"), ALWAYS,
        Message("Not found", "The organization octo-org exists."), LINK, Message("Commit", "Check `commit-repository`"),
    ),
    "422": (
        Status(422, "Switched off"), ALWAYS,
        Message("Copilot metrics are disabled", "ask an owner to"), LINK,
        Message("Commit", "Check `commit-repository`"),
    ),
    "dropped in the headers once": (HalfHeaders(), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "dropped in the headers always": (HalfHeaders(), ALWAYS, ROOT, BETWEEN, COMMIT_ROOT),
    "dropped in the body once": (HalfBody(), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "dropped in the body always": (HalfBody(), ALWAYS, LATER, LATER, PASSES),
    "a byte a second": (Dribble(1), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "gzip cut short once": (TruncatedGzip(), ONCE, RECOVERED, RECOVERED, RECOVERED),
    "gzip cut short always": (TruncatedGzip(), ALWAYS, ROOT, BETWEEN, COMMIT_ROOT),
    "garbage": (HTML, ALWAYS, ROOT, DEFECT, COMMIT_ROOT),
    "half of JSON": (Body(b'{"a": '), ALWAYS, ROOT, DEFECT, COMMIT_ROOT),
    "a number": (NUMBER, ALWAYS, ROOT, DEFECT, COMMIT_ROOT),
    "an object of another shape": (OBJECT, ALWAYS, ROOT, DEFECT, COMMIT_ROOT),
    "huge": (Huge(LIMITS.size + 1), ALWAYS, ROOT, BETWEEN, COMMIT_ROOT),
    "a redirect elsewhere": (
        Redirect(ELSEWHERE), ALWAYS,
        Message(UNEXPECTED, "Set api-url to the host"), Message(UNEXPECTED, "allowed-download-hosts"),
        COMMIT_ROOT,
    ),
    "an expired link": (Status(403, "AuthenticationFailed"), ONCE, SILENT, RECOVERED, SILENT),  # of files only
    "a link not found once": (Status(404, "BlobNotFound"), ONCE, SILENT, RECOVERED, SILENT),
}  # fmt: skip
OF_FILES_ONLY = ("an expired link", "a link not found once")
# PyGithub repeats a GET as long as the status is 202, and limits the time between two bytes only.
NOT_WITH_PYGITHUB = ("202 once", "202 always", "a byte a second")
# PyGithub accepts any response to an edit of a pull request, and an empty response as an empty list of them.
PYGITHUB_ACCEPTS = {
    "pull request": ("garbage", "an object of another shape", "huge", "a redirect elsewhere"),
    "pulls": ("dropped in the headers always",),
}

# What is not as the table says: by family, for each of these faults or for every one that is not recovered from.
BACKFILL = Message("Backfill not complete", "Raise max-wait-minutes", "warning")
APP_REFUSED = Message("Not permitted", "may be suspended")
APP_UNKNOWN = Message("Token not valid", "Check app-id and app-private-key, and the clock")
APP_ABSENT = Message("Not found", "is not installed there")
OTHERWISE: dict[str, dict[str, Message | None]] = {
    "one-day report": {"429 for an hour": BACKFILL},
    "user-teams": {"429 for an hour": BACKFILL},
    "users": {"404": RECOVERED},  # single days serve as well
    "users file": dict.fromkeys(FAULTS, RECOVERED),  # the same
    "billing": dict.fromkeys(("401", "403", "404", "422"), SILENT),  # by default, only if the token can read them
    "older metrics": {"404": Message("Not found", "Remove `api: metrics`")},
    "installation": {"401": APP_UNKNOWN, "403": APP_REFUSED, "404": APP_ABSENT, "422": APP_REFUSED},
    "App token": {"401": APP_UNKNOWN, "403": APP_REFUSED, "404": APP_ABSENT, "422": APP_REFUSED},
    "revocation": dict.fromkeys(FAULTS, RECOVERED),  # the log names a token that cannot be revoked
    "archive link": dict.fromkeys(FAULTS, RECOVERED),  # its files are requested one by one
    "archive": dict.fromkeys(FAULTS, RECOVERED),
    "ref": {"404": Message("Commit", "the same concurrency group")},  # it is created if it is missing
}  # fmt: skip


# An extra that fails is a warning, and never costs the report.
EXTRAS = {
    "seats": "Licenses",
    "billing": "Licenses",
    "one-day report": "Previous period not complete",
    "repositories": "Repositories not complete",
}

OF_PULL_REQUESTS = ("new pull request", "pull request")

# An effect is looked for where the answer to it is lost.
LOOKED_FOR = ("branch", "new branch", "first commit", "new pull request")


def expected(family: str, fault: str, *, is_carried_out: bool) -> Message | None:
    """Return what the tables say of a cell."""
    *_, of_api, of_files, of_commit = FAULTS[fault]
    if is_carried_out and family in LOOKED_FOR:
        return RECOVERED
    usual = of_commit if FAMILIES[family].commits else of_files if family.endswith("file") else of_api
    text = usual and OTHERWISE.get(family, {}).get(fault, usual)
    if text and text.title and text is not BACKFILL and family in EXTRAS:
        return Message(EXTRAS[family], text.remedy, "warning")
    if text and text.title == "Commit" and family in OF_PULL_REQUESTS:
        return text._replace(title="Pull request")
    return text


@pytest.fixture(scope="module", autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder of our own for temporary files."""
    place = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(place))
        yield place


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Prepared]:
    """Return each family; its runs start when it is first needed."""

    class All(dict[str, "Prepared"]):
        def __missing__(self, name: str) -> Prepared:
            self[name] = prepare(FAMILIES[name], tmp_path_factory.mktemp("family"))
            return self[name]

    return All()


def cells() -> Iterator[tuple[str, str, bool]]:
    """Return a family, a fault, and whether the request takes effect before it."""
    for family, requests in FAMILIES.items():
        for fault, (what, *_) in FAULTS.items():
            if fault in OF_FILES_ONLY and not family.endswith("file"):
                continue
            if fault in NOT_WITH_PYGITHUB and requests.commits and family != "archive":
                continue
            if fault in PYGITHUB_ACCEPTS.get(family, ()):
                continue
            yield family, fault, what.is_carried_out
            if requests.effect and not what.is_carried_out:
                yield family, fault, True


CELLS = list(cells())


@pytest.mark.sampled(24)
@pytest.mark.parametrize(
    ("family", "fault", "is_carried_out"),
    CELLS,
    ids=[f"{family} - {fault}{', carried out' * is_carried_out}" for family, fault, is_carried_out in CELLS],
)
def test_a_fault_is_recovered_from_or_explained_and_files_stay_complete(
    prepared: dict[str, Prepared], temporary: Path, tmp_path: Path, family: str, fault: str, is_carried_out: bool
) -> None:
    world = prepared[family]
    what, times, *_ = FAULTS[fault]
    text = expected(family, fault, is_carried_out=is_carried_out)
    result = world.again(tmp_path, AfterRequest(what) if is_carried_out else what, times)
    annotations = [*result.run.annotations("error"), *result.run.annotations("warning")]

    assert result.run.status == int(bool(text and text.kind == "error" and text.title)), result.run.log
    assert [line.split("::")[1] for line in annotations] == [
        f"{one.kind} title={one.title}" for one in _annotated(text)
    ]
    assert all(text is not None and text.remedy in line for line in annotations), annotations
    assert "Traceback" not in result.run.log
    assert leaks.find_secrets(leaks.all_output(result.run), result.secrets) == []
    assert sum(result.slept) <= 5 * 60
    assert list(temporary.iterdir()) == []
    assert {path.name for path in (tmp_path / "workspace").iterdir()} == {"copilot-metrics", "output", "summary"}
    _compare(world, result, text)
    if world.family.commits:
        assert result.tree == (
            world.without_fault.tree if text is RECOVERED or world.family.committed else world.before.tree
        )
        changed = text is RECOVERED or (is_carried_out and world.family.committed)
        assert result.pulls == (world.without_fault.pulls if changed else world.before.pulls)


def _annotated(expected_text: Message | None) -> list[Message]:
    return [expected_text] if expected_text and expected_text.title else []


def _compare(world: Prepared, result: Outcome, expected_text: Message | None) -> None:
    """Check the files."""
    if expected_text is RECOVERED or world.family.commits:  # whatever becomes of a commit
        assert result.files == world.without_fault.files
    elif expected_text.kind == "error" and expected_text.title:
        assert result.files == world.before.files
        assert result.run.summary.startswith(
            f"# Copilot metrics: no new report\n\n## {expected_text.title}: `orgs/octo-org"
        )
        assert {name for name, value in result.run.outputs.items() if value} <= {"status", "changed"}
    elif expected_text.title in ("", "Licenses"):
        assert result.files == world.without.files
    else:
        assert result.files.keys() == world.without_fault.files.keys()
