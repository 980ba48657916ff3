"""The sandbox's web application: one process, several threads, loopback only."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"
django_application = get_wsgi_application()

from sandbox import background, starting  # noqa: E402  (models need a loaded Django)

starting.prepare()
background.ensure_running()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; a server that loaded us before forking lost the thread: start it."""
    background.ensure_running()
    return django_application(environ, start_response)
