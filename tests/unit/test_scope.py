import pytest

from copilot_metrics.scope import Scope, suggestion


@pytest.mark.parametrize(
    ("text", "kind", "owner", "team"),
    [
        ("orgs/octo-org", "orgs", "octo-org", ""),
        (" /Orgs/Octo-Org/ ", "orgs", "octo-org", ""),
        ("orgs/octo-org/team/Blue", "orgs", "octo-org", "blue"),
        ("enterprises/octo_ent", "enterprises", "octo_ent", ""),
        ("enterprises/octo/team/ent:platform", "enterprises", "octo", "ent:platform"),
        ("orgs/octo-org/team/*", "orgs", "octo-org", "*"),
        ("orgs/acme-", "orgs", "acme-", ""),
        ("orgs/-acme", "orgs", "-acme", ""),
        ("orgs/acme--labs/team/a--b-", "orgs", "acme--labs", "a--b-"),
        ("orgs/mona_octo", "orgs", "mona_octo", ""),
        ("enterprises/octo.ent-", "enterprises", "octo.ent-", ""),
        (f"enterprises/{'e' * 100}/team/{'t' * 200}", "enterprises", "e" * 100, "t" * 200),
    ],
)
def test_a_scope_is_read_in_lower_case(text: str, kind: str, owner: str, team: str) -> None:
    assert Scope.parse(text) == Scope(kind, owner, team)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "octo-org",
        "org/octo-org",
        "orgs/",
        "orgs/octo org",
        "orgs/.git",
        "orgs/octo/teams/blue",
        "orgs/octo/team/",
        "orgs/octo/team/..",
        "orgs/octo/team/a/b",
        "orgs/octo/team/a?per_page=1",
        "orgs/octo/team/%2e%2e",
        "orgs/../users",
        "users/monalisa",
    ],
)
def test_what_is_no_scope_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="orgs/ORG"):
        Scope.parse(text)


def test_a_scope_has_a_name_an_owner_and_a_folder() -> None:
    team = Scope.parse("enterprises/octo/team/ent:crème")
    assert str(team) == "enterprises/octo/team/ent:crème"
    assert team.owner_path == "enterprises/octo"
    assert team.noun == "enterprise team"
    assert team.title == "octo / ent:crème"
    assert team.folder == "enterprises/octo/team/ent-cr-me"
    assert Scope.parse("orgs/octo-org").noun == "organization"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("octo-org", "orgs/octo-org"),
        ("org/octo-org", "orgs/octo-org"),
        ("organizations/octo-org", "orgs/octo-org"),
        ("enterprise/octo", "enterprises/octo"),
        ("ogrs/octo-org/teams/blue", "orgs/octo-org/team/blue"),
        ("orgs/octo-org/blue", "orgs/octo-org/team/blue"),
        ("@octo-org/blue", "orgs/octo-org/team/blue"),
        ("orgs/Octo Org", "orgs/octo-org"),
        ("https://github.com/octo-org", "orgs/octo-org"),
        ("https://github.com/orgs/octo-org/teams/blue", "orgs/octo-org/team/blue"),
        ("https://octo.ghe.com/enterprises/octo/", "enterprises/octo"),
        ("users/monalisa", ""),
        ("orgs/", ""),
        ("", ""),
    ],
)
def test_a_misspelled_scope_is_recognized(text: str, meant: str) -> None:
    assert suggestion(text) == meant
