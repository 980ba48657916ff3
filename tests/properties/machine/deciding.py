"""What admins decide: whose an account is, who may have access, and which faults may stay."""

from datetime import datetime, time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from access import services as access
from access.models import Account
from checks import services as checks
from checks.models import SpecialCase, Task
from people import services as people
from people.models import StaffMember
from tests.properties.machine.people import WHO
from tests.properties.machine.running import BY, ZONE, Running, of, today

ACCOUNT = st.integers(0, 7)
ADMIN = st.integers(0, 1)
NARROW = frozenset({"READONLY", "STANDARD"})


class OfAdmins(Running):
    """Rules about decisions."""

    @rule(n=ACCOUNT, m=WHO, a=ADMIN)
    def identifies(self, n: int, m: int, a: int) -> None:
        account = self._account(n)
        if account is not None:
            self._identify(account, self._someone(m), a)

    @rule(n=ACCOUNT, m=WHO, days=st.sampled_from([2, 300]))
    def accepts_as_not_staff(self, n: int, m: int, days: int) -> None:
        account, owner = self._account(n), of([*self._people(), self.admins[0]], m)
        if account is not None and self._may(
            lambda: access.identify_as_not_staff(
                [account],
                workspace=self.workspace,
                kind="service",
                owner=owner,
                reason="Bank feed",
                ends_on=today() + timedelta(days=days),
                user=self.admins[0],
                by=BY,
            )
        ):
            self.believed.came_back.discard(account.external_id)

    @rule(n=ACCOUNT)
    def undoes(self, n: int) -> None:
        """Nobody's account any more, and what the decision taught is forgotten."""
        decision = self._decision(n)
        if decision is None or not self._may(
            lambda: access.undo(decision, user=self.admins[0], by=BY)
        ):
            return
        assert str(decision.account_id) not in self._decided()
        if decision.brought is not None:
            decision.brought.refresh_from_db()
            assert decision.brought.until is not None

    @rule(n=ACCOUNT, a=ADMIN)
    def approves(self, n: int, a: int) -> None:
        decision = self._decision(n)
        if decision is not None and self._may(
            lambda: access.approve_release(decision, user=self.admins[a], by=BY)
        ):
            self.believed.holds.pop(str(decision.account_id), None)

    @rule(everybody=st.booleans(), roles=st.integers(1, 3), narrow=st.booleans())
    def saves_the_rule(self, everybody: bool, roles: int, narrow: bool) -> None:
        levels = NARROW if narrow else None
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

    @rule(n=st.integers(0, 15), days=st.sampled_from([0, 3, 60]), approve=st.booleans())
    def asks_to_accept_a_fault(self, n: int, days: int, approve: bool) -> None:
        rows = Task.objects.filter(system_id=self.system.pk, resolved_at=None, closed_at=None)
        found = list(rows.order_by("check_id", "subject_label", "created_at"))
        if not found:
            return
        task = of(found, n)
        asked: list[SpecialCase] = []
        day = today() + timedelta(days=days)
        done = self._may(
            lambda: asked.append(
                checks.request_special_case(
                    task,
                    reason="business_need",
                    note="Hand-over",
                    ends_on=day,
                    user=self.admins[0],
                    by=BY,
                )
            )
        )
        if done:
            self.asked[asked[0].pk] = day
        if done and approve:
            self._approve(asked[0], 1)

    @rule(n=st.integers(0, 3), a=ADMIN, approve=st.booleans())
    def a_request_is_decided(self, n: int, a: int, approve: bool) -> None:
        """By either admin, who may be the one who asked: then it is refused."""
        case = self._case(n, SpecialCase.State.REQUESTED)
        if case is not None and approve:
            self._approve(case, a)
        elif case is not None:
            self._may(
                lambda: checks.reject_special_case(case, note="No", user=self.admins[a], by=BY)
            )

    @rule(n=st.integers(0, 3))
    def a_special_case_is_withdrawn(self, n: int) -> None:
        """A request is taken back, or what is in force ends early: the fault shows again."""
        case = self._case(n, SpecialCase.State.REQUESTED, SpecialCase.State.APPROVED)
        if case is None:
            return
        in_force = case.state == SpecialCase.State.APPROVED
        # What the clock has ended already is refused, and accepted no more either.
        self._may(lambda: checks.withdraw_special_case(case, user=self.admins[0], by=BY))
        if in_force:
            self.accepted.pop((case.task.check_id, str(case.task.subject_id)), None)

    @rule(n=st.integers(0, 3), m=WHO)
    def an_accepted_fault_is_solved(self, n: int, m: int) -> None:
        """What was accepted goes away, whichever way its check knows."""
        if not self.accepted:
            return
        check, subject = of(list(self.accepted), n)
        if check == "user_identified":
            account = Account.objects.get(pk=subject)
            self._identify(account, self._someone(m), 0)
        elif check == "offboarded_access_removed":
            self._may(lambda: people.reinstate(StaffMember.objects.get(pk=subject), by=BY))
        else:
            self.saves_the_rule(everybody=True, roles=1, narrow=False)

    def _identify(self, account: Account, person: StaffMember, a: int) -> None:
        if self._may(
            lambda: access.identify_as_staff([account], staff=person, user=self.admins[a], by=BY)
        ):
            self.believed.came_back.discard(account.external_id)

    def _case(self, n: int, *states: str) -> SpecialCase | None:
        rows = SpecialCase.objects.filter(workspace=self.workspace, state__in=states)
        found = list(rows.select_related("task", "workspace").order_by("requested_at"))
        return of(found, n) if found else None

    def _approve(self, case: SpecialCase, a: int) -> None:
        """What is accepted is the fault as it is now, until the day that was asked for is over."""
        if self._may(lambda: checks.approve_special_case(case, user=self.admins[a], by=BY)):
            key = (case.task.check_id, str(case.task.subject_id))
            assert a == 1, "approved by whoever asked"
            until = datetime.combine(self.asked[case.pk] + timedelta(days=1), time(), ZONE)
            self.accepted[key] = self._expected().facts.fault(key, until)
