"""Check the private key of a GitHub App before any request, and restore its line breaks."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from copilot_metrics.action.parsers import InvalidValueError
from copilot_metrics.secret import Secret

_ACCEPTED = "the private key of the GitHub App in PEM format, which begins with -----BEGIN RSA PRIVATE KEY-----"
_NEW_KEY = "Generate a new private key in the App's settings, and store the complete file as the secret."
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_OTHER_KINDS = (
    ("PUBLIC KEY", "this is a public key"),
    ("CERTIFICATE", "this is a certificate"),
    ("ENCRYPTED PRIVATE KEY", "this key is encrypted with a passphrase"),
    ("OPENSSH PRIVATE KEY", "this is an OpenSSH key"),
    ("EC PRIVATE KEY", "this is an elliptic-curve key, and GitHub Apps use RSA"),
    ("DSA PRIVATE KEY", "this is a DSA key, and GitHub Apps use RSA"),
)
_LOOKS_LIKE = (
    (r"(gh[a-z]|github_pat)_\w+", "this looks like a token", "A token belongs in the input `token`."),
    (r"(?i)sha256:.*", "this looks like the fingerprint of a key", _NEW_KEY),
    (r"[0-9a-f]{40}", "this looks like a client secret", _NEW_KEY),
    (r"\S*\.(pem|key)", "this looks like the name of a file", "Store the file's content as the secret."),
)
_MIN_BITS = 2048
_COLUMNS = 64


def parse(text: str) -> Secret:
    """Return the key as PEM with its line breaks restored; raises `InvalidValueError`, which never quotes the key."""
    if not text:
        return Secret()
    if not text.isascii():
        raise InvalidValueError(_ACCEPTED, reason="this contains characters other than ASCII", advice=_NEW_KEY)
    plain = text.strip("\"' \r\n").replace("\\r", "").replace("\\n", "\n")
    block = next((block for block in _BLOCK.finditer(plain) if "PRIVATE KEY" in block[1]), _BLOCK.search(plain))
    if block is None:
        raise _not_pem(plain)
    kind, body = block[1], block[2]
    if "ENCRYPTED" in body:
        kind = "ENCRYPTED PRIVATE KEY"
    for label, reason in _OTHER_KINDS:
        if kind.endswith(label):
            raise InvalidValueError(_ACCEPTED, reason=reason, advice=_NEW_KEY)
    content = "".join(body.split())
    lines = [content[start : start + _COLUMNS] for start in range(0, len(content), _COLUMNS)]
    pem = "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""))
    _check(pem)
    return Secret(pem)


def _not_pem(text: str) -> InvalidValueError:
    """Return the error for a text without a complete PEM block."""
    if "-----BEGIN" in text:
        return InvalidValueError(_ACCEPTED, reason="its end is missing: the line -----END …-----", advice=_NEW_KEY)
    for pattern, reason, advice in _LOOKS_LIKE:
        if re.fullmatch(pattern, text):
            return InvalidValueError(_ACCEPTED, reason=reason, advice=advice)
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return InvalidValueError(_ACCEPTED, advice=_NEW_KEY)
    if decoded.startswith(b"-----BEGIN"):
        advice = "Store the downloaded .pem file as the secret, not its base64 form."
        return InvalidValueError(_ACCEPTED, reason="this looks like base64", advice=advice)
    if decoded.startswith(b"\x30\x82"):
        reason = "its first and last line are missing: -----BEGIN …----- and -----END …-----"
        return InvalidValueError(_ACCEPTED, reason=reason, advice=_NEW_KEY)
    return InvalidValueError(_ACCEPTED, advice=_NEW_KEY)


def _check(pem: str) -> None:
    """Raise `InvalidValueError` if this is not an RSA key that GitHub accepts."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except Exception:  # noqa: BLE001 - whatever is wrong with the key; the reason may quote it
        raise InvalidValueError(_ACCEPTED, reason="this key is damaged", advice=_NEW_KEY) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidValueError(_ACCEPTED, reason="this is not an RSA key", advice=_NEW_KEY)
    if key.key_size < _MIN_BITS:
        reason = f"this key has {key.key_size:,} bits, and GitHub's have {_MIN_BITS:,}"
        raise InvalidValueError(_ACCEPTED, reason=reason, advice=_NEW_KEY)
