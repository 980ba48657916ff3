"""What one row of a list means for the directory: add, change, nothing, a choice or a problem."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from people import days
from people.addresses import normalise
from people.importing import Fault, Row
from people.models import AUTOMATIC
from people.services.importing.known import Known, Owner
from people.services.problems import owned_words
from workspaces.models import Workspace

ADD, CHANGE, SAME, PROBLEM, CHOICE = "add", "change", "same", "problem", "choice"
OWNABLE = ("name", "email", "external_id", "employment_type", "manager", "starts_on")
# Columns that are kept as they are on the person's record.
PLAIN = ("name", "external_id", "employment_type", "on_leave")


@dataclass(frozen=True)
class Options:
    """How a list is to be taken. `namespace` makes the ids of new rows; `choices` by row number."""

    workspace: Workspace
    source: str
    complete: bool
    create_roles: bool
    namespace: uuid.UUID
    now: datetime
    choices: Mapping[int, str] = field(default_factory=dict)
    lock: bool = False  # hold the people read: within the transaction that writes

    def new_id(self, what: object) -> uuid.UUID:
        return uuid.uuid5(self.namespace, str(what))

    def role_id(self, name: str) -> uuid.UUID:
        """The id that an Org role of this name gets which does not exist yet."""
        return _role_id(self.namespace, name.lower())

    @property
    def today(self) -> date:
        return days.today(self.now, self.workspace.zone)


@lru_cache(maxsize=1024)  # few names stand in very many rows
def _role_id(namespace: uuid.UUID, name: str) -> uuid.UUID:
    return uuid.uuid5(namespace, f"role:{name}")


@dataclass(slots=True)
class Step:
    """What becomes of one row. `changes` holds only what differs, `before` what it was."""

    number: int
    action: str
    label: str
    staff_id: uuid.UUID | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    known: Known | None = None
    takes_from: uuid.UUID | None = None  # a former person who gives the address up

    @property
    def returns(self) -> bool:
        return "returns_on" in self.changes


@dataclass
class Around:
    """What is known beside the row: address owners of the chunk, Org roles by name."""

    owners: Mapping[str, Owner]
    roles: Mapping[str, uuid.UUID]
    options: Options


class Refusal(Exception):
    """A cell that cannot be taken over."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


def decide(row: Row, known: Known | None, around: Around) -> Step:
    """The step for one row; its manager is looked up later, for it may stand further down."""
    if row.faults:
        return _problem(row, row.faults, around)
    try:
        if known is None:
            return _add(row, around)
        if _has_left(known, around.options) and _says_otherwise(row, known):
            return _chosen(row, known, around)
        return _change(row, known, around)
    except Refusal as refusal:
        return _problem(row, (refusal.fault,), around)


def _problem(row: Row, faults: Iterable[Fault], around: Around) -> Step:
    """All that is wrong with a row, so that it can be put right at once."""
    found = [*faults, *_unknown_roles(row, around), *_wrong_order(row.values)]
    return Step(row.number, PROBLEM, row.label, faults=tuple(dict.fromkeys(found)))


def _unknown_roles(row: Row, around: Around) -> Iterator[Fault]:
    if around.options.create_roles:
        return
    for name in row.values.get("org_roles", ()):
        if name.lower() not in around.roles:
            words = (
                f"There is no Org role named {name}. Create it first, or let the import create it."
            )
            yield Fault("org_roles", words)


def _wrong_order(days: Mapping[str, Any]) -> Iterator[Fault]:
    starts_on, last_day = days.get("starts_on"), days.get("last_working_day")
    if starts_on and last_day and last_day < starts_on:
        yield Fault("last_working_day", "The last working day lies before the start.")


def _add(row: Row, around: Around, takes_from: uuid.UUID | None = None) -> Step:
    if not row.values.get("name"):
        raise Refusal(
            Fault("name", "Enter the name: nobody in the directory has this address or id.")
        )
    _refuse_order(row.values)
    changes = {key: row.values[key] for key in row.values if key not in ("manager", "same_person")}
    changes["org_roles"] = _roles(row, around)
    _refuse_taken(row, None, takes_from, around)
    changes |= _source(row, None, around.options)
    key = around.options.new_id(row.number)
    return Step(row.number, ADD, row.label, key, changes, takes_from=takes_from)


def _has_left(known: Known, options: Options) -> bool:
    ends = known.period.access_ends_at
    return ends is not None and ends <= options.now


def _says_otherwise(row: Row, known: Known) -> bool:
    """Somebody who left is listed as if they were here, or with another day.

    The same person, or another? A list alone must not take a leaver out of the counts.
    """
    return row.values.get("last_working_day") != known.period.last_day


def _chosen(row: Row, known: Known, around: Around) -> Step:
    same = row.values.get("same_person")
    word = around.options.choices.get(row.number)
    if same is not None and word is None:
        word = "same" if same else "other"
    left = f"{known.staff.name} left on {known.period.last_day:%-d %B %Y}."
    day = row.values.get("last_working_day")
    if word == "same":
        return _change(row, known, around, returns=day is None)
    by_id = row.values.get("external_id") and row.values["external_id"] == known.staff.external_id
    if word == "other" and by_id:
        raise Refusal(Fault("external_id", f"{left} Another person needs another external id."))
    if word == "other":
        return _add(row, around, takes_from=known.staff.pk)
    words = f"{left} Is this the same person, who is back, or another one?"
    if day is not None:
        words = (
            f"{left} This list says {day:%-d %B %Y}. Is this the same person, whose last working"
            " day moves, or another one?"
        )
    fault = Fault("last_working_day", words)
    return Step(row.number, CHOICE, row.label, known.staff.pk, faults=(fault,), known=known)


def _change(row: Row, known: Known, around: Around, *, returns: bool = False) -> Step:
    options, staff = around.options, known.staff
    _refuse_other_id(row, known)
    _refuse_taken(row, known, None, around)
    wanted = {key: row.values[key] for key in PLAIN if key in row.values}
    before: dict[str, Any] = {key: getattr(staff, key) for key in wanted}
    _address_changes(row, known, wanted, before)
    if "org_roles" in row.values:
        wanted["org_roles"], before["org_roles"] = _roles(row, around), known.roles
    if returns:
        wanted["returns_on"] = _return_day(row, known, options)
        before["returns_on"] = None
    else:
        _day_changes(row, known, wanted, before)
    wanted |= _source(row, known, options)
    before |= {key: getattr(staff, key) for key in ("source", "owned_fields")}
    changes = {key: value for key, value in wanted.items() if value != before.get(key)}
    _refuse_owned(changes, known, options)
    action = CHANGE if changes else SAME
    was = {key: before.get(key) for key in changes}
    return Step(row.number, action, staff.name, staff.pk, changes, was, known=known)


def _address_changes(
    row: Row, known: Known, wanted: dict[str, Any], before: dict[str, Any]
) -> None:
    if "email" in row.values:
        wanted["email"] = row.values["email"]
        before["email"] = known.work.address if known.work else ""
    new = [each for each in row.values.get("aliases", ()) if normalise(each) not in known.addresses]
    if new:
        wanted["aliases"], before["aliases"] = tuple(new), ()


def _day_changes(row: Row, known: Known, wanted: dict[str, Any], before: dict[str, Any]) -> None:
    period = known.period
    for column, value in (("starts_on", period.starts_on), ("last_working_day", period.last_day)):
        if column in row.values:
            wanted[column], before[column] = row.values[column], value
    present = {"starts_on": period.starts_on, "last_working_day": period.last_day}
    _refuse_order(present | wanted)


def _return_day(row: Row, known: Known, options: Options) -> date:
    starts_on, left = row.values.get("starts_on"), known.period.last_day
    if (
        starts_on and starts_on > options.today
    ):  # it would end the open task of somebody who is gone
        raise Refusal(
            Fault(
                "starts_on",
                f"{known.staff.name} has left. The return can be taken over from"
                f" {starts_on:%-d %B %Y} on, not before.",
            )
        )
    return starts_on if starts_on and left and starts_on >= left else options.today


def _source(row: Row, known: Known | None, options: Options) -> dict[str, Any]:
    """Whose the record is afterwards, and what only that source may change."""
    source = known.staff.source if known else ""
    automatic = options.source in AUTOMATIC
    if source in AUTOMATIC and source != options.source:
        return {}
    if known and source != options.source and not automatic and not options.complete:
        return {}
    owned = sorted(key for key in OWNABLE if key in row.values) if automatic else []
    return {"source": options.source, "owned_fields": owned}


def _roles(row: Row, around: Around) -> frozenset[uuid.UUID]:
    for fault in _unknown_roles(row, around):
        raise Refusal(fault)
    names = row.values.get("org_roles", ())
    return frozenset(
        around.roles.get(name.lower()) or around.options.role_id(name) for name in names
    )


def _refuse_order(days: Mapping[str, Any]) -> None:
    for fault in _wrong_order(days):
        raise Refusal(fault)


def _refuse_taken(
    row: Row, known: Known | None, takes_from: uuid.UUID | None, around: Around
) -> None:
    mine = {known.staff.pk if known else None, takes_from}
    pairs = [("email", row.values.get("email"))]
    pairs += [("aliases", each) for each in row.values.get("aliases", ())]
    for column, address in pairs:
        owner = around.owners.get(normalise(address)) if address else None
        if owner is not None and owner.id not in mine:
            raise Refusal(Fault(column, f"{address} belongs to {owner.name}."))


def _refuse_other_id(row: Row, known: Known) -> None:
    new, present = row.values.get("external_id"), known.staff.external_id
    left = known.period.access_ends_at is not None
    if new and present and new != present and not left:
        words = f"This address belongs to {known.staff.name}, whose id is {present}."
        raise Refusal(Fault("external_id", words))


def _refuse_owned(changes: Mapping[str, Any], known: Known, options: Options) -> None:
    if known.staff.source == options.source:
        return
    for column in changes:
        if column in known.staff.owned_fields:
            raise Refusal(Fault(column, owned_words(known.staff)))


def shown(value: Any) -> Any:
    """A value of a step as text or JSON: equal sets are written equally."""
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return str(value) if isinstance(value, uuid.UUID) else value
