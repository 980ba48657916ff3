"""The vanishing guard and the comparison of two complete user lists; pure.

A list that shrinks turns checks green, so a list that shrinks suddenly waits for a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from checks.facts import LevelScheme


@dataclass(frozen=True)
class Row:
    """One user as a complete list shows it; `id` is the product's own."""

    id: str
    name: str
    email: str
    level: str
    is_subscriber: bool = False


class HoldCode(StrEnum):
    EMPTY = "empty"
    VANISHING = "vanishing"
    SUBSCRIBER = "subscriber"
    PRIVILEGED = "privileged"


@dataclass(frozen=True)
class Hold:
    """Why a complete list must be confirmed; `vanishing` holds nobody whose removal we asked for."""

    codes: tuple[HoldCode, ...]
    reasons: tuple[str, ...]  # one plain sentence for each code
    vanishing: tuple[Row, ...]
    expected: tuple[Row, ...]
    previous_count: int
    current_count: int


@dataclass(frozen=True)
class Change:
    """One user whom both lists show, differently; `raised` when the new level can do more."""

    before: Row
    after: Row
    fields: tuple[str, ...]
    raised: bool


@dataclass(frozen=True)
class Changes:
    added: tuple[Row, ...]
    changed: tuple[Change, ...]
    removed: tuple[Row, ...]


def hold_reason(
    previous: Iterable[Row],
    current: Iterable[Row],
    *,
    expected_removals: frozenset[str],
    scheme: LevelScheme,
) -> Hold | None:
    """Why `current` must not replace `previous` before a person has confirmed it; None if it may.

    Users at a level of no access are not there. An empty first list is no matter of this guard:
    the run that read it has failed.
    """
    previous, current = tuple(previous), tuple(current)
    before, after = _with_access(previous, scheme), _with_access(current, scheme)
    gone = [row for row in before.values() if row.id not in after]
    unexpected = [row for row in gone if row.id not in expected_removals]
    found = {
        HoldCode.EMPTY: _emptied(len(before), len(after)) or _emptied(len(previous), len(current)),
        HoldCode.VANISHING: _too_many(len(unexpected), len(before)),
        HoldCode.SUBSCRIBER: _no_subscriber(before, after),
        HoldCode.PRIVILEGED: _no_privileged(before, unexpected, after, scheme),
    }
    reasons = {code: reason for code, reason in found.items() if reason}
    if not reasons:
        return None
    return Hold(
        codes=tuple(reasons),
        reasons=tuple(reasons.values()),
        vanishing=_by_name(unexpected),
        expected=_by_name(row for row in gone if row.id in expected_removals),
        previous_count=len(before),
        current_count=len(after),
    )


def changes(previous: Iterable[Row], current: Iterable[Row], scheme: LevelScheme) -> Changes:
    """Who came, who changed and who went between two complete lists."""
    before, after = _with_access(previous, scheme), _with_access(current, scheme)
    kept = [(before[row.id], row) for row in after.values() if row.id in before]
    return Changes(
        added=_by_name(row for row in after.values() if row.id not in before),
        changed=tuple(_change(old, new, scheme) for old, new in kept if old != new),
        removed=_by_name(row for row in before.values() if row.id not in after),
    )


def _with_access(rows: Iterable[Row], scheme: LevelScheme) -> dict[str, Row]:
    """Rows by id; raises ValueError when an id repeats, for such a list is not complete."""
    found: dict[str, Row] = {}
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise ValueError(f"The list shows the user {row.id} twice")
        seen.add(row.id)
        if scheme.gives_access(row.level):
            found[row.id] = row
    return found


def _emptied(before: int, after: int) -> str:
    """Asked of those with access, and of all rows: a list of nobody at all is doubtful either way."""
    if after or not before:
        return ""
    return f"The new list is empty; the last one had {_users(before)}."


def _too_many(unexpected: int, before: int) -> str:
    """More than 3 and more than a tenth; from up to 10 users, 2 are many already."""
    small = before <= 10
    if unexpected <= (1 if small else max(3, before / 10)):
        return ""
    limit = "2 or more of a short list" if small else "more than 3 users and a tenth of the list"
    return f"{_users(unexpected)} of {before} would vanish that nobody asked to remove ({limit})."


def _no_subscriber(before: Mapping[str, Row], after: Mapping[str, Row]) -> str:
    if not _any_subscriber(before.values()) or _any_subscriber(after.values()):
        return ""
    return "The last list had a subscriber, the new one has none; there always is one."


def _any_subscriber(rows: Iterable[Row]) -> bool:
    return any(row.is_subscriber for row in rows)


def _no_privileged(
    before: Mapping[str, Row],
    unexpected: Sequence[Row],
    after: Mapping[str, Row],
    scheme: LevelScheme,
) -> str:
    """For each privileged level: two or more held it and all of them are gone, not all expected."""
    for level in sorted(scheme.privileged):
        holders = [row for row in before.values() if row.level == level]
        gone = not any(row.id in after for row in holders)
        surprising = any(row.level == level for row in unexpected)
        if len(holders) >= 2 and gone and surprising:
            return f"All {len(holders)} users with the role {scheme.name(level)} would vanish."
    return ""


def _users(count: int) -> str:
    return f"{count} user" if count == 1 else f"{count} users"


def _by_name(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.id)))


def _change(before: Row, after: Row, scheme: LevelScheme) -> Change:
    names = ("name", "email", "level", "is_subscriber")
    differing = tuple(name for name in names if getattr(before, name) != getattr(after, name))
    raised = "level" in differing and _is_raised(before.level, after.level, scheme)
    return Change(before=before, after=after, fields=differing, raised=raised)


def _is_raised(before: str, after: str, scheme: LevelScheme) -> bool:
    """Up the order, to a privileged level, or to one that says nothing; less counts as not raised."""
    return (
        scheme.is_lower(before, than=after)
        or after in scheme.privileged
        or not scheme.is_determined(after)
    )
