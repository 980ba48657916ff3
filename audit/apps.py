"""Puts the database's guards on the record and checks that they stand."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import guards

        post_migrate.connect(guards.create, sender=self)
        checks.register(checks.Tags.database)(guards.check)
