"""The vanishing guard and the comparison of lists."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import guard
from integrations.catalog import XERO_LEVELS
from integrations.guard import Hold, HoldCode, Row, changes, hold_reason
from tests.frozen import changeable


def row(number: int, level: str = "STANDARD", subscriber: bool = False) -> Row:
    return Row(f"u{number:03}", f"User {number:03}", f"u{number}@example.test", level, subscriber)


def rows(count: int, level: str = "STANDARD") -> list[Row]:
    return [row(number, level) for number in range(count)]


def held(previous: list[Row], current: list[Row], *expected: str) -> Hold | None:
    return hold_reason(previous, current, expected_removals=frozenset(expected), scheme=XERO_LEVELS)


def test_rows_and_holds_are_never_changed_in_place() -> None:
    assert changeable(guard) == []


def test_user_is_a_subscriber_only_where_the_list_says_so() -> None:
    assert not Row("u1", "User", "user@example.test", "STANDARD").is_subscriber


@pytest.mark.parametrize(
    ("before", "gone", "holds"),
    [
        (2, 1, False),
        (10, 1, False),
        (10, 2, True),
        (11, 2, False),
        (11, 3, False),
        (11, 4, True),
        (30, 3, False),
        (30, 4, True),
        (40, 4, False),
        (40, 5, True),
        (100, 10, False),
        (100, 11, True),
        (105, 10, False),
        (105, 11, True),
    ],
)
def test_list_that_shrinks_too_much_is_held(before: int, gone: int, holds: bool) -> None:
    found = held(rows(before), rows(before)[gone:])
    assert (found is not None) == holds
    if found:
        assert found.codes == (HoldCode.VANISHING,)
        assert [each.id for each in found.vanishing] == [f"u{n:03}" for n in range(gone)]
        assert found.reasons[0].startswith(f"{gone} users of {before} would vanish")
        limit = "2 or more of a short list" if before <= 10 else "more than 3 users and a tenth"
        assert f"asked to remove ({limit}" in found.reasons[0]


def test_growing_or_changed_list_is_not_held() -> None:
    assert held(rows(10), rows(300)) is None
    assert held(rows(10), [replace(each, name="Renamed") for each in rows(10)]) is None
    assert held([], rows(3)) is None


def test_removals_that_we_asked_for_do_not_count_and_are_shown_apart() -> None:
    before = rows(10)
    assert held(before, before[3:], "u000", "u001") is None
    found = held(before, before[3:], "u000")
    assert found is not None
    assert [each.id for each in found.expected] == ["u000"]
    assert [each.id for each in found.vanishing] == ["u001", "u002"]
    assert (found.previous_count, found.current_count) == (10, 7)


def test_empty_list_is_held_even_when_expected() -> None:
    found = held(rows(1), [], "u000")
    assert found is not None
    assert (found.codes, found.vanishing) == ((HoldCode.EMPTY,), ())
    assert found.reasons == ("The new list is empty; the last one had 1 user.",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (rows(3, "REMOVED"), []),  # nobody had access, but there was a list
        (rows(1), rows(1, "REMOVED")),  # there is a list, but nobody has access
    ],
)
def test_list_that_becomes_empty_in_either_way_is_held(before: list[Row], after: list[Row]) -> None:
    found = held(before, after, "u000")
    assert found is not None
    assert found.codes == (HoldCode.EMPTY,)


def test_two_empty_lists_hold_nothing() -> None:
    assert held([], []) is None


def test_user_whose_role_becomes_removed_has_vanished() -> None:
    found = held(rows(5), [*rows(5)[2:], row(0, "REMOVED"), row(1, "REMOVED")])
    assert found is not None
    assert len(found.vanishing) == 2
    assert held([*rows(5), row(7, "REMOVED"), row(8, "REMOVED")], rows(5)) is None


def test_list_that_loses_its_subscriber_is_held() -> None:
    before = [*rows(20), row(20, subscriber=True)]
    gone = held(before, before[:-1])
    kept = held(before, [*rows(20), row(20)])
    assert gone is not None
    assert kept is not None
    assert gone.codes == kept.codes == (HoldCode.SUBSCRIBER,)


def test_subscription_that_moved_is_not_held() -> None:
    before = [*rows(20), row(20, subscriber=True)]
    assert held(before, [row(0, subscriber=True), *rows(20)[1:]]) is None


def test_list_that_loses_all_its_advisers_is_held() -> None:
    before = [*rows(30), row(31, "FINANCIALADVISER"), row(32, "FINANCIALADVISER")]
    found = held(before, rows(30))
    assert found is not None
    assert found.codes == (HoldCode.PRIVILEGED,)
    assert found.reasons == ("All 2 users with the role Adviser would vanish.",)


def test_new_adviser_does_not_hide_that_all_earlier_ones_went() -> None:
    before = [*rows(30), row(31, "FINANCIALADVISER"), row(32, "FINANCIALADVISER")]
    assert held(before, [*rows(30), row(40, "FINANCIALADVISER")]) is not None


@pytest.mark.parametrize(
    "after",
    [
        [row(31, "FINANCIALADVISER")],
        [row(31, "STANDARD"), row(32, "STANDARD")],
    ],
)
def test_advisers_who_are_still_there_in_part_or_lowered_are_not_gone(after: list[Row]) -> None:
    before = [*rows(30), row(31, "FINANCIALADVISER"), row(32, "FINANCIALADVISER")]
    assert held(before, [*rows(30), *after]) is None


def test_single_adviser_or_expected_ones_may_go() -> None:
    one = [*rows(30), row(31, "FINANCIALADVISER")]
    two = [*one, row(32, "FINANCIALADVISER")]
    assert held(one, rows(30)) is None
    assert held(two, rows(30), "u031", "u032") is None
    assert held(two, rows(30), "u031") is not None


def test_adviser_who_goes_beside_somebody_of_another_role_is_one_alone() -> None:
    before = [*rows(30), row(31, "FINANCIALADVISER"), row(32, "CASHBOOKCLIENT")]
    assert held(before, rows(30)) is None


@pytest.mark.parametrize("level", ["CASHBOOKCLIENT", "STANDARD"])
def test_expected_advisers_may_go_beside_somebody_unexpected_of_another_role(level: str) -> None:
    before = [*rows(30), row(31, "FINANCIALADVISER"), row(32, "FINANCIALADVISER")]
    assert held([*before, row(33, level)], rows(30), "u031", "u032") is None


def test_levels_are_compared_by_what_they_say() -> None:
    level = "".join(("FINANCIAL", "ADVISER"))  # as it comes from a reading: no constant of ours
    found = held([*rows(30), row(31, level), row(32, level)], rows(30))
    assert found is not None
    assert found.codes == (HoldCode.PRIVILEGED,)


def test_every_reason_is_given() -> None:
    before = [*rows(3, "FINANCIALADVISER"), row(9, subscriber=True)]
    found = held(before, [])
    assert found is not None
    assert found.codes == tuple(HoldCode)
    assert len(found.reasons) == 4


def test_list_with_a_repeated_id_is_refused() -> None:
    with pytest.raises(ValueError, match="shows the user u000 twice"):
        held(rows(3), [*rows(3), row(0, "REMOVED")])


def test_changes_name_who_came_changed_and_went() -> None:
    before = [*rows(3), row(5, "REMOVED")]
    after = [replace(row(1, "FINANCIALADVISER"), name="New name"), row(2), row(3), row(5)]
    found = changes(before, after, XERO_LEVELS)
    assert [each.id for each in found.added] == ["u003", "u005"]
    assert [each.id for each in found.removed] == ["u000"]
    (change,) = found.changed
    assert (change.before, change.after) == (before[1], after[0])
    assert (change.fields, change.raised) == (("name", "level"), True)


@pytest.mark.parametrize(
    ("before", "after", "raised"),
    [
        ("READONLY", "STANDARD", True),
        ("CASHBOOKCLIENT", "FINANCIALADVISER", True),
        ("STANDARD", "UNKNOWN", True),
        ("STANDARD", "ADMIN", True),
        ("STANDARD", "READONLY", False),
        ("READONLY", "INVOICEONLY", False),
        ("FINANCIALADVISER", "STANDARD", False),
    ],
)
def test_raised_role_is_marked(before: str, after: str, raised: bool) -> None:
    (change,) = changes([row(1, before)], [row(1, after)], XERO_LEVELS).changed
    assert change.raised == raised


def test_change_of_the_name_alone_raises_nothing() -> None:
    before = row(1, "FINANCIALADVISER")
    (change,) = changes([before], [replace(before, name="Other")], XERO_LEVELS).changed
    assert not change.raised


LISTS = st.lists(
    st.builds(
        row, st.integers(0, 15), st.sampled_from([*XERO_LEVELS.labels, "ADMIN"]), st.booleans()
    ),
    unique_by=lambda each: each.id,
)


@given(LISTS, LISTS, st.frozensets(st.sampled_from([f"u{n:03}" for n in range(16)])))
def test_expecting_more_never_holds_more(
    previous: list[Row], current: list[Row], expected: frozenset[str]
) -> None:
    without = held(previous, current)
    found = held(previous, current, *expected)
    assert found is None or without is not None


@given(LISTS, LISTS)
def test_changes_lead_from_one_list_to_the_other(previous: list[Row], current: list[Row]) -> None:
    found = changes(previous, current, XERO_LEVELS)
    ids = {each.id for each in previous if each.level != "REMOVED"}
    ids = (ids - {each.id for each in found.removed}) | {each.id for each in found.added}
    assert ids == {each.id for each in current if each.level != "REMOVED"}
