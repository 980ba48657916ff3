"""Keeps the heads of chains outside the database, and takes over the chains of a restored backup."""

import uuid
from typing import Any

import structlog

from audit import checkpoints, services, verifying
from audit.checkpoints import Broken, Checkpoint
from audit.models import ChainHead

log = structlog.get_logger(__name__)
SYSTEM = services.Actor(kind="system")


def keep_all() -> int:
    """Keep the heads that moved; how many. A chain that no longer holds its kept head is left alone.

    Each one is a line of the log too, which usually goes to another machine. The first head of a
    chain is an event of the installation's chain, so that a file that vanishes is missed; hence
    that chain comes last.
    """
    heads = ChainHead.objects.exclude(chain=services.INSTALLATION).order_by("chain")
    moved = sum(_kept(head) for head in heads.iterator(500))
    for _ in range(2):  # the second time names its own head, of which there is a file by then
        _announce()
        own = ChainHead.objects.filter(chain=services.INSTALLATION)
        moved += sum(_kept(head) for head in own)
    return moved


def accept_restore(*, reason: str, by: services.Actor) -> list[uuid.UUID]:
    """After a restored backup, keep the heads that the chains have now; of which chains.

    Only chains that are older than their kept head, or whose file is gone, and only where they are
    whole otherwise; what was given up is recorded. A head of a chain that the backup does not know
    is given up too. Raises Broken for a chain with other faults.
    """
    behind = {head.chain: fault for head in _heads() if (fault := _left_behind(head))}
    strangers = sorted(checkpoints.filed() - {head.chain for head in _heads()})
    for chain in behind:
        if faults := verifying.verification(chain, trusted=False).faults:
            raise Broken(f"{chain} has other faults: {faults[0]}")
    with services.act(None, by=by):
        for chain in (*behind, *strangers):
            said: dict[str, Any] = {
                "reason": reason,
                "fault": behind.get(chain, "not in the database"),
            }
            services.record("audit.restore_accepted", subject=f"chain:{chain}", **said)
    for head in ChainHead.objects.filter(chain__in=behind):
        checkpoints.keep(head.chain, Checkpoint(head.seq, head.hash))
    for chain in strangers:
        checkpoints.give_up(chain)
    return [*behind, *strangers]


def _heads() -> list[ChainHead]:
    return list(ChainHead.objects.order_by("chain"))


def _left_behind(head: ChainHead) -> str:
    """Why the kept head cannot be that of this chain; "" where it can."""
    try:
        before = checkpoints.kept(head.chain)
    except Broken as broken:
        return str(broken)
    if before is None or checkpoints.holds(head.chain, before):
        return ""
    return f"the kept head names event {before.seq} with hash {before.hash}"


def _kept(head: ChainHead) -> bool:
    try:
        return _keep(head)
    except (Broken, OSError) as error:
        log.error("audit.checkpoint_not_kept", chain=str(head.chain), why=str(error))
        return False


def _keep(head: ChainHead) -> bool:
    before = checkpoints.kept(head.chain)
    present = Checkpoint(head.seq, head.hash)
    if before == present:
        return False
    if before is not None and not checkpoints.holds(head.chain, before):
        raise Broken(f"event {before.seq} is not the one that was kept: the chain was changed")
    checkpoints.keep(head.chain, present)
    return True


def _announce() -> None:
    """Record of which chains a head is kept from now on: only of those that have a file."""
    standing = {head.chain for head in _heads()}
    new = sorted((checkpoints.filed() & standing) - checkpoints.begun())
    if not new:
        return
    with services.act(None, by=SYSTEM):
        for chain in new:
            services.record(checkpoints.BEGUN, subject=f"chain:{chain}")
