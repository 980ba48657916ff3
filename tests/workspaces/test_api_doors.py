"""The doors over the API: members and invitations, tokens that make tokens, the workspace itself."""

from datetime import timedelta

import pytest
from django.core import mail

from audit import clock
from audit.models import EventBody
from tests.api import Tool, is_problem
from workspaces import services as workspaces
from workspaces.models import ApiToken, Invitation, RememberedAnswer
from workspaces.permissions import Role, Scope

pytestmark = pytest.mark.django_db
SOMEBODY = {"email": "invited@example.test", "role": "editor", "areas": ["people"]}
WANTED = {"name": "Child tool", "scopes": ["read"]}


@pytest.fixture
def api(workspace, admin):
    return Tool(workspace, admin)


def test_invitation_is_mailed_listed_sent_again_and_withdrawn(
    api, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        made = api.post("invitations/", SOMEBODY)
    assert made.status_code == 201
    assert made.json()["areas"] == ["people"]
    assert [each.to for each in mail.outbox] == [["invited@example.test"]]
    path = f"invitations/{made.json()['id']}/"
    assert api.get(path).json() == made.json() == api.get("invitations/").json()["results"][0]
    before = Invitation.objects.get().digest
    with django_capture_on_commit_callbacks(execute=True):
        assert api.post(f"{path}send/").status_code == 200
    assert len(mail.outbox) == 2
    assert Invitation.objects.get().digest != before
    assert api.send("DELETE", path).status_code == 204
    assert api.get(path).status_code == api.post(f"{path}send/").status_code == 404


def test_link_of_an_invitation_is_only_in_the_mail(api, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = api.post("invitations/", SOMEBODY, Idempotency_Key="invite-1")
        assert api.post("invitations/", SOMEBODY, Idempotency_Key="invite-1").status_code == 201
    assert len(mail.outbox) == 1
    link = next(word for word in mail.outbox[0].body.split() if "/join/" in word)
    secret = link.rstrip("/").rpartition("/")[2]
    kept = RememberedAnswer.objects.get().body
    assert secret not in made.content.decode() + api.get("invitations/").content.decode() + kept


@pytest.mark.parametrize(
    "changed",
    [{"email": "nobody"}, {"role": "owner"}, {"role": "auditor"}, {"areas": ["money"]},
     {"period_from": "2026-01-01"}, {"link": "x"}, {"ends_at": "2020-01-01T00:00:00Z"}],
)  # fmt: skip
def test_invitation_that_makes_no_sense_is_refused(api, changed):
    assert is_problem(api.post("invitations/", SOMEBODY | changed), 422)
    assert not Invitation.objects.exists()


def test_token_invites_nobody_with_more_than_it_holds(workspace, admin):
    narrow = Tool(workspace, admin, (Scope.ADMINISTER, Scope.READ))
    assert is_problem(narrow.post("invitations/", SOMEBODY | {"role": "admin"}), 422)
    auditor = {"role": "auditor", "areas": []}
    ends_at = (clock.now() + timedelta(days=9)).isoformat(timespec="seconds")
    fitting = SOMEBODY | auditor | {"ends_at": ends_at}
    assert narrow.post("invitations/", fitting).status_code == 201


def test_period_of_an_auditor_is_changed_and_kept_in_order(api, workspace, make_member):
    row = workspace.memberships.get(user=make_member(workspace, Role.AUDITOR))
    days = {"period_from": "2026-01-01", "period_to": "2026-06-30"}
    ends_at = (clock.now() + timedelta(days=9)).isoformat(timespec="seconds")
    changed = api.send("PATCH", f"members/{row.pk}/", days | {"ends_at": ends_at})
    assert days.items() <= changed.json().items()
    turned = {"period_from": "2026-07-01"}
    assert is_problem(api.send("PATCH", f"members/{row.pk}/", turned), 422)


def test_token_makes_one_with_fewer_rights_that_works_and_is_shown_once(api, workspace):
    made = api.post("tokens/", WANTED)
    secret, pk = made.json()["secret"], made.json()["id"]
    assert (made.status_code, made.json()["made_by"]) == (201, str(api.token.id))
    bearer = {"Authorization": f"Bearer {secret}"}
    assert api.get("tasks/", **bearer).status_code == 200
    assert api.post("org-roles/", {"name": "A"}, **bearer).status_code == 403
    listed = api.get("tokens/").content.decode() + api.get(f"tokens/{pk}/").content.decode()
    assert secret not in listed
    assert listed.count(pk) == 2
    assert str(api.token.id) in EventBody.objects.get(subject=f"token:{pk}").text


@pytest.mark.parametrize("scopes", [["people:write"], ["read", "tokens:write"], [], ["all"]])
def test_token_makes_none_above_itself_and_none_that_makes_more(workspace, admin, scopes):
    maker = Tool(workspace, admin, (Scope.READ, Scope.TOKENS))
    assert is_problem(maker.post("tokens/", WANTED | {"scopes": scopes}), 422)
    assert ApiToken.objects.count() == 1


def test_token_makes_only_so_many(api, workspace):
    """Each has limits of its own, so that many of them would be no limit."""
    made = [api.post("tokens/", WANTED) for _ in range(21)]
    assert [answer.status_code for answer in made] == [201] * 20 + [422]
    assert api.send("DELETE", f"tokens/{made[0].json()['id']}/").status_code == 204
    assert api.post("tokens/", WANTED).status_code == 201


def test_token_without_the_scope_makes_and_sees_none(workspace, admin):
    for scope in set(Scope.values) - {Scope.TOKENS}:
        tool = Tool(workspace, admin, (scope,))
        assert tool.get("tokens/").status_code == tool.post("tokens/", WANTED).status_code == 403


def test_token_made_by_a_token_ends_with_it(api, workspace, admin):
    end = clock.now() + timedelta(days=3)
    ApiToken.objects.filter(pk=api.token.pk).update(expiry=end)
    made = api.post("tokens/", WANTED | {"days": 90}).json()
    child = ApiToken.objects.get(id=made["id"])
    assert abs(child.expiry - end) < timedelta(minutes=1)
    other = Tool(workspace, admin)
    assert other.send("DELETE", f"tokens/{api.token.id}/").status_code == 204
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    assert other.get("tasks/", **bearer).status_code == 401
    assert EventBody.objects.filter(text__contains='"Child tool"').count() == 2


def test_secret_of_a_new_token_is_kept_for_no_repetition(api):
    api.post("tokens/", WANTED, Idempotency_Key="k")
    assert not RememberedAnswer.objects.exists()


def test_editors_token_sees_and_revokes_its_makers_own_only(workspace, admin, make_member, by):
    theirs, _ = workspaces.create_token(workspace, name="Admin's", user=admin, by=by)
    tool = Tool(workspace, make_member(workspace, Role.EDITOR))
    assert [each["name"] for each in tool.get("tokens/").json()["results"]] == ["Test tool"]
    assert tool.send("DELETE", f"tokens/{theirs.id}/").status_code == 404
    assert tool.send("DELETE", f"tokens/{tool.token.id}/").status_code == 204
    assert tool.get("tokens/").status_code == 401


def test_workspace_gets_another_name_and_zone(api, workspace):
    assert api.get("workspace/").json()["zone"] == "Europe/London"
    changed = api.send("PATCH", "workspace/", {"name": "  Other   Name "}).json()
    assert (changed["name"], changed["zone"]) == ("Other Name", "Europe/London")
    assert api.send("PATCH", "workspace/", {"zone": "UTC"}).json()["zone"] == "UTC"


@pytest.mark.parametrize(
    "body",
    [{"name": ""}, {"name": " "}, {"zone": "Mars/Crater"}, {"zone": "EST"}, {"zone": "../x"}],
)
def test_workspace_that_makes_no_sense_is_refused(api, workspace, body):
    assert is_problem(api.send("PATCH", "workspace/", body), 422)
    workspace.refresh_from_db()
    assert workspace.name == "Example Company"
