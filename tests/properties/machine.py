"""A rule-based machine: people come and go, lists break, clocks run, and the product must not lie.

`python -m pytest tests/properties/test_machine.py` runs a part; STEPS in the environment runs more.
"""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from access import services as access
from access import tasks as access_tasks
from access.models import Account, AccountSpan
from audit import clock
from audit import selectors as audit
from checks import selectors as checks
from checks import services as check_services
from checks.models import Evaluation, JudgedSystem, SpecialCase, Task, TaskEvent
from checks.status import OPEN, Status
from integrations import services as integrations
from integrations.models import Connection
from integrations.providers.base import ProviderSignal
from jobs.models import State
from people import services as people
from tests.properties import expecting
from tests.properties.expecting import expected
from tests.properties.outside import FAULTS
from tests.properties.running import BY, LEVELS, NAMES, Running, set_clock
from workspaces import services as workspaces


class Machine(Running):
    """Every rule is something that happens; the invariants are looked at after each."""

    @initialize()
    def begin(self) -> None:
        self.workspace = workspaces.found("Example Company", zone="Europe/London", by=BY)
        self.admins = [self._admin(n) for n in range(2)]
        self.roles = [
            people.create_org_role(self.workspace, name=name, by=BY)
            for name in ("Accountant", "Clerk")
        ]
        for n, name in enumerate(NAMES[:3]):
            self._join(name, [self.roles[n % 2]])
        for n in range(4):
            self._user(n, f"holder.{n}@example.test", "STANDARD", subscriber=n == 3)
        self._connect(reconnect=None)
        self._sync()
        (found,) = Connection.objects.filter(workspace=self.workspace)
        self.system = access.add_system(
            self.workspace, integration="xero", connection=found, user=self.admins[0], by=BY
        )

    # What happens among people.

    @rule(n=st.integers(0, 5), role=st.integers(0, 1))
    def joins(self, n: int, role: int) -> None:
        if self._person(n) is None:
            self._may(lambda: self._join(NAMES[n], [self.roles[role]]))

    @rule(n=st.integers(0, 5), days=st.sampled_from([None, 0, 3]))
    def leaves(self, n: int, days: int | None) -> None:
        person = self._person(n)
        if person is not None:
            today = clock.now().date()
            last_day = None if days is None else today + timedelta(days=days)
            ends = "now" if days is None else "end_of_day"
            self._may(
                lambda: people.offboard(
                    person, last_day=last_day, access_ends=ends, reason="Moved", by=BY
                )
            )

    @rule(n=st.integers(0, 5))
    def returns(self, n: int) -> None:
        person = self._person(n)
        if person is not None:
            self._may(lambda: people.reinstate(person, by=BY))

    @rule(n=st.integers(0, 5), role=st.integers(0, 2))
    def changes_org_role(self, n: int, role: int) -> None:
        person = self._person(n)
        if person is not None:
            people.set_org_roles(person, org_roles=self.roles[role : role + 1], by=BY)

    @rule(n=st.integers(0, 5), m=st.integers(0, 5))
    def gets_an_alias(self, n: int, m: int) -> None:
        person = self._person(n)
        if person is not None:
            address = f"holder.{m}@example.test"
            self._may(lambda: people.add_alias(person, address=address, by=BY))

    # What happens in Xero.

    @rule(n=st.integers(0, 7), m=st.integers(0, 7), level=st.sampled_from(LEVELS))
    def xero_adds_or_changes(self, n: int, m: int, level: str) -> None:
        known = self.xero.users.get(f"user-{n}")
        subscriber = known is not None and known.is_subscriber
        self._user(n, f"holder.{m}@example.test", level, subscriber=subscriber)

    @rule(n=st.integers(0, 7))
    def xero_removes(self, n: int) -> None:
        self.xero.users.pop(f"user-{n}", None)

    # What admins decide.

    @rule(n=st.integers(0, 7), m=st.integers(0, 5), a=st.integers(0, 1))
    def identifies(self, n: int, m: int, a: int) -> None:
        account, person = self._account(n), self._person(m)
        if (
            account is not None
            and person is not None
            and self._may(
                lambda: access.identify_as_staff(
                    [account], staff=person, user=self.admins[a], by=BY
                )
            )
        ):
            self.believed.came_back.discard(account.external_id)

    @rule(n=st.integers(0, 7), m=st.integers(0, 5), days=st.sampled_from([2, 300]))
    def accepts_as_not_staff(self, n: int, m: int, days: int) -> None:
        account, owner = self._account(n), self._person(m) or self.admins[0]
        if account is not None and self._may(
            lambda: access.identify_as_not_staff(
                [account],
                workspace=self.workspace,
                kind="service",
                owner=owner,
                reason="Bank feed",
                ends_on=clock.now().date() + timedelta(days=days),
                user=self.admins[0],
                by=BY,
            )
        ):
            self.believed.came_back.discard(account.external_id)

    @rule(n=st.integers(0, 7))
    def undoes(self, n: int) -> None:
        decision = self._decision(n)
        if decision is not None:
            self._may(lambda: access.undo(decision, user=self.admins[0], by=BY))

    @rule(n=st.integers(0, 7), a=st.integers(0, 1))
    def approves(self, n: int, a: int) -> None:
        decision = self._decision(n)
        if decision is not None and self._may(
            lambda: access.approve_release(decision, user=self.admins[a], by=BY)
        ):
            self.believed.holds.pop(str(decision.account_id), None)

    @rule(
        everybody=st.booleans(),
        roles=st.integers(1, 3),
        levels=st.sampled_from([None, frozenset({"READONLY", "STANDARD"})]),
    )
    def saves_the_rule(self, everybody: bool, roles: int, levels: frozenset[str] | None) -> None:
        chosen = [each for n, each in enumerate(self.roles) if roles & (n + 1)]
        self._may(
            lambda: access.save_rule(
                self.system,
                mode="all_staff" if everybody else "role_based",
                levels=levels if everybody else None,
                roles=[] if everybody else [access.RoleLevels(each, levels) for each in chosen],
                user=self.admins[0],
                by=BY,
            )
        )

    @rule(n=st.integers(0, 30), days=st.sampled_from([3, 60]))
    def accepts_a_fault(self, n: int, days: int) -> None:
        rows = Task.objects.filter(system_id=self.system.pk, resolved_at=None, closed_at=None)
        task = rows.order_by("check_id", "subject_label", "id")[n : n + 1].first()
        if task is None:
            return
        asked: list[SpecialCase] = []
        done = self._may(
            lambda: asked.append(
                check_services.request_special_case(
                    task,
                    reason="business_need",
                    note="Hand-over",
                    ends_on=clock.now().date() + timedelta(days=days),
                    user=self.admins[0],
                    by=BY,
                )
            )
        )
        if done and self._may(
            lambda: check_services.approve_special_case(asked[0], user=self.admins[1], by=BY)
        ):
            self.accepted.add((task.check_id, str(task.subject_id)))

    # What readings do.

    @rule()
    def is_read(self) -> None:
        self._sync()

    @rule(fault=st.sampled_from(FAULTS))
    def is_read_badly(self, fault: str) -> None:
        self._sync(fault)

    @rule(accept=st.booleans())
    def decides_on_a_held_list(self, accept: bool) -> None:
        run = self.connection.runs.filter(state=State.HELD).first()
        if run is None:
            return
        decide = integrations.accept_held if accept else integrations.discard_held
        users = self.held
        done = self._may(lambda: decide(run, user=self.admins[1], reason="Looked at it", by=BY))
        if done and accept:
            run.refresh_from_db()
            self._believe(users, run)

    @rule(other=st.sampled_from([False, False, True]))
    def is_reconnected(self, other: bool) -> None:
        self._connect(reconnect=self.connection, other=other)

    @rule(really=st.integers(0, 3))
    def is_disconnected(self, really: int) -> None:
        if really:
            return
        integrations.disconnect(self.connection, user=self.admins[0], by=BY)
        self.believed.readable = False

    @rule()
    def xero_ends_the_authorisation(self) -> None:
        self.xero.authorised = False

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

    # What time and trouble do.

    @rule(hours=st.sampled_from([1, 9, 30, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.hours += hours
        set_clock(self.hours)
        self.looked = False

    @rule()
    def the_minute_is_looked_at(self) -> None:
        access_tasks.look()
        self.looked = True

    @rule()
    def judging_falls_behind(self) -> None:
        check_services.touch([self.system.pk])
        passing = [each for each in self._statuses().values() if each is Status.PASSING]
        assert not passing
        access_tasks.look()

    @rule()
    def is_removed_and_added_again(self) -> None:
        access.remove_system(self.system, reason="Not critical", by=BY)
        assert Status.PASSING not in self._statuses().values()
        access.add_system(
            self.workspace,
            integration="xero",
            connection=self.connection,
            user=self.admins[0],
            by=BY,
        )

    # What must hold after every step.

    def _statuses(self) -> dict[tuple[str, str], Status]:
        rows = checks.tasks(self.workspace, clock.now())
        return {(task.check_id, str(task.subject_id)): checks.RANKED[task.code] for task in rows}

    @invariant()
    @precondition(lambda self: hasattr(self, "system"))
    def no_pass_is_false_and_no_fault_is_hidden(self) -> None:
        now, seen = clock.now(), self._statuses()
        self._follow_decisions()
        truth = expected(self.workspace, self.believed, now)
        fresh = self.believed.fresh(now)
        for key, status in seen.items():
            if status is Status.PASSING:
                assert key in truth.may_pass, (key, status)
                assert fresh or key[0] == "access_control_configured", (key, "on old data")
        # A decision that ended by the clock alone is grey until the minute's look: never green.
        shown = OPEN if self.looked else OPEN | {Status.STALE}
        for key in truth.must_fail:
            if key[0] != "offboarded_access_removed" or key in seen:
                also = {Status.SPECIAL_CASE} if key in self.accepted else set()
                assert seen.get(key) in shown | also, (key, seen.get(key))
        self._summaries_agree(seen)

    def _follow_decisions(self) -> None:
        found = expecting.decisions(self.workspace).items()
        decided = {str(key): str(each.staff_id) for key, each in found if each.staff_id}
        self.believed.follow(decided, set(expecting.ends(self.workspace)))

    def _summaries_agree(self, seen: dict[tuple[str, str], Status]) -> None:
        judged = JudgedSystem.objects.get(pk=self.system.pk)
        for each in checks.summaries([judged], clock.now())[str(judged.pk)]:
            of_check = {status for (check, _), status in seen.items() if check == each.check_id}
            if each.status is Status.PASSING:
                assert of_check <= {Status.PASSING, Status.SPECIAL_CASE, Status.CLOSED}, each

    @invariant()
    @precondition(lambda self: hasattr(self, "system"))
    def the_projection_is_the_believed_list(self) -> None:
        rows = Account.objects.filter(connection=self.connection, present=True)
        shown = {each.external_id: (each.email, each.level) for each in rows}
        believed = {
            key: (each.email, each.level)
            for key, each in self.believed.users.items()
            if each.level != "REMOVED"
        }
        assert {key: each for key, each in shown.items() if each[1] != "REMOVED"} == believed
        spans = AccountSpan.objects.filter(account__connection=self.connection, ended_at=None)
        assert spans.count() == rows.count()

    @invariant()
    @precondition(lambda self: hasattr(self, "system"))
    def history_is_only_added_to(self) -> None:
        spans = AccountSpan.objects.filter(workspace=self.workspace, ended_at__isnull=False)
        lines = TaskEvent.objects.filter(workspace=self.workspace)
        now = {
            row[0]: row
            for row in (
                *spans.values_list("id", "level", "email", "began_at", "ended_at"),
                *lines.values_list("id", "kind", "why", "at", "task_id"),
            )
        }
        assert self.history.items() <= now.items()
        self.history = now

    @invariant()
    @precondition(lambda self: hasattr(self, "system"))
    def work_is_never_doubled(self) -> None:
        assert self.connection.runs.filter(state=State.RUNNING).count() == 0
        keys = Task.objects.filter(system_id=self.system.pk).values_list("check_id", "subject_id")
        assert len(keys) == len(set(keys))

    def everything_heals(self) -> None:
        """After the last fault one reconnect and one reading bring everything up to date."""
        if not hasattr(self, "system"):
            return
        self._connect(reconnect=self.connection)
        self._sync()
        run = self.connection.runs.filter(state=State.HELD).first()
        if run is not None:
            integrations.accept_held(run, user=self.admins[1], reason="Looked at it", by=BY)
            users = self.held
            run.refresh_from_db()
            self._believe(users, run)
        self.no_pass_is_false_and_no_fault_is_hidden()
        self.the_projection_is_the_believed_list()
        assert audit.verification(self.workspace.pk).whole
        for evaluation in Evaluation.objects.filter(workspace=self.workspace):
            assert check_services.replay(evaluation) == evaluation.verdicts_digest
