"""Names the app of integrations and its things."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from integrations.models import Connection
        from workspaces.naming import KINDS, Kind, first_of, of

        organisation = first_of("organisation_name", "integration")
        KINDS["connection"] = Kind(of(Connection), organisation, "integrations:connection")
