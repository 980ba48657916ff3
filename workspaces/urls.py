"""Addresses of the house's own pages."""

from django.urls import path

from workspaces.views import house, joining, members

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
]
