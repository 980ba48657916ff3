"""The very entry of the web process: no charset makes Django fail before any of its handlers."""

from collections.abc import Iterator
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.signals import request_started
from django.db import close_old_connections

from sprinto_xero.wsgi import application


def status(content_type: str, query: str = "x=%41") -> str:
    environ = {"CONTENT_TYPE": content_type, "QUERY_STRING": query, "wsgi.input": BytesIO()}
    environ |= {"HTTP_HOST": "localhost", "PATH_INFO": "/healthz"}
    setup_testing_defaults(environ)
    said: list[str] = []
    b"".join(application(environ, lambda line, headers: said.append(line)))
    return said[0]


@pytest.mark.parametrize("charset", ["idna", "hex", "undefined", "rot13", "utf-7", "utf-16", "x"])
def test_charset_other_than_utf_8_is_refused_in_words(charset: str) -> None:
    assert status(f"text/plain; charset={charset}") == "415 Unsupported Media Type"


@pytest.mark.parametrize("kind", ["text/plain; charset*=zz''utf-8", "a/b; charset*=idna''%41"])
def test_charset_that_cannot_be_read_is_refused(kind: str) -> None:
    assert status(kind) == "415 Unsupported Media Type"


@pytest.fixture
def kept_connection(db: None) -> Iterator[None]:
    """As Django's own test client: the start of a request must not close the test's connection."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("kind", ["", "x", "text/plain", "text/plain; charset=UTF-8", "a/b;;;="])
def test_what_is_utf_8_or_does_not_say_goes_on(kind: str) -> None:
    assert status(kind) == "200 OK"
