"""Malformed requests to every address there is: none may be answered with 500 or more.

`python -m tests.malformed 50000 [seed]` sends that many to a throw-away database and prints what it
got. The requests follow from the seed; the first of a kind that fails is shown whole.
"""

import json
import logging
import os
import random
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

METHODS = ("GET",) * 9 + ("POST",) * 9 + ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "X")
TEXTS = (
    "", " ", "0", "-1", "null", "true", "NaN", "1e999", "9" * 400, "a" * 5_000, "\x00", "a\x00b",
    "\ud800", "\udfff\ud800", "\uffff", "\u202e\u0000", "💥" * 300, "İıſK", "é" * 2_000, "\r\nX: y",
    "'; DROP TABLE people; --", "<script>alert(1)</script>", "{{7*7}}", "%s%n%x", "../../etc/passwd",
    "=cmd|'/c calc'!A1", "2027-02-30", "9999-12-31", "0000-00-00", "10000-01-01", "2027-13-01T99:99Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "a@b", "@", "a@" + "b" * 400,
    "ü@xn--", "1.5", "1,5", "٣", "[]", "{}", "[[[[", "\\", "\x7f\x80", "on", "any",
)  # fmt: skip
BYTES = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"{", b"[", b"}", b"nul", b'"', b'{"a"', b'{"a":}',
    b'{"name":"a","name":"b"}', b'{"name":NaN}', b'{"name":Infinity}', b"[" * 5_000, b"1" * 5_000,
    b'{"a":' * 200 + b"1" + b"}" * 200, b'\xef\xbb\xbf{"name":"x"}', b'{"name":"\\ud800"}',
    b'{"name":"\\u0000"}', b"name=%00&name=%ff", b"%", b"&&&==&", b"a" * 70_000, b"\r\n\r\n",
    b"--x\r\nContent-Disposition: form-data; name=\"reason\"\r\n\r\n\x00\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\x00\"\r\n\r\nx\r\n--x",
)  # fmt: skip
KINDS = (
    "application/json", "application/json; charset=utf-16", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "", "x", "a/b;;;=", "text/plain; charset=utf-7",
)  # fmt: skip
HEADERS = {
    "Accept": ("", "*", "text/html", "application/xml", "a/b;q=x", "\xff", "application/json;q="),
    "Accept-Language": ("xx-" * 300, "\xff"),
    "Authorization": ("Bearer", "Bearer \xff", "Basic Og==", "Bearer " + "a" * 9_000, "\x00"),
    "Idempotency-Key": ("", " ", "\xff", "a" * 300, "k"),
    "If-None-Match": ("*", '"', 'W/"x', "\xff", "," * 500),
    "If-Modified-Since": ("yesterday", "Mon, 99 Foo 9999 99:99:99 GMT"),
    "Content-Length": ("x", "-1"),
    "Content-Encoding": ("gzip",),
    "Cookie": ("a=\xff;;=;", "hub_session=" + "a" * 5_000, "hub_csrf=\x00"),
    "Host": ("", "somebody.example", "a" * 500, "[::1", "x:99999"),
    "HX-Request": ("true",),
    "HX-Current-URL": ("\xff", "http://[", "javascript:1"),
    "Origin": ("null", "http://["),
    "Range": ("bytes=9-1",),
    "Referer": ("\xff", "http://["),
    "X-Forwarded-For": ("\x00", "a" * 500),
    "X-Request-Id": ("\x00" * 3, "a" * 500),
    "X-Truto-Signature": ("format=sha256,v=\xff", "format"),
}


@dataclass(frozen=True)
class Malformed:
    """One request, whole."""

    method: str
    path: str
    query: str
    body: bytes
    kind: str
    headers: dict[str, str]
    signed_in: str  # "token", "session" or ""


@dataclass
class Tally:
    """What the requests were answered with, and those that failed."""

    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[tuple[Malformed, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.statuses.total()


def routes() -> list[str]:
    """Every address of the project as a template, such as "access/<uuid:pk>/"."""
    from django.urls import get_resolver

    return [each for each in _walk(get_resolver().url_patterns, "") if "static" not in each]


def _walk(patterns: Iterable[Any], before: str) -> Iterator[str]:
    for each in patterns:
        path = before + str(each.pattern)
        yield from _walk(each.url_patterns, path) if hasattr(each, "url_patterns") else [path]


def field_names() -> list[str]:
    """The fields of every form and every body and query, whoever reads them."""
    from django.forms import Form
    from rest_framework.serializers import Serializer

    names = {name for form in _below(Form) for name in getattr(form, "base_fields", {})}
    names |= {name for each in _below(Serializer) for name in getattr(each, "_declared_fields", {})}
    return sorted(names | {"next", "page", "q", "as", "hint", "cursor", "limit", "ordering", "at"})


def _below(cls: type) -> set[type]:
    return {each for sub in cls.__subclasses__() for each in {sub} | _below(sub)}


class Maker:
    """Makes malformed requests; `ids` are real ones, so that they get past the first door."""

    def __init__(self, seed: int, ids: list[str]) -> None:
        self.chance, self.ids = random.Random(seed), ids
        self.routes, self.names = routes(), field_names()

    def make(self) -> Malformed:
        pick, roll = self.chance.choice, self.chance.random
        headers = {}
        if roll() < 0.25:
            name = pick(list(HEADERS))
            headers[name] = pick(HEADERS[name])
        body, kind = self._body()
        query = self._form() if roll() < 0.5 else ""
        path = self._path()
        usual = "token" if path.startswith("/api/") else "session"
        signed_in = usual if roll() < 0.9 else pick(("token", "session", ""))
        return Malformed(pick(METHODS), path, query, body, kind, headers, signed_in)

    def _path(self) -> str:
        """A template with its places filled, mostly by something that could be right."""
        parts = []
        for part in self.chance.choice(self.routes).strip("^$").split("/"):
            parts.append(self._place() if "<" in part or "(" in part else part.replace("\\", ""))
        return "/" + "/".join(parts)

    def _place(self) -> str:
        from urllib.parse import quote

        roll = self.chance.random()
        if roll < 0.7:
            return self.chance.choice(self.ids)
        if roll < 0.85:
            return str(uuid.UUID(int=self.chance.getrandbits(128)))
        text = self.chance.choice(TEXTS)[:300].encode("utf-8", "surrogatepass")
        return quote(text, safe="%./")

    def _text(self) -> Any:
        roll = self.chance.random()
        return self.chance.choice(self.ids) if roll < 0.25 else self.chance.choice(TEXTS)

    def _fields(self) -> list[tuple[str, Any]]:
        wanted = self.chance.randrange(1, 7)
        return [(self.chance.choice(self.names), self._text()) for _ in range(wanted)]

    def _form(self) -> str:
        from urllib.parse import quote_from_bytes

        pairs = [
            f"{name}={quote_from_bytes(value.encode('utf-8', 'surrogatepass')[:2_000])}"
            for name, value in self._fields()
        ]
        return "&".join([*pairs, self.chance.choice(("", "", "%", "%ff=%fe", "=", "a=%00"))])

    def _body(self) -> tuple[bytes, str]:
        roll = self.chance.random()
        if roll < 0.35:
            return self._form().encode(), "application/x-www-form-urlencoded"
        if roll < 0.75:
            return json.dumps(self._object(3)).encode(), "application/json"
        return self.chance.choice(BYTES), self.chance.choice(KINDS)

    def _object(self, depth: int) -> Any:
        """A JSON object with known names and values of any type."""
        made: dict[str, Any] = {}
        for name, text in self._fields():
            made[name] = self.chance.choice(
                (text, text, text, [text], {}, [], None, True, 0, -1, 1.5, 2**70, [[text]])
            )
            if depth and self.chance.random() < 0.2:
                made[name] = self.chance.choice((self._object(depth - 1), [self._object(0)]))
        return made


def send(clients: dict[str, Any], secret: str, one: Malformed) -> Any:
    """The answer to one request; its headers as a web server would hand them over."""
    extra = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in one.headers.items()}
    for bare in ("CONTENT_LENGTH", "CONTENT_ENCODING"):
        if f"HTTP_{bare}" in extra:
            extra[bare] = extra.pop(f"HTTP_{bare}")
    if one.signed_in == "token":
        extra.setdefault("HTTP_AUTHORIZATION", f"Bearer {secret}")
    client = clients["session" if one.signed_in == "session" else ""]
    return client.generic(
        one.method, one.path, one.body, content_type=one.kind, QUERY_STRING=one.query, **extra
    )


def tally(number: int, *, seed: int, user: Any, secret: str, ids: list[str]) -> Tally:
    """Send that many, signed in as `user` where a request is. A 503 tells of somebody else."""
    from django.test import Client

    maker, found = Maker(seed, ids), Tally()
    clients = {name: Client(raise_request_exception=False) for name in ("session", "")}
    logging.disable(logging.CRITICAL)
    try:
        for count in range(number):
            if count % 25 == 0:  # what was sent may have ended the session
                clients["session"].force_login(user)
            one = maker.make()
            answer = send(clients, secret, one)
            found.statuses[answer.status_code] += 1
            if answer.status_code >= 500 and answer.status_code != 503:
                found.failed.append((one, _why(answer)))
    finally:
        logging.disable(logging.NOTSET)
    return found


def _why(answer: Any) -> str:
    error = getattr(answer, "exc_info", None)
    return f"{answer.status_code} {error[0].__name__}: {error[1]}" if error else "no exception"


def main() -> None:
    from tests import environment

    environment.prepare()
    os.environ["TRUTO_API_BASE_URL"] = "http://127.0.0.1:9"
    os.environ.update(API_READS_A_MINUTE="100000000", API_WRITES_A_MINUTE="100000000")
    os.environ["DJANGO_SETTINGS_MODULE"] = "sprinto_xero.settings"
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment

    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    found = in_a_world(int(sys.argv[1]), seed=int((sys.argv[2:] or ["20261123"])[0]))
    print(dict(sorted(found.statuses.items())))
    for one, why in found.failed[:20]:
        print(why, one, sep="\n  ")
    print(f"{found.total} requests, {len(found.failed)} answered with 500 or more")
    sys.exit(bool(found.failed))


def in_a_world(number: int, *, seed: int) -> Tally:
    """The same against the world of the live tests, which is made first."""
    from tests import live_world
    from workspaces.models import User

    world = live_world.make()
    user = User.objects.get(email="admin@example.test")
    names = ("connection", "system", "account", "staff", "org_role", "run", "task", "workspace")
    ids = [str(world[name]) for name in names] + ["xero"]
    return tally(number, seed=seed, user=user, secret=world["tokens"]["admin"], ids=ids)


if __name__ == "__main__":
    main()
