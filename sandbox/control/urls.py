"""The routes of the remote control."""

from django.urls import path

from sandbox.control import truto, world
from sandbox.control.gate import commands

urlpatterns = [
    path("reset", commands(POST=world.reset)),
    path("rate-limits", commands(POST=world.rate_limits)),
    path("organisations", commands(GET=world.list_organisations, POST=world.create_organisation)),
    path(
        "organisations/<uuid:pk>",
        commands(PATCH=world.change_organisation, DELETE=world.delete_organisation),
    ),
    path(
        "organisations/<uuid:pk>/users",
        commands(GET=world.list_users, POST=world.set_users),
    ),
    path("users/<str:user_id>", commands(PATCH=world.change_user, DELETE=world.delete_user)),
    path("approve", commands(POST=truto.approve)),
    path("link-tokens/expire", commands(POST=truto.expire_link_token)),
    path("accounts", commands(GET=truto.list_accounts)),
    path(
        "accounts/<uuid:pk>/faults",
        commands(POST=truto.set_faults, DELETE=truto.clear_faults),
    ),
    path("webhooks", commands(POST=truto.set_webhook)),
    path("deliveries", commands(GET=truto.list_deliveries)),
    path("deliveries/hold", commands(POST=truto.hold_deliveries)),
    path("deliveries/release", commands(POST=truto.release_deliveries)),
    path("deliveries/<int:pk>/resend", commands(POST=truto.resend_delivery)),
]
