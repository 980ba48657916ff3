"""Readings of the staff directory: the list, one person, where they stand, facts about many."""

from people.selectors.directory import KEYS, Order, Standing, directory
from people.selectors.lists import ListFreshness, import_lines, imports, list_freshness
from people.selectors.staff import (
    MOST_IDS,
    PersonRow,
    addresses,
    any_leaving,
    current,
    for_workspace,
    latest_period,
    merged_into,
    offboarded_total,
    org_roles,
    person_rows,
    staff_member,
    standing,
    status_of,
    survivor,
)

__all__ = [
    "KEYS",
    "MOST_IDS",
    "ListFreshness",
    "Order",
    "PersonRow",
    "Standing",
    "addresses",
    "any_leaving",
    "current",
    "directory",
    "for_workspace",
    "import_lines",
    "imports",
    "latest_period",
    "list_freshness",
    "merged_into",
    "offboarded_total",
    "org_roles",
    "person_rows",
    "staff_member",
    "standing",
    "status_of",
    "survivor",
]
