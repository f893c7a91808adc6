"""The hosts of GitHub's REST API."""

from __future__ import annotations

import ipaddress

GITHUB_API = "https://api.github.com"


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is the local machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
