"""Readings of access: critical-system cards and their next step, accounts, a person's accounts."""

from access.facts import name_of
from access.selectors.accounts import (
    account,
    accounts_of,
    decision,
    held_from,
    levels_known,
    never_decided,
    system_of,
)
from access.selectors.cards import Card, NextStep, cards
from access.selectors.movements import Change, changes, gaps, had_access, read_before
from access.selectors.owned import Owned, owned_by
from access.selectors.people import (
    Found,
    Held,
    Leaver,
    Show,
    accounts_of_people,
    leavers,
    offboarded,
    staff_access,
)
from access.selectors.queue import (
    Resting,
    Waiting,
    described,
    history,
    is_leaver,
    neighbours,
    resting_on,
    suggested,
    waiting,
)
from access.selectors.rules import systems_listing
from access.selectors.staff import Happening, PersonsAccount, persons_accounts, persons_history
from access.selectors.systems import SystemChoice, for_workspace, system_choice
from access.selectors.tasks import (
    NOBODY,
    STATUS_FILTERS,
    Wanted,
    cautions,
    may_work_on,
    product_name,
    shown_status,
    tasks,
    tasks_about,
    visible_tasks,
)
from access.selectors.timeline import check_days
from access.selectors.users import SORTS, access_tasks, accounts_each, users

__all__ = [
    "NOBODY",
    "SORTS",
    "STATUS_FILTERS",
    "Card",
    "Change",
    "Found",
    "Happening",
    "Held",
    "Leaver",
    "NextStep",
    "Owned",
    "PersonsAccount",
    "Resting",
    "Show",
    "SystemChoice",
    "Waiting",
    "Wanted",
    "access_tasks",
    "account",
    "accounts_each",
    "accounts_of",
    "accounts_of_people",
    "cards",
    "cautions",
    "changes",
    "check_days",
    "decision",
    "described",
    "for_workspace",
    "gaps",
    "had_access",
    "held_from",
    "history",
    "is_leaver",
    "leavers",
    "levels_known",
    "may_work_on",
    "name_of",
    "neighbours",
    "never_decided",
    "offboarded",
    "owned_by",
    "persons_accounts",
    "persons_history",
    "product_name",
    "read_before",
    "resting_on",
    "shown_status",
    "staff_access",
    "suggested",
    "system_choice",
    "system_of",
    "systems_listing",
    "tasks",
    "tasks_about",
    "users",
    "visible_tasks",
    "waiting",
]
