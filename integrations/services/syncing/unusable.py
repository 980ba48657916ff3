"""Complete lists that must not be used, and why."""

from integrations.models import Connection
from integrations.providers.base import Organisation, ProviderError

WRONG_ORGANISATION = "wrong_organisation"  # code of a run; only a person can put it right


class Unusable(ProviderError):
    """A complete list that must not be used; the reason says why."""

    code = "unusable"

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.code = code

    @property
    def words(self) -> str:
        return f"{self.reason} Nothing was changed."


class WrongOrganisation(Unusable):
    """The product answers for another organisation than the pinned one."""

    def __init__(self, connection: Connection, seen: Organisation) -> None:
        super().__init__(
            f"Xero answered for “{seen.name}” instead of “{connection.organisation_name}”. Its data"
            " was not used. Reconnect and choose the right organisation.",
            WRONG_ORGANISATION,
        )
        self.seen = seen.name[:300] or seen.id
