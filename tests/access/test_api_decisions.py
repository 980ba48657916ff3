"""Identifying over the API: what waits, several at once, suggestions, undoing, approving; policies."""

from base64 import b64decode, b64encode
from datetime import timedelta

import pytest

from access import services as access
from access.models import Account, Identification
from audit import clock
from checks.models import SpecialCase, Task
from people import services as people
from people.models import StaffMember
from tests import given
from tests.api import Tool, is_problem

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 an agreement"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ATTACHMENTS_DIR = tmp_path


@pytest.fixture
def api(workspace, admin):
    return Tool(workspace, admin)


@pytest.fixture
def person(workspace, by):
    return people.add(workspace, name="Known Person", email="known.person@example.test", by=by)


@pytest.fixture
def system(workspace, admin, person, by):
    """Two accounts that nobody knows by address; one is suggested for the known person."""
    books = given.connection(workspace, connected_by=admin)
    rows = [
        given.row("Known Person", "k.person@example.test", subscriber=True),
        given.row("Other Account", "nobody.like.it@elsewhere.example"),
    ]
    given.read(books, rows)
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


@pytest.fixture
def suggested(system):
    return Account.objects.get(name="Known Person")


@pytest.fixture
def other(system):
    return Account.objects.get(name="Other Account")


def pair(account, person):
    return {"suggestions": [{"account": str(account.pk), "staff": str(person.pk)}]}


def test_waiting_accounts_come_with_who_they_may_be(api, suggested, other, person):
    rows = api.get("accounts/waiting/").json()["results"]
    assert [row["account"]["id"] for row in rows] == [str(suggested.pk), str(other.pk)]
    assert rows[0]["suggestions"][0]["staff"] == str(person.pk)
    assert rows[0]["suggestions"][0]["reason"]
    assert rows[1]["suggestions"] == []


def test_suggestion_is_previewed_then_accepted(api, suggested, person):
    body = pair(suggested, person)
    preview = api.post("accounts/suggestions/preview/", body).json()
    assert (preview["left_out"], preview["results"][0]["name"]) == (0, "Known Person")
    assert not Identification.objects.exists()
    done = api.post("accounts/suggestions/accept/", body).json()["results"]
    assert [(each["id"], each["staff"]) for each in done] == [(str(suggested.pk), str(person.pk))]
    assert is_problem(api.post("accounts/suggestions/accept/", body), 422)  # decided by now


def test_what_is_not_suggested_is_not_recorded(api, suggested, other, person):
    both = {"suggestions": [*pair(suggested, person)["suggestions"], *pair(other, person)["suggestions"]]}  # fmt: skip
    assert api.post("accounts/suggestions/preview/", both).json()["left_out"] == 1
    assert is_problem(api.post("accounts/suggestions/accept/", both), 422)
    assert not Identification.objects.exists()


def test_one_decision_covers_several_accounts(api, suggested, other, person):
    ids = [str(suggested.pk), str(other.pk)]
    body = {"accounts": [*ids, ids[0]], "as": "existing_staff", "staff": str(person.pk)}
    done = api.post("accounts/identify-many/", body).json()["results"]
    assert {each["staff"] for each in done} == {str(person.pk)}
    assert Identification.objects.filter(withdrawn_at=None, staff=person).count() == 2


@pytest.mark.parametrize("accounts", [[], ["x"], ["00000000-0000-4000-8000-000000000000"], None])
def test_accounts_that_are_not_there_are_refused_whole(api, suggested, accounts):
    wanted = None if accounts is None else [str(suggested.pk), *accounts] if accounts else []
    body = {"accounts": wanted, "as": "not_identified"}
    assert is_problem(api.post("accounts/identify-many/", body), 422)
    assert not Identification.objects.exists()


def test_new_staff_comes_with_org_roles_and_an_admin_may_own_an_account(
    api, suggested, other, workspace, admin, by
):
    role = people.create_org_role(workspace, name="Accountant", by=by)
    new = {"as": "new_staff", "name": "New Person", "email": "new@example.test"}
    path = f"accounts/{suggested.pk}/identify/"
    assert api.post(path, new | {"org_roles": [str(role.pk)]}).status_code == 200
    assert StaffMember.objects.get(name="New Person").org_roles.get() == role
    ends_on = (clock.now() + timedelta(days=30)).date().isoformat()
    robot = {"as": "not_staff", "not_staff_kind": "service", "reason": "feed", "ends_on": ends_on}
    assert api.post(
        f"accounts/{other.pk}/identify/", robot | {"owner_user": str(admin.pk)}
    ).json()["identified_as"] == "not_staff"  # fmt: skip


@pytest.mark.parametrize("many", [False, True])
def test_new_staff_needs_the_scope_for_people_too(many, suggested, workspace, admin):
    path = "accounts/identify-many/" if many else f"accounts/{suggested.pk}/identify/"
    new = {"as": "new_staff", "name": "New Person", "email": "new@example.test"}
    body = new | ({"accounts": [str(suggested.pk)]} if many else {})
    scopes = ("read", "access:write")
    assert is_problem(Tool(workspace, admin, scopes).post(path, body), 403)
    assert not StaffMember.objects.filter(name="New Person").exists()
    assert Tool(workspace, admin, (*scopes, "people:write")).post(path, body).status_code == 200


def test_decision_is_undone_with_what_rests_on_it(api, suggested, person):
    api.post(
        f"accounts/{suggested.pk}/identify/", {"as": "existing_staff", "staff": str(person.pk)}
    )
    (decision,) = api.get(f"accounts/{suggested.pk}/decisions/").json()["results"]
    assert decision["withdrawn_at"] is None
    one = api.get(f"decisions/{decision['id']}/").json()
    assert one["undoes"] == {"alias": "k.person@example.test", "accounts": []}
    undone = api.post(f"decisions/{decision['id']}/undo/").json()
    assert (undone["kind"], undone["staff"]) == ("not_identified", None)
    assert is_problem(api.post(f"decisions/{decision['id']}/undo/"), 422)
    assert [each["withdrawn_why"] for each in api.get(f"accounts/{suggested.pk}/decisions/?ordering=decided_at").json()["results"]] == ["undone", ""]  # fmt: skip


def test_release_of_a_leavers_account_is_approved_by_another_admin(
    api, suggested, person, workspace, make_member, by
):
    path = f"accounts/{suggested.pk}/identify/"
    api.post(path, {"as": "existing_staff", "staff": str(person.pk)})
    people.offboard(person, last_day=None, access_ends="now", by=by)
    api.post(path, {"as": "new_staff", "name": "Other Person", "email": "other@example.test"})
    pk = api.get(f"accounts/{suggested.pk}/decisions/").json()["results"][0]["id"]
    second = Tool(workspace, make_member(workspace))
    assert is_problem(api.post(f"decisions/{pk}/approve/"), 422)
    assert second.post(f"decisions/{pk}/approve/").status_code == 200
    assert Identification.objects.get(held_for=person).approved_by == second.token.user


def test_system_gets_another_owner_and_tasks_too(api, system, workspace, make_member):
    editor = make_member(workspace, "editor")
    changed = api.send("PATCH", f"systems/{system.pk}/", {"owner": str(editor.pk)})
    assert changed.json()["owner"] == str(editor.pk)
    tasks = [str(pk) for pk in Task.objects.values_list("pk", flat=True)]
    body = {"tasks": tasks, "owner": str(editor.pk)}
    assert api.post("tasks/assign/", body).json() == {"changed": len(tasks)}
    assert api.post("tasks/assign/", body).json() == {"changed": 0}
    stranger = {"owner": "00000000-0000-4000-8000-000000000000"}
    assert is_problem(api.send("PATCH", f"systems/{system.pk}/", stranger), 422)
    assert is_problem(api.post("tasks/assign/", body | stranger), 422)


def test_org_role_is_added_to_the_rule(api, system, workspace, by):
    role = people.create_org_role(workspace, name="Accountant", by=by)
    path, body = f"systems/{system.pk}/rule/add-role/", {"org_role": str(role.pk)}
    assert [each["name"] for each in api.post(path, body).json()["roles"]] == ["Accountant"]
    assert is_problem(api.post(path, body), 422)


def test_file_of_a_special_case_goes_up_and_comes_back(api, system):
    task = Task.objects.filter(check_id="user_identified").first()
    ends_on = (clock.now() + timedelta(days=20)).date().isoformat()
    file = {"name": "agreement.pdf", "content": b64encode(PDF).decode()}
    asked = {"reason": "handover", "note": "Until then", "ends_on": ends_on, "file": file}
    path = f"tasks/{task.pk}/special-case/"
    for wrong in ({"name": "a.exe"}, {"content": "%%%"}, {"content": ""}, {"size": 1}):
        assert is_problem(api.post(path, asked | {"file": file | wrong}), 422)
    case = api.post(path, asked).json()
    back = api.get(f"special-cases/{case['id']}/file/").json()
    assert (back["name"], back["type"]) == ("agreement.pdf", "application/pdf")
    assert b64decode(back["content"]) == PDF
    SpecialCase.objects.update(file_digest="")
    assert is_problem(api.get(f"special-cases/{case['id']}/file/"), 404)


def test_file_as_large_as_on_the_page_is_taken_and_a_larger_one_is_not(api, system):
    task = Task.objects.filter(check_id="user_identified").first()
    asked = {"reason": "handover", "note": "Until then", "ends_on": None}
    path = f"tasks/{task.pk}/special-case/"

    def sent(length):
        content = b64encode(b"a" * length).decode()
        return api.post(path, asked | {"file": {"name": "a.txt", "content": content}})

    assert is_problem(sent((5 << 20) + 3), 422)
    assert is_problem(sent(7 << 20), 413)
    assert sent(5 << 20).status_code == 201


def test_leavers_are_listed_with_what_they_can_open(api, suggested, person, by):
    path = f"accounts/{suggested.pk}/identify/"
    api.post(path, {"as": "existing_staff", "staff": str(person.pk)})
    people.offboard(person, last_day=None, access_ends="now", by=by)
    (row,) = api.get("offboarded/?found=Active").json()["results"]
    assert (row["staff"], row["days"], row["unproven"]) == (str(person.pk), 0, True)
    assert [each["account"] for each in row["accounts"]] == [str(suggested.pk)]
    assert api.get("offboarded/?found=Revoked").json()["results"] == []


def test_held_list_is_seen_before_it_is_decided_on(api, system):
    run = given.read(system.connection, [given.row("Somebody Else", subscriber=True)])
    held = api.get(f"sync-runs/{run.pk}/held/").json()
    assert {each["name"] for each in held["vanishing"]} == {"Known Person", "Other Account"}
    assert (held["accounts_before"], held["accounts_now"], held["more"]) == (2, 1, 0)
    assert held["reasons"]
    assert api.post(f"sync-runs/{run.pk}/accept/", {"reason": "looked at it"}).status_code == 200
    assert is_problem(api.get(f"sync-runs/{run.pk}/held/"), 404)


def test_policy_of_a_check_is_changed(api):
    path = "check-policies/user_identified/"
    assert len(api.get("check-policies/").json()["results"]) == 4
    assert api.get(path).json()["is_default"]
    wanted = {"grace_days": 3, "window_days": 1, "business_days": True}
    saved = api.send("PUT", path, wanted).json()
    assert (wanted | {"is_default": False}).items() <= saved.items()
    assert is_problem(api.send("PUT", path, wanted | {"grace_days": 366}), 422)
    assert is_problem(api.send("PUT", "check-policies/nothing/", wanted), 404)


def test_calendar_is_replaced(api):
    assert api.get("calendar/").json() == {"working_days": [0, 1, 2, 3, 4], "holidays": []}
    wanted = {"working_days": [0, 1], "holidays": [{"day": "2027-01-01", "name": "New Year"}]}
    assert api.send("PUT", "calendar/", wanted).json() == wanted
    for wrong in ({"working_days": []}, {"working_days": [7]}, {"holidays": [{"day": "1.1."}]}):
        assert is_problem(api.send("PUT", "calendar/", wanted | wrong), 422)
    assert api.get("calendar/").json() == wanted
