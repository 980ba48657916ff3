"""Acts on employment: leaving (and moving the day), withdrawing it, coming back."""

from datetime import date, datetime
from enum import StrEnum

from audit import services as audit
from people import days
from people.models import EmploymentPeriod, StaffMember
from people.services.locks import held_period
from people.services.problems import Problem


class AccessEnds(StrEnum):
    """When a leaver's access ends."""

    END_OF_DAY = "end_of_day"  # when the last working day is over, in the workspace's zone
    NOW = "now"


def offboard(
    staff: StaffMember,
    *,
    last_day: date | None,
    access_ends: str = AccessEnds.END_OF_DAY,
    reason: str = "",
    by: audit.Actor,
) -> EmploymentPeriod:
    """Record that a person leaves, or move the day; a day that has passed ends access at its end.

    "Now" without a day means today. Moving needs a reason; the first `leaving_recorded_at` stays.
    Raises Problem.
    """
    with audit.act(staff.workspace, by=by) as act:
        period = held_period(staff)
        day, ends_at = _end(staff, last_day, AccessEnds(access_ends), act.now)
        _refuse_before_start(period, day)
        moving = period.access_ends_at is not None
        if moving and (period.last_day, period.access_ends_at) == (day, ends_at):
            return period
        if moving and not reason.strip():
            raise Problem("reason", "Say why the leaving moves: the reason is kept in the record.")
        before = (period.last_day, period.access_ends_at)
        period.last_day, period.access_ends_at = day, ends_at
        period.leaving_recorded_at = period.leaving_recorded_at or act.now
        period.save(update_fields=["last_day", "access_ends_at", "leaving_recorded_at"])
        _record_leaving(staff, period, before, reason=reason.strip())
    return period


def reinstate(
    staff: StaffMember, *, starts_on: date | None = None, by: audit.Actor
) -> EmploymentPeriod:
    """Withdraw a leaving that has not happened, or begin a new period for a person who left.

    `starts_on` counts for a new period only; None means today. Raises Problem.
    """
    with audit.act(staff.workspace, by=by) as act:
        period = held_period(staff)
        if period.access_ends_at is None or period.last_day is None:
            raise Problem("", f"{staff.name} is not leaving, so there is nothing to reinstate.")
        before = (period.last_day, period.access_ends_at)
        if period.access_ends_at > act.now:
            period.last_day = period.access_ends_at = period.leaving_recorded_at = None
            period.leaving_withdrawn_at = act.now
            period.save(
                update_fields=[
                    "last_day",
                    "access_ends_at",
                    "leaving_recorded_at",
                    "leaving_withdrawn_at",
                ]
            )
        else:
            today = days.today(act.now, staff.workspace.zone)
            starts_on = starts_on or today
            _refuse_return(period, starts_on, today)
            period = _new_period(period, starts_on, act.now)
        audit.record(
            "staff.reinstated",
            subject=f"staff:{staff.id}",
            touched={f"staff:{staff.id}"},
            last_day_was=before[0],
            access_ended_at_was=before[1],
            starts_on=period.starts_on,
            period=period.number,
        )
    return period


def _end(
    staff: StaffMember, last_day: date | None, access_ends: AccessEnds, now: datetime
) -> tuple[date, datetime]:
    today = days.today(now, staff.workspace.zone)
    if last_day is None and access_ends is AccessEnds.END_OF_DAY:
        raise Problem("last_day", "Enter the last working day, or let access end now.")
    day = last_day or today
    if not days.is_plausible(day):
        raise Problem("last_day", f"Enter a day between {days.EARLIEST} and {days.LATEST}.")
    end = days.end_of_day(day, staff.workspace.zone)
    return day, min(end, now) if access_ends is AccessEnds.NOW else end


def _refuse_before_start(period: EmploymentPeriod, day: date) -> None:
    if period.starts_on and day < period.starts_on:
        raise Problem(
            "last_day",
            f"The employment starts on {period.starts_on:%-d %B %Y}, after this day. Enter a later"
            " day, or put the start date right first.",
        )


def _refuse_return(period: EmploymentPeriod, starts_on: date, today: date) -> None:
    if not days.is_plausible(starts_on):
        raise Problem("starts_on", f"Enter a day between {days.EARLIEST} and {days.LATEST}.")
    if starts_on > today:  # it would end the open task of somebody who is gone
        raise Problem("starts_on", "Record the return on the day itself: enter today or earlier.")
    if period.last_day and starts_on < period.last_day:
        raise Problem(
            "starts_on",
            f"The earlier employment lasted until {period.last_day:%-d %B %Y}. Enter that day or a"
            " later one.",
        )


def _new_period(left: EmploymentPeriod, starts_on: date, now: datetime) -> EmploymentPeriod:
    left.latest = False
    left.save(update_fields=["latest"])
    return EmploymentPeriod.objects.create(
        workspace=left.workspace,
        staff=left.staff,
        number=left.number + 1,
        starts_on=starts_on,
        created_at=now,
    )


def _record_leaving(
    staff: StaffMember,
    period: EmploymentPeriod,
    before: tuple[date | None, datetime | None],
    *,
    reason: str,
) -> None:
    body = {"last_day": period.last_day, "access_ends_at": period.access_ends_at, "reason": reason}
    moved = {"last_day_was": before[0], "access_ends_at_was": before[1]}
    audit.record(
        "staff.offboarding_moved" if before[0] else "staff.offboarded",
        subject=f"staff:{staff.id}",
        touched={f"staff:{staff.id}"},
        **body,
        **(moved if before[0] else {}),
    )
