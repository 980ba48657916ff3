"""Check 3: a rule is saved."""

from dataclasses import replace

import pytest

from checks.facts import AccessRule
from checks.rules.base import Outcome, Remedy
from tests.checks.rules.given import (
    ACCOUNTANT,
    ADDED,
    SAVED,
    all_staff,
    judgement,
    role_based,
    system,
    verdict,
)

ID = "access_control_configured"


@pytest.mark.parametrize("rule", [all_staff(), all_staff(frozenset()), role_based(ACCOUNTANT)])
def test_system_with_a_saved_rule_passes(rule: AccessRule) -> None:
    found = verdict(ID, system(rule=rule))
    assert (found.outcome, found.settled_at, found.subject_id) == (Outcome.PASS, SAVED, "s1")
    assert found.passed_by == "Access rule saved on 13 November 2026, 12:00"


@pytest.mark.parametrize("rule", [None, role_based()])
def test_system_without_a_usable_rule_fails_from_when_it_was_added(rule: AccessRule | None) -> None:
    found = verdict(ID, system(rule=rule))
    assert (found.outcome, found.began_at, found.remedy) == (
        Outcome.FAIL,
        ADDED,
        Remedy.CONFIGURE_RULE,
    )


def test_system_never_waits_and_needs_no_list() -> None:
    found = judgement(ID, replace(system(), user_list=None))
    assert (found.waiting, found.judged, found.complete) == (None, 1, True)


def test_pass_says_what_the_rule_is() -> None:
    assert "role based, for Accountant." in verdict(ID, system()).why
    assert "all staff." in verdict(ID, system(rule=all_staff())).why


def test_pass_and_fault_tell_what_they_rest_on() -> None:
    assert verdict(ID, system()).used == (
        ("Access rule", "role based, for Accountant"),
        ("Saved", "13 November 2026, 12:00"),
    )
    missing = verdict(ID, system(rule=None))
    assert "no access rule has been saved" in missing.why
    assert "lists no Org role" in verdict(ID, system(rule=role_based())).why
    assert missing.used == (
        ("Critical system since", "24 October 2026"),
        ("Without a rule since", "24 October 2026"),
    )


def test_judgement_tells_whether_a_rule_is_saved() -> None:
    assert judgement(ID, system()).summary == "Access rule saved"
    assert judgement(ID, system(rule=None)).summary == "No access rule yet"
    assert judgement(ID, system(rule=role_based())).summary == "No access rule yet"
