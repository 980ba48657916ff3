"""Readings of access: critical-system cards and their next step, accounts, a person's accounts."""

from access.facts import name_of
from access.selectors.accounts import (
    account,
    decision,
    held_from,
    levels_known,
    never_decided,
    system_of,
)
from access.selectors.cards import Card, cards
from access.selectors.explaining import evaluations, explanation, turns
from access.selectors.fixing import THERE, way
from access.selectors.movements import (
    HISTORY_KEYS,
    Change,
    Reading,
    changes,
    gaps,
    had_access,
    read_before,
    reading,
)
from access.selectors.owned import owned_by
from access.selectors.people import (
    Found,
    Held,
    Show,
    accounts_of_people,
    leavers,
    offboarded,
    staff_access,
)
from access.selectors.queue import (
    alike,
    any_waits,
    described,
    history,
    is_leaver,
    neighbours,
    number_waiting,
    resting_on,
    suggested,
    users_who_left,
    waiting,
)
from access.selectors.rules import systems_listing
from access.selectors.staff import (
    persons_accounts,
    persons_history,
    shared_accounts,
)
from access.selectors.systems import SystemChoice, for_workspace, system_choice
from access.selectors.tasks import (
    NOBODY,
    Wanted,
    may_fix,
    may_work_on,
    product_name,
    shown_status,
    tasks,
    tasks_about,
    visible_tasks,
)
from access.selectors.timeline import check_days, checks_now
from access.selectors.users import SORTS, access_tasks, accounts_each, users

__all__ = [
    "HISTORY_KEYS",
    "NOBODY",
    "SORTS",
    "THERE",
    "Card",
    "Change",
    "Found",
    "Held",
    "Reading",
    "Show",
    "SystemChoice",
    "Wanted",
    "access_tasks",
    "account",
    "accounts_each",
    "accounts_of_people",
    "alike",
    "any_waits",
    "cards",
    "changes",
    "check_days",
    "checks_now",
    "decision",
    "described",
    "evaluations",
    "explanation",
    "for_workspace",
    "gaps",
    "had_access",
    "held_from",
    "history",
    "is_leaver",
    "leavers",
    "levels_known",
    "may_fix",
    "may_work_on",
    "name_of",
    "neighbours",
    "never_decided",
    "number_waiting",
    "offboarded",
    "owned_by",
    "persons_accounts",
    "persons_history",
    "product_name",
    "read_before",
    "reading",
    "resting_on",
    "shared_accounts",
    "shown_status",
    "staff_access",
    "suggested",
    "system_choice",
    "system_of",
    "systems_listing",
    "tasks",
    "tasks_about",
    "turns",
    "users",
    "users_who_left",
    "visible_tasks",
    "waiting",
    "way",
]
