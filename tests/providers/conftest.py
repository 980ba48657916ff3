"""A misbehaving server and clients that talk to it, for every test of the providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integrations.providers.http import Egress, Limits
from tests.providers.bad_server import TOKEN, BadServer


@pytest.fixture
def server() -> Iterator[BadServer]:
    running = BadServer()
    yield running
    running.stop()


@pytest.fixture
def make_egress(server: BadServer) -> Iterator[Callable[..., Egress]]:
    made: list[Egress] = []

    def make(pace: Callable[[], None] = lambda: None, **bounds: float) -> Egress:
        limits = Limits(**{"backoff": 0.01, "total": 10, **bounds})  # type: ignore[arg-type]
        made.append(Egress(server.url, token=TOKEN, pace=pace, limits=limits))
        return made[-1]

    yield make
    for egress in made:
        egress.close()
