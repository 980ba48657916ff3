"""Matching as many accounts as people: exact addresses, and suggestions for those without one."""

import unicodedata
from random import Random

from access.matching import AddressBook, Candidate, PeopleIndex, automatic_match, suggestions
from benchmarks.measure import Line, ratio, seconds
from benchmarks.world import Setting

# What an address costs when nothing is looked at but its bytes; matching also looks for disguises.
BUDGET_EXACT = 25
BUDGET_SUGGESTED = 200
WITHOUT = 10  # one account in so many has an address that nobody has
BEGINNINGS = ("al", "be", "cor", "da", "el", "fin", "gra", "ho", "ir", "jo", "ka", "li", "mo")
ENDS = ("son", "man", "berg", "ley", "ton", "well", "ford", "stad", "dal", "mark", "feld", "by")


def matching(setting: Setting) -> list[Line]:
    """Ratios to reading the same addresses: indexing and matching all, suggesting for the rest."""
    people = _people(setting.accounts, setting.random)
    accounts = _accounts(people, setting.random)
    rest = [each for number, each in enumerate(accounts) if number % WITHOUT == 0]
    exact = [(_floor(people, accounts), _exact(people, accounts)) for _ in range(setting.rounds)]
    near = [(_floor(people, accounts), _suggested(people, rest)) for _ in range(setting.rounds)]
    size = f"{len(accounts):,} accounts x {len(people):,} people"
    return [
        ratio(f"matching {size}: exact", exact, BUDGET_EXACT),
        ratio(f"matching {size}: index, suggestions for {len(rest):,}", near, BUDGET_SUGGESTED),
    ]


def _floor(people: list[Candidate], accounts: list[tuple[str, str]]) -> float:
    def read() -> None:
        known = {_read(each.emails[0]): each.id for each in people}
        for _, email in accounts:
            known.get(_read(email))

    return seconds(read)


def _read(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).lower()


def _exact(people: list[Candidate], accounts: list[tuple[str, str]]) -> float:
    def match() -> None:
        book = AddressBook()
        for each in people:
            book.note(each.emails[0], each.id, now=True)
        found = sum(automatic_match(email, book).person_id is not None for _, email in accounts)
        if found != sum(number % WITHOUT != 0 for number in range(len(accounts))):
            raise RuntimeError(f"{found} accounts were matched, which is not what was made.")

    return seconds(match)


def _suggested(people: list[Candidate], accounts: list[tuple[str, str]]) -> float:
    def suggest() -> None:
        index = PeopleIndex(people)
        for name, email in accounts:
            suggestions(name=name, email=email, index=index)

    return seconds(suggest)


def _people(number: int, chance: Random) -> list[Candidate]:
    return [
        Candidate(str(each), _name(chance), (f"person.{each}@example.test",))
        for each in range(number)
    ]


def _name(chance: Random) -> str:
    first, middle, last = chance.choice(BEGINNINGS), chance.choice(BEGINNINGS), chance.choice(ENDS)
    return f"{first}{middle} {chance.choice(BEGINNINGS)}{chance.choice(BEGINNINGS)}{last}".title()


def _accounts(people: list[Candidate], chance: Random) -> list[tuple[str, str]]:
    return [
        (each.name, f"{each.name.split()[0]}@elsewhere.test".lower())
        if number % WITHOUT == 0
        else (_name(chance), each.emails[0].title())
        for number, each in enumerate(people)
    ]
