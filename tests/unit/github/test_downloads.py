import gzip
import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from copilot_metrics.clock import Limits
from copilot_metrics.errors import ApiError, Unavailable, UnexpectedResponse
from copilot_metrics.github.downloads import Downloads, LinkRefusedError
from support.files import Files, answer
from support.runs import Waits

BODY = b'{"day": "2026-11-20"}\n' * 1000
PACKED = gzip.compress(BODY)
SECRET = "5ec2e7c0ffee"
WHAT = "users-1-day of orgs/octo-org"
GITHUB = "https://api.github.com"


def of(url: str, waits: Waits | None = None, hosts: tuple[str, ...] = (), limits: Limits | None = None) -> Downloads:
    return Downloads(url, hosts, replace((waits or Waits()).clock(), limits=limits))


def link(files: Files) -> str:
    return f"{files.url}/file?sig={SECRET}"


Fetch = Callable[[Downloads, str, Path], bytes]


def read(downloads: Downloads, url: str, _: Path) -> bytes:
    return downloads.read(url, WHAT)


def save(downloads: Downloads, url: str, place: Path) -> bytes:
    downloads.save(url, WHAT, place / "file")
    return (place / "file").read_bytes()


@pytest.fixture(params=[read, save], ids=["read", "saved"])
def fetch(request: pytest.FixtureRequest) -> Fetch:
    result: Fetch = request.param
    return result


def everything_of(error: BaseException) -> str:
    """Return what an exception and all behind it say and hold."""
    text = "".join(traceback.format_exception(error)) + repr(error)
    while error.__context__ is not None:
        error = error.__context__
        text += f"{error!r} {error.args}"
    return text


@pytest.mark.parametrize(
    "sent",
    [
        answer(BODY),
        answer(PACKED, headers={"Content-Encoding": "gzip"}),
        answer(PACKED),
        answer(gzip.compress(BODY[:999]) + gzip.compress(BODY[999:])),
        answer(gzip.compress(PACKED), headers={"Content-Encoding": "gzip"}),
        answer(b"", headers={"Content-Encoding": "gzip"}),
        answer(b""),
    ],
    ids=["plain", "packed by HTTP", "a packed file", "several members", "packed twice", "nothing, packed", "nothing"],
)
def test_a_file_is_complete_and_unpacked(sent: bytes, fetch: Fetch, tmp_path: Path) -> None:
    with Files(sent) as files, of(files.url) as downloads:
        body = fetch(downloads, link(files), tmp_path)
    assert body == (b"" if sent.endswith(b"\r\n\r\n") else BODY)


@pytest.mark.parametrize(
    "sent",
    [
        answer(BODY[:-9], length=len(BODY)),
        answer(PACKED[:-9], headers={"Content-Encoding": "gzip"}),
        answer(PACKED[:-9]),
        answer(PACKED[:-9], length=len(PACKED)),
        answer(PACKED[:40] + b"\0" * 40 + PACKED[80:]),
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":',
    ],
    ids=["shorter than its length", "half packed by HTTP", "half a packed file", "both", "damaged", "half in chunks"],
)
def test_half_a_file_is_none_and_is_tried_again(sent: bytes, fetch: Fetch, tmp_path: Path) -> None:
    waits = Waits()
    with Files(sent, sent, answer(BODY)) as files, of(files.url, waits) as downloads:
        assert fetch(downloads, link(files), tmp_path) == BODY
    assert waits.slept == [1, 2]
    with Files(sent) as files, of(files.url, Waits()) as downloads:
        with pytest.raises(ApiError, match=WHAT) as caught:
            fetch(downloads, link(files), tmp_path / "other")
        assert len(files.requests) == 5
    assert SECRET not in everything_of(caught.value)
    assert not (tmp_path / "other/file").exists()


@pytest.fixture(autouse=True)
def other(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 416, 451])
def test_a_refused_link_is_not_requested_again(status: int, fetch: Fetch, tmp_path: Path) -> None:
    waits = Waits()
    sent = answer(b"sig=" + SECRET.encode(), status=status)
    with Files(sent) as files, of(files.url, waits) as downloads:
        with pytest.raises(LinkRefusedError, match=f"127.0.0.1 answered {status}") as caught:
            fetch(downloads, link(files), tmp_path)
        assert len(files.requests) == 1
    assert waits.slept == []
    assert SECRET not in everything_of(caught.value)


@pytest.mark.parametrize("status", [204, 206, 304])
def test_a_status_that_is_not_for_files_is_final(status: int, fetch: Fetch, tmp_path: Path) -> None:
    with Files(answer(status=status)) as files, of(files.url) as downloads:
        with pytest.raises(UnexpectedResponse, match=f"127.0.0.1 answered {status}"):
            fetch(downloads, link(files), tmp_path)
        assert len(files.requests) == 1


CLOSED = b"HTTP/1.1 200 OK\r\n\r\n"  # the body ends with the connection
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
LIST = b'[{"day": "2026-11-20"}]'


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (CLOSED + BODY, BODY),
        (b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n" + BODY, BODY),
        (CLOSED + LIST, LIST),
        (CLOSED + LIST[1:-1], LIST[1:-1]),
        (CLOSED + gzip.compress(LIST + b"\n" + LIST[1:-1]), LIST + b"\n" + LIST[1:-1]),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: GZIP\r\n\r\n" + PACKED, BODY),
        (b"HTTP/1.1 203 OK\r\nVia: 1.1 proxy\r\n\r\n" + BODY, BODY),
        (CHUNKED + b'16;ext=1\r\n{"day": "2026-11-20"}\n\r\n0\r\nX-Trailer: 1\r\n\r\n', BODY[:22]),
        (CHUNKED + b"0\r\n\r\n", b""),
        (answer(BODY, headers={"Content-Encoding": "identity"}), BODY),
        (answer(PACKED, headers={"Content-Encoding": "identity, gzip"}), BODY),
    ],
    ids=[
        "lines until the connection closes", "HTTP/1.0", "a closed list", "one closed object", "a gzip file",
        "gzip until the connection closes", "203", "chunks with extension and trailer", "no chunk", "identity",
        "identity and gzip",
    ],
)  # fmt: skip
def test_a_file_may_come_in_any_way_that_http_allows(sent: bytes, body: bytes, fetch: Fetch, tmp_path: Path) -> None:
    waits = Waits()
    with Files(sent) as files, of(files.url, waits) as downloads:
        assert fetch(downloads, link(files), tmp_path) == body
    assert waits.slept == []


@pytest.mark.parametrize(
    "sent",
    [CLOSED + BODY[:-1], CLOSED + LIST[:-1], CLOSED + LIST[1:-2], CLOSED, CLOSED + PACKED[:-9]],
    ids=["lines without a last newline", "half a list", "half an object", "nothing", "half a gzip file"],
)
def test_a_file_without_a_length_that_may_be_cut_short_is_tried_again(
    sent: bytes, fetch: Fetch, tmp_path: Path
) -> None:
    waits = Waits()
    with Files(sent, answer(BODY)) as files, of(files.url, waits) as downloads:
        assert fetch(downloads, link(files), tmp_path) == BODY
    assert waits.slept == [1]


@pytest.mark.parametrize(
    ("sent", "slept"),
    [
        (answer(status=500), [1]),
        (answer(status=429), [1]),
        (answer(status=503, headers={"Retry-After": "30"}), [30]),
        (answer(status=429, headers={"Retry-After": "9999"}), [60]),
        (answer(status=429, headers={"Retry-After": "soon"}), [1]),
        (b"", [1]),
    ],
)
def test_what_passes_is_waited_for(sent: bytes, slept: list[float], fetch: Fetch, tmp_path: Path) -> None:
    waits = Waits()
    texts: list[str] = []
    with Files(sent, answer(BODY)) as files, Downloads(files.url, (), waits.clock(), log=texts.append) as downloads:
        assert fetch(downloads, link(files), tmp_path) == BODY
    assert waits.slept == slept
    assert SECRET not in "".join(texts)


def test_what_does_not_pass_is_an_error_in_the_end(fetch: Fetch, tmp_path: Path) -> None:
    with Files(answer(status=503)) as files, of(files.url) as downloads:
        with pytest.raises(Unavailable, match="answered 503, 5 times in a row") as caught:
            fetch(downloads, link(files), tmp_path)
        assert len(files.requests) == 5
    assert SECRET not in everything_of(caught.value)


def test_a_host_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with Files(answer()) as files:
        missing = link(files)
    with of("http://127.0.0.1:1") as downloads, pytest.raises(Unavailable, match="refused the connection") as caught:
        downloads.save(missing, WHAT, tmp_path / "file")
    assert SECRET not in everything_of(caught.value)
    assert not (tmp_path / "file").exists()


def test_a_file_may_not_take_forever(fetch: Fetch, tmp_path: Path) -> None:
    slow = [answer(BODY[:10], length=len(BODY)), BODY[10:]]
    too_long = partial(pytest.raises, Unavailable, match="it took too long")
    for limits in (Limits(silence=0.1, total=5), Limits(silence=0.2, total=0.1)):
        with Files(slow) as files, of(files.url, limits=limits) as downloads, too_long():
            fetch(downloads, link(files), tmp_path)


def test_a_file_may_not_take_all_room(fetch: Fetch, tmp_path: Path) -> None:
    bomb = answer(gzip.compress(b" " * (1024 * 1024 + 1)))
    with Files(bomb) as files, of(files.url, limits=Limits(size=1024 * 1024)) as downloads:
        with pytest.raises(UnexpectedResponse, match="larger than 1 MiB"):
            fetch(downloads, link(files), tmp_path)
        assert len(files.requests) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a disk that is always full")
def test_a_link_to_a_full_disk_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to("/dev/full")
    with Files(answer(BODY * 100)) as files, of(files.url) as downloads:
        downloads.save(link(files), WHAT, tmp_path / "file")  # a link is replaced, and never written through
    assert (tmp_path / "file").read_bytes() == BODY * 100


def test_no_credentials_are_sent_whatever_lies_around(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login monalisa password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    cookie = answer(BODY, headers={"Set-Cookie": "session=1"})
    with Files(cookie) as files, of(files.url) as downloads:
        fetch(downloads, link(files), tmp_path)
        fetch(downloads, link(files), tmp_path)
        for _, headers in files.requests:
            assert {name.lower() for name in headers} & {"authorization", "cookie"} == set()
            assert headers["Accept-Encoding"] == "gzip"


def test_redirects_are_followed_to_hosts_that_are_accepted_and_no_further(fetch: Fetch, tmp_path: Path) -> None:
    with Files(answer(BODY)) as last:
        elsewhere = answer(status=302, headers={"Location": link(last)})
        near = answer(status=307, headers={"Location": f"/other?sig={SECRET}"})
        with Files(near, elsewhere) as files, of(files.url) as downloads:
            assert fetch(downloads, link(files), tmp_path) == BODY
            assert [path for path, _ in files.requests] == [f"/file?sig={SECRET}", f"/other?sig={SECRET}"]
    away = answer(status=301, headers={"Location": f"https://evil.example/file?sig={SECRET}"})
    with Files(away) as files, of(files.url) as downloads:
        with pytest.raises(UnexpectedResponse, match=r"a link to evil\.example, which is not among") as caught:
            fetch(downloads, link(files), tmp_path)
        assert len(files.requests) == 1
    assert SECRET not in everything_of(caught.value)


@pytest.mark.parametrize("location", ["", "http://[", "/again"])
def test_a_redirect_to_nowhere_ends(location: str, fetch: Fetch, tmp_path: Path) -> None:
    with Files(answer(status=302, headers={"Location": location})) as files, of(files.url) as downloads:
        with pytest.raises(ApiError):
            fetch(downloads, link(files), tmp_path)
        assert len(files.requests) <= 6


ACCEPTED = [
    "https://copilot-reports.github.com/a?sig=x",
    "https://COPILOT-reports.github.com:443/a",
    "https://copilot-reports.octocorp.ghe.com/a",
    "https://copilot-reports-abc.b01.azurefd.net/a",
    "https://account.blob.core.windows.net/container/a?sig=x",
]
REFUSED = [
    "http://copilot-reports.github.com/a",
    "https://copilot-reports.github.com:8443/a",
    "https://copilot-reports.github.com.evil.example/a",
    "https://evil-copilot-reports.github.com/a",
    "https://copilot-reports.a.b.ghe.com/a",
    "https://copilot-reports..ghe.com/a",
    "https://azurefd.net/a",
    "https://evilazurefd.net/a",
    "https://x.azurefd.net.evil.example/a",
    "https://blob.core.windows.net/a",
    "https://api.github.com/a",
    "https://user:pass@copilot-reports.github.com/a",
    "https://evil.example#copilot-reports.github.com",
    "https://evil.example\\@copilot-reports.github.com/a",
    "ftp://copilot-reports.github.com/a",
    "//copilot-reports.github.com/a",
    "http://127.0.0.1/a",
    "https://localhost/a",
    "http://[::1]/a",
    "https://",
    "",
    "https://copilot-reports.github.com:port/a",
    None,
    7,
    {"href": "https://copilot-reports.github.com/a"},
]


def is_accepted(downloads: Downloads, url: object) -> bool:
    with suppress(UnexpectedResponse):
        return downloads._checked(url, WHAT) == url  # noqa: SLF001 - asking for real would leave this machine
    return False


@pytest.mark.parametrize("url", ACCEPTED)
def test_githubs_own_hosts_are_accepted(url: str) -> None:
    assert is_accepted(of(GITHUB), url)


@pytest.mark.parametrize("url", REFUSED, ids=str)
def test_any_other_host_is_refused(url: object) -> None:
    assert not is_accepted(of(GITHUB), url)


@pytest.mark.parametrize(
    ("host", "url", "accepted"),
    [
        ("reports.example.com", "https://reports.example.com/a", True),
        ("reports.example.com", "https://REPORTS.example.com:443/a", True),
        ("reports.example.com", "https://reports.example.com:8443/a", False),
        ("reports.example.com:8443", "https://reports.example.com:8443/a", True),
        ("reports.example.com", "http://reports.example.com/a", False),
        ("reports.example.com", "https://x.reports.example.com/a", False),
        ("*.example.com", "https://a.b.example.com/a", True),
        ("*.example.com", "https://example.com/a", False),
        ("*.example.com", "https://evilexample.com/a", False),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/a", True),
    ],
)
def test_further_hosts_are_those_that_are_named(host: str, url: str, accepted: bool) -> None:
    assert is_accepted(of(GITHUB, hosts=(host,)), url) is accepted


def test_loopback_is_accepted_where_the_api_is_there_itself() -> None:
    assert is_accepted(of("http://127.0.0.1:8000"), "http://localhost:9000/a")


def test_a_host_with_an_odd_name_is_not_repeated() -> None:
    with pytest.raises(UnexpectedResponse, match="a host with an invalid name"):
        of(GITHUB)._checked("https://ev%0ail.example/a", WHAT)  # noqa: SLF001


def test_the_proxy_is_for_hosts_elsewhere_only(fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Files(answer(BODY)) as files, of(files.url) as downloads:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
        assert fetch(downloads, link(files), tmp_path) == BODY
