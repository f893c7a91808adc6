from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.action import parsers
from copilot_metrics.scope import Scope
from copilot_metrics.secret import shorten

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_secret_is_not_shown() -> None:
    token = parsers.secret("ghp_hidden")
    assert token.reveal() == "ghp_hidden"
    assert "hidden" not in f"{token!r} {token} {[token]}"
    assert not parsers.secret("")


@pytest.mark.parametrize("text", ["ghp_a b", "ghp_ä", "ghp_a\nghp_b", "ghp_\x00"])
def test_a_token_that_no_header_could_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="one token of printable"):
        parsers.secret(text)


def test_a_key_or_a_header_in_place_of_a_token_is_named() -> None:
    for text, reason in (
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "this looks like a private key"),
        ("Bearer ghp_hidden", "this begins with the word of an Authorization header"),
    ):
        with pytest.raises(parsers.InvalidValueError) as caught:
            parsers.secret(text)
        assert caught.value.reason == reason


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False)])
def test_booleans_are_those_of_yaml(text: str, value: bool) -> None:
    assert parsers.boolean(text) is value


@pytest.mark.parametrize("text", ["yes", "1", "tRUE", "on"])
def test_other_words_are_no_booleans(text: str) -> None:
    with pytest.raises(ValueError, match="true or false"):
        parsers.boolean(text)


def test_a_choice_may_be_a_boolean_word_in_any_spelling() -> None:
    charts = parsers.one_of("auto", "true", "false")
    assert charts("TRUE") == "true"
    with pytest.raises(ValueError, match="auto, true, or false"):
        charts("always")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "٣", "1e3", "4000", "9" * 5000])
def test_a_number_outside_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 3,653"):
        parsers.integer(1, 3653)(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "361", "five"])
def test_minutes_are_bounded(text: str) -> None:
    with pytest.raises(ValueError, match="minutes"):
        parsers.minutes(text)
    assert parsers.minutes("0.5") == 0.5


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-06-24", dt.date(2024, 6, 24)),
        ("2024-06-24T23:59:59Z", dt.date(2024, 6, 24)),
        ("2024-06-24T23:59:59", dt.date(2024, 6, 24)),
        ("2024-06-24T23:30:00-05:00", dt.date(2024, 6, 25)),
        ("2024-06-24T00:30:00+02:00", dt.date(2024, 6, 23)),
    ],
)
def test_a_timestamp_becomes_its_utc_date(text: str, date: dt.date) -> None:
    assert parsers.date(text) == date


@pytest.mark.parametrize("text", ["yesterday", "2024-6-1", "20240624", "2024-02-30", "0001-01-01T00:00:00+05:00"])
def test_other_texts_are_not_dates(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        parsers.date(text)


def test_scopes_are_unique_in_their_order_without_excluded_ones() -> None:
    text = "orgs/b, ORGS/A\nenterprises/c,orgs/b\n!enterprises/c\n"
    assert parsers.scopes(text).included == (Scope("orgs", "b"), Scope("orgs", "a"))


def test_all_teams_can_be_excluded() -> None:
    text = "orgs/a, orgs/a/team/x, orgs/b/team/x, !orgs/a/team/*"
    assert parsers.scopes(text).included == (Scope("orgs", "a"), Scope("orgs", "b", "x"))


def test_every_wrong_scope_is_named() -> None:
    with pytest.raises(parsers.InvalidValueError, match="a list of scopes") as caught:
        parsers.scopes("octo, orgs/octo-org\nusers/monalisa, !org/octo-labs")
    assert caught.value.value == "octo, users/monalisa, !org/octo-labs"
    assert caught.value.suggestion == "orgs/octo, !orgs/octo-labs"


def test_comments_are_not_scopes() -> None:
    text = "# all, but interns\norgs/octo-org # the largest, since 2024\norgs/octo-labs"
    assert parsers.scopes(text).included == (Scope("orgs", "octo-org"), Scope("orgs", "octo-labs"))


def test_a_scope_that_excludes_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        parsers.scopes("orgs/a, !orgs/a")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "https://api.github.com"),
        ("https://api.octo.ghe.com/", "https://api.octo.ghe.com"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/api/v3"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_api_url_is_https_or_on_loopback(text: str, url: str) -> None:
    assert parsers.api_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "api.github.com",
        "http://api.github.com",
        "http://localhost.example.com",
        "https://monalisa:secret@api.github.com",
        "https://api.github.com?x=1",
        "https://api.github.com/#x",
        "https://api.github.com:99999",
        "https://",
        "ftp://api.github.com",
        "https://github.com",
        "https://octo.ghe.com/api/v3",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an address such as"):
        parsers.api_url(text)


def test_hosts_are_names_without_scheme_or_path() -> None:
    assert parsers.hosts("Reports.example.com, 127.0.0.1:80\n*.example.org") == (
        "reports.example.com",
        "127.0.0.1:80",
        "*.example.org",
    )
    with pytest.raises(ValueError, match="host names"):
        parsers.hosts("https://reports.example.com/x")


@pytest.mark.parametrize("name", ["", "a..b", "a b", "a~1", "a:b", "x.lock", "a//b", "/a", "a/", ".a", "a/.b", "a@{1}"])
def test_names_that_git_refuses_are_not_branches(name: str) -> None:
    with pytest.raises(ValueError, match="branch"):
        parsers.branch(name)
    assert parsers.branch("refs/heads/metrics/x") == "metrics/x"
    assert parsers.branch("-x") == "-x"


@pytest.mark.parametrize(
    ("text", "folder"),
    [(".", ""), ("/", ""), ("reports/copilot/", "reports/copilot"), ("./a//b", "a/b"), ("...", "...")],
)
def test_a_folder_of_a_repository_has_no_slashes_around_it(text: str, folder: str) -> None:
    assert parsers.folder(text) == folder


@pytest.mark.parametrize("text", ["", "..", "a/../b", ".git", "a/.GIT/b", "a\\b", "a\nb"])
def test_other_texts_are_not_folders_of_a_repository(text: str) -> None:
    with pytest.raises(ValueError, match="a folder of the repository"):
        parsers.folder(text)


def test_a_commit_message_has_only_known_placeholders() -> None:
    assert parsers.message("Copilot {since} to {until} of {scopes}") == "Copilot {since} to {until} of {scopes}"
    with pytest.raises(ValueError, match=r"\{since\}"):
        parsers.message("Copilot {today}")


def test_a_directory_is_one_line() -> None:
    assert parsers.directory("a b") == "a b"
    for text in ("", "a\nb", "a\0b"):
        with pytest.raises(ValueError, match="directory"):
            parsers.directory(text)


def test_a_repository_has_an_owner_and_a_name_of_any_age() -> None:
    for text in ("", "octo-org/metrics", "acme-/.github", "-acme/a.b", "mona_octo/x--y", "a--b/_"):
        assert parsers.repository(text) == text
    for text in ("octo-org", "octo-org/..", "octo-org/.", "../metrics", "octo-org/a/b", "octo org/metrics"):
        with pytest.raises(parsers.InvalidValueError, match="OWNER/REPO"):
            parsers.repository(text)


@pytest.mark.parametrize(
    ("parse", "text", "meant"),
    [
        (parsers.boolean, "yes", "true"),
        (parsers.boolean, "flase", "false"),
        (parsers.boolean, "maybe", ""),
        (parsers.one_of("auto", "metrics", "usage-metrics"), "usage_metrics", "usage-metrics"),
        (parsers.one_of("warn", "error", "ignore"), "Warning", "warn"),
        (parsers.integer(1, 3653), "28 days", "28"),
        (parsers.integer(1, 3653), "28.0", "28"),
        (parsers.integer(1, 3653), "9999 days", ""),
        (parsers.minutes, "10m", "10"),
        (parsers.minutes, "ten", ""),
        (parsers.date, "20261105", "2026-11-05"),
        (parsers.date, "2026-11-5", "2026-11-05"),
        (parsers.date, "2026/13/40", ""),
        (parsers.date, "11/05/2026", ""),
        (parsers.repository, "https://github.com/octo-org/metrics", "octo-org/metrics"),
        (parsers.repository, "git@github.com:octo-org/metrics.git", "octo-org/metrics"),
        (parsers.api_url, "github.com", "https://api.github.com"),
        (parsers.api_url, "https://octo.ghe.com", "https://api.octo.ghe.com"),
        (parsers.api_url, "git.example.com", ""),
        (parsers.hosts, "https://reports.example.com/files", "reports.example.com"),
        (parsers.folder, "reports\\copilot", "reports/copilot"),
        (parsers.branch, "copilot metrics", "copilot-metrics"),
        (parsers.branch, "a..b", ""),
        (parsers.message, "Copilot {untill}", "{until}"),
    ],
)  # fmt: skip
def test_a_value_close_to_an_accepted_one_is_recognized(parse: Callable[[str], object], text: str, meant: str) -> None:
    with pytest.raises(parsers.InvalidValueError) as caught:
        parse(text)
    assert caught.value.suggestion == meant


def test_an_invalid_value_is_shortened_to_one_line() -> None:
    assert shorten("a\nb") == "a b"
    assert len(shorten("x" * 500)) == 80
