"""Tests of workspaces: a page whose transaction the database ended for another one's sake."""

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from workspaces.middleware import RepeatMiddleware


class Deadlock(Exception):
    pgcode = "40P01"


class Full(Exception):
    pgcode = "53100"


def lost(cause=Deadlock):
    error = OperationalError("deadlock detected")
    error.__cause__ = cause()
    return error


def asked(view, **marks):
    for name, value in marks.items():
        setattr(view, name, value)
    request = RequestFactory().post("/people/3/")
    request.resolver_match = ResolverMatch(view, (), {"number": 3})
    return request


def answer(request, error):
    return RepeatMiddleware(lambda request: HttpResponse()).process_exception(request, error)


def test_view_that_lost_is_called_once_more_with_what_it_was_asked():
    request = asked(lambda request, number: HttpResponse(f"{request.method} {number}"))
    assert answer(request, lost()).content == b"POST 3"


@pytest.mark.parametrize("error", [lost(Full), ValueError("wrong")])
def test_view_that_failed_otherwise_is_not_repeated(error):
    assert answer(asked(lambda request, number: HttpResponse()), error) is None


def test_endpoint_of_the_api_repeats_its_act_itself():
    view = asked(lambda request, number: HttpResponse(), cls=object)
    assert answer(view, lost()) is None


def test_view_that_loses_again_is_told_as_the_error_it_is():
    def view(request, number):
        raise lost()

    assert answer(asked(view), lost()) is None
