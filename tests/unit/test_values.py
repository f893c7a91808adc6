import datetime as dt

import pytest

from copilot_metrics import values
from copilot_metrics.scope import Scope


def test_a_secret_shows_itself_nowhere() -> None:
    token = values.secret("ghp_hidden")
    assert token.reveal() == "ghp_hidden"
    assert "hidden" not in f"{token!r} {token} {[token]}"
    assert not values.secret("")


@pytest.mark.parametrize("text", ["ghp_a b", "ghp_ä", "ghp_a\nghp_b", "ghp_\x00"])
def test_a_token_that_no_header_could_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"printable|one token"):
        values.secret(text)


def test_a_private_key_may_have_lines() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    assert values.secret(key).reveal() == key


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False)])
def test_booleans_are_those_of_yaml(text: str, value: bool) -> None:
    assert values.boolean(text) is value


@pytest.mark.parametrize("text", ["yes", "1", "tRUE", "on"])
def test_other_words_are_no_booleans(text: str) -> None:
    with pytest.raises(ValueError, match="true or false"):
        values.boolean(text)


def test_a_choice_may_be_a_boolean_word_in_any_spelling() -> None:
    charts = values.one_of("auto", "true", "false")
    assert charts("TRUE") == "true"
    with pytest.raises(ValueError, match="auto, true or false"):
        charts("always")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "٣", "1e3", "4000", "9" * 5000])
def test_a_number_outside_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 3,653"):
        values.whole(1, 3653)(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "361", "five"])
def test_minutes_are_bounded(text: str) -> None:
    with pytest.raises(ValueError, match="minutes"):
        values.minutes(text)
    assert values.minutes("0.5") == 0.5


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
    assert values.date(text) == date


@pytest.mark.parametrize("text", ["yesterday", "2024-6-1", "20240624", "2024-02-30", "0001-01-01T00:00:00+05:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        values.date(text)


def test_scopes_come_in_their_order_each_once_without_those_left_out() -> None:
    text = "orgs/b, ORGS/A\nenterprises/c,orgs/b\n!enterprises/c\n"
    assert values.scopes(text).wanted == (Scope("orgs", "b"), Scope("orgs", "a"))


def test_every_team_may_be_left_out_at_once() -> None:
    text = "orgs/a, orgs/a/team/x, orgs/b/team/x, !orgs/a/team/*"
    assert values.scopes(text).wanted == (Scope("orgs", "a"), Scope("orgs", "b", "x"))


def test_every_wrong_scope_is_named() -> None:
    with pytest.raises(ValueError, match=r"not: octo, users/monalisa"):
        values.scopes("octo, orgs/octo-org\nusers/monalisa")


def test_no_scope_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        values.scopes("orgs/a, !orgs/a")


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
    assert values.api_url(text) == url


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
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an address such as"):
        values.api_url(text)


def test_hosts_are_names_without_scheme_or_path() -> None:
    assert values.hosts("Reports.example.com, 127.0.0.1:80\n*.example.org") == (
        "reports.example.com",
        "127.0.0.1:80",
        "*.example.org",
    )
    with pytest.raises(ValueError, match="host names"):
        values.hosts("https://reports.example.com/x")


@pytest.mark.parametrize(
    "name", ["", "-x", "a..b", "a b", "a~1", "a:b", "x.lock", "a//b", "/a", "a/", ".a", "a/.b", "a@{1}"]
)
def test_what_git_takes_for_no_branch_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="branch"):
        values.branch(name)
    assert values.branch("refs/heads/metrics/x") == "metrics/x"


@pytest.mark.parametrize(
    ("text", "folder"),
    [(".", ""), ("/", ""), ("reports/copilot/", "reports/copilot"), ("./a//b", "a/b"), ("...", "...")],
)
def test_a_folder_of_a_repository_has_no_slashes_around_it(text: str, folder: str) -> None:
    assert values.folder(text) == folder


@pytest.mark.parametrize("text", ["", "..", "a/../b", ".git", "a/.GIT/b", "a\\b", "a\nb"])
def test_what_is_no_folder_of_a_repository_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a folder of the repository"):
        values.folder(text)


def test_a_commit_message_has_no_placeholder_but_those_filled_in() -> None:
    assert values.message("Copilot {since} to {until} of {scopes}") == "Copilot {since} to {until} of {scopes}"
    with pytest.raises(ValueError, match=r"\{since\}"):
        values.message("Copilot {today}")


def test_a_directory_is_one_line() -> None:
    assert values.directory("a b") == "a b"
    for text in ("", "a\nb", "a\0b"):
        with pytest.raises(ValueError, match="directory"):
            values.directory(text)


def test_an_optional_text_keeps_to_its_pattern() -> None:
    repository = values.optional_text(r"[\w.-]+/[\w.-]+", "OWNER/REPO")
    assert repository("") == ""
    assert repository("octo-org/metrics") == "octo-org/metrics"
    with pytest.raises(ValueError, match="OWNER/REPO"):
        repository("octo-org")


def test_a_bad_value_is_quoted_on_one_line_and_not_endlessly() -> None:
    assert values.shown("a\nb") == "a b"
    assert len(values.shown("x" * 500)) == 80
