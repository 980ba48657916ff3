"""Tools for tests of the REST API: a client with a token, and every address with its methods."""

import json
from typing import Any

from django.test import Client

from audit.services import Actor
from workspaces import services as workspaces
from workspaces.models import User, Workspace
from workspaces.permissions import Scope

BY = Actor(kind="command", label="test")
EVERYTHING = tuple(Scope.values)


class Tool:
    """Another tool with a token of `user`; bodies are sent as JSON, answers come parsed."""

    def __init__(
        self, workspace: Workspace, user: User, scopes: tuple[str, ...] = EVERYTHING
    ) -> None:
        self.token, self.secret = workspaces.create_token(
            workspace, name="Test tool", user=user, scopes=scopes, by=BY
        )
        self.client = Client(raise_request_exception=False)

    @classmethod
    def of(cls, secret: str) -> "Tool":
        """The same token in other hands."""
        made = cls.__new__(cls)
        made.secret, made.client = secret, Client(raise_request_exception=False)
        return made

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send `body` (bytes as they are) to a path of version 1, or to one that begins with /."""
        address = path if path.startswith("/") else f"/api/v1/{path}"
        data = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {self.secret}")
        kind = named.pop("Content-Type", "application/json")
        return self.client.generic(method, address, data, content_type=kind, headers=named)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def is_problem(response: Any, status: int) -> bool:
    """Whether the answer is a problem of RFC 9457 that says everything it must."""
    body = response.json()
    return (
        response.status_code == body["status"] == status
        and response["Content-Type"] == "application/problem+json"
        and bool(body["type"] and body["title"] and body["detail"])
    )
