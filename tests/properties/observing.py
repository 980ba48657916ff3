"""What the product says of a world: the real reader, guard, rules, transitions and status."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from checks import rules
from checks.facts import (
    Account,
    Calendar,
    Decision,
    DecisionKind,
    NotStaff,
    NotStaffKind,
    PastAccount,
    Person,
    SystemFacts,
    UserList,
)
from checks.status import Status, TaskInstants, status
from checks.transitions import after
from integrations import guard
from integrations.catalog import XERO_LEVELS
from integrations.providers.base import AccountPage, ProviderError, RemoteAccount
from integrations.providers.listing import read_all
from tests.properties.worlds import DAY, NOW, ROLES, NotStaffTerms, Worker, World

STALE_AFTER = timedelta(days=1)
STAFF_STALE_AFTER = timedelta(days=7)
POLICIES = {check.id: check.default_policy for check in rules.CHECKS}
PINNED = "organisation-1"
Passes = frozenset[tuple[str, str]]  # (check id, subject id), and (check id, "") for a whole check


@dataclass(frozen=True)
class Source:
    """A provider that serves these pages, or fails; the cursor is the next page's number."""

    pages: tuple[AccountPage | ProviderError, ...]
    organisation: str = PINNED

    def page(self, ref: str, cursor: str | None, limit: int) -> AccountPage:
        page = self.pages[int(cursor or 0)]
        if isinstance(page, ProviderError):
            raise page
        return page


@dataclass(frozen=True)
class Product:
    """The parts under test; a planted fault replaces one of them."""

    read: Callable[..., object] = read_all
    hold: Callable[..., object] = guard.hold_reason
    prepare: Callable[[SystemFacts], SystemFacts] = lambda facts: facts
    stale_after: timedelta = STALE_AFTER
    staff_stale_after: timedelta = STAFF_STALE_AFTER
    pinned: bool = True
    doubts_the_clock: bool = True


def pages(accounts: Iterable[RemoteAccount], size: int) -> tuple[AccountPage, ...]:
    """A list in pages, with its total, as an honest source serves it."""
    rows = list(accounts)
    cuts = [tuple(rows[at : at + size]) for at in range(0, len(rows), size)] or [()]
    last = len(cuts) - 1
    return tuple(
        AccountPage(cut, None if n == last else str(n + 1), False, len(rows), f"{n}")
        for n, cut in enumerate(cuts)
    )


def observe(world: World, source: Source, product: Product, now: datetime) -> Passes:
    """All that passes at `now`, after yesterday's list was used and today's was read."""
    rows, read_at = _current(world, source, product)
    facts = product.prepare(_facts(world, rows, read_at, now))
    judgements = rules.judge(facts, now)
    found: set[tuple[str, str]] = set()
    ends = _ends(world, facts, product)
    for check, judgement in judgements.items():
        statuses = {
            verdict.subject_id: _status(verdict, facts, product, ends, now)
            for verdict in judgement.verdicts
            if verdict.outcome is not rules.Outcome.CLOSED
        }
        found |= {(check, key) for key, seen in statuses.items() if seen is Status.PASSING}
        if statuses and judgement.waiting is None and set(statuses.values()) == {Status.PASSING}:
            found.add((check, ""))
    return frozenset(found)


def _current(
    world: World, source: Source, product: Product
) -> tuple[tuple[guard.Row, ...], datetime]:
    """Today's list where it is complete, of the pinned organisation and not held; else yesterday's."""
    before = _rows(world.yesterday)
    try:
        complete = product.read(
            source, "ref", page_size=4, page_cap=9, on_page=lambda *_: None, may_be_empty=True
        )
    except ProviderError:
        return before, world.yesterday_read_at
    if product.pinned and source.organisation != PINNED:
        return before, world.yesterday_read_at
    now = _rows(complete.accounts)
    held = product.hold(before, now, expected_removals=world.asked_to_remove, scheme=XERO_LEVELS)
    return (before, world.yesterday_read_at) if held else (now, world.today_read_at)


def _rows(accounts: Iterable[RemoteAccount]) -> tuple[guard.Row, ...]:
    return tuple(
        guard.Row(each.external_id, each.name, each.email or "", each.level, each.is_subscriber)
        for each in accounts
    )


def _ends(world: World, facts: SystemFacts, product: Product) -> list[datetime]:
    """When either list, of users or of staff, is too old to rest on."""
    ends = [] if facts.user_list is None else [facts.user_list.read_at + product.stale_after]
    if world.staff_sent_at is not None:
        ends.append(world.staff_sent_at + product.staff_stale_after)
    return ends


def _status(
    verdict: rules.Verdict,
    facts: SystemFacts,
    product: Product,
    lists_end: list[datetime],
    now: datetime,
) -> Status:
    policy = POLICIES[verdict.check]
    state = after(None, verdict, now=now, policy=policy, calendar=facts.calendar).state
    ends, read_at = [state.lapses_at], None
    if rules.BY_ID[verdict.check].needs_list and facts.user_list is not None:
        read_at = facts.user_list.read_at if product.doubts_the_clock else None
        ends += lists_end
    stale_at = min((each for each in ends if each is not None), default=None)
    return status(
        TaskInstants(
            began_at=state.began_at,
            critical_at=state.critical_at,
            due_at=state.due_at,
            resolved_at=state.resolved_at,
            waiting=state.waiting,
            stale_at=stale_at,
            read_at=read_at,
            opens_at=state.opens_at,
            closed_at=state.closed_at,
        ),
        now,
    )


def _facts(
    world: World, rows: tuple[guard.Row, ...], read_at: datetime, now: datetime
) -> SystemFacts:
    people = {each.id: each for each in world.staff}
    return SystemFacts(
        system_id="s",
        system_name="Example Books",
        product="Xero",
        added_at=NOW - 90 * DAY,
        scheme=XERO_LEVELS,
        calendar=Calendar(zone="Europe/London"),
        policies=POLICIES,
        user_list=UserList("d", read_at),
        rule=world.rule,
        accounts=tuple(_account(row, world, people) for row in rows),
        past_accounts=_past(world, rows, read_at),
        people=tuple(_person(each) for each in world.staff),
        offboarded_total=sum(
            each.ends_at is not None and each.ends_at <= now for each in world.staff
        ),
        org_role_names={role: role.title() for role in ROLES},
    )


def _account(row: guard.Row, world: World, people: dict[str, Worker]) -> Account:
    since = NOW - 60 * DAY
    return Account(
        id=row.id,
        name=row.name,
        email=row.email,
        level=row.level,
        is_subscriber=row.is_subscriber,
        first_seen_at=since,
        appeared_at=since,
        level_since=since,
        decision=_decision(world.holders.get(row.id, ""), people),
        still_held_for=world.held_for.get(row.id, frozenset()),
    )


def _decision(holder: str | NotStaffTerms, people: dict[str, Worker]) -> Decision | None:
    if isinstance(holder, NotStaffTerms):
        owner = people.get(holder.owner)
        terms = NotStaff(
            kind=NotStaffKind.SERVICE,
            owner_label="Owner",
            owner_id=holder.owner,
            owner_ended_at=owner.ends_at if owner else NOW - 9 * DAY,
            level=holder.level,
            ends_at=holder.ends_at,
        )
        return Decision(DecisionKind.NOT_STAFF, NOW - 20 * DAY, not_staff=terms)
    if holder not in people:
        return None
    return Decision(DecisionKind.EXISTING_STAFF, NOW - 20 * DAY, person_id=holder)


def _past(world: World, rows: tuple[guard.Row, ...], read_at: datetime) -> tuple[PastAccount, ...]:
    here = {row.id for row in rows}
    gone = [each for each in world.yesterday if each.external_id not in here]
    owners = {worker.id for worker in world.staff}
    return tuple(
        PastAccount(each.external_id, each.name, holder, world.yesterday_read_at, read_at)
        for each in gone
        if isinstance(holder := world.holders.get(each.external_id, ""), str) and holder in owners
    )


def _person(each: Worker) -> Person:
    return replace(
        Person(each.id, each.name, org_roles=each.roles),
        access_ends_at=each.ends_at,
        returned_at=each.returned_at,
    )
