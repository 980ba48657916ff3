"""Starts the sweeper in every worker."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs import sweeper  # noqa: F401 - connects itself to Celery's worker signals
