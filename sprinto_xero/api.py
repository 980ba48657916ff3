"""The addresses of the REST API, version 1, and its description."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.views import APIView

from access.api import (
    accounts,
    checks,
    decisions,
    explaining,
    history,
    identifying,
    leavers,
    policies,
    rules,
    special_cases,
    systems,
    tasks,
)
from integrations.api import catalog, connections, runs
from people.api import addresses, imports, org_roles, staff
from workspaces.api import audit_log, invitations, members, settings, tokens
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


# What follows /api/v1/, the view, and its name behind "api_".
VERSION_1: list[tuple[str, type[APIView], str]] = [
    ("integrations/", catalog.Integrations, "integrations"),
    ("integrations/<slug:slug>/", catalog.OneIntegration, "integration"),
    ("connections/", connections.Connections, "connections"),
    ("connections/<uuid:pk>/", connections.OneConnection, "connection"),
    ("connections/<uuid:pk>/sync/", connections.Sync, "sync"),
    ("connections/<uuid:pk>/disconnect/", connections.Disconnect, "disconnect"),
    ("connections/<uuid:pk>/reconnect/", connections.Reconnect, "reconnect"),
    ("sync-runs/", runs.SyncRuns, "sync_runs"),
    ("sync-runs/<uuid:pk>/", runs.OneSyncRun, "sync_run"),
    ("sync-runs/<uuid:pk>/held/", runs.Held, "held"),
    ("sync-runs/<uuid:pk>/accept/", runs.Accept, "accept"),
    ("sync-runs/<uuid:pk>/discard/", runs.Discard, "discard"),
    ("systems/", systems.Systems, "systems"),
    ("systems/<uuid:pk>/", systems.OneSystem, "system"),
    ("systems/<uuid:pk>/rule/", rules.Rule, "rule"),
    ("systems/<uuid:pk>/rule/preview/", rules.Preview, "rule_preview"),
    ("systems/<uuid:pk>/rule/add-role/", rules.AddRole, "add_role"),
    ("systems/<uuid:pk>/history/", history.SystemHistory, "system_history"),
    ("systems/<uuid:pk>/accounts/", accounts.SystemAccounts, "system_accounts"),
    ("accounts/waiting/", identifying.WaitingAccounts, "waiting_accounts"),
    ("accounts/identify-many/", identifying.IdentifyMany, "identify_many"),
    ("accounts/suggestions/preview/", identifying.PreviewSuggestions, "preview_suggestions"),
    ("accounts/suggestions/accept/", identifying.AcceptSuggestions, "accept_suggestions"),
    ("accounts/<uuid:pk>/", accounts.OneAccount, "account"),
    ("accounts/<uuid:pk>/identify/", identifying.Identify, "identify"),
    ("accounts/<uuid:pk>/decisions/", decisions.Decisions, "decisions"),
    ("decisions/<uuid:pk>/", decisions.OneDecision, "decision"),
    ("decisions/<uuid:pk>/undo/", decisions.Undo, "undo_decision"),
    ("decisions/<uuid:pk>/approve/", decisions.Approve, "approve_decision"),
    ("staff/", staff.Staff, "staff"),
    ("staff/import/", imports.Import, "import_staff"),
    ("staff/confirm-complete/", imports.ConfirmComplete, "confirm_complete"),
    ("staff/change-roles/", org_roles.ChangeRoles, "change_roles"),
    ("staff/<uuid:pk>/", staff.OneStaffMember, "staff_member"),
    ("staff/<uuid:pk>/offboard/", staff.Offboard, "offboard"),
    ("staff/<uuid:pk>/reinstate/", staff.Reinstate, "reinstate"),
    ("staff/<uuid:pk>/merge/", staff.Merge, "merge_staff"),
    ("staff/<uuid:pk>/addresses/", addresses.Addresses, "addresses"),
    ("staff/<uuid:pk>/addresses/end/", addresses.EndAlias, "end_alias"),
    ("offboarded/", leavers.Offboarded, "offboarded"),
    ("org-roles/", org_roles.OrgRoles, "org_roles"),
    ("org-roles/<uuid:pk>/", org_roles.OneOrgRole, "org_role"),
    ("org-roles/<uuid:pk>/merge/", org_roles.Merge, "merge_org_role"),
    ("checks/", checks.Checks, "checks"),
    ("checks/<slug:check_id>/days/", history.CheckDays, "check_days"),
    ("check-policies/", policies.Policies, "policies"),
    ("check-policies/<slug:check_id>/", policies.OnePolicy, "policy"),
    ("calendar/", policies.Calendar, "calendar"),
    ("tasks/", tasks.Tasks, "tasks"),
    ("tasks/assign/", tasks.Assign, "assign"),
    ("tasks/<uuid:pk>/", tasks.OneTask, "task"),
    ("tasks/<uuid:pk>/events/", tasks.TaskEvents, "task_events"),
    ("tasks/<uuid:pk>/explanation/", explaining.Explanation, "explanation"),
    (
        "tasks/<uuid:pk>/special-case/",
        special_cases.RequestSpecialCase,
        "request_special_case",
    ),
    ("special-cases/", special_cases.SpecialCases, "special_cases"),
    ("special-cases/<uuid:pk>/", special_cases.OneSpecialCase, "special_case"),
    ("special-cases/<uuid:pk>/file/", special_cases.File, "special_case_file"),
    ("special-cases/<uuid:pk>/approve/", special_cases.Approve, "approve_special_case"),
    ("special-cases/<uuid:pk>/reject/", special_cases.Reject, "reject_special_case"),
    ("special-cases/<uuid:pk>/confirm/", special_cases.Confirm, "confirm_special_case"),
    ("special-cases/<uuid:pk>/withdraw/", special_cases.Withdraw, "withdraw_special_case"),
    ("workspace/", settings.OneWorkspace, "workspace"),
    ("members/", members.Members, "members"),
    ("members/<uuid:pk>/", members.OneMember, "member"),
    ("invitations/", invitations.Invitations, "invitations"),
    ("invitations/<uuid:pk>/", invitations.OneInvitation, "invitation"),
    ("invitations/<uuid:pk>/send/", invitations.Send, "send_invitation"),
    ("tokens/", tokens.Tokens, "tokens"),
    ("tokens/<uuid:pk>/", tokens.OneToken, "token"),
    ("audit-events/", audit_log.AuditEvents, "audit_events"),
    ("audit-events/verify/", audit_log.Verify, "verify_audit_log"),
]
urlpatterns = [
    path("schema/", Schema.as_view(), name="api_schema"),
    path(
        "docs/",
        needs(PUBLIC)(TemplateView.as_view(template_name="api/docs.html")),
        name="api_docs",
    ),
    *(path(f"v1/{where}", view.as_view(), name=f"api_{name}") for where, view, name in VERSION_1),
]
