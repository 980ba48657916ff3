"""Somebody with full access to the database changes the record: every single change is found."""

import hmac
import json
import random
import uuid
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import chain as arithmetic
from audit import checkpoints, keeping, selectors
from audit import services as audit
from audit.guards import POSTGRES, SQLITE
from audit.models import ChainHead, Event, EventBody
from tests.committing import together
from workspaces import services as workspaces

LENGTH = 24
EACH = 55


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.AUDIT_CHECKPOINTS = tmp_path / "checkpoints"


def fill(workspace, by, number=LENGTH):
    for n in range(number):
        with audit.act(workspace, by=by):
            audit.record("thing.done", subject=f"thing:{n % 5}", number=n)


def unguarded():
    """What only the owner of the database can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in SQLITE:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            for name, when in POSTGRES.items():
                cursor.execute(f"DROP TRIGGER {name} ON {when.rsplit(' ', 1)[1]}")


def events(chain):
    return list(Event.objects.filter(chain=chain).order_by("seq"))


def edit(dice, chain, other):
    """Another value in one column of one event or body, or of the head."""
    event = dice.choice(events(chain))
    column = dice.choice(["at", "kind", "hash", "prev", "seal", "key_id", "body_digest", "text"])
    if column == "text":
        said = json.loads(EventBody.objects.get(pk=event.pk).text)
        said[dice.choice(["by", "subject", "number"])] = "forged"
        EventBody.objects.filter(pk=event.pk).update(text=arithmetic.canonical(said))
    elif column == "at":
        moved = event.at + timedelta(microseconds=dice.choice([-1, 1, 10**9]))
        Event.objects.filter(pk=event.pk).update(at=moved)
    else:
        old = getattr(event, column)
        Event.objects.filter(pk=event.pk).update(
            **{column: ("0" if old[0] != "0" else "1") + old[1:]}
        )


def delete(dice, chain, other):
    dice.choice(events(chain)[:-1]).delete()


def insert(dice, chain, other):
    """A new event with a right hash: behind the last, or squeezed in under a free number."""
    rows = events(chain)
    after = dice.choice(rows)
    seq = len(rows) + dice.randint(1, 3)
    body = arithmetic.canonical({"by": {"kind": "user"}, "subject": "", "n": dice.random()})
    forge(chain, seq, after.hash, after.at, "thing.forged", body, "made-up-key")


def forge(chain, seq, prev, at, kind, text, key, key_id="k1"):
    digest = arithmetic.digest(text)
    hash_ = arithmetic.link(prev, seq, at, kind, digest)
    event = Event.objects.create(
        chain=chain, seq=seq, at=at, kind=kind, body_digest=digest, prev=prev, hash=hash_,
        key_id=key_id, seal=arithmetic.seal(key, str(chain), hash_),
    )  # fmt: skip
    said = json.loads(text)
    EventBody.objects.create(
        event_id=event.pk, chain=chain, subject=said.get("subject", ""), text=text,
        actor=said["by"].get("id") or said["by"].get("kind", ""),
    )  # fmt: skip
    return event


def swap(dice, chain, other):
    """Two events change places, or two bodies do, or a body is filed under something else."""
    one, two = dice.sample(events(chain), 2)
    what = dice.choice(["events", "bodies", "subject", "actor"])
    if what == "events":
        Event.objects.filter(pk=one.pk).update(seq=10**6)
        Event.objects.filter(pk=two.pk).update(seq=one.seq)
        Event.objects.filter(pk=one.pk).update(seq=two.seq)
    elif what == "bodies":
        texts = {each.pk: EventBody.objects.get(pk=each.pk).text for each in (one, two)}
        EventBody.objects.filter(pk=one.pk).update(text=texts[two.pk])
        EventBody.objects.filter(pk=two.pk).update(text=texts[one.pk])
    else:
        EventBody.objects.filter(pk=one.pk).update(**{what: "somebody else"})


def cut_tail(dice, chain, other):
    """The last events go, and the head is set back so that all seems well."""
    rows = events(chain)
    cut = dice.randint(1, len(rows) - 1)
    for each in rows[-cut:]:
        EventBody.objects.filter(pk=each.pk).delete()
        each.delete()
    last = rows[-cut - 1]
    ChainHead.objects.filter(chain=chain).update(seq=last.seq, hash=last.hash)


def rewrite(dice, chain, other):
    """Everything from one event on is written anew with the right key: only a checkpoint helps."""
    rows = events(chain)
    start = dice.randrange(len(rows))
    _again(chain, rows, start, "k1", django_settings.AUDIT_SEAL_KEYS["k1"], dice)


def wrong_key(dice, chain, other):
    """The same by somebody who has the database but not the key."""
    rows = events(chain)
    start = dice.randrange(len(rows))
    _again(chain, rows, start, dice.choice(["k1", "k9"]), "a guess", dice, changed=False)


def _again(chain, rows, start, key_id, key, dice, changed=True):
    texts = {b.pk: b.text for b in EventBody.objects.filter(chain=chain)}
    prev = rows[start].prev
    mine = [row.pk for row in rows[start:]]
    EventBody.objects.filter(pk__in=mine).delete()
    Event.objects.filter(pk__in=mine).delete()
    for row in rows[start:]:
        said = json.loads(texts[row.pk])
        if changed:
            said["number"] = dice.random()
        prev = forge(
            chain, row.seq, prev, row.at, row.kind, arithmetic.canonical(said), key, key_id
        ).hash
    ChainHead.objects.filter(chain=chain).update(hash=prev)


def other_workspace(dice, chain, other):
    """An event of another workspace is put in the place of ours, with its body."""
    rows, foreign = events(chain), events(other)
    place = dice.randrange(min(len(rows), len(foreign)))
    mine, theirs = rows[place], foreign[place]
    EventBody.objects.filter(pk=mine.pk).delete()
    mine.delete()
    Event.objects.filter(pk=theirs.pk).update(chain=chain)
    EventBody.objects.filter(pk=theirs.pk).update(chain=chain)


KINDS = [edit, delete, insert, swap, cut_tail, rewrite, other_workspace, wrong_key]


@pytest.mark.postgres_only
def test_every_single_change_of_the_record_is_found(workspace, other_workspace, by, capsys):
    theirs = other_workspace.id
    for each in (workspace, other_workspace):
        fill(each, by)
    keeping.keep_all()
    assert selectors.verification(workspace.id).whole
    found, missed = Counter(), []
    dice = random.Random(20)
    unguarded()
    for kind in KINDS:
        for trial in range(EACH):
            with transaction.atomic():
                kind(dice, workspace.id, theirs)
                seen = not selectors.verification(workspace.id).whole
                transaction.set_rollback(True)
            found[kind.__name__] += seen
            missed += [] if seen else [(kind.__name__, trial)]
    with capsys.disabled():
        print(f"\n{sum(found.values())} of {EACH * len(KINDS)} changes found: {dict(found)}")
    assert missed == []
    assert selectors.verification(workspace.id).whole


def test_cut_or_rewritten_chain_keeps_its_old_checkpoint(workspace, by):
    fill(workspace, by)
    keeping.keep_all()
    before = checkpoints.kept(workspace.id)
    unguarded()
    cut_tail(random.Random(1), workspace.id, None)
    fill(workspace, by, 40)  # life goes on, past the length that was kept
    keeping.keep_all()
    assert checkpoints.kept(workspace.id) == before
    assert not selectors.verification(workspace.id).whole


def test_chain_that_vanished_whole_is_missed(workspace, by):
    keeping.keep_all()
    unguarded()
    EventBody.objects.filter(chain=workspace.id).delete()
    Event.objects.filter(chain=workspace.id).delete()
    ChainHead.objects.filter(chain=workspace.id).delete()
    assert workspace.id in checkpoints.chains()
    assert not selectors.verification(workspace.id).whole


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"seq": 1, "hash": "x", "seal": "y", "key_id": "k1"}', "\x00"]
)
def test_changed_file_of_a_checkpoint_is_a_fault(workspace, settings, text):
    keeping.keep_all()
    (settings.AUDIT_CHECKPOINTS / f"{workspace.id}.json").write_text(text)
    result = selectors.verification(workspace.id)
    assert any("file was changed" in fault for fault in result.faults)
    assert keeping.keep_all() <= 1  # and it is not papered over
    assert not selectors.verification(workspace.id).whole


def test_head_under_an_unknown_key_is_a_fault(workspace, by, settings):
    """Its seal would be one that anybody can make: HMAC with nothing as the key."""
    fill(workspace, by)
    keeping.keep_all()
    last = events(workspace.id)[-2]
    text = f"checkpoint\n{workspace.id}\n{last.seq}\n{last.hash}"
    seal = hmac.new(b"", text.encode(), "sha256").hexdigest()
    said = {"seq": last.seq, "hash": last.hash, "key_id": "zz", "seal": seal}
    (settings.AUDIT_CHECKPOINTS / f"{workspace.id}.json").write_text(json.dumps(said))
    assert any("unknown key" in fault for fault in selectors.verification(workspace.id).faults)


def test_kept_head_that_vanished_is_a_fault_and_stays_one(workspace, by, settings):
    fill(workspace, by)
    keeping.keep_all()
    unguarded()
    cut_tail(random.Random(1), workspace.id, None)
    (settings.AUDIT_CHECKPOINTS / f"{workspace.id}.json").unlink()
    keeping.keep_all()
    assert not (settings.AUDIT_CHECKPOINTS / f"{workspace.id}.json").exists()
    assert any("is gone" in fault for fault in selectors.verification(workspace.id).faults)
    EventBody.objects.filter(subject=f"chain:{workspace.id}").delete()
    assert any("was erased" in fault for fault in selectors.verification(workspace.id).faults)


def test_fresh_installation_is_whole_from_the_first_minute_on(workspace, settings):
    for _ in range(3):
        keeping.keep_all()
        call_command("verify_audit", stdout=StringIO())
    assert checkpoints.begun() == checkpoints.filed() == {workspace.id, audit.INSTALLATION}
    (settings.AUDIT_CHECKPOINTS / f"{audit.INSTALLATION}.json").unlink()
    assert not selectors.verification(audit.INSTALLATION).whole


def restored(workspace):
    """The database of a backup: everything of the last few events is not there yet."""
    unguarded()
    keep = events(workspace.id)[-4]
    for event in events(workspace.id)[-3:]:
        EventBody.objects.filter(pk=event.pk).delete()
        event.delete()
    ChainHead.objects.filter(chain=workspace.id).update(seq=keep.seq, hash=keep.hash)


def test_restored_backup_is_accepted_on_the_record_and_heads_are_kept_again(workspace, by):
    fill(workspace, by)
    keeping.keep_all()
    restored(workspace)
    fill(workspace, by, 1)  # work went on before anybody looked
    assert not selectors.verification(workspace.id).whole
    call_command("accept_restore", reason="the disk of the database died", stdout=StringIO())
    assert selectors.verification(workspace.id).whole
    said = EventBody.objects.get(subject=f"chain:{workspace.id}", text__contains="died")
    assert said.chain == audit.INSTALLATION
    fill(workspace, by, 1)
    assert keeping.keep_all() >= 1
    assert selectors.verification(workspace.id).whole
    assert selectors.verification(audit.INSTALLATION).whole


def test_restore_does_not_excuse_a_changed_event(workspace, by):
    fill(workspace, by)
    keeping.keep_all()
    restored(workspace)
    EventBody.objects.filter(pk=events(workspace.id)[3].pk).update(text="{}")
    with pytest.raises(CommandError, match="other faults"):
        call_command("accept_restore", reason="a try")
    assert not selectors.verification(workspace.id).whole


def test_head_of_a_chain_that_the_backup_does_not_know_is_given_up(workspace, by, settings):
    keeping.keep_all()
    unguarded()
    for model in (EventBody, Event, ChainHead):
        model.objects.all().delete()
    call_command("accept_restore", reason="an older backup", stdout=StringIO())
    assert selectors.verification(workspace.id).whole
    assert selectors.verification(audit.INSTALLATION).whole


def test_checkpoint_moves_on_with_the_chain(workspace, by):
    fill(workspace, by, 3)
    assert keeping.keep_all() >= 1
    assert keeping.keep_all() == 0
    fill(workspace, by, 2)
    assert keeping.keep_all() == 1
    assert checkpoints.kept(workspace.id).seq == selectors.verification(workspace.id).events


def test_installation_without_checkpoints_is_verified_all_the_same(workspace):
    result = selectors.verification(workspace.id)
    assert (result.whole, result.checkpoint) == (True, None)


def test_verification_while_others_write_raises_no_false_alarm(committing, by, capsys):
    workspace = workspaces.found("Example Company", by=by)
    fill(workspace, by, 5)

    def write():
        fill(workspace, by, 25)

    def verify():
        results = []
        for _ in range(15):
            keeping.keep_all()
            results.append(selectors.verification(workspace.id))
        return [fault for each in results for fault in each.faults]

    found = together([write, write, verify, verify])
    assert [each for each in found if each] == []
    assert selectors.verification(workspace.id).events == 56
    with capsys.disabled():
        print("\n30 verifications beside 50 acts: 0 false alarms")


def test_verification_of_a_chain_that_does_not_exist_is_whole_and_empty(db):
    result = selectors.verification(uuid.uuid4())
    assert (result.whole, result.events) == (True, 0)
