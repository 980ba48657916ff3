"""The request as the rest of the house sees it once the middleware has let it in."""

import uuid

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from audit.services import Actor
from workspaces.models import Membership, User, Workspace


class WorkspaceRequest(HttpRequest):
    """A request of a signed-in member; only for type annotations."""

    user: User
    workspace: Workspace
    membership: Membership
    memberships: list[Membership]  # of this person, in all workspaces
    actor: Actor
    htmx: HtmxDetails


def actor_of(request: HttpRequest, user: User) -> Actor:
    """The acting person, with where the act came from."""
    return Actor(
        kind="user",
        id=str(user.pk),
        label=user.label,
        ip=client_ip(request),
        request_id=request.headers.get("x-request-id", "")[:64] or uuid.uuid4().hex,
    )


def client_ip(request: HttpRequest) -> str:
    """Where a request comes from: behind trusted proxies, what the outermost of them saw."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
    if proxies and len(hops) >= proxies:
        return str(hops[-proxies])[:45]
    return str(request.META.get("REMOTE_ADDR", ""))
