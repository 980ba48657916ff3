"""Ids inside bodies and queries: one company's never act, or tell anything, in another."""

import pytest
import yaml

from tests.attack import bodies, matrix
from tests.attack.actors import by_name
from tests.sandbox_process import ROOT

pytestmark = pytest.mark.django_db


def test_ids_in_bodies_and_queries_are_those_of_one_company(companies, actors):
    tried = matrix.Matrix(*companies)
    for name in ("admin of A", "auditor of A and admin of B", "token of everything"):
        matrix.swap(tried, by_name(actors, name))
    print(tried.report.text(), f"{tried.report.accepted_own} accepted with their own")
    assert tried.report.faults == []
    assert tried.report.swapped >= 80
    assert tried.report.accepted_own >= 45, "the bodies are out of date: hardly one is accepted"


def test_every_id_of_the_api_is_swapped():
    """What the API's description calls a UUID stands in a body or query that is swapped."""
    description = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
    swapped = {key for body in _all_bodies() for key in _id_keys(body)}
    assert _described_ids(description) - swapped == set()


def _all_bodies():
    yield from (each for many in bodies.BODIES.values() for each in many)
    yield from (each for many in bodies.QUERIES.values() for each in many)


def _id_keys(body):
    for key, value in body.items():
        if bodies.kinds(value):
            yield key
        for inner in value if isinstance(value, list) else ():
            if isinstance(inner, dict):
                yield from _id_keys(inner)


def _described_ids(description):
    found = set()
    for name, schema in description["components"]["schemas"].items():
        if "Request" in name:
            for key, value in schema.get("properties", {}).items():
                if "uuid" in (value.get("format"), value.get("items", {}).get("format")):
                    found.add(key)
    for methods in description["paths"].values():
        for method in methods.values():
            for each in method.get("parameters", []) if isinstance(method, dict) else ():
                if each["in"] == "query" and each["schema"].get("format") == "uuid":
                    found.add(each["name"])
    return found
