"""The matrix: nobody gets in where the policy says no, nothing of one company reaches another."""

import pytest
import yaml
from django.test import Client

from tests.attack import bodies, matrix, routes
from tests.attack.actors import everybody
from tests.sandbox_process import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def actors(companies):
    return everybody(*companies)


def by_name(actors, name):
    (found,) = [each for each in actors if each.name == name]
    return found


def test_every_route_stands_in_the_policy():
    """A new route: add its line to tests/attack/policy.txt, after thinking about who may use it."""
    assert sorted(routes.undeclared()) == []


def test_nobody_gets_in_where_the_policy_says_no(companies, actors):
    tried = matrix.Matrix(*companies)
    for route, method, actor in matrix.sample(actors, matrix.count_wanted()):
        tried.triple(route, method, actor)
    print(tried.report.text())
    assert tried.report.faults == []
    assert tried.report.cells >= matrix.count_wanted()


def test_ids_in_bodies_and_queries_are_those_of_one_company(companies, actors):
    tried = matrix.Matrix(*companies)
    for name in ("admin of A", "auditor of A and admin of B", "token of everything"):
        matrix.swap(tried, by_name(actors, name))
    print(tried.report.text(), f"{tried.report.accepted_own} accepted with their own")
    assert tried.report.faults == []
    assert tried.report.swapped >= 80
    assert tried.report.accepted_own >= 45, "the bodies are out of date: hardly one is accepted"


def test_form_of_another_site_is_refused_on_every_page(companies):
    """A POST without the token that our own pages carry."""
    here, _ = companies
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(here.users["admin"])
    tried, let_in = 0, []
    for route in routes.routes():
        writes = "POST" in route.methods or route.methods == {"any"}
        if route.is_api or not writes or route.name == "webhook_truto":  # which is signed instead
            continue
        tried += 1
        before = here.head()
        answer = client.post(route.path(str(here.ids.get(route.kind))))
        if answer.status_code not in (403, 405) or here.head() != before:
            let_in.append((route.name, answer.status_code))
    print(f"{tried} forms of another site, {len(let_in)} let in")
    assert let_in == []
    assert tried > 50


def test_reading_changes_nothing(companies, actors):
    """No GET writes into the record, and so none is an act."""
    wrote, read = [], 0
    for route in routes.routes():
        actor = by_name(actors, matrix.MIGHTIEST[route.is_api])
        if "GET" not in route.methods:
            continue
        before = actor.home.head()
        answer = actor.client.get(route.path(str(actor.home.ids.get(route.kind))))
        read += answer.status_code == 200
        if actor.home.head() != before:
            wrote.append(route.name)
    print(f"{read} addresses read, {len(wrote)} wrote")
    assert wrote == []
    assert read > 80


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
