"""All addresses of the project."""

from django.urls import include, path

from integrations import webhooks
from sprinto_xero.home import home
from workspaces import sign_in

handler400 = "workspaces.edge.bad_request"

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
