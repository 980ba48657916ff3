"""Hangs access's reactions on the acts of the apps below it."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import reactions
        from audit import services as audit

        audit.register(reactions.REACTIONS)
