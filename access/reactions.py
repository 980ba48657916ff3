"""What follows in access from acts: a table of event kinds and functions, run once an act."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from access import selectors
from access.models import CriticalSystem, Identification, RuleEntry, SystemGap
from access.services import gaps, identifying, judging, merging, owning, projecting, systems
from audit import services as audit
from audit.services import Act, Reaction, Recorded
from integrations.models import Connection, SyncRun
from people import selectors as people
from people.addresses import normalise
from workspaces.models import Workspace


def project_lists(act: Act, events: Sequence[Recorded]) -> None:
    """A list was read: bring the accounts up to it, match the new ones, note what changed."""
    for event in events:
        if event.body["unchanged"]:
            audit.record("accounts.unchanged", subject=event.subject, touched=event.touched)
            continue
        run = SyncRun.objects.select_related("connection__workspace").get(pk=event.body["run"])
        connection = run.connection
        read_at = run.read_at or act.now
        result = projecting.project(connection, run_id=str(run.id), read_at=read_at)
        workspace = connection.workspace
        identifying.withdraw_for_readdressed(result.readdressed, workspace, act.now)
        fresh = identifying.undecided(result.added + result.changed)
        identifying.match_automatically(fresh, workspace, act.now)
        kind = "accounts.changed" if result.any else "accounts.unchanged"
        audit.record(
            kind,
            subject=event.subject,
            touched=event.touched,
            run=str(run.id),
            added=[each.label for each in result.added][:100],
            removed=[each.label for each in result.removed][:100],
            role_changes=[[a.label, was, a.level] for a, was in result.raised][:100],
            new_addresses=[[each.label, each.email] for each in result.readdressed][:100],
        )


def match_people(act: Act, events: Sequence[Recorded]) -> None:
    """Somebody's addresses changed: matches that rested on a taken-back alias end, others begin."""
    workspace = Workspace.objects.get(pk=act.chain)
    for event in events:
        if event.body.get("address_kind") == "alias" and not event.body.get("after"):
            gone = [normalise(event.body["before"])]
            for staff_id in _ids("staff", [event]):
                identifying.withdraw_ungrounded(staff_id, gone, workspace, act.now)
    rows = selectors.never_decided(workspace)
    if len(staff := _ids("staff", events)) <= FEW:
        theirs = people.addresses(workspace).filter(staff__in=staff, until__isnull=True)
        rows = rows.filter(normalised_email__in=theirs.values("normalised"))
    identifying.match_automatically(list(rows.order_by("id")), workspace, act.now)


def follow_merged_people(act: Act, events: Sequence[Recorded]) -> None:
    """A duplicate became somebody else's record: so do the accounts that were the duplicate's."""
    for event in events:
        one, other = (uuid.UUID(event.body[key]) for key in ("duplicate", "survivor"))
        ended = event.body["access_ended_at_was"]
        merging.refuse_freeing([one, other], ended=ended, to=other)
        merging.hand_over_accounts(one, to=other)


def follow_merged_roles(act: Act, events: Sequence[Recorded]) -> None:
    """A merged Org role is no longer listed by rules: the one that remains takes its place."""
    for event in events:
        one, other = (uuid.UUID(event.body[key]) for key in ("merged_id", "into_id"))
        merging.hand_over_rules(one, to=other)


def fill_waiting_cards(act: Act, events: Sequence[Recorded]) -> None:
    """The first organisation that is connected takes the card that waits for one."""
    for connection in Connection.objects.filter(pk__in=_ids("connection", events)):
        systems.fill_waiting(connection, act.now)


def note_disconnecting(act: Act, events: Sequence[Recorded]) -> None:
    """What is no longer read is no longer monitored."""
    rows = CriticalSystem.objects.filter(connection__in=_ids("connection", events))
    for system in rows.filter(removed_at__isnull=True):
        gaps.begin(system, SystemGap.Cause.DISCONNECTED, at=act.now)


def note_reading(act: Act, events: Sequence[Recorded]) -> None:
    """Monitoring goes on with the first complete list, not with the click on Reconnect."""
    rows = CriticalSystem.objects.filter(connection__in=_ids("connection", events))
    for system in rows.select_related("connection"):
        if system.connection is not None:
            read_at = system.connection.read_at or act.now
            gaps.end([system.pk], SystemGap.Cause.DISCONNECTED, at=read_at)


def judge(act: Act, events: Sequence[Recorded]) -> None:
    """Judge, once, every system that anything in this act touched."""
    unchanged = [each for each in events if each.kind == "accounts.unchanged"]
    others = [each for each in events if each.kind != "accounts.unchanged"]
    touched = _systems(act.chain, others)
    judging.judge_systems(touched, now=act.now)
    same = CriticalSystem.objects.filter(
        connection__in=_ids("connection", unchanged), removed_at__isnull=True
    ).exclude(pk__in=touched)
    for system in same.select_related("connection"):
        judging.read_again(system, now=act.now)


def renew(act: Act, events: Sequence[Recorded]) -> None:
    """The staff list was confirmed complete, or came anew from a tool."""
    judging.renew(Workspace.objects.get(pk=act.chain), now=act.now)


def hand_on_tasks(act: Act, events: Sequence[Recorded]) -> None:
    """A member or somebody of the staff left: their open tasks need another owner."""
    owning.hand_on_tasks(Workspace.objects.get(pk=act.chain), act=act)


def _ids(kind: str, events: Iterable[Recorded]) -> set[uuid.UUID]:
    keys = {key for event in events for key in event.touched if key.startswith(f"{kind}:")}
    return {uuid.UUID(key.partition(":")[2]) for key in keys}


def _systems(chain: uuid.UUID, events: list[Recorded]) -> set[uuid.UUID]:
    """Whose facts may be others. Of the staff a system knows whom decisions name, and leavers."""
    rows = CriticalSystem.objects.filter(workspace_id=chain)
    found = _ids("system", events)
    if connections := _ids("connection", events):
        found |= set(rows.filter(connection__in=connections).values_list("pk", flat=True))
    staff = _ids("staff", events)
    if _may_be_leavers(staff, events):
        # Everybody who leaves or left is compared everywhere, by number, name and addresses.
        found |= set(rows.values_list("pk", flat=True))
    elif staff:
        found |= _of_people(staff)
    if subjects := [event.subject for event in events if event.kind in MEMBERS]:
        members = [uuid.UUID(each.partition(":")[2]) for each in subjects]
        found |= _under_control(Identification.objects.filter(owner_user__in=members))
    if roles := _ids("org_role", events):
        entries = RuleEntry.objects.filter(org_role__in=roles)
        found |= set(entries.values_list("rule__system_id", flat=True))
    return found


def _may_be_leavers(staff: set[uuid.UUID], events: Iterable[Recorded]) -> bool:
    """Whether somebody of these left or leaves, or did before this act."""
    if len(staff) > people.MOST_IDS or any(event.kind in LEAVING for event in events):
        return True
    return people.any_leaving(staff)


def _of_people(staff: set[uuid.UUID]) -> set[uuid.UUID]:
    rows = Identification.objects.filter(
        Q(staff__in=staff) | Q(owner_staff__in=staff) | Q(users__in=staff) | Q(held_for__in=staff)
    )
    return _under_control(rows)


def _under_control(decisions: QuerySet[Identification]) -> set[uuid.UUID]:
    rows = decisions.filter(account__connection__criticalsystem__isnull=False)
    return set(rows.values_list("account__connection__criticalsystem", flat=True))


FEW = 500  # people whose addresses are looked for one by one; beyond it every open account is
LEAVING = frozenset(
    {
        "staff.offboarded",
        "staff.offboarding_moved",
        "staff.reinstated",
        "staff.imported",
        "staff.merged",
    }
)
# After which somebody who owns tasks may be gone: a list records many people as one event.
LEFT = ("staff.offboarded", "staff.offboarding_moved", "staff.imported", "staff.merged")
ADDRESSES = ("staff.added", "staff.address_changed", "staff.imported", "staff.merged")
PEOPLE = (*LEAVING, "staff.added", "staff.changed", "staff.roles_changed", "staff.address_changed")
CONNECTIONS = (
    "connection.connected",
    "connection.reconnected",
    "connection.needs_reconnect",
    "connection.recovered",
    "connection.disconnected",
)
DECISIONS = (
    "system.added",
    "system.connected",
    "system.removed",
    "rule.saved",
    "account.identified",
    "accounts.matched",
    "identification.approved",
    "identification.withdrawn",
)
ROLES = ("org_role.renamed", "org_role.merged")
MEMBERS = ("member.changed", "member.removed")  # an administrator may answer for an account

REACTIONS: Sequence[tuple[Sequence[str], Reaction]] = [
    (("sync.succeeded",), project_lists),
    (("staff.merged",), follow_merged_people),
    (("org_role.merged",), follow_merged_roles),
    (("sync.succeeded",), note_reading),
    (("connection.disconnected",), note_disconnecting),
    (ADDRESSES, match_people),
    (("connection.connected", "connection.reconnected"), fill_waiting_cards),
    (
        (
            "accounts.changed",
            "accounts.unchanged",
            *PEOPLE,
            *CONNECTIONS,
            *DECISIONS,
            *ROLES,
            *MEMBERS,
        ),
        judge,
    ),
    (("staff.confirmed_complete",), renew),
    ((*MEMBERS, *LEFT), hand_on_tasks),
]
