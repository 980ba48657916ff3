"""The embedded installation for real: starts, answers, ends cleanly, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from sprinto_xero import embedded
from tests.processes import MARK, marked, wait_until

pytestmark = [pytest.mark.sqlite_only, pytest.mark.xdist_group("up")]

ROOT = Path(__file__).resolve().parents[1]
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Installation:
    """One `manage.py up` on a data folder of its own, marked so that its processes are found."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.mark, self.port, self.lines = uuid.uuid4().hex, free_port(), [""]
        self.folder = folder
        own = {"DATA_DIR": str(folder), "PORT": self.port, "SANDBOX_PORT": free_port()}
        # PYTHONPATH is passed on to every process, so the mark rides on it.
        own |= {MARK: self.mark, "PYTHONPATH": f"{ROOT}:/nowhere/{self.mark}"}
        outer = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=outer | own | env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            self.lines.extend(stream)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def log(self, name: str) -> str:
        """What a program has written; nothing before it began."""
        file = self.folder / "logs" / f"{name}.log"
        return file.read_text() if file.exists() else ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def ready(self) -> "Installation":
        def said_or_ended() -> bool:
            return "Ctrl-C ends everything." in self.output or self.process.poll() is not None

        wait_until(said_or_ended, seconds=120, what="the address is printed")
        assert self.process.poll() is None, self.output
        return self

    def processes(self) -> set[int]:
        return marked(self.mark)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=120)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    started: list[Installation] = []

    def begin(**env: str) -> Installation:
        started.append(Installation(tmp_path / "data", **env))
        return started[-1]

    yield begin
    for each in started:
        for pid in each.processes():
            os.kill(pid, signal.SIGKILL)
        each.process.wait(timeout=10)


def page(url: str) -> tuple[str, str]:
    """The final address and the text of a page."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.url, answer.read().decode()


def test_up_shows_sign_in_page_and_ends_cleanly(start: Callable[..., Installation]) -> None:
    installation = start().ready()
    _, text = page(f"{installation.url}/accounts/login/")
    assert "password" in text.lower()
    assert f"Ready: {installation.url}" in installation.output
    assert embedded.DEMO_EMAIL in installation.output
    wait_until(lambda: "ready." in installation.log("worker"), seconds=90, what="the worker is up")
    assert len(installation.processes()) >= 6  # up, web and its process, worker, clock, sandbox
    assert installation.end() == 0
    assert installation.processes() == set()
    assert "Traceback" not in installation.output + installation.log("web")
    # Nothing buries the address and the sign-in: they are the last words before the end.
    said = [line for line in installation.output.splitlines() if line]
    assert [line.split()[0] for line in said[-4:]] == ["Ready:", "Sign", "Ctrl-C", "up"]


def test_demo_sign_in_that_was_printed_opens_the_product(
    start: Callable[..., Installation], tmp_path: Path
) -> None:
    installation = start().ready()
    password = embedded.read_secrets(tmp_path / "data")["DEMO_PASSWORD"]
    assert password in installation.output
    address = f"{installation.url}/accounts/login/"
    with requests.Session() as browser:
        browser.get(address, timeout=30)
        form = {"login": embedded.DEMO_EMAIL, "password": password}
        form["csrfmiddlewaretoken"] = browser.cookies["hub_csrf"]
        answer = browser.post(address, data=form, headers={"Referer": address}, timeout=60)
    assert answer.status_code == 200
    assert answer.url.endswith("/access/")
    assert "Critical" in answer.text
    installation.end()


def test_up_killed_leaves_no_orphan(start: Callable[..., Installation]) -> None:
    installation = start().ready()
    wait_until(lambda: "ready." in installation.log("worker"), seconds=90, what="the worker is up")
    installation.process.kill()
    wait_until(lambda: not installation.processes(), seconds=90, what="everything has ended")


def test_up_again_keeps_secrets_and_data(
    start: Callable[..., Installation], tmp_path: Path
) -> None:
    start().ready().end()
    before = embedded.read_secrets(tmp_path / "data")
    again = start().ready()
    assert embedded.read_secrets(tmp_path / "data") == before
    assert before["DEMO_PASSWORD"] in again.output
    again.end()


def test_up_twice_on_one_folder_names_the_first(start: Callable[..., Installation]) -> None:
    first = start().ready()
    second = start()
    assert second.process.wait(timeout=90) == 1
    wait_until(lambda: first.url in second.output, seconds=5, what="the first one's address")
    assert first.process.poll() is None
    first.end()


def test_up_with_the_real_truto_starts_empty_and_says_how_to_make_the_first_admin(
    start: Callable[..., Installation],
) -> None:
    installation = start(TRUTO_API_TOKEN="only-for-tests").ready()
    said = installation.output
    assert embedded.DEMO_EMAIL not in said
    assert not (installation.folder / "sandbox").exists()
    command = next(line for line in installation.lines if "create_admin" in line)
    env = {**os.environ, "ADMIN_PASSWORD": "correct horse battery"}
    made = subprocess.run(command, shell=True, env=env, capture_output=True, text=True)
    assert made.stdout == "you@company.example is an administrator of Your company.\n", made.stderr
    assert installation.end() == 0


def test_up_on_a_port_in_use_says_so(start: Callable[..., Installation]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        refused = start(PORT=str(server.getsockname()[1]))
        assert refused.process.wait(timeout=90) == 1
    wait_until(lambda: "is in use by another program" in refused.output, seconds=5, what="why")
