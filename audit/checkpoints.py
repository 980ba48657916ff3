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

from audit.models import Event, EventBody

# Chain of what happens outside any workspace: sign-in, second factor, key rotation.
INSTALLATION = uuid.UUID(int=0)
BEGUN = "audit.checkpoint_begun"
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
    except FileNotFoundError as error:
        require_begun_whole()
        if chain in begun():
            raise Broken("the head that was kept of this chain is gone from its folder") from error
        return None
    except OSError as error:
        raise Broken(f"the kept head cannot be read: {type(error).__name__}") from error
    try:
        said = json.loads(text)
        found = Checkpoint(int(said["seq"]), str(said["hash"]))
        seal, key_id = str(said["seal"]), str(said["key_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise Broken("the kept head is no longer readable: its file was changed") from error
    if key_id not in settings.AUDIT_SEAL_KEYS:
        raise Broken("the kept head is sealed with an unknown key: its file was changed")
    if not hmac.compare_digest(seal.encode(), _seal(chain, found, key_id).encode()):
        raise Broken("the seal of the kept head is broken: its file was changed")
    return found


def chains() -> set[uuid.UUID]:
    """Every chain of which a head is or was kept, in the database or not."""
    return filed() | begun()


def filed() -> set[uuid.UUID]:
    """Every chain that has a file."""
    return {uuid.UUID(path.stem) for path in _folder().glob("*.json")}


def begun() -> set[uuid.UUID]:
    """The chains that the installation's chain names as ones of which a head is kept."""
    begins = Event.objects.filter(chain=INSTALLATION, kind=BEGUN).values("id")
    subjects = EventBody.objects.filter(event_id__in=begins).values_list("subject", flat=True)
    return {uuid.UUID(subject.removeprefix("chain:")) for subject in subjects}


def require_begun_whole() -> None:
    """Raises Broken where the words that name the kept chains were erased."""
    begins = Event.objects.filter(chain=INSTALLATION, kind=BEGUN)
    if begins.exclude(id__in=EventBody.objects.values("event_id")).exists():
        raise Broken("the record of which heads are kept was erased")


def keep(chain: uuid.UUID, head: Checkpoint) -> None:
    """Put a head in place of the one that was kept. Raises OSError."""
    key_id = next(iter(settings.AUDIT_SEAL_KEYS))
    said = {"seq": head.seq, "hash": head.hash, "key_id": key_id}
    _replace(_file(chain), json.dumps(said | {"seal": _seal(chain, head, key_id)}))
    log.info("audit.checkpoint", chain=str(chain), seq=head.seq, hash=head.hash)


def give_up(chain: uuid.UUID) -> None:
    """Drop the kept head of a chain that is not in the database. Raises OSError."""
    _file(chain).unlink(missing_ok=True)


def holds(chain: uuid.UUID, checkpoint: Checkpoint) -> bool:
    """Whether the chain still has the event of the checkpoint."""
    rows = Event.objects.filter(chain=chain, seq=checkpoint.seq, hash=checkpoint.hash)
    return checkpoint.seq == 0 or rows.exists()


def _seal(chain: uuid.UUID, checkpoint: Checkpoint, key_id: str) -> str:
    key = settings.AUDIT_SEAL_KEYS[key_id]
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
