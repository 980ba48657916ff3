"""E-mail addresses as keys: what counts as one and when two are the same; pure."""

import re
import unicodedata

LONGEST = 320  # 64 for the local part, "@", 255 for the domain: RFC 3696 with its erratum

_NEVER_INSIDE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_NOT_PLAIN = re.compile(r"[,;<>()\[\]\\\"@]")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")


def normalise(email: str) -> str:
    """The form in which addresses are equal; empty when the text is no address.

    Lower case, composed Unicode, no surrounding space, the domain in its ASCII form. Punycode of
    the very letters: nothing is mapped to another letter, neither "ß" to "ss" nor "ｅ" to "e".
    """
    local, domain = parts(email)
    return f"{local}@{_ascii(domain)}" if local else ""


def parts(email: str) -> tuple[str, str]:
    """Mailbox and domain in lower case and composed; both empty when the text is no address."""
    text = unicodedata.normalize("NFC", email.strip()).lower()
    local, _, domain = unicodedata.normalize("NFC", text).rpartition("@")
    whole = local and domain and not _NEVER_INSIDE.search(text)
    return (local, domain) if whole else ("", "")


def is_address(email: str) -> bool:
    """Whether `email` has the shape of one mailbox at a domain that could exist."""
    local, domain = parts(email)
    if not local or len(email.strip()) > LONGEST or len(local) > 64:
        return False
    if _NOT_PLAIN.search(local) or local.startswith(".") or local.endswith("."):
        return False
    name = _ascii(domain)
    return "." in name and len(name) <= 255 and all(map(_LABEL.fullmatch, name.split(".")))


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    return ".".join(map(_ascii_label, domain.split(".")))


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
