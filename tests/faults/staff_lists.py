"""What the crash sweep does with a list of staff: bring it in, press on where the plug was pulled, tell what there is."""

from typing import Any

from access.models import Account, Identification
from audit import clock
from audit.models import Event
from audit.services import Actor
from jobs import services as jobs
from jobs.models import State
from people import services as people
from people import tasks
from people.models import EmailAddress, ImportPiece, OrgRole, SearchWord, StaffImport
from people.selectors import standing
from workspaces.models import Workspace

BY = Actor(kind="command", label="crash sweep")
HEADER = "name,email,external_id,org_roles,manager,last_working_day\n"
FIRST = HEADER + "".join(f"Stays {n},stays.{n}@example.test,S-{n},Clerk,,\n" for n in range(4))
RECORDED = (
    "import.uploaded",
    "import.confirmed",
    "staff.imported",
    "staff.added",
    "staff.changed",
    "staff.offboarded",
    "staff.confirmed_complete",
    "org_role.created",
    "accounts.matched",
)


def second() -> str:
    """Adds owners of accounts, changes one person, ends two employments, and one is missing."""
    emails = Account.objects.exclude(email="").order_by("email").values_list("email", flat=True)
    rows = [f"Owner {n},{email},O-{n},Lead | Clerk,S-0,\n" for n, email in enumerate(emails)]
    rows += ["Stays 0,moved.0@example.test,S-0,Lead,,\n", "Stays 1,stays.1@example.test,S-1,,,\n"]
    rows += ["Stays 2,stays.2@example.test,S-2,Clerk,,2024-01-31\n"]
    return HEADER + "".join(rows)


def bring_first() -> None:
    _decide(_upload(FIRST))


def bring_second() -> None:
    _decide(_upload(second()))


def resume() -> None:
    """The system goes on by itself; whoever saw a page fail looks at the import and goes on."""
    settle()
    latest = StaffImport.objects.order_by("-created_at").first()
    if StaffImport.objects.count() == 1 or latest is None:
        latest = _upload(second())
    if latest.state == State.HELD:
        _decide(latest)
    settle()


def settle() -> None:
    """What workers and the sweeper do, with the waiting left out."""
    now = clock.now()
    StaffImport.objects.filter(state=State.RUNNING).update(lease_until=now.replace(year=2000))
    for job_id in list(
        StaffImport.objects.filter(jobs.claimable(now)).values_list("pk", flat=True)
    ):
        tasks.run_import(str(job_id))


def _upload(text: str) -> StaffImport:
    return people.start_import(
        Workspace.objects.get(),
        file_name="staff.csv",
        pieces=[text.encode()],
        complete=True,
        create_roles=True,
        user=None,
        by=BY,
    )


def _decide(job: StaffImport) -> None:
    people.apply_import(job, reason="A smaller company", by=BY)


def end_state() -> dict[str, Any]:
    """All of the directory and of what follows from it that must be the same in the end."""
    now, workspace = clock.now(), Workspace.objects.get()
    rows = standing(workspace, now=now).order_by("external_id")
    kinds = list(Event.objects.values_list("kind", flat=True))
    return {
        "imports": list(StaffImport.objects.order_by("created_at").values_list("state", "counts")),
        "pieces": ImportPiece.objects.count(),
        "staff": [
            (
                each.external_id,
                each.name,
                each.email,
                each.status,
                each.last_day,
                each.manager_id is None,
            )
            for each in rows
        ],
        "roles": [
            (each.name, sorted(each.staff.values_list("external_id", flat=True)))
            for each in OrgRole.objects.order_by("name")
        ],
        "addresses": sorted(
            (each.normalised, each.until is None) for each in EmailAddress.objects.all()
        ),
        "words": SearchWord.objects.count(),
        "identified": sorted(
            Identification.objects.filter(withdrawn_at__isnull=True).values_list(
                "account__email", "staff__external_id", "automatic"
            )
        ),
        "events": {kind: kinds.count(kind) for kind in RECORDED},
    }
