"""By https, with a certificate authority of one's own, as on GitHub Enterprise and behind proxies that look inside."""

from __future__ import annotations

import os
import sys
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

import pytest

from copilot_metrics.paths import ROOT
from sample_github.server import SampleApi
from support.https import certified
from support.runs import TODAY, environ, process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return tmp_path / "authority.pem"


@pytest.fixture
def api(authority: Path) -> Iterator[SampleApi]:
    with SampleApi(TODAY, usage_metrics=("*",), tls=certified("127.0.0.1", authority)) as served:
        yield served


def test_who_trusts_the_authority_gets_a_report(api: SampleApi, authority: Path, tmp_path: Path) -> None:
    process_value = process(tmp_path, environ(tmp_path, api.url) | {"REQUESTS_CA_BUNDLE": str(authority)})
    assert process_value.returncode == 0, process_value.stdout + process_value.stderr
    assert api.url.startswith("https://")
    assert {"/orgs/octo-org/copilot/metrics/reports/organization-28-day/latest"} <= {one.path for one in api.requests}


def test_an_untrusted_certificate_is_explained(api: SampleApi, tmp_path: Path) -> None:
    process_value = process(tmp_path, environ(tmp_path, api.url))
    assert process_value.returncode == 1
    assert "its certificate is not trusted; REQUESTS_CA_BUNDLE can name your own authority" in process_value.stdout
    assert api.requests == []


def test_a_missing_bundle_of_certificates_is_explained(api: SampleApi, tmp_path: Path) -> None:
    process_value = process(
        tmp_path, environ(tmp_path, api.url) | {"REQUESTS_CA_BUNDLE": str(tmp_path / "missing.pem")}
    )
    assert process_value.returncode == 1
    assert "the file that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names does not exist" in process_value.stdout


def test_the_server_of_the_self_test_says_its_address(authority: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "support.https", "127.0.0.1", str(authority)]
    with Popen(argv, stdout=PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "tests")}) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        values = environ(tmp_path, f"https://{address}", allowed_download_hosts=address)
        process_value = process(tmp_path, values | {"REQUESTS_CA_BUNDLE": str(authority)})
        server.terminate()
    assert process_value.returncode == 0, process_value.stdout + process_value.stderr
