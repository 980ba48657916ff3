"""Files that people attach: told by their content, named by their digest, kept outside the web root."""

import hashlib
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

from django.conf import settings

LARGEST = 5 * 1024 * 1024  # bytes
LONGEST_NAME = 200


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: its endings, its type for the browser, its first bytes."""

    label: str
    mime: str
    endings: tuple[str, ...]
    starts: tuple[bytes, ...] = ()  # none: text


KINDS = {
    "pdf": Kind("PDF", "application/pdf", (".pdf",), (b"%PDF-",)),
    "png": Kind("PNG picture", "image/png", (".png",), (b"\x89PNG\r\n\x1a\n",)),
    "jpg": Kind("JPEG picture", "image/jpeg", (".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    "csv": Kind("CSV table", "text/csv", (".csv",)),
    "txt": Kind("Text", "text/plain", (".txt",)),
    "eml": Kind("E-mail", "message/rfc822", (".eml",)),
}
ACCEPTED = ",".join(ending for kind in KINDS.values() for ending in kind.endings)
NAMES = "PDF, PNG, JPEG, CSV, text or e-mail (.eml)"


class Unfit(Exception):
    """A file that is not taken; the words say why and what to do."""


def clean_name(name: str) -> str:
    """The last part of a file's name, without what no file name should hold."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*')
    stem, dot, ending = kept.strip(" .").rpartition(".")
    return f"{stem[: LONGEST_NAME - 10]}{dot}{ending[:9]}" or "file"


def kind_of(name: str, content: bytes) -> str:
    """The kind of a file, where its name and its content say the same. Raises Unfit."""
    if not content:
        raise Unfit("The file is empty. Choose another one.")
    if len(content) > LARGEST:
        raise Unfit(f"The file is larger than {LARGEST // 1024 // 1024} MB. Choose a smaller one.")
    ending = Path(name.lower()).suffix
    key = next((key for key, kind in KINDS.items() if ending in kind.endings), "")
    if not key:
        raise Unfit(f"This kind of file is not taken. Choose a {NAMES} file.")
    if not _fits(key, content):
        label = KINDS[key].label
        raise Unfit(f"The name says {label}, but the content is something else. Check the file.")
    return key


def _fits(key: str, content: bytes) -> bool:
    starts = KINDS[key].starts
    if starts:
        return content.startswith(starts)
    return _is_text(content) and (key != "eml" or _is_email(content))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return all(char >= " " or char in "\t\r\n" for char in text)


def _is_email(content: bytes) -> bool:
    message = message_from_bytes(content)
    return bool(message["From"]) and bool(message["Date"] or message["Subject"])


def keep(content: bytes) -> str:
    """Write the content under its SHA-256 and return that, in hex; the same content is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    place = _place(digest)
    if place.exists():
        os.utime(place)  # wanted again: not to be swept away as left behind
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(place)  # whole or not at all
    return digest


def read(digest: str) -> bytes | None:
    """The content with this digest; None where it is missing or no longer what it was."""
    try:
        content = _place(digest).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def older(before: datetime) -> Iterator[str]:
    """Names of files, unfinished ones too, that nobody sent since `before`."""
    for place in settings.ATTACHMENTS_DIR.glob("??/*"):
        if _sent(place) < before.timestamp():
            yield place.name


def discard(name: str, before: datetime) -> bool:
    """Remove a file that `older` named, unless it was sent again meanwhile."""
    for place in settings.ATTACHMENTS_DIR.glob(f"??/{name}"):
        if _sent(place) < before.timestamp():
            place.unlink(missing_ok=True)
            return True
    return False


def _sent(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except OSError:  # another sweeper was first
        return math.inf


def _place(digest: str) -> Path:
    folder: Path = settings.ATTACHMENTS_DIR
    return folder / digest[:2] / digest
