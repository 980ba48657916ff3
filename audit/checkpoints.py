"""Heads of chains kept outside the database, so that a cut tail or a rewritten chain is found."""

import hmac
import json
import os
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings

from audit.models import ChainHead, Event

log = structlog.get_logger(__name__)


class Broken(Exception):
    """A kept head is unreadable or was changed; its words say which."""


@dataclass(frozen=True)
class Checkpoint:
    """How far a chain had come when it was kept."""

    seq: int
    hash: str


def kept(chain: uuid.UUID) -> Checkpoint | None:
    """The head kept of a chain, None where none was. Raises Broken."""
    try:
        text = _file(chain).read_text()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Broken(f"the kept head cannot be read: {type(error).__name__}") from error
    try:
        said = json.loads(text)
        found = Checkpoint(int(said["seq"]), str(said["hash"]))
        seal, key_id = str(said["seal"]), str(said["key_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise Broken("the kept head is no longer readable: its file was changed") from error
    if not hmac.compare_digest(seal, _seal(chain, found, key_id)):
        raise Broken("the seal of the kept head is broken: its file was changed")
    return found


def chains() -> set[uuid.UUID]:
    """Every chain of which a head is kept, in the database or not."""
    return {uuid.UUID(path.stem) for path in _folder().glob("*.json")}


def keep_all() -> int:
    """Keep the heads that moved; how many. A chain that no longer holds its kept head is left alone.

    Each one is a line of the log too, which usually goes to another machine.
    """
    moved = 0
    for head in ChainHead.objects.order_by("chain").iterator(500):
        try:
            moved += _keep(head)
        except (Broken, OSError) as error:
            log.error("audit.checkpoint_not_kept", chain=str(head.chain), why=str(error))
    return moved


def _keep(head: ChainHead) -> bool:
    before = kept(head.chain)
    if before is not None and (before.seq, before.hash) == (head.seq, head.hash):
        return False
    if before is not None and not holds(head.chain, before):
        raise Broken(f"event {before.seq} is not the one that was kept: the chain was changed")
    present = Checkpoint(head.seq, head.hash)
    key_id = next(iter(settings.AUDIT_SEAL_KEYS))
    said = {"seq": present.seq, "hash": present.hash, "key_id": key_id}
    _replace(_file(head.chain), json.dumps(said | {"seal": _seal(head.chain, present, key_id)}))
    log.info("audit.checkpoint", chain=str(head.chain), seq=head.seq, hash=head.hash)
    return True


def holds(chain: uuid.UUID, checkpoint: Checkpoint) -> bool:
    """Whether the chain still has the event of the checkpoint."""
    rows = Event.objects.filter(chain=chain, seq=checkpoint.seq, hash=checkpoint.hash)
    return checkpoint.seq == 0 or rows.exists()


def _seal(chain: uuid.UUID, checkpoint: Checkpoint, key_id: str) -> str:
    key = settings.AUDIT_SEAL_KEYS.get(key_id, "")
    text = f"checkpoint\n{chain}\n{checkpoint.seq}\n{checkpoint.hash}"
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


def _folder() -> Path:
    folder = Path(settings.AUDIT_CHECKPOINTS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _file(chain: uuid.UUID) -> Path:
    return _folder() / f"{chain}.json"


def _replace(path: Path, text: str) -> None:
    """Write beside and rename: a crash leaves the old head or the new one, never half of one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
