"""All checks together: what they are called, replay bit for bit, and never green on less."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import facts as stated
from checks.facts import (
    AccessRule,
    Account,
    Allowance,
    Calendar,
    Decision,
    DecisionKind,
    Gap,
    NotStaff,
    NotStaffKind,
    PastAccount,
    Person,
    Policy,
    RuleMode,
    SystemFacts,
    UserList,
)
from checks.rules import (
    BY_ID,
    CHECKS,
    base,
    canonical,
    digest,
    fingerprints,
    from_canonical,
    judge,
    verdicts_digest,
)
from checks.rules.base import Judgement, Outcome, Verdict
from integrations.catalog import XERO_LEVELS
from tests.checks.rules.given import (
    ACCOUNTANT,
    DAY,
    NOW,
    READ,
    account,
    leaver,
    not_staff,
    past,
    person,
    role_based,
    staff,
    system,
)
from tests.frozen import changeable


def test_checks_have_the_titles_controls_and_graces_that_people_know() -> None:
    told = [
        (c.title("Xero"), c.controls_soc2, c.controls_iso, c.default_policy, c.needs_list)
        for c in CHECKS
    ]
    week = Policy(grace_days=7)
    next_day = Policy(grace_days=1, business_days=True)
    assert told == [
        ("User should be identified", ("CC6.1", "CC6.2"), ("A.5.16",), week, True),
        (
            "Xero access should be removed for offboarded user",
            ("CC6.2", "CC6.3"),
            ("A.5.18",),
            next_day,
            True,
        ),
        (
            "Critical system access control should be configured",
            ("CC6.1", "CC6.3"),
            ("A.5.15",),
            week,
            False,
        ),
        (
            "User access to Critical System should be valid",
            ("CC6.3",),
            ("A.5.18", "A.8.2"),
            week,
            True,
        ),
    ]
    assert list(BY_ID) == [check.id for check in CHECKS]


def test_facts_and_verdicts_are_never_changed_in_place() -> None:
    assert changeable(stated) == changeable(base) == []


def test_judgement_that_says_nothing_proves_nothing() -> None:
    empty = Judgement()
    assert (empty.verdicts, empty.judged, empty.complete) == ((), 0, False)
    found = Verdict("user_identified", "account", "a1", "User a1", Outcome.FAIL, "why")
    assert not found.at_once


def test_adding_the_org_role_makes_the_access_valid_and_removing_it_invalid() -> None:
    clerk = Allowance("clerk", "Clerk")
    facts = system(accounts=(account(decision=staff()),), people=(person("p1", "clerk"),))
    outcomes = [
        judge(replace(facts, rule=rule), NOW)["user_access_valid"].verdicts[0].outcome
        for rule in (role_based(ACCOUNTANT), role_based(ACCOUNTANT, clerk), role_based(ACCOUNTANT))
    ]
    assert outcomes == [Outcome.FAIL, Outcome.PASS, Outcome.FAIL]


# Facts of every kind. Few ids and instants, so that they meet.

INSTANTS = st.integers(-60, 20).map(lambda days: NOW + timedelta(days=days, microseconds=days))
PEOPLE_IDS = st.sampled_from(["p1", "p2", "p3"])
ORG_ROLES = st.frozensets(st.sampled_from(["accountant", "clerk"]))
LEVELS = st.sampled_from([*XERO_LEVELS.labels, "ADMIN", ""])
LEVEL_SETS = st.none() | st.frozensets(LEVELS)
NOT_STAFF = st.builds(
    NotStaff,
    kind=st.sampled_from(NotStaffKind),
    owner_label=st.text(max_size=5),
    owner_id=st.none(),
    owner_ended_at=st.none() | INSTANTS,
    level=LEVELS,
    ends_at=st.none() | INSTANTS,
    user_left=st.none() | st.tuples(st.text(max_size=5), INSTANTS),
)
DECISIONS = st.builds(
    Decision,
    kind=st.sampled_from(DecisionKind),
    decided_at=INSTANTS,
    automatic=st.booleans(),
    by_label=st.text(max_size=5),
    person_id=st.none() | PEOPLE_IDS,
    not_staff=st.none() | NOT_STAFF,
)
ACCOUNTS = st.builds(
    Account,
    id=st.sampled_from(["a1", "a2", "a3", "a4"]),
    name=st.text(max_size=5),
    email=st.text(max_size=5),
    level=LEVELS,
    is_subscriber=st.booleans(),
    first_seen_at=INSTANTS,
    appeared_at=INSTANTS,
    level_since=INSTANTS,
    decision=st.none() | DECISIONS,
    unidentified_since=st.none() | INSTANTS,
    still_held_for=st.frozensets(PEOPLE_IDS, max_size=1),
    resembles=st.frozensets(PEOPLE_IDS, max_size=1),
)
PEOPLE = st.builds(
    Person,
    id=PEOPLE_IDS,
    name=st.text(max_size=5),
    org_roles=ORG_ROLES,
    roles_changed_at=st.none() | INSTANTS,
    last_day=st.none() | st.dates(),
    access_ends_at=st.none() | INSTANTS,
    returned_at=st.none() | INSTANTS,
    returned_on=st.none() | st.dates(),
)
PAST = st.builds(
    PastAccount,
    id=st.sampled_from(["g1", "g2"]),
    name=st.text(max_size=5),
    person_id=PEOPLE_IDS,
    last_seen_at=INSTANTS,
    gone_at=INSTANTS,
)
RULES = st.builds(
    AccessRule,
    mode=st.sampled_from(RuleMode),
    saved_at=INSTANTS,
    levels=LEVEL_SETS,
    allowances=st.lists(
        st.builds(
            Allowance,
            st.sampled_from(["accountant", "clerk"]),
            st.text(max_size=5),
            LEVEL_SETS,
        ),
        unique_by=lambda each: each.org_role_id,
    ).map(tuple),
)
FACTS = st.builds(
    SystemFacts,
    system_id=st.just("s1"),
    system_name=st.text(max_size=5),
    product=st.just("Xero"),
    added_at=INSTANTS,
    scheme=st.just(XERO_LEVELS),
    calendar=st.builds(
        Calendar,
        zone=st.sampled_from(["UTC", "Pacific/Auckland", "America/New_York"]),
        holidays=st.frozensets(st.dates(), max_size=2),
    ),
    policies=st.just({check.id: check.default_policy for check in CHECKS}),
    user_list=st.none() | st.builds(UserList, st.just("d" * 64), INSTANTS),
    rule=st.none() | RULES,
    accounts=st.lists(ACCOUNTS, unique_by=lambda each: each.id).map(tuple),
    past_accounts=st.lists(PAST, unique_by=lambda each: each.id).map(tuple),
    people=st.lists(PEOPLE, unique_by=lambda each: each.id).map(tuple),
    offboarded_total=st.integers(0, 20),
    org_role_names=st.just({"accountant": "Accountant", "clerk": "Clerk"}),
)


@settings(max_examples=50)
@given(FACTS)
def test_facts_survive_the_written_form(facts: SystemFacts) -> None:
    written = canonical(facts)
    read = from_canonical(written)
    assert canonical(read) == written
    assert verdicts_digest(judge(read, NOW)) == verdicts_digest(judge(facts, NOW))


def test_words_judged_from_the_written_form_keep_the_products_order_of_roles() -> None:
    rule = role_based(Allowance("accountant", "Accountant", frozenset({"READONLY", "INVOICEONLY"})))
    facts = system(
        accounts=(account(decision=staff()),), people=(person("p1", "accountant"),), rule=rule
    )
    (found,) = judge(from_canonical(canonical(facts)), NOW)["user_access_valid"].verdicts
    assert found.remedy_text == "Change to Read only or Invoice only"
    assert found == judge(facts, NOW)["user_access_valid"].verdicts[0]


@settings(max_examples=50)
@given(FACTS)
def test_written_form_does_not_depend_on_order(facts: SystemFacts) -> None:
    shuffled = replace(
        facts,
        accounts=tuple(reversed(facts.accounts)),
        past_accounts=tuple(reversed(facts.past_accounts)),
        people=tuple(reversed(facts.people)),
        policies=dict(reversed(facts.policies.items())),
    )
    assert canonical(shuffled) == canonical(facts)
    assert verdicts_digest(judge(shuffled, NOW)) == verdicts_digest(judge(facts, NOW))


def test_written_form_sorts_what_a_rule_lists() -> None:
    clerk = Allowance("clerk", "Clerk")
    one, other = role_based(ACCOUNTANT, clerk), role_based(clerk, ACCOUNTANT)
    assert canonical(system(rule=one)) == canonical(system(rule=other))
    assert json.loads(canonical(system(rule=None)))["rule"] is None


def test_written_form_is_plain_json_with_instants_in_utc() -> None:
    east = timezone(timedelta(hours=13))
    written = canonical(system(added_at=datetime(2026, 1, 1, 1, 30, tzinfo=east)))
    assert json.loads(written)["added_at"] == "2025-12-31T12:30:00.000000+00:00"


def test_written_form_refuses_an_instant_without_a_zone() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        canonical(system(added_at=datetime(2026, 1, 1)))


def test_written_form_refuses_what_is_no_fact() -> None:
    with pytest.raises(TypeError, match="No canonical form for complex"):
        canonical(system(offboarded_total=1j))


def test_written_form_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(system(offboarded_total=float("nan")))


def test_written_form_is_utf8_with_sorted_keys_and_no_spaces() -> None:
    written = canonical(system(system_name="Bücher")).decode()
    assert '"system_name":"Bücher"' in written
    read = json.loads(written)
    assert list(read) == sorted(read)
    assert written == json.dumps(
        read, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def test_fingerprints_are_32_digits_and_change_with_what_is_said() -> None:
    facts = system(accounts=(account(decision=staff()),), people=(person("p1", "accountant"),))
    prints = fingerprints(judge(facts, NOW))
    assert {len(each) for each in prints.values()} == {32}
    later = fingerprints(judge(replace(facts, people=(person(),)), NOW))
    key = ("user_access_valid", "a1")
    assert prints[key] != later[key]
    assert verdicts_digest(judge(facts, NOW), prints) == verdicts_digest(judge(facts, NOW))


def test_reading_gives_back_what_is_there_and_what_is_not() -> None:
    left = replace(not_staff(user_left=("Former User", NOW)), decided_at=NOW)
    for decision in (None, staff(), not_staff(ends_at=None), left):
        facts = system(accounts=(account(decision=decision),), people=(person(), leaver("p2")))
        assert from_canonical(canonical(facts)) == facts


def test_reading_refuses_a_pair_of_three() -> None:
    facts = system(accounts=(account(decision=not_staff(user_left=("Former User", NOW))),))
    sheet = json.loads(canonical(facts))
    sheet["accounts"][0]["decision"]["not_staff"]["user_left"].append("more")
    with pytest.raises(ValueError, match="zip"):
        from_canonical(json.dumps(sheet).encode())


def test_reading_refuses_a_value_of_another_type() -> None:
    content = canonical(system()).replace(b'"offboarded_total":0', b'"offboarded_total":"0"')
    with pytest.raises(ValueError, match="Expected int, found str"):
        from_canonical(content)


def test_digest_changes_with_any_fact() -> None:
    facts = system(accounts=(account(decision=staff()),))
    other = replace(facts, accounts=(account(decision=staff(), level="READONLY"),))
    assert digest(canonical(facts)) != digest(canonical(other))
    assert len(digest(canonical(facts))) == 64


def test_verdicts_digest_changes_with_a_verdict() -> None:
    facts = system(accounts=(account(decision=staff()),), people=(person("p1", "accountant"),))
    earlier, later = judge(facts, NOW), judge(replace(facts, people=(person(),)), NOW)
    assert verdicts_digest(earlier) != verdicts_digest(later)


# Less information never improves a verdict.


def without_list(facts: SystemFacts) -> SystemFacts:
    return replace(facts, user_list=None)


def older_list(facts: SystemFacts) -> SystemFacts:
    older = facts.user_list and replace(facts.user_list, read_at=facts.user_list.read_at - 90 * DAY)
    return replace(facts, user_list=older)


def with_level(facts: SystemFacts, level: str) -> SystemFacts:
    """Every account that gives access now at `level`; one that gives none stays as it is."""
    accounts = tuple(
        replace(each, level=level) if facts.scheme.gives_access(each.level) else each
        for each in facts.accounts
    )
    return replace(facts, accounts=accounts)


def unknown_levels(facts: SystemFacts) -> SystemFacts:
    return with_level(facts, "NEVER SEEN")


def undetermined_levels(facts: SystemFacts) -> SystemFacts:
    """UNKNOWN instead of a level; not where somebody ticked UNKNOWN by its text."""
    ticked = facts.rule is not None and any(
        "UNKNOWN" in (levels or ())
        for levels in (facts.rule.levels, *(each.levels for each in facts.rule.allowances))
    )
    accepted = any(
        each.decision and each.decision.not_staff and each.decision.not_staff.level == "UNKNOWN"
        for each in facts.accounts
    )
    return facts if ticked or accepted else with_level(facts, "UNKNOWN")


def without_decisions(facts: SystemFacts) -> SystemFacts:
    """Un-mapping; whose account it was stays held, as `access` keeps it."""
    accounts = tuple(
        replace(
            each,
            decision=None,
            still_held_for=each.still_held_for
            | {held for held in [each.decision and each.decision.person_id] if held},
        )
        for each in facts.accounts
    )
    return replace(facts, accounts=accounts)


def not_identified(facts: SystemFacts) -> SystemFacts:
    blank = without_decisions(facts)
    decision = Decision(DecisionKind.NOT_IDENTIFIED, NOW)
    return replace(
        blank, accounts=tuple(replace(each, decision=decision) for each in blank.accounts)
    )


def without_rule(facts: SystemFacts) -> SystemFacts:
    return replace(facts, rule=None)


def without_allowances(facts: SystemFacts) -> SystemFacts:
    return replace(facts, rule=facts.rule and replace(facts.rule, allowances=()))


def first_allowance_only(facts: SystemFacts) -> SystemFacts:
    rule = facts.rule and replace(facts.rule, allowances=facts.rule.allowances[:1])
    return replace(facts, rule=rule)


def without_org_roles(facts: SystemFacts) -> SystemFacts:
    people = tuple(replace(each, org_roles=frozenset()) for each in facts.people)
    return replace(facts, people=people)


def without_people(facts: SystemFacts) -> SystemFacts:
    return replace(facts, people=())


def without_accounts(facts: SystemFacts) -> SystemFacts:
    """Not a shorter list, which is the guard's matter, but a list that could not be read."""
    return replace(facts, accounts=(), user_list=None)


def all_alike(facts: SystemFacts) -> SystemFacts:
    everybody = frozenset(person.id for person in facts.people)
    return replace(
        facts, accounts=tuple(replace(each, resembles=everybody) for each in facts.accounts)
    )


DEGRADATIONS = [
    without_list,
    older_list,
    unknown_levels,
    undetermined_levels,
    without_decisions,
    not_identified,
    without_rule,
    without_allowances,
    first_allowance_only,
    without_org_roles,
    without_people,
    without_accounts,
    all_alike,
]


def passing(facts: SystemFacts) -> set[tuple[str, str]]:
    """Subjects that pass, and checks that pass without a task."""
    found = set()
    for check, judgement in judge(facts, NOW).items():
        found |= {
            (check, verdict.subject_id)
            for verdict in judgement.verdicts
            if verdict.outcome is Outcome.PASS
        }
        bad = [v for v in judgement.verdicts if v.outcome in (Outcome.FAIL, Outcome.WAIT)]
        if judgement.waiting is None and judgement.judged and not bad:
            found.add((check, ""))
    return found


@pytest.mark.parametrize("degrade", DEGRADATIONS, ids=lambda each: each.__name__)
@settings(max_examples=40)
@given(facts=FACTS)
def test_less_information_never_turns_a_subject_passing(
    degrade: object, facts: SystemFacts
) -> None:
    subjects = {key for key in passing(degrade(facts)) if key[1]}  # type: ignore[operator]
    assert subjects <= passing(facts)


@settings(max_examples=50)
@given(FACTS)
def test_check_without_a_list_never_passes_unless_it_needs_none(facts: SystemFacts) -> None:
    assert {check for check, _ in passing(without_list(facts))} <= {"access_control_configured"}


@settings(max_examples=50)
@given(FACTS)
def test_account_never_has_two_tasks_about_its_person(facts: SystemFacts) -> None:
    judged = judge(facts, NOW)
    left = {each.id for each in facts.people if each.has_left(NOW)}
    for verdict in judged["user_access_valid"].verdicts:
        if verdict.outcome is Outcome.CLOSED:
            continue
        whose = next(each for each in facts.accounts if each.id == verdict.subject_id)
        assert not whose.still_held_for & left


def test_words_do_not_depend_on_the_order_of_accounts() -> None:
    twice = (account("a1", decision=staff()), account("a2", decision=staff()))
    one, other = (
        judge(system(people=(leaver(),), accounts=accounts), NOW)
        for accounts in (twice, twice[::-1])
    )
    assert verdicts_digest(one) == verdicts_digest(other)


def test_leaver_passes_only_by_a_list_read_after_the_end() -> None:
    facts = system(people=(leaver(),), past_accounts=(past(),))
    key = ("offboarded_access_removed", "p1")
    assert key in passing(facts)
    assert key not in passing(older_list(facts))
    assert facts.user_list == UserList("d" * 64, READ)
    assert READ.tzinfo is UTC


def test_gaps_are_said_beside_every_verdict_and_change_none() -> None:
    facts = system(accounts=(account(),))
    gaps = (Gap(NOW - 9 * DAY, NOW - 8 * DAY, "removed"), Gap(NOW - DAY, None, "disconnected"))
    said = judge(replace(facts, gaps=gaps), NOW)["user_identified"].verdicts[0]
    label, words = said.used[-1]
    assert label == "Not monitored"
    assert "(removed); from" in words
    assert words.endswith("until now (disconnected)")
    assert replace(said, used=said.used[:-1]) == judge(facts, NOW)["user_identified"].verdicts[0]
    removed = system(accounts=(account(level="REMOVED"),), gaps=gaps)
    (closed,) = judge(removed, NOW)["user_access_valid"].verdicts
    assert (closed.outcome, closed.used) == (Outcome.CLOSED, ())


def test_any_mapping_is_written_as_one() -> None:
    facts = system()
    wrapped = replace(facts, org_role_names=MappingProxyType(dict(facts.org_role_names)))
    assert canonical(wrapped) == canonical(facts)
