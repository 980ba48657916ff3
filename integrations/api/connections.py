"""Endpoints of connections: reading them, connecting, reconnecting, disconnecting, syncing."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from rest_framework import serializers

from audit import clock
from integrations import selectors
from integrations import services as integrations
from integrations.api.runs import SyncRunData
from integrations.catalog import CATALOG
from integrations.models import ConnectAttempt, Connection, SyncRun
from integrations.providers.base import ProviderError
from workspaces.models import Workspace
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Endpoint, Item, Listing, acts
from workspaces.rest.fields import Choice, Flag, shown_as
from workspaces.rest.problems import Unavailable, Unprocessable

# "connecting" is promised to clients; so far a connection is made only once it is through.
STATES = (
    "connecting", "connected", "needs_reconnect", "cannot_read", "held", "disconnected",
)  # fmt: skip


class ConnectionData(serializers.ModelSerializer[Connection]):
    state = serializers.SerializerMethodField()
    syncing = serializers.SerializerMethodField()
    stale = serializers.SerializerMethodField()
    accounts = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = (
            "id",
            "integration",
            "organisation_id",
            "organisation_name",
            "state",
            "syncing",
            "stale",
            "trouble",
            "accounts",
            "read_at",
            "next_sync_at",
            "connected_at",
            "disconnected_at",
            "created_at",
        )

    def _state(self, connection: Connection) -> selectors.ConnectionState:
        """The states of a whole page are read at once."""
        if not hasattr(self, "states"):
            rows: Any = self.parent.instance if self.parent else [connection]
            self.states = selectors.connection_states(rows, clock.now())
        return self.states[connection.pk]

    @shown_as(Choice(choices=STATES))
    def get_state(self, connection: Connection) -> str:
        return self._state(connection).code

    def get_accounts(self, connection: Connection) -> int | None:
        return connection.snapshot.accounts if connection.snapshot else None

    def get_syncing(self, connection: Connection) -> bool:
        return self._state(connection).syncing

    def get_stale(self, connection: Connection) -> bool:
        return self._state(connection).stale


class ConnectInput(Body):
    integration = Choice(choices=list(CATALOG))
    acknowledged = Flag(help_text="True once the integration's `acknowledgment` is confirmed.")


class ConnectData(serializers.Serializer[Any]):
    """Where a person allows access; afterwards the connection is in the list."""

    id = serializers.UUIDField(help_text="Of this attempt to connect.")
    connect_url = serializers.URLField(help_text="For a browser; it works once.")
    expires_at = serializers.DateTimeField()


class Connections(Listing):
    """Connections of the workspace.

    Disconnected ones are included; `state` says how each is.
    """

    needs, needs_to_write = "integrations.view", "integrations.connect"
    answers = ConnectionData
    orderings = {
        "created_at": ("created_at", "id"),
        "-created_at": ("-created_at", "-id"),
        "organisation_name": ("organisation_name", "id"),
    }

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[Connection]:
        return selectors.for_workspace(workspace)

    @acts(takes=ConnectInput, answers=ConnectData, status=201, repeatable=False, asks_provider=True)
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Begin to connect a product.

        A person opens `connect_url` and allows access there. Asking again replaces the attempt.
        """
        return _link(
            self,
            lambda: integrations.start_connect(self.workspace, **data, user=self.user, by=self.by),
        )


class OneConnection(Item):
    """One connection."""

    needs, answers = "integrations.view", ConnectionData

    def rows(self, workspace: Workspace) -> QuerySet[Connection]:
        return selectors.for_workspace(workspace)


class _Act(Item):
    """An act on one connection; there is nothing to read here."""

    http_method_names = ["post"]
    needs = "integrations.view"

    def rows(self, workspace: Workspace) -> QuerySet[Connection]:
        return selectors.for_workspace(workspace).select_related("workspace")


class Sync(_Act):
    needs_to_write = "integrations.sync"

    @acts(answers=SyncRunData, status=202)
    def post(self, data: dict[str, Any], **kwargs: Any) -> SyncRun:
        """Read the list of users now.

        Where it is being read already, that run is given.
        """
        found = self.found()
        if found.authorisation != Connection.Authorisation.CONNECTED:
            raise Unprocessable("This connection cannot read. Reconnect it first.")
        trigger = SyncRun.Trigger.API
        return integrations.request_sync(found, trigger=trigger, user=self.user, by=self.by)


class Disconnect(_Act):
    needs_to_write = "integrations.connect"

    @acts(answers=ConnectionData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Connection:
        """Stop monitoring a connection; its evidence is kept."""
        return integrations.disconnect(self.found(), user=self.user, by=self.by)


class Reconnect(_Act):
    needs_to_write = "integrations.connect"

    @acts(answers=ConnectData, status=202, repeatable=False, asks_provider=True)
    def post(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Begin to renew a connection, which keeps all that hangs on it."""
        found = self.found()
        return _link(self, lambda: integrations.start_reconnect(found, user=self.user, by=self.by))


def _link(endpoint: Endpoint, start: Callable[[], ConnectAttempt]) -> dict[str, Any]:
    """Start an attempt and give out its link. Raises Unavailable where the provider is silent."""
    try:
        attempt = start()
        back = reverse("integrations:return_", args=[attempt.pk])
        url = integrations.link(attempt, return_url=endpoint.request.build_absolute_uri(back))
    except ProviderError as error:
        raise Unavailable(error.words) from error
    return {"id": attempt.pk, "connect_url": url, "expires_at": attempt.expires_at}
