"""A hundred thousand forged, altered, replayed and reordered webhooks: none acts, genuine ones once."""

import base64
import hashlib
import hmac
import json
import random
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from audit import clock
from integrations import providing
from integrations.models import ProviderEvent
from integrations.providers.base import BadSignature, Malformed

OLD, NEW = "the-old-secret", "the-new-secret"
ENVIRONMENT = "00000000-0000-4000-8000-00000000e001"
FORGERIES = 100_000
THROUGH_HTTP = 300

Delivery = tuple[str | None, bytes]  # the signature's header, the body


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    settings.TRUTO_WEBHOOK_SECRETS = [NEW, OLD]
    settings.TRUTO_ENVIRONMENT_ID = ENVIRONMENT


def event(created_at: str = "2026-11-23T12:00:00.000Z") -> bytes:
    return json.dumps({
        "id": str(uuid.uuid4()),
        "event": "integrated_account:active",
        "payload": {"id": str(uuid.uuid4()), "tenant_id": str(uuid.uuid4())},
        "environment_id": ENVIRONMENT,
        "webhook_id": str(uuid.uuid4()),
        "created_at": created_at,
    }).encode()  # fmt: skip


def value(body: bytes, secret: str = NEW, *, encoding: str = "hex") -> str:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def signed(body: bytes, secret: str = NEW, *, encoding: str = "hex") -> Delivery:
    return f"format=sha256,v={value(body, secret, encoding=encoding)}", body


def altered(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one change: a bit, a byte more or less, two swapped, an end cut or added."""
    place, other = chance.randrange(len(data)), chance.randrange(len(data))
    changed = bytearray(data)
    kind = chance.randrange(6)
    if kind == 0:
        changed[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del changed[place]
    elif kind == 2:
        changed.insert(place, chance.randrange(256))
    elif kind == 3:
        changed[place], changed[other] = changed[other], changed[place]
    elif kind == 4:
        del changed[place:]
    else:
        changed += bytes(chance.randrange(256) for _ in range(chance.randrange(1, 5)))
    return bytes(changed)


def respelt(body: bytes, chance: random.Random) -> bytes:
    """The same JSON written otherwise: it is not what was signed."""
    what = json.loads(body)
    return chance.choice([
        json.dumps(what, indent=1).encode(),
        json.dumps(what, separators=(",", ":")).encode(),
        json.dumps(what, sort_keys=True).encode() + b"\n",
        b"\xef\xbb\xbf" + body,
        body.decode().encode("utf-16"),
        body[:-1] + b',"event":"integrated_account:deleted"}',
    ])  # fmt: skip


def misspelt(body: bytes, chance: random.Random) -> str | None:
    """A header that does not say what the genuine one says."""
    right = value(body)
    in_base64 = value(body, encoding="base64")
    wrong = hmac.digest(NEW.encode(), body, hashlib.sha1).hex()
    return chance.choice([
        None, "", right, f"v={right}", f"format=sha1,v={right}", f"format=sha256,v={wrong}",
        f"format=sha256,v={right[:-1]}",
        f"format=sha256,v={right}00", f"format=sha256,v={right[: chance.randrange(64)]}",
        f"format=sha256,v={base64.b64encode(right.encode()).decode()}",
        f"format=sha256,v={in_base64}=", f"format=sha256,v={in_base64[:-2]}",
        f"format=sha256,v={value(body, 'somebody-elses')}", f"format=sha256,v={value(body, '')}",
        f"format=sha256,v={value(b'')}", f"format=sha256,v={right},v={right}",
        f"format=sha256;v={right}", f"sha256={right}", f"format=SHA256,v={right}",
        f"format=sha256,v={'0' * 64}", f"format=sha256,v=é{right[1:]}",
    ])  # fmt: skip


def forgeries(number: int) -> Iterator[Delivery]:
    """That many deliveries, none of which Truto made; the same ones in every run."""
    chance = random.Random(20261123)
    genuine = [event() for _ in range(50)]
    for _ in range(number):
        body = chance.choice(genuine)
        header, _ = signed(body, chance.choice([OLD, NEW]), encoding=chance.choice(["hex", "b64"]))
        assert header is not None
        kind = chance.randrange(5)
        if kind == 0:
            yield misspelt(body, chance), body
        elif kind == 1:
            yield header, respelt(body, chance)
        elif kind == 2:
            yield header, chance.choice([each for each in genuine if each != body])
        elif kind == 3 and (wrong := _with_another_value(header, chance)):
            yield wrong, body
        elif (wrong_body := altered(body, chance)) != body:
            yield header, wrong_body
        else:
            yield header, body + b" "


def _with_another_value(header: str, chance: random.Random) -> str | None:
    """The header with a change in its value; None where only the spelling differs: base64 is taken
    without its padding too, and in the letters that are safe in addresses; hex in capitals too."""
    name, _, right = header.partition("v=")
    wrong = altered(right.encode(), chance).decode("latin-1")
    same = {_plain(part.strip()) for part in wrong.split(",")}
    return None if _plain(right) in same else f"{name}v={wrong}"


def _plain(text: str) -> str:
    if re.fullmatch("[0-9a-fA-F]{64}", text):
        return text.lower()
    return text.rstrip("=").replace("-", "+").replace("_", "/")


def accepted(deliveries: Iterator[Delivery]) -> tuple[int, int]:
    """How many there were, and how many of them passed for genuine."""
    reader, seen, passed = providing.event_reader("truto"), 0, 0
    for header, body in deliveries:
        seen += 1
        headers = {} if header is None else {"X-Truto-Signature": header}
        try:
            reader.read_event(headers, body)
        except (BadSignature, Malformed):
            continue
        passed += 1
    reader.close()
    return seen, passed


def test_webhook_none_of_a_hundred_thousand_forgeries_passes() -> None:
    assert accepted(forgeries(FORGERIES)) == (FORGERIES, 0)


@pytest.mark.parametrize("secret", [OLD, NEW])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_webhook_genuine_ones_pass_with_both_secrets(secret: str, encoding: str) -> None:
    """Otherwise the count above would say nothing."""
    bodies = [event() for _ in range(100)]
    assert accepted(signed(each, secret, encoding=encoding) for each in bodies) == (100, 100)


def post(delivery: Delivery, client: Client) -> int:
    header, body = delivery
    # What a header cannot carry, a web server refuses before us.
    sent = None if header is None else header.encode("ascii", "replace").decode()
    clean = None if sent is None else "".join(c if c.isprintable() else "?" for c in sent)
    headers = {} if clean is None else {"x-truto-signature": clean}
    answer = client.post("/webhooks/truto/", body, content_type="application/json", headers=headers)
    return answer.status_code


@pytest.mark.django_db
def test_webhook_forgeries_through_the_door_leave_nothing_behind() -> None:
    client = Client()
    codes = {post(each, client) for each in forgeries(THROUGH_HTTP)}
    assert codes == {401}
    assert not ProviderEvent.objects.exists()


@pytest.mark.django_db
def test_webhook_genuine_ones_count_once_in_any_order() -> None:
    client, chance = Client(), random.Random(7)
    now = clock.now().isoformat()
    events = [event(now) for _ in range(40)]
    sent = [signed(body, chance.choice([OLD, NEW])) for body in events * 5]
    chance.shuffle(sent)
    assert {post(each, client) for each in sent} == {200}
    assert ProviderEvent.objects.count() == 40


@pytest.mark.django_db
def test_webhook_larger_than_any_that_we_read_is_taken_and_not_kept() -> None:
    body = event() + b" " * 256 * 1024
    assert post(signed(body), Client()) == 200
    assert not ProviderEvent.objects.exists()
