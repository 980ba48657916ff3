"""What several pages of the integrations show around themselves: tabs, permissions, pop-up headers."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

from integrations import selectors
from integrations.models import Connection
from workspaces import permissions
from workspaces.models import Workspace
from workspaces.requests import WorkspaceRequest
from workspaces.views import frames

OPENER_POLICY = "Cross-Origin-Opener-Policy"


def tabs(current: str) -> list[dict[str, Any]]:
    """The tabs "Available" and "Connected"."""
    names = [("Available", "integrations:catalog"), ("Connected", "integrations:connected")]
    return frames.tabs(names, f"integrations:{current}")


def connected_lines(
    workspace: Workspace, integration: str, now: datetime
) -> list[tuple[Connection, selectors.ConnectionState]]:
    """The connections of one product, each with its state."""
    rows = list(selectors.for_workspace(workspace).filter(integration=integration))
    states = selectors.connection_states(rows, now)
    return [(row, states[row.id]) for row in rows]


def rights(request: WorkspaceRequest) -> dict[str, bool]:
    """What this person may do on the pages: can_connect, can_sync, can_decide."""
    return {
        f"can_{what}": permissions.allows(request.membership, f"integrations.{what}")
        for what in ("connect", "sync", "decide")
    }


def app_origin() -> str:
    """The origin whose pages the pop-up shows; only its messages are listened to."""
    parts = urlsplit(settings.TRUTO_APP_BASE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def opens_popups(response: HttpResponse) -> HttpResponse:
    """Let a page hear the pop-up that it opens; Django's default policy would cut the two apart."""
    response.headers[OPENER_POLICY] = "same-origin-allow-popups"
    return response


def inside_popup(response: HttpResponse) -> HttpResponse:
    """Let a page of ours in the pop-up keep its opener: any policy of its own would cut it off."""
    response.headers[OPENER_POLICY] = "unsafe-none"
    return response
