"""Truto as a way in: it holds the product's authorisation, we hold a reference to it."""

from integrations.providers.truto.provider import TrutoConfig, TrutoProvider

__all__ = ["TrutoConfig", "TrutoProvider"]
