"""Check 4: accounts of current staff are what the access rule allows."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from checks.facts import AccessRule, Allowance, Decision, DecisionKind, Person
from checks.rules import user_access_valid
from checks.rules.base import Outcome, Remedy, Verdict
from integrations.catalog import XERO_LEVELS
from tests.checks.rules.given import (
    ACCOUNTANT,
    ADDED,
    DAY,
    DECIDED,
    HOUR,
    NOW,
    SAVED,
    account,
    all_staff,
    judgement,
    leaver,
    not_staff,
    person,
    role_based,
    staff,
    system,
    verdict,
)
from tests.frozen import changeable

ID = "user_access_valid"
UP_TO_STANDARD = XERO_LEVELS.shorthands["Up to Standard"]


def of(
    level: str = "STANDARD",
    *,
    who: Person | None = None,
    rule: AccessRule | None = None,
    now: datetime = NOW,
    **changes: Any,
) -> Verdict:
    """The verdict on one account of an accountant, or of `who`."""
    facts = system(
        accounts=(account(level=level, **{"decision": staff(), **changes}),),
        people=(who or person("p1", "accountant"),),
        rule=rule or role_based(ACCOUNTANT),
    )
    return verdict(ID, facts, now)


def allowing(*levels: str) -> AccessRule:
    return role_based(replace(ACCOUNTANT, levels=frozenset(levels)))


@pytest.mark.parametrize("level", sorted(XERO_LEVELS.grantable))
def test_added_org_role_allows_every_documented_role(level: str) -> None:
    found = of(level)
    assert (found.outcome, found.settled_at, found.began_at) == (Outcome.PASS, SAVED, None)


@pytest.mark.parametrize("level", ["UNKNOWN", "ADMIN", "standard", ""])
@pytest.mark.parametrize("rule", [role_based(ACCOUNTANT), all_staff()])
def test_unknown_role_is_never_valid_until_ticked(level: str, rule: AccessRule) -> None:
    found = of(level, rule=rule)
    assert (found.outcome, found.remedy, found.remedy_text) == (
        Outcome.FAIL,
        Remedy.LOOK,
        "Look in Xero",
    )


@pytest.mark.parametrize("level", ["UNKNOWN", "ADMIN"])
def test_unknown_role_is_valid_when_ticked_by_its_exact_text(level: str) -> None:
    assert of(level, rule=allowing("STANDARD", level)).outcome is Outcome.PASS
    assert of(level, rule=allowing("STANDARD", level.lower())).outcome is Outcome.FAIL


@pytest.mark.parametrize("rule", [allowing("REMOVED"), all_staff(frozenset({"REMOVED"}))])
def test_removed_role_gives_no_access_and_closes(rule: AccessRule) -> None:
    assert of("REMOVED", rule=rule).outcome is Outcome.CLOSED


@pytest.mark.parametrize(
    ("level", "allowed", "remedy", "text"),
    [
        ("FINANCIALADVISER", ["STANDARD"], Remedy.DOWNGRADE, "Downgrade to Standard"),
        (
            "FINANCIALADVISER",
            ["READONLY", "INVOICEONLY", "STANDARD"],
            Remedy.DOWNGRADE,
            "Downgrade to Standard",
        ),
        ("STANDARD", ["READONLY", "FINANCIALADVISER"], Remedy.DOWNGRADE, "Downgrade to Read only"),
        ("STANDARD", ["READONLY", "CASHBOOKCLIENT"], Remedy.DOWNGRADE, "Downgrade to Read only"),
        (
            "STANDARD",
            ["READONLY", "INVOICEONLY"],
            Remedy.CHANGE,
            "Change to Read only or Invoice only",
        ),
        ("READONLY", ["INVOICEONLY"], Remedy.CHANGE, "Change to Invoice only"),
        ("READONLY", ["STANDARD"], Remedy.CHANGE, "Change to Standard"),
        ("MANAGEDCLIENT", ["STANDARD"], Remedy.CHANGE, "Change to Standard"),
        (
            "CASHBOOKCLIENT",
            ["READONLY", "STANDARD", "FINANCIALADVISER"],
            Remedy.CHANGE,
            "Change to Read only, Standard or Adviser",
        ),
        ("STANDARD", ["OTHER"], Remedy.CHANGE, "Change to Unrecognised role (OTHER)"),
        ("STANDARD", ["UNKNOWN"], Remedy.REVOKE, "Revoke"),
        ("STANDARD", ["REMOVED"], Remedy.REVOKE, "Revoke"),
        ("STANDARD", [], Remedy.REVOKE, "Revoke"),
    ],
)
@pytest.mark.parametrize("mode", ["role based", "all staff"])
def test_role_outside_the_set_names_what_to_change_to(
    level: str, allowed: list[str], remedy: Remedy, text: str, mode: str
) -> None:
    levels = frozenset(allowed)
    found = of(level, rule=allowing(*allowed) if mode == "role based" else all_staff(levels))
    assert (found.outcome, found.remedy, found.remedy_text) == (Outcome.FAIL, remedy, text)


def test_sets_of_several_org_roles_add_up() -> None:
    rule = role_based(
        Allowance("clerk", "Clerk", frozenset({"INVOICEONLY"})),
        Allowance("accountant", "Accountant", frozenset({"READONLY"})),
        Allowance("lead", "Finance lead", frozenset({"FINANCIALADVISER"})),
    )
    both = person("p1", "clerk", "accountant")
    assert of("READONLY", who=both, rule=rule).outcome is Outcome.PASS
    assert of("INVOICEONLY", who=both, rule=rule).outcome is Outcome.PASS
    assert of("FINANCIALADVISER", who=both, rule=rule).outcome is Outcome.FAIL


def test_any_documented_role_beside_a_ticked_text_allows_both() -> None:
    rule = role_based(ACCOUNTANT, Allowance("clerk", "Clerk", frozenset({"ADMIN"})))
    both = person("p1", "clerk", "accountant")
    assert of("ADMIN", who=both, rule=rule).outcome is Outcome.PASS
    assert of("MANAGEDCLIENT", who=both, rule=rule).outcome is Outcome.PASS


def test_person_with_other_org_roles_is_to_be_revoked() -> None:
    found = of(who=person("p1", "clerk", "unheard of"))
    assert (found.remedy, found.remedy_text) == (Remedy.REVOKE, "Revoke")
    assert "None of Staff p1's Org roles (Clerk, unnamed) is listed for Example Books." in found.why


def test_person_without_an_org_role_is_to_be_given_one() -> None:
    found = of(who=person())
    assert (found.outcome, found.remedy_text) == (Outcome.FAIL, "Give an Org role")


def test_unknown_role_of_an_unlisted_person_is_to_be_revoked() -> None:
    assert of("UNKNOWN", who=person("p1", "clerk")).remedy is Remedy.REVOKE


def test_all_staff_needs_no_org_role() -> None:
    assert of(who=person(), rule=all_staff()).outcome is Outcome.PASS
    assert of(who=person(), rule=all_staff(UP_TO_STANDARD)).outcome is Outcome.PASS
    assert of("FINANCIALADVISER", rule=all_staff(UP_TO_STANDARD)).outcome is Outcome.FAIL


@pytest.mark.parametrize("rule", [None, role_based()])
def test_no_usable_rule_waits(rule: AccessRule | None) -> None:
    facts = system(
        accounts=(account(decision=staff()),), people=(person("p1", "accountant"),), rule=rule
    )
    found = judgement(ID, facts)
    assert found.waiting == "No access rule has been saved yet."
    assert (found.verdicts[0].outcome, found.verdicts[0].remedy) == (
        Outcome.WAIT,
        Remedy.CONFIGURE_RULE,
    )


@pytest.mark.parametrize(
    "decision",
    [None, Decision(DecisionKind.NOT_IDENTIFIED, DECIDED), staff("not in the facts")],
)
def test_account_of_nobody_we_know_waits(decision: Decision | None) -> None:
    found = of(decision=decision)
    assert (found.outcome, found.remedy) == (Outcome.WAIT, Remedy.IDENTIFY)


def test_account_held_for_a_person_we_know_nothing_of_waits() -> None:
    assert of(still_held_for=frozenset({"p7"})).outcome is Outcome.WAIT


def test_not_staff_has_no_validity_even_when_the_decision_has_ended() -> None:
    assert of(decision=not_staff()).outcome is Outcome.CLOSED
    assert of(decision=not_staff(ends_at=NOW - DAY)).outcome is Outcome.CLOSED


def test_leaver_has_no_validity_task() -> None:
    found = of(who=leaver())
    assert (found.outcome, found.why) == (
        Outcome.CLOSED,
        "Staff p1 has left; their access is to be removed",
    )


@pytest.mark.parametrize("decision", [None, staff("p2"), not_staff()])
def test_account_still_held_for_a_leaver_has_no_validity_task(decision: Decision | None) -> None:
    facts = system(
        accounts=(account(decision=decision, still_held_for=frozenset({"p1"})),),
        people=(leaver(), person("p2", "accountant")),
    )
    assert verdict(ID, facts).outcome is Outcome.CLOSED
    assert verdict("offboarded_access_removed", facts).outcome is Outcome.FAIL


@pytest.mark.parametrize("hour", range(-2, 3))
def test_account_never_has_both_an_offboarding_and_a_validity_task(hour: int) -> None:
    ends = NOW + hour * HOUR
    facts = system(
        accounts=(account(decision=staff()),), people=(leaver(ended_at=ends),), rule=all_staff()
    )
    valid, gone = verdict(ID, facts), verdict("offboarded_access_removed", facts)
    if hour <= 0:
        assert (valid.outcome, gone.opens_at) == (Outcome.CLOSED, None)
    else:
        assert (valid.closes_at, gone.opens_at) == (ends, ends)


def test_account_held_for_an_upcoming_leaver_closes_at_the_first_end() -> None:
    facts = system(
        accounts=(account(decision=staff("p2"), still_held_for=frozenset({"p1"})),),
        people=(leaver(ended_at=NOW + DAY), leaver("p2", NOW + 3 * DAY, org_roles=frozenset())),
    )
    assert verdict(ID, facts).closes_at == NOW + DAY


@pytest.mark.parametrize(
    ("level", "changes", "who", "began_at"),
    [
        ("ADMIN", {}, {}, SAVED),
        ("ADMIN", {"level_since": NOW - DAY}, {}, NOW - DAY),
        ("ADMIN", {"appeared_at": NOW - 2 * DAY}, {}, NOW - 2 * DAY),
        ("ADMIN", {"decision": staff(decided_at=NOW - HOUR)}, {}, NOW - HOUR),
        ("ADMIN", {}, {"roles_changed_at": NOW - 3 * DAY}, NOW - 3 * DAY),
        ("ADMIN", {}, {"returned_at": NOW - 4 * DAY}, NOW - 4 * DAY),
        ("STANDARD", {"level_since": NOW - DAY}, {"org_roles": frozenset()}, SAVED),
        ("STANDARD", {"level_since": NOW - DAY}, {"org_roles": frozenset({"clerk"})}, SAVED),
    ],
)
def test_clock_starts_at_what_made_it_invalid(
    level: str, changes: dict[str, Any], who: dict[str, Any], began_at: datetime
) -> None:
    found = of(level, who=replace(person("p1", "accountant"), **who), **changes)
    assert (found.outcome, found.began_at) == (Outcome.FAIL, began_at)


def test_org_role_changes_do_not_start_the_clock_where_all_staff_may() -> None:
    changed = person("p1", roles_changed_at=NOW - DAY)
    assert of("ADMIN", who=changed, rule=all_staff()).began_at == SAVED


def test_clock_starts_no_earlier_than_the_system_was_added() -> None:
    facts = system(
        accounts=(account(decision=staff()),),
        people=(person(),),
        rule=replace(role_based(ACCOUNTANT), saved_at=ADDED - DAY),
        added_at=NOW - HOUR,
    )
    assert verdict(ID, facts).began_at == NOW - HOUR


VERDICTS = [
    of(),
    of("FINANCIALADVISER", rule=allowing("STANDARD")),
    of("ADMIN"),
    of(who=person()),
    of(who=person("p1", "clerk")),
    of(rule=allowing()),
    of(decision=None),
    of(rule=role_based()),
]


@pytest.mark.parametrize("found", VERDICTS)
def test_every_verdict_says_what_it_goes_by(found: Verdict) -> None:
    assert found.why.endswith("This goes by Xero's business and accounting role only.")


def test_no_list_waits_and_lets_no_task_close() -> None:
    found = judgement(ID, system(accounts=(account(decision=staff()),), user_list=None))
    assert (found.verdicts, found.waiting, found.complete) == (
        (),
        "No user list has been read yet.",
        False,
    )


@pytest.mark.parametrize(
    ("accounts", "waiting"),
    [
        ((), "The current user list has no account of current staff."),
        (
            (account(decision=not_staff()),),
            "The current user list has no account of current staff.",
        ),
        ((account(),), "No account is identified yet."),
    ],
)
def test_nothing_to_judge_is_waiting_never_a_pass(accounts: tuple[Any, ...], waiting: str) -> None:
    found = judgement(ID, system(accounts=accounts))
    assert (found.waiting, found.judged) == (waiting, 0)


def test_summary_counts_the_invalid_ones() -> None:
    facts = system(
        accounts=(account("a1", decision=staff()), account("a2", decision=staff("p2"))),
        people=(person("p1", "accountant"), person("p2")),
    )
    found = judgement(ID, facts)
    assert (found.summary, found.waiting, found.judged) == ("2 judged, 1 not valid", None, 2)
    assert found.complete
    both = replace(facts, people=(person("p1", "accountant"), person("p2", "accountant")))
    found = judgement(ID, both)
    assert (found.summary, found.waiting, found.judged) == ("2 judged, 0 not valid", None, 2)


def test_summary_tells_what_is_not_judged_and_why() -> None:
    facts = system(
        accounts=(
            account("a1", decision=staff()),
            account("a2", decision=not_staff()),
            account("a3", decision=staff("p2")),
            account("a4"),
        ),
        people=(person("p1", "accountant"), leaver("p2")),
    )
    found = judgement(ID, facts)
    assert found.summary == (
        "1 judged, 0 not valid; not judged: 1 not staff, 1 of leavers, 1 to identify"
    )


def test_pass_and_fault_say_what_they_rest_on_and_what_to_do() -> None:
    valid, fault = of(), of(who=person())
    assert (valid.passed_by, valid.remedy, valid.began_at) == (
        "Access rule saved on 13 November 2026, 12:00",
        None,
        None,
    )
    assert (fault.passed_by, fault.settled_at, fault.began_at) == ("", None, SAVED)
    assert valid.used[-3:] == (
        ("Person", "Staff p1"),
        ("Org roles", "Accountant"),
        ("Access rule saved", "13 November 2026, 12:00"),
    )
    assert ("Org roles", "none") in fault.used


def test_waiting_account_says_what_to_do() -> None:
    assert of(decision=None).remedy_text == "Identify & map user"
    assert of(rule=role_based()).remedy_text == "Configure now"
    assert ("Role", "Standard") in of(decision=None).used


def test_mode_is_compared_by_what_it_says() -> None:
    nobody = of(who=person("p1", roles_changed_at=NOW - DAY), rule=all_staff())
    assert nobody.settled_at == SAVED
    listed = of(who=person("p1", "accountant", roles_changed_at=NOW - DAY))
    assert listed.settled_at == NOW - DAY


def test_findings_are_never_changed_in_place() -> None:
    assert changeable(user_access_valid) == []
