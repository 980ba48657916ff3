"""Whose account may this be: exact matches, suggestions with their reasons, likeness; pure.

People are indexed once; a match is a look-up, suggestions compare only within small blocks.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from rapidfuzz import fuzz, process

from access.addresses import (
    bare,
    domain_of,
    is_confusable,
    mailbox,
    skeleton,
    unaccented,
)
from people.addresses import is_address, normalise

__all__ = [
    "AddressBook",
    "Candidate",
    "Match",
    "PeopleIndex",
    "Suggestion",
    "automatic_match",
    "is_confusable",
    "may_be_alias",
    "normalise",
    "resembles",
    "suggestions",
]

_LARGEST_BLOCK = 200  # a part of a name that more people share says too little to compare by
_SIMILAR = 86  # of 100, rapidfuzz's token sort ratio
_PUBLIC_DOMAINS = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "me.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "yahoo.com",
    }
)
_SHARED_MAILBOXES = frozenset(
    {"accounts", "admin", "billing", "contact", "finance", "hello", "info", "mail", "office"}
)


@dataclass(frozen=True)
class Candidate:
    """A person, current or former, with the work e-mail and all known aliases."""

    id: str
    name: str
    emails: tuple[str, ...] = ()
    earlier_emails: tuple[str, ...] = ()  # once theirs and no more; keep others from matching


@dataclass(frozen=True)
class Match:
    """The answer of the automatic match. `flagged`: the address imitates other characters."""

    person_id: str | None
    reason: str
    flagged: bool = False


@dataclass(frozen=True)
class Suggestion:
    person_id: str
    name: str
    reason: str
    score: int  # of 100; only for the order


class AddressBook:
    """Who has which address, and who has or had it or an account under it."""

    def __init__(self) -> None:
        self.owners = _Blocks()
        self.ever = _Blocks()

    def note(self, email: str, person_id: str, *, now: bool) -> None:
        """`now`: the address is theirs at present."""
        address = normalise(email)
        self.ever.add(address, person_id)
        if now:
            self.owners.add(address, person_id)


class PeopleIndex(AddressBook):
    """People by address and by name. `seen_on`: addresses of accounts identified as a person."""

    def __init__(
        self,
        people: Iterable[Candidate],
        seen_on: Iterable[tuple[str, str]] = (),
        *,
        most: float = _LARGEST_BLOCK,
    ) -> None:
        """`most` people may share a part of their name, or a mailbox, and be compared by it."""
        super().__init__()
        self.people = {person.id: person for person in people}
        self.spelled: dict[str, str] = {}  # the words of each name, as they are compared
        self.bare = _Blocks()
        self.skeletons = _Blocks()
        self.mailboxes = _Blocks(most)
        self.names = _Blocks()
        self.initials = _Blocks(most)  # first initial and surname
        self.spellings = _Blocks(most)  # mailboxes that a name is commonly written as
        self.beginnings = _Blocks(most)  # first three letters of any part of the name
        for person in self.people.values():
            for block, key in self._keys(person):
                block.add(key, person.id)
            self.spelled[person.id] = " ".join(_name_parts(person.name))
        for email, person_id in seen_on:
            self.note(email, person_id, now=False)

    def with_people(self, people: Iterable[Candidate], gone: Collection[str]) -> "PeopleIndex":
        """This index with other records of these people, and without those of `gone`.

        Itself it stays as it is: somebody else may be reading it. `seen_on` is not kept.
        """
        found = PeopleIndex(())
        for name, value in vars(self).items():
            setattr(found, name, value.copy())
        new = {person.id: person for person in people}
        for person_id in {*new, *gone} & found.people.keys():
            del found.spelled[person_id]
            for block, key in found._keys(found.people.pop(person_id)):
                block.put(key, block.of(key) - {person_id})
        for person in new.values():
            found.people[person.id] = person
            found.spelled[person.id] = " ".join(_name_parts(person.name))
            for block, key in found._keys(person):
                block.put(key, block.of(key) | {person.id})
        return found

    def _keys(self, person: Candidate) -> Iterator[tuple["_Blocks", str]]:
        """Where a person stands: each block with the key in it."""
        for email in person.emails:
            yield self.owners, normalise(email)
            yield self.mailboxes, mailbox(email)
        for email in (*person.emails, *person.earlier_emails):
            yield self.ever, normalise(email)
            yield self.bare, bare(email)
            yield self.skeletons, skeleton(email)
        parts = _name_parts(person.name)
        yield self.names, " ".join(sorted(parts))
        yield self.initials, _initial_and_surname(parts)
        for spelling in _spellings(parts):
            yield self.spellings, spelling
        for part in parts:
            yield self.beginnings, part[:3]


class _Blocks:
    """Ids of people by a key; the empty key holds nobody.

    Most keys are one person's: a set for each would be most of the memory.
    """

    def __init__(self, most: float = inf, ids: Mapping[str, str | set[str]] | None = None) -> None:
        self._most, self._ids = most, dict(ids or {})

    def copy(self) -> "_Blocks":
        """One to `put` into; the sets are shared, so that nothing may be added to it."""
        return _Blocks(self._most, self._ids)

    def put(self, key: str, ids: set[str]) -> None:
        """Say anew who has the key."""
        if not ids:
            self._ids.pop(key, None)
        elif key.strip("@"):
            self._ids[key] = ids

    def add(self, key: str, person_id: str) -> None:
        if not key.strip("@"):
            return
        held = self._ids.setdefault(key, person_id)
        if isinstance(held, set):
            held.add(person_id)
        elif held != person_id:
            self._ids[key] = {held, person_id}

    def of(self, key: str) -> set[str]:
        held = self._ids.get(key, set())
        return held if isinstance(held, set) else {held}

    def few(self, key: str) -> set[str]:
        """The block, unless it is so large that being in it says nothing."""
        found = self.of(key)
        return found if len(found) <= self._most else set()


def automatic_match(email: str, book: AddressBook, holders: Collection[str] = ()) -> Match:
    """The one person whose account it is without asking, or why there is none.

    Only the exact normalised address counts, only if it is one person's and never was another's.
    `holders` are the people whose account this one was ever said to be.
    """
    address = normalise(email)
    if not address:
        return Match(None, "The account has no e-mail address.")
    if is_confusable(email):
        return Match(None, "The address imitates other characters; look closely.", flagged=True)
    owners = book.owners.of(address)
    if not owners:
        return Match(None, "Nobody in the staff directory has this address.")
    against = _speaks_against(owners, book.ever.of(address), holders)
    return Match(None, against) if against else Match(next(iter(owners)), "same e-mail address")


def _speaks_against(owners: set[str], ever: set[str], holders: Collection[str]) -> str:
    if len(owners) > 1:
        return "Several people have this address."
    if ever != owners:
        return "The address belonged to somebody else before."
    return "" if owners.issuperset(holders) else "The account was somebody else's before."


def may_be_alias(email: str) -> bool:
    """Whether an account's address says one person: well formed, honest, and no shared mailbox."""
    return (
        is_address(email)
        and not is_confusable(email)
        and mailbox(email).partition("+")[0] not in _SHARED_MAILBOXES
    )


def suggestions(
    *, name: str, email: str, index: PeopleIndex, limit: int | None = 5
) -> tuple[Suggestion, ...]:
    """People whose account it may be, likeliest first, each with its reason in words."""
    best: dict[str, Suggestion] = {}
    for person_id, score, reason in _likenesses(name, email, index):
        known = best.get(person_id)
        if person_id in index.people and (known is None or known.score < score):
            person = index.people[person_id]
            best[person_id] = Suggestion(person_id, person.name, reason, score)
    ordered = sorted(best.values(), key=lambda each: (-each.score, each.name, each.person_id))
    return tuple(ordered[:limit])


def resembles(*, name: str, email: str, index: PeopleIndex) -> frozenset[str]:
    """Everybody of the index whose account it may be; an account that says nothing may be anyone's.

    The index should leave nobody out of comparison (`most` is infinite): a verdict rests on it.
    """
    if not normalise(email) and not _name_parts(name):
        return frozenset(index.people)
    found = suggestions(name=name, email=email, index=index, limit=None)
    return frozenset(each.person_id for each in found)


def _likenesses(name: str, email: str, index: PeopleIndex) -> Iterator[tuple[str, int, str]]:
    if normalise(email):
        yield from _by_address(email, index)
    parts = _name_parts(name)
    if parts:
        yield from _by_name(parts, domain_of(email), index)


def _by_address(email: str, index: PeopleIndex) -> Iterator[tuple[str, int, str]]:
    address, box, domain = normalise(email), mailbox(email), domain_of(email)
    ever = index.ever.of(address)
    for person_id in ever:
        yield person_id, 100, _same_address(person_id, address, ever, index)
    for person_id in index.bare.of(bare(email)):
        yield person_id, 95, "same e-mail address but for dots or a “+” tag"
    for person_id in index.skeletons.of(skeleton(email)):
        yield person_id, 90, "e-mail address that looks the same but is written differently"
    for person_id in index.spellings.few(_letters(box)):
        yield person_id, *_with_domain(60, "the address spells the name", person_id, domain, index)
    if box not in _SHARED_MAILBOXES:
        for person_id in index.mailboxes.few(box):
            yield person_id, 55, "same name before the @, at another domain"


def _same_address(person_id: str, address: str, ever: set[str], index: PeopleIndex) -> str:
    if len(ever) > 1:
        return "same e-mail address, which is or was somebody else's too"
    if person_id in index.owners.of(address):
        return "same e-mail address"
    return "same e-mail address, which they had before"


def _by_name(parts: list[str], domain: str, index: PeopleIndex) -> Iterator[tuple[str, int, str]]:
    for person_id in index.names.of(" ".join(sorted(parts))):
        yield person_id, *_with_domain(70, "same name", person_id, domain, index)
    for person_id in index.initials.few(_initial_and_surname(parts)):
        words = "same surname, first initial"
        yield person_id, *_with_domain(50, words, person_id, domain, index)
    for person_id in _similar(parts, index):
        yield person_id, *_with_domain(40, "similar name", person_id, domain, index)


def _with_domain(
    score: int, words: str, person_id: str, domain: str, index: PeopleIndex
) -> tuple[int, str]:
    """The reason, stronger when the person has an address at the same, not public, domain."""
    person = index.people[person_id]
    known = {domain_of(email) for email in (*person.emails, *person.earlier_emails)}
    if domain and domain in known - _PUBLIC_DOMAINS:
        return score + 15, f"{words}, company domain"
    return score, words


def _similar(parts: list[str], index: PeopleIndex) -> list[str]:
    """People of the same blocks whose name is spelt much alike."""
    nearby = {each for part in parts for each in index.beginnings.few(part[:3])}
    names = {each: index.spelled[each] for each in sorted(nearby)}
    found = process.extract(
        " ".join(parts), names, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR, limit=None
    )
    return [person_id for _, _, person_id in found]


def _name_parts(name: str) -> list[str]:
    """The words of a name, given names first; "One, Alex" is turned round."""
    last, comma, first = name.partition(",")
    whole = f"{first} {last}" if comma else name
    return re.findall(r"[^\W_]+", unaccented(whole).casefold())


def _initial_and_surname(parts: list[str]) -> str:
    return f"{parts[0][0]} {parts[-1]}" if len(parts) > 1 else ""


def _letters(box: str) -> str:
    return "".join(re.findall(r"[^\W\d_]+", unaccented(box.partition("+")[0]).casefold()))


def _spellings(parts: list[str]) -> set[str]:
    """alexone, onealex, aone, onea and alexo, without separators."""
    if len(parts) < 2:
        return set()
    first, last = parts[0], parts[-1]
    return {first + last, last + first, first[0] + last, last + first[0], first + last[0]}
