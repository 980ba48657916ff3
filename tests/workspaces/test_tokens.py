"""API tokens: shown once, kept as a digest, within the maker's rights, revocable."""

import pytest

from audit import clock
from workspaces import services
from workspaces.models import ApiToken, Membership
from workspaces.permissions import Role
from workspaces.problems import Problem

LIST = "/settings/tokens/"
CREATE = "/settings/tokens/create/"
TYPED = {"name": "HR export", "scopes": ["read", "people:write"], "days": "90"}


@pytest.fixture
def editor_client(client, workspace, make_member):
    client.force_login(make_member(workspace, Role.EDITOR))
    return client


def test_token_is_shown_once_and_works(admin_client, client):
    page = admin_client.post(CREATE, TYPED)
    secret = page.context["secret"]
    assert page.content.decode().count(secret) >= 1
    assert page.headers["Cache-Control"] == "no-store, private"
    assert secret not in str(ApiToken.objects.values())
    assert secret not in admin_client.get(LIST).content.decode()
    bearer = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/tasks/", headers=bearer).status_code == 200


def test_token_of_an_editor_cannot_be_made_for_more(editor_client):
    page = editor_client.post(CREATE, TYPED | {"scopes": ["workspace:administer"]})
    assert page.status_code == 422
    assert not ApiToken.objects.exists()


def test_service_refuses_a_scope_that_gives_the_maker_nothing(workspace, make_member, by):
    maker = Membership.objects.get(user=make_member(workspace, Role.COLLABORATOR))
    with pytest.raises(Problem, match="cannot do what you may not"):
        services.make_token(
            maker, name="Tool", scopes=["people:write"], life=services.tokens.LIFE, by=by
        )


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"days": "9999"}, {"days": "x"}]
)
def test_token_that_makes_no_sense_is_refused_and_the_rest_kept(admin_client, wrong):
    page = admin_client.post(CREATE, TYPED | wrong)
    assert page.status_code == 422
    assert "No token was created yet" in page.content.decode()
    if "name" not in wrong:
        assert "HR export" in page.content.decode()


def test_admin_sees_all_tokens_and_an_editor_only_their_own(admin_client, editor_client, admin):
    editor_client.post(CREATE, TYPED | {"name": "Editor's tool"})
    admin_client.post(CREATE, TYPED | {"name": "Admin's tool", "scopes": ["read"]})
    names = [row.name for row in editor_client.get(LIST).context["page"].rows]
    assert names == ["Editor's tool"]
    assert len(admin_client.get(LIST).context["page"].rows) == 2
    theirs = ApiToken.objects.get(user=admin)
    assert editor_client.post(f"{LIST}{theirs.id}/revoke/").status_code == 404


def test_revoked_token_opens_nothing_from_the_next_request_on(admin_client, client):
    secret = admin_client.post(CREATE, TYPED).context["secret"]
    bearer = {"authorization": f"Bearer {secret}"}
    path = f"{LIST}{ApiToken.objects.get().id}/revoke/"
    assert "cannot be taken back" in admin_client.get(path).content.decode()
    assert admin_client.post(path).url == LIST
    assert client.get("/api/v1/tasks/", headers=bearer).status_code == 401
    assert admin_client.post(path).status_code == 404


def test_tokens_are_not_for_auditors_nor_for_strangers(
    auditor_client, stranger_client, admin_client
):
    admin_client.post(CREATE, TYPED)
    path = f"{LIST}{ApiToken.objects.get().id}/revoke/"
    assert [auditor_client.get(each).status_code for each in (LIST, CREATE, path)] == [403] * 3
    assert stranger_client.post(path).status_code == 404
    assert stranger_client.get(LIST).context["page"].rows == []


def test_expired_token_opens_nothing_and_stays_listed(
    admin_client, client, workspace, other_workspace, admin, by
):
    """Use of one token deletes no other, least of all in another workspace."""
    expired, old = services.create_token(workspace, name="Old", user=admin, by=by)
    services.create_token(other_workspace, name="Elsewhere", user=admin, by=by)
    ApiToken.objects.update(expiry=clock.now())
    _, fresh = services.create_token(workspace, name="Fresh", user=admin, by=by)
    answers = [
        client.get("/api/v1/tasks/", headers={"authorization": f"Bearer {secret}"}).status_code
        for secret in (fresh, old)
    ]
    assert answers == [200, 401]
    assert ApiToken.objects.count() == 3
    assert expired in admin_client.get(LIST).context["page"].rows


@pytest.mark.parametrize("scope", ["workspace:administer", "tokens:write"])
def test_token_of_a_guarded_scope_asks_for_the_password_again(admin_client, scope):
    wanted = TYPED | {"scopes": ["read", scope]}
    asked = admin_client.post(CREATE, wanted)
    assert asked.status_code == 302
    assert asked.url.startswith("/accounts/reauthenticate/")
    assert not ApiToken.objects.exists()
    assert "no token was made yet" in admin_client.get(asked.url).content.decode()
    there = admin_client.post(asked.url, {"password": "correct horse battery"})
    form = admin_client.get(there.url).context["form"]
    kept = {name: form[name].value() for name in wanted}
    assert kept == {
        name: wanted[name] if name == "scopes" else str(wanted[name]) for name in wanted
    }
    assert admin_client.post(there.url, wanted).status_code == 200
    assert ApiToken.objects.get().scopes == ["read", scope]


def test_list_says_which_token_made_another(admin_client, workspace, admin, by):
    chief = Membership.objects.get(user=admin)
    parent, _ = services.create_token(
        workspace, name="Maker", user=admin, scopes=["read", "tokens:write"], by=by
    )
    life = services.tokens.LIFE
    services.make_token(chief, name="Made", scopes=["read"], life=life, parent=parent, by=by)
    assert "made by <bdi>Maker</bdi>" in admin_client.get(LIST).content.decode()
    path = f"{LIST}{parent.id}/revoke/"
    assert "They are revoked with it" in admin_client.get(path).content.decode()
    admin_client.post(path)
    assert not ApiToken.objects.exists()


def test_tokens_end_with_the_right_to_have_any(workspace, admin, make_member, by):
    editor, chief = make_member(workspace, Role.EDITOR), Membership.objects.get(user=admin)
    services.create_token(workspace, name="Tool", user=editor, by=by)
    row = workspace.memberships.get(user=editor)
    services.change_member(
        row, rights=services.Rights(Role.EDITOR, ["people"]), granter=chief, by=by
    )
    assert ApiToken.objects.count() == 1
    services.change_member(row, rights=services.Rights(Role.COLLABORATOR), granter=chief, by=by)
    assert not ApiToken.objects.exists()
