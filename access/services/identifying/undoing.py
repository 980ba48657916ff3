"""Taking a decision back, with the alias that it brought and everything that rests on that."""

from access.models import Identification
from access.services.identifying.deciding import Why, current, decide, locked
from audit import services as audit
from checks.facts import DecisionKind
from people import services as people_services
from people.services import Problem
from workspaces.models import User


def undo(decision: Identification, *, user: User | None, by: audit.Actor) -> Identification:
    """Take `decision` back: the account is "Not identified", history stays.

    The alias that it brought ends, and with it the matches that rest on the alias (a reaction sees
    to them). Raises Problem where the decision is no longer the present one.
    """
    with audit.act(decision.workspace, by=by) as act:
        (account,) = locked([decision.account], decision.workspace)
        now = current([account]).get(account.pk)
        if now is None or now.pk != decision.pk:
            raise Problem(
                "",
                "This decision is not the present one any more. Nothing was changed: look at the"
                " account again.",
            )
        if now.kind == DecisionKind.NOT_IDENTIFIED:
            raise Problem("", "Nobody is recorded for this account, so there is nothing to undo.")
        (made,) = decide(
            [account],
            workspace=decision.workspace,
            user=user,
            why=Why.UNDONE,
            terms=lambda _: {"kind": DecisionKind.NOT_IDENTIFIED},
            now=act.now,
        )
        _end_alias(now, by)
    return made


def _end_alias(decision: Identification, by: audit.Actor) -> None:
    alias, staff = decision.brought, decision.staff
    if alias is not None and staff is not None and alias.until is None:
        people_services.withdraw_alias(staff, address=alias.address, by=by)
