"""Addresses of the house's own pages."""

from django.urls import path

from workspaces.views import audit_log, house, joining, members, policy, settings, tokens

app_name = "workspaces"
urlpatterns = [
    path("healthz", house.healthz, name="healthz"),
    path("gallery/", house.gallery, name="gallery"),
    path("join/<str:secret>/", joining.join, name="join"),
    path("switch/", joining.switch, name="switch"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/invite/", members.invite, name="invite"),
    path("settings/members/<uuid:pk>/", members.change, name="change_member"),
    path("settings/members/<uuid:pk>/remove/", members.remove, name="remove_member"),
    path("settings/invitations/<uuid:pk>/withdraw/", members.withdraw, name="withdraw_invitation"),
    path("settings/invitations/<uuid:pk>/send/", members.send_again, name="send_invitation_again"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/create/", tokens.create, name="create_token"),
    path("settings/tokens/<uuid:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("settings/workspace/", settings.workspace, name="workspace"),
    path("settings/audit-log/", audit_log.audit_log, name="audit_log"),
    path("settings/audit-log/export/", audit_log.export, name="export_audit_log"),
    path("settings/audit-log/verify/", audit_log.verify, name="verify_audit_log"),
    path("help/permissions/", policy.policy, name="policy"),
]
