"""Django's entry for the sandbox, and the seeding of an empty database."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def fill_when_empty(using: str, **_: Any) -> None:
    """Seed after the first migrate, so that a fresh sandbox is never an empty room."""
    from sandbox.services import seed

    if using == "default":
        seed.fill_when_empty()


class SandboxConfig(AppConfig):
    name = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(fill_when_empty, sender=self)
