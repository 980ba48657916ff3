"""A story told in a process of its own: connect, and wait for a real worker to read and judge."""

import sys
import time
from urllib.parse import parse_qs, urlsplit

import django
import requests

django.setup()

from django.conf import settings  # noqa: E402

from audit import services as audit  # noqa: E402
from integrations.models import SyncRun  # noqa: E402
from integrations.services import attempts, connecting, syncing  # noqa: E402
from workspaces import services as workspaces  # noqa: E402
from workspaces.models import User  # noqa: E402
from workspaces.permissions import Role  # noqa: E402

BY = audit.Actor(kind="command", label="test")
PATIENCE = 90.0  # seconds


def allow(url: str) -> None:
    """Say yes on the connect page, as a person would in the pop-up."""
    token = parse_qs(urlsplit(url).query)["link_token"][0]
    requests.post(
        f"{settings.TRUTO_APP_BASE_URL}/_control/approve",
        json={"link_token": token, "organisation": "Demo Company (Sandbox)"},
        headers={"X-Sandbox-Control": settings.TRUTO_API_TOKEN},
        timeout=10,
    ).raise_for_status()


def outcome(run_id: object) -> SyncRun:
    """The run, as soon as it is over."""
    deadline = time.monotonic() + PATIENCE
    while (run := SyncRun.objects.get(pk=run_id)).state in ("pending", "running"):
        if time.monotonic() > deadline:
            sys.exit(f"the run is still {run.state} after {PATIENCE} s")
        time.sleep(0.1)
    return run


def main() -> None:
    """Print how many accounts the worker's two runs found, and what the record says."""
    workspace = workspaces.found("Example Company", by=BY)
    user = User.objects.create_user("admin@example.test", "correct horse battery")
    workspaces.add_member(workspace, user=user, role=Role.ADMIN, by=BY)
    attempt = attempts.start_connect(
        workspace, integration="xero", user=user, acknowledged=True, by=BY
    )
    allow(attempts.link(attempt, return_url="http://localhost/back/"))
    connection = connecting.look_at(attempt, by=BY).connection
    first = outcome(connection.runs.get().pk)
    second = outcome(syncing.request_sync(connection, trigger=SyncRun.Trigger.BUTTON, by=BY).pk)
    for run in (first, second):
        print(run.trigger, run.state, run.found, run.error)


if __name__ == "__main__":
    main()
