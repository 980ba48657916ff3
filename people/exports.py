"""The directory as a CSV file; the import reads it back without a change."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from people import importing
from people.models import EmailAddress, StaffMember
from workspaces import exports

CHUNK = 500
TEMPLATE_ROWS = (
    (
        "Demo Accountant",
        "demo.accountant@demo.example",
        "E-1001",
        "employee",
        "Accountant | Finance lead",
        "demo.manager@demo.example",
        "2026-04-01",
        "",
        "no",
        "",
    ),
)


def template() -> StreamingHttpResponse:
    """A file to fill in: the columns, and one example."""
    return exports.download("staff-template", importing.COLUMNS, TEMPLATE_ROWS)


def directory(rows: QuerySet[StaffMember]) -> StreamingHttpResponse:
    """People as `selectors.directory` gives them, read while they are sent."""
    return exports.download("staff", importing.COLUMNS, _lines(rows))


def _lines(rows: QuerySet[StaffMember]) -> Iterator[Iterable[object]]:
    chunk: list[StaffMember] = []
    for staff in rows.select_related("manager").iterator(CHUNK):
        chunk.append(staff)
        if len(chunk) == CHUNK:
            yield from _written(chunk)
            chunk = []
    yield from _written(chunk)


def _written(chunk: list[StaffMember]) -> Iterator[Iterable[object]]:
    wanted = {each.pk for each in chunk} | {each.manager_id for each in chunk}
    work: dict[object, str] = {}
    aliases: dict[object, list[str]] = {}
    held = EmailAddress.objects.filter(staff__in=wanted - {None}, until__isnull=True)
    for staff_id, kind, address in held.order_by("since").values_list(
        "staff_id", "kind", "address"
    ):
        if kind == EmailAddress.Kind.WORK:
            work[staff_id] = address
        else:
            aliases.setdefault(staff_id, []).append(address)
    for each in chunk:
        manager = each.manager
        yield (
            each.name,
            work.get(each.pk, ""),
            each.external_id,
            each.employment_type,
            importing.joined(role.name for role in each.org_roles.all()),
            (work.get(manager.pk, "") or manager.external_id) if manager else "",
            each.starts_on,  # type: ignore[attr-defined]
            each.last_day,  # type: ignore[attr-defined]
            "yes" if each.on_leave else "no",
            importing.joined(aliases.get(each.pk, [])),
        )
