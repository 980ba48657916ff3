"""A list is complete or it is none: the driver over pages that are wrong in every known way."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.providers.base import AccountPage, Malformed, Provider, RemoteAccount, TryLater
from integrations.providers.listing import CompleteList, read_all


class Pages:
    """Serves pages in order; the cursor is the number of the page that comes next."""

    def __init__(self, *pages: AccountPage | Exception) -> None:
        self.pages = pages
        self.asked: list[tuple[str, str | None, int]] = []

    def page(self, ref: str, cursor: str | None, limit: int) -> AccountPage:
        self.asked.append((ref, cursor, limit))
        page = self.pages[len(self.asked) - 1]
        if isinstance(page, Exception):
            raise page
        return page


def account(number: int) -> RemoteAccount:
    return RemoteAccount(f"u{number}", f"Alex {number}", None, "STANDARD", False)


def page(*numbers: int, cursor: str | None = None, **more: Any) -> AccountPage:
    fields = {"partial": False, "total": None, "raw_digest": f"digest of {numbers}", **more}
    return AccountPage(tuple(map(account, numbers)), cursor, **fields)


def read(*pages: AccountPage | Exception, cap: int = 10) -> CompleteList:
    return read_all(
        cast(Provider, Pages(*pages)), "ref", page_size=2, page_cap=cap, on_page=lambda f, n: None
    )


def test_pages_are_joined_and_cursors_handed_back() -> None:
    pages = Pages(page(1, 2, cursor="a"), page(cursor="b"), page(3))
    seen: list[tuple[int, int]] = []

    whole = read_all(
        cast(Provider, pages), "ref", page_size=2, page_cap=3,
        on_page=lambda found, number: seen.append((found, number)),
    )  # fmt: skip

    assert [one.external_id for one in whole.accounts] == ["u1", "u2", "u3"]
    assert whole.digests == ("digest of (1, 2)", "digest of ()", "digest of (3,)")
    assert pages.asked == [("ref", None, 2), ("ref", "a", 2), ("ref", "b", 2)]
    assert seen == [(2, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([page(1, cursor="a"), page(2, cursor="a")], "circle"),
        ([page(1, cursor="a"), page(2, cursor="b"), page(3, cursor="a")], "circle"),
        ([page(1, 1)], "twice"),
        ([page(1, cursor="a"), page(1)], "twice"),
        ([page(1, cursor="a"), page(2, partial=True)], "partial"),
        ([page(1, partial=True)], "partial"),
        ([page()], "empty"),
        ([page(cursor="a"), page()], "empty"),
        ([page(total=0)], "empty"),
        ([page(1, total=2)], "counts"),
        ([page(1, 2, total=1)], "counts"),
        ([page(1, cursor="a", total=3), page(2)], "counts"),
        ([page(1, cursor="a", total=2), page(2, total=3)], "counts"),
    ],
)
def test_a_doubtful_list_is_malformed(pages: list[AccountPage], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read(*pages)


def test_an_empty_list_is_for_the_guard_where_the_caller_says_so() -> None:
    whole = read_all(
        cast(Provider, Pages(page(total=0))), "ref", page_size=2, page_cap=9,
        on_page=lambda found, number: None, may_be_empty=True,
    )  # fmt: skip

    assert (whole.accounts, len(whole.digests)) == ((), 1)


def test_a_list_longer_than_the_cap_is_malformed() -> None:
    pages = [page(number, cursor=f"c{number}") for number in range(3)]

    with pytest.raises(Malformed, match="3 pages"):
        read(*pages, cap=3)


def test_a_failing_page_fails_the_whole() -> None:
    with pytest.raises(TryLater):
        read(page(1, 2, cursor="a"), TryLater(10))


def test_what_on_page_raises_stops_the_reading() -> None:
    pages = Pages(page(1, cursor="a"), page(2))

    def lost(found: int, number: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read_all(cast(Provider, pages), "ref", page_size=2, page_cap=9, on_page=lost)

    assert len(pages.asked) == 1


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.data())
def test_a_list_that_is_degraded_anywhere_is_never_complete(
    sizes: list[int], data: st.DataObject
) -> None:
    """Split any list into pages, with its total stated; then lose one account or the rest."""
    total = sum(sizes)
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    numbers = [list(range(s, s + size)) for s, size in zip(starts, sizes, strict=True)]
    victim = data.draw(st.integers(0, len(sizes) - 1))
    cut = [page(*row, cursor=str(i), total=total) for i, row in enumerate(numbers[: victim + 1])]
    cut[-1] = page(*numbers[victim][1:], total=total)

    if numbers[victim] or (victim + 1 < len(sizes) and sum(sizes[victim + 1 :])):
        with pytest.raises(Malformed):
            read(*cut)
