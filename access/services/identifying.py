"""Deciding whose account it is: automatically by exact address, or by a person's word."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from access.facts import STAFF_KINDS, candidates
from access.matching import PeopleIndex, automatic_match
from access.models import Account, Identification
from audit import services as audit
from checks.deadlines import end_of_day
from checks.facts import DecisionKind, NotStaffKind
from people import selectors as people
from people import services as people_services
from people.models import StaffMember
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace

LONGEST = timedelta(days=366 * 2)


def identify_as_staff(
    accounts: Iterable[Account],
    *,
    staff: StaffMember,
    user: User | None,
    kind: DecisionKind = DecisionKind.EXISTING_STAFF,
    by: audit.Actor,
) -> list[Identification]:
    """ "Existing staff": these accounts are this person's, current or former."""
    with audit.act(staff.workspace, by=by) as act:
        return [
            _decide(account, act.now, user=user, kind=kind, staff=staff)
            for account in _locked(accounts, staff.workspace)
        ]


def identify_as_new_staff(
    accounts: Iterable[Account],
    *,
    workspace: Workspace,
    name: str,
    email: str,
    employment_type: str,
    last_day: date | None = None,
    user: User | None,
    by: audit.Actor,
) -> list[Identification]:
    """ "New staff": creates the person and links. Raises Problem as adding a person does."""
    with audit.act(workspace, by=by):
        staff = people_services.add(
            workspace,
            name=name,
            email=email,
            employment_type=employment_type,
            last_day=last_day,
            by=by,
        )
        return identify_as_staff(
            accounts, staff=staff, user=user, kind=DecisionKind.NEW_STAFF, by=by
        )


def identify_as_not_staff(
    accounts: Iterable[Account],
    *,
    workspace: Workspace,
    kind: str,
    owner: StaffMember | User | None,
    reason: str,
    ends_on: date | None,
    users: Iterable[StaffMember] = (),
    user: User | None,
    by: audit.Actor,
) -> list[Identification]:
    """ "Not a staff account": whose business it is, why, until when; holds for the present role."""
    if kind not in {each.value for each in NotStaffKind}:
        raise Problem("not_staff_kind", "Choose service, shared or external.")
    if not reason.strip():
        raise Problem("reason", "Say what the account is for.")
    with audit.act(workspace, by=by) as act:
        ends_at = _end(ends_on, workspace, act.now)
        owned = _owner(owner, workspace, act.now)
        made = []
        for account in _locked(accounts, workspace):
            decision = _decide(
                account,
                act.now,
                user=user,
                kind=DecisionKind.NOT_STAFF,
                not_staff_kind=kind,
                reason=reason.strip()[:500],
                ends_at=ends_at,
                level=account.level,
                **owned,
            )
            decision.users.set(users)
            made.append(decision)
        return made


def leave_unidentified(
    accounts: Iterable[Account], *, workspace: Workspace, user: User | None, by: audit.Actor
) -> list[Identification]:
    """ "Not identified": recorded, and does not pass."""
    with audit.act(workspace, by=by) as act:
        return [
            _decide(account, act.now, user=user, kind=DecisionKind.NOT_IDENTIFIED)
            for account in _locked(accounts, workspace)
        ]


def undo(account: Account, *, user: User | None, by: audit.Actor) -> None:
    """Withdraw the present decision; the account is unidentified again, history stays."""
    with audit.act(account.workspace, by=by) as act:
        for locked in _locked([account], account.workspace):
            _decide(locked, act.now, user=user, kind=DecisionKind.NOT_IDENTIFIED)


def approve_release(decision: Identification, *, user: User, by: audit.Actor) -> None:
    """Another admin confirms that an account was not the leaver's; a sole admin is noted as such."""
    with audit.act(decision.workspace, by=by) as act:
        alone = not workspaces.admins(decision.workspace).exclude(user=user).exists()
        if decision.decided_by_id == user.id and not alone:
            raise Problem("", "You made this decision, so another administrator has to approve it.")
        decision.approved_by, decision.approved_at = user, act.now
        decision.save(update_fields=["approved_by", "approved_at"])
        _record("identification.approved", decision.account, sole_admin=alone)


def match_automatically(accounts: list[Account], workspace: Workspace, now: datetime) -> int:
    """Within an act: link accounts whose exact address is one person's; returns how many."""
    if not accounts:
        return 0
    seen_on = Identification.objects.filter(workspace=workspace, staff__isnull=False).exclude(
        email=""
    )
    pairs = [(email, str(staff)) for email, staff in seen_on.values_list("email", "staff_id")]
    index = PeopleIndex(candidates(workspace), pairs)
    found = [(each, automatic_match(each.email, index).person_id) for each in accounts]
    matched = [(account, person) for account, person in found if person is not None]
    ids = [account.id for account, _ in matched]
    for start in range(0, len(ids), 500):
        Identification.objects.filter(
            account__in=ids[start : start + 500], withdrawn_at__isnull=True
        ).update(withdrawn_at=now)
    Identification.objects.bulk_create(
        (
            Identification(
                workspace=workspace,
                account=account,
                kind=DecisionKind.EXISTING_STAFF,
                staff_id=person,
                automatic=True,
                email=account.normalised_email,
                decided_at=now,
            )
            for account, person in matched
        ),
        batch_size=500,
    )
    if matched:
        _record_many(workspace, matched)
    return len(matched)


def undecided(accounts: list[Account]) -> list[Account]:
    """Those that nobody has decided about ("Not identified" is a decision against matching)."""
    ids = [account.id for account in accounts]
    decided: set[Any] = set()
    for start in range(0, len(ids), 500):
        rows = Identification.objects.filter(
            account__in=ids[start : start + 500], withdrawn_at__isnull=True
        )
        decided |= set(rows.values_list("account_id", flat=True))
    return [account for account in accounts if account.id not in decided]


def withdraw_for_readdressed(accounts: list[Account], workspace: Workspace, now: datetime) -> None:
    """Within an act: an address that is now somebody else's makes the account unidentified again."""
    owners = {
        (row.normalised): str(row.staff_id)
        for row in people.addresses(workspace).filter(
            until__isnull=True, normalised__in=[each.normalised_email for each in accounts]
        )
    }
    for account in accounts:
        current = account.identifications.filter(withdrawn_at__isnull=True).first()
        owner = owners.get(account.normalised_email)
        if not (current and current.staff_id and owner and owner != str(current.staff_id)):
            continue
        if _held_for(current, None, workspace, now) is not None:
            # A leaver's account under another address stays theirs until an admin approves.
            _decide(account, now, user=None, kind=DecisionKind.NOT_IDENTIFIED)
            continue
        current.withdrawn_at = now
        current.save(update_fields=["withdrawn_at"])
        _record("identification.withdrawn", account, why="address is another person's")


def _locked(accounts: Iterable[Account], workspace: Workspace) -> list[Account]:
    ids = [account.pk for account in accounts]
    rows = Account.objects.select_for_update(of=("self",), no_key=True).filter(
        workspace=workspace, pk__in=ids
    )
    found = list(rows.order_by("id"))
    if not found or len(found) != len(set(ids)):
        raise Problem("accounts", "Choose accounts of this workspace. Nothing was changed.")
    return found


def _decide(
    account: Account, now: datetime, *, user: User | None, **decision: Any
) -> Identification:
    """Replace the present decision; what a leaver held stays held until approved."""
    before = account.identifications.filter(withdrawn_at__isnull=True).first()
    held_for = _held_for(before, decision.get("staff"), account.workspace, now)
    if before is not None:
        before.withdrawn_at = now
        before.save(update_fields=["withdrawn_at"])
    made = Identification.objects.create(
        workspace_id=account.workspace_id,
        account=account,
        decided_by=user,
        decided_at=now,
        email=account.normalised_email,
        own_access=user is not None and _is_own(account, decision.get("staff"), user),
        held_for_id=held_for,
        **decision,
    )
    _record(
        "account.identified",
        account,
        account=account.label,
        decision=str(made.kind),
        person=made.staff.name if made.staff else None,
        before=before.kind if before else None,
        held_for=held_for,
        own_access=made.own_access,
    )
    return made


def _held_for(
    before: Identification | None, staff: StaffMember | None, workspace: Workspace, now: datetime
) -> Any:
    """The leaver (gone or upcoming) from whom this decision would take the account."""
    if before is None:
        return None
    if before.held_for_id is not None and before.approved_at is None:
        return before.held_for_id if staff is None or staff.pk != before.held_for_id else None
    if before.kind not in STAFF_KINDS or before.staff_id is None:
        return None
    if staff is not None and staff.pk == before.staff_id:
        return None
    (row,) = people.person_rows(workspace, [before.staff_id])
    return before.staff_id if row.access_ends_at is not None else None


def _is_own(account: Account, staff: StaffMember | None, user: User) -> bool:
    address = user.email.lower()
    if account.normalised_email == address:
        return True
    if staff is None:
        return False
    return staff.addresses.filter(until__isnull=True, normalised=address).exists()


def _end(ends_on: date | None, workspace: Workspace, now: datetime) -> datetime:
    if ends_on is None:
        raise Problem("ends_on", "Give the day on which this decision is to be looked at again.")
    ends_at = end_of_day(ends_on, workspace.zone)
    if ends_at <= now:
        raise Problem("ends_on", "Choose a day that is still ahead.")
    if ends_at > now + LONGEST:
        raise Problem("ends_on", "Choose a day within the next two years.")
    return ends_at


def _owner(owner: StaffMember | User | None, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """Who answers for the account: somebody who is here, or an administrator."""
    if isinstance(owner, StaffMember):
        if people.current(workspace, now=now).filter(pk=owner.pk).exists():
            return {"owner_staff": owner}
    elif owner is not None and workspaces.admins(workspace).filter(user=owner).exists():
        return {"owner_user": owner}
    raise Problem("owner", "Choose somebody who works here now, or an administrator.")


def _record(kind: str, account: Account, /, **body: Any) -> None:
    audit.record(
        kind,
        subject=f"account:{account.id}",
        touched={f"connection:{account.connection_id}"},
        **body,
    )


def _record_many(workspace: Workspace, matched: list[tuple[Account, str]]) -> None:
    """One event for a whole matching: a first sync matches thousands."""
    audit.record(
        "accounts.matched",
        subject=f"workspace:{workspace.id}",
        touched={f"connection:{account.connection_id}" for account, _ in matched},
        matched={str(account.id): person for account, person in matched},
    )
