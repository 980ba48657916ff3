"""Every route × method × actor × {own, withheld, foreign, random, malformed} id: who gets in, what leaks.

A seeded sample runs with the other tests; the whole runs with `python -m tests.attack --all`, a
larger sample with `--triples 8000`. It prints what it tried.
"""

import copy
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from zlib import crc32

from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import Resolver404, resolve

from tests.attack import bodies, company, routes
from tests.attack.actors import Actor
from tests.attack.bodies import FOREIGN, OWN, RANDOM
from tests.attack.company import Company
from tests.attack.routes import Route

WITHHELD, MALFORMED = "withheld", "malformed"
WHICH = (OWN, WITHHELD, FOREIGN, RANDOM, MALFORMED)
SEED = 20261123
IN_CI = 500  # (route, method, actor) triples drawn; each is tried with every id
MALFORMED_IDS = ("0", "none", "' or 1=1--", "..%2f..%2f", "0" * 400, "%F0%9F%92%A9")
# What differs between two answers by chance alone.
BY_CHANCE = re.compile(
    r"\b[A-Za-z0-9]{64}\b|(?<=messages=)[^;]+|(?<=expires=)[^;]+|(?<=hub_csrf=)\w+"
    r"|(?<=[?;]page=)[\w%:.-]+|(?<=hub_session=)\w+|(?<=RateLimit-Reset: )\d+"
    r'|(?<=ETag: ")\w+'  # of the whole answer, which names the id that was asked for
    r"|just now|\d+ (?:second|minute|hour)s? ago"
)
# The other company's texts that an actor sees rightly: their own name for the way there.
MAY_SEE = {"auditor of A and admin of B": re.compile(r"canary-b-workspace-name")}

# What the same person may name of the other company, being a member there too.
MAY_NAME = {"auditor of A and admin of B": {"workspace"}}

# Header -> what it may say.
PROTECTING = {
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
    "Referrer-Policy": {"same-origin", "no-referrer"},
    # Pages with Connect open a window, and those in that window answer it.
    "Cross-Origin-Opener-Policy": {"same-origin", "same-origin-allow-popups", "unsafe-none"},
    "Cross-Origin-Resource-Policy": {"same-origin"},
}
MIGHTIEST = {False: "admin of A", True: "token of everything"}


@dataclass
class Report:
    """What was tried, what came of it, and everything that should not have."""

    cells: int = 0
    faults: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    swapped: int = 0
    accepted_own: int = 0

    def fault(self, *words: object) -> None:
        self.faults.append(" ".join(map(str, words)))

    def text(self) -> str:
        statuses = ", ".join(f"{code}: {n}" for code, n in sorted(self.statuses.items()))
        return (
            f"{self.cells} requests, {self.swapped} swapped ids, {len(self.faults)} faults, "
            f"seed {SEED}; answers {statuses}" + "".join(f"\n  {each}" for each in self.faults[:40])
        )


@dataclass(frozen=True)
class Asked:
    """One answer, as far as the matrix looks at it."""

    status: int
    text: str  # headers, body and mails
    location: str
    unprotected: tuple[str, ...]  # headers that a browser needs and did not get

    def alike(self, *ids: str) -> tuple[int, str]:
        """What has to be the same for a foreign and a random id."""
        text = BY_CHANCE.sub("", self.text)
        for each in ids:
            for written in (each, each.replace("-", ""), quote(each), quote(each, safe="")):
                text = text.replace(written, "ID")
        return self.status, text


def difference(one: tuple[int, str], other: tuple[int, str]) -> str:
    """Where two answers part."""
    pairs = enumerate(zip(one[1], other[1], strict=False))
    at = next((at for at, (a, b) in pairs if a != b), min(len(one[1]), len(other[1])))
    around = slice(max(0, at - 80), at + 80)
    return f"{one[0]} {one[1][around]!r} | {other[0]} {other[1][around]!r}"


def triples() -> list[tuple[Route, str]]:
    """All, or those of the routes that ATTACK_ROUTES names."""
    only = os.environ.get("ATTACK_ROUTES", "").split()
    wanted = [each for each in routes.routes() if not only or each.name in only]
    return [(route, method) for route in wanted for method in routes.METHODS]


def sample(actors: list[Actor], count: int, seed: int = SEED) -> list[tuple[Route, str, Actor]]:
    """Every method of every route by whoever may most, and so many others; 0 means all."""
    everything = [(route, method, actor) for route, method in triples() for actor in actors]
    if not count or count >= len(everything):
        return everything
    strong = [
        (route, method, actor)
        for route, method, actor in everything
        if method in route.methods and actor.name == MIGHTIEST[route.is_api]
    ]
    return strong + random.Random(seed).sample(everything, count)


def send(
    actor: Actor, route: Route, method: str, path: str, body: Any = None, query: Any = None
) -> Asked:
    """Ask within a transaction that is undone, as if nobody had asked before."""
    cache.clear()
    mail.outbox = []
    cookies = copy.deepcopy(actor.client.cookies)  # an answer's message must not meet the next one
    with transaction.atomic():
        begun = len(connection.run_on_commit)
        answer: Any = actor.client.generic(method, path, **_payload(route, method, body, query))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        _after_commit(begun)
        connection.set_rollback(True)
    actor.client.cookies = cookies
    told = {name: text for name, text in answer.headers.items() if name != "Content-Length"}
    headers = "\n".join(f"{name}: {text}" for name, text in told.items())
    mails = "\n".join(f"{each.subject}\n{each.body}" for each in mail.outbox)
    text = f"{headers}\n{answer.cookies.output()}\n{content.decode('utf-8', 'replace')}\n{mails}"
    location = answer.headers.get("Location", "")
    return Asked(answer.status_code, text, location, tuple(unprotected(answer)))


def unprotected(answer: Any) -> Iterator[str]:
    """What is missing of the headers and cookies that every answer carries, whatever its status."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    sandboxed = policy.startswith("sandbox")  # a file that somebody uploaded
    if "unsafe" in policy or not (sandboxed or "default-src 'none'" in policy):
        yield f"Content-Security-Policy: {policy}"
    if not (sandboxed or "frame-ancestors 'none'" in policy):
        yield "frame-ancestors"
    if "no-store" not in headers.get("Cache-Control", ""):
        yield "Cache-Control"
    for name, wanted in PROTECTING.items():
        if headers.get(name) not in wanted:
            yield f"{name}: {headers.get(name)}"
    for cookie in answer.cookies.values():
        script = cookie.key == "hub_csrf"  # htmx reads it
        if cookie["samesite"] != "Lax" or not (cookie["httponly"] or script or not cookie.value):
            yield f"cookie {cookie.key}"


def _payload(route: Route, method: str, body: Any, query: Any) -> dict[str, Any]:
    more = {"QUERY_STRING": urlencode(query or {}, doseq=True)}
    if method in routes.SAFE or body is None:
        return more
    if route.is_api:
        return {"data": json.dumps(body).encode(), "content_type": "application/json"} | more
    return {"data": encode_multipart(BOUNDARY, body), "content_type": MULTIPART_CONTENT} | more


def _after_commit(begun: int) -> None:
    """What waits for the commit, mails above all; this transaction never commits."""
    waiting, connection.run_on_commit = (
        connection.run_on_commit[begun:],
        connection.run_on_commit[:begun],
    )
    for _, function, _ in waiting:
        function()


def leaks(text: str, actor: Actor, foreign_ids: frozenset[str], sent: str) -> Iterator[str]:
    """Canaries and ids of the other company that stand in an answer, except what was sent."""
    lower, sent = text.lower(), sent.lower()
    for found in set(re.findall(rf"canary-{actor.away.letter.lower()}-[\w-]+", lower)):
        allowed = MAY_SEE.get(actor.name)
        if found not in sent and not (allowed and allowed.fullmatch(found)):
            yield found
    if actor.name not in MAY_SEE:
        yield from (set(company.UUID.findall(lower)) & foreign_ids) - set(
            company.UUID.findall(sent)
        )


class Matrix:
    """Tries cells against the two companies and notes what differs from the policy."""

    def __init__(self, a: Company, b: Company) -> None:
        self.report = Report()
        self._ids = {each.letter: company.row_ids(each) for each in (a, b)}

    def triple(self, route: Route, method: str, actor: Actor) -> None:
        """One route, method and actor with every kind of id."""
        asked = {which: self._cell(route, method, actor, which) for which in WHICH}
        foreign, random_ = asked[FOREIGN], asked[RANDOM]
        if foreign and random_:
            ids = [foreign[1], random_[1]]
            self.compare(
                f"{route.name} {method} {actor.name}",
                foreign[0].alike(*ids),
                random_[0].alike(*ids),
            )

    def compare(self, where: str, foreign: tuple[int, str], random_: tuple[int, str]) -> None:
        """Note a foreign id that is answered otherwise than one that does not exist."""
        if foreign != random_:
            told = difference(foreign, random_)
            self.report.fault(where, "tells a foreign id from a random one:", told)

    def _cell(
        self, route: Route, method: str, actor: Actor, which: str
    ) -> tuple[Asked, str] | None:
        id_ = self._id(route, actor, which)
        if id_ is None:
            return None
        path = route.path(id_)
        if which == MALFORMED and _leads_elsewhere(path, route):
            return None
        template = bodies.BODIES.get((route.name, method), [{}])[0]
        body = bodies.filled(template, actor.home)
        asked = send(actor, route, method, path, body)
        self.note(asked, actor, f"{route.name} {method} {actor.name} {which}", f"{path} {body}")
        wrong = expectation(route, method, actor, which, asked)
        if wrong:
            self.report.fault(route.name, method, actor.name, which, asked.status, wrong)
        return asked, id_

    def note(self, asked: Asked, actor: Actor, where: str, sent: str) -> None:
        """Count an answer and look for what must be in none."""
        self.report.cells += 1
        self.report.statuses[str(asked.status)] += 1
        if asked.status >= 500:
            self.report.fault(where, asked.status, asked.text[:300])
        for found in asked.unprotected:
            self.report.fault(where, asked.status, "HEADER", found)
        for found in leaks(asked.text, actor, self._ids[actor.away.letter], sent):
            self.report.fault(where, asked.status, "LEAK", found)

    def _id(self, route: Route, actor: Actor, which: str) -> str | None:
        if not route.kind:
            return "" if which == OWN else None
        if route.kind == "token" and which in (OWN, WITHHELD):
            mine = which == OWN  # it is the admin's
            return str(actor.home.ids["token"]) if actor.sees_token == mine else None
        if which == WITHHELD:
            kind = {"task": "withheld", "case": "withheld_case"}.get(route.kind)
            return str(actor.home.ids[kind]) if kind and actor.only_own_tasks else None
        if which == MALFORMED:
            return MALFORMED_IDS[crc32(f"{route.name} {actor.name}".encode()) % len(MALFORMED_IDS)]
        if which == RANDOM:
            return company.random_id()
        here = actor.home if which == OWN else actor.away
        return str(here.ids[route.kind])


def _leads_elsewhere(path: str, route: Route) -> bool:
    try:
        return resolve(path).view_name != route.name
    except Resolver404:
        return False


def expectation(route: Route, method: str, actor: Actor, which: str, asked: Asked) -> str:
    """What is wrong with this status according to the policy, or ""."""
    if which == MALFORMED:
        return "" if asked.status in (400, 401, 404, 405) else "a malformed id must not be found"
    judge = _api if route.is_api else _page
    if route.read in ("public", "user"):
        return _open(route, actor, asked)
    return judge(route, method, actor, which, asked)


def _open(route: Route, actor: Actor, asked: Asked) -> str:
    if route.read == "user" and not _has_session(actor):
        return "" if _to_sign_in(asked) else "must be led to the sign-in"
    return ""


def _page(route: Route, method: str, actor: Actor, which: str, asked: Asked) -> str:
    if not _has_session(actor):
        return "" if _to_sign_in(asked) else "must be led to the sign-in"
    needed = route.needs(method) if method in route.methods else route.read
    base = "tasks.own" if needed == "tasks.work" else needed
    if not actor.may(base):
        return "" if asked.status == 403 else "must be refused"
    if method not in route.methods:
        return "" if asked.status == 405 else "must not be allowed"
    return _inside(needed, method, actor, which, asked)


def _inside(needed: str, method: str, actor: Actor, which: str, asked: Asked) -> str:
    """Where the method exists and the right to it is held."""
    if which in (FOREIGN, RANDOM, WITHHELD):
        hidden = asked.status == 404 or (asked.status == 403 and not actor.may(needed))
        return "" if hidden else "must be absent"
    if not actor.may(needed):
        return "" if asked.status == 403 else "must be refused"
    if asked.status in (401, 403, 404, 405):
        return "must be allowed"
    return "must answer" if method in ("GET", "HEAD") and asked.status >= 400 else ""


def _api(route: Route, method: str, actor: Actor, which: str, asked: Asked) -> str:
    if actor.kind != "token" or not actor.signed_in:
        return "" if asked.status == 401 else "must ask for a token"
    if method not in route.methods:
        fine = asked.status == 405 or (method == "OPTIONS" and asked.status == 403)
        return "" if fine else "must not be allowed"
    if not actor.may(route.needs(method)):
        return "" if asked.status == 403 else "must be refused"
    if which in (FOREIGN, RANDOM) and method not in ("GET", "HEAD"):
        return "" if asked.status in (400, 404, 422) else "must be absent"
    return _inside(route.needs(method), method, actor, which, asked)


def _has_session(actor: Actor) -> bool:
    return actor.kind == "session" and actor.signed_in


def _to_sign_in(asked: Asked) -> bool:
    return asked.status == 302 and asked.location.startswith("/accounts/login/")


def swap(matrix: Matrix, actor: Actor, names: set[str] | None = None) -> None:
    """Each id of each body and query once as a foreign and once as a random one."""
    for route in routes.routes():
        if names is not None and route.name not in names:
            continue
        if route.is_api != (actor.kind == "token"):
            continue
        own = str(actor.home.ids[route.kind]) if route.kind else ""
        for method in sorted(route.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            in_query = method == "GET"
            known = bodies.QUERIES.get(route.name, []) if in_query else (
                bodies.BODIES.get((route.name, method), [])
            )  # fmt: skip
            for body in known:
                for kind in sorted(bodies.kinds(body) - MAY_NAME.get(actor.name, set())):
                    _swap_one(matrix, actor, route, method, route.path(own), body, kind, in_query)


def _swap_one(
    matrix: Matrix,
    actor: Actor,
    route: Route,
    method: str,
    path: str,
    body: Any,
    kind: str,
    in_query: bool,
) -> None:
    where = f"{route.name} {method} {actor.name} {kind} swapped"

    def ask(value: str) -> Asked:
        said = bodies.filled(body, actor.home, kind, value)
        query, sent = (said, None) if in_query else ({}, said)
        asked = send(actor, route, method, path, sent, query)
        matrix.note(asked, actor, where, f"{path} {said}")
        return asked

    own, foreign = str(actor.home.ids[kind]), str(actor.away.ids[kind])
    stranger = bodies.random_of(kind)
    matrix.report.swapped += 1
    mine = ask(own)
    matrix.report.accepted_own += mine.status < 400
    before = actor.away.head()
    theirs, nobodys = ask(foreign), ask(stranger)
    if actor.away.head() != before:
        matrix.report.fault(where, "changed the other company")
    ids = [*foreign.split(":"), *stranger.split(":")]
    matrix.compare(where, theirs.alike(*ids), nobodys.alike(*ids))


def count_wanted() -> int:
    """How many triples to try: ATTACK_TRIPLES from the environment; 0 is all of them."""
    return int(os.environ.get("ATTACK_TRIPLES", IN_CI))
