"""Readings of access: critical-system cards and their next step, accounts, a person's accounts."""

from access.selectors.accounts import (
    account,
    accounts,
    accounts_of,
    decision,
    levels_known,
    system_of,
    validity,
)
from access.selectors.cards import Card, NextStep, cards
from access.selectors.owned import Owned, owned_by
from access.selectors.rules import systems_listing
from access.selectors.systems import SystemChoice, for_workspace, system_choice
from access.selectors.tasks import STATUS_FILTERS, product_name, tasks, tasks_of_subject

__all__ = [
    "STATUS_FILTERS",
    "Card",
    "NextStep",
    "Owned",
    "SystemChoice",
    "account",
    "accounts",
    "accounts_of",
    "cards",
    "decision",
    "for_workspace",
    "levels_known",
    "owned_by",
    "product_name",
    "system_choice",
    "system_of",
    "systems_listing",
    "tasks",
    "tasks_of_subject",
    "validity",
]
