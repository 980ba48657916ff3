"""The world that a contract test runs in: every provider, recorded and live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.contract.live import truto_live
from tests.providers.contract.worlds import World, truto_recorded
from tests.sandbox.conftest import listener, running, sandbox

__all__ = ["listener", "running", "sandbox"]

WORLDS = {
    ("truto", "recorded"): truto_recorded,
    ("truto", "live"): truto_live,
}


@pytest.fixture(params=sorted(WORLDS), ids="-".join)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with WORLDS[request.param](request) as made:
        yield made


@pytest.fixture
def worlds() -> frozenset[tuple[str, str]]:
    """Which providers are tested against what."""
    return frozenset(WORLDS)
