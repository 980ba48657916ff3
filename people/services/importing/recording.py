"""What the record says of a list that was taken over: person by person, or in chunks of many."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from audit import services as audit
from people.services.importing.deciding import ADD, Step

ONE_BY_ONE = 500  # more people than this are recorded in chunks, several hundred an event
AN_EVENT = 500


class Ledger:
    """Within an act: collects what was written and records it at the end."""

    def __init__(self, subject: str, *, source: str, label: str) -> None:
        self.subject, self.source, self.label = subject, source, label
        self.counts = {"added": 0, "changed": 0, "left": 0}
        # kind, id, body as JSON text: a hundred thousand bodies as objects would fill the memory.
        self._people: list[tuple[str, str, str]] = []

    def step(self, step: Step) -> None:
        body = _shown(step.changes)
        if step.action == ADD:
            self.counts["added"] += 1
            self._note("staff.added", step.staff_id, body)
            return
        self.counts["changed"] += 1
        before = _shown(step.before)
        self._note("staff.changed", step.staff_id, {"before": before, "after": body})

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
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return str(value) if isinstance(value, uuid.UUID) else value
