"""All routes of the sandbox: pages, connect page, remote control, and the pretend Truto API."""

from django.urls import include, path

from sandbox.views import accounts, connect, organisations, webhooks

handler404 = "sandbox.middleware.not_found"

urlpatterns = [
    path("", organisations.home, name="home"),
    path("Settings/Users", organisations.users, name="users"),
    path("organisations/add", organisations.add, name="organisation_add"),
    path("organisations/<uuid:pk>", organisations.organisation, name="organisation"),
    path("organisations/<uuid:pk>/rename", organisations.rename, name="organisation_rename"),
    path("organisations/<uuid:pk>/users/add", organisations.add_user, name="user_add"),
    path("users/<str:user_id>", organisations.user, name="user"),
    path("users/<str:user_id>/remove", organisations.remove_user, name="user_remove"),
    path("accounts/<uuid:pk>", accounts.account, name="account"),
    path("accounts/<uuid:pk>/faults", accounts.fault, name="fault"),
    path("webhooks", webhooks.deliveries_page, name="webhooks"),
    path("webhooks/deliveries/<int:pk>/resend", webhooks.resend, name="resend"),
    path("connect-account", connect.start, name="connect"),
    path("connect-account/consent", connect.consent, name="consent"),
    path("connect-account/finished", connect.finished, name="finished"),
    path("_control/", include("sandbox.control.urls")),
    path("", include("sandbox.api.urls")),
]
