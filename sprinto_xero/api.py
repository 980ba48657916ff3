"""The addresses of the REST API, version 1, and its description."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from access import api as access
from integrations import api as integrations
from workspaces.permissions import PUBLIC


class Schema(SpectacularAPIView):  # type: ignore[misc]
    """OpenAPI 3; holds no data, so that tools can be generated without a token."""

    needs = PUBLIC
    authentication_classes = ()


urlpatterns = [
    path("schema/", Schema.as_view(), name="api_schema"),
    path("v1/connections/", integrations.Connections.as_view()),
    path("v1/connections/<uuid:pk>/", integrations.OneConnection.as_view()),
    path("v1/sync-runs/", integrations.SyncRuns.as_view()),
    path("v1/sync-runs/<uuid:pk>/", integrations.OneSyncRun.as_view()),
    path("v1/systems/", access.Systems.as_view()),
    path("v1/systems/<uuid:pk>/", access.OneSystem.as_view()),
    path("v1/systems/<uuid:pk>/accounts/", access.SystemAccounts.as_view()),
    path("v1/tasks/", access.Tasks.as_view()),
    path("v1/tasks/<uuid:pk>/", access.OneTask.as_view()),
    path("v1/tasks/<uuid:pk>/events/", access.TaskEvents.as_view()),
]
