"""Members of a workspace: adding them, changing what they may do, and letting them go."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from audit import selectors as record
from audit import services as audit
from workspaces import permissions, selectors
from workspaces.models import ApiToken, Invitation, Membership, User, Workspace
from workspaces.overlapping import refuse_overlap, version_of
from workspaces.permissions import Area, Role
from workspaces.problems import Problem

SEEN_EVERY = timedelta(minutes=10)
FARTHEST = timedelta(days=3 * 366)  # no access is promised for longer, counted in whole days
LAST_ADMIN = (
    "This is the last admin, and somebody must be able to run the workspace. "
    "Make another member an admin without an end date first."
)


@dataclass(frozen=True)
class Rights:
    """What a membership is to hold. `areas` confine an editor; none means all of them.

    The period is what an auditor looks at: both days or none.
    """

    role: str
    areas: Collection[str] = ()
    ends_at: datetime | None = None
    period_from: date | None = None
    period_to: date | None = None

    def fields(self) -> dict[str, Any]:
        """As columns. Raises ValueError for a role or an area that does not exist."""
        confined = sorted({str(Area(area)) for area in self.areas})
        return {
            "role": str(Role(self.role)),
            "areas": confined if self.role == Role.EDITOR else [],
            "ends_at": self.ends_at,
            "period_from": self.period_from if self.role == Role.AUDITOR else None,
            "period_to": self.period_to if self.role == Role.AUDITOR else None,
        }

    def refuse_dates(self, now: datetime) -> None:
        """Raises Problem for half a period or one that runs backwards, an auditor without an end,
        and an end that is past or far off."""
        if (self.period_from is None) != (self.period_to is None):
            raise Problem("period_to", "Give both days of the period, or none.")
        if self.period_from and self.period_to and self.period_from > self.period_to:
            raise Problem("period_to", "The period ends before it starts.")
        if self.ends_at is None:
            if self.role == Role.AUDITOR:
                raise Problem("ends_at", "An auditor's access ends some day.")
            return
        if self.ends_at <= now:
            raise Problem("ends_at", "Give an instant that is still ahead.")
        # The day chosen on a page ends at its local midnight, up to two days later in UTC.
        if self.ends_at - now > FARTHEST + timedelta(days=2):
            raise Problem("ends_at", "Give an instant within the next three years.")


def add_member(
    workspace: Workspace,
    *,
    user: User,
    role: str,
    areas: Collection[str] = (),
    ends_at: datetime | None = None,
    by: audit.Actor,
) -> Membership:
    """Make `user` a member, or change their rights. Raises Problem for the last admin's."""
    return enter(workspace, user=user, rights=Rights(role, areas, ends_at), by=by)


def enter(workspace: Workspace, *, user: User, rights: Rights, by: audit.Actor) -> Membership:
    """As `add_member`, with all rights. Whoever comes back finds none of their old tokens alive."""
    wanted = rights.fields()
    with audit.act(workspace, by=by) as act:
        lock(workspace)
        membership = Membership.objects.filter(workspace=workspace, user=user).first()
        if membership is None:
            membership = Membership(workspace=workspace, user=user, created_at=act.now)
        elif not selectors.is_live(membership, act.now):
            _revoke_tokens(membership)
            _withdraw_above(membership, act.now)
        _grant(membership, wanted, act.now)
        audit.record("member.added", subject=f"user:{user.id}", email=user.email, **wanted)
    return membership


def change_member(
    membership: Membership,
    *,
    rights: Rights | Mapping[str, Any],
    granter: Membership,
    seen: str | None = None,
    by: audit.Actor,
) -> Membership:
    """Change what a member may do; `seen` is the `rights_version` that was chosen from.

    With a mapping, only the rights that it names change; the rest stays as it is under the lock.
    Raises Problem above the granter's rights, for the last admin, and where somebody else changed
    the rights meanwhile.
    """
    with audit.act(membership.workspace, by=by) as act:
        fresh = _fresh(membership, granter, act.now)
        if isinstance(rights, Mapping):
            rights = Rights(**{**_rights_of(fresh), **rights})
        wanted = rights.fields()
        if seen is not None:
            hand = record.last_hand(fresh.workspace_id, f"user:{fresh.user_id}", kinds="member.")
            refuse_overlap(seen, rights_version(fresh), who=hand)
        before = {name: getattr(fresh, name) for name in wanted}
        refuse_above(rights, granter=granter, now=act.now)
        if before == wanted:
            return fresh
        rights.refuse_dates(act.now)
        had = permissions.held(fresh)
        _grant(fresh, wanted, act.now)
        _withdraw_above(fresh, act.now)
        if had - permissions.held(fresh) >= permissions.OWN_TOKENS:
            _revoke_tokens(fresh)  # they could not even see them any more
        changed = [name for name in wanted if before[name] != wanted[name]]
        audit.record(
            "member.changed",
            subject=f"user:{fresh.user_id}",
            email=fresh.user.email,
            before={name: before[name] for name in changed},
            after={name: wanted[name] for name in changed},
        )
    return fresh


def rights_version(membership: Membership) -> str:
    """Names the state of what `change_member` replaces."""
    return version_of(_rights_of(membership))


def remove_member(membership: Membership, *, granter: Membership, by: audit.Actor) -> None:
    """End a membership now: nothing of it works any more, nor its tokens and open invitations.

    Raises Problem for the last admin, and for somebody with more rights than the granter's.
    """
    with audit.act(membership.workspace, by=by) as act:
        fresh = _fresh(membership, granter, act.now)
        _revoke_tokens(fresh)
        _grant(fresh, {"ends_at": act.now}, act.now)
        _withdraw_above(fresh, act.now)
        audit.record(
            "member.removed",
            subject=f"user:{fresh.user_id}",
            touched={f"user:{fresh.user_id}"},
            email=fresh.user.email,
            role=fresh.role,
        )


def note_seen(membership: Membership, *, now: datetime, always: bool = False) -> None:
    """Remember that a member was here; no act of theirs, so not in the record."""
    if always or membership.last_seen is None or now - membership.last_seen > SEEN_EVERY:
        Membership.objects.filter(pk=membership.pk).update(last_seen=now)


def refuse_above(rights: Rights, *, granter: Membership, now: datetime) -> None:
    """Raises Problem where `rights` hold more than the granter does at this moment.

    Call it under the workspace's lock: the granter may just have lost their own.
    """
    present = Membership.objects.select_related("user").get(pk=granter.pk)
    present.scopes = granter.scopes
    wanted = Membership(role=rights.role, areas=list(rights.areas))
    if not selectors.is_live(present, now) or permissions.exceeds(wanted, present):
        raise Problem("role", "You cannot give rights that you do not hold yourself.")


def lock(workspace: Workspace) -> None:
    """One change of members at a time in a workspace, so that "the last admin" means something."""
    Workspace.objects.select_for_update(of=("self",), no_key=True).get(pk=workspace.pk)


def _fresh(membership: Membership, granter: Membership, now: datetime) -> Membership:
    """The membership as it stands under the lock; refused where it outranks the granter."""
    lock(membership.workspace)
    rows = Membership.objects.select_related("user", "workspace")
    fresh = rows.get(pk=membership.pk)
    if not selectors.is_live(fresh, now):
        raise Problem("", "This membership has ended already. Nothing was changed.")
    refuse_above(Rights(fresh.role, fresh.areas), granter=granter, now=now)
    return fresh


def _rights_of(membership: Membership) -> dict[str, Any]:
    return {each.name: getattr(membership, each.name) for each in fields(Rights)}


def _grant(membership: Membership, wanted: dict[str, Any], now: datetime) -> None:
    """Write the columns, unless that took away the last admin that lasts."""
    was_admin = membership.role == Role.ADMIN and selectors.is_live(membership, now)
    for name, value in wanted.items():
        setattr(membership, name, value)
    lasts = membership.role == Role.ADMIN and membership.ends_at is None
    others = selectors.admins(membership.workspace, now=now).filter(ends_at=None)
    if was_admin and not lasts and not others.exclude(pk=membership.pk).exists():
        raise Problem("role", LAST_ADMIN)
    if membership._state.adding:
        membership.save(force_insert=True)
    else:
        membership.save(update_fields=list(wanted))


def _revoke_tokens(membership: Membership) -> None:
    tokens = ApiToken.objects.filter(workspace=membership.workspace_id, user=membership.user_id)
    for token in tokens:
        audit.record("token.revoked", subject=f"token:{token.id}", name=token.name)
    tokens.delete()


def _withdraw_above(granter: Membership, now: datetime) -> None:
    """Withdraw the open invitations of somebody who does not hold (any more) what they give."""
    live = selectors.is_live(granter, now)
    for each in Invitation.objects.filter(granter=granter, closed_at=None):
        wanted = Membership(role=each.role, areas=each.areas)
        if not live or permissions.exceeds(wanted, granter):
            each.closed_at = now
            each.save(update_fields=["closed_at"])
            audit.record("invitation.withdrawn", subject=f"invitation:{each.id}", email=each.email)
