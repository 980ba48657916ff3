"""What reconnects, notices and time do, and what trouble does to judging."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from access import services as access
from access import tasks as access_tasks
from audit import clock
from checks import services as checks
from checks.status import Status
from integrations import services as integrations
from integrations.providers.base import ProviderSignal
from tests.properties.machine.running import BY, SELDOM, Running, set_clock


class OverTime(Running):
    """Rules about the connection, the clock, and judging that fails."""

    @rule(other=st.sampled_from([False, False, False, True]))
    def is_reconnected(self, other: bool) -> None:
        self._connect(reconnect=self.connection, other=other)

    @rule(really=SELDOM)
    def is_disconnected(self, really: bool) -> None:
        if not really:
            return
        integrations.disconnect(self.connection, user=self.admins[0], by=BY)
        self.believed.readable = False

    @rule(really=SELDOM)
    def xero_ends_the_authorisation(self, really: bool) -> None:
        self.xero.authorised = self.xero.authorised and not really

    @rule(again=st.booleans(), kind=st.sampled_from(["active", "reauthentication_required"]))
    def a_notice_arrives(self, again: bool, kind: str) -> None:
        self.event += 0 if again else 1
        signal = ProviderSignal(
            event_id=f"event-{self.event}",
            kind=f"integrated_account:{kind}",
            ref=self.connection.ref,
            tenant_id=str(self.workspace.pk),
            environment_id=None,
            created_at=None,
        )
        event = integrations.receive(signal, provider="truto")
        if event is not None:
            integrations.handle(event.pk, by=BY)

    @rule(hours=st.sampled_from([1, 9, 30, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.hours += hours
        set_clock(self.hours)
        self.looked = False

    @rule()
    def the_minute_is_looked_at(self) -> None:
        access_tasks.look()
        access_tasks.look_at_endings()
        self.looked = True

    @rule(really=SELDOM)
    def judging_falls_behind(self, really: bool) -> None:
        if not really:
            return
        checks.touch([self.system.pk], now=clock.now())
        assert Status.PASSING not in self._statuses().values()
        access_tasks.look()

    @rule(really=SELDOM)
    def is_removed_and_added_again(self, really: bool) -> None:
        if not really:
            return
        access.remove_system(self.system, reason="Not critical", by=BY)
        assert Status.PASSING not in self._statuses().values()
        access.add_system(
            self.workspace,
            integration="xero",
            connection=self.connection,
            user=self.admins[0],
            by=BY,
        )
