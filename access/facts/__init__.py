"""Fills in the facts that the checks judge, from tables; a constant number of queries."""

from access.facts.directory import candidates
from access.facts.naming import name_of, product_of
from access.facts.stating import system_facts

__all__ = ["candidates", "name_of", "product_of", "system_facts"]
