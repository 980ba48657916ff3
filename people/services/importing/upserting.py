"""Bulk staff upsert: a list from a tool, taken over at once, with a result for every row."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError

from audit import services as audit
from people import importing
from people.importing import Fault, Row
from people.models import Source
from people.services.importing.deciding import PROBLEM, Options
from people.services.importing.planning import Plan
from people.services.importing.recording import Ledger
from people.services.importing.writing import Writer
from people.services.lists import confirm_complete
from people.services.problems import Problem, is_taken
from workspaces.models import Workspace

MOST_ROWS = 5_000  # a request; longer lists come as a file
COLUMNS = frozenset({*importing.COLUMNS, "same_person"})


@dataclass(frozen=True)
class RowResult:
    """What became of one row: "add", "change", "same", "choice" or "problem" (nothing written)."""

    row: int
    action: str
    staff_id: uuid.UUID | None
    problems: tuple[Fault, ...]


@dataclass(frozen=True)
class Upserted:
    """Results by row; `left` became leavers; `complete` is False where a problem forbade that."""

    results: tuple[RowResult, ...]
    left: tuple[uuid.UUID, ...]
    complete: bool


def upsert(
    workspace: Workspace,
    rows: Iterable[Mapping[str, object]],
    *,
    complete: bool = False,
    accept_shrinking: bool = False,
    create_roles: bool = False,
    source: str = Source.API,
    by: audit.Actor,
) -> Upserted:
    """Add and change people by external_id or e-mail; rows with a problem are left out and told.

    A row has the keys of `importing.COLUMNS` and `same_person` (answers whether somebody who left
    is back). `complete`: people of this source who are missing become leavers, unless a row has a
    problem. Raises Problem for unknown keys, too many rows, or a list that shrinks too much.
    """
    stated = _rows(list(rows))
    with audit.act(workspace, by=by) as act:
        options = Options(
            workspace, source, complete, create_roles, uuid.uuid4(), act.now, lock=True
        )
        plan = Plan(lambda: stated, options)
        if plan.shrinks and not accept_shrinking:
            raise Problem(
                "complete", f"{plan.shrinks} Nothing was saved; accept_shrinking goes on."
            )
        ledger = Ledger(f"workspace:{workspace.id}", source=source, label=by.label)
        writer = Writer(options, ledger)
        try:
            results = _written(plan, writer)
            writer.leave(plan.missing)
        except IntegrityError as error:
            if not is_taken(error):
                raise
            raise Problem(
                "", "Somebody changed the same people just now. Send it again."
            ) from error
        ledger.record()
        if plan.whole:
            confirm_complete(workspace, source=source, by=by)
    return Upserted(tuple(results), tuple(plan.missing), plan.whole)


def _rows(raw: Sequence[Mapping[str, object]]) -> list[Row]:
    if len(raw) > MOST_ROWS:
        raise Problem("staff", f"Send at most {MOST_ROWS:,} people at once.")
    if unknown := {key for each in raw for key in each} - COLUMNS:
        raise Problem("staff", f"Unknown: {', '.join(sorted(map(str, unknown)))}.")
    return [importing.row_of(number, each) for number, each in enumerate(raw, 1)]


def _written(plan: Plan, writer: Writer) -> list[RowResult]:
    writer.create_roles(plan.new_roles)
    results = []
    for chunk in plan.steps():
        writer.write(chunk)
        for each in chunk:
            key = each.staff_id if each.action != PROBLEM else None
            results.append(RowResult(each.number, each.action, key, each.faults))
    return results
