"""Check 2: nobody who has left has an account any more, and a later list proves it."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from checks.facts import Decision, DecisionKind, SystemFacts, UserList
from checks.rules import CHECKS, offboarded_access_removed
from checks.rules.base import Judgement, Outcome, Remedy, Verdict
from tests.checks.rules.given import (
    DAY,
    HOUR,
    NOW,
    READ,
    SEEN,
    account,
    judgement,
    leaver,
    not_staff,
    past,
    person,
    staff,
    system,
    verdict,
)
from tests.frozen import changeable

ID = "offboarded_access_removed"
ENDED = NOW - 2 * DAY
LIST = UserList("d" * 64, READ)


def of(now: datetime = NOW, **facts: Any) -> Verdict:
    return verdict(ID, system(**{"people": (leaver(),), **facts}), now)


SOMEBODY = account("a9", decision=staff("p9"))


def whole(**facts: Any) -> Judgement:
    return judgement(ID, system(**facts))


def test_title_names_the_product() -> None:
    check = next(each for each in CHECKS if each.id == ID)
    assert check.title("Xero") == "Xero access should be removed for offboarded user"


def test_leaver_with_an_account_fails_from_the_end_of_access() -> None:
    found = of(accounts=(account(decision=staff()),))
    assert (found.outcome, found.began_at, found.at_once) == (Outcome.FAIL, ENDED, False)
    assert (found.remedy, found.remedy_text) == (Remedy.REMOVE_ACCESS, "Remove in Xero")
    assert (found.subject_kind, found.subject_id, found.opens_at) == ("person", "p1", None)
    assert "access ended on 21 November 2026, 12:00" in found.why
    assert "User a1 (a1@example.test, Standard)" in found.why


def test_leaver_with_two_accounts_has_one_task_that_names_both() -> None:
    found = of(accounts=(account("a1", decision=staff()), account("a2", decision=staff())))
    assert "User a1" in found.why
    assert "User a2" in found.why


@pytest.mark.parametrize("decision", [None, staff("p2"), not_staff()])
def test_reidentified_account_still_counts_for_the_leaver(decision: Decision | None) -> None:
    held = account(decision=decision, still_held_for=frozenset({"p1"}))
    assert of(accounts=(held,), people=(leaver(), person("p2"))).outcome is Outcome.FAIL


def test_leaver_whose_account_is_gone_passes_by_a_later_list() -> None:
    found = of(past_accounts=(past(),))
    assert (found.outcome, found.settled_at) == (Outcome.PASS, NOW - DAY)
    assert found.passed_by == f"User list {'d' * 12} read on 23 November 2026, 11:00"


def test_removed_level_counts_as_gone() -> None:
    removed = account(level="REMOVED", level_since=NOW - HOUR, decision=staff())
    found = of(accounts=(removed,))
    assert (found.outcome, found.settled_at) == (Outcome.PASS, NOW - HOUR)


@pytest.mark.parametrize("level", ["UNKNOWN", "ADMIN", "removed", ""])
def test_unknown_level_does_not_count_as_gone(level: str) -> None:
    assert of(accounts=(account(level=level, decision=staff()),)).outcome is Outcome.FAIL


def test_access_gone_before_the_end_is_settled_at_the_end() -> None:
    assert of(past_accounts=(past(gone_at=ENDED - DAY),)).settled_at == ENDED


@pytest.mark.parametrize("read_at", [ENDED - HOUR, ENDED])
def test_list_from_before_the_end_of_access_proves_nothing(read_at: datetime) -> None:
    facts = system(
        people=(leaver(),),
        past_accounts=(past(gone_at=ENDED - DAY),),
        user_list=UserList("d" * 64, read_at),
    )
    found = verdict(ID, facts)
    assert (found.outcome, found.began_at, found.remedy) == (
        Outcome.FAIL,
        ENDED,
        Remedy.WAIT_FOR_LIST,
    )
    assert "no list has been read since 21 November 2026, 12:00" in found.why


def test_no_list_at_all_proves_nothing_and_closes_nothing() -> None:
    facts = system(people=(leaver(),), past_accounts=(past(),), user_list=None)
    found = judgement(ID, facts)
    assert found.verdicts[0].outcome is Outcome.FAIL
    assert ("User list read", "never") in found.verdicts[0].used
    assert (found.complete, found.judged) == (False, 0)
    assert found.waiting == "No user list has been read yet."


def test_list_is_ignored_where_no_list_is_current() -> None:
    facts = system(people=(leaver(),), accounts=(account(decision=staff()),), user_list=None)
    assert judgement(ID, facts).verdicts == ()


def test_unidentified_account_that_resembles_the_leaver_waits() -> None:
    alike = account(resembles=frozenset({"p1", "somebody else"}))
    found = of(accounts=(alike,), past_accounts=(past(),))
    assert (found.outcome, found.remedy) == (Outcome.WAIT, Remedy.IDENTIFY)
    assert "User a1" in found.why


def test_resembling_account_waits_even_if_the_leaver_never_had_one() -> None:
    assert of(accounts=(account(resembles=frozenset({"p1"})),)).outcome is Outcome.WAIT


@pytest.mark.parametrize(
    "changes",
    [{"decision": staff("p2")}, {"decision": not_staff()}, {"level": "REMOVED"}],
)
def test_resembling_account_that_is_settled_is_no_doubt(changes: dict[str, Any]) -> None:
    alike = account(resembles=frozenset({"p1"}), **changes)
    found = of(accounts=(alike,), past_accounts=(past(),), people=(leaver(), person("p2")))
    assert found.outcome is Outcome.PASS


def test_own_account_fails_rather_than_waits_for_a_resembling_one() -> None:
    alike = account("a2", resembles=frozenset({"p1"}))
    assert of(accounts=(account(decision=staff()), alike)).outcome is Outcome.FAIL


def test_leaver_who_never_had_an_account_has_no_task_but_is_compared() -> None:
    found = whole(people=(leaver(),), offboarded_total=14, accounts=(SOMEBODY,))
    assert (found.verdicts, found.waiting) == ((), None)
    assert (found.summary, found.judged) == ("14 compared, 0 with access", 14)


def test_summary_counts_leavers_with_access() -> None:
    facts = {"people": (leaver(), leaver("p2")), "accounts": (account(decision=staff()),)}
    assert whole(**facts, offboarded_total=14).summary == "14 compared, 1 with access"
    assert whole(**facts).summary == "2 compared, 1 with access"


def test_nobody_left_waits_with_nothing_to_do() -> None:
    found = whole(people=(person(),), accounts=(account(decision=staff()),))
    assert (found.waiting, found.summary, found.verdicts) == (
        "Nobody has left yet",
        "Nobody has left yet",
        (),
    )


@pytest.mark.parametrize(
    ("read_at", "waiting"),
    [
        (ENDED - HOUR, "No list has been read since the last person left."),
        (ENDED, "No list has been read since the last person left."),
        (ENDED + HOUR, None),
    ],
)
def test_check_waits_for_a_list_read_after_the_last_person_left(
    read_at: datetime, waiting: str | None
) -> None:
    earlier = leaver("p2", ended_at=ENDED - DAY)
    listed = {"user_list": UserList("d" * 64, read_at), "accounts": (SOMEBODY,)}
    found = whole(people=(earlier, leaver()), **listed)
    assert found.waiting == waiting
    assert (found.judged, found.complete) == (2, True)


@pytest.mark.parametrize("accounts", [(), (account(level="REMOVED"),)])
def test_list_without_anybody_who_has_access_proves_nothing(accounts: tuple[Any, ...]) -> None:
    found = whole(people=(leaver(),), accounts=accounts)
    assert found.waiting == "The current user list has no account with access."


# Upcoming leavers.


def test_upcoming_leaver_opens_when_access_ends_and_not_at_once() -> None:
    ends = NOW + 3 * DAY
    found = of(people=(leaver(ended_at=ends),), accounts=(account(decision=staff()),))
    assert (found.opens_at, found.began_at, found.at_once) == (ends, ends, False)
    assert "access ends on" in found.why
    assert whole(people=(leaver(ended_at=ends),)).waiting == "Nobody has left yet"


def test_access_that_ends_this_instant_is_open() -> None:
    found = of(people=(leaver(ended_at=NOW),), accounts=(account(decision=staff()),))
    assert found.opens_at is None
    assert "access ended on" in found.why


# Access that comes back.


def test_same_account_that_comes_back_is_at_once() -> None:
    back = account(decision=staff(), appeared_at=ENDED + HOUR)
    found = of(accounts=(back,))
    assert (found.at_once, found.began_at) == (True, ENDED + HOUR)
    assert "It came back on 21 November 2026" in found.why


def test_new_account_after_the_old_one_went_is_at_once() -> None:
    new = account(decision=staff(), first_seen_at=NOW - HOUR, appeared_at=NOW - HOUR)
    assert of(accounts=(new,), past_accounts=(past(),)).at_once


def test_account_first_seen_after_the_end_has_not_come_back() -> None:
    new = account(decision=staff(), first_seen_at=NOW - HOUR, appeared_at=NOW - HOUR)
    found = of(accounts=(new,))
    assert (found.at_once, found.began_at) == (False, ENDED)


def test_account_that_came_back_before_the_end_is_an_ordinary_one() -> None:
    back = account(decision=staff(), appeared_at=ENDED - HOUR)
    assert not of(accounts=(back,)).at_once


def test_access_that_appears_as_the_old_one_goes_has_come_back() -> None:
    at = ENDED + HOUR
    new = account(decision=staff(), first_seen_at=at, appeared_at=at)
    assert of(accounts=(new,), past_accounts=(past(gone_at=at),)).at_once


def test_access_that_appears_as_it_should_end_has_not_come_back() -> None:
    assert not of(accounts=(account(decision=staff(), appeared_at=ENDED),)).at_once


def test_account_that_began_before_another_went_has_not_come_back() -> None:
    new = account(decision=staff(), first_seen_at=NOW - HOUR, appeared_at=NOW - HOUR)
    found = of(accounts=(new,), past_accounts=(past(gone_at=NOW - HOUR / 2),))
    assert (found.at_once, found.began_at) == (False, ENDED)


# People who return.


@pytest.mark.parametrize(
    ("returned_on", "words"),
    [(date(2026, 11, 9), "returned on 9 November 2026"), (None, "returned on 8 November 2026")],
)
def test_return_closes_the_task(returned_on: date | None, words: str) -> None:
    back = person(returned_at=NOW - 15 * DAY, returned_on=returned_on)
    found = of(people=(back,), past_accounts=(past(),))
    assert (found.outcome, found.why) == (Outcome.CLOSED, words)


def test_returned_person_without_an_account_ever_has_no_task() -> None:
    assert whole(people=(person(returned_at=NOW - DAY),)).verdicts == ()


def test_new_leaving_after_a_return_is_judged_again() -> None:
    again = leaver(returned_at=SEEN)
    assert of(people=(again,), accounts=(account(decision=staff()),)).outcome is Outcome.FAIL


def test_facts_shown_include_the_last_working_day() -> None:
    shown = of(people=(leaver(last_day=date(2026, 11, 20)),), past_accounts=(past(),)).used
    assert ("Last working day", "20 November 2026") in shown


def test_past_accounts_of_others_do_not_matter() -> None:
    facts: SystemFacts = system(people=(leaver(),), past_accounts=(past("p7"),))
    assert judgement(ID, facts).verdicts == ()


def test_not_identified_with_a_hold_is_held_not_alike() -> None:
    decision = Decision(DecisionKind.NOT_IDENTIFIED, NOW - DAY)
    held = account(decision=decision, still_held_for=frozenset({"p1"}), resembles=frozenset({"p1"}))
    assert of(accounts=(held,)).outcome is Outcome.FAIL
    assert replace(held, still_held_for=frozenset()).resembles


def test_nothing_but_a_trace_is_changed_in_place() -> None:
    assert changeable(offboarded_access_removed) == ["_Trace"]
