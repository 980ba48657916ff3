"""The ways in to connected products, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from integrations.providers.base import Pace, Provider
from integrations.providers.http import Limits
from integrations.providers.truto import TrutoConfig, TrutoProvider


class ProviderFactory(Protocol):
    """Makes a provider; `pace` is called before each of its requests."""

    def __call__(
        self,
        config: TrutoConfig,
        *,
        pace: Pace | None = None,
        limits: Limits | None = None,
    ) -> Provider: ...


PROVIDERS: Mapping[str, ProviderFactory] = {
    "truto": TrutoProvider,
}

__all__ = ["PROVIDERS", "TrutoConfig"]
