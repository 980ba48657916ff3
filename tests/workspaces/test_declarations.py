"""Every route says what it needs; one that does not is an error, never open."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch, get_resolver

from workspaces import permissions
from workspaces.middleware import WorkspaceMiddleware


def routes(patterns, namespace=""):
    for each in patterns:
        if hasattr(each, "url_patterns"):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from routes(each.url_patterns, inner)
        else:
            yield f"{namespace}{each.name}" if each.name else str(each.pattern), each.callback


def test_every_route_declares_what_it_needs():
    undeclared = {
        name
        for name, view in routes(get_resolver().url_patterns)
        if permissions.declared(view, name) is None and not name.startswith("account_")
    }
    assert undeclared == set()


def test_view_without_a_declaration_is_an_error(rf: RequestFactory):
    def view(request):
        return HttpResponse()

    request = rf.get("/somewhere/")
    request.resolver_match = ResolverMatch(view, (), {}, "somewhere", route="somewhere/")
    with pytest.raises(ImproperlyConfigured, match="does not declare"):
        WorkspaceMiddleware(lambda _: HttpResponse()).process_view(request, view, (), {})


def test_declaring_an_unknown_permission_is_an_error():
    with pytest.raises(ValueError, match="Unknown permission"):
        permissions.needs("people.everything")
