"""Invitations: a link good once, for one address, for a week; nothing else opens the door."""

import json
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core import mail
from django.test import Client

from audit import clock
from audit import selectors as record
from audit.models import EventBody
from tests.committing import admins_of_their_own, together
from tests.conftest import signed_in
from workspaces import selectors, services
from workspaces.models import Invitation, Membership, User
from workspaces.permissions import Area, Role
from workspaces.problems import Problem
from workspaces.services import Rights, invitations

INVITE = "/settings/members/invite/"
LIST = "/settings/members/"
ADDRESS = "new.editor@example.test"
PASSWORD = "a long enough phrase"


def invite(client, **typed):
    answer = client.post(INVITE, {"email": ADDRESS, "role": "editor", "areas": ["access"]} | typed)
    assert answer.status_code == 302, answer.content.decode()
    return re.search(r"https?://testserver(/join/\S+)", mail.outbox[-1].body).group(1)


@pytest.fixture
def link(admin_client):
    return invite(admin_client)


def test_new_person_joins_with_the_rights_of_the_invitation(link, workspace):
    client = Client()
    page = client.get(link)
    assert "Example Company" in page.content.decode()
    done = client.post(link, {"name": "New  Editor", "password": PASSWORD})
    assert done.url == "/"
    user = User.objects.get(email=ADDRESS)
    assert (user.name, user.check_password(PASSWORD)) == ("New Editor", True)
    told = EventBody.objects.filter(subject=f"user:{user.pk}", actor=str(user.pk))
    joining = told.get(chain=workspace.pk)
    assert json.loads(joining.text)["by"]["request_id"]
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.areas) == (Role.EDITOR, [Area.ACCESS])
    assert client.get("/people/").context["workspace"] == workspace
    assert Client().get(link).status_code == 404


def test_form_to_invite_shows_nothing_that_is_not_there(admin_client):
    page = admin_client.get(INVITE).content.decode()
    assert "None" not in page.partition("<main")[2].partition("</main>")[0]


def test_mail_says_who_invites_to_what_and_until_when(admin_client, admin, workspace):
    invite(admin_client, role="auditor", last_day=(clock.now() + timedelta(days=40)).date(),
           period_from="2026-01-01", period_to="2026-06-30")  # fmt: skip
    words = mail.outbox[-1].body
    last_day = Invitation.objects.get().last_day
    for said in (
        f'{admin.named} invites you to the workspace "Example Company"',
        "Your role: Auditor",
        f"until the end of {last_day:%-d %b %Y} ({workspace.zone})",
        "Audited period: 1 Jan 2026 to 30 Jun 2026",
    ):
        assert said in words


def test_mail_of_an_editor_names_the_areas_and_that_no_end_is_set(link):
    words = mail.outbox[-1].body
    assert "Your role: Editor (Access and tasks)" in words
    assert "Your access: without an end date" in words
    assert "Audited period" not in words


def test_form_says_who_needs_a_last_day(admin_client):
    page = admin_client.get(INVITE).content.decode()
    assert "needed for auditors, optional for others" in page


def test_only_a_digest_of_the_secret_is_kept(link):
    secret = link.split("/")[2]
    kept = Invitation.objects.get()
    assert secret not in str(vars(kept))
    assert kept.digest == invitations.digest(secret)


def test_secret_is_not_in_the_record(link, workspace):
    told = str(record.history(workspace.id, f"invitation:{Invitation.objects.get().pk}"))
    assert "invitation.made" in told
    assert link.split("/")[2] not in told


@pytest.mark.parametrize("password", ["short", "password1234", "new.editor@example.test", ""])
def test_weak_password_is_refused_and_the_name_kept(link, password):
    answer = Client().post(link, {"name": "New Editor", "password": password})
    assert answer.status_code == 422
    assert "New Editor" in answer.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_person_with_a_sign_in_joins_after_signing_in(link, other_workspace, make_member):
    known = make_member(other_workspace, Role.EDITOR, email=ADDRESS)
    assert unquote(Client().get(link).url) == f"/accounts/login/?next={link}"
    client = signed_in(known)
    assert "Join" in client.get(link).content.decode()
    assert client.post(link).url == "/"
    assert Membership.objects.filter(user=known).count() == 2
    assert known.check_password("correct horse battery")


def test_somebody_else_cannot_use_the_link(link, stranger_client):
    assert "signed in as somebody else" in stranger_client.get(link).content.decode()
    assert stranger_client.post(link).status_code == 422
    assert Invitation.objects.get().closed_at is None


def test_link_that_is_too_old_is_as_unknown_as_a_made_up_one(link):
    Invitation.objects.update(expires_at=clock.now())
    old, made_up = Client().get(link), Client().get("/join/made-up/")
    assert old.status_code == made_up.status_code == 404
    assert old.content == made_up.content


def test_withdrawn_link_opens_nothing(link, admin_client):
    row = Invitation.objects.get()
    admin_client.post(f"/settings/invitations/{row.pk}/withdraw/")
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"name": "N", "password": PASSWORD}).status_code == 404
    assert admin_client.post(f"/settings/invitations/{row.pk}/withdraw/").status_code == 404


def test_sending_again_replaces_the_link(link, admin_client):
    row = Invitation.objects.get()
    admin_client.post(f"/settings/invitations/{row.pk}/send/")
    assert len(mail.outbox) == 2
    assert Client().get(link).status_code == 404
    assert invite_link() != link
    assert Client().get(invite_link()).status_code == 200


def invite_link():
    return re.search(r"https?://testserver(/join/\S+)", mail.outbox[-1].body).group(1)


def test_second_invitation_of_an_address_is_refused(link, admin_client):
    answer = admin_client.post(INVITE, {"email": ADDRESS.upper(), "role": "editor"})
    assert answer.status_code == 422
    assert "invited already" in answer.content.decode()


def test_invitation_of_a_member_is_refused(admin_client, auditor):
    answer = admin_client.post(INVITE, {"email": auditor.email, "role": "editor"})
    assert answer.status_code == 422
    assert "member already" in answer.content.decode()


def test_answer_does_not_tell_whether_the_address_is_known(
    admin_client, other_workspace, make_member
):
    make_member(other_workspace, email="known@example.test")
    answers = [
        admin_client.post(INVITE, {"email": address, "role": "editor"})
        for address in ("known@example.test", "unknown@example.test")
    ]
    assert {(each.status_code, each.url) for each in answers} == {(302, LIST)}
    bodies = [re.sub(r"(known|unknown)@|/join/\S+", "", each.body) for each in mail.outbox]
    assert bodies[0] == bodies[1]


def test_mail_that_cannot_be_sent_is_said(admin_client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    page = admin_client.post(INVITE, {"email": ADDRESS, "role": "editor"}, follow=True)
    assert "did not take the mail" in page.content.decode()
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["a\r\nBcc: x@example.test", "no address", "x@y", "\x00@e.test"]
)
def test_address_that_is_none_is_refused(admin_client, address):
    assert admin_client.post(INVITE, {"email": address, "role": "editor"}).status_code in (400, 422)
    assert mail.outbox == []


def test_invitation_of_another_workspace_is_absent(link, stranger_client):
    pk = Invitation.objects.get().pk
    for what in ("withdraw", "send"):
        assert stranger_client.post(f"/settings/invitations/{pk}/{what}/").status_code == 404


def test_one_link_used_by_many_at_once_admits_one_person(committing, by):
    workspace, (granter,) = admins_of_their_own(1, by)
    invitation, _ = invitations.invite(
        workspace, email=ADDRESS, rights=Rights(Role.EDITOR), granter=granter, by=by
    )
    found = together(
        [
            lambda: invitations.join_as_new(invitation, name="New", password=PASSWORD, by=by)
            for _ in range(4)
        ]
    )
    assert sum(isinstance(each, Problem) for each in found) == 3, found
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert selectors.members(workspace).count() == 2


def test_end_of_an_invited_auditor_is_the_end_of_the_local_day(admin_client, workspace):
    last = (clock.now() + timedelta(days=10)).date()
    link = invite(admin_client, role="auditor", last_day=last.isoformat())
    Client().post(link, {"name": "Auditor", "password": PASSWORD})
    made = Membership.objects.get(user__email=ADDRESS)
    assert made.ends_at.date() in (last, last + timedelta(days=1))
    assert (made.role, made.areas) == (Role.AUDITOR, [])


def test_invitation_opens_nothing_once_its_access_has_ended(workspace, admin, by):
    granter = Membership.objects.get(user=admin)
    rights = Rights(Role.EDITOR, (), clock.now() + timedelta(days=1))
    made, _ = invitations.invite(workspace, email=ADDRESS, rights=rights, granter=granter, by=by)
    assert made.expires_at == made.ends_at  # and not in a week
    invitations.renew(made, granter=granter, by=by)
    made.refresh_from_db()
    assert made.expires_at == made.ends_at

    # One of before this was kept: its link was good for a week.
    now = clock.now()
    Invitation.objects.update(ends_at=now - timedelta(hours=1), expires_at=now + timedelta(days=6))
    with pytest.raises(Problem, match="Ask for a new one"):
        invitations.join_as_new(made, name="New", password=PASSWORD, by=by)
    assert selectors.invitation(Invitation.objects.get().digest, now=clock.now()) is None
    with pytest.raises(Problem, match="has ended"):
        invitations.renew(made, granter=granter, by=by)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_invitation_dies_with_the_membership_of_its_granter(workspace, admin, make_member, by):
    """Who is about to go cannot leave a door open for themselves."""
    granter, other = (Membership.objects.get(user=u) for u in (admin, make_member(workspace)))
    made, secret = invitations.invite(
        workspace, email=ADDRESS, rights=Rights(Role.ADMIN), granter=granter, by=by
    )
    services.remove_member(granter, granter=other, by=by)
    assert Client().get(f"/join/{secret}/").status_code == 404
    with pytest.raises(Problem, match="withdrawn"):
        invitations.join_as_new(made, name="New", password=PASSWORD, by=by)
    told = record.history(workspace.id, f"invitation:{made.pk}")
    assert [each["kind"] for each in told] == ["invitation.withdrawn", "invitation.made"]


def test_demoted_granter_keeps_no_invitation_above_their_rights(workspace, admin, make_member, by):
    granter, other = (Membership.objects.get(user=u) for u in (admin, make_member(workspace)))
    for role in (Role.ADMIN, Role.EDITOR, Role.COLLABORATOR):
        invitations.invite(
            workspace, email=f"{role}@example.test", rights=Rights(role), granter=granter, by=by
        )
    rights = Rights(Role.EDITOR, [Area.PEOPLE])
    services.change_member(granter, rights=rights, granter=other, by=by)
    assert [each.role for each in selectors.invitations(workspace)] == [Role.COLLABORATOR]


def test_invitation_of_a_granter_whose_access_ran_out_opens_nothing(link, admin):
    Membership.objects.filter(user=admin).update(ends_at=clock.now())
    answer = Client().post(link, {"name": "New", "password": PASSWORD})
    assert answer.status_code == 422
    assert "Ask for a new one" in answer.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_who_sends_again_answers_for_the_invitation(workspace, admin, make_member, by):
    first, other = (Membership.objects.get(user=u) for u in (admin, make_member(workspace)))
    made, _ = invitations.invite(
        workspace, email=ADDRESS, rights=Rights(Role.ADMIN), granter=first, by=by
    )
    invitations.renew(made, granter=other, by=by)
    services.remove_member(first, granter=other, by=by)
    _, joined = invitations.join_as_new(made, name="New", password=PASSWORD, by=by)
    assert joined.role == Role.ADMIN
