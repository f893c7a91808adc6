"""A GitHub App instead of a token: a token for each owner, with the least permissions, revoked at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sample_github.apps import App
from sample_github.faults import Status
from sample_github.server import SampleApi
from support.described import Described
from support.runs import TODAY, Waits, run

if TYPE_CHECKING:
    from pathlib import Path

    from support.runs import Run

CLIENT_ID = "Iv23liOfTheSample"
METRICS, SEATS = "organization_copilot_metrics", "organization_copilot_seat_management"
ALL = {METRICS: "read", SEATS: "write", "members": "read", "organization_administration": "write", "contents": "write"}
ENTERPRISE = {"enterprise_copilot_metrics": "read", "enterprise_administration": "write"}
OWNERS = "orgs/octo-org, orgs/octo-labs, enterprises/octo-enterprise"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def app(key: rsa.RSAPrivateKey, **installations: dict[str, str]) -> App:
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    named = {"org": "orgs/octo-org", "labs": "orgs/octo-labs", "enterprise": "enterprises/octo-enterprise"}
    return App(CLIENT_ID, public.decode(), {named[name]: granted for name, granted in installations.items()})


def job(folder: Path, server: SampleApi, pem: str, waits: Waits | None = None, /, **inputs: str) -> Run:
    values = {"token": "", "app_id": CLIENT_ID, "app_private_key": pem, "scope": OWNERS} | inputs
    return run(folder, server.url, waits=waits, **values)


def test_every_owner_has_its_own_token_and_one_without_installation_fails_alone(
    key: rsa.RSAPrivateKey, pem: str, tmp_path: Path
) -> None:
    known = app(key, org=ALL, enterprise=ENTERPRISE)
    with Described(TODAY, app=known, usage_metrics=("*",)) as api:
        result = job(tmp_path, api, pem)
    assert (result.status, result.outputs["scopes"]) == (1, "2"), result.log
    assert api.contradictions == []
    [error] = result.annotations("error")
    assert "orgs/octo-labs" in error
    assert "not installed there" in error
    used = {
        request.path.split("/")[2]: request.headers["Authorization"].split("-for-")[1].rpartition("-")[0]
        for request in api.requests
        if "/reports/" in request.path
    }
    assert used == {"octo-org": "orgs-octo-org", "octo-enterprise": "enterprises-octo-enterprise"}
    assert known.alive == {}
    assert len(known.created) == 2


def test_a_token_may_do_only_what_the_run_needs(key: rsa.RSAPrivateKey, pem: str, tmp_path: Path) -> None:
    requests_value: list[Any] = []
    every = "orgs/octo-org, orgs/octo-org/team/*"
    cases: tuple[dict[str, str], ...] = (
        {"scope": every},
        {"api": "usage-metrics", "licenses": "none"},
        {"api": "metrics", "scope": every},
        {},
    )
    for number, inputs in enumerate(cases):
        place = tmp_path / str(number)
        place.mkdir()
        with SampleApi(TODAY, app=app(key, org=ALL), usage_metrics=("*",) if number < 2 else ()) as api:
            result = job(place, api, pem, None, **({"scope": "orgs/octo-org"} | inputs))
        assert result.status == 0, result.log
        requests_value += [
            request.json()["permissions"] for request in api.requests if request.path.endswith("access_tokens")
        ]
    assert requests_value == [
        {"members": "read", METRICS: "read", SEATS: "read"},
        {METRICS: "read"},
        {"members": "read", SEATS: "read"},
        {METRICS: "read", SEATS: "read"},
    ]


def test_a_token_is_renewed_before_its_hour_is_up(key: rsa.RSAPrivateKey, pem: str, tmp_path: Path) -> None:
    waits = Waits()
    known = app(key, org=ALL)
    with SampleApi(TODAY, app=known, rate_limit=10, now=waits.clock().now) as api:
        teams = ", ".join(f"orgs/octo-org/team/t{number}" for number in range(20))
        job(tmp_path, api, pem, waits, scope=f"orgs/octo-org, {teams}", max_wait_minutes="360")
    assert len(known.created) == len(set(known.created)) == 3
    assert known.alive == {}
    assert api.limit.refused == 0


def test_a_token_that_cannot_be_revoked_is_logged(key: rsa.RSAPrivateKey, pem: str, tmp_path: Path) -> None:
    with SampleApi(TODAY, app=app(key, org=ALL)) as api:
        api.fail("/installation/token", Status(403, "no"))
        result = job(tmp_path, api, pem, scope="orgs/octo-org")
    assert result.status == 0
    assert "could not be revoked" in result.log


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"app_id": "Iv23liSomebodyElse"}, "does not know a GitHub App with this ID and key"),
        (
            {"app_private_key": "-----BEGIN RSA PRIVATE KEY-----\nnonsense\n-----END RSA PRIVATE KEY-----"},
            "this key is damaged",
        ),
        ({"app_private_key": ""}, "`app-private-key` is empty"),
    ],
)
def test_a_problem_of_the_app_is_explained(
    key: rsa.RSAPrivateKey, pem: str, tmp_path: Path, inputs: dict[str, str], expected: str
) -> None:
    with SampleApi(TODAY, app=app(key, org=ALL)) as api:
        result = job(tmp_path, api, pem, None, **({"scope": "orgs/octo-org"} | inputs))
    [error] = result.annotations("error")
    assert result.status == 1
    assert expected in error
    assert "nonsense" not in result.log


def test_an_installation_that_was_suspended_or_may_not_read_is_that_owners_failure(
    key: rsa.RSAPrivateKey, pem: str, tmp_path: Path
) -> None:
    known = app(key, org=ALL, labs=ALL, enterprise={"enterprise_administration": "write"})
    known.suspended = frozenset({"orgs/octo-labs"})
    with SampleApi(TODAY, app=known, usage_metrics=("*",)) as api:
        result = job(tmp_path, api, pem)
    errors = "".join(result.annotations("error"))
    assert (result.status, result.outputs["scopes"]) == (1, "1")
    assert "orgs/octo-labs: GitHub answered 403: “This installation has been suspended”" in errors
    assert "enterprises/octo-enterprise: The installation of the GitHub App has no permission" in errors


def test_a_key_whose_lines_were_joined_by_a_secret_store_is_understood(
    key: rsa.RSAPrivateKey, pem: str, tmp_path: Path
) -> None:
    with SampleApi(TODAY, app=app(key, org=ALL)) as api:
        result = job(tmp_path, api, pem.replace("\n", "\\n"), scope="orgs/octo-org")
    assert result.status == 0, result.log


def test_the_sample_refuses_an_app_that_speaks_for_itself_too_long(key: rsa.RSAPrivateKey, pem: str) -> None:
    import requests  # noqa: PLC0415

    with SampleApi(TODAY, app=app(key, org=ALL)) as api, requests.Session() as session:
        session.trust_env = False
        signed = jwt.encode({"iat": 2_000_000_000 - 10**9, "exp": 2_000_000_000, "iss": CLIENT_ID}, pem, "RS256")
        for claim in (signed, "nonsense"):
            answer = session.get(f"{api.url}/orgs/octo-org/installation", headers={"Authorization": f"Bearer {claim}"})
            assert answer.status_code == 401
