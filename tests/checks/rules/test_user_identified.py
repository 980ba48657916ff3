"""Check 1: each account with access is somebody's."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from checks.facts import Account, Decision, DecisionKind, NotStaffKind
from checks.rules import user_identified
from checks.rules.base import Outcome, Remedy
from tests.checks.rules.given import (
    ADDED,
    DAY,
    DECIDED,
    HOUR,
    NOW,
    account,
    judgement,
    leaver,
    not_staff,
    person,
    staff,
    system,
    verdict,
)
from tests.frozen import changeable

ID = "user_identified"


def of(found: Account) -> Any:
    return verdict(ID, system(accounts=(found,), people=(person(),)))


@pytest.mark.parametrize(
    "decision",
    [
        staff(),
        staff(kind=DecisionKind.NEW_STAFF),
        staff(automatic=True),
        staff("somebody we have no facts of"),
        not_staff(),
    ],
)
def test_account_with_a_decision_passes(decision: Decision) -> None:
    found = of(account(decision=decision))
    assert (found.outcome, found.settled_at) == (Outcome.PASS, DECIDED)


@pytest.mark.parametrize(
    "decision",
    [
        None,
        Decision(DecisionKind.NOT_IDENTIFIED, DECIDED),
        Decision(DecisionKind.NOT_IDENTIFIED, DECIDED, person_id="p1"),
        Decision(DecisionKind.EXISTING_STAFF, DECIDED),
        Decision(DecisionKind.NOT_STAFF, DECIDED),
    ],
)
def test_account_without_a_whole_decision_fails(decision: Decision | None) -> None:
    found = of(account(decision=decision))
    assert (found.outcome, found.remedy, found.began_at) == (Outcome.FAIL, Remedy.IDENTIFY, ADDED)


def test_terms_count_only_with_the_decision_that_it_is_not_staff() -> None:
    for kind in (DecisionKind.NOT_IDENTIFIED, DecisionKind.EXISTING_STAFF, DecisionKind.NEW_STAFF):
        decision = replace(not_staff(), kind=kind)
        assert of(account(decision=decision)).outcome is Outcome.FAIL


def test_not_identified_says_that_somebody_looked() -> None:
    recorded = of(account(decision=Decision(DecisionKind.NOT_IDENTIFIED, DECIDED)))
    assert "recorded as “Not identified”" in recorded.why
    assert "Nobody has said yet" in of(account()).why
    for kind in (DecisionKind.EXISTING_STAFF, DecisionKind.NOT_STAFF):
        incomplete = Decision(kind, DECIDED)  # names neither a person nor an owner
        assert "Nobody has said yet" in of(account(decision=incomplete)).why


@pytest.mark.parametrize(
    ("seen", "withdrawn", "start"),
    [
        (ADDED - DAY, None, ADDED),
        (ADDED + DAY, None, ADDED + DAY),
        (ADDED - DAY, ADDED + 2 * DAY, ADDED + 2 * DAY),
        (ADDED + 5 * DAY, ADDED + 2 * DAY, ADDED + 5 * DAY),
    ],
)
def test_clock_starts_at_the_later_of_first_seen_and_added(
    seen: datetime, withdrawn: datetime | None, start: datetime
) -> None:
    assert of(account(appeared_at=seen, unidentified_since=withdrawn)).began_at == start


def test_removed_level_is_no_account_to_identify() -> None:
    found = judgement(ID, system(accounts=(account(level="REMOVED"),)))
    assert (found.verdicts, found.complete) == ((), True)
    assert found.waiting == "The current user list has no account with access."


def test_no_list_waits_and_lets_no_task_close() -> None:
    found = judgement(ID, replace(system(accounts=(account(),)), user_list=None))
    assert (found.verdicts, found.complete, found.judged) == ((), False, 0)
    assert found.waiting == "No user list has been read yet."


def test_summary_counts_what_is_left() -> None:
    accounts = (account("a1", decision=staff()), account("a2"), account("a3", decision=staff()))
    found = judgement(ID, system(accounts=accounts))
    assert (found.summary, found.waiting, found.judged) == ("3 accounts, 1 to identify", None, 3)
    assert judgement(ID, system(accounts=accounts[:2])).summary == "2 accounts, 1 to identify"
    assert judgement(ID, system(accounts=(*accounts, account("a4")))).summary == (
        "4 accounts, 2 to identify"
    )


def test_account_of_a_leaver_is_identified_all_the_same() -> None:
    facts = system(accounts=(account(decision=staff()),), people=(leaver(),))
    assert verdict(ID, facts).outcome is Outcome.PASS


def test_decision_made_as_the_account_appeared_holds() -> None:
    assert of(account(appeared_at=DECIDED, decision=not_staff())).outcome is Outcome.PASS


def test_pass_says_whose_account_it_is() -> None:
    assert "User a1 is the account of Staff p1" in of(account(decision=staff())).why
    assert "is the account of a member of staff" in of(account(decision=staff("p7"))).why


def test_pass_says_who_decided() -> None:
    assert of(account(decision=staff(by_label="Demo Admin"))).passed_by == (
        "Decided by Demo Admin on 3 November 2026"
    )
    assert of(account(decision=staff(automatic=True, by_label="x"))).passed_by == (
        "Matched by its e-mail address on 3 November 2026"
    )


def test_pass_of_a_decision_whose_maker_is_not_known_names_nobody() -> None:
    assert of(account(decision=staff())).passed_by == "Decided on 3 November 2026"


# A decision that the account is nobody's on the staff ends.

LATER = DECIDED + 5 * DAY


@pytest.mark.parametrize(
    ("level", "holds"),
    [
        ("STANDARD", True),
        ("READONLY", True),
        ("INVOICEONLY", True),
        ("FINANCIALADVISER", False),
        ("CASHBOOKCLIENT", False),
        ("UNKNOWN", False),
        ("ADMIN", False),
        ("", False),
    ],
)
def test_not_staff_holds_for_its_level_and_lower_ones(level: str, holds: bool) -> None:
    found = of(account(level=level, level_since=LATER, decision=not_staff()))
    assert (found.outcome is Outcome.PASS) == holds
    assert found.began_at == (None if holds else LATER)
    if not holds:
        assert "its role in Xero changed from Standard to" in found.why


@pytest.mark.parametrize(
    ("changes", "terms", "began_at", "words"),
    [
        ({}, {"ends_at": NOW}, NOW, "its end date has passed (23 November 2026)"),
        ({}, {"ends_at": LATER}, LATER, "its end date has passed"),
        ({}, {"owner_ended_at": LATER}, LATER, "its owner, Finance lead, has left"),
        ({"appeared_at": LATER}, {}, LATER, "the account was removed and added again"),
    ],
)
def test_ended_decision_reopens_and_says_why(
    changes: dict[str, Any], terms: dict[str, Any], began_at: datetime, words: str
) -> None:
    found = of(account(decision=not_staff(**terms), **changes))
    assert (found.outcome, found.began_at) == (Outcome.FAIL, began_at)
    assert words in found.why
    assert found.remedy is Remedy.CONFIRM_OR_REMOVE
    assert found.remedy_text == "Decision ended: confirm, or remove in Xero"


def test_shared_account_reopens_when_one_of_its_users_leaves() -> None:
    decision = not_staff(NotStaffKind.SHARED, user_left=("Former Bookkeeper", LATER))
    found = of(account(decision=decision))
    assert (found.began_at, found.remedy) == (LATER, Remedy.CHANGE_PASSWORD)
    assert found.remedy_text == "Change its password and confirm"
    assert "Former Bookkeeper, who used it, has left" in found.why


def test_several_endings_are_all_named_and_the_first_starts_the_clock() -> None:
    decision = not_staff(
        NotStaffKind.SHARED, user_left=("Former Bookkeeper", LATER + DAY), ends_at=LATER
    )
    found = of(account(level="FINANCIALADVISER", level_since=LATER + HOUR, decision=decision))
    assert found.began_at == LATER
    assert dict(found.used)["Decision ended"] == f"{LATER:%-d %B %Y}"
    assert found.remedy is Remedy.CONFIRM_OR_REMOVE
    for words in ("end date", "changed from Standard to Adviser", "Former Bookkeeper"):
        assert words in found.why


@pytest.mark.parametrize(
    ("terms", "lapses_at"),
    [
        ({}, NOW + 300 * DAY),
        ({"ends_at": None}, None),
        ({"owner_ended_at": NOW + DAY}, NOW + DAY),
        ({"user_left": ("Former Bookkeeper", NOW + HOUR)}, NOW + HOUR),
    ],
)
def test_what_lies_ahead_ends_the_decision_by_the_clock(
    terms: dict[str, Any], lapses_at: datetime | None
) -> None:
    found = of(account(decision=not_staff(**terms)))
    assert (found.outcome, found.lapses_at) == (Outcome.PASS, lapses_at)
    if lapses_at is not None:
        facts = system(accounts=(account(decision=not_staff(**terms)),))
        assert verdict(ID, facts, lapses_at).outcome is Outcome.FAIL


def test_account_without_a_name_is_called_by_its_address() -> None:
    assert of(account(name=" ")).subject_label == "a1@example.test"
    assert of(account(name="", email="")).subject_label == "Account without a name"


def test_level_of_an_accepted_account_is_compared_by_what_it_says() -> None:
    level = "".join(("STAND", "ARD"))  # as it comes from a reading: no constant of ours
    assert of(account(level=level, decision=not_staff())).outcome is Outcome.PASS


def test_endings_are_never_changed_in_place() -> None:
    assert changeable(user_identified) == []
