"""Members: what they may do ends when it should, nobody rises above the granter, an admin remains."""

import html
import itertools
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from audit import clock
from audit import selectors as record
from audit.models import Event
from tests.api import Tool
from tests.committing import admins_of_their_own, together
from workspaces import permissions, selectors, services
from workspaces.models import ApiToken, Membership
from workspaces.permissions import Area, Role, Scope
from workspaces.problems import Problem
from workspaces.services import FARTHEST, Rights

LIST = "/settings/members/"


def membership(user):
    return Membership.objects.select_related("workspace", "user").get(user=user)


def change(member, granter, by, role, areas=(), **more):
    rights = Rights(role, areas, **more)
    return services.change_member(member, rights=rights, granter=granter, by=by)


@pytest.fixture
def chief(admin):
    return membership(admin)


@pytest.fixture
def editor(workspace, make_member):
    return membership(make_member(workspace, Role.EDITOR))


def test_changed_rights_are_recorded_with_before_and_after(workspace, chief, editor, by):
    change(editor, chief, by, Role.EDITOR, [Area.PEOPLE])
    newest = record.history(workspace.id, f"user:{editor.user_id}")[0]
    assert newest["kind"] == "member.changed"
    assert newest["body"]["before"] == {"areas": []}
    assert newest["body"]["after"] == {"areas": ["people"]}


def between(happens):
    """Let `happens` after an endpoint has read the membership, and before it acts on it."""
    read = []

    def watch(execute, sql, *rest):
        if read and sql.startswith(("SAVEPOINT", "BEGIN")):
            read.clear()
            happens()
        if '"workspaces_membership"."id" = ' in sql:
            read.append(sql)
        return execute(sql, *rest)

    return connection.execute_wrapper(watch)


def test_rights_taken_meanwhile_do_not_come_back_over_the_api(
    workspace, admin, chief, make_member, by
):
    row = membership(make_member(workspace, Role.ADMIN))
    day = clock.now() + timedelta(days=30)
    done = []

    def demote():
        done.append(change(row, chief, by, Role.EDITOR, [Area.PEOPLE]))

    tool = Tool(workspace, admin)
    with between(demote):
        told = tool.send("PATCH", f"members/{row.pk}/", {"ends_at": day.isoformat()})
    assert (told.status_code, len(done)) == (200, 1)
    row.refresh_from_db()
    assert (row.role, row.areas, row.ends_at) == (Role.EDITOR, ["people"], day)


def test_rights_changed_in_another_tab_are_not_overwritten_unseen(admin_client, admin, editor):
    address = f"{LIST}{editor.pk}/"
    seen = re.compile(r'name="seen" value="([^"]+)"')
    opened = seen.search(admin_client.get(address).content.decode())[1]
    taken = {"role": "collaborator", "seen": opened}
    assert admin_client.post(address, taken).status_code == 302

    late = {"role": "editor", "areas": ["people"], "seen": opened}
    refused = admin_client.post(address, late)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"Changed since you opened it, by {admin.label}" in page
    editor.refresh_from_db()
    assert editor.role == Role.COLLABORATOR

    # Saved again from the page that told it: now it is a decision.
    again = late | {"seen": seen.search(page)[1]}
    assert admin_client.post(address, again).status_code == 302
    editor.refresh_from_db()
    assert (editor.role, editor.areas) == (Role.EDITOR, ["people"])


def test_nothing_changed_is_not_recorded(workspace, chief, editor, by):
    change(editor, chief, by, Role.EDITOR)
    assert len(record.history(workspace.id, f"user:{editor.user_id}")) == 1


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AUDITOR, Role.COLLABORATOR])
def test_last_admin_cannot_be_demoted(chief, by, role):
    with pytest.raises(Problem, match="last admin"):
        change(chief, chief, by, role, ends_at=clock.now() + timedelta(days=1))
    chief.refresh_from_db()
    assert chief.role == Role.ADMIN


def test_last_admin_cannot_get_an_end_date(chief, by):
    with pytest.raises(Problem, match="last admin"):
        change(chief, chief, by, Role.ADMIN, ends_at=clock.now() + timedelta(days=1))


def test_last_admin_cannot_go_though_one_with_an_end_date_stays(workspace, chief, make_member, by):
    other = membership(make_member(workspace, Role.ADMIN))
    change(other, chief, by, Role.ADMIN, ends_at=clock.now() + timedelta(days=1))
    with pytest.raises(Problem, match="last admin"):
        services.remove_member(chief, granter=chief, by=by)


def test_admin_may_leave_when_another_stays(workspace, chief, make_member, by):
    make_member(workspace, Role.ADMIN)
    services.remove_member(chief, granter=chief, by=by)
    assert not selectors.members(workspace).filter(pk=chief.pk).exists()


def holders():
    areas = [(), (Area.PEOPLE,), (Area.ACCESS, Area.INTEGRATIONS)]
    for role in Role:
        for confined in areas if role == Role.EDITOR else [()]:
            yield role, confined


@pytest.mark.parametrize("scopes", [None, *([scope] for scope in Scope), list(Scope)])
def test_what_is_granted_never_exceeds_the_granter(scopes):
    for (role, areas), (to_role, to_areas) in itertools.product(holders(), holders()):
        granter = Membership(role=role, areas=list(areas))
        granter.scopes = scopes
        wanted = Membership(role=to_role, areas=list(to_areas))
        above = permissions.held(wanted) - permissions.OWN_TOKENS - permissions.held(granter)
        assert permissions.exceeds(wanted, granter) == bool(above)


def test_editor_cannot_make_an_admin(chief, editor, by):
    with pytest.raises(Problem, match="do not hold yourself"):
        change(editor, editor, by, Role.ADMIN)


def test_token_of_an_admin_grants_only_within_its_scopes(chief, editor, by):
    chief.scopes = [Scope.ADMINISTER]
    with pytest.raises(Problem, match="do not hold yourself"):
        change(editor, chief, by, Role.ADMIN)


def test_granter_who_was_removed_meanwhile_grants_nothing(
    workspace, chief, editor, make_member, by
):
    other = membership(make_member(workspace, Role.ADMIN))
    services.remove_member(chief, granter=other, by=by)
    with pytest.raises(Problem, match="do not hold yourself"):
        change(editor, chief, by, Role.ADMIN)


def test_removal_ends_pages_and_tokens_at_the_next_request(client, workspace, chief, editor, by):
    _, secret = services.create_token(workspace, name="Tool", user=editor.user, by=by)
    client.force_login(editor.user)
    bearer = {"authorization": f"Bearer {secret}"}
    assert client.get("/people/").status_code == 200
    assert client.get("/api/v1/tasks/", headers=bearer).status_code == 200
    services.remove_member(editor, granter=chief, by=by)
    assert client.get("/people/").status_code == 403
    assert client.get("/api/v1/tasks/", headers=bearer).status_code == 401
    assert not ApiToken.objects.exists()


def test_rights_end_by_themselves_at_the_end_date(client, chief, editor, by):
    client.force_login(editor.user)
    Membership.objects.filter(pk=editor.pk).update(ends_at=clock.now())
    assert client.get("/people/").status_code == 403


def test_demotion_counts_at_the_next_request(client, chief, editor, by):
    client.force_login(editor.user)
    assert client.get("/people/add/").status_code == 200
    change(editor, chief, by, Role.EDITOR, [Area.ACCESS])
    assert client.get("/people/add/").status_code == 403


def test_token_of_somebody_who_comes_back_stays_dead(workspace, chief, editor, by):
    services.create_token(workspace, name="Tool", user=editor.user, by=by)
    Membership.objects.filter(pk=editor.pk).update(ends_at=clock.now())
    services.add_member(workspace, user=editor.user, role=Role.EDITOR, by=by)
    assert not ApiToken.objects.exists()


def test_two_admins_who_remove_each_other_leave_one(committing, by):
    workspace, (one, two) = admins_of_their_own(2, by)
    found = together(
        [
            lambda: services.remove_member(two, granter=one, by=by),
            lambda: services.remove_member(one, granter=two, by=by),
        ]
    )
    assert sum(isinstance(each, Problem) for each in found) == 1, found
    assert selectors.admins(workspace).count() == 1


def test_many_admins_who_all_step_down_at_once_leave_one(committing, by):
    workspace, crowd = admins_of_their_own(6, by)
    found = together([lambda each=each: change(each, each, by, Role.EDITOR) for each in crowd])
    assert sum(isinstance(each, Problem) for each in found) == 1, found
    assert selectors.admins(workspace).count() == 1


def test_list_shows_roles_and_asks_little(
    admin_client, workspace, editor, make_member, django_assert_max_num_queries
):
    Membership.objects.filter(pk=editor.pk).update(areas=["people"])
    for _ in range(5):
        make_member(workspace, Role.COLLABORATOR)
    admin_client.get(LIST)
    with django_assert_max_num_queries(12):
        page = admin_client.get(LIST).content.decode()
    assert "Collaborator" in page
    assert "People" in page


def test_auditor_sees_members_and_changes_none(auditor_client, editor):
    page = auditor_client.get(LIST).content.decode()
    assert f">{editor.user.name}<" in page
    assert "Remove" not in page
    for path in (f"{LIST}{editor.pk}/", f"{LIST}{editor.pk}/remove/", f"{LIST}invite/"):
        assert auditor_client.get(path).status_code == 403


def test_member_of_another_workspace_is_absent(stranger_client, editor):
    for path in (f"{LIST}{editor.pk}/", f"{LIST}{editor.pk}/remove/"):
        assert stranger_client.get(path).status_code == 404
        assert stranger_client.post(path).status_code == 404


def test_change_page_saves_and_keeps_what_was_typed_wrong(admin_client, editor):
    path = f"{LIST}{editor.pk}/"
    wrong = admin_client.post(path, {"role": "auditor", "last_day": ""})
    assert wrong.status_code == 422
    assert "ends some day" in wrong.content.decode()
    last = (clock.now() + timedelta(days=30)).date().isoformat()
    typed = {"role": "auditor", "last_day": last}
    period = {"period_from": "2026-01-01", "period_to": "2026-12-31"}
    assert admin_client.post(path, typed | period).url == LIST
    editor.refresh_from_db()
    assert (editor.role, editor.areas) == ("auditor", [])
    assert editor.period_to.isoformat() == "2026-12-31"
    again = admin_client.get(path).content.decode()
    assert f'value="{last}"' in again


@pytest.mark.parametrize(
    "typed",
    [
        {"role": "owner"},
        {"role": "editor", "areas": ["moon"]},
        {"role": "editor", "last_day": "2020-01-01"},
        {"role": "editor", "last_day": "9999-12-31"},
        {"role": "editor", "last_day": "soon"},
        {"role": "editor", "period_from": "2026-01-01"},
        {"role": "editor", "period_from": "2026-02-01", "period_to": "2026-01-01"},
        {"role": "edi\x00tor"},
        {},
    ],
)
def test_rights_that_make_no_sense_are_refused_in_words(admin_client, editor, typed):
    answer = admin_client.post(f"{LIST}{editor.pk}/", typed)
    assert answer.status_code in (400, 422)
    editor.refresh_from_db()
    assert editor.role == Role.EDITOR


def test_removal_asks_first_and_leads_back(admin_client, editor):
    path = f"{LIST}{editor.pk}/remove/"
    assert "Access ends at once" in admin_client.get(path).content.decode()
    assert admin_client.post(path).url == LIST
    assert admin_client.post(path).status_code == 404


def test_last_admin_who_leaves_is_told_what_to_do(admin_client, chief):
    answer = admin_client.post(f"{LIST}{chief.pk}/remove/")
    assert answer.status_code == 422
    assert "Make another member an admin" in answer.content.decode()


def test_last_seen_is_written_once_in_ten_minutes(admin_client, chief):
    admin_client.get("/people/")
    chief.refresh_from_db()
    first = chief.last_seen
    admin_client.get("/people/")
    chief.refresh_from_db()
    assert chief.last_seen == first
    Membership.objects.update(last_seen=F("last_seen") - timedelta(minutes=11))
    admin_client.get("/people/")
    chief.refresh_from_db()
    assert chief.last_seen > first - timedelta(minutes=1)


def test_switching_opens_the_other_workspace_and_is_remembered(
    client, workspace, other_workspace, admin, by
):
    services.add_member(other_workspace, user=admin, role=Role.AUDITOR, by=by)
    client.force_login(admin)
    page = client.get(LIST)
    assert page.context["workspace"] == workspace
    assert "Other Company" in page.content.decode()
    client.post("/switch/", {"workspace": str(other_workspace.pk)})
    assert client.get(LIST).context["workspace"] == other_workspace
    client.logout()
    client.force_login(admin)
    assert client.get(LIST).context["workspace"] == other_workspace


@pytest.mark.parametrize("wanted", ["not an id", "", "00000000-0000-4000-8000-000000000000"])
def test_switching_to_anywhere_else_changes_nothing(admin_client, workspace, wanted):
    assert admin_client.post("/switch/", {"workspace": wanted}).url == "/"
    assert admin_client.get(LIST).context["workspace"] == workspace


def test_switching_is_a_post(admin_client):
    assert admin_client.get("/switch/").status_code == 405


def test_end_that_no_calendar_shows_is_refused_over_the_api(admin_client, workspace, admin, editor):
    tool = Tool(workspace, admin)
    workspace.zone = "Asia/Tokyo"
    workspace.save(update_fields=["zone"])
    far = {"ends_at": "9999-12-31T23:59:59Z"}
    answer = tool.send("PATCH", f"members/{editor.pk}/", far)
    assert answer.status_code == 422
    assert "three years" in answer.json()["errors"]["ends_at"][0]
    assert admin_client.get(LIST).status_code == 200


@pytest.mark.parametrize("wrong", [{"role": "auditor"}, {"ends_at": "2020-01-01T00:00:00Z"}])
def test_end_is_judged_by_the_service_for_page_and_api_alike(workspace, admin, editor, wrong):
    answer = Tool(workspace, admin).send("PATCH", f"members/{editor.pk}/", wrong)
    assert answer.status_code == 422
    assert "ends_at" in answer.json()["errors"]


def test_last_day_of_the_page_is_accepted_up_to_its_end(chief, editor, by):
    now = clock.now()
    for far, fine in ((FARTHEST + timedelta(days=1), True), (FARTHEST * 2, False)):
        rights = Rights(Role.EDITOR, (), now + far)
        if fine:
            services.change_member(editor, rights=rights, granter=chief, by=by)
        else:
            with pytest.raises(Problem, match="three years"):
                services.change_member(editor, rights=rights, granter=chief, by=by)


def test_audited_period_goes_with_the_role(chief, editor, by):
    now = clock.now()
    period = {"period_from": now.date(), "period_to": now.date()}
    change(editor, chief, by, Role.AUDITOR, ends_at=now + timedelta(days=9), **period)
    tool = Tool(editor.workspace, chief.user)
    assert tool.send("PATCH", f"members/{editor.pk}/", {"role": "editor"}).status_code == 200
    editor.refresh_from_db()
    assert (editor.period_from, editor.period_to) == (None, None)


@pytest.fixture
def switched(client, workspace, other_workspace, admin, by):
    """A form of one workspace, whose person opened another one since; and its hidden fields."""
    services.add_member(other_workspace, user=admin, role=Role.ADMIN, by=by)
    client.force_login(admin)
    client.post("/switch/", {"workspace": str(workspace.pk)})
    page = client.get("/people/add/").content.decode()
    name, value = re.search(r'name="(shown-for[a-z-]+)" value="([^"]+)"', page).groups()
    assert f'"x-{name}": "{value}"' in html.unescape(page)
    client.post("/switch/", {"workspace": str(other_workspace.pk), name: value})
    return {name: value}


INVITE = f"{LIST}invite/"
NEW = {"email": "new.person@example.test", "role": "editor"}


def test_form_of_a_workspace_left_in_another_tab_changes_neither(
    client, switched, workspace, other_workspace
):
    before = Event.objects.count()
    answer = client.post(INVITE, NEW | switched)
    words = answer.content.decode()
    assert answer.status_code == 409
    assert workspace.name in words
    assert other_workspace.name in words
    assert "Nothing was changed" in words
    assert Event.objects.count() == before
    client.post("/switch/", {"workspace": str(workspace.pk)} | switched)
    assert client.post(INVITE, NEW | switched).status_code == 302


def test_part_of_a_page_left_in_another_tab_loads_the_page_anew(client, switched):
    headers = {"hx-request": "true"} | {f"x-{name}": value for name, value in switched.items()}
    for answer in (client.get(LIST, headers=headers), client.post(LIST, headers=headers)):
        assert answer.status_code == 409
        assert answer.headers["HX-Refresh"] == "true"
    assert "not saved" in client.get(LIST).content.decode()


@pytest.mark.parametrize("named", ["no id", "00000000-0000-4000-8000-000000000000", "💥" * 300])
def test_form_of_a_workspace_that_is_not_ours_is_refused_alike(client, switched, named):
    (field,) = switched
    answer = client.post(INVITE, NEW | {field: named})
    assert answer.status_code == 409
    assert "another workspace" in answer.content.decode()
