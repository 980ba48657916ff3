"""The facts that the rules need, stated as frozen dataclasses; `access` fills them in.

All instants are timezone-aware UTC datetimes; ids are strings. A `level` is the role that an account
has inside the connected product (Xero's "role"), kept as the product's own text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class DecisionKind(StrEnum):
    EXISTING_STAFF = "existing_staff"
    NEW_STAFF = "new_staff"
    NOT_STAFF = "not_staff"
    NOT_IDENTIFIED = "not_identified"


class NotStaffKind(StrEnum):
    SERVICE = "service"
    SHARED = "shared"
    EXTERNAL = "external"


class RuleMode(StrEnum):
    ALL_STAFF = "all_staff"
    ROLE_BASED = "role_based"


@dataclass(frozen=True)
class LevelScheme:
    """What is special to a product about its levels; data of the catalog, not of the rules."""

    labels: Mapping[str, str]  # every documented level -> its name on screen
    above: Mapping[str, frozenset[str]]  # level -> the levels it is strictly above (partial order)
    no_access: frozenset[str]  # levels that mean "has no access", e.g. REMOVED
    undetermined: frozenset[str]  # documented texts that say nothing, e.g. UNKNOWN
    shorthands: Mapping[str, frozenset[str]]  # label -> levels; none holds an undetermined level
    privileged: frozenset[str]
    basis: str = "role"  # what a level covers, in the product's words; validity verdicts say it
    # The product's own order of its levels. Kept apart, because the written form of facts sorts
    # the keys of `labels`: words judged from it again must come out the same.
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.order:
            object.__setattr__(self, "order", tuple(self.labels))

    def name(self, level: str) -> str:
        """The level as people read it; a text that is not documented is quoted as it came."""
        known = self.labels.get(level)
        return known or (f"Unrecognised role ({level})" if level else "No role given")

    def gives_access(self, level: str) -> bool:
        return level not in self.no_access

    def is_determined(self, level: str) -> bool:
        """Whether the level is documented and says what its holder may do."""
        return level in self.labels and level not in self.undetermined

    def is_lower(self, level: str, *, than: str) -> bool:
        return level in self.above.get(than, frozenset())

    @property
    def grantable(self) -> frozenset[str]:
        """The documented levels that "Any documented role" means."""
        return frozenset(self.labels) - self.no_access - self.undetermined


@dataclass(frozen=True)
class Policy:
    """Grace of one check. A business day is a day of `Calendar.working_days` that is no holiday."""

    grace_days: int
    window_days: int = 2
    business_days: bool = False

    @property
    def starts_critical(self) -> bool:
        """Whether a task is Critical from its start: the window is longer than the grace."""
        return 0 < self.grace_days < self.window_days


@dataclass(frozen=True)
class Calendar:
    """The workspace's zone (IANA name), working week (Monday is 0) and holidays."""

    zone: str = "UTC"
    working_days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True)
class NotStaff:
    """An accepted account of nobody in the staff directory; holds for `level` and until `ends_at`."""

    kind: NotStaffKind
    owner_label: str
    owner_id: str | None
    owner_ended_at: datetime | None  # when the accountable owner left (or stopped being an admin)
    level: str  # the level seen when the decision was made
    ends_at: datetime | None
    reason: str = ""
    user_left: tuple[str, datetime] | None = None  # a user of a shared account who has left since


@dataclass(frozen=True)
class Decision:
    """Whose account it is, as decided (or matched: `automatic`)."""

    kind: DecisionKind
    decided_at: datetime
    automatic: bool = False
    by_label: str = ""
    person_id: str | None = None
    not_staff: NotStaff | None = None


@dataclass(frozen=True)
class Account:
    """One account of the current complete list."""

    id: str
    name: str
    email: str
    level: str
    is_subscriber: bool
    first_seen_at: datetime
    # Start of its current, unbroken presence; a stretch at a level of no access is an absence.
    appeared_at: datetime
    level_since: datetime  # first list that showed this level without a break
    decision: Decision | None = None
    unidentified_since: datetime | None = (
        None  # its identification was withdrawn; None: never had one
    )
    # Leavers whose account this was until a re-identification that no other admin has approved yet.
    still_held_for: frozenset[str] = frozenset()
    resembles: frozenset[str] = frozenset()  # offboarded or upcoming people it may belong to


@dataclass(frozen=True)
class PastAccount:
    """An account that a person had and that a complete list no longer shows."""

    id: str
    name: str
    person_id: str
    last_seen_at: datetime  # the last list with it
    gone_at: datetime  # the first list without it: the later of the two dates counts


@dataclass(frozen=True)
class Person:
    """A member of staff, current or former, who matters to this system."""

    id: str
    name: str
    org_roles: frozenset[str] = frozenset()  # ids
    roles_changed_at: datetime | None = None
    last_day: date | None = None
    access_ends_at: datetime | None = None  # None: no leaving recorded
    offboarded_recorded_at: datetime | None = None
    returned_at: datetime | None = None  # start of the present employment after an earlier leaving
    returned_on: date | None = None
    starts_on: date | None = None  # of the present employment; may lie ahead

    def has_left(self, now: datetime) -> bool:
        return self.access_ends_at is not None and self.access_ends_at <= now


@dataclass(frozen=True)
class Allowance:
    """Levels that one Org role may have; None means any documented level."""

    org_role_id: str
    org_role_name: str
    levels: frozenset[str] | None = None


@dataclass(frozen=True)
class AccessRule:
    mode: RuleMode
    saved_at: datetime
    levels: frozenset[str] | None = None  # all staff: one allowed set for everybody
    allowances: tuple[Allowance, ...] = ()

    @property
    def is_configured(self) -> bool:
        """A role-based rule that lists no Org role decides nothing."""
        return self.mode is RuleMode.ALL_STAFF or bool(self.allowances)


@dataclass(frozen=True)
class UserList:
    """The current complete list: `read_at` is when its reading began, by the database's clock."""

    digest: str
    read_at: datetime


@dataclass(frozen=True)
class Gap:
    """A stretch in which the system was not monitored; `ended_at` None while it lasts."""

    began_at: datetime
    ended_at: datetime | None
    why: str


@dataclass(frozen=True)
class SystemFacts:
    """All that the four checks need to judge one critical system."""

    system_id: str
    system_name: str
    product: str
    added_at: datetime
    scheme: LevelScheme
    calendar: Calendar
    policies: Mapping[str, Policy]  # by check id
    user_list: UserList | None = None
    rule: AccessRule | None = None
    accounts: tuple[Account, ...] = ()
    past_accounts: tuple[PastAccount, ...] = ()
    people: tuple[Person, ...] = ()
    offboarded_total: int = 0  # all offboarded people of the workspace, with or without an account
    org_role_names: Mapping[str, str] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()  # oldest first
