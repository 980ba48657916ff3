"""A check's page: what it means, its status per system, its last 90 days, its tasks, how to fix."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from access import selectors
from access.facts import name_of, product_of
from access.models import CriticalSystem
from access.views.systems import tabs as access_tabs
from access.views.tasks import row as task_row
from audit import clock
from checks import selectors as checks
from checks.rules import BY_ID
from checks.selectors import CheckSummary
from checks.status import Status, worst
from checks.timeline import Day
from integrations.catalog import CATALOG
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest

MOST_SYSTEMS = 50  # rows shown; the status and the days are of all of them
STEP, BAR, HEIGHT = 10, 8, 44  # of the chart, in its own units


@needs("tasks.view")
@require_safe
def check(request: WorkspaceRequest, check_id: str) -> HttpResponse:
    """One check over all systems, or over the one that `?system=` names."""
    if check_id not in BY_ID:
        raise Http404
    found, now = BY_ID[check_id], clock.now()
    systems, only = _systems(request)
    present = selectors.checks_now(systems, check_id=check_id, now=now)
    live = [present[each.pk] for each in systems if each.removed_at is None]
    days = selectors.check_days(
        request.workspace, systems, check_id=check_id, now=now, present=live
    )
    key = only.pk if only else None
    tasks = selectors.tasks(request.workspace, now, check_id=check_id, system=key)
    product = CATALOG["xero"] if only is None else product_of(only)
    shown = {
        "check": found,
        "title": found.title(product.name),
        "steps": [each.format(product=product.name) for each in found.how_to_fix],
        "policy": checks.policies(request.workspace)[check_id],
        "only": only,
        "only_name": name_of(only) if only else "",
        "rows": [
            task_row(each, request.membership) for each in tasks.order_by("code", "due", "id")[:10]
        ],
        "chart": chart(days),
        "stretches": stretches(days)[::-1],
        "tabs": access_tabs("monitoring"),
        "now": now,
    }
    return render(request, "access/check.html", shown | _by_system(systems, present))


def _by_system(
    systems: list[CriticalSystem], present: dict[uuid.UUID, CheckSummary]
) -> dict[str, Any]:
    """The status over all systems, and the rows of those that need most."""
    order = [*checks.RANKED]
    worst_first = sorted(systems, key=lambda each: order.index(present[each.pk].status))
    return {
        "systems": [
            {"system": each, "name": name_of(each), "summary": present[each.pk]}
            for each in worst_first[:MOST_SYSTEMS]
        ],
        "of_systems": len(systems),
        "status": worst(each.status for each in present.values()),
        "special": sum(each.special for each in present.values()),
    }


def _systems(request: WorkspaceRequest) -> tuple[list[CriticalSystem], CriticalSystem | None]:
    rows = selectors.for_workspace(request.workspace)
    wanted = request.GET.get("system", "")
    if not wanted:
        return list(rows.filter(removed_at__isnull=True)), None
    try:
        found = get_object_or_404(rows, pk=uuid.UUID(wanted))
    except ValueError as error:
        raise Http404 from error
    return [found], found


@dataclass(frozen=True)
class Stretch:
    """Consecutive days that looked the same."""

    first: date
    last: date
    word: str


def stretches(days: list[Day]) -> list[Stretch]:
    """The days in stretches: the chart as a table."""
    found: list[Stretch] = []
    for each in days:
        if found and found[-1].word == each.word:
            found[-1] = Stretch(found[-1].first, each.day, each.word)
        else:
            found.append(Stretch(each.day, each.day, each.word))
    return found


def chart(days: list[Day]) -> dict[str, Any]:
    """Where each day's bar stands, its class, and the legend of the words that occur."""
    words = list(dict.fromkeys(each.word for each in days))
    return {
        "width": len(days) * STEP,
        "height": HEIGHT,
        "bar": BAR,
        "bars": [
            {"x": number * STEP + 1, "tone": tone(each), "day": each, "words": _counted(each)}
            for number, each in enumerate(days)
        ],
        "legend": [(word, tone(next(d for d in days if d.word == word))) for word in words],
        "first": days[0].day,
        "last": days[-1].day,
    }


def tone(day: Day) -> str:
    """The class of a day's bar, drawn by `access.css`."""
    if not day.monitored:
        return "gap"
    return "none" if day.status is None else day.status.value.lower().replace(" ", "-")


def _counted(day: Day) -> str:
    order = [*Status]
    found = sorted(day.counts.items(), key=lambda item: order.index(item[0]))
    return ", ".join(f"{number} {status.value}" for status, number in found)
