"""Hangs access's reactions on the acts of the apps below it, and names its things."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import reactions
        from audit import services as audit

        audit.register(reactions.REACTIONS)
        _name()


def _name() -> None:
    from access.models import Account, CriticalSystem
    from workspaces.naming import KINDS, Kind, first_of, of

    account = first_of("name", "email", "external_id")
    KINDS["account"] = Kind(of(Account), account, "access:account")
    organisation = first_of("connection__organisation_name", "integration")
    KINDS["system"] = Kind(of(CriticalSystem), organisation, "access:system")
