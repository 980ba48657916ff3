"""The routes of the pretend Truto API."""

from typing import Any

from django.urls import path

from sandbox.api import accounts, data, link_tokens, webhooks
from sandbox.api.gate import Call, methods


def ping(call: Call) -> dict[str, Any]:
    """Answer `GET /ping`."""
    return {"message": "pong"}


ACCOUNT = "integrated-account"

urlpatterns = [
    path("ping", methods(GET=ping)),
    path("link-token", methods(POST=link_tokens.create)),
    path(ACCOUNT, methods(GET=accounts.list_accounts)),
    path(f"{ACCOUNT}/token", methods(POST=accounts.token)),
    path(f"{ACCOUNT}/refresh-credentials", methods(POST=accounts.refresh_credentials)),
    path(f"{ACCOUNT}/run-post-install-actions", methods(POST=accounts.run_post_install_actions)),
    path(f"{ACCOUNT}/bulk-delete", methods(POST=accounts.bulk_delete)),
    path(f"{ACCOUNT}/me", methods(GET=accounts.read_own, PATCH=accounts.change_own)),
    path(
        f"{ACCOUNT}/<str:account_id>",
        methods(GET=accounts.read, PATCH=accounts.change, DELETE=accounts.delete),
    ),
    path(f"{ACCOUNT}/<str:account_id>/capabilities", methods(GET=accounts.capabilities)),
    path("unified/user-directory/users", methods(GET=data.unified_users)),
    path("unified/accounting/company_info", methods(GET=data.company_list)),
    path(
        "unified/accounting/company_info/<uuid:company_id>",
        methods(GET=data.company_read),
    ),
    path("unified/<path:rest>", methods(GET=data.unsupported)),
    path("proxy/users", methods(GET=data.proxy_users)),
    path("proxy/<path:rest>", methods(GET=data.unsupported)),
    path("webhook", methods(GET=webhooks.list_all, POST=webhooks.create)),
    path("webhook/test", methods(POST=webhooks.test)),
    path(
        "webhook/<str:webhook_id>",
        methods(GET=webhooks.read, PATCH=webhooks.change, DELETE=webhooks.delete),
    ),
]
