"""Reading a whole list: a page at a time, and complete or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integrations.providers.base import AccountPage, Malformed, Provider, RemoteAccount


@dataclass(frozen=True, slots=True)
class CompleteList:
    """Every user of the product, and what is needed to prove where the list came from."""

    accounts: tuple[RemoteAccount, ...]
    digests: tuple[str, ...]
    """SHA-256 (hex) of each page's raw bytes, in order."""


def read_all(
    provider: Provider,
    ref: str,
    *,
    page_size: int,
    page_cap: int,
    on_page: Callable[[int, int], None],
    may_be_empty: bool = False,
) -> CompleteList:
    """Read to the end, calling `on_page(accounts so far, page number)` after each page.

    An empty page with a cursor is normal. `Malformed` for anything that leaves room for doubt:
    a partial page, a cursor or account seen before, no end within `page_cap` pages, a total that
    does not fit, no account at all (unless `may_be_empty`: then the caller's guard decides).
    """
    found: dict[str, RemoteAccount] = {}
    digests: list[str] = []
    totals: set[int] = set()
    cursors: set[str] = set()
    cursor: str | None = None
    for number in range(1, page_cap + 1):
        page = provider.page(ref, cursor, page_size)
        _take(page, found)
        digests.append(page.raw_digest)
        totals |= set() if page.total is None else {page.total}
        on_page(len(found), number)
        cursor = page.next_cursor
        if cursor is None:
            return _complete(found, totals, digests, may_be_empty)
        if cursor in cursors:
            raise Malformed("The list of users turns in a circle")
        cursors.add(cursor)
    raise Malformed(f"The list of users does not end within {page_cap} pages")


def _take(page: AccountPage, found: dict[str, RemoteAccount]) -> None:
    if page.partial:
        raise Malformed("The source says that its list of users is only partial")
    for account in page.accounts:
        if account.external_id in found:
            raise Malformed("The list of users names the same account twice")
        found[account.external_id] = account


def _complete(
    found: dict[str, RemoteAccount], totals: set[int], digests: list[str], may_be_empty: bool
) -> CompleteList:
    if not found and not may_be_empty:
        raise Malformed("The list of users is empty, which cannot be")
    if totals - {len(found)}:
        raise Malformed(f"{len(found)} users came, but the source counts {sorted(totals)}")
    return CompleteList(tuple(found.values()), tuple(digests))
