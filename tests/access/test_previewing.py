"""The preview of a rule says what saving it then does, and writes nothing."""

import random
from datetime import date

import pytest
from django.urls import reverse

from access import services as access
from access.models import AccessRule, Account
from access.services.previewing import MOST_NAMES
from audit import clock
from audit.models import Event
from checks.models import Evaluation, Task
from integrations.catalog import XERO_LEVELS
from people import services as people
from people.services import Problem
from tests import given

pytestmark = pytest.mark.django_db
STRANGE = "PAYROLL_WIZARD"
LEVELS = [*XERO_LEVELS.labels, STRANGE]


@pytest.fixture
def roles(workspace, by):
    return [people.create_org_role(workspace, name=f"Role {n}", by=by) for n in range(3)]


@pytest.fixture
def system(workspace, roles, admin, by):
    """An account at every level for people with none, one and two Org roles; a leaver; a robot."""
    names = []
    for number, level in enumerate(LEVELS):
        for kind, held in (("None", []), ("One", roles[:1]), ("Two", roles[1:])):
            name = f"{kind} {number}"
            names.append(given.row(name, level=level))
            email = f"{kind.lower()}.{number}@example.test"
            people.add(workspace, name=name, email=email, org_roles=held, by=by)
    books = given.connection(workspace, connected_by=admin)
    given.read(books, [*names, given.row("Nobody Known"), given.row("Mail Robot")])
    system = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    access.identify_as_not_staff(
        Account.objects.filter(name="Mail Robot"), workspace=workspace, kind="service",
        owner=admin, reason="Sends invoices", ends_on=date(2027, 11, 1), user=admin, by=by,
    )  # fmt: skip
    leaver = workspace.staffmember_set.get(name="One 2")
    people.offboard(leaver, last_day=None, access_ends="now", by=by)
    return system


def in_words(system):
    """What the tasks say of each account, as the preview would say it."""
    rows = Task.objects.filter(system_id=system.pk, check_id="user_access_valid")
    return {
        task.subject_id: "Waiting" if task.waiting else "Valid" if task.resolved_at
        else task.remedy_text
        for task in rows.filter(closed_at=None)
    }  # fmt: skip


def any_rule(chance, roles):
    def levels():
        return chance.choice([None, frozenset(chance.sample(sorted(set(LEVELS) - {"REMOVED"}), 2))])

    if chance.random() < 0.3:
        return {"mode": "all_staff", "levels": levels()}
    listed = chance.sample(roles, chance.randint(1, len(roles)))
    return {"mode": "role_based", "roles": [access.RoleLevels(each, levels()) for each in listed]}


@pytest.mark.parametrize("seed", range(3))
def test_preview_says_what_saving_then_does(seed, system, roles, admin, by):
    chance = random.Random(seed)
    for _ in range(6):
        rule, before = any_rule(chance, roles), in_words(system)
        told = access.preview_rule(system, **rule, now=clock.now())
        access.save_rule(system, **rule, user=admin, by=by)
        after = in_words(system)
        assert {each.account_id: (each.before, each.after) for each in told.changes} == {
            key: (before[key], words) for key, words in after.items() if before[key] != words
        }
        counts = [list(after.values()).count(words) for words in ("Valid", "Waiting")]
        assert [told.valid, told.waiting] == counts
        assert told.valid + told.waiting + told.not_valid == len(after)


def test_preview_writes_nothing(system, roles):
    tables = [AccessRule, Evaluation, Task, Event]
    before = [model.objects.count() for model in tables]
    listed = [access.RoleLevels(roles[0])]
    told = access.preview_rule(system, mode="role_based", roles=listed, now=clock.now())
    assert told.changed
    assert [model.objects.count() for model in tables] == before


def test_preview_puts_the_worst_first_and_counts_what_it_does_not_name(workspace, admin, by):
    many = MOST_NAMES + 20
    for n in range(many):
        people.add(workspace, name=f"Person {n}", email=f"person.{n}@example.test", by=by)
    books = given.connection(workspace)
    given.read(books, [given.row(f"Person {n}", level=LEVELS[n % 2]) for n in range(many)])
    system = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    told = access.preview_rule(system, mode="all_staff", levels={"READONLY"}, now=clock.now())
    assert (len(told.changes), told.more, told.changed) == (MOST_NAMES, 20, many)
    assert told.changes[0].turn is access.Turn.CHANGE
    assert told.changes[-1].turn is access.Turn.VALID


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"mode": "role_based"}, "roles"),
        ({"mode": "all_staff", "levels": set()}, "levels"),
        ({"mode": "all_staff", "levels": {"REMOVED"}}, "levels"),
        ({"mode": "all_staff", "levels": {"NEVER_SEEN"}}, "levels"),
        ({"mode": "whoever"}, "mode"),
    ],
)
def test_preview_and_saving_refuse_the_same_rules(rule, field, system, admin, by):
    for act in (
        lambda: access.preview_rule(system, **rule, now=clock.now()),
        lambda: access.save_rule(system, **rule, user=admin, by=by),
    ):
        with pytest.raises(Problem) as refused:
            act()
        assert refused.value.field == field
    assert not AccessRule.objects.exists()


def test_strange_level_of_the_saved_rule_may_stay_when_nobody_has_it_any_more(
    system, roles, admin, by
):
    rule = {"mode": "role_based", "roles": [access.RoleLevels(roles[0], frozenset({STRANGE}))]}
    access.save_rule(system, **rule, user=admin, by=by)
    Account.objects.filter(level=STRANGE).update(level="READONLY")
    access.save_rule(system, **rule, user=admin, by=by)


def typed(role, allow, levels=()):
    return {"mode": "role_based", f"role_{role.pk}": "on", f"allow_{role.pk}": allow,
            f"levels_{role.pk}": list(levels)}  # fmt: skip


@pytest.mark.parametrize(
    ("allow", "levels", "stored"),
    [
        ("", [], None),
        ("Any documented role", ["READONLY"], None),
        ("Up to Standard", [], ["INVOICEONLY", "READONLY", "STANDARD"]),
        ("Up to Adviser", [], ["FINANCIALADVISER", "INVOICEONLY", "READONLY", "STANDARD"]),
        ("exactly", ["MANAGEDCLIENT", STRANGE], ["MANAGEDCLIENT", STRANGE]),
    ],
)
def test_editor_stores_the_set_that_was_chosen_and_shows_it_again(
    allow, levels, stored, system, roles, admin_client
):
    address = reverse("access:rule", args=[system.pk])
    assert admin_client.post(address, typed(roles[0], allow, levels)).status_code == 302
    assert system.rule.entries.get().levels == stored
    page = admin_client.get(address).content.decode()
    shown = allow or "Any documented role"
    assert f'<option value="{shown}" selected>' in page
    for level in levels if allow == "exactly" else []:
        assert f'value="{level}" id="id_levels_{roles[0].pk}' in page


def test_editor_keeps_what_was_chosen_when_it_refuses(system, roles, admin_client):
    address = reverse("access:rule", args=[system.pk])
    response = admin_client.post(address, typed(roles[1], "exactly"))
    assert response.status_code == 422
    text = response.content.decode()
    assert '<option value="exactly" selected>' in text
    assert "Tick at least one Xero role" in text
    assert not AccessRule.objects.exists()


@pytest.mark.parametrize("partial", [True, False])
def test_preview_page_names_who_changes_and_saves_nothing(partial, system, roles, admin_client):
    headers = {"HX-Request": "true"} if partial else {}
    response = admin_client.post(
        reverse("access:preview_rule", args=[system.pk]),
        typed(roles[0], "Up to Standard"),
        headers=headers,
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert "Downgrade to Standard" in text
    assert ("<form" in text) is not partial
    assert not AccessRule.objects.exists()


def test_preview_page_says_what_is_missing(system, admin_client):
    address = reverse("access:preview_rule", args=[system.pk])
    response = admin_client.post(address, {"mode": "role_based"}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert b"Add at least one Org role" in response.content


def test_preview_page_is_only_posted_by_those_who_may_change(
    system, admin_client, auditor_client, stranger_client
):
    address = reverse("access:preview_rule", args=[system.pk])
    assert admin_client.get(address).status_code == 405
    assert auditor_client.post(address).status_code == 403
    assert stranger_client.post(address).status_code == 404
