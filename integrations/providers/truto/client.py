"""Truto's API as calls that give a JSON object or an error by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.providers import strict_json
from integrations.providers.base import Malformed, Pace
from integrations.providers.http import Answer, Egress, Limits
from integrations.providers.truto import refusals


@dataclass(frozen=True, slots=True)
class Document:
    """A successful answer: its JSON object and the SHA-256 (hex) of its bytes."""

    content: Mapping[str, Any] = field(repr=False)
    digest: str

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The rows of a list; Truto's reference spells the key in two ways."""
        rows = self.content.get("result", self.content.get("results"))
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Malformed("Truto's answer holds no list")
        return rows

    @property
    def next_cursor(self) -> str | None:
        """Where the list goes on; None at its end. An empty one says neither, so it is refused."""
        cursor = self.content.get("next_cursor")
        if cursor is None:
            return None
        if not isinstance(cursor, str) or not cursor:
            raise Malformed("Truto's answer holds a cursor that cannot be used")
        return cursor


class TrutoClient:
    """Calls to one Truto environment; the API token chooses which."""

    def __init__(
        self, base_url: str, *, token: str, pace: Pace, limits: Limits | None = None
    ) -> None:
        self._egress = Egress(
            base_url, token=token, pace=pace, limits=limits, passing=refusals.is_passing
        )

    def __repr__(self) -> str:
        return f"TrutoClient({self._egress!r})"

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Document:
        return self._document(self._egress.get(path, query))

    def post(self, path: str, body: Mapping[str, Any]) -> Document:
        return self._document(self._egress.post(path, body))

    def delete(self, path: str) -> None:
        """Remove; the answer's body does not matter."""
        self._succeeded(self._egress.delete(path))

    def close(self) -> None:
        self._egress.close()

    def _succeeded(self, answer: Answer) -> Answer:
        if not 200 <= answer.status < 300:
            raise refusals.meaning(answer, self._egress.scrub)
        return answer

    def _document(self, answer: Answer) -> Document:
        content = strict_json.read_object(self._succeeded(answer).body, what="Truto's answer")
        return Document(content, answer.digest)
