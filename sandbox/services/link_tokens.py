"""Link tokens: made by a back end, used up once by the connect page, dead after seven days."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from sandbox.models import IntegratedAccount, LinkToken

LIFE = timedelta(days=7)


def create(*, tenant_id: str, account: IntegratedAccount | None, **fields: Any) -> LinkToken:
    """Make a token for a new connection, or for the given one."""
    return LinkToken.objects.create(
        tenant_id=tenant_id, account=account, expires_at=timezone.now() + LIFE, **fields
    )


def usable(token: str) -> LinkToken | None:
    """Find a token that can still be used."""
    return (
        LinkToken.objects.select_related("account")
        .filter(token=token, used_at=None, expires_at__gt=timezone.now())
        .first()
    )


def return_address(token: str) -> str:
    """Give the return address of a token, also of one that is spent: its owner wants to hear so."""
    return (
        LinkToken.objects.filter(token=token).values_list("redirect_uri", flat=True).first() or ""
    )


def use_up(token: LinkToken) -> bool:
    """Use a token; false when somebody else was faster, or it died meanwhile."""
    now = timezone.now()
    fresh = LinkToken.objects.filter(pk=token.pk, used_at=None, expires_at__gt=now)
    return fresh.update(used_at=now) == 1


def expire(token: LinkToken) -> None:
    """Let a token's seven days be over now."""
    token.expires_at = timezone.now()
    token.save(update_fields=["expires_at"])
