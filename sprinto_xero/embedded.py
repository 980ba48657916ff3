"""The embedded installation: its data folder, its secrets, its ports, and what each process is told."""

import fcntl
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import IO

from sprinto_xero.environment import OFF, ON, SANDBOX_TOKEN

BASE_DIR = Path(__file__).resolve().parent.parent
FIRST_PORT = 8000
PORTS_TRIED = 100
SECRETS_FILE = "secrets.env"
DEMO_EMAIL = "demo.admin@demo.example"
SHORTEST_PASSWORD = 12  # as everywhere in the product
# What the sandbox may know of the environment it was started in: nothing of ours.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "SANDBOX_RATE_LIMITS")

_held: list[IO[str]] = []  # an open lock is a held lock


class CannotStart(Exception):
    """The installation cannot be started; the message says why and what to do."""


def data_folder(environ: Mapping[str, str]) -> Path:
    """The folder that holds everything the installation keeps."""
    return Path(environ.get("DATA_DIR") or BASE_DIR / "data").expanduser().resolve()


def make_data_folder(folder: Path) -> None:
    """Make the data folder, open to nobody but its owner."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        (folder / "static").mkdir(exist_ok=True)  # the web server looks there and warns without it
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} cannot be used: {error.strerror}. Nothing was changed. "
            "Choose another: DATA_DIR=/path/to/folder bin/run"
        ) from error


def take_lock(folder: Path) -> IO[str]:
    """Keep others from starting on the same data folder for as long as the answer is open."""
    lock = (folder / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        with lock:
            lock.seek(0)
            where = lock.read()
        raise CannotStart(
            f"It is already running on the data folder {folder}{where}. Nothing was changed. "
            "Use that one, end it with Ctrl-C, or give this one its own: DATA_DIR=... bin/run"
        ) from error
    return lock


def note_address(address: str) -> None:
    """Write into the held lock where the installation answers, for whoever meets the lock."""
    for lock in _held:
        lock.truncate(0)
        lock.write(f" and answers at {address}")
        lock.flush()


def _fresh_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "AUDIT_SEAL_KEYS": "k1:" + secrets.token_hex(32),
        "SANDBOX_SECRET_KEY": secrets.token_urlsafe(50),
        "SANDBOX_API_TOKEN": SANDBOX_TOKEN + secrets.token_hex(24),
        "SANDBOX_WEBHOOK_SECRET": secrets.token_hex(32),
        "DEMO_PASSWORD": "-".join(secrets.token_hex(2) for _ in range(4)),
    }


def read_secrets(folder: Path) -> dict[str, str]:
    """The secrets kept in the data folder; empty before the first start."""
    try:
        lines = (folder / SECRETS_FILE).read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def keep_secrets(folder: Path) -> dict[str, str]:
    """The secrets of this installation: made once, then kept; names new in an upgrade are added."""
    kept = read_secrets(folder)
    merged = _fresh_secrets() | kept
    if merged != kept:
        _replace(folder / SECRETS_FILE, "".join(f"{k}={v}\n" for k, v in merged.items()))
    return merged


def _replace(path: Path, text: str) -> None:
    """Write a file for its owner's eyes, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w") as file:
        file.write(
            "# Secrets of this installation. Keep a copy in a safe place, apart from backups.\n"
        )
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _asked_port(name: str, value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise CannotStart(f"{name} must be a number from 1 to 65535, not {value!r}.")
    if not _is_free(int(value)):
        raise CannotStart(
            f"Port {value} is in use by another program. Nothing was changed. "
            f"Choose another ({name}={int(value) % 65535 + 1} bin/run) or leave {name} unset."
        )
    return int(value)


def choose_port(environ: Mapping[str, str], name: str, first: int) -> int:
    """The port asked for by the variable `name`, else the first free one from `first` on."""
    if asked := environ.get(name):
        return _asked_port(name, asked)
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        if _is_free(port):
            return port
    raise CannotStart(f"No free port from {first} on. Name one: {name}=... bin/run")


def adopt(environ: MutableMapping[str, str]) -> None:
    """Fill in what an embedded installation knows by itself; what is set already stays.

    For every command of `manage.py`, so that `manage.py verify_audit` needs no exports.
    """
    if environ.get("DEPLOYMENT", "embedded") == "embedded":
        folder = data_folder(environ)
        _fill(environ, folder, read_secrets(folder))


def _fill(environ: MutableMapping[str, str], folder: Path, kept: Mapping[str, str]) -> None:
    known = {"DATA_DIR": str(folder)}
    known |= {k: v for k, v in kept.items() if not k.startswith("SANDBOX_")}
    if kept and uses_sandbox(environ):
        address = f"http://localhost:{environ.get('SANDBOX_PORT') or FIRST_PORT + 1}"
        known |= {
            "SANDBOX": "on",
            "TRUTO_API_BASE_URL": address,
            "TRUTO_APP_BASE_URL": address,
            "TRUTO_API_TOKEN": kept["SANDBOX_API_TOKEN"],
            "TRUTO_WEBHOOK_SECRETS": kept["SANDBOX_WEBHOOK_SECRET"],
        }
    for name, value in known.items():
        if not environ.get(name):
            environ[name] = value


def uses_sandbox(environ: Mapping[str, str]) -> bool:
    """Whether the sandbox stands in for Truto: what SANDBOX says, else yes without a Truto token."""
    default = "off" if environ.get("TRUTO_API_TOKEN") else "on"
    asked = environ.get("SANDBOX", default).strip().lower()
    if asked not in ON | OFF:
        raise CannotStart(f"SANDBOX must be on or off, not {asked!r}. Nothing was changed.")
    return asked in ON


def enter(argv: Sequence[str], environ: MutableMapping[str, str]) -> None:
    """What `manage.py` does before Django reads its settings; ends with words if it cannot."""
    try:
        if argv[1:2] == ["up"]:
            _held.append(prepare(environ))
        else:
            adopt(environ)
    except CannotStart as error:
        sys.exit(str(error))


def prepare(environ: MutableMapping[str, str]) -> IO[str]:
    """Make ready to start: folder, lock, secrets and ports, all put into `environ`.

    Answers the held lock; raises CannotStart with a message for people.
    """
    os.umask(0o077)  # for all files that this process and its children make
    folder = data_folder(environ)
    _refuse_short_password(environ)
    make_data_folder(folder)
    lock = take_lock(folder)
    try:
        _choose_ports(environ)
        _fill(environ, folder, keep_secrets(folder))
    except BaseException:
        lock.close()
        raise
    return lock


def _refuse_short_password(environ: Mapping[str, str]) -> None:
    given = environ.get("DEMO_PASSWORD")
    if given and uses_sandbox(environ) and len(given) < SHORTEST_PASSWORD:
        raise CannotStart(
            f"DEMO_PASSWORD has {len(given)} characters; {SHORTEST_PASSWORD} is the least. Nothing"
            " was changed. Give a longer one, or leave it unset and one is made."
        )


def _choose_ports(environ: MutableMapping[str, str]) -> None:
    port = choose_port(environ, "PORT", FIRST_PORT)
    environ["PORT"] = str(port)
    if uses_sandbox(environ):
        environ["SANDBOX_PORT"] = str(choose_port(environ, "SANDBOX_PORT", port + 1))


def log_folder(environ: Mapping[str, str]) -> Path:
    """Where each program's output goes, a file for each."""
    return data_folder(environ) / "logs"


def demo_password(environ: Mapping[str, str]) -> str:
    """How to say the demo's password: the one made here in full, a given one not at all."""
    made = read_secrets(data_folder(environ)).get("DEMO_PASSWORD")
    if environ.get("DEMO_PASSWORD") == made:
        return f"the password {made}"
    return "the password in DEMO_PASSWORD"


# Many threads, many arenas of memory that glibc hands back late: two are enough for this work.
EVERY_PROCESS = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def sandbox_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the sandbox's process is told: its own secrets, and where to send webhooks."""
    folder = data_folder(environ)
    kept = {k: v for k, v in read_secrets(folder).items() if k.startswith("SANDBOX_")}
    own = {
        "SANDBOX": "on",
        "SANDBOX_PORT": environ["SANDBOX_PORT"],
        "SANDBOX_DATA_DIR": str(folder / "sandbox"),
        "SANDBOX_WEBHOOK_URL": f"http://localhost:{environ['PORT']}/webhooks/truto/",
        "SANDBOX_WEBHOOK_ENCODING": environ.get("SANDBOX_WEBHOOK_ENCODING", "hex"),
        "DJANGO_SETTINGS_MODULE": "sandbox.settings",
    }
    passed_on = {name: environ[name] for name in PASSED_ON if name in environ}
    return passed_on | kept | own | EVERY_PROCESS


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What our own processes are told: all but the sandbox's and the demo's secrets."""
    kept_back = ("SANDBOX_", "DEMO_PASSWORD")
    ours = {k: v for k, v in environ.items() if not k.startswith(kept_back)}
    return ours | {"DJANGO_SETTINGS_MODULE": "sprinto_xero.settings"} | EVERY_PROCESS
