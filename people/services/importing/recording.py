"""What the record says of a list that was taken over: person by person, or in chunks of many."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from audit import services as audit
from people.models import EmploymentPeriod
from people.services.importing.deciding import ADD, Step, shown

Ended = tuple[date | None, datetime | None]  # the last working day, and when access ends

ONE_BY_ONE = 500  # more people than this are recorded in chunks, several hundred an event
AN_EVENT = 500
DATED = frozenset({"last_working_day", "returns_on"})  # recorded as the acts that they are


class Ledger:
    """Within an act: collects what was written and records it at the end."""

    def __init__(self, subject: str, *, source: str, label: str) -> None:
        self.subject, self.source, self.label = subject, source, label
        self.counts = {"added": 0, "changed": 0, "left": 0}
        # kind, id, body as JSON text: a hundred thousand bodies as objects would fill the memory.
        self._people: list[tuple[str, str, str]] = []

    def step(self, step: Step) -> None:
        """What became of one person, beside a leaving or a return."""
        if step.action == ADD:
            self.counts["added"] += 1
            self._note("staff.added", step.staff_id, _shown(step.changes))
            return
        self.counts["changed"] += 1
        body = {key: value for key, value in step.changes.items() if key not in DATED}
        if body:
            before = {key: step.before[key] for key in body}
            self._note(
                "staff.changed", step.staff_id, {"before": _shown(before), "after": _shown(body)}
            )

    def leaving(self, period: EmploymentPeriod, was: Ended) -> None:
        """A row that sets the last working day, or moves it from what it `was`."""
        body: dict[str, Any] = {
            "last_day": period.last_day,
            "access_ends_at": period.access_ends_at,
        }
        if was[0] is None:
            self._note("staff.offboarded", period.staff_id, body | {"reason": ""})
            return
        body |= {"last_day_was": was[0], "access_ends_at_was": was[1]}
        body |= {"reason": f"Moved by {self.label}"}
        self._note("staff.offboarding_moved", period.staff_id, body)

    def returning(self, period: EmploymentPeriod, was: Ended) -> None:
        """A row of somebody who is back: `period` is the new one."""
        body: dict[str, Any] = {"last_day_was": was[0], "access_ended_at_was": was[1]}
        body |= {"starts_on": period.starts_on, "period": period.number}
        self._note("staff.reinstated", period.staff_id, body)

    def leavers(self, ids: Sequence[uuid.UUID], day: date, ends_at: datetime) -> None:
        self.counts["left"] += len(ids)
        body = {"last_day": day, "access_ends_at": ends_at, "reason": f"Missing from {self.label}"}
        for key in ids:
            self._note("staff.offboarded", key, body)

    def roles(self, names: Mapping[uuid.UUID, str]) -> None:
        for key, name in names.items():
            touched = {f"org_role:{key}"}
            audit.record("org_role.created", subject=f"org_role:{key}", touched=touched, name=name)

    def record(self, **more: Any) -> None:
        """One event for the list and, for a short one, one for each person as if by hand."""
        if not any(self.counts.values()):
            return
        body = self.counts | {"source": self.source, "label": self.label} | more
        few = len(self._people) <= ONE_BY_ONE
        audit.record("staff.imported", subject=self.subject, touched=self._touched(few), **body)
        if few:
            for kind, key, said in self._people:
                audit.record(kind, subject=f"staff:{key}", **json.loads(said))
            return
        for start in range(0, len(self._people), AN_EVENT):
            chunk = self._people[start : start + AN_EVENT]
            audit.record(
                "staff.imported",
                subject=self.subject,
                touched={f"staff:{key}" for _, key, _ in chunk},
                people=chunk,
            )

    def _touched(self, few: bool) -> Iterable[str]:
        return {f"staff:{key}" for _, key, _ in self._people} if few else ()

    def _note(self, kind: str, key: uuid.UUID | None, body: dict[str, Any]) -> None:
        self._people.append((kind, str(key), json.dumps(body, default=str, ensure_ascii=False)))


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: shown(value) for key, value in values.items()}
