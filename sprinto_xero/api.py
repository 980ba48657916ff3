"""The addresses of the REST API, version 1, and its description."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView

from access.api import accounts, checks, rules, special_cases, systems, tasks
from integrations.api import catalog, connections, runs
from people.api import imports, org_roles, staff
from workspaces.api import audit_log, members
from workspaces.permissions import PUBLIC, needs


class Schema(SpectacularAPIView):  # type: ignore[misc]
    """OpenAPI 3; holds no data, so that tools can be generated without a token."""

    needs = PUBLIC
    authentication_classes = ()
    throttle_classes = ()

    @extend_schema(exclude=True)  # type: ignore[untyped-decorator]
    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        name = f'inline; filename="openapi.{renderer.format}"'
        headers = {"Content-Type": renderer.media_type, "Content-Disposition": name}
        return HttpResponse(rendered(renderer.format), headers=headers)


@cache
def rendered(kind: str) -> str | bytes:
    """The description, made once for each format: strangers may ask, and making it takes long."""
    renderer = next(each for each in Schema.renderer_classes if each.format == kind)
    said: str | bytes = renderer().render(SchemaGenerator().get_schema(public=True), None, {})
    return said


urlpatterns = [
    path("schema/", Schema.as_view(), name="api_schema"),
    path(
        "docs/",
        needs(PUBLIC)(TemplateView.as_view(template_name="api/docs.html")),
        name="api_docs",
    ),
    path("v1/integrations/", catalog.Integrations.as_view(), name="api_integrations"),
    path("v1/integrations/<slug:slug>/", catalog.OneIntegration.as_view(), name="api_integration"),
    path("v1/connections/", connections.Connections.as_view(), name="api_connections"),
    path("v1/connections/<uuid:pk>/", connections.OneConnection.as_view(), name="api_connection"),
    path("v1/connections/<uuid:pk>/sync/", connections.Sync.as_view(), name="api_sync"),
    path(
        "v1/connections/<uuid:pk>/disconnect/",
        connections.Disconnect.as_view(),
        name="api_disconnect",
    ),
    path(
        "v1/connections/<uuid:pk>/reconnect/",
        connections.Reconnect.as_view(),
        name="api_reconnect",
    ),
    path("v1/sync-runs/", runs.SyncRuns.as_view(), name="api_sync_runs"),
    path("v1/sync-runs/<uuid:pk>/", runs.OneSyncRun.as_view(), name="api_sync_run"),
    path("v1/sync-runs/<uuid:pk>/accept/", runs.Accept.as_view(), name="api_accept"),
    path("v1/sync-runs/<uuid:pk>/discard/", runs.Discard.as_view(), name="api_discard"),
    path("v1/systems/", systems.Systems.as_view(), name="api_systems"),
    path("v1/systems/<uuid:pk>/", systems.OneSystem.as_view(), name="api_system"),
    path("v1/systems/<uuid:pk>/rule/", rules.Rule.as_view(), name="api_rule"),
    path("v1/systems/<uuid:pk>/rule/preview/", rules.Preview.as_view(), name="api_rule_preview"),
    path(
        "v1/systems/<uuid:pk>/accounts/",
        accounts.SystemAccounts.as_view(),
        name="api_system_accounts",
    ),
    path("v1/accounts/<uuid:pk>/", accounts.OneAccount.as_view(), name="api_account"),
    path("v1/accounts/<uuid:pk>/identify/", accounts.Identify.as_view(), name="api_identify"),
    path("v1/staff/", staff.Staff.as_view(), name="api_staff"),
    path("v1/staff/import/", imports.Import.as_view(), name="api_import_staff"),
    path("v1/staff/<uuid:pk>/", staff.OneStaffMember.as_view(), name="api_staff_member"),
    path("v1/staff/<uuid:pk>/offboard/", staff.Offboard.as_view(), name="api_offboard"),
    path("v1/staff/<uuid:pk>/reinstate/", staff.Reinstate.as_view(), name="api_reinstate"),
    path("v1/staff/<uuid:pk>/merge/", staff.Merge.as_view(), name="api_merge_staff"),
    path("v1/org-roles/", org_roles.OrgRoles.as_view(), name="api_org_roles"),
    path("v1/org-roles/<uuid:pk>/", org_roles.OneOrgRole.as_view(), name="api_org_role"),
    path("v1/org-roles/<uuid:pk>/merge/", org_roles.Merge.as_view(), name="api_merge_org_role"),
    path("v1/checks/", checks.Checks.as_view(), name="api_checks"),
    path("v1/tasks/", tasks.Tasks.as_view(), name="api_tasks"),
    path("v1/tasks/<uuid:pk>/", tasks.OneTask.as_view(), name="api_task"),
    path("v1/tasks/<uuid:pk>/events/", tasks.TaskEvents.as_view(), name="api_task_events"),
    path(
        "v1/tasks/<uuid:pk>/special-case/",
        special_cases.RequestSpecialCase.as_view(),
        name="api_request_special_case",
    ),
    path("v1/special-cases/", special_cases.SpecialCases.as_view(), name="api_special_cases"),
    path(
        "v1/special-cases/<uuid:pk>/",
        special_cases.OneSpecialCase.as_view(),
        name="api_special_case",
    ),
    *(
        path(f"v1/special-cases/<uuid:pk>/{what}/", view.as_view(), name=f"api_{what}_special_case")
        for what, view in (
            ("approve", special_cases.Approve),
            ("reject", special_cases.Reject),
            ("confirm", special_cases.Confirm),
            ("withdraw", special_cases.Withdraw),
        )
    ),
    path("v1/members/", members.Members.as_view(), name="api_members"),
    path("v1/members/<uuid:pk>/", members.OneMember.as_view(), name="api_member"),
    path("v1/audit-events/", audit_log.AuditEvents.as_view(), name="api_audit_events"),
]
