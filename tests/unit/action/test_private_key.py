from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from copilot_metrics.action import private_key
from copilot_metrics.action.parsers import InvalidValueError
from support.families import pem

PEM, PKCS8, OPENSSH = (
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.PrivateFormat.PKCS8,
    serialization.PrivateFormat.OpenSSH,
)


def loaded(text: str) -> int:
    """Return the modulus of a PEM key."""
    key = serialization.load_pem_private_key(text.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.private_numbers().public_numbers.n


def written(
    form: serialization.PrivateFormat,
    password: bytes = b"",
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
) -> str:
    """Return a key in another format."""
    known = key or serialization.load_pem_private_key(pem().encode(), password=None)
    hidden: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        hidden = serialization.BestAvailableEncryption(password)
    return known.private_bytes(serialization.Encoding.PEM, form, hidden).decode()


def public() -> str:
    known = serialization.load_pem_private_key(pem().encode(), password=None)
    return (
        known.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def middle() -> str:
    """Return the lines between the first and the last."""
    return "\n".join(pem().splitlines()[1:-1])


def test_a_key_is_accepted_in_every_complete_form() -> None:
    for text in (
        pem(),
        pem().strip(),
        pem().replace("\n", "\r\n"),
        pem().replace("\n", "\\n"),
        pem().replace("\n", "\\r\\n"),
        pem().replace("\n", " "),
        pem().replace("\n", ""),
        f'"{pem()}"',
        f"Bag Attributes\n{pem()}",
        f"{public()}{pem()}",
        written(PKCS8),
    ):
        assert loaded(private_key.parse(text).reveal()) == loaded(pem())


def test_an_empty_key_is_none() -> None:
    assert not private_key.parse("")


def test_the_error_of_a_rejected_key_names_what_it_looks_like_and_does_not_quote_it() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - to be rejected
    curve = ec.generate_private_key(ec.SECP256R1())
    for text, reason in (
        (base64.b64encode(pem().encode()).decode(), "this looks like base64"),
        (base64.encodebytes(pem().encode()).decode(), "this looks like base64"),
        (middle(), "its first and last line are missing: -----BEGIN …----- and -----END …-----"),
        (pem()[:700], "its end is missing: the line -----END …-----"),
        (pem().replace(middle().splitlines()[3], ""), "this key is damaged"),
        (public(), "this is a public key"),
        (f"-----BEGIN CERTIFICATE-----\n{middle()}\n-----END CERTIFICATE-----", "this is a certificate"),
        (written(PKCS8, b"passphrase"), "this key is encrypted with a passphrase"),
        (written(PEM, b"passphrase"), "this key is encrypted with a passphrase"),
        (written(OPENSSH), "this is an OpenSSH key"),
        (written(PEM, key=curve), "this is an elliptic-curve key, and GitHub Apps use RSA"),
        (written(PKCS8, key=curve), "this is not an RSA key"),
        (written(PEM, key=small), "this key has 1,024 bits, and GitHub's have 2,048"),
        ("ghp_invented0123", "this looks like a token"),
        ("SHA256:Zm9vYmFy+/=", "this looks like the fingerprint of a key"),
        ("0123456789abcdef0123456789abcdef01234567", "this looks like a client secret"),
        ("octo-app.2026-11-30.private-key.pem", "this looks like the name of a file"),
        ("c2VjcmV0", ""),
        ("a secret", ""),
        ("schlüssel", "this contains characters other than ASCII"),
    ):
        with pytest.raises(InvalidValueError, match="the private key of the GitHub App in PEM format") as caught:
            private_key.parse(text)
        assert (caught.value.reason, caught.value.suggestion) == (reason, "")
        assert caught.value.advice
        assert text not in f"{caught.value.reason}{caught.value.advice}"
