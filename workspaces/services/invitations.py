"""Invitations: a link by mail, good once, for one address; only its digest is kept."""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from audit import services as audit
from workspaces import selectors
from workspaces.models import Invitation, Membership, User, Workspace
from workspaces.problems import Problem
from workspaces.services import members
from workspaces.services.members import Rights

LIFE = timedelta(days=7)
log = structlog.get_logger(__name__)

ENDED = "The access that this invitation gives has ended. Withdraw it and invite them again."
GONE = "This invitation was used, withdrawn or is too old. Ask for a new one."


def digest(secret: str) -> str:
    """What is kept of the secret in a link: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(
    workspace: Workspace, *, email: str, rights: Rights, granter: Membership, by: audit.Actor
) -> tuple[Invitation, str]:
    """A new invitation and its secret, for `send`. Raises Problem for a member, and a second one."""
    email, wanted, secret = email.strip().lower(), rights.fields(), secrets.token_urlsafe(32)
    with audit.act(workspace, by=by) as act:
        members.lock(workspace)
        members.refuse_above(rights, granter=granter, now=act.now)
        rights.refuse_dates(act.now)
        if selectors.members(workspace, now=act.now).filter(user__email=email).exists():
            raise Problem("email", "This person is a member already. Change their rights instead.")
        invitation = Invitation(
            workspace=workspace,
            email=email,
            granter=granter,
            digest=digest(secret),
            created_at=act.now,
            expires_at=_last(act.now, rights.ends_at),
            **wanted,
        )
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError as error:
            raise Problem(
                "email", "This address is invited already. Send that invitation again instead."
            ) from error
        _record("invitation.made", invitation, email=email, **wanted)
    return invitation, secret


def renew(invitation: Invitation, *, granter: Membership, by: audit.Actor) -> str:
    """A new secret and a new week, and `granter` answers for it now; the old link stops working.

    Raises Problem where it is closed by now, its access has ended, or it gives more than `granter`
    holds.
    """
    secret = secrets.token_urlsafe(32)
    with audit.act(invitation.workspace, by=by) as act:
        fresh = _open(invitation)
        members.refuse_above(Rights(fresh.role, fresh.areas), granter=granter, now=act.now)
        if fresh.ends_at is not None and fresh.ends_at <= act.now:
            raise Problem("", ENDED)
        fresh.digest, fresh.granter = digest(secret), granter
        fresh.expires_at = _last(act.now, fresh.ends_at)
        fresh.save(update_fields=["digest", "expires_at", "granter"])
        _record("invitation.sent_again", fresh, email=fresh.email)
    return secret


def withdraw(invitation: Invitation, *, by: audit.Actor) -> None:
    """Make the link worthless. Raises Problem where it was used or withdrawn already."""
    with audit.act(invitation.workspace, by=by) as act:
        fresh = _open(invitation)
        fresh.closed_at = act.now
        fresh.save(update_fields=["closed_at"])
        _record("invitation.withdrawn", fresh, email=fresh.email)


def send(invitation: Invitation, *, link: str) -> bool:
    """Mail the link; False where the mail server refused. Never inside a transaction.

    The mail says who invites, to what and until when: so whoever gets it can tell it from a trick.
    """
    shown = {"invitation": invitation, "link": link, "days": LIFE.days}
    subject = "You are invited to a workspace of Security Hub"
    words = render_to_string("workspaces/members/invitation.txt", shown)
    try:
        return send_mail(subject, words, None, [invitation.email]) == 1
    except OSError as error:  # smtplib's errors are among them
        log.warning(
            "invitation.not_sent", invitation=str(invitation.pk), error=type(error).__name__
        )
        return False


def join(invitation: Invitation, *, user: User, by: audit.Actor) -> Membership:
    """Make a signed-in person a member. Raises Problem where the invitation is for another address."""
    if user.email.lower() != invitation.email:
        raise Problem("", "This invitation is for another address than the one you signed in with.")
    with audit.act(invitation.workspace, by=by) as act:
        fresh = _open(invitation)
        ended = fresh.ends_at is not None and fresh.ends_at <= act.now
        if ended or fresh.expires_at <= act.now or not _granted(fresh, act.now):
            raise Problem("", GONE)
        rights = Rights(fresh.role, fresh.areas, fresh.ends_at, fresh.period_from, fresh.period_to)
        membership = members.enter(fresh.workspace, user=user, rights=rights, by=by)
        fresh.closed_at = act.now
        fresh.save(update_fields=["closed_at"])
        _record("invitation.accepted", fresh, email=fresh.email)
    return membership


def join_as_new(
    invitation: Invitation, *, name: str, password: str, by: audit.Actor
) -> tuple[User, Membership]:
    """Make a new person of the invited address a member. Raises Problem for a weak password."""
    user = User(email=invitation.email, name=" ".join(name.split()))
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Problem("password", " ".join(error.messages)) from error
    by = replace(by, id=str(user.pk)) if by.kind == "user" else by  # it is they who act
    user.set_password(password)  # slow by design: outside of the transaction
    try:
        with audit.act(invitation.workspace, by=by):
            user.save(force_insert=True)
            return user, join(invitation, user=user, by=by)
    except IntegrityError as error:
        raise Problem("", "There is a sign-in for this address by now. Sign in with it.") from error


def _last(now: datetime, ends_at: datetime | None) -> datetime:
    """When a link sent now stops working: never after the access that it gives."""
    return min(now + LIFE, ends_at or now + LIFE)


def _open(invitation: Invitation) -> Invitation:
    """The invitation, locked, and still open. Raises Problem."""
    members.lock(invitation.workspace)
    rows = Invitation.objects.filter(pk=invitation.pk, closed_at=None).select_related("workspace")
    fresh = rows.first()
    if fresh is None:
        raise Problem("", GONE)
    return fresh


def _granted(invitation: Invitation, now: datetime) -> bool:
    """Whether somebody who still holds what the invitation gives answers for it."""
    if invitation.granter is None:
        return False
    try:
        rights = Rights(invitation.role, invitation.areas)
        members.refuse_above(rights, granter=invitation.granter, now=now)
    except Problem:
        return False
    return True


def _record(kind: str, invitation: Invitation, **body: object) -> None:
    audit.record(kind, subject=f"invitation:{invitation.id}", **body)  # type: ignore[arg-type]
