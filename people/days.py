"""Calendar days of a workspace as instants: when a day ends, which day it is; pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Far enough for every real employment, near enough that no zone's arithmetic overflows.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def end_of_day(day: date, zone: str) -> datetime:
    """The instant (UTC) at which the local `day` is over; `zone` is an IANA name.

    Where summer time skips midnight, `fold=0` reads it with the old offset: the day's true end.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def today(now: datetime, zone: str) -> date:
    """The calendar day that `now` falls on in `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()


def is_plausible(day: date) -> bool:
    return EARLIEST <= day <= LATEST
