"""What may pass, said a second time and in another way: sets of accounts, no clocks, no words."""

from datetime import datetime, timedelta

from checks.facts import RuleMode
from integrations.providers.base import RemoteAccount
from tests.properties.worlds import NotStaffTerms, World

FRESH = timedelta(days=1)
STAFF_FRESH = timedelta(days=7)  # of a list that a tool sends whole
SKEW = timedelta(minutes=5)  # that a clock may step back without doubt
DOCUMENTED = {
    *("READONLY", "INVOICEONLY", "STANDARD", "FINANCIALADVISER"),
    *("CASHBOOKCLIENT", "MANAGEDCLIENT"),
}
BELOW = {
    "STANDARD": {"READONLY", "INVOICEONLY"},
    "FINANCIALADVISER": {"READONLY", "INVOICEONLY", "STANDARD"},
}


def may_pass(
    world: World, accounts: tuple[RemoteAccount, ...], read_at: datetime, now: datetime
) -> frozenset[tuple[str, str]]:
    """Every (check, subject) of which a pass would be true, on this list at this instant.

    The empty subject is the check as a whole.
    """
    found = _rule_passes(world)
    if not read_at - SKEW <= now < read_at + FRESH:
        return frozenset(found)
    if world.staff_sent_at is not None and now - world.staff_sent_at >= STAFF_FRESH:
        return frozenset(found)
    live = [each for each in accounts if each.level != "REMOVED"]
    identified = {each.external_id for each in live if _identified(world, each, now)}
    valid = {each.external_id for each in live if _valid(world, each, now)}
    left = {each.id for each in world.staff if each.ends_at is not None and each.ends_at <= now}
    holding = {_worker(world, each) for each in live}
    proven = {
        each.id for each in world.staff if each.ends_at is not None and each.ends_at < read_at
    }
    found |= {("user_identified", key) for key in identified}
    found |= {("user_access_valid", key) for key in valid}
    found |= {("offboarded_access_removed", key) for key in proven - holding}
    if len(identified) == len(live):
        found.add(("user_identified", ""))
    if all(each.external_id in valid for each in live if _is_judged(world, each, left)):
        found.add(("user_access_valid", ""))
    if left and not left & holding and left <= proven:
        found.add(("offboarded_access_removed", ""))
    return frozenset(found)


def suspicious(world: World) -> bool:
    """Whether today's list shrank so that a person must confirm it."""
    before, after = _live(world.yesterday), _live(world.today)
    gone = before.keys() - after.keys()
    unasked = gone - world.asked_to_remove
    many = len(unasked) >= 2 if len(before) <= 10 else len(unasked) > max(3, len(before) / 10)
    subscriber = any(before.values()) and not any(after.values())
    advisers = {each.external_id for each in world.yesterday if each.level == "FINANCIALADVISER"}
    no_adviser = len(advisers) >= 2 and advisers <= gone and bool(advisers & unasked)
    return many or subscriber or no_adviser or (bool(before) and not after)


def _live(accounts: tuple[RemoteAccount, ...]) -> dict[str, bool]:
    return {each.external_id: each.is_subscriber for each in accounts if each.level != "REMOVED"}


def _rule_passes(world: World) -> set[tuple[str, str]]:
    rule = world.rule
    saved = rule is not None and (rule.mode is RuleMode.ALL_STAFF or bool(rule.allowances))
    return {("access_control_configured", key) for key in ("s", "")} if saved else set()


def _is_judged(world: World, account: RemoteAccount, left: set[str]) -> bool:
    """Accounts decided as nobody's, and those of leavers, are other checks' business."""
    accepted = isinstance(world.holders.get(account.external_id), NotStaffTerms)
    return not accepted and _worker(world, account) not in left


def _worker(world: World, account: RemoteAccount) -> str | None:
    holder = world.holders.get(account.external_id)
    ids = {worker.id for worker in world.staff}
    return holder if isinstance(holder, str) and holder in ids else None


def _identified(world: World, account: RemoteAccount, now: datetime) -> bool:
    holder = world.holders.get(account.external_id)
    if not isinstance(holder, NotStaffTerms):
        return _worker(world, account) is not None
    owner = next((each for each in world.staff if each.id == holder.owner), None)
    answered_for = owner is not None and (owner.ends_at is None or owner.ends_at > now)
    covered = account.level == holder.level or account.level in BELOW.get(holder.level, ())
    return answered_for and covered and holder.ends_at > now


def _valid(world: World, account: RemoteAccount, now: datetime) -> bool:
    holder = _worker(world, account)
    worker = next((each for each in world.staff if each.id == holder), None)
    if worker is None or world.rule is None:
        return False
    if worker.ends_at is not None and worker.ends_at <= now:
        return False
    if world.rule.mode is RuleMode.ALL_STAFF:
        sets = [world.rule.levels]
    else:
        sets = [each.levels for each in world.rule.allowances if each.org_role_id in worker.roles]
    return any(account.level in (DOCUMENTED if each is None else each) for each in sets)
