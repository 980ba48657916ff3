"""Fills in the facts that the checks judge, from tables; a constant number of queries."""

from access.facts.directory import candidates
from access.facts.naming import name_of, product_of
from access.facts.stating import system_facts
from checks.facts import DecisionKind

STAFF_KINDS = (DecisionKind.EXISTING_STAFF, DecisionKind.NEW_STAFF)

__all__ = ["STAFF_KINDS", "candidates", "name_of", "product_of", "system_facts"]
