"""Addresses of the integrations' pages."""

from django.urls import path

from integrations.views import catalog, connecting, connections

app_name = "integrations"
urlpatterns = [
    path("", catalog.catalog, name="catalog"),
    path("connected/", catalog.connected, name="connected"),
    path("connect/<uuid:attempt_id>/", connecting.attempt_status, name="attempt_status"),
    path("connect/<uuid:attempt_id>/return/", connecting.return_, name="return_"),
    path("connect/waiting/", connecting.waiting, name="waiting"),
    path("connections/<uuid:connection_id>/", connections.connection, name="connection"),
    path("connections/<uuid:connection_id>/sync/", connections.sync, name="sync"),
    path("connections/<uuid:connection_id>/disconnect/", connecting.disconnect, name="disconnect"),
    path("connections/<uuid:connection_id>/reconnect/", connecting.reconnect, name="reconnect"),
    path("runs/<uuid:run_id>/held/", connections.held, name="held"),
    path("runs/<uuid:run_id>/accept/", connections.accept, name="accept"),
    path("runs/<uuid:run_id>/discard/", connections.discard, name="discard"),
    path("<slug:slug>/", catalog.integration, name="integration"),
    path("<slug:slug>/connect/", connecting.connect, name="connect"),
]
