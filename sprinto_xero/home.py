"""The address "/": it leads to the page that each person works on."""

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from workspaces import permissions
from workspaces.permissions import USER, needs


@needs(USER)
def home(request: HttpRequest) -> HttpResponseRedirect:
    """Access, or the own tasks for whoever sees nothing else."""
    membership = getattr(request, "membership", None)
    sees_all = membership is None or permissions.allows(membership, "access.view")
    return HttpResponseRedirect(reverse("access:systems" if sees_all else "access:work"))
