"""The egress client against a server that misbehaves over a real socket."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable

import pytest

from integrations.providers.base import Malformed, ProviderError, Refused, TryLater
from integrations.providers.http import Egress, origin
from tests.providers.bad_server import TOKEN, BadServer, answer

Make = Callable[..., Egress]


def drip(opening: bytes, every: float = 0.1) -> Callable[[socket.socket], None]:
    def play(link: socket.socket) -> None:
        link.sendall(opening)
        while True:
            time.sleep(every)
            link.sendall(b"x")

    return play


def test_get_sends_token_and_query_and_asks_for_json(server: BadServer, make_egress: Make) -> None:
    server.answers(200, b'{"a": 1}')

    got = make_egress().get("/some/path", {"limit": 5, "integration.name": "xero"})

    assert (got.status, got.body) == (200, b'{"a": 1}')
    sent = server.requests[0]
    assert sent.startswith("GET /some/path?limit=5&integration.name=xero HTTP/1.1")
    assert f"Authorization: Bearer {TOKEN}" in sent
    assert "Accept: application/json" in sent


def test_get_keeps_to_the_deadline_when_the_body_drips(
    server: BadServer, make_egress: Make
) -> None:
    server.plays(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"))
    began = time.monotonic()

    with pytest.raises(TryLater, match="in time"):
        make_egress(total=0.6, read=0.4).get("/users")

    assert time.monotonic() - began < 2


def test_get_keeps_to_the_deadline_when_the_headers_drip(
    server: BadServer, make_egress: Make
) -> None:
    server.plays(drip(b"HTTP/1.1 200 OK\r\nX-Slow: "))
    began = time.monotonic()

    with pytest.raises(TryLater, match="in time"):
        make_egress(total=0.6, read=0.4).get("/users")

    assert time.monotonic() - began < 2


def test_get_gives_up_when_nothing_comes(server: BadServer, make_egress: Make) -> None:
    server.plays(lambda link: time.sleep(3))
    began = time.monotonic()

    with pytest.raises(TryLater, match="in time"):
        make_egress(read=0.2, retries=0).get("/users")

    assert time.monotonic() - began < 2


def test_get_stops_reading_a_body_of_100_megabytes(server: BadServer, make_egress: Make) -> None:
    sent: list[int] = []

    def flood(link: socket.socket) -> None:
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(100):
            link.sendall(b" " * 1_000_000)
            sent.append(1_000_000)

    server.plays(flood)

    with pytest.raises(Malformed, match="larger"):
        make_egress(body_bytes=2_000_000).get("/users")

    assert sum(sent) < 50_000_000
    assert len(server.requests) == 1


def test_get_stops_unpacking_a_gzip_bomb(server: BadServer, make_egress: Make) -> None:
    server.answers(200, gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip\r\n")

    with pytest.raises(Malformed, match="larger"):
        make_egress(body_bytes=2_000_000).get("/users")


def test_get_refuses_compression_that_cannot_be_read(server: BadServer, make_egress: Make) -> None:
    server.answers(200, b"not gzip at all", "Content-Encoding: gzip\r\n")

    with pytest.raises(Malformed, match="compression"):
        make_egress().get("/users")


def test_get_does_not_follow_a_redirect(server: BadServer, make_egress: Make) -> None:
    server.answers(302, b"", "Location: /elsewhere\r\n")

    assert make_egress().get("/users").status == 302
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_get_tries_again_after_a_passing_failure(
    server: BadServer, make_egress: Make, status: int
) -> None:
    server.plays(answer(status), answer(200))

    assert make_egress().get("/users").status == 200
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 501, 503])
def test_get_does_not_repeat_a_lasting_failure(
    server: BadServer, make_egress: Make, status: int
) -> None:
    server.answers(status)

    assert make_egress().get("/users").status == status
    assert len(server.requests) == 1


def test_get_keeps_to_the_deadline_of_everything_together(
    server: BadServer, make_egress: Make
) -> None:
    egress = make_egress(whole=0.5)
    server.answers(200)
    assert egress.get("/users").status == 200
    time.sleep(0.5)
    with pytest.raises(TryLater, match="Everything together"):
        egress.get("/users")
    assert len(server.requests) == 1


def test_get_tries_three_times_more_at_most(server: BadServer, make_egress: Make) -> None:
    server.answers(500)

    assert make_egress().get("/users").status == 500
    assert len(server.requests) == 4


def test_get_waits_as_long_as_a_429_asks(server: BadServer, make_egress: Make) -> None:
    server.plays(answer(429, headers="Retry-After: 1\r\n"), answer(200))
    began = time.monotonic()

    assert make_egress().get("/users").status == 200
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("stated", ["31", "3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_get_does_not_sleep_out_a_long_429(
    server: BadServer, make_egress: Make, stated: str
) -> None:
    server.answers(429, headers=f"Retry-After: {stated}\r\n")

    got = make_egress(total=1000).get("/users")

    assert got.status == 429
    assert got.retry_after is not None
    assert got.retry_after > 30
    assert len(server.requests) == 1


def test_get_does_not_sleep_past_its_deadline(server: BadServer, make_egress: Make) -> None:
    server.answers(429, headers="Retry-After: 20\r\n")
    began = time.monotonic()

    assert make_egress(total=5).get("/users").status == 429
    assert time.monotonic() - began < 2


def test_get_tries_again_when_the_answer_is_cut(server: BadServer, make_egress: Make) -> None:
    def cut(link: socket.socket) -> None:
        link.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"result": [')

    server.plays(cut, answer(200, b'{"whole": true}'))

    assert make_egress().get("/users").body == b'{"whole": true}'


def test_get_says_try_later_when_every_answer_is_cut(server: BadServer, make_egress: Make) -> None:
    server.plays(lambda link: link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"))

    with pytest.raises(TryLater, match="broke off"):
        make_egress().get("/users")

    assert len(server.requests) == 4


def test_get_says_try_later_when_nobody_listens(make_egress: Make, server: BadServer) -> None:
    egress = make_egress()
    server.stop()

    with pytest.raises(TryLater, match="reached"):
        egress.get("/users")


def test_get_survives_an_answer_that_is_not_http(server: BadServer, make_egress: Make) -> None:
    server.plays(lambda link: link.sendall(b"\x00\xffSSH-2.0-OpenSSH\r\n\r\n"))

    with pytest.raises(TryLater):
        make_egress().get("/users")


@pytest.mark.parametrize("method", ["post", "delete"])
def test_a_change_is_sent_once_only(server: BadServer, make_egress: Make, method: str) -> None:
    server.answers(500)
    egress = make_egress()

    got = egress.post("/link-token", {}) if method == "post" else egress.delete("/thing/1")

    assert got.status == 500
    assert len(server.requests) == 1


def test_pace_is_asked_before_every_attempt(server: BadServer, make_egress: Make) -> None:
    server.plays(answer(500), answer(502), answer(200))
    asked: list[int] = []

    make_egress(pace=lambda: asked.append(len(server.requests))).get("/users")

    assert asked == [0, 1, 2]


def test_pace_that_says_later_stops_the_call(server: BadServer, make_egress: Make) -> None:
    def full() -> None:
        raise TryLater(7)

    with pytest.raises(TryLater) as caught:
        make_egress(pace=full).get("/users")

    assert caught.value.after_seconds == 7
    assert server.requests == []


def test_pace_that_outlives_the_deadline_sends_nothing(
    server: BadServer, make_egress: Make
) -> None:
    with pytest.raises(TryLater):
        make_egress(pace=lambda: time.sleep(0.3), total=0.2).get("/users")

    assert server.requests == []


@pytest.mark.parametrize(
    "path",
    ["users", "//evil.example/users", "/a/../b", "/..", "/a?b=1", "/a#b", "/a b", "/a%2f", "/",
     "http://evil.example/", "/a\r\nHost: evil.example", "/a@evil.example", "/a\\b"],
)  # fmt: skip
def test_only_plain_paths_leave(server: BadServer, make_egress: Make, path: str) -> None:
    with pytest.raises(Refused, match="path"):
        make_egress().get(path)

    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    ["http://api.example", "ftp://api.example", "api.example", "https://", "https://a@api.example",
     "https://api.example/v1", "https://api.example?x=1", "https://api.example#x",
     " https://api.example", "http://127.0.0.1.evil.example", "https://api.example:port",
     "http://10.0.0.1"],
)  # fmt: skip
def test_a_base_url_that_is_not_a_safe_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin(url)


@pytest.mark.parametrize(
    "url", ["https://api.example", "https://api.example:8443", "http://localhost:8001",
            "http://127.0.0.1:8001", "http://[::1]:8001"],
)  # fmt: skip
def test_a_safe_origin_is_kept(url: str) -> None:
    assert origin(f"{url}/") == url


def test_the_environment_cannot_change_who_is_asked_or_trusted(
    server: BadServer, make_egress: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    server.answers(200)

    assert make_egress().get("/users").status == 200


def test_a_server_without_trusted_certificate_is_refused() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def plain() -> None:
        with listener, listener.accept()[0] as link:
            link.recv(1000)
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    speaker = threading.Thread(target=plain, daemon=True)
    speaker.start()
    egress = Egress(f"https://127.0.0.1:{port}", token=TOKEN, pace=lambda: None)

    with pytest.raises(Refused, match="certificate"):
        egress.get("/users")

    egress.close()
    speaker.join(timeout=5)


def test_no_failure_holds_the_token(
    server: BadServer, make_egress: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.plays(lambda link: None)

    with pytest.raises(ProviderError) as caught:
        make_egress().get("/users")

    seen = (caught.value, caught.value.__cause__, caught.value.__context__)
    assert seen[1:] == (None, None)
    assert TOKEN not in f"{seen!r}{vars(caught.value)}{caught.value.words}{caplog.text}"


def test_scrub_takes_out_tokens(make_egress: Make) -> None:
    egress = make_egress()

    assert TOKEN not in egress.scrub(f"you sent {TOKEN}")
    assert "other" not in egress.scrub("you sent bearer other")
    assert TOKEN not in repr(egress)
