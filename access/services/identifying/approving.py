"""Approving that a leaver's account is somebody else's: by another admin, for what they saw."""

from access.models import Identification
from access.services.identifying.deciding import current, locked, record
from audit import services as audit
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User


def approve_release(decision: Identification, *, user: User, by: audit.Actor) -> Identification:
    """Another admin confirms the decision; a sole admin's own approval of it is noted as such.

    Holds for the very decision given: one that was replaced meanwhile is refused. Raises Problem.
    """
    with audit.act(decision.workspace, by=by) as act:
        (account,) = locked([decision.account], decision.workspace)
        now = current([account]).get(account.pk)
        held = Identification.objects.select_for_update(of=("self",), no_key=True).filter(
            account=account, held_for__isnull=False, approved_at__isnull=True
        )
        waiting = list(held.select_related("held_for"))
        _refuse(decision, now, waiting)
        alone = decision.decided_by_id == user.id
        if alone and workspaces.admins(decision.workspace).exclude(user=user).exists():
            raise Problem("", "You made this decision, so another administrator has to approve it.")
        # Only what is held is stamped: the present decision may itself be held for somebody later.
        for each in waiting:
            each.approved_by, each.approved_at = user, act.now
        Identification.objects.bulk_update(waiting, ["approved_by", "approved_at"])
        record(
            "identification.approved",
            account,
            decision=str(decision.pk),
            released_from=sorted({each.held_for.name for each in waiting if each.held_for}),
            sole_admin=alone,
        )
    return decision


def _refuse(
    decision: Identification, now: Identification | None, waiting: list[Identification]
) -> None:
    if now is None or now.pk != decision.pk:
        raise Problem(
            "",
            "Somebody decided anew about this account since you opened the page. Nothing was"
            " approved: look at the present decision first.",
        )
    if not waiting:
        raise Problem("", "There is nothing to approve any more. Nothing was changed.")
    if now.kind == "not_identified":
        raise Problem("", "Say first whose account it is. Nothing was approved.")
