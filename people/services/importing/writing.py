"""Writes the steps of a plan in bulk: a few statements for a thousand people."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Case, F, Value, When

from people import days, words
from people.addresses import normalise
from people.models import (
    EmailAddress,
    EmploymentPeriod,
    OrgRole,
    SearchWord,
    StaffImport,
    StaffMember,
    StaffOrgRole,
)
from people.services import searching
from people.services.importing.deciding import ADD, CHANGE, PLAIN, Options, Step
from people.services.importing.recording import Ledger
from workspaces import bulk

STAFF_FIELDS = [
    "name",
    "external_id",
    "employment_type",
    "on_leave",
    "source",
    "owned_fields",
    "manager",
    "roles_changed_at",
    "last_import",
]
PERIOD_FIELDS = ["starts_on", "last_day", "access_ends_at", "leaving_recorded_at", "latest"]
FOUND_BY = frozenset({"name", "external_id", "email", "aliases"})


class Writer:
    """Within an act: writes steps chunk by chunk and notes them in the ledger."""

    def __init__(self, options: Options, ledger: Ledger, job: StaffImport | None = None) -> None:
        self.options, self.ledger, self.job = options, ledger, job
        self.workspace, self.now = options.workspace, options.now

    def create_roles(self, names: dict[uuid.UUID, str]) -> None:
        OrgRole.objects.bulk_create(
            OrgRole(id=key, workspace=self.workspace, name=name, created_at=self.now)
            for key, name in names.items()
        )
        self.ledger.roles(names)

    def write(self, steps: Iterable[Step]) -> None:
        wanted = list(steps)
        self._end_addresses(wanted)
        self._add([each for each in wanted if each.action == ADD])
        self._change([each for each in wanted if each.action == CHANGE])
        for each in wanted:
            if each.action in (ADD, CHANGE):
                self.ledger.step(each)

    def leave(self, missing: Sequence[uuid.UUID]) -> None:
        """Whom a complete list does not name is a leaver of this day.

        Somebody who would have started later has that day as their last, and access ends today.
        """
        day = self.options.today
        ends_at = self._end(day)
        for start in range(0, len(missing), 1000):
            rows = EmploymentPeriod.objects.filter(
                staff__in=missing[start : start + 1000], latest=True, access_ends_at__isnull=True
            )
            last = Case(When(starts_on__gt=day, then=F("starts_on")), default=Value(day))
            rows.update(last_day=last, access_ends_at=ends_at, leaving_recorded_at=self.now)
        self.ledger.leavers(missing, day, ends_at)

    def _add(self, steps: list[Step]) -> None:
        bulk.create([self._person(each) for each in steps])
        bulk.create([self._period(each) for each in steps])
        bulk.create([row for each in steps for row in self._addresses(each)])
        self._give_roles((_id(each), role) for each in steps for role in each.changes["org_roles"])
        bulk.insert(
            SearchWord,
            ("workspace", "staff", "word"),
            (
                (self.workspace.pk, _id(each), word)
                for each in steps
                for word in _words(each.changes)
            ),
        )

    def _person(self, step: Step) -> StaffMember:
        kept = {key: step.changes[key] for key in PLAIN if key in step.changes}
        return StaffMember(
            id=step.staff_id,
            workspace=self.workspace,
            manager_id=step.changes.get("manager"),
            source=step.changes["source"],
            owned_fields=step.changes["owned_fields"],
            last_import=self.job,
            roles_changed_at=self.now if step.changes["org_roles"] else None,
            created_at=self.now,
            **kept,
        )

    def _period(self, step: Step) -> EmploymentPeriod:
        period = EmploymentPeriod(
            workspace=self.workspace,
            staff_id=_id(step),
            starts_on=step.changes.get("starts_on"),
            created_at=self.now,
        )
        return self._ended(period, step.changes.get("last_working_day"))

    def _ended(self, period: EmploymentPeriod, day: date | None) -> EmploymentPeriod:
        if day is not None:
            period.last_day, period.access_ends_at = day, self._end(day)
            period.leaving_recorded_at = period.leaving_recorded_at or self.now
        return period

    def _end(self, day: date) -> datetime:
        return days.end_of_day(day, self.workspace.zone)

    def _addresses(self, step: Step) -> list[EmailAddress]:
        kinds = EmailAddress.Kind
        pairs = [(kinds.WORK, step.changes["email"])] if step.changes.get("email") else []
        taken = {normalise(address) for _, address in pairs}
        aliases = {normalise(each): each for each in step.changes.get("aliases", ())}
        pairs += [(kinds.ALIAS, each) for key, each in aliases.items() if key not in taken]
        return [
            EmailAddress(
                workspace=self.workspace,
                staff_id=_id(step),
                kind=kind,
                address=address,
                normalised=normalise(address),
                since=self.now,
            )
            for kind, address in pairs
        ]

    def _give_roles(self, links: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> None:
        bulk.insert(StaffOrgRole, ("staff", "org_role"), links)

    def _end_addresses(self, steps: list[Step]) -> None:
        """First what people give up, so that it is free for whoever gets it."""
        ended: list[uuid.UUID] = []
        taken: list[tuple[uuid.UUID, str]] = []
        for step in steps:
            if step.action == CHANGE and "email" in step.changes and step.known:
                same = step.known.addresses.get(normalise(step.changes["email"]))
                ended += [each.pk for each in (step.known.work, same) if each]
            if step.action == ADD and step.takes_from is not None:
                given = (step.changes.get("email"), *step.changes.get("aliases", ()))
                taken += [(step.takes_from, normalise(each)) for each in given if each]
        rows = EmailAddress.objects.filter(until__isnull=True)
        if ended:
            rows.filter(pk__in=ended).update(until=self.now)
        for staff, address in taken:
            rows.filter(staff=staff, normalised=address).update(until=self.now)
        searching.index_people({staff for staff, _ in taken})

    def _change(self, steps: list[Step]) -> None:
        if not steps:
            return
        StaffMember.objects.bulk_create(
            [self._changed_person(each) for each in steps],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=STAFF_FIELDS,
        )
        self._change_periods(steps)
        EmailAddress.objects.bulk_create(row for each in steps for row in self._addresses(each))
        self._change_roles([each for each in steps if "org_roles" in each.changes])
        searching.index_people(
            {each.staff_id for each in steps if each.staff_id and FOUND_BY & each.changes.keys()}
        )

    def _changed_person(self, step: Step) -> StaffMember:
        assert step.known is not None  # noqa: S101 - a change is of somebody known
        staff = step.known.staff
        for key in (*PLAIN, "source", "owned_fields"):
            if key in step.changes:
                setattr(staff, key, step.changes[key])
        if "manager" in step.changes:
            staff.manager_id = step.changes["manager"]
        if "org_roles" in step.changes:
            staff.roles_changed_at = self.now
        staff.last_import = self.job or staff.last_import
        return staff

    def _change_periods(self, steps: list[Step]) -> None:
        kept, new = [], []
        for step in steps:
            if step.known is None or not step.changes.keys() & {
                "starts_on",
                "last_working_day",
                "returns_on",
            }:
                continue
            period = step.known.period
            was = (period.last_day, period.access_ends_at)
            if step.returns:
                period.latest = False
                new.append(self._next_period(period, step.changes["returns_on"]))
                self.ledger.returning(new[-1], was)
            else:
                period.starts_on = step.changes.get("starts_on", period.starts_on)
                if day := step.changes.get("last_working_day"):
                    self.ledger.leaving(self._ended(period, day), was)
            kept.append(period)
        EmploymentPeriod.objects.bulk_create(
            kept, update_conflicts=True, unique_fields=["id"], update_fields=PERIOD_FIELDS
        )
        EmploymentPeriod.objects.bulk_create(new)

    def _next_period(self, left: EmploymentPeriod, starts_on: date) -> EmploymentPeriod:
        return EmploymentPeriod(
            workspace=self.workspace,
            staff_id=left.staff_id,
            number=left.number + 1,
            starts_on=starts_on,
            created_at=self.now,
        )

    def _change_roles(self, steps: list[Step]) -> None:
        lost: dict[uuid.UUID, list[uuid.UUID]] = {}
        for step in steps:
            for role in step.before["org_roles"] - step.changes["org_roles"]:
                lost.setdefault(role, []).append(_id(step))
        for role, people in lost.items():
            StaffOrgRole.objects.filter(org_role=role, staff__in=people).delete()
        self._give_roles(
            (_id(each), role)
            for each in steps
            for role in each.changes["org_roles"] - each.before["org_roles"]
        )


def _id(step: Step) -> uuid.UUID:
    if step.staff_id is None:
        raise ValueError(f"Row {step.number} names nobody.")
    return step.staff_id


def _words(changes: dict[str, Any]) -> set[bytes]:
    held = [each for each in (changes.get("email"), *changes.get("aliases", ())) if each]
    found = [each for address in held for each in (address, normalise(address))]
    return words.of_person(changes["name"], changes.get("external_id", ""), found)
