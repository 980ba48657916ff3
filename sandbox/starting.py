"""What happens when the web process starts: schema, seed, and the webhook from the environment."""

import uuid

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from sandbox.models import Webhook

PRESET_ID = uuid.UUID("5a9db0c5-0000-4000-8000-00000000c001")


def prepare() -> None:
    """Bring the database up to date and set the webhook that the environment names."""
    call_command("migrate", interactive=False, verbosity=0)
    preset_webhook()


@transaction.atomic
def preset_webhook() -> None:
    """Make, renew or remove the webhook of SANDBOX_WEBHOOK_URL."""
    if not settings.WEBHOOK_URL:
        Webhook.objects.filter(pk=PRESET_ID).delete()
        return
    Webhook.objects.update_or_create(
        pk=PRESET_ID,
        defaults={
            "target_url": settings.WEBHOOK_URL,
            "secret": settings.WEBHOOK_SECRET,
            "is_active": True,
            "failures_in_a_row": 0,
        },
    )
