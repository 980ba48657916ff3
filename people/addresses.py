"""E-mail addresses as keys: what counts as one and when two are the same; pure."""

import re
import unicodedata

import idna

LONGEST = 320  # 64 for the local part, "@", 255 for the domain: RFC 3696 with its erratum

_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f,;<>()\[\]\\\"]")


def normalise(email: str) -> str:
    """The key under which `email` is compared: no space around, NFC, lower case, ASCII domain.

    Nothing else is taken for the same: dots, plus-addresses and look-alikes stay apart. Lower case
    rather than case folding, since folding would make one address of "weiß" and "weiss".
    """
    text = _lower(email.strip())
    local, at, domain = text.rpartition("@")
    return f"{local}@{_ascii(domain)}" if at else text


def is_address(email: str) -> bool:
    """Whether `email` has the shape of one mailbox at a domain that could exist."""
    text = email.strip()
    local, _, domain = text.rpartition("@")
    if not local or len(text) > LONGEST or len(local) > 64 or "@" in local:
        return False
    if _FORBIDDEN.search(text) or local.startswith(".") or local.endswith("."):
        return False
    name = _ascii(_lower(domain))
    return "." in name and _is_host(name)


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def _ascii(domain: str) -> str:
    """The domain with A-labels; one that IDNA refuses stays as it is, so that it equals only itself."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return domain


def _is_host(name: str) -> bool:
    labels = name.split(".")
    return len(name) <= 255 and all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) for label in labels)
