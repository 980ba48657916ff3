"""All addresses of the project."""

from django.urls import include, path
from django.views.generic import RedirectView

from integrations import webhooks
from workspaces import sign_in
from workspaces.permissions import PUBLIC, needs

home = needs(PUBLIC)(RedirectView.as_view(url="/access/"))

urlpatterns = [
    path("", home, name="home"),
    path("accounts/", include(sign_in.routes())),
    path("access/", include("access.urls")),
    path("api/", include("sprinto_xero.api")),
    path("people/", include("people.urls")),
    path("integrations/", include("integrations.urls")),
    path("webhooks/truto/", webhooks.truto, name="webhook_truto"),
    path("", include("workspaces.urls")),
]
