"""The description of the API: complete, as the code is, and nothing taken back that was released."""

import copy
import warnings
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

from tests import promises as contract

pytestmark = pytest.mark.sqlite_only
HOW = "Look at the difference; if it is meant: python -m tests.promises, and commit the file."


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return yaml.safe_load(contract.DESCRIPTION.read_text())


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_description_is_what_the_code_makes_and_makes_without_warnings() -> None:
    GENERATOR_STATS.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert contract.DESCRIPTION.read_text() == contract.described(), HOW
    assert not GENERATOR_STATS


def test_description_takes_nothing_back_that_was_released(description: dict[str, Any]) -> None:
    released = set(contract.RELEASED.read_text().splitlines())
    now = contract.promises(description)
    assert sorted(released - now) == [], "Clients rely on this: keep it, or make a version 2."
    assert contract.new_demands(released, now) == set()


def test_every_operation_is_described_whole(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        assert operation["summary"], name
        assert "Needs `" in operation["description"], name
        assert operation["security"] == [{"token": []}], name
        wanted = {"400", "401", "403", "406", "429"}
        wanted |= {"404"} if "{" in name else set()
        wanted |= set() if name.startswith("get") else {"413", "415", "422"}
        assert wanted <= set(operation["responses"]), name
        for status in wanted:
            content = operation["responses"][status]["content"]
            assert list(content) == ["application/problem+json"], name


def test_every_body_and_parameter_says_what_it_takes(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        content = operation.get("requestBody", {}).get("content", {})
        for each in content.values():
            schema = contract._resolved(description, each["schema"])
            assert schema["additionalProperties"] is False, name


def broken(description: dict[str, Any], change: str) -> dict[str, Any]:
    """The description after one change that breaks clients."""
    made = copy.deepcopy(description)
    schemas, tasks = made["components"]["schemas"], made["paths"]["/api/v1/tasks/"]["get"]
    if change == "path":
        del made["paths"]["/api/v1/tasks/"]
    elif change == "field":
        del schemas["TaskData"]["properties"]["why"]
    elif change == "enum":
        schemas["TaskStatus"]["enum"].remove("Failing")
    elif change == "type":
        schemas["TaskData"]["properties"]["late_days"]["type"] = "string"
    elif change == "parameter":
        tasks["parameters"] = [each for each in tasks["parameters"] if each["name"] != "status"]
    elif change == "now required":
        schemas["StaffInputRequest"]["required"].append("external_id")
    return made


@pytest.mark.parametrize("change", ["path", "field", "enum", "type", "parameter", "now required"])
def test_breaking_change_is_seen(description: dict[str, Any], change: str) -> None:
    before = contract.promises(description)
    assert before - contract.promises(broken(description, change))


def test_new_demand_is_seen(description: dict[str, Any]) -> None:
    made = copy.deepcopy(description)
    staff = made["components"]["schemas"]["StaffInputRequest"]
    staff["properties"]["badge"] = {"type": "string"}
    staff["required"].append("badge")
    before = contract.promises(description)
    assert contract.new_demands(before, contract.promises(made))


def test_addition_breaks_nothing(description: dict[str, Any]) -> None:
    made = copy.deepcopy(description)
    made["components"]["schemas"]["TaskData"]["properties"]["colour"] = {"type": "string"}
    before, after = contract.promises(description), contract.promises(made)
    assert not before - after
    assert not contract.new_demands(before, after)


@pytest.mark.django_db
def test_docs_page_holds_nothing_inline(client: Client) -> None:
    answer = client.get("/api/docs/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in text
    assert "style=" not in text
    assert text.count("<script src=") == text.count("<script") == 2
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_description_is_given_to_everybody(client: Client) -> None:
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    assert yaml.safe_load(answer.content) == yaml.safe_load(contract.described())
