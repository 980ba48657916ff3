"""What a critical system is called, and which product it is of."""

from access.models import CriticalSystem
from integrations.catalog import CATALOG, Integration


def product_of(system: CriticalSystem) -> Integration:
    return CATALOG[system.integration]


def name_of(system: CriticalSystem) -> str:
    """ "Xero" while it waits for its organisation, then "Xero · the organisation's name"."""
    product = product_of(system).name
    if system.connection is None or not system.connection.organisation_name:
        return product
    return f"{product} · {system.connection.organisation_name}"
