"""Pages of the catalog: what can be connected, what is, and one product's page."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import clock
from checks.rules import BY_ID
from integrations import selectors
from integrations.catalog import CATALOG, Integration
from integrations.views import frames
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("integrations.view")
@require_safe
def catalog(request: WorkspaceRequest) -> HttpResponse:
    """Every product that can be connected."""
    shown = {"products": list(CATALOG.values()), "tabs": frames.tabs("catalog")}
    return render(request, "integrations/catalog.html", shown | frames.rights(request))


@needs("integrations.view")
@require_safe
def connected(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's connections, each with its state."""
    rows, now = list(selectors.for_workspace(request.workspace)), clock.now()
    states = selectors.connection_states(rows, now)
    shown = {
        "lines": [(row, states[row.id], CATALOG[row.integration]) for row in rows],
        "tabs": frames.tabs("connected"),
        "now": now,
    }
    return render(request, "integrations/connected.html", shown | frames.rights(request))


@needs("integrations.view")
@require_safe
def integration(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """One product's page: what is read and why, what it takes, and the way in."""
    product = CATALOG.get(slug)
    if product is None:
        raise Http404
    now = clock.now()
    named = selectors.attempt(request.workspace, request.GET.get("attempt", ""))
    shown = {
        "product": product,
        "references": references(product),
        "permissions": permissions_of(product),
        "lines": frames.connected_lines(request.workspace, slug, now),
        "attempt": named or selectors.going_on(request.workspace, request.user, slug, now),
        "app_origin": frames.app_origin(),
        "now": now,
    }
    page = render(request, "integrations/integration.html", shown | frames.rights(request))
    return frames.opens_popups(page)


def references(product: Integration) -> list[tuple[str, tuple[str, ...]]]:
    """Rows of "Sprinto check" | "Reference procedure"."""
    return [(BY_ID[row.check].title(product.name), row.procedure) for row in product.references]


def permissions_of(product: Integration) -> list[dict[str, object]]:
    """Rows of the permission table, the checks by their titles."""
    return [
        {
            "reads": row.reads,
            "endpoint": row.endpoint,
            "why": row.why,
            "checks": [BY_ID[check].title(product.name) for check in row.checks],
        }
        for row in product.permissions
    ]
