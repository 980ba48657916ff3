"""Every error of the API is a problem that says what to do, whoever refuses the request."""

import uuid

import pytest
from django.test import Client
from django.urls import path

from sprinto_xero import urls
from tests.api import Tool, is_problem
from workspaces.permissions import PUBLIC
from workspaces.rest.endpoints import Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(workspace, admin):
    return Tool(workspace, admin)


class Broken(Endpoint):
    needs = PUBLIC
    authentication_classes = ()

    def get(self, request):
        raise RuntimeError("secret-canary")


class WithBroken:
    urlpatterns = [path("api/v1/broken/", Broken.as_view()), *urls.urlpatterns]


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b'{"name": NaN}', b'{"name": "a", "name": "b"}', b'\xff', b'"\xed\xa0\x80"',
    b'{"name": "\\ud800"}', b'{"name": 1e999}', b"[" * 100_000, b'{"a":' * 20 + b"1" + b"}" * 20,
    b'{"name": "a\\u0000b"}', b"null", b'{"name": ' + b"9" * 5000 + b"}",
])  # fmt: skip
def test_problem_for_a_body_that_nobody_should_read(api, body):
    answer = api.post("staff/", body)
    assert is_problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


def test_problem_for_an_unknown_address(api):
    assert is_problem(api.get("nothing/"), 404)
    assert is_problem(api.get("/api/nothing/"), 404)
    assert is_problem(api.get("tasks/not-an-id/"), 404)


def test_problem_for_an_address_without_its_slash(api):
    assert is_problem(api.post("staff", {"name": "Somebody"}), 404)
    assert api.get("staff").status_code == 301


def test_problem_for_a_method_that_the_address_does_not_take(api):
    answer = api.send("DELETE", "tasks/")
    assert is_problem(answer, 405)
    assert answer["Allow"] == "GET, HEAD"
    assert is_problem(api.send("OPTIONS", "tasks/"), 405)


def test_problem_for_another_type_of_body(api):
    answer = api.post("staff/", b"name=Somebody", Content_Type="application/x-www-form-urlencoded")
    assert is_problem(answer, 415)


def test_problem_for_another_type_of_answer(api):
    assert is_problem(api.get("tasks/", Accept="text/html"), 406)


def test_problem_for_a_body_that_is_too_large(api):
    assert is_problem(api.post("staff/", b" " * (1 << 20) + b"{}"), 413)


def test_problem_for_a_nul_byte(api):
    assert is_problem(api.get("tasks/?check=%00"), 400)


def test_problem_for_a_host_that_is_not_ours(api):
    assert is_problem(api.get("tasks/", Host="somebody.example"), 400)


def test_problem_without_a_token(api):
    answer = api.get("tasks/", Authorization="")
    assert is_problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer é", "Bearer x", "Basic x"])
def test_problem_for_a_token_that_is_none(api, header):
    assert is_problem(api.get("tasks/", Authorization=header), 401)


def test_problem_of_an_error_on_our_side_leaks_nothing(settings):
    settings.ROOT_URLCONF = WithBroken
    answer = Client(raise_request_exception=False).get("/api/v1/broken/")
    assert is_problem(answer, 500)
    assert b"canary" not in answer.content


def test_problem_of_a_service_names_the_field(api):
    answer = api.post("staff/", {"name": "Nameless Person"})
    assert is_problem(answer, 422)
    assert list(answer.json()["errors"]) == ["email"]


def test_problem_for_fields_that_nobody_reads(api):
    answer = api.post("staff/", {"name": "Somebody", "workspace": str(uuid.uuid4())})
    assert is_problem(answer, 422)
    assert "There is no such field" in answer.json()["errors"]["workspace"][0]


def test_problem_for_an_unknown_field_inside_another(api, workspace, by):
    from access import services as access

    system = access.add_system(workspace, integration="xero", user=None, by=by)
    body = {"mode": "role_based", "roles": [{"org_role": str(uuid.uuid4()), "role": "owner"}]}
    answer = api.send("PUT", f"systems/{system.pk}/rule/", body)
    assert is_problem(answer, 422)
    assert list(answer.json()["errors"]) == ["roles.0.role"]


@pytest.mark.parametrize(
    "query",
    ["colour=red", "limit=0", "limit=501", "limit=1&limit=2", "ordering=name;drop", "limit=1_0",
     "status=Green", "system=1"],
)  # fmt: skip
def test_problem_for_query_parameters_that_are_not_understood(api, query):
    answer = api.get(f"tasks/?{query}")
    assert is_problem(answer, 400)
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [{"name": 1}, {"name": ["a"]}, {"name": "x" * 201}, {"name": "A", "starts_on": "1.4.2027"},
     {"name": "A", "starts_on": "20270401"}, {"name": "A", "employment_type": 1},
     {"name": "A", "manager": "x"}, {"name": "A", "org_roles": {}}],
)  # fmt: skip
def test_problem_for_values_of_another_type(api, body):
    assert is_problem(api.post("staff/", body), 422)
