"""Whatever a page can do, the API can, by the same services: held for every page that takes a POST."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from django.urls import get_resolver

from tests.attack import routes

# Page -> the operation of the API that does the same.
PAIRS = {
    "access:add": "POST api_systems",
    "access:owner": "PATCH api_system",
    "access:remove": "DELETE api_system",
    "access:rule": "PUT api_rule",
    "access:preview_rule": "POST api_rule_preview",
    "access:add_role": "POST api_add_role",
    "access:identify": "POST api_identify",
    "access:identify_many": "POST api_identify_many",
    "access:accept": "POST api_accept_suggestions",
    "access:undo": "POST api_undo_decision",
    "access:approve": "POST api_approve_decision",
    "access:assign": "POST api_assign",
    "access:ask": "POST api_request_special_case",
    "access:approve_case": "POST api_approve_special_case",
    "access:reject_case": "POST api_reject_special_case",
    "access:confirm_case": "POST api_confirm_special_case",
    "access:withdraw_case": "POST api_withdraw_special_case",
    "access:policy": "PUT api_policy",
    "access:calendar": "PUT api_calendar",
    "access:offboard": "POST api_offboard",
    "access:reinstate": "POST api_reinstate",
    "access:merge": "POST api_merge_staff",
    "access:add_alias": "POST api_addresses",
    "access:end_alias": "POST api_end_alias",
    "people:change_roles": "POST api_change_roles",
    "people:add": "POST api_staff",
    "people:create_org_role": "POST api_org_roles",
    "people:rename_org_role": "PATCH api_org_role",
    "people:merge_org_role": "POST api_merge_org_role",
    "people:delete_org_role": "DELETE api_org_role",
    "people:confirm_complete": "POST api_confirm_complete",
    "integrations:connect": "POST api_connections",
    "integrations:sync": "POST api_sync",
    "integrations:disconnect": "POST api_disconnect",
    "integrations:reconnect": "POST api_reconnect",
    "integrations:accept": "POST api_accept",
    "integrations:discard": "POST api_discard",
    "workspaces:invite": "POST api_invitations",
    "workspaces:withdraw_invitation": "DELETE api_invitation",
    "workspaces:send_invitation_again": "POST api_send_invitation",
    "workspaces:change_member": "PATCH api_member",
    "workspaces:remove_member": "DELETE api_member",
    "workspaces:create_token": "POST api_tokens",
    "workspaces:revoke_token": "DELETE api_token",
    "workspaces:workspace": "PATCH api_workspace",
    "workspaces:verify_audit_log": "POST api_verify_audit_log",
}
# Page -> why there is nothing to pair it with, or why by another service.
REASONS = {
    "people:edit": "PATCH api_staff_member changes only what is named; the form has all of it",
    "people:imports": "a file for a person to look over; tools send rows to api_import_staff",
    "people:apply_import": "the preview of such a file",
    "people:choose_import": "the preview of such a file; tools say `same_person` with a row",
    "people:cancel_import": "the preview of such a file",
    "integrations:attempt_status": "the pop-up asking what became of it; tools read connections",
    "workspaces:join": "somebody who is no member yet shows that a mail reached them",
    "workspaces:switch": "a token belongs to one workspace",
    "webhook_truto": "no page: a provider's messages",
}
# Signing in, passwords, second factors, sessions: a person's own, for which no tool may stand in.
OF_PERSONS = ("account_", "mfa_", "usersessions_")


def posting() -> dict[str, routes.Route]:
    """Every page that takes a POST; "any" is what pages of the library take."""
    found = {each.name: each for each in routes.routes() if not each.is_api}
    takes = {"POST", "any"}
    free = ("home", "api_docs")  # shown, whatever the method
    return {name: each for name, each in found.items() if each.methods & takes and name not in free}


def services_of(start: Callable[..., Any]) -> set[Any]:
    """The services that a view or a method names, itself or through functions of its module."""
    found, seen, todo = set[Any](), set[Any](), [start]
    while todo:
        function = inspect.unwrap(todo.pop())
        if function in seen:
            continue
        seen.add(function)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = function.__globals__.get(node.value.id)
                if isinstance(module, ModuleType) and _has_acts(module.__name__):
                    found.add(getattr(module, node.attr))
            elif isinstance(node, ast.Name):
                other = inspect.unwrap(function.__globals__.get(node.id) or len)
                if isinstance(other, FunctionType) and other.__module__ == function.__module__:
                    todo.append(other)
    return {each for each in found if isinstance(each, FunctionType)}


def _has_acts(module: str) -> bool:
    return ".services" in module or module == "audit.selectors"  # where verifying is read from


def test_every_page_that_takes_a_post_is_paired_or_says_why_not() -> None:
    named = {*PAIRS, *REASONS}
    assert not set(PAIRS) & set(REASONS)
    assert {name for name in posting() if not name.startswith(OF_PERSONS)} == named
    assert len(PAIRS) > 40


def test_page_and_operation_of_a_pair_call_the_same_service() -> None:
    views = {name: view for name, _, view in routes.patterns(get_resolver().url_patterns)}
    for page, operation in PAIRS.items():
        method, name = operation.split()
        assert method in routes.policy()[name][2], operation
        endpoint = getattr(views[name].cls, method.lower())
        shared = services_of(views[page]) & services_of(endpoint)
        assert shared, f"{page} and {operation} have no service in common"


def test_services_of_another_operation_are_not_shared() -> None:
    """The comparison can fail: these do different things."""
    views = {name: view for name, _, view in routes.patterns()}
    endpoint = views["api_system"].cls.patch
    assert not services_of(views["access:remove"]) & services_of(endpoint)
    assert services_of(endpoint)
