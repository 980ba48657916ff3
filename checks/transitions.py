"""What a new verdict does to a task: its instants and the line of its history; pure."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from checks.deadlines import Deadline, days_late, deadline
from checks.facts import Calendar, Policy
from checks.rules import Outcome, Verdict

WORDS = 300


@dataclass(frozen=True, slots=True)
class TaskState:
    """The part of a task that verdicts change; field names are those of the table."""

    opens_at: datetime | None = None
    began_at: datetime | None = None
    critical_at: datetime | None = None
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    waiting: bool = False
    lapses_at: datetime | None = None
    closed_at: datetime | None = None
    closed_why: str = ""  # at most WORDS characters
    late_days: int = 0


STATE_FIELDS = tuple(each.name for each in fields(TaskState))


@dataclass(frozen=True, slots=True)
class Transition:
    """The new state and what to call the change; an empty kind is no change worth a line."""

    state: TaskState
    kind: str


def after(
    before: TaskState | None,
    verdict: Verdict,
    *,
    now: datetime,
    policy: Policy,
    calendar: Calendar,
) -> Transition:
    """The state that follows. `before` is None for a subject judged for the first time."""
    if verdict.outcome is Outcome.CLOSED:
        at = verdict.closes_at or now
        return closed(before or TaskState(), at=at, why=verdict.why, now=now, zone=calendar.zone)
    resumed = _resumed(before or TaskState(), now)
    state = replace(
        resumed,
        opens_at=verdict.opens_at,
        closed_at=verdict.closes_at,
        closed_why="",
        waiting=verdict.outcome is Outcome.WAIT,
        lapses_at=verdict.lapses_at if verdict.outcome is Outcome.PASS else None,
    )
    if verdict.outcome is Outcome.WAIT:
        state = _with_future_clock(state, verdict, policy, calendar)
    elif verdict.outcome is Outcome.PASS:
        state = _passed(state, verdict, now, calendar)
    else:
        state = _failed(state, resumed, verdict, now=now, policy=policy, calendar=calendar)
    return Transition(state, _kind(before, state, now))


def closed(state: TaskState, *, at: datetime, why: str, now: datetime, zone: str) -> Transition:
    """The subject is gone: the task ends without passing. One that ended already keeps its end."""
    if _ended(state, now):
        return Transition(state, "")
    ended = replace(state, closed_at=at, closed_why=why[:WORDS], waiting=False)
    return Transition(_with_lateness(ended, at, zone), "closed")


def _ended(state: TaskState, now: datetime) -> bool:
    return state.closed_at is not None and state.closed_at <= now


def has_lapsed(lapses_at: datetime | None, now: datetime) -> bool:
    """Whether a pass has ended by the clock alone: what then passes again is news."""
    return lapses_at is not None and lapses_at <= now


def _is_open(state: TaskState) -> bool:
    return state.began_at is not None and state.resolved_at is None


def _resumed(state: TaskState, now: datetime) -> TaskState:
    """A task that goes on after its subject was gone: its fault ended when the task did."""
    if _ended(state, now) and _is_open(state):
        return replace(state, resolved_at=state.closed_at)
    return state


def _kind(before: TaskState | None, state: TaskState, now: datetime) -> str:
    """The word for the line of history; empty where a person would see no difference."""
    if before is None:
        return ""
    if state.waiting:
        return "" if before.waiting and not _ended(before, now) else "waiting"
    was_open = _is_open(before) and not before.waiting and not _ended(before, now)
    if _is_open(state):
        if was_open:
            return ""
        return "opened" if before.began_at is None else "reopened"
    was_passing = not _is_open(before) and not before.waiting and not _ended(before, now)
    return "" if was_passing and not has_lapsed(before.lapses_at, now) else "resolved"


def _with_lateness(state: TaskState, ended_at: datetime, zone: str) -> TaskState:
    """Lateness is kept for good: a later, punctual solution does not wipe it out."""
    if state.due_at is None or not _is_open(state):
        return state
    late = days_late(state.due_at, ended_at, zone)
    return replace(state, late_days=max(state.late_days, late))


def _clocked(
    state: TaskState, began: datetime, verdict: Verdict, policy: Policy, calendar: Calendar
) -> TaskState:
    due = Deadline(began, began) if verdict.at_once else deadline(began, policy, calendar)
    return replace(
        state, began_at=began, critical_at=due.critical_at, due_at=due.due_at, resolved_at=None
    )


def _with_future_clock(
    state: TaskState, verdict: Verdict, policy: Policy, calendar: Calendar
) -> TaskState:
    """An upcoming leaver's task follows the day when that is moved; else waiting keeps its clock."""
    if verdict.opens_at is None or _is_same_clock(state, verdict.opens_at):
        return state
    return _clocked(state, verdict.opens_at, verdict, policy, calendar)


def _passed(state: TaskState, verdict: Verdict, now: datetime, calendar: Calendar) -> TaskState:
    if state.resolved_at is not None:
        return state
    settled = min(verdict.settled_at or now, now)
    if state.began_at is not None:
        settled = max(settled, state.began_at)
    return replace(_with_lateness(state, settled, calendar.zone), resolved_at=settled)


def _failed(
    state: TaskState,
    before: TaskState,
    verdict: Verdict,
    *,
    now: datetime,
    policy: Policy,
    calendar: Calendar,
) -> TaskState:
    began = verdict.began_at or now
    if before.resolved_at is not None:
        if began < before.resolved_at:
            began = now  # a returned fault starts at its return
    elif _keeps_its_clock(before, verdict, began, now):
        return state
    return _clocked(state, began, verdict, policy, calendar)


def _keeps_its_clock(before: TaskState, verdict: Verdict, began: datetime, now: datetime) -> bool:
    """Another reason for the same fault buys no time; a task not open yet follows a moved day."""
    if not verdict.at_once and _is_same_clock(before, began):
        return True
    was_ahead = before.opens_at is not None and before.opens_at > now
    if before.began_at is None or verdict.opens_at is not None or was_ahead:
        return False
    return began >= before.began_at


def _is_same_clock(before: TaskState, began: datetime) -> bool:
    """The same fault from the same instant: a policy changed since then does not touch it."""
    return before.began_at == began and before.resolved_at is None
