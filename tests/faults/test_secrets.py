"""Put secrets wherever they could come from, and search for them, in every form, in all output."""

from __future__ import annotations

import io
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from copilot_metrics import cli
from copilot_metrics.action.inputs import read_inputs
from copilot_metrics.clock import Clock
from copilot_metrics.github.auth import AccessToken, PersonalToken
from copilot_metrics.github.client import ApiResponse, Client
from copilot_metrics.github.downloads import Downloads
from copilot_metrics.github.rate_limit import RateLimiter, WaitBudget
from copilot_metrics.secret import Secret
from sample_github import usage
from sample_github.faults import Body, Redirect, Status
from sample_github.github import TOKEN
from sample_github.repository import SampleRepository, everything
from sample_github.seats import seats
from sample_github.server import SampleApi
from support import leaks, raw, runs
from support.commits import World
from support.families import CLIENT_ID, FAMILIES, pem
from support.families import app as the_app
from support.files import Files, answer
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from sample_github.faults import Fault, Wait
    from sample_github.messages import Response as Sent
    from support.runs import Run

ORG = "orgs/octo-org"
# Characters that URLs, JSON and base64 each write in their own way.
READER, WRITER = 'ghp_Read"er/of+the\\Sample=1', 'ghs_Writ"er/of+the\\Sample=2'
PASSWORD = "Pass-w0rd+of/the=Proxy"
SHAPES = tuple(leaks.forms(READER))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    with SampleApi(TODAY, tokens={READER: ("*",)}, repositories=[repository]) as api:
        result = World(api, repository, tmp_path)
        result.push("main", {"README.md": "# Ours\n"})
        yield result


def job(world: World, **inputs: str) -> Run:
    """Return a run that reads by one token and commits by the other."""
    return world.run(**{"token": READER, "commit_token": WRITER, **inputs})


class Echo:
    """A server that tells what it was sent as `Authorization`, in its message and headers."""

    is_carried_out = False

    def __init__(self, status: int) -> None:
        self.status = status
        self.api: SampleApi | None = None

    def wire(self, usual: Sent, wait: Wait) -> Iterator[bytes]:
        sent = self.api.requests[-1].headers.get("Authorization", "") if self.api else ""
        return Status(self.status, f"Not good: {sent}", {"X-GitHub-SSO": sent, "X-Note": sent}).wire(usual, wait)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("secret", [READER, WRITER], ids=["token", "commit-token"])
def test_a_secret_that_a_server_repeats_in_any_form_is_hidden(world: World, secret: str, shape: str) -> None:
    message = f"Not good: {leaks.forms(secret)[shape].decode()}"
    path = r"octo-org/copilot/metrics(\?|$)" if secret == READER else "git/trees$"
    world.api.fail(path, Status(403, message), times=9)
    result = job(world)
    assert result.status == 1
    assert "Not good: " in result.annotations("error")[0]
    assert leaks.find_secrets(leaks.all_output(result), [READER, WRITER]) == []


@pytest.mark.parametrize("place", ["message", "text", "redirect", "link", "expiry", "names"])
def test_a_token_that_a_server_repeats_anywhere_is_hidden(world: World, place: str) -> None:
    day = raw.example(date="2026-11-20")
    day["copilot_ide_code_completions"]["languages"][0]["name"] = READER
    faults: dict[str, Fault] = {
        "message": Body(json.dumps({"message": READER}).encode()),
        "text": Body(READER.encode(), "text/plain"),
        "redirect": Redirect(f"https://{READER[:8].lower()}.example.com/{READER}?token={READER}"),
        "link": Status(404, "x", {"Link": f'<https://x/?token={READER}>; rel="next"'}),
        "expiry": Status(404, READER, {"github-authentication-token-expiration": READER}),
        "names": Body(json.dumps([day]).encode()),
    }
    world.api.fail(r"octo-org/copilot/metrics(\?|$)", faults[place], times=9)
    result = job(world)
    committed = world.git("log", "--patch", "--all").encode()
    assert result.status == int(place != "names")
    assert leaks.find_secrets(leaks.all_output(result) + committed, [READER, WRITER]) == []


@pytest.mark.parametrize("family", ["installation", "App token"])
@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_the_token_with_which_an_app_authenticates_is_hidden(tmp_path: Path, family: str, status: int) -> None:
    echo = Echo(status)
    with SampleApi(TODAY, app=the_app()) as api:
        echo.api = api
        api.fail(FAMILIES[family].path, echo, times=9)
        result = run(tmp_path, api.url, token="", app_id=CLIENT_ID, app_private_key=pem())
        output = {request.headers["Authorization"].partition(" ")[2] for request in api.requests}
    assert result.status == 1
    assert output
    assert leaks.find_secrets(leaks.all_output(result), [*output, pem(), *pem().splitlines()[1:-1]]) == []


@pytest.mark.parametrize("on_github", [True, False])
def test_only_the_runner_gets_the_token_of_an_app_to_mask_it(tmp_path: Path, on_github: bool) -> None:
    known = the_app()
    log = io.StringIO()
    with SampleApi(TODAY, app=known) as api:
        values = runs.environ(tmp_path, api.url, token="", app_id=CLIENT_ID, app_private_key=pem())
        values["GITHUB_ACTIONS"] = str(on_github).lower()
        echo = Echo(403)
        echo.api = api
        api.fail("billing$", echo)
        assert cli.run([], values, log, Waits().clock()) == 0
    [token] = known.created
    lines = [line for line in log.getvalue().splitlines() if token in line]
    assert lines == ([f"::add-mask::{token}"] if on_github else [])
    masks = "".join(f"::add-mask::{token}\n" for _ in lines)
    text = log.getvalue().replace(masks, "").encode() + leaks.all_files(tmp_path)
    assert leaks.find_secrets(text, [token, pem()]) == []


@pytest.mark.sampled(6)
@pytest.mark.parametrize("status", [302, 308])
@pytest.mark.parametrize("family", [*FAMILIES])
def test_no_token_follows_a_redirect_to_another_host(tmp_path: Path, family: str, status: int) -> None:
    requests = FAMILIES[family]
    repository = SampleRepository(tmp_path / "metrics.git", writers=everything(WRITER))
    inputs = {"token": READER, "scope": ORG, **requests.inputs}
    inputs |= {"commit_token": WRITER} if requests.commits else {}
    inputs |= {"app_private_key": pem()} if requests.of_an_app else {}
    with (
        SampleApi(TODAY, tokens={READER: ("*",)}) as other,
        SampleApi(
            TODAY, tokens={READER: ("*",)}, repositories=[repository], app=the_app(),
            usage_metrics=() if requests.older else ("*",),
        ) as api,
    ):  # fmt: skip
        if requests.there != "nothing":
            World(api, repository, tmp_path).push("main", {"README.md": "# Ours\n"})
        elsewhere = other.url.replace("127.0.0.1", "localhost") if status == 302 else other.url
        if requests.commits and requests.there == "report":  # a branch that is there has an archive
            run(tmp_path, api.url, waits=None, **{**inputs, "days": "15"})
            api.requests.clear()
        api.fail(requests.path, Redirect(f"{elsewhere}/there?sig=link-secret", status), times=99)
        result = run(tmp_path, api.url, waits=None, **{**inputs, "days": requests.days[1]})
        assert any(re.search(requests.path, request.target) for request in api.requests)
    assert [one for one in other.requests if "Authorization" in one.headers] == []
    if not family.endswith("file") and "archive" not in family:
        assert other.requests == []
    assert leaks.find_secrets(leaks.all_output(result), ["link-secret", READER, WRITER, pem(), *api.signatures]) == []


def test_no_signature_of_a_link_is_written_even_if_downloads_fail(tmp_path: Path) -> None:
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail("/download/", Status(404), times=2)  # the link of the first report, and the new one
        failed = run(tmp_path, api.url, days="10")
        api.expire()
        complete = run(tmp_path, api.url)
    assert (failed.status, complete.status) == (1, 0)
    assert leaks.find_secrets(leaks.all_output(failed) + leaks.all_output(complete), api.signatures) == []
    assert not any("Authorization" in one.headers for one in api.requests if one.path.startswith("/download/"))


@pytest.mark.parametrize(
    "link",
    [
        "https://user:hidden@copilot-reports.github.com/x?sig=hidden",
        "https://hidden.example.com:99999/x?sig=hidden",
        "http://127.0.0.1:1/x?sig=hidden",
        "https://[hidden/x?sig=hidden",
        "ftp://127.0.0.1/x?sig=hidden",
        "http://127.0.0.1:1/\ud800?sig=hidden",
    ],
)
def test_a_link_of_any_form_is_hidden(tmp_path: Path, link: str) -> None:
    inputs = {"download_links": [link], "report_start_day": "2026-10-24", "report_end_day": "2026-11-20"}
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        api.fail("organization-28-day", Body(json.dumps(inputs).encode()), times=9)
        result = run(tmp_path, api.url)
    assert result.status == 1
    assert leaks.find_secrets(leaks.all_output(result), ["sig=hidden", "hidden@"]) == []


@pytest.mark.parametrize("answered", [b"", answer(status=407, body=PASSWORD.encode())], ids=["nothing", "407"])
@pytest.mark.parametrize("more", [{}, {"commit": "true", "commit-repository": "octo-org/metrics"}], ids=["", "commit"])
def test_the_password_of_a_proxy_is_hidden(tmp_path: Path, answered: bytes, more: dict[str, str]) -> None:
    with Files(answered) as proxy:
        address = proxy.url.replace("http://", f"http://octocat:{PASSWORD.replace('/', '%2F')}@")
        values = runs.environ(tmp_path, "https://api.octo.invalid", token=READER, commit_token=WRITER, **more)
        values |= {"HTTPS_PROXY": address, "https_proxy": address, "RUNNER_DEBUG": "1"}
        stdout = io.StringIO()
        with _environment(values):
            assert cli.run([], values, stdout, Waits().clock()) == 1
    text = stdout.getvalue().encode() + leaks.all_files(tmp_path)
    assert "::error" in stdout.getvalue()
    assert leaks.find_secrets(text, [PASSWORD, READER, WRITER]) == []


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTPS_PROXY", "https_proxy"):
            patch.setenv(name, values[name])
        patch.delenv("no_proxy", raising=False)
        patch.delenv("NO_PROXY", raising=False)
        yield


@pytest.mark.parametrize("address", ["https://octocat:{}@api.github.com", "http://{}@127.0.0.1", "//x:{}@y"])
@pytest.mark.parametrize("name", ["api_url", "allowed_download_hosts"])
def test_a_password_in_an_address_is_refused_and_hidden(tmp_path: Path, name: str, address: str) -> None:
    result = run(tmp_path, "http://127.0.0.1:1", waits=None, **{name: address.format("hid-den")})
    assert result.status == 1
    assert name.replace("_", "-") in result.annotations("error")[0]
    assert leaks.find_secrets(leaks.all_output(result), ["hid-den"]) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_the_traceback_of_a_defect_contains_neither_tokens_nor_links(tmp_path: Path, shape: str) -> None:
    sound = Waits().clock()
    moments = iter([sound.now()])  # a clock that breaks down once the inputs are read
    text = leaks.forms(READER)[shape].decode()

    def now() -> dt.datetime:
        for moment in moments:
            return moment
        raise ZeroDivisionError(f"GET https://octo.blob.core.windows.net/a?se=1&sig=hidden by {text}")

    log = io.StringIO()
    inputs = {**runs.environ(tmp_path, "http://127.0.0.1:1", token=READER), "RUNNER_DEBUG": "1"}
    assert cli.run([], inputs, log, Clock(now=now)) == 1
    assert "Traceback" in log.getvalue()
    assert leaks.find_secrets(log.getvalue().encode(), [READER, "hidden"]) == []


def test_no_object_shows_a_secret(tmp_path: Path) -> None:
    clock = Waits().clock()
    values = runs.environ(tmp_path, "http://127.0.0.1:1", token=READER, commit_token=WRITER, app_private_key=pem())
    read = read_inputs({**values, "INPUT_APP-ID": CLIENT_ID}, TODAY)
    token = AccessToken(Secret(READER), RateLimiter(clock, WaitBudget(clock, 1, print)))
    tokens = PersonalToken(token.secret, token.limiter)
    shown: list[Any] = [
        read, token, tokens, Secret(WRITER), ApiResponse(200, {}, {}, Secret(READER)),
        Client("http://127.0.0.1:1", tokens, clock), Downloads("http://127.0.0.1:1", (), clock),
    ]  # fmt: skip
    text = "".join(f"{one!r}{one!s}{one}" for one in shown).encode()
    assert leaks.find_secrets(text, [READER, WRITER, pem(), *pem().splitlines()[1:-1]]) == []


def test_no_login_and_no_id_of_a_person_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = "2026-11-20"
    day = TODAY.fromisoformat(end)
    rows = [*usage.users(ORG, day), *usage.user_teams(ORG, day)]
    logins = {row["user_login"] for row in rows} | {one["assignee"]["login"] for one in seats(ORG, TODAY)}
    ids = {str(row["user_id"]) for row in rows} | {str(one["assignee"]["id"]) for one in seats(ORG, TODAY)}
    monkeypatch.setenv("RUNNER_DEBUG", "1")
    with SampleApi(TODAY, usage_metrics=("*",)) as api:
        result = run(
            tmp_path, api.url, scope=f"{ORG}, {ORG}/team/*, enterprises/octo-enterprise", licenses="details",
            repository_breakdown="true",
        )  # fmt: skip
    assert result.status == 0
    assert len(logins) > 100
    text = leaks.all_output(result)
    assert leaks.find_secrets(text, sorted(logins)) == []
    assert [one for one in sorted(ids) if one.encode() in text] == []


@pytest.mark.parametrize("debug", ["", "1"])
def test_no_token_is_written_whatever_the_server_answers(tmp_path: Path, debug: str) -> None:
    with SampleApi(TODAY) as api:
        api.fail("octo-org/copilot/metrics", Status(404, f"token {TOKEN} is bad"), times=2)
        environ = runs.environ(tmp_path, api.url, scope="orgs/octo-org, orgs/octo-labs")
        process = runs.process(tmp_path, {**environ, "RUNNER_DEBUG": debug})
    assert process.returncode == 1
    assert "“token *** is bad”" in process.stdout
    assert process.stderr == ""
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert TOKEN not in process.stdout
    assert TOKEN.encode() not in written
