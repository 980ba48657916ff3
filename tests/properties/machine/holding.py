"""What must hold after every step, and once the last fault is over."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from hypothesis.stateful import invariant

from access.models import Account, AccountSpan
from audit import clock
from audit import selectors as audit
from audit.models import Event
from checks import selectors as checks
from checks import services as check_services
from checks.models import CheckResult, Evaluation, JudgedSystem, TaskEvent
from checks.status import OPEN, Status
from integrations import services as integrations
from jobs.models import State
from tests.properties.machine.asking import asked
from tests.properties.machine.expecting import Expected, Facts, Key, expected
from tests.properties.machine.running import BY, Running
from workspaces import bulk

LISTS = {"access_account", "access_accountspan"}
HISTORY = {"access_accountspan", "checks_taskevent"}


@asked("check_id", "waiting_for", "judged")
def _results(system_id: UUID) -> QuerySet[Any, Any]:
    return CheckResult.objects.filter(system=system_id)


class Holding(Running):
    """Looked at after every rule of whichever machine."""

    @invariant()
    def everything_holds(self) -> None:
        """After every step; where nothing was written and no hour passed, all is as it was."""
        self.tally["steps"] += bool(self.last)  # the first look comes before the first step
        written, self.watch.tables = self.watch.tables, set()
        state = (self.hours, self.looked, self.believed.readable, self.believed.read_at)
        if not written and state == self.last:
            return
        was, self.last = self.last, state
        self.tally["looked at"] += 1
        self.no_pass_is_false_and_no_fault_is_hidden()
        if written & LISTS or was != state:
            self.the_projection_is_the_believed_list()
        if written & HISTORY:
            self.history_is_only_added_to()
        if "integrations_syncrun" in written:
            assert not self.connection.runs.filter(state=State.RUNNING).exists()

    def no_pass_is_false_and_no_fault_is_hidden(self) -> None:
        seen, facts = self._statuses(), Facts(self.system, self.believed, clock.now())
        decided = {key: each.staff_id for key, each in facts.decisions.items() if each.staff_id}
        assert not self.others & set(decided.values()), "decided to be another company's"
        self.believed.follow(decided, set(facts.ends))
        truth = expected(facts, str(self.system.pk))
        fresh = self.believed.fresh(facts.now) and not facts.staff_list_is_old
        for key, status in seen.items():
            if status is Status.PASSING:
                assert key in truth.may_pass, (key, status)
                assert fresh or key[0] == "access_control_configured", (key, "on old data")
        self._end_what_is_not_accepted(truth)
        for key, status in seen.items():
            assert status is not Status.SPECIAL_CASE or key in self.accepted, (key, "not accepted")
        # A decision that ended by the clock alone is grey until the minute's look: never green.
        shown = OPEN if self.looked else OPEN | {Status.STALE}
        for key in truth.must_fail - self.accepted.keys():
            assert seen.get(key) in shown, (key, seen.get(key))
        self._summaries_agree(seen)

    def _end_what_is_not_accepted(self, truth: Expected) -> None:
        """What the present fault exceeds, or time, or the fault's end, ends for good."""
        self.accepted = {
            key: each
            for key, each in self.accepted.items()
            if key not in truth.may_pass
            and each.covers(truth.facts.fault(key, each.until), truth.facts.now)
        }

    def _summaries_agree(self, seen: dict[Key, Status]) -> None:
        """They follow from the tasks and from what each check says of itself."""
        results = sorted(_results(self.system.pk))
        if (seen, results) == self.summed:
            return
        self.summed = (seen, results)
        judged = JudgedSystem.objects.get(pk=self.system.pk)
        for each in checks.summaries([judged], clock.now())[str(judged.pk)]:
            of_check = {status for (check, _), status in seen.items() if check == each.check_id}
            if each.status is Status.PASSING:
                assert of_check <= {Status.PASSING, Status.SPECIAL_CASE, Status.CLOSED}, each

    def the_projection_is_the_believed_list(self) -> None:
        rows = Account.objects.filter(connection=self.connection_id, present=True)
        shown = set(bulk.read(rows, "id", "external_id", "email", "level"))
        believed = {
            (each.external_id, each.email, each.level)
            for each in self.believed.users.values()
            if each.level != "REMOVED"
        }
        assert {each[1:] for each in shown if each[3] != "REMOVED"} == believed
        spans = AccountSpan.objects.filter(connection=self.connection_id, ended_at=None)
        history = bulk.read(spans, "account_id", "account__external_id", "email", "level")
        assert sorted(history) == sorted(shown)

    def history_is_only_added_to(self) -> None:
        spans = AccountSpan.objects.filter(workspace=self.workspace, ended_at__isnull=False)
        lines = TaskEvent.objects.filter(workspace=self.workspace)
        now = {
            row[0]: row
            for row in (
                *bulk.read(spans, "id", "level", "email", "began_at", "ended_at"),
                *bulk.read(lines, "id", "kind", "why", "at", "task_id"),
            )
        }
        assert self.history.items() <= now.items()
        self.history = now

    def everything_heals(self) -> None:
        """After the last fault one reconnect and one reading bring everything up to date."""
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
        for evaluation in Evaluation.objects.filter(workspace=self.workspace).select_related(
            "facts"
        ):
            assert check_services.replay(evaluation) == evaluation.verdicts_digest
        self._count()

    def _count(self) -> None:
        """What was done in this play, as the record tells it."""
        rows = Event.objects.filter(chain=self.workspace.pk).values_list("kind")
        self.tally.update(dict(rows.annotate(Count("pk"))))
