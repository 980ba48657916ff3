"""Faults planted into the product, one at a time: the property must notice every one of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from checks.facts import SystemFacts, UserList
from integrations.providers.base import AccountPage, Malformed, ProviderError, RemoteAccount
from integrations.providers.listing import CompleteList, read_all
from tests.properties.observing import Product, Source
from tests.properties.worlds import NOW


def _read_with(change: Callable[[AccountPage], AccountPage]) -> Callable[..., CompleteList]:
    def read(source: Source, *args: Any, **how: Any) -> CompleteList:
        changed = tuple(
            change(each) if isinstance(each, AccountPage) else each for each in source.pages
        )
        return read_all(replace(source, pages=changed), *args, **how)

    return read


def ignoring_the_partial_flag(source: Any, *args: Any, **how: Any) -> CompleteList:
    """`read_all` that believes every page to be whole."""

    class Believing:
        def page(self, ref: str, cursor: str | None, limit: int) -> AccountPage:
            return replace(source.page(ref, cursor, limit), partial=False)

    return read_all(Believing(), *args, **how)  # type: ignore[arg-type]


def _end_at_an_error(source: Source, *args: Any, **how: Any) -> CompleteList:
    kept: list[AccountPage] = []
    for each in source.pages:
        if isinstance(each, ProviderError):
            break
        kept.append(replace(each, total=None))
    kept[-1:] = [replace(each, next_cursor=None) for each in kept[-1:]]
    nobody = AccountPage((), None, False, None, "")
    return read_all(replace(source, pages=tuple(kept) or (nobody,)), *args, **how)


def _keep_the_first_of_two(source: Source, *args: Any, **how: Any) -> CompleteList:
    found: dict[str, RemoteAccount] = {}
    for page in source.pages:
        if isinstance(page, ProviderError):
            raise page
        if page.partial or page.next_cursor == "0":
            raise Malformed("Not complete")
        found |= {each.external_id: each for each in page.accounts}
    return CompleteList(tuple(found.values()), ())


def _with_levels_guessed(facts: SystemFacts) -> SystemFacts:
    accounts = tuple(
        replace(each, level="STANDARD") if each.level == "UNKNOWN" else each
        for each in facts.accounts
    )
    return replace(facts, accounts=accounts)


def _without_holds(facts: SystemFacts) -> SystemFacts:
    accounts = tuple(replace(each, still_held_for=frozenset()) for each in facts.accounts)
    return replace(facts, accounts=accounts)


def _read_just_now(facts: SystemFacts) -> SystemFacts:
    return replace(facts, user_list=UserList("d", NOW))


PLANTED: dict[str, Product] = {
    "partial flag ignored": Product(read=_read_with(lambda page: replace(page, partial=False))),
    "total ignored": Product(read=_read_with(lambda page: replace(page, total=None))),
    "an error ends the list": Product(read=_end_at_an_error),
    "repeated accounts forgiven": Product(read=_keep_the_first_of_two),
    "vanishing guard off": Product(hold=lambda *_, **__: None),
    "organisation not pinned": Product(pinned=False),
    "age of the list ignored": Product(stale_after=timedelta(days=9999)),
    "age of the staff list ignored": Product(staff_stale_after=timedelta(days=9999)),
    "clock that stepped back believed": Product(doubts_the_clock=False),
    "every list counts as read just now": Product(prepare=_read_just_now),
    "unknown role taken for Standard": Product(prepare=_with_levels_guessed),
    "re-identified leaver's account let go": Product(prepare=_without_holds),
}
