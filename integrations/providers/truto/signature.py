"""Is a webhook really from Truto: its signature over the raw bytes, in either encoding."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

from integrations.providers.base import BadSignature

HEADER = "x-truto-signature"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?")


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> None:
    """`BadSignature` unless one of the secrets made the signature of exactly these bytes."""
    signature = _signature(_header(headers))
    keys = [secret.encode("utf-8") for secret in secrets if secret]
    fits = [hmac.compare_digest(signature, hmac.digest(key, body, hashlib.sha256)) for key in keys]
    if not any(fits):
        raise BadSignature


def _header(headers: Mapping[str, str]) -> str:
    values = [value for name, value in headers.items() if name.lower() == HEADER]
    if len(values) != 1:
        raise BadSignature("The webhook carries no signature, or more than one")
    return values[0]


def _signature(header: str) -> bytes:
    """The 32 bytes of `format=sha256,v=…`, parted at the first `=` since base64 pads with more."""
    parts = [part.lstrip(" ").partition("=") for part in header.split(",")]
    fields = {name: value for name, _, value in parts}
    if len(fields) != len(parts) or fields.get("format") != "sha256":
        raise BadSignature("The webhook's signature has a form we do not know")
    return _decoded(fields.get("v", ""))


def _decoded(value: str) -> bytes:
    """Truto's documents say hex, code that verifies says base64; lengths keep them apart.

    Hex may be in capitals. Base64 has one canonical spelling, and only that is taken.
    """
    if _HEX.fullmatch(value):
        return bytes.fromhex(value)
    if _BASE64.fullmatch(value):
        plain = value.rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            decoded = base64.b64decode(f"{plain}=", validate=True)
        except binascii.Error:
            decoded = b""
        if base64.b64encode(decoded) == f"{plain}=".encode():
            return decoded
    raise BadSignature("The webhook's signature cannot be read")
