"""Imports of files as leased jobs: stored in pieces, read for the preview, decided on, applied."""

import uuid
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta

import structlog
from django.db import IntegrityError, connection

from audit import clock, contention
from audit import services as audit
from jobs import services as jobs
from jobs.models import State
from people import importing
from people.models import ImportLine, ImportPiece, Source, StaffImport
from people.services.importing.deciding import CHOICE, PROBLEM, SAME, Options
from people.services.importing.planning import Digest, Plan
from people.services.importing.previewing import leavers, lines, new_roles
from people.services.importing.recording import Ledger
from people.services.importing.writing import Writer
from people.services.lists import confirm_complete
from people.services.problems import Problem, is_taken
from workspaces.models import User, Workspace

LARGEST = 50 * 1024 * 1024  # bytes of a file
SMALL = 128 * 1024  # bytes: read at once, while the browser waits
PIECE = 256 * 1024
SQLITE_LIMIT = 20_000  # people; more would hold SQLite's write lock too long
SHOWN = 2_000  # lines of each kind that the preview keeps
ANOTHER = (
    "The preview was made anew since you looked at it. Look at it as it is now; nothing was saved."
)
LEASE_TO_APPLY = timedelta(seconds=960)  # one transaction, longer than a task may last

log = structlog.get_logger(__name__)


class Moved(Exception):
    """The directory is not any more what the preview was made of."""


def start_import(
    workspace: Workspace,
    *,
    file_name: str,
    pieces: Iterable[bytes],
    complete: bool,
    create_roles: bool,
    user: User | None,
    by: audit.Actor,
) -> StaffImport:
    """Store a file and have it read for its preview. Raises Problem where it is too large or empty."""
    with audit.act(workspace, by=by) as act:
        job = StaffImport.objects.create(
            workspace=workspace,
            file_name=file_name[:200],
            size=0,
            complete=complete,
            create_roles=create_roles,
            requested_by=user,
            by=asdict(by),
            step="Waiting for a worker",
            created_at=act.now,
        )
        job.size = _store(job, pieces)
        job.save(update_fields=["size"])
        subject = f"import:{job.id}"
        audit.record("import.uploaded", subject=subject, file=job.file_name, size=job.size)
        if job.size > SMALL:
            jobs.ring(job)
    if job.size <= SMALL:
        run(job.pk)
        job.refresh_from_db()
    return job


def _store(job: StaffImport, pieces: Iterable[bytes]) -> int:
    size = 0
    for number, piece in enumerate(_cut(pieces)):
        size += len(piece)
        if size > LARGEST:
            raise Problem("file", too_large())
        ImportPiece.objects.create(job=job, number=number, content=zlib.compress(piece, 1))
    if not size:
        raise Problem("file", "This file is empty. Choose the list; nothing was saved.")
    return size


def too_large() -> str:
    return f"This file is larger than {LARGEST >> 20} MB. Split the list; nothing was saved."


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), PIECE):
            yield piece[start : start + PIECE]


def choose(job: StaffImport, *, choices: Mapping[int, str], by: audit.Actor) -> StaffImport:
    """Say for rows with a former person's address: "same" person or "other"; previews anew."""
    with audit.act(job.workspace, by=by):
        kept = {str(row): word for row, word in choices.items() if word in ("same", "other")}
        _decided(job, phase=StaffImport.Phase.PREVIEW, choices=job.choices | kept)
        audit.record("import.chosen", subject=f"import:{job.id}", choices=kept)
    return _onward(job)


def apply_import(
    job: StaffImport,
    *,
    valid_only: bool = False,
    reason: str = "",
    plan: str | None = None,
    by: audit.Actor,
) -> StaffImport:
    """Take over what the preview shows. Raises Problem where problems or a shrinking list forbid it.

    With problems only `valid_only` goes on; then nobody is made a leaver for missing. `plan` is the
    digest of the preview that was seen (None: that of `job`); another one in its place is refused.
    """
    if plan is not None and plan != job.plan_digest:
        raise Problem("", ANOTHER)
    if (job.counts.get(PROBLEM) or job.counts.get(CHOICE)) and not valid_only:
        raise Problem("valid_only", "There are problems. Import the valid rows, or put them right.")
    if job.shrinks and not valid_only and not reason.strip():
        raise Problem("reason", "Say why so many people leave at once: the reason is kept.")
    with audit.act(job.workspace, by=by):
        _decided(
            job,
            plan=job.plan_digest,
            phase=StaffImport.Phase.APPLY,
            valid_only=valid_only,
            reason=reason.strip()[:500],
            by=asdict(by),
        )
        audit.record("import.confirmed", subject=f"import:{job.id}", valid_only=valid_only)
    return _onward(job)


def cancel_import(job: StaffImport, *, by: audit.Actor) -> StaffImport:
    """Give an import up; nothing of it was saved."""
    with audit.act(job.workspace, by=by) as act:
        _decided(job, state=State.FAILED, cancelled=True, finished_at=act.now, error="")
        job.pieces.all().delete()
        audit.record("import.cancelled", subject=f"import:{job.id}")
    return job


def _decided(job: StaffImport, *, plan: str | None = None, **changes: object) -> None:
    """Only a held preview can be decided on, and only once. Raises Problem."""
    fields = {"state": State.PENDING, "attempt": 0, "step": "Waiting for a worker"} | changes
    held = StaffImport.objects.filter(pk=job.pk, state=State.HELD)
    if plan is not None:
        held = held.filter(plan_digest=plan)
    if not held.update(**fields):
        raise Problem("", "Somebody decided on this import already. Look at it again.")


def _onward(job: StaffImport) -> StaffImport:
    jobs.ring(job)
    if job.size <= SMALL:
        run(job.pk)
    job.refresh_from_db()
    return job


def run(job_id: uuid.UUID | str) -> None:
    """Claim and do one import's next piece of work; safe to call for any row at any time."""
    job = jobs.claim(StaffImport, job_id)
    if job is None:
        return
    try:
        if job.attempt > jobs.MAX_ATTEMPTS:
            _fail(
                job, "Workers began this import several times and never finished. Upload it again."
            )
        elif job.phase == StaffImport.Phase.PREVIEW:
            _preview(job)
        else:
            contention.repeated(lambda: _apply(job))
    except importing.Unreadable as unreadable:
        _fail(job, unreadable.words)
    except Moved:
        _preview_again(job)
    except IntegrityError as error:
        if not is_taken(error):
            raise
        _preview_again(job)
    except jobs.ClaimLost:
        log.info("claim lost", import_=str(job.id))


def _preview_again(job: StaffImport) -> None:
    words = "The directory changed meanwhile, so here is the preview anew. Nothing was saved."
    jobs.put_back(job, not_before=clock.now(), phase=StaffImport.Phase.PREVIEW, error=words)
    run(job.pk)


def _fail(job: StaffImport, words: str) -> None:
    with audit.act(job.workspace, by=audit.Actor(**job.by)) as act:
        jobs.finish(job, State.FAILED, now=act.now, error=words[:500], step="")
        job.pieces.all().delete()
        audit.record("import.failed", subject=f"import:{job.id}")


def _preview(job: StaffImport) -> None:
    """Plan against the directory as it stands and keep the lines; nothing else is written."""
    plan = Plan(
        lambda: importing.rows(lambda: _stream(job)),
        _options(job),
        lambda rows: jobs.extend(job, step="Reading rows", rows_done=rows),
    )
    _refuse_for_sqlite(plan)
    counts: Counter[str] = Counter()
    kept: list[ImportLine] = []
    digest = Digest(plan)
    for chunk in plan.steps():
        digest.add(chunk)
        kept += lines(job, chunk, counts, SHOWN)
        jobs.extend(job, step="Comparing")
    kept += leavers(job, plan.missing, counts, SHOWN)
    kept += new_roles(job, plan.new_roles.values(), counts, SHOWN)
    with audit.act(job.workspace, by=audit.Actor(**job.by)) as act:
        job.lines.all().delete()
        ImportLine.objects.bulk_create(kept, batch_size=500)
        jobs.finish(
            job,
            State.HELD,
            now=act.now,
            step="",
            rows_done=plan.total,
            counts=dict(counts),
            unread=importing.unread(lambda: _stream(job)),
            plan_digest=digest.text(),
            shrinks=plan.shrinks,
        )


def _refuse_for_sqlite(plan: Plan) -> None:
    if connection.vendor == "sqlite" and plan.total > SQLITE_LIMIT:
        raise importing.Unreadable(
            f"The list has more than {SQLITE_LIMIT:,} people, too many for the embedded database."
            " Run this with PostgreSQL: docs/operating.md says how. Nothing was saved."
        )


def _apply(job: StaffImport) -> None:
    """Plan again and write in one transaction, if it is still the plan that was shown.

    Matching comes before the transaction, to keep it short; steps are decided within it, so a
    directory that moved shows as another digest.
    """
    jobs.extend(job, step="Looking again", lease=LEASE_TO_APPLY)
    plan = Plan(lambda: importing.rows(lambda: _stream(job)), _options(job))
    jobs.extend(job, step="Saving", lease=LEASE_TO_APPLY)
    with audit.act(job.workspace, by=audit.Actor(**job.by)) as act:
        options = _options(job, lock=True)
        plan.renew(options)
        ledger = Ledger(f"import:{job.id}", source=Source.CSV, label=f"the list {job.file_name}")
        writer = Writer(options, ledger, job)
        writer.create_roles(plan.new_roles)
        digest = Digest(plan)
        counts: Counter[str] = Counter()
        for chunk in plan.steps():
            digest.add(chunk)
            counts.update(step.action for step in chunk)
            writer.write(chunk)
        if digest.text() != job.plan_digest:
            raise Moved
        writer.leave(plan.missing)
        ledger.record(reason=job.reason, rows=plan.total, unchanged=counts[SAME])
        if plan.whole:
            confirm_complete(job.workspace, source=Source.CSV, by=act.by)
        job.pieces.all().delete()
        jobs.finish(job, now=act.now, step="", error="")


def _options(job: StaffImport, *, lock: bool = False) -> Options:
    return Options(
        workspace=job.workspace,
        source=Source.CSV,
        complete=job.complete,
        create_roles=job.create_roles,
        namespace=job.id,
        now=clock.now(),
        choices={int(row): word for row, word in job.choices.items()},
        lock=lock,
    )


def _stream(job: StaffImport) -> importing.Pieces:
    rows = ImportPiece.objects.filter(job=job).order_by("number")
    content = rows.values_list("content", flat=True)
    return importing.Pieces(zlib.decompress(piece) for piece in content.iterator(4))
