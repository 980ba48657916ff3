"""What happens in Xero, how it is read, and what becomes of lists that are held."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from integrations import services as integrations
from jobs.models import State
from tests.properties.machine.deciding import ACCOUNT, ADMIN
from tests.properties.machine.outside import FAULTS
from tests.properties.machine.running import BY, LEVELS, Running, address


class OfReadings(Running):
    """Rules about Xero, the connection and the clock."""

    @rule(n=ACCOUNT, m=ACCOUNT, level=st.sampled_from(LEVELS), read=st.booleans())
    def xero_adds_or_changes(self, n: int, m: int, level: str, read: bool) -> None:
        known = self.xero.users.get(f"user-{n}")
        subscriber = known is not None and known.is_subscriber
        self._user(n, address(m), level, subscriber=subscriber)
        if read:
            self._sync()

    @rule(n=ACCOUNT, more=st.integers(0, 3), read=st.booleans())
    def xero_removes(self, n: int, more: int, read: bool) -> None:
        for number in range(n, n + 1 + more):
            self.xero.users.pop(f"user-{number % 8}", None)
        if read:
            self._sync()

    @rule(fault=st.sampled_from(("",) * 6 + FAULTS))
    def is_read(self, fault: str) -> None:
        self._sync(fault)

    @rule(accept=st.booleans(), a=ADMIN)
    def decides_on_a_held_list(self, accept: bool, a: int) -> None:
        run = self.connection.runs.filter(state=State.HELD).first()
        if run is None:
            return
        decide = integrations.accept_held if accept else integrations.discard_held
        users = self.held
        done = self._may(lambda: decide(run, user=self.admins[a], reason="Looked at it", by=BY))
        if done and accept:
            run.refresh_from_db()
            self._believe(users, run)
