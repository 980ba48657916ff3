"""Words that people are found by: what a search is compared with, folded the same way; pure."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 200  # characters of one word that count
MOST_TERMS = 5


def fold(text: str) -> str:
    """Lower case without accents: "Ünal" and "unal" are found by each other."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


def of_person(name: str, external_id: str, addresses: Iterable[str]) -> set[bytes]:
    """All words of one person: each part of the name, present addresses, the external id."""
    folded = fold(name)
    found = set(folded.split()) | set(re.findall(r"[^\W_]+", folded))
    found |= {fold(each) for each in addresses} | {" ".join(fold(external_id).split())}
    return {word[:LONGEST].encode() for word in found if word}


def terms(search: str) -> list[tuple[bytes, bytes]]:
    """Each word of a search as the range [from, to) of the words that begin with it."""
    kept = [term[:LONGEST].encode("utf-8", "ignore") for term in fold(search).split()][:MOST_TERMS]
    return [(term, term + b"\xff") for term in kept if term]  # no UTF-8 byte is 0xff
