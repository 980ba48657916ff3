"""The matrix: nobody gets in where the policy says no, nothing of one company reaches another."""

import pytest
from django.test import Client

from tests.attack import matrix, routes
from tests.attack.actors import by_name

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


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
