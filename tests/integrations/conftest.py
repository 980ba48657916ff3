"""Fixtures of connecting: the pretend Truto as a real process, and a person who allows access."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import TestCase

from audit.services import Actor
from integrations.models import ConnectAttempt
from integrations.services import attempts, connecting, disconnecting
from tests.sandbox_process import SandboxProcess, start_sandbox
from workspaces.models import User, Workspace

FIRST = "Demo Company (Sandbox)"
SECOND = "Second Demo Company (Sandbox)"
RETURN = "http://testserver/back/"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox process for all tests of this folder."""
    started = start_sandbox(tmp_path_factory.mktemp("sandbox"))
    yield started
    started.stop()


@pytest.fixture
def sandbox(running: SandboxProcess, settings: Any) -> SandboxProcess:
    """The sandbox with its seed, and settings that point at it."""
    running.control("POST", "reset")
    settings.TRUTO_API_BASE_URL = settings.TRUTO_APP_BASE_URL = running.base_url
    settings.TRUTO_API_TOKEN = running.token
    settings.TRUTO_ENVIRONMENT_ID = ""
    return running


@contextmanager
def committed() -> Iterator[None]:
    """What follows a commit, since a test's own transaction never commits: bells, then the worker."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield
    disconnecting.revoke_pending()


class Person:
    """Somebody at the connect page: starts attempts and answers the consent question."""

    def __init__(
        self, sandbox: SandboxProcess, workspace: Workspace, user: User, by: Actor
    ) -> None:
        self.sandbox, self.workspace, self.user, self.by = sandbox, workspace, user, by

    def start(self, user: User | None = None) -> ConnectAttempt:
        return attempts.start_connect(
            self.workspace,
            integration="xero",
            user=user or self.user,
            acknowledged=True,
            by=self.by,
        )

    def allow(self, attempt: ConnectAttempt, organisation: str = FIRST, **more: Any) -> Any:
        """Go to the link and answer; gives the message that the window would post."""
        return self.answer(attempts.link(attempt, return_url=RETURN), organisation, **more)

    def answer(self, url: str, organisation: str = FIRST, **more: Any) -> Any:
        token = parse_qs(urlsplit(url).query)["link_token"][0]
        return self.sandbox.control(
            "POST", "approve", link_token=token, organisation=organisation, **more
        )

    def look(self, attempt: ConnectAttempt) -> ConnectAttempt:
        """Look at the attempt, with what follows the commit."""
        with committed():
            return connecting.look_at(attempt, by=self.by)

    def connect(self, organisation: str = FIRST) -> ConnectAttempt:
        """All of it: start, allow, look."""
        attempt = self.start()
        self.allow(attempt, organisation)
        return self.look(attempt)

    def remote(self) -> list[dict[str, Any]]:
        """The accounts that the pretend Truto has."""
        accounts: list[dict[str, Any]] = self.sandbox.control("GET", "accounts")["accounts"]
        return accounts


@pytest.fixture
def person(sandbox: SandboxProcess, workspace: Workspace, admin: User, by: Actor) -> Person:
    return Person(sandbox, workspace, admin, by)


@pytest.fixture
def connected(person: Person) -> ConnectAttempt:
    """An attempt that led to a connection of the first organisation."""
    return person.connect()
