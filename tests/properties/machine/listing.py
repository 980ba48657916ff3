"""Lists of staff on their way into the directory: who is here, who is missing, who may leave by it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from people.models import EmailAddress, EmploymentPeriod
from tests.properties.machine import expecting
from tests.properties.machine.running import NAMES, address, today
from workspaces import bulk
from workspaces.models import Workspace


@dataclass(frozen=True)
class Before:
    """The directory as a list of one source finds it; ids of people."""

    here: frozenset[str]  # kept by this source, without a leaving
    named: frozenset[str]
    leaving: frozenset[str]

    @property
    def missing(self) -> frozenset[str]:
        return self.here - self.named

    @property
    def shrinks(self) -> bool:
        """Whether a person must say that so many really left."""
        if self.missing == self.here:
            return bool(self.here)
        return len(self.missing) > (1 if len(self.here) <= 10 else max(3, len(self.here) // 10))


def look(workspace: Workspace, source: str, addresses: Iterable[str]) -> Before:
    latest = EmploymentPeriod.objects.filter(workspace=workspace, latest=True)
    here = latest.filter(access_ends_at=None, staff__source=source, staff__merged_into=None)
    named = EmailAddress.objects.filter(
        workspace=workspace, until=None, normalised__in=list(addresses)
    )
    return Before(
        here=frozenset(person for (person,) in bulk.read(here, "staff_id")),
        named=frozenset(person for (person,) in bulk.read(named, "staff_id")),
        leaving=frozenset(expecting.ends(workspace.pk)),
    )


def only_these_left(
    workspace: Workspace, before: Before, addresses: Iterable[str], *, complete: bool
) -> None:
    """Whoever is leaving now was before, is missing from a complete list, or is named by it."""
    after = look(workspace, "", addresses)
    gone = before.missing if complete else frozenset()
    assert gone <= after.leaving
    assert after.leaving <= before.leaving | before.named | after.named | gone


def rows(stated: Mapping[int, int | None]) -> list[dict[str, object]]:
    """What a list says of the people with these numbers; some have a last day."""
    return [
        {"name": NAMES[n], "email": address(n)}
        | ({} if days is None else {"last_working_day": _day(days)})
        for n, days in stated.items()
    ]


def file(stated: Mapping[int, int | None]) -> bytes:
    """The same as a file."""
    lines = ["name,email,last_working_day"]
    lines += [
        f"{NAMES[n]},{address(n)},{'' if days is None else _day(days)}"
        for n, days in stated.items()
    ]
    return "\n".join(lines).encode()


def _day(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()
