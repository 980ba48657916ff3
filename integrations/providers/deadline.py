"""A deadline that holds for every read from a socket, however slowly the other side drips."""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Deadline:
    """An instant of the monotonic clock by which a call must be over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until the end, never below zero."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def over(self) -> bool:
        return self.left() == 0.0


CURRENT: ContextVar[Deadline] = ContextVar("egress_deadline")
"""The deadline of the call in progress. A read time-out alone starts anew with every byte."""


class DeadlineAdapter(HTTPAdapter):
    """An adapter whose connections obey the current deadline in headers and body alike."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _HttpPool,
            "https": _HttpsPool,
        }


class _TimedStream(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        self._patience = sock.gettimeout()
        self._stream = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        if not left:
            raise TimeoutError("the deadline of this call is over")
        self._sock.settimeout(left if self._patience is None else min(left, self._patience))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = CURRENT.get(None)
        if deadline is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_TimedStream(sock, deadline))


class _Http(HTTPConnection):
    response_class = _TimedResponse


class _Https(HTTPSConnection):
    response_class = _TimedResponse


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https
