"""The project: joins the apps, owns nothing."""

from sprinto_xero.celery import app as celery_app

__all__ = ["celery_app"]
