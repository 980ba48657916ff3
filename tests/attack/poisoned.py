"""A workspace in which every text that Xero or a person can fill is an attack on whoever reads it.

`python -m tests.attack.poisoned PORT` makes it and serves it, as `tests.live_world` does.
"""

from datetime import timedelta
from typing import Any

from tests import live_world
from tests.attack.payloads import PAYLOADS, many, piece

ACCOUNTS = len(PAYLOADS)


def make() -> dict[str, Any]:
    """Fill the workspace through the services; gives a session of its admin."""
    from django.test import Client

    from checks.models import Task
    from tests import given
    from workspaces import services as workspaces
    from workspaces.models import User

    by = given.BY
    workspace = workspaces.found(many(200, 3), zone="Europe/London", by=by)
    admin, second = (
        User.objects.create_user(f"{name}@example.test", "correct horse", name=many(200, n))
        for n, name in enumerate(("admin", "second"))
    )
    for user in (admin, second):
        workspaces.add_member(workspace, user=user, role="admin", by=by)
    secret = _doors(workspace, admin)
    people = _people(workspace, admin)
    _access(workspace, admin, second, people)
    client = Client()
    client.force_login(admin)
    task = Task.objects.filter(check_id="user_identified", began_at__isnull=False).last()
    paths = [f"/join/{secret}/", f"/access/tasks/{task.pk}/special-case/"]
    return {"session": client.cookies["hub_session"].value, "paths": paths}


def _doors(workspace: Any, admin: Any) -> str:
    """A token and an invitation; gives the invitation's secret."""
    from tests import given
    from workspaces import services as workspaces
    from workspaces.models import Membership
    from workspaces.services import Rights, invitations

    workspaces.create_token(workspace, name=many(100, 5), user=admin, by=given.BY)
    _, secret = invitations.invite(
        workspace,
        email="'onload=pwned(1)'@example.test",
        rights=Rights("editor"),
        granter=Membership.objects.get(user=admin),
        by=given.BY,
    )
    return secret


def _people(workspace: Any, admin: Any) -> list[Any]:
    from audit import clock
    from people import services as people
    from tests import given

    by, today = given.BY, clock.now().date()
    roles = [people.create_org_role(workspace, name=many(100, n), by=by) for n in (0, 20, 40)]
    staff = [
        people.add(
            workspace,
            name=payload,
            email=f"staff{n}@example.test",
            external_id=piece(n, 100),
            org_roles=[roles[n % 3]],
            by=by,
        )
        for n, payload in enumerate(PAYLOADS)
    ]
    for each in staff[:3]:
        people.offboard(each, last_day=today - timedelta(days=20), reason=many(500), by=by)
    job = people.start_import(
        workspace,
        file_name=many(200, 7),
        pieces=[("name,email,org_roles\n" + _rows()).encode()],
        complete=False,
        create_roles=False,
        user=admin,
        by=by,
    )
    people.run_import(str(job.pk))
    return staff


def _rows() -> str:
    """A list with a problem in every line, so that all of them are shown again."""
    quoted = [each.replace('"', '""') for each in PAYLOADS]
    return "".join(f'"{each}","{each}","{each}"\n' for each in quoted)


def _access(workspace: Any, admin: Any, second: Any, staff: list[Any]) -> None:
    from access import services as access
    from access.models import Account
    from audit import clock
    from checks import services as checks
    from checks.models import Task
    from integrations.models import SyncRun
    from people.models import OrgRole
    from tests import given

    by = given.BY
    books = given.connection(workspace, many(200, 9), connected_by=admin)
    rows = [
        given.row(each, piece(n + 1, 100), piece(n, 60), subscriber=n == 0)
        for n, each in enumerate(PAYLOADS)
    ]
    given.read(books, rows)
    rows += [given.row(f"Account of staff {n}", f"staff{n}@example.test") for n in range(6)]
    given.read(books, rows)
    system = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    role = OrgRole.objects.filter(workspace=workspace).first()
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by)
    ends = (clock.now() + timedelta(days=60)).date()
    access.identify_as_not_staff(
        Account.objects.filter(name=PAYLOADS[9]),
        workspace=workspace,
        kind="service",
        owner=staff[5],
        reason=many(500, 11),
        ends_on=ends,
        user=admin,
        by=by,
    )
    asked = {"reason": "handover", "note": many(2000), "ends_on": ends, "user": second, "by": by}
    file = checks.Attachment(many(100, 13).replace("/", "") + ".pdf", b"%PDF-1.7 x")
    open_ = Task.objects.filter(
        check_id="user_identified", began_at__isnull=False, resolved_at=None
    )
    for task in open_[:2]:
        case = checks.request_special_case(task, attachment=file, **asked)
    checks.approve_special_case(case, note=many(2000, 4), user=admin, by=by)
    SyncRun.objects.filter(connection=books).update(error=many(300, 6))
    given.read(books, rows[:20])  # so many vanish: held


if __name__ == "__main__":
    live_world.main(make)
