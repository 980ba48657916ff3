"""What happens among people: they come, leave and return, change roles, are merged, are listed."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from jobs.models import State
from people import services as people
from people.models import OrgRole
from tests.properties.machine import expecting, listing
from tests.properties.machine.running import BY, NAMES, SELDOM, Running, address, of, today

WHO = st.integers(0, 5)
DAYS = st.sampled_from([None, None, -1, 0, 2])
LISTED = st.dictionaries(WHO, DAYS, min_size=1, max_size=6)


class AmongPeople(Running):
    """Rules about the directory."""

    @rule(n=WHO, role=st.integers(0, 1), shift=st.sampled_from([0, 0, 0, 1]), dated=st.booleans())
    def joins(self, n: int, role: int, shift: int, dated: bool) -> None:
        """Now and then under an address that is, or was, somebody else's."""
        if self._person(n) is None:
            starts_on, email = (today() if dated else None), address((n + shift) % 6)
            self._may(lambda: self._join(NAMES[n], email, [self.roles[role]], starts_on=starts_on))

    @rule(n=WHO, days=st.sampled_from([None, None, 0, 3]))
    def leaves(self, n: int, days: int | None) -> None:
        person = self._someone(n)
        last_day = None if days is None else today() + timedelta(days=days)
        ends = "now" if days is None else "end_of_day"
        self._may(
            lambda: people.offboard(
                person, last_day=last_day, access_ends=ends, reason="Moved", by=BY
            )
        )

    @rule(n=WHO)
    def returns(self, n: int) -> None:
        person = self._someone(n)
        self._may(lambda: people.reinstate(person, by=BY))

    @rule(n=WHO, role=st.integers(0, 2))
    def changes_org_role(self, n: int, role: int) -> None:
        person = self._someone(n)
        people.set_org_roles(person, org_roles=self.roles[role : role + 1], by=BY)

    @rule(n=WHO, m=WHO)
    def gets_an_alias(self, n: int, m: int) -> None:
        person = self._someone(n)
        self._may(lambda: people.add_alias(person, address=address(m), by=BY))

    @rule(n=WHO, m=WHO, left=st.booleans())
    def is_merged(self, n: int, m: int, left: bool) -> None:
        """Two records of one person: what was decided of either is of the one that remains.

        Often one of them has left, and the other began anew; no open leaving ends by that.
        """
        before = self._expected().facts
        leavers = [each for each in self._people() if left and str(each.pk) in before.left]
        survivor, duplicate = self._someone(n), of(leavers or [*self._people()], m)
        both = {str(survivor.pk), str(duplicate.pk)}
        open_ends = {before.ends[each] for each in both & before.ends.keys() & before.holding}
        if self._may(lambda: people.merge(survivor, duplicate=duplicate, by=BY)):
            self.believed.merged(str(duplicate.pk), str(survivor.pk))
            after = self._expected().facts
            assert self.believed.decided.items() <= self._decided().items()
            assert open_ends <= {after.ends.get(str(survivor.pk))}

    @rule(a=st.integers(0, 1))
    def org_roles_are_merged(self, a: int) -> None:
        """Whoever had either has the one that remains, which allows what both allowed."""
        old, into = self.roles[a], self.roles[1 - a]
        before, both = self._expected(), {str(old.pk), str(into.pk)}
        people.merge_org_roles(old, into=into, by=BY)
        after = self._expected()
        had, have = before.facts.roles, after.facts.roles
        assert {n for n in had if had[n] & both} == {n for n in have if str(into.pk) in have[n]}
        assert after.facts.rule == expecting.merged(before.facts.rule, str(old.pk), str(into.pk))
        valid = {key for key in before.may_pass if key[0] == "user_access_valid"}
        assert valid <= after.may_pass
        name = f"Role {OrgRole.objects.count()}"
        self.roles[a] = people.create_org_role(self.workspace, name=name, by=BY)

    @rule(rows=LISTED, complete=st.booleans(), accept=st.booleans())
    def a_tool_sends_a_list(
        self, rows: dict[int, int | None], complete: bool, accept: bool
    ) -> None:
        before = listing.look(self.workspace, "api", map(address, rows))
        sent: list[people.Upserted] = []
        done = self._may(
            lambda: sent.append(
                people.upsert(
                    self.workspace,
                    listing.rows(rows),
                    complete=complete,
                    accept_shrinking=accept,
                    by=BY,
                )
            )
        )
        if not done:
            assert complete
            assert before.shrinks
            assert not accept
            return
        ok = all(each.action in ("add", "change", "same") for each in sent[0].results)
        stays = complete and ok
        assert not (stays and before.shrinks and not accept)
        assert set(map(str, sent[0].left)) == (before.missing if stays else set())
        listing.only_these_left(self.workspace, before, map(address, rows), complete=stays)

    @rule(really=SELDOM)
    def somebody_confirms_the_directory(self, really: bool) -> None:
        if really:
            people.confirm_complete(self.workspace, by=BY)

    @rule(rows=LISTED, complete=st.booleans(), reasoned=st.booleans())
    def a_file_is_imported(
        self, rows: dict[int, int | None], complete: bool, reasoned: bool
    ) -> None:
        before = listing.look(self.workspace, "csv", map(address, rows))
        job = people.start_import(
            self.workspace,
            file_name="people.csv",
            pieces=[listing.file(rows)],
            complete=complete,
            create_roles=False,
            user=self.admins[0],
            by=BY,
        )
        ok = not job.counts.get("problem") and not job.counts.get("choice")
        assert job.state == State.HELD
        assert bool(job.shrinks) == (complete and ok and before.shrinks), job.shrinks
        reason = "They left" if reasoned else ""
        if self._may(lambda: people.apply_import(job, reason=reason, by=BY)):
            assert ok
            assert reasoned or not (complete and before.shrinks)
            job.refresh_from_db()
            assert job.state == State.DONE, job.error
            listing.only_these_left(self.workspace, before, map(address, rows), complete=complete)
