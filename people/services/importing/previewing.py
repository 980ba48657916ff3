"""The lines of a preview: what would become of each person, in words, and what is wrong where."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from people.importing import visible
from people.models import ImportLine, OrgRole, Source, StaffImport, StaffMember
from people.services.importing.deciding import ADD, CHANGE, CHOICE, PROBLEM, Step

COLUMN_WORDS = {
    "name": "name",
    "email": "e-mail",
    "external_id": "external id",
    "employment_type": "employment",
    "org_roles": "Org roles",
    "manager": "manager",
    "starts_on": "start",
    "last_working_day": "last working day",
    "on_leave": "on leave",
    "aliases": "aliases",
    "returns_on": "comes back on",
    "source": "source",
}
WORDS_OF: dict[str, dict[str, str]] = {
    "source": {str(key): str(word) for key, word in Source.choices},
    "employment_type": {str(key): str(word) for key, word in StaffMember.Employment.choices},
}
ADDED = COLUMN_WORDS.keys() - {"name", "email", "external_id", "source"}  # told of somebody new
LONG = 300  # characters of a value that a line shows


def lines(
    job: StaffImport, steps: Iterable[Step], counts: "Counter[str]", most: int
) -> list[ImportLine]:
    """Count these steps, and write lines for those that are among the first `most` of a kind."""
    kept: list[ImportLine] = []
    for step in steps:
        counts[step.action] += 1
        counts["returns"] += step.returns
        if step.action in (ADD, CHANGE, PROBLEM, CHOICE) and counts[step.action] <= most:
            kept += _of(job, step)
    return kept


def leavers(
    job: StaffImport, missing: Sequence[uuid.UUID], counts: "Counter[str]", most: int
) -> list[ImportLine]:
    """Lines of whom a complete list does not name."""
    counts["leaver"] = len(missing)
    shown = missing[:most]
    names: dict[uuid.UUID, str] = {}
    for start in range(0, len(shown), 500):
        rows = StaffMember.objects.filter(pk__in=shown[start : start + 500])
        names |= dict(rows.values_list("id", "name"))
    kind, words = ImportLine.Kind.LEAVER, "Missing from the complete list: leaves today."
    made = [ImportLine(job=job, kind=kind, name=names[key], words=words) for key in shown]
    return sorted(made, key=lambda line: line.name.lower())


def new_roles(
    job: StaffImport, names: Iterable[str], counts: "Counter[str]", most: int
) -> list[ImportLine]:
    """Lines of the Org roles that would be created."""
    kind, ordered = ImportLine.Kind.ROLE, sorted(names, key=str.lower)
    if ordered:
        counts[kind] = len(ordered)
    words = "Would be created: no Org role has this name yet."
    return [ImportLine(job=job, kind=kind, name=name, words=words) for name in ordered[:most]]


def _of(job: StaffImport, step: Step) -> Iterator[ImportLine]:
    name = step.label[:300]
    if step.action in (PROBLEM, CHOICE):
        for fault in step.faults:
            yield ImportLine(
                job=job,
                kind=step.action,
                row=step.number,
                column=fault.column,
                name=name,
                words=visible(fault.words),
            )
        return
    words = visible(_added(step) if step.action == ADD else _changed(step))
    yield ImportLine(job=job, kind=step.action, row=step.number, name=name, words=words)


def _added(step: Step) -> str:
    told = {key: value for key, value in step.changes.items() if value and key in ADDED}
    who = step.changes.get("email") or step.changes.get("external_id", "")
    return "; ".join([who, *(f"{COLUMN_WORDS[key]}: {_named(key, told[key])}" for key in told)])


def _changed(step: Step) -> str:
    said = []
    for key, value in step.changes.items():
        if key not in COLUMN_WORDS:
            continue
        word = COLUMN_WORDS[key]
        if key in ("aliases", "returns_on"):  # what comes on top
            said.append(f"{word}: {_named(key, value)}")
        else:
            said.append(f"{word}: {_named(key, step.before.get(key))} → {_named(key, value)}")
    return "; ".join(said)


def _named(key: str, value: Any) -> str:
    if not value and not isinstance(value, bool):
        return "none"
    if key == "org_roles":
        names = OrgRole.objects.filter(pk__in=value).order_by("name").values_list("name", flat=True)
        new = len(value) - len(names)
        return ", ".join([*names, *([f"{new} new"] if new else [])])
    if key == "manager":
        found = StaffMember.objects.filter(pk=value).values_list("name", flat=True).first()
        return found or "a person of this list"
    if key in WORDS_OF:
        return WORDS_OF[key][value]
    return ", ".join(map(str, value)) if isinstance(value, tuple) else _value(value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return str(value)[:LONG]
