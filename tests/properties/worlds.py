"""Made-up worlds: staff, a list of yesterday, a list of today, decisions and a rule."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from checks.facts import AccessRule, Allowance, RuleMode
from integrations.providers.base import RemoteAccount

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEVELS = (
    *("READONLY", "INVOICEONLY", "STANDARD", "STANDARD", "FINANCIALADVISER"),
    *("CASHBOOKCLIENT", "UNKNOWN", "REMOVED", "PAYROLLADMIN"),
)
ROLES = ("accountant", "clerk", "lead")
TICKED = (
    None,
    frozenset({"READONLY", "STANDARD"}),
    frozenset({"STANDARD", "FINANCIALADVISER"}),
    frozenset({"PAYROLLADMIN"}),
)


@dataclass(frozen=True)
class Worker:
    """A person of the directory; `ends_at` is when access ends, ahead or behind."""

    id: str
    roles: frozenset[str]
    ends_at: datetime | None = None
    returned_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"Role Holder {self.id}"


@dataclass(frozen=True)
class NotStaffTerms:
    """Accepted as nobody's on the staff: for this level, until this instant."""

    level: str
    ends_at: datetime
    owner: str


@dataclass(frozen=True)
class World:
    """What is true. `holders` says whose account each is: a worker's id, terms, or nothing."""

    staff: tuple[Worker, ...]
    yesterday: tuple[RemoteAccount, ...]
    today: tuple[RemoteAccount, ...]
    yesterday_read_at: datetime
    today_read_at: datetime
    holders: dict[str, str | NotStaffTerms]
    rule: AccessRule | None
    held_for: dict[str, frozenset[str]] = field(default_factory=dict)
    asked_to_remove: frozenset[str] = frozenset()
    # When a tool last sent the whole staff list; None where people keep it.
    staff_sent_at: datetime | None = None


def make(random: Random) -> World:
    """A world of up to 12 accounts and 6 people."""
    staff = tuple(_worker(random, str(n)) for n in range(random.randint(0, 6)))
    ids = [f"a{n}" for n in range(random.randint(1, 12))]
    yesterday = tuple(_account(random, each, first=each == ids[0]) for each in ids)
    today = _later(random, yesterday)
    known = {each.external_id: each for each in (*yesterday, *today)}
    read_at = NOW - random.choice((HOUR, 5 * HOUR, 20 * HOUR, 30 * HOUR))
    return World(
        staff=staff,
        yesterday=yesterday,
        today=today,
        yesterday_read_at=read_at - random.choice((HOUR, 3 * HOUR, DAY)),
        today_read_at=read_at,
        holders={key: _holder(random, staff, each) for key, each in known.items()},
        rule=_rule(random),
        asked_to_remove=frozenset(key for key in known if random.random() < 0.1),
        staff_sent_at=random.choice((None, None, NOW - HOUR, NOW - 6 * DAY)),
    )


def _worker(random: Random, key: str) -> Worker:
    roles = frozenset(role for role in ROLES if random.random() < 0.4)
    kind = random.random()
    if kind < 0.55:
        return Worker(key, roles)
    offset = random.choice((-40, -3, -1, 1, 9)) * DAY + random.choice((-2, 0, 2)) * HOUR
    if kind < 0.9:
        return Worker(key, roles, ends_at=NOW + offset)
    return Worker(key, roles, returned_at=NOW - 2 * DAY)


def _account(random: Random, key: str, *, first: bool) -> RemoteAccount:
    email = random.choice((f"{key}@example.test", None))
    return RemoteAccount(key, f"User {key}", email, random.choice(LEVELS), first)


def _later(random: Random, before: tuple[RemoteAccount, ...]) -> tuple[RemoteAccount, ...]:
    """Some went, some changed, some came; never nobody."""
    kept = [each for each in before if random.random() > 0.12] or [before[0]]
    changed = [
        _account(random, each.external_id, first=each.is_subscriber)
        if random.random() < 0.15
        else each
        for each in kept
    ]
    new = [_account(random, f"b{n}", first=False) for n in range(random.choice((0, 0, 1, 3)))]
    return (*changed, *new)


def _holder(
    random: Random, staff: tuple[Worker, ...], account: RemoteAccount
) -> str | NotStaffTerms:
    kind = random.random()
    if kind < 0.6 and staff:
        return random.choice(staff).id
    if kind < 0.75 and staff:
        ends_at = NOW + random.choice((-1, 30)) * DAY
        return NotStaffTerms(random.choice((account.level, "STANDARD")), ends_at, staff[0].id)
    return ""


def _rule(random: Random) -> AccessRule | None:
    kind = random.random()
    if kind < 0.1:
        return None
    if kind < 0.4:
        return AccessRule(RuleMode.ALL_STAFF, NOW - 9 * DAY, levels=random.choice(TICKED))
    listed = [role for role in ROLES if random.random() < 0.6]
    allowances = tuple(Allowance(role, role.title(), random.choice(TICKED)) for role in listed)
    return AccessRule(RuleMode.ROLE_BASED, NOW - 9 * DAY, allowances=allowances)
