"""A real HTTP server in a thread that answers as badly as a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

TOKEN = "secret-api-token-for-tests"
Script = Callable[[socket.socket], None]


class BadServer:
    """Speaks raw bytes, one connection per request; the last script repeats."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.scripts: list[Script] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def plays(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    def answers(self, status: int, body: bytes = b"{}", headers: str = "") -> None:
        self.plays(answer(status, body, headers))

    def stop(self) -> None:
        """Closing alone would leave the thread waiting in accept()."""
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _answer(self, link: socket.socket) -> None:
        with link:
            received = b""
            while b"\r\n\r\n" not in received:
                more = link.recv(65536)
                if not more:
                    return
                received += more
            self.requests.append(received.decode("latin-1"))
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            try:
                script(link)
            except OSError:
                return  # the client has had enough, as it should


def answer(status: int, body: bytes = b"{}", headers: str = "") -> Script:
    """A whole, well-formed answer."""

    def play(link: socket.socket) -> None:
        head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n{headers}"
        link.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)

    return play
