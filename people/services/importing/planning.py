"""The plan for a whole list: read three times, a chunk at a time, so that memory stays small."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from django.db.models import QuerySet

from people.addresses import normalise
from people.importing import Fault, Row
from people.models import EmploymentPeriod, StaffMember
from people.services.importing import known as directory
from people.services.importing.deciding import (
    ADD,
    CHANGE,
    PROBLEM,
    SAME,
    Around,
    Options,
    Step,
    decide,
    shown,
)
from people.services.importing.known import Known
from people.services.locks import hold
from people.services.problems import owned_words

CHUNK = 1_000

Rows = Callable[[], Iterable[Row]]


class Plan:
    """What a list would do to the directory as it stands; making one reads the list twice.

    `on_chunk(rows)` is told after each chunk of the first two readings. Raises what `rows` raises.
    """

    def __init__(
        self, rows: Rows, options: Options, on_chunk: Callable[[int], None] | None = None
    ) -> None:
        self.rows, self.options, self._on_chunk = rows, options, on_chunk
        self.total = 0
        self.new_roles: dict[uuid.UUID, str] = {}  # of rows that are taken over
        self._keys: dict[str, int] = {}  # e-mail or external id -> the row that has it
        self._matched: dict[int, uuid.UUID] = {}
        self._clashes: dict[int, Fault] = {}
        self._by_merged: set[int] = set()  # rows known by the id of a merged record
        self._bad: set[int] = set()  # rows that add nobody
        self._reports: dict[int, int] = {}  # row -> the row of a manager who is added by it
        self._roles = directory.role_ids(options.workspace)
        self._match()
        self._hold()
        self._judge()
        self.renew(options)

    def renew(self, options: Options) -> None:
        """Go on within the transaction that writes: steps are decided anew, before it writes."""
        self.options = options
        self._hold()
        self._roles = directory.role_ids(options.workspace)
        # Whom the complete list does not name; a row with a problem might be anybody's.
        self.missing = self._missing() if self.whole else []
        self.shrinks = shrinks(options, len(self.missing))

    @property
    def whole(self) -> bool:
        """Whether the list is complete and every row of it is good."""
        return self.options.complete and not self._bad

    def steps(self) -> Iterator[list[Step]]:
        """The final steps in chunks; may be interleaved with writing them."""
        for chunk in _chunks(self.rows()):
            yield self._decided(chunk)

    def _hold(self) -> None:
        """Everybody whom the list may change, at once, so that two lists wait for each other."""
        if self.options.lock:
            here = present(self.options).values_list("staff_id", flat=True)
            hold([*self._matched.values(), *(here if self.options.complete else ())])

    def _missing(self) -> list[uuid.UUID]:
        """People of the same source who are here; to be asked before anything is written."""
        seen = set(self._matched.values())
        rows = present(self.options).values_list("staff_id", flat=True).order_by("staff_id")
        return [key for key in rows.iterator(2000) if key not in seen]

    def _match(self) -> None:
        for chunk in _chunks(self.rows()):
            ids = {str(row.values["external_id"]) for row in chunk if "external_id" in row.values}
            emails = {normalise(row.values["email"]) for row in chunk if "email" in row.values}
            by_id = directory.owners_of_ids(self.options.workspace, ids)
            by_address = directory.owners_of_addresses(self.options.workspace, emails)
            for row in chunk:
                owner = by_id.get(row.values.get("external_id", ""))
                if owner is not None and owner.merged:
                    self._by_merged.add(row.number)
                owner = owner or by_address.get(normalise(row.values.get("email", "")))
                self._note(row, owner.id if owner else None)
            self.total += len(chunk)
            self._tell()

    def _tell(self) -> None:
        if self._on_chunk is not None:
            self._on_chunk(self.total)

    def _note(self, row: Row, person: uuid.UUID | None) -> None:
        """Remember whose row it is; a second row of the same person is a clash."""
        own = set()
        for column, key in _keys(row):
            first = self._keys.setdefault(key, row.number)
            if first != row.number:
                self._clashes[row.number] = Fault(column, f"Row {first} has the same.")
            own.add(key)
        if person is not None:
            first = self._keys.setdefault(f"p:{person}", row.number)
            if first != row.number and row.number not in self._clashes:
                self._clashes[row.number] = Fault("", f"Row {first} is the same person.")
            self._matched[row.number] = person

    def _judge(self) -> None:
        """Which rows add nobody, so that their reports can be told; Org roles that the rest need."""
        wanted: dict[int, dict[uuid.UUID, str]] = {}
        for chunk in _chunks(self.rows()):
            for row, step in zip(chunk, self._decided(chunk), strict=True):
                if step.action not in (ADD, CHANGE, SAME):
                    self._bad.add(step.number)
                elif new := self._roles_to_create(row):
                    wanted[row.number] = new
            self._tell()
        while spread := {
            row for row, boss in self._reports.items() if boss in self._bad and row not in self._bad
        }:
            self._bad |= spread
        for number in sorted(wanted.keys() - self._bad):
            self.new_roles = wanted[number] | self.new_roles

    def _decided(self, chunk: list[Row]) -> list[Step]:
        options = self.options
        chunk = [self._prepared(row) for row in chunk]
        known = directory.people(
            self._matched[row.number] for row in chunk if row.number in self._matched
        )
        addresses = {key[2:] for row in chunk for _, key in _keys(row) if key.startswith("e:")}
        owners = directory.owners_of_addresses(options.workspace, addresses)
        around = Around(owners, self._roles, options)
        steps = [decide(row, self._known(row, known), around) for row in chunk]
        return self._with_managers(chunk, steps)

    def _known(self, row: Row, known: dict[uuid.UUID, Known]) -> Known | None:
        person = self._matched.get(row.number)
        return known.get(person) if person else None

    def _prepared(self, row: Row) -> Row:
        """With its clash; the id of a merged record stays that record's."""
        clash = self._clashes.get(row.number)
        if row.number in self._by_merged:
            kept = {key: row.values[key] for key in row.values if key != "external_id"}
            row = replace(row, values=kept)
        return replace(row, faults=(*row.faults, clash)) if clash else row

    def _roles_to_create(self, row: Row) -> dict[uuid.UUID, str]:
        found: dict[uuid.UUID, str] = {}
        for name in row.values.get("org_roles", ()):
            if name.lower() not in self._roles:
                found.setdefault(self.options.role_id(name), name)
        return found

    def _with_managers(self, chunk: list[Row], steps: list[Step]) -> list[Step]:
        wanted = {str(row.values["manager"]) for row in chunk if "manager" in row.values}
        workspace = self.options.workspace
        ids = directory.owners_of_ids(workspace, wanted) if wanted else {}
        keys = {normalise(each) for each in wanted} - {""}
        addresses = directory.owners_of_addresses(workspace, keys) if keys else {}
        for row, step in zip(chunk, steps, strict=True):
            text = row.values.get("manager")
            if text is None or step.action not in (ADD, CHANGE, SAME, PROBLEM):
                continue
            number = self._keys.get(f"e:{normalise(text)}") or self._keys.get(f"x:{text}")
            owner = addresses.get(normalise(text)) or ids.get(text)
            self._set_manager(step, number, owner.id if owner else None)
        return steps

    def _set_manager(self, step: Step, number: int | None, owner: uuid.UUID | None) -> None:
        manager = owner
        if number is not None and owner is None:
            manager = self._matched.get(number) or self.options.new_id(number)
            if number not in self._matched:
                self._reports[step.number] = number
        if manager is None:
            _spoil(step, "Nobody in the directory or in this list has this e-mail or external id.")
        elif manager == step.staff_id:
            _spoil(step, "Nobody is their own manager.")
        elif step.action == PROBLEM:
            return
        elif number in self._bad and number not in self._matched:
            _spoil(step, f"Row {number}, the manager, has a problem itself.")
        elif step.action == ADD:
            step.changes["manager"] = manager
        elif step.known is not None and step.known.staff.manager_id != manager:
            self._change_manager(step, step.known.staff, manager)

    def _change_manager(self, step: Step, staff: StaffMember, manager: uuid.UUID) -> None:
        if "manager" in staff.owned_fields and staff.source != self.options.source:
            _spoil(step, owned_words(staff))
            return
        step.changes["manager"], step.before["manager"] = manager, staff.manager_id
        step.action = CHANGE


def _spoil(step: Step, words: str) -> None:
    step.action, step.faults = PROBLEM, (*step.faults, Fault("manager", words))


def present(options: Options) -> QuerySet[EmploymentPeriod]:
    """Latest periods of everybody who is here and whom this source keeps."""
    return EmploymentPeriod.objects.filter(
        workspace=options.workspace,
        latest=True,
        access_ends_at__isnull=True,
        staff__source=options.source,
        staff__merged_into__isnull=True,
    )


def shrinks(options: Options, missing: int) -> str:
    """Why a complete list is held for confirmation, as the vanishing guard does; "" where not."""
    if not missing:
        return ""
    here = present(options).count()
    if missing == here:
        return "Nobody of those who are here would stay: an empty list, or one of other people."
    most = 1 if here <= 10 else max(3, here // 10)
    if missing <= most:
        return ""
    return f"{missing} of {here} people who are here would be leavers: far more than is usual."


class Digest:
    """What a plan would do, as text that two equal plans share: every value, and what it was."""

    def __init__(self, plan: "Plan") -> None:
        self._hash = hashlib.sha256(repr(plan.missing).encode())
        if plan.missing:
            self._hash.update(str(plan.options.today).encode())  # they leave on this day

    def add(self, steps: Iterable[Step]) -> None:
        for each in steps:
            said = (
                each.number,
                each.action,
                str(each.staff_id),
                str(each.takes_from),
                [(key, shown(each.changes[key])) for key in sorted(each.changes)],
                [(key, shown(each.before[key])) for key in sorted(each.before)],
            )
            self._hash.update(repr(said).encode())

    def text(self) -> str:
        return self._hash.hexdigest()


def _keys(row: Row) -> Iterator[tuple[str, str]]:
    if "external_id" in row.values:
        yield "external_id", f"x:{row.values['external_id']}"
    if "email" in row.values:
        yield "email", f"e:{normalise(row.values['email'])}"
    for alias in row.values.get("aliases", ()):
        yield "aliases", f"e:{normalise(alias)}"


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
