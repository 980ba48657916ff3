"""The request as the rest of the house sees it once the middleware has let it in."""

import structlog
from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from audit.services import Actor
from workspaces.models import Membership, User, Workspace

SHOWN_FOR = "shown-for-workspace"  # a hidden field of every form, and "X-" before it a header


class WorkspaceRequest(HttpRequest):
    """A request of a signed-in member; only for type annotations."""

    user: User
    workspace: Workspace
    membership: Membership
    memberships: list[Membership]  # of this person, in all workspaces
    actor: Actor
    htmx: HtmxDetails


def acting(
    request: HttpRequest, kind: str, *, id: str = "", label: str = "", token_id: str = ""
) -> Actor:
    """Whoever acts by this request; its id is the one that the log's lines carry."""
    known = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    return Actor(
        kind=kind,
        id=id,
        label=label,
        ip=client_ip(request),
        request_id=known,
        token_id=token_id,
    )


def actor_of(request: HttpRequest, user: User) -> Actor:
    """The acting person, with where the act came from."""
    return acting(request, "user", id=str(user.pk), label=user.label)


def shown_for(request: HttpRequest) -> str:
    """The id of the workspace whose page sent this; "" where nothing says so."""
    header = request.headers.get(f"x-{SHOWN_FOR}", "")
    return header or (request.POST.get(SHOWN_FOR, "") if request.method == "POST" else "")


def client_ip(request: HttpRequest) -> str:
    """Where a request comes from: behind trusted proxies, what the outermost of them saw.

    A request that did not come through all of them counts as coming from where it connected.
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    seen = hops[-proxies] if 0 < proxies <= len(hops) else ""
    connected = str(request.META.get("REMOTE_ADDR", ""))
    return str(clean_client_ip(seen) or clean_client_ip(connected) or "")
