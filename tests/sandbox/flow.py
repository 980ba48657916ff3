"""Steps that many sandbox tests share: connect, read a list to its end, wait for something."""

import time
from collections.abc import Callable
from typing import Any

from tests.sandbox_process import SandboxProcess

FIRST = "Demo Company (Sandbox)"
SECOND = "Second Demo Company (Sandbox)"
USERS = "/unified/user-directory/users"


def link(sandbox: SandboxProcess, **body: Any) -> str:
    """Make a link token."""
    answer = sandbox.api("POST", "/link-token", json=body or {"tenant_id": "tenant-one"})
    assert answer.ok, answer.text
    token: str = answer.json()["link_token"]
    return token


def connect(
    sandbox: SandboxProcess,
    organisation: str = FIRST,
    *,
    tenant_id: str = "tenant-one",
    **more: Any,
) -> str:
    """Connect an organisation and give the account's id."""
    message = sandbox.control(
        "POST",
        "approve",
        link_token=link(sandbox, tenant_id=tenant_id),
        organisation=organisation,
        **more,
    )
    account_id: str = message["integrated_account_id"]
    return account_id


def users(sandbox: SandboxProcess, account_id: str, **params: Any) -> Any:
    """Ask for one page of users."""
    return sandbox.api("GET", USERS, params={"integrated_account_id": account_id, **params})


def pages(sandbox: SandboxProcess, account_id: str, **params: Any) -> list[dict[str, Any]]:
    """Read all pages, at most fifty."""
    read: list[dict[str, Any]] = []
    while len(read) < 50:
        read.append(users(sandbox, account_id, **params).json())
        if not read[-1]["next_cursor"]:
            return read
        params["next_cursor"] = read[-1]["next_cursor"]
    raise AssertionError("paging did not end")


def wait_for(condition: Callable[[], Any], *, seconds: float = 10) -> Any:
    """Wait until a condition holds and give its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
