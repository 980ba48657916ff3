"""The Celery application: messages are doorbells, the truth is in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")

app = Celery("sprinto_xero")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
