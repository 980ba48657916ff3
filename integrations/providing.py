"""Makes the provider of a product from the settings, at the pace that its limits allow."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from integrations.catalog import CATALOG
from integrations.pacing import pace, truto_buckets
from integrations.providers import PROVIDERS, TrutoConfig
from integrations.providers.base import Provider
from integrations.providers.http import Limits

# What a page, and a look over many rows, may wait for: others wait behind them. Seconds.
PATIENCE = 3.0  # for its turn
BRIEF = Limits(connect=3, read=8, total=10, retries=1, longest_wait=1)


def config() -> TrutoConfig:
    """Where Truto is and who we are there, as the settings say at this moment."""
    return TrutoConfig(
        api_base_url=settings.TRUTO_API_BASE_URL,
        app_base_url=settings.TRUTO_APP_BASE_URL,
        api_token=settings.TRUTO_API_TOKEN,
        webhook_secrets=tuple(settings.TRUTO_WEBHOOK_SECRETS),
        environment_id=settings.TRUTO_ENVIRONMENT_ID or None,
    )


def provider_for(
    integration: str,
    *,
    ref: str | None = None,
    patience: float = PATIENCE,
    limits: Limits = BRIEF,
) -> Provider:
    """The provider of a product of the catalog; close it after use, or use `provider`.

    `ref` is the connection that will be read, so that its own limit is kept as well; `patience` is
    how many seconds a request may wait for its turn, `limits` how long its answer may take: a run
    of its own may have more of both. Raises KeyError for an unknown product.
    """
    found = config()
    token_name = hashlib.sha256(found.api_token.encode()).hexdigest()[:12]
    turn = pace(truto_buckets(token_name, ref), patience=patience)
    return PROVIDERS[CATALOG[integration].provider](found, pace=turn, limits=limits)


def event_reader(name: str) -> Provider:
    """The provider `name`, only to verify and read its webhooks; it asks nothing of the network."""
    return PROVIDERS[name](config())


@contextmanager
def provider(
    integration: str,
    *,
    ref: str | None = None,
    patience: float = PATIENCE,
    limits: Limits = BRIEF,
) -> Iterator[Provider]:
    """`provider_for` that lets go of its network connections at the end."""
    made = provider_for(integration, ref=ref, patience=patience, limits=limits)
    try:
        yield made
    finally:
        made.close()
