"""What an approval covers: the fault as it was, or less; anything wider ends it, in words."""

from dataclasses import replace

import pytest

from checks.accepting import (
    MOST_DAYS,
    confirm_by,
    ended_because,
    fault_of,
    refusal,
    stored,
    wider,
)
from checks.rules import Outcome, Remedy, Verdict
from people.days import end_of_day
from tests.checks.rules.given import DAY, NOW, account, leaver, person, staff, system

HELD = system(accounts=(account(decision=staff()),), people=(leaver(),))
REMOVE = Verdict(
    check="offboarded_access_removed",
    subject_kind="person",
    subject_id="p1",
    subject_label="Staff p1",
    outcome=Outcome.FAIL,
    why="still there",
    remedy=Remedy.REMOVE_ACCESS,
)
ACCEPTED = stored(fault_of("person", "p1", "remove_access", "Remove in Xero", HELD))


def test_fault_names_accounts_levels_and_employment():
    assert ACCEPTED["levels"] == {"a1": "STANDARD"}
    assert (ACCEPTED["holder"], ACCEPTED["aim"]) == ("p1", "")
    assert ended_because(ACCEPTED, REMOVE, HELD) == ""


def test_only_what_was_asked_about_can_be_approved():
    more = replace(HELD, accounts=(*HELD.accounts, account("a2", decision=staff())))
    present = fault_of("person", "p1", "remove_access", "Remove in Xero", more)
    assert wider(ACCEPTED, present, more) == "there is another account"
    same = fault_of("person", "p1", "remove_access", "Remove in Xero", HELD)
    assert wider(ACCEPTED, same, HELD) == ""
    assert wider({}, same, HELD) == "what it was like was not kept"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(HELD, accounts=()), ""),
        (system(accounts=(account(level="READONLY", decision=staff()),), people=(leaver(),)), ""),
        (
            replace(HELD, accounts=(*HELD.accounts, account("a2", decision=staff()))),
            "there is another account",
        ),
        (replace(HELD, people=(leaver(returned_at=NOW - 50 * DAY),)), "the employment changed"),
        (replace(HELD, people=()), "the employment changed"),
        (
            replace(HELD, accounts=(account(level="FINANCIALADVISER", decision=staff()),)),
            "the role in Xero changed from Standard to Adviser",
        ),
    ],
)
def test_wider_fault_is_not_covered_and_a_narrower_one_is(facts, why):
    assert ended_because(ACCEPTED, REMOVE, facts) == why


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Outcome.PASS, "the problem is solved"),
        (Outcome.CLOSED, "its subject is gone"),
        (Outcome.WAIT, "it cannot be judged any more"),
    ],
)
def test_verdict_that_is_no_fault_ends_it(outcome, why):
    assert ended_because(ACCEPTED, replace(REMOVE, outcome=outcome), HELD) == why


def test_other_remedy_and_other_aim_are_other_verdicts():
    facts = system(accounts=(account(decision=staff()),), people=(person(),))
    lower = replace(REMOVE, subject_kind="account", subject_id="a1", remedy=Remedy.DOWNGRADE)
    accepted = stored(fault_of("account", "a1", "downgrade", "Downgrade to Standard", facts))
    same, other = (
        replace(lower, remedy_text=f"Downgrade to {to}") for to in ("Standard", "Read only")
    )
    assert ended_because(accepted, same, facts) == ""
    assert ended_because(accepted, other, facts) == "the verdict changed"
    assert (
        ended_because(accepted, replace(same, remedy=Remedy.REVOKE), facts) == "the verdict changed"
    )


def test_account_of_somebody_else_is_another_fault():
    facts = system(accounts=(account(decision=staff()),), people=(person(), person("p2")))
    accepted = stored(fault_of("account", "a1", "revoke", "Revoke", facts))
    moved = replace(facts, accounts=(account(decision=staff("p2")),))
    verdict = replace(REMOVE, subject_kind="account", subject_id="a1", remedy=Remedy.REVOKE)
    assert ended_because(accepted, verdict, moved) == "the account is somebody else's now"


def test_system_itself_has_no_accounts_or_holder():
    fault = fault_of("system", "s1", "configure_rule", "Configure now", HELD)
    assert (dict(fault.levels), fault.holder, fault.employment) == ({}, "", "")


TODAY = NOW.date()


@pytest.mark.parametrize(
    ("check_id", "days", "words"),
    [
        ("user_identified", None, ""),
        ("user_identified", 0, ""),
        ("user_identified", -1, "not past"),
        ("user_identified", MOST_DAYS, ""),
        ("user_identified", MOST_DAYS + 1, "is the most"),
        ("offboarded_access_removed", None, "for 90 days at most"),
        ("offboarded_access_removed", 90, ""),
        ("offboarded_access_removed", 91, "90 days is the most"),
    ],
)
def test_length_is_bounded_by_the_check(check_id, days, words):
    found = refusal(check_id, None if days is None else TODAY + days * DAY, today=TODAY)
    assert words in found
    assert bool(words) is bool(found)


def test_confirmation_is_due_at_the_end_of_the_day_a_year_later():
    assert confirm_by(TODAY, "UTC") == end_of_day(TODAY + 365 * DAY, "UTC")
