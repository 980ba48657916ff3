"""The WSGI entry point of the web process."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")

django_application = get_wsgi_application()
UTF_8 = frozenset({"utf-8", "utf8"})
WORDS = b"Send text as UTF-8; this charset is not read here. Nothing was changed.\n"
HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(WORDS))),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; one in another charset than UTF-8 gets 415 before Django reads it.

    Django takes the charset for its addresses and forms too: with some codecs it fails before any
    middleware, with others a NUL byte comes out of an address that held none.
    """
    if not _is_utf_8(environ.get("CONTENT_TYPE", "")):
        start_response("415 Unsupported Media Type", HEADERS)
        return [WORDS]
    return django_application(environ, start_response)


def _is_utf_8(content_type: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
    except Exception:  # what fails here would fail in Django, past every handler
        return False
    return parameters.get("charset", "utf-8").lower() in UTF_8
