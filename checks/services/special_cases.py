"""Special cases: asking for one, deciding by another person, confirming, ending; see `accepting`."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audit import services as audit
from checks import accepting, attachments, selectors
from checks.models import JudgedSystem, SpecialCase, Task
from checks.services import history
from checks.status import OPEN
from people import days
from people import selectors as people
from people.addresses import normalise
from people.models import StaffMember
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User

States = SpecialCase.State
UNCHANGED = "Nothing was changed."


@dataclass(frozen=True)
class Attachment:
    """A file as it was sent."""

    name: str
    content: bytes


def request_special_case(
    task: Task,
    *,
    reason: str,
    note: str,
    ends_on: date | None,
    attachment: Attachment | None = None,
    user: User | None,
    by: audit.Actor,
) -> SpecialCase:
    """Ask that a task's fault be accepted until the end of `ends_on`; None means valid forever.

    The request changes nothing until it is approved. Raises Problem for a task that is not open,
    a day that is not allowed, or a second request.
    """
    with audit.act(task.workspace, by=by) as act:
        _lock(task.system_id)
        task = Task.objects.select_related("system", "workspace").get(pk=task.pk)
        today = days.today(act.now, task.workspace.zone)
        _require_open(task, act.now)
        _require_wording(reason, note)
        if words := accepting.refusal(task.check_id, ends_on, today=today):
            raise Problem("ends_on", words)
        if task.special_cases.filter(state=States.REQUESTED).exists():
            raise Problem("", f"A special case is waiting for approval already. {UNCHANGED}")
        kept = _kept(attachment)  # last: what is refused leaves no file behind
        case = SpecialCase.objects.create(
            workspace_id=task.workspace_id,
            task=task,
            reason=reason,
            note=note.strip(),
            ends_at=days.end_of_day(ends_on, task.workspace.zone) if ends_on else None,
            holder=_holder(task),
            requested_at=act.now,
            requested_by=user,
            covers=accepting.stored(_fault(task)),
            **kept,
        )
        _record("requested", case, reason=reason, ends_at=case.ends_at, file=case.file_digest)
    return case


def approve_special_case(
    case: SpecialCase, *, note: str = "", user: User | None, by: audit.Actor
) -> SpecialCase:
    """Accept the fault that was asked about. Raises Problem for the requester, one's own account
    (unless this is the only admin), a fault that is gone or another one, a day that has passed."""
    with audit.act(case.workspace, by=by) as act:
        case, task = _locked(case, States.REQUESTED)
        _require_open(task, act.now)
        sole = _may_decide(case, task, user)
        if case.ends_at is not None and case.ends_at <= act.now:
            raise Problem("", f"Its end date has passed; ask for a new one. {UNCHANGED}")
        _end_others(task, act.now, user)
        _require_same(case, task)
        zone = case.workspace.zone
        if case.ends_at is None:
            case.confirm_by = accepting.confirm_by(days.today(act.now, case.workspace.zone), zone)
        case.state, case.covers = States.APPROVED, accepting.stored(_fault(task))
        case.decided_at, case.decided_by, case.decision_note = act.now, user, note.strip()
        case.sole_admin = sole
        case.save()
        _accept(task, case, act.now, "approved", user, sole=sole)
        _record("approved", case, until=case.until, sole_admin=sole, covers=case.covers)
    return case


def reject_special_case(
    case: SpecialCase, *, note: str, user: User | None, by: audit.Actor
) -> SpecialCase:
    """Refuse a request, with words for whoever asked. Raises Problem without them."""
    if not note.strip():
        raise Problem("note", "Say why, so that whoever asked knows what to do instead.")
    with audit.act(case.workspace, by=by) as act:
        case, _ = _locked(case, States.REQUESTED)
        case.state, case.decision_note = States.REJECTED, note.strip()
        case.decided_at, case.decided_by = act.now, user
        case.save(update_fields=["state", "decision_note", "decided_at", "decided_by"])
        _record("rejected", case, note=case.decision_note)
    return case


def withdraw_special_case(case: SpecialCase, *, user: User | None, by: audit.Actor) -> SpecialCase:
    """Take back a request, or end early what is in force: the task's own clock counts again.

    Raises Problem for one that is over.
    """
    with audit.act(case.workspace, by=by) as act:
        case, task = _locked(case, States.REQUESTED, States.APPROVED)
        was_in_force = case.state == States.APPROVED
        if was_in_force and case.until is not None and case.until <= act.now:
            raise Problem("", f"It has ended already. {UNCHANGED}")
        state = States.ENDED if was_in_force else States.WITHDRAWN
        why = "ended early" if was_in_force else "withdrawn"
        end_case(case, state=state, why=why, at=act.now, user=user)
        if was_in_force:
            stop_accepting(task, act.now, "The special case was ended early")
        _record("ended" if was_in_force else "withdrawn", case, why=why)
    return case


def confirm_special_case(case: SpecialCase, *, user: User | None, by: audit.Actor) -> SpecialCase:
    """Confirm for another year what is valid forever, which is to approve it once more.

    Raises Problem for anything else, and for whom `approve_special_case` refuses.
    """
    with audit.act(case.workspace, by=by) as act:
        case, task = _locked(case, States.APPROVED)
        if case.confirm_by is None:
            raise Problem("", f"It has an end date, so it needs no confirmation. {UNCHANGED}")
        if case.confirm_by <= act.now:
            raise Problem("", f"It has ended already; ask for a new one. {UNCHANGED}")
        sole = _may_decide(case, task, user)
        today = days.today(act.now, case.workspace.zone)
        case.confirm_by = accepting.confirm_by(today, case.workspace.zone)
        case.confirmed_at, case.confirmed_by, case.warned_at = act.now, user, None
        case.save(update_fields=["confirm_by", "confirmed_at", "confirmed_by", "warned_at"])
        _accept(task, case, act.now, "confirmed", user, sole=sole)
        _record("confirmed", case, until=case.confirm_by, sole_admin=sole)
    return case


def stop_accepting(task: Task, at: datetime, why: str) -> None:
    """The task's own instants count again: it looks as if it had never been accepted."""
    task.accepted_until = None
    task.save(update_fields=["accepted_until"])
    history.line(task, "exception ended", why, at=at).save()


def end_case(
    case: SpecialCase, *, state: str, why: str, at: datetime, user: User | None = None
) -> None:
    """Write the end of a special case; the task is the caller's. The clock may have been first."""
    if case.state == States.APPROVED and case.until is not None and case.until <= at:
        at, user = case.until, None
        why = accepting.PASSED if case.ends_at else accepting.UNCONFIRMED
    case.state, case.ended_at, case.ended_why, case.ended_by = state, at, why[:500], user
    case.save(update_fields=["state", "ended_at", "ended_why", "ended_by"])


def _accept(
    task: Task, case: SpecialCase, now: datetime, word: str, user: User | None, *, sole: bool
) -> None:
    task.accepted_until = case.until
    task.save(update_fields=["accepted_until"])
    until = case.until
    system = task.system
    if until and (system.next_change_at is None or until < system.next_change_at):
        system.next_change_at = until
        system.save(update_fields=["next_change_at"])
    by = f" by {user.label}" if user else ""
    alone = ", the only admin" if sole else ""
    why = f"{case.get_reason_display()}: {case.note} {word.capitalize()}{by}{alone}."
    kind = "confirmed" if word == "confirmed" else "accepted"
    history.line(task, kind, why, at=now).save()


def _kept(attachment: Attachment | None) -> dict[str, Any]:
    """Keep a file and give the columns that name it. Raises Problem for one that is not taken."""
    if attachment is None:
        return {}
    try:
        kind = attachments.kind_of(attachment.name, attachment.content)
    except attachments.Unfit as unfit:
        raise Problem("file", str(unfit)) from unfit
    return {
        "file_name": attachments.clean_name(attachment.name),
        "file_kind": kind,
        "file_size": len(attachment.content),
        "file_digest": attachments.keep(attachment.content),
    }


def _lock(system_id: uuid.UUID) -> JudgedSystem:
    """Judging takes the same lock, so a verdict and a decision about it never cross."""
    return JudgedSystem.objects.select_for_update(of=("self",), no_key=True).get(pk=system_id)


def _locked(case: SpecialCase, *states: str) -> tuple[SpecialCase, Task]:
    _lock(case.task.system_id)
    rows = SpecialCase.objects.select_for_update(of=("self",), no_key=True)
    case = rows.select_related("workspace", "requested_by").get(pk=case.pk)
    if case.state not in states:
        words = States(case.state).label.lower()
        raise Problem("", f"This special case is no longer open for that: it is {words}.")
    task = Task.objects.select_related("system", "evaluation__facts").get(pk=case.task_id)
    return case, task


def _require_open(task: Task, now: datetime) -> None:
    """Only a problem can be accepted; one that is accepted already may be extended."""
    bare = Task(**{f.attname: getattr(task, f.attname) for f in Task._meta.concrete_fields})
    bare.system, bare.accepted_until = task.system, None
    if selectors.task_status(bare, now) not in OPEN:
        raise Problem("", f"This task shows no problem that could be accepted. {UNCHANGED}")


def _require_same(case: SpecialCase, task: Task) -> None:
    """What is approved is what was asked about, or less: the form showed nothing else."""
    if task.evaluation is None:
        raise Problem("", f"This task has not been judged yet. {UNCHANGED}")
    facts = selectors.sheet(task.evaluation)
    if words := accepting.wider(case.covers, _fault(task), facts):
        raise Problem(
            "",
            f"It is another problem than the one that was asked about: {words}. {UNCHANGED} Reject"
            " this request, and ask for a new one if the present problem may stay.",
        )


def _require_wording(reason: str, note: str) -> None:
    if reason not in SpecialCase.Reason.values:
        raise Problem("reason", "Choose one of the reasons.")
    if not note.strip():
        raise Problem("note", "Say why: auditors will read it.")


def _may_decide(case: SpecialCase, task: Task, user: User | None) -> bool:
    """Whether the only admin decides alone here, which the record then says. Raises Problem."""
    admins = workspaces.admins(case.workspace)
    if user is None or not admins.filter(user=user).exists():
        raise Problem("", f"Only an admin decides about special cases. {UNCHANGED}")
    asked = case.requested_by_id == user.pk
    own = _is_own(task, user)
    if not admins.exclude(user=user).exists():
        return asked or own
    if asked:
        raise Problem("", f"You asked for it: another admin has to decide. {UNCHANGED}")
    if own:
        raise Problem("", f"It is about your own access: another admin has to decide. {UNCHANGED}")
    return False


def _fault(task: Task) -> accepting.Fault:
    if task.evaluation is None:
        raise Problem("", f"This task has not been judged yet. {UNCHANGED}")
    facts = selectors.sheet(task.evaluation)
    return accepting.fault_of(
        task.subject_kind, str(task.subject_id), task.remedy, task.remedy_text, facts
    )


def _holder(task: Task) -> StaffMember | None:
    """The person whose access the task is about, where that is known."""
    key = _fault(task).holder
    return people.for_workspace(task.workspace).filter(pk=key).first() if key else None


def _is_own(task: Task, user: User) -> bool:
    """Whether the access that the task is about is this user's own, by the address."""
    address = normalise(user.email)
    holder = _holder(task)
    if holder is not None:
        return people.addresses(task.workspace).filter(staff=holder, normalised=address).exists()
    facts = selectors.sheet(task.evaluation) if task.evaluation else None
    accounts = facts.accounts if facts is not None else ()
    subject = str(task.subject_id)
    return any(each.id == subject and normalise(each.email) == address for each in accounts)


def _end_others(task: Task, now: datetime, user: User | None) -> None:
    for earlier in task.special_cases.filter(state=States.APPROVED):
        end_case(earlier, state=States.ENDED, why="replaced by a newer one", at=now, user=user)


def _record(what: str, case: SpecialCase, **body: Any) -> None:
    audit.record(
        f"special_case.{what}",
        subject=f"special_case:{case.id}",
        task=str(case.task_id),
        **body,
    )
