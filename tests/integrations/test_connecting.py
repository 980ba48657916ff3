"""Every ending of a connect and a reconnect, against the pretend Truto over HTTP."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import TestCase

from audit import clock
from audit.models import Event
from audit.services import Actor
from integrations import providing, tasks
from integrations.catalog import CATALOG
from integrations.models import Acknowledgment, ConnectAttempt, Connection, Revocation, SyncRun
from integrations.providers.base import ProviderError
from integrations.services import attempts, connecting, disconnecting, fitting, unclaimed
from integrations.services.syncing import reading
from jobs.models import State
from people import services as people
from tests.integrations.conftest import FIRST, RETURN, SECOND, Person, committed
from workspaces import services as workspaces
from workspaces.models import Membership, User, Workspace

pytestmark = pytest.mark.django_db


def only() -> Connection:
    return Connection.objects.get()


def disconnect(connection: Connection, *, user: User, by: Actor) -> Connection:
    with committed():
        return disconnecting.disconnect(connection, user=user, by=by)


def kinds() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("kind", flat=True))


def test_connect_adopts_the_account_of_the_attempt(person: Person) -> None:
    attempt = person.start()
    person.allow(attempt)
    person.look(attempt)
    assert attempt.state == ConnectAttempt.State.ADOPTED
    assert attempt.outcome == "connected"
    connection = only()
    assert connection.authorisation == Connection.Authorisation.CONNECTED
    assert connection.organisation_name == "Demo Company (Sandbox)"
    assert connection.ref == person.remote()[0]["id"]
    assert connection.connected_by == person.user
    assert "offline_access" in connection.granted_scopes
    run = SyncRun.objects.get()
    assert (run.trigger, run.requested_by) == (SyncRun.Trigger.CONNECTED, person.user)
    assert {"connect.ended", "connection.connected", "sync.requested"} <= set(kinds())


def test_connect_keeps_the_short_code_that_leads_into_the_organisation(
    connected: ConnectAttempt, settings: Any
) -> None:
    settings.SANDBOX = False  # else the link leads to the sandbox
    (link,) = CATALOG["xero"].links(only().short_code)
    assert re.search(r"shortcode=%21\w{5}&", link.url)


def test_connect_keeps_who_acknowledged_which_wording(person: Person) -> None:
    person.start()
    kept = Acknowledgment.objects.get()
    assert kept.user == person.user
    assert "Truto.one" in kept.wording
    assert len(kept.wording_digest) == 64


def test_connect_without_acknowledgment_is_refused(
    person: Person, workspace: Workspace, by: Actor
) -> None:
    with pytest.raises(people.Problem) as refused:
        attempts.start_connect(
            workspace, integration="xero", user=person.user, acknowledged=False, by=by
        )
    assert refused.value.field == "acknowledged"
    assert not ConnectAttempt.objects.exists()


def test_connect_unknown_product_is_refused(
    person: Person, workspace: Workspace, by: Actor
) -> None:
    with pytest.raises(people.Problem):
        attempts.start_connect(
            workspace, integration="ledger", user=person.user, acknowledged=True, by=by
        )


def test_look_before_anybody_allowed_changes_nothing(person: Person) -> None:
    attempt = person.start()
    attempts.link(attempt, return_url=RETURN)
    person.look(attempt)
    assert attempt.state == ConnectAttempt.State.OPEN


def test_look_again_after_adoption_changes_nothing(person: Person) -> None:
    attempt = person.start()
    person.allow(attempt)
    person.look(attempt)
    before = kinds()
    person.look(attempt)
    assert kinds() == before
    assert only().generation == 1


def test_denied_leaves_the_attempt_open_and_nothing_connected(person: Person) -> None:
    attempt = person.start()
    message = person.allow(attempt, outcome="denied")
    person.look(attempt)
    assert message["error_type"] == "connection_error"
    assert attempt.live
    assert not Connection.objects.exists()


def test_link_used_twice_connects_once(person: Person) -> None:
    attempt = person.start()
    url = attempts.link(attempt, return_url=RETURN)
    person.answer(url)
    again = person.answer(url)
    person.look(attempt)
    assert again["error_type"] == "invalid_token"
    assert only().ref == person.remote()[0]["id"]


def test_still_connecting_waits_and_then_connects(person: Person) -> None:
    attempt = person.start()
    person.allow(attempt, outcome="connecting", seconds=0.3)
    assert person.look(attempt).state == ConnectAttempt.State.WAITING
    while person.remote()[0]["status"] == "connecting":
        pass
    assert person.look(attempt).state == ConnectAttempt.State.ADOPTED


@pytest.mark.parametrize("outcome", ["validation_error", "post_install_error"])
def test_failed_account_ends_the_attempt_and_is_taken_away(person: Person, outcome: str) -> None:
    attempt = person.start()
    person.allow(attempt, outcome=outcome)
    person.look(attempt)
    assert (attempt.state, attempt.outcome) == (ConnectAttempt.State.FAILED, outcome)
    assert "Nothing was connected" in attempt.words
    assert person.remote() == []
    assert not Connection.objects.exists()


def test_account_that_xero_refuses_is_not_adopted(person: Person) -> None:
    attempt = person.start()
    ref = person.allow(attempt)["integrated_account_id"]
    person.sandbox.control("POST", f"accounts/{ref}/faults", forbidden=True)
    person.look(attempt)
    assert attempt.outcome == "not_accepted"
    assert not Connection.objects.exists()


def test_attempt_too_old_is_over_although_access_was_allowed(person: Person) -> None:
    attempt = person.start()
    person.allow(attempt)
    ConnectAttempt.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    person.look(attempt)
    assert attempt.outcome == "expired"
    assert not Connection.objects.exists()
    assert person.remote() == []


def test_access_allowed_in_a_window_that_no_longer_counts_is_given_up(
    person: Person, workspace: Workspace, by: Actor
) -> None:
    earlier = person.start()
    url = attempts.link(earlier, return_url=RETURN)
    later = person.start()
    person.answer(url)
    with committed():
        assert unclaimed.give_up_unclaimed(workspace, by=by) == 1
    assert person.remote() == []
    person.allow(later)
    assert person.look(later).outcome == "connected"
    assert unclaimed.give_up_unclaimed(workspace, by=by) == 0
    assert len(person.remote()) == 1


def test_access_allowed_days_later_is_given_up_without_any_webhook(
    person: Person, by: Actor
) -> None:
    """A link token lives for seven days, an attempt for fifteen minutes."""
    earlier = person.start()
    url = attempts.link(earlier, return_url=RETURN)
    ConnectAttempt.objects.update(expires_at=clock.now())
    person.look(earlier)
    ConnectAttempt.objects.update(ended_at=clock.now() - timedelta(days=6, hours=23))
    person.answer(url)
    with committed():
        assert unclaimed.look_for_unclaimed(by=by) == 1
    assert person.remote() == []
    assert unclaimed.look_for_unclaimed(by=by) == 0  # not again within the hour


@pytest.mark.parametrize("meanwhile", ["left", "demoted", "ended"])
def test_attempt_of_somebody_who_may_no_longer_connect_is_not_adopted(
    person: Person, make_member: Callable[..., User], meanwhile: str, by: Actor
) -> None:
    leaver, other = person.user.memberships.get(), make_member(person.workspace)
    attempt = person.start()
    person.allow(attempt)
    if meanwhile == "left":
        workspaces.remove_member(leaver, granter=other.memberships.get(), by=by)
    else:
        changes = {"role": "editor"} if meanwhile == "demoted" else {"ends_at": clock.now()}
        Membership.objects.filter(pk=leaver.pk).update(**changes)
    assert person.look(attempt).outcome == "not_allowed"
    assert not Connection.objects.exists()
    assert person.remote() == []


def test_attempt_too_old_gets_no_link(person: Person) -> None:
    attempt = person.start()
    attempt.expires_at = clock.now() - timedelta(seconds=1)
    with pytest.raises(people.Problem):
        attempts.link(attempt, return_url=RETURN)


def test_attempt_lives_fifteen_minutes_with_a_long_nonce(person: Person) -> None:
    attempt = person.start()
    assert attempt.expires_at - attempt.created_at == timedelta(minutes=15)
    assert len(attempt.nonce) >= 32


def test_starting_again_ends_the_earlier_attempt(person: Person) -> None:
    earlier, later = person.start(), person.start()
    earlier.refresh_from_db()
    assert (earlier.state, earlier.outcome) == (ConnectAttempt.State.CANCELLED, "superseded")
    assert later.live


def test_same_organisation_twice_is_refused_and_withdrawn(person: Person) -> None:
    first = person.start()
    person.allow(first)
    person.look(first)
    before = Connection.objects.values().get()
    second = person.start()
    person.allow(second)
    person.look(second)
    assert second.outcome == "duplicate"
    assert second.connection == only()
    assert Connection.objects.values().get() == before
    assert [account["id"] for account in person.remote()] == [before["ref"]]
    assert Revocation.objects.get().done_at is not None


def test_two_admins_at_once_both_see_the_result(
    person: Person, make_member: Callable[..., User], workspace: Workspace
) -> None:
    mine, theirs = person.start(), person.start(make_member(workspace))
    person.allow(mine)
    person.allow(theirs)
    person.look(theirs)
    person.look(mine)
    assert {mine.outcome, theirs.outcome} == {"connected", "duplicate"}
    assert mine.connection == theirs.connection == only()
    assert len(person.remote()) == 1


def test_second_organisation_is_a_second_connection(person: Person) -> None:
    for organisation in ("Demo Company (Sandbox)", SECOND):
        attempt = person.start()
        person.allow(attempt, organisation)
        person.look(attempt)
    assert Connection.objects.count() == 2


def test_disconnect_stops_monitoring_and_keeps_evidence(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    connection = disconnect(only(), user=person.user, by=by)
    assert connection.authorisation == Connection.Authorisation.DISCONNECTED
    assert (connection.ref, connection.next_sync_at, connection.generation) == (None, None, 2)
    assert connection.organisation_name == "Demo Company (Sandbox)"
    assert connection.runs.count() == 1
    assert person.remote() == []
    assert "connection.disconnected" in kinds()


def test_disconnect_twice_is_once(person: Person, connected: ConnectAttempt, by: Actor) -> None:
    disconnect(only(), user=person.user, by=by)
    disconnect(only(), user=person.user, by=by)
    assert only().generation == 2
    assert kinds().count("connection.disconnected") == 1


def test_disconnect_with_truto_out_of_reach_is_done_later(
    person: Person, connected: ConnectAttempt, by: Actor, settings: Any
) -> None:
    there = settings.TRUTO_API_BASE_URL
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    disconnect(only(), user=person.user, by=by)
    assert only().authorisation == Connection.Authorisation.DISCONNECTED
    assert Revocation.objects.get().done_at is None
    settings.TRUTO_API_BASE_URL = there
    assert disconnecting.revoke_pending() == 0
    assert person.remote() == []


def test_disconnect_leaves_telling_truto_to_a_worker(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        disconnecting.disconnect(only(), user=person.user, by=by)
    row = Revocation.objects.get()
    assert (row.tries, len(person.remote())) == (0, 1)
    tasks.revoke(str(row.pk))
    assert person.remote() == []


def test_pages_wait_for_truto_for_seconds_only_and_runs_for_longer() -> None:
    with providing.provider("xero") as of_a_page:
        limits = of_a_page._client._egress._limits  # type: ignore[attr-defined]
    assert limits.total <= 10 < reading.LIMITS.total
    assert limits.longest_wait <= 1


def test_disconnect_of_an_account_that_is_gone_is_done(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    person.sandbox.api("DELETE", f"/integrated-account/{only().ref}")
    disconnect(only(), user=person.user, by=by)
    assert Revocation.objects.get().done_at is not None


def test_connecting_a_disconnected_organisation_continues_it(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    before = disconnect(only(), user=person.user, by=by)
    attempt = person.start()
    person.allow(attempt)
    person.look(attempt)
    after = only()
    assert (after.pk, after.generation) == (before.pk, 3)
    assert attempt.outcome == "reconnected"
    assert after.ref == person.remote()[0]["id"]
    assert "connection.reconnected" in kinds()


def test_reconnect_keeps_the_connection_and_its_account(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    before = only()
    Connection.objects.update(
        authorisation=Connection.Authorisation.NEEDS_RECONNECT, trouble="No longer accepted."
    )
    attempt = attempts.start_reconnect(before, user=person.user, by=by)
    person.allow(attempt)
    person.look(attempt)
    after = only()
    assert attempt.outcome == "reconnected"
    assert (after.pk, after.ref, after.generation) == (before.pk, before.ref, 2)
    assert (after.authorisation, after.trouble) == ("connected", "")


@pytest.mark.parametrize("then", ["reconnect", "disconnect"])
def test_list_that_is_held_ends_with_its_authorisation(
    person: Person, by: Actor, connected: ConnectAttempt, then: str
) -> None:
    asker = str(uuid.uuid4())
    SyncRun.objects.update(state=State.HELD, asked_by=[asker])
    if then == "reconnect":
        attempt = attempts.start_reconnect(only(), user=person.user, by=by)
        person.allow(attempt)
        person.look(attempt)
        # Whoever asked for what was held may not wave the next list through either.
        assert asker in SyncRun.objects.get(state=State.PENDING).asked_by
    else:
        disconnect(only(), user=person.user, by=by)
    (held,) = SyncRun.objects.filter(generation=1)
    assert (held.state, held.decision) == (State.FAILED, "replaced")


def test_reconnect_is_not_done_before_access_is_allowed_again(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    attempt = attempts.start_reconnect(only(), user=person.user, by=by)
    attempts.link(attempt, return_url=RETURN)
    person.look(attempt)
    assert attempt.live
    assert only().generation == 1


def test_reconnect_with_another_organisation_changes_nothing_loudly(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    before = Connection.objects.values().get()
    attempt = attempts.start_reconnect(only(), user=person.user, by=by)
    person.allow(attempt, SECOND)
    person.look(attempt)
    after = Connection.objects.values().get()
    assert attempt.outcome == "wrong_organisation"
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        "wrong_organisation",
        "authorisation",
        "trouble",
        "trouble_since",
        "next_sync_at",
    }
    assert (after["wrong_organisation"], after["authorisation"]) == (SECOND, "needs_reconnect")
    assert {"connection.wrong_organisation", "connection.needs_reconnect"} <= set(kinds())
    assert len(person.remote()) == 1


def test_reconnect_of_an_account_that_truto_forgot_takes_a_new_one(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    before = only()
    person.sandbox.api("DELETE", f"/integrated-account/{before.ref}")
    attempt = attempts.start_reconnect(before, user=person.user, by=by)
    person.allow(attempt)
    person.look(attempt)
    after = only()
    assert (after.pk, attempt.outcome) == (before.pk, "reconnected")
    assert after.ref == person.remote()[0]["id"] != before.ref


def test_disconnect_ends_a_reconnect_under_way(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    attempt = attempts.start_reconnect(only(), user=person.user, by=by)
    person.allow(attempt)
    disconnect(only(), user=person.user, by=by)
    person.look(attempt)
    assert attempt.outcome == "disconnected"
    assert only().authorisation == Connection.Authorisation.DISCONNECTED


def test_account_of_another_tenant_is_never_adopted(
    person: Person, other_workspace: Workspace, make_member: Callable[..., User], by: Actor
) -> None:
    mine = person.start()
    stranger = Person(person.sandbox, other_workspace, make_member(other_workspace), by)
    person.sandbox.control(
        "POST",
        "approve",
        link_token=person.sandbox.api(
            "POST",
            "/link-token",
            json={"tenant_id": str(other_workspace.id), "context": {"connect_nonce": mine.nonce}},
        ).json()["link_token"],
        organisation="Demo Company (Sandbox)",
    )
    person.look(mine)
    stranger.look(stranger.start())
    assert not Connection.objects.exists()


def test_account_with_another_attempts_nonce_is_not_adopted(person: Person) -> None:
    mine = person.start()
    person.sandbox.control(
        "POST",
        "approve",
        link_token=person.sandbox.api(
            "POST",
            "/link-token",
            json={"tenant_id": str(person.workspace.id), "context": {"connect_nonce": "stolen"}},
        ).json()["link_token"],
        organisation="Demo Company (Sandbox)",
    )
    person.look(mine)
    assert mine.live
    assert not Connection.objects.exists()


def silent(person: Person, organisation: str = FIRST, ref: str | None = None) -> None:
    """Connect, or reconnect `ref`, as a provider would that does not echo the nonce."""
    wish = {"integrated_account_id": ref} if ref else {"tenant_id": str(person.workspace.id)}
    answer = person.sandbox.api("POST", "/link-token", json=wish)
    token = answer.json()["link_token"]
    person.sandbox.control("POST", "approve", link_token=token, organisation=organisation)


def test_account_without_nonce_fits_the_only_attempt(person: Person) -> None:
    attempt = person.start()
    silent(person)
    person.look(attempt)
    assert attempt.outcome == "connected"


@pytest.mark.parametrize("before", ["active", "needs_reauth"])
def test_reconnect_without_nonce_counts_once_the_account_has_changed(
    person: Person, by: Actor, before: str
) -> None:
    first = person.start()
    silent(person)
    person.look(first)
    connection = only()
    faults = {"needs_reauth": before == "needs_reauth"}
    person.sandbox.control("POST", f"accounts/{connection.ref}/faults", **faults)
    attempt = attempts.start_reconnect(connection, user=person.user, by=by)
    assert person.look(attempt).live  # nobody has allowed anything yet
    silent(person, ref=connection.ref)
    assert person.look(attempt).outcome == "reconnected"
    assert only().generation == 2


def test_account_without_nonce_that_was_there_before_is_not_adopted(person: Person) -> None:
    silent(person)
    attempt = person.start()
    person.look(attempt)
    assert attempt.live


def test_account_without_nonce_fits_nobody_while_two_wait(
    person: Person, make_member: Callable[..., User], workspace: Workspace
) -> None:
    mine = person.start()
    person.start(make_member(workspace))
    silent(person)
    person.look(mine)
    assert mine.live
    assert not Connection.objects.exists()


def test_start_with_truto_out_of_reach_keeps_nothing(person: Person, settings: Any) -> None:
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(ProviderError) as refused:
        person.start()
    assert "Nothing was lost" in refused.value.words
    assert not ConnectAttempt.objects.exists()
    assert not Acknowledgment.objects.exists()


def test_look_with_truto_out_of_reach_keeps_waiting(person: Person, settings: Any) -> None:
    attempt = person.start()
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    assert person.look(attempt).live


def test_look_at_live_finds_what_a_closed_browser_left(person: Person) -> None:
    attempt = person.start()
    person.allow(attempt)
    assert connecting.look_at_live(by=person.by) == 1
    attempt.refresh_from_db()
    assert attempt.outcome == "connected"
    assert get_user_model().objects.count() == 1


def test_answer_that_arrives_after_the_end_changes_nothing(person: Person) -> None:
    """Two looks at once: the slower one finds the attempt ended when it wants to write."""
    attempt = person.start()
    person.allow(attempt)
    with providing.provider("xero") as provider:
        slow = connecting._ask(provider, attempt)
    person.look(attempt)
    before = kinds()
    assert slow is not None
    connecting._follow(attempt, slow, person.by)
    assert kinds() == before
    assert only().generation == 1


@pytest.mark.parametrize("wrong", [{"tenant_id": "another"}, {"integration": "another"}])
def test_account_is_checked_even_if_the_provider_did_not_filter(
    person: Person, wrong: dict[str, str]
) -> None:
    attempt = person.start()
    person.allow(attempt)
    with providing.provider("xero") as provider:
        (found,) = provider.candidates(str(person.workspace.id), "xero")
    assert fitting.account(attempt, [found]) == found
    assert fitting.account(attempt, [replace(found, **wrong)]) is None
