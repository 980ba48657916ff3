"""How rules put facts into words: days, moments, lists, and the names of subjects."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from checks.facts import Account, Gap

NO_LIST = "No user list has been read yet."
NOBODY_HAS_ACCESS = "The current user list has no account with access."
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@lru_cache(maxsize=4096)
def day(instant: datetime, zone: str) -> str:
    """The local day of an instant: "1 April 2027"."""
    return calendar_day(instant.astimezone(ZoneInfo(zone)).date())


def calendar_day(given: date) -> str:
    return f"{given.day} {_MONTHS[given.month - 1]} {given.year}"


@lru_cache(maxsize=4096)
def moment(instant: datetime, zone: str) -> str:
    """The local day and time of an instant: "1 April 2027, 09:05"."""
    return f"{day(instant, zone)}, {instant.astimezone(ZoneInfo(zone)):%H:%M}"


def either(names: Iterable[str], joint: str = "or") -> str:
    """ "A", "A or B", "A, B or C"."""
    *rest, last = names
    return f"{', '.join(rest)} {joint} {last}" if rest else last


def gaps(found: Iterable[Gap], zone: str) -> str:
    """ "from 1 April 2027, 09:05 to 3 April 2027, 10:00 (removed: moved away)", the last three."""
    return "; ".join(
        f"from {moment(each.began_at, zone)}"
        f"{f' to {moment(each.ended_at, zone)}' if each.ended_at else ' until now'} ({each.why})"
        for each in list(found)[-3:]
    )


def account_label(account: Account) -> str:
    return account.name.strip() or account.email.strip() or "Account without a name"


def account_facts(account: Account, level_name: str, zone: str) -> tuple[tuple[str, str], ...]:
    """The facts of an account that people are shown beside a verdict."""
    return (
        ("Account", account_label(account)),
        ("E-mail", account.email or "none given"),
        ("Role", level_name),
        ("First seen", day(account.first_seen_at, zone)),
    )


def latest(*instants: datetime | None) -> datetime:
    """The last of the instants that are known; at least one must be."""
    return max(instant for instant in instants if instant is not None)


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
