"""Readings of a system's history: what came, changed and went, when nobody looked, who had access."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Lower

from access.facts import product_of
from access.models import AccountSpan, CriticalSystem, SystemGap
from access.selectors.past import spans_at
from checks.facts import LevelScheme
from integrations.models import SyncRun
from jobs.models import State
from workspaces import keyset

HISTORY_KEYS = ("-at", "-id")


@dataclass(frozen=True)
class Change:
    """One line of the history.

    `kind` is came, returned, changed or went (an account), stopped or resumed (the monitoring).
    `said` holds what changed: (what, before, after). `raised`: the level is above the earlier one.
    """

    at: datetime
    kind: str
    label: str
    account_id: uuid.UUID | None = None
    level: str = ""
    said: tuple[tuple[str, str, str], ...] = ()
    raised: bool = False
    privileged: bool = False
    gap: SystemGap | None = None


def changes(system: CriticalSystem, **where: Any) -> keyset.Page[Change]:
    """A page of what happened in the system, newest first; the same cost at any depth.

    `where` says which page: the `cursor`, `size` and `strict` of `keyset.page`.
    """
    page = keyset.merged([*_of_accounts(system), *_of_gaps(system)], keys=HISTORY_KEYS, **where)
    spans = [row for row in page.rows if isinstance(row, AccountSpan)]
    before = _before(spans)
    scheme = product_of(system).scheme
    lines = [_change(row, before.get(row.pk), scheme) for row in page.rows]
    return keyset.Page(rows=lines, newer=page.newer, older=page.older)


def _of_accounts(system: CriticalSystem) -> list[QuerySet[Any]]:
    """Spans by their beginning, and by their end those after which there was no account."""
    spans = AccountSpan.objects.filter(connection=system.connection)
    goes_on = AccountSpan.objects.filter(
        account=OuterRef("account"), began_at=OuterRef("ended_at")
    ).exclude(pk=OuterRef("pk"))
    begun = spans.annotate(at=F("began_at"), line=_line("began"))
    ended = spans.filter(ended_at__isnull=False).exclude(Exists(goes_on))
    ended = ended.annotate(at=F("ended_at"), line=_line("went"))
    return [begun.select_related("account"), ended.select_related("account")]


def _of_gaps(system: CriticalSystem) -> list[QuerySet[Any]]:
    found = SystemGap.objects.filter(system=system)
    ended = found.filter(ended_at__isnull=False)
    return [
        found.annotate(at=F("began_at"), line=_line("stopped")),
        ended.annotate(at=F("ended_at"), line=_line("resumed")),
    ]


def _line(name: str) -> Value:
    return Value(name, output_field=CharField())


def _before(spans: Iterable[AccountSpan]) -> dict[uuid.UUID, AccountSpan]:
    """The span that each of these took the place of, by its id."""
    page = {(row.account_id, row.began_at): row.pk for row in spans}
    earlier = AccountSpan.objects.filter(
        account__in={account for account, _ in page}, ended_at__in={at for _, at in page}
    )
    found = ((page.get((row.account_id, row.ended_at)), row) for row in earlier if row.ended_at)
    return {pk: row for pk, row in found if pk is not None and pk != row.pk}


def _change(row: Any, before: AccountSpan | None, scheme: LevelScheme) -> Change:
    if isinstance(row, SystemGap):
        return Change(row.at, row.line, "", gap=row)  # type: ignore[attr-defined]
    kind = row.line
    if kind == "began":
        returned = row.account.first_seen_at < row.began_at
        kind = "changed" if before else "returned" if returned else "came"
    raised = before is not None and scheme.is_lower(before.level, than=row.level)
    return Change(
        at=row.at,
        kind=kind,
        label=row.name or row.email or row.account.external_id,
        account_id=row.account_id,
        level=scheme.name(row.level),
        said=_said(before, row, scheme) if kind == "changed" and before else (),
        raised=kind == "changed" and raised,
        privileged=row.is_subscriber or row.level in scheme.privileged,
    )


def _said(
    before: AccountSpan, after: AccountSpan, scheme: LevelScheme
) -> tuple[tuple[str, str, str], ...]:
    told = {
        "Xero role": (scheme.name(before.level), scheme.name(after.level)),
        "Name": (before.name or "none", after.name or "none"),
        "E-mail": (before.email or "none", after.email or "none"),
        "Subscriber": tuple("yes" if each.is_subscriber else "no" for each in (before, after)),
    }
    return tuple((what, was, now) for what, (was, now) in told.items() if was != now)


def had_access(system: CriticalSystem, at: datetime, *, search: str = "") -> QuerySet[AccountSpan]:
    """Who had access at `at`, as `spans_at` tells it, by name; `keys` are ("sort_name", "id")."""
    no_access = product_of(system).scheme.no_access
    rows = spans_at(system, at, search=search).exclude(level__in=no_access)
    return rows.annotate(sort_name=Lower("name"))


@dataclass(frozen=True)
class Reading:
    """What is known of the users at an instant rests on the list of `read_at`, if on any."""

    read_at: datetime | None
    monitored: bool


def reading(system: CriticalSystem, at: datetime) -> Reading:
    """What "who had access at `at`" rests on; nobody watched before the system was added."""
    watched = system.added_at <= at and not gaps(system, at=at)
    return Reading(read_before(system, at), watched)


def read_before(system: CriticalSystem, at: datetime) -> datetime | None:
    """When the last complete list that was used before `at` had been read."""
    used = SyncRun.objects.filter(connection=system.connection, state=State.DONE, read_at__lte=at)
    return used.order_by("-read_at").values_list("read_at", flat=True).first()


def gaps(system: CriticalSystem, *, at: datetime | None = None) -> list[SystemGap]:
    """When the system was not monitored, newest first; with `at` only what lasted then."""
    rows = SystemGap.objects.filter(system=system).order_by("-began_at", "-id")
    if at is None:
        return list(rows[:50])
    return [each for each in rows if each.began_at <= at and not _over(each, at)]


def _over(gap: SystemGap, at: datetime) -> bool:
    return gap.ended_at is not None and gap.ended_at <= at
