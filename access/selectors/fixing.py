"""How one task is fixed: the steps for its very case, with the account and the organisation named."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from access.facts import product_of
from access.models import AccessRule, Account, CriticalSystem
from checks.models import Task
from checks.rules import BY_ID, Remedy, words
from integrations.catalog import Integration
from people.addresses import normalise

REMOVED_THERE = frozenset({Remedy.REMOVE_ACCESS, Remedy.REVOKE})
LOWERED_THERE = frozenset({Remedy.DOWNGRADE, Remedy.CHANGE})
# What is solved in the product, by its own click path; widening the rule would only hide it.
THERE = REMOVED_THERE | LOWERED_THERE | {Remedy.LOOK}
STEPS: Mapping[str, tuple[str, ...]] = {
    Remedy.CONFIRM_OR_REMOVE: (
        "Find out whether {account} still needs the access.",
        "If so, choose “Fix it” and confirm the decision with a new end date.",
        "If not, remove it in {product}; the next list closes the task.",
    ),
    Remedy.CHANGE_PASSWORD: (
        "Change the password of {account}, so that nobody who has left can use it.",
        "Choose “Fix it”, name who uses it now, and confirm.",
    ),
    Remedy.WAIT_FOR_LIST: (
        "Choose “Sync now”, or wait for the next sync: only a complete list that is read from now"
        " on can prove it.",
    ),
    Remedy.GIVE_ORG_ROLE: (
        "Choose “Fix it” and give {person} the Org role that fits their work.",
        "If the access rule lists that Org role, the access is valid at once.",
        "If nobody in that work needs {product}, remove {account} there and sync.",
    ),
    Remedy.CONFIGURE_RULE: BY_ID["access_control_configured"].how_to_fix,
}
OF_LIKELY = (
    "Choose “Fix it” and look at the accounts of {organisation} that nobody is named for.",
    "Say of each that resembles {person} whose it is. The task goes on from there.",
)


@dataclass(frozen=True)
class Cautions:
    """What to mind when access is removed: what applies here, what always does, what may."""

    here: tuple[str, ...]
    always: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """Steps on our pages, steps in the product, what to mind, and when the rule is wrong instead."""

    here: tuple[str, ...]
    there: tuple[str, ...]
    cautions: Cautions | None
    instead: str


def way(task: Task, system: CriticalSystem) -> Way:
    """How this task is solved, as far as its facts tell."""
    product, accounts = product_of(system), _accounts(task, system)
    named = _named(task, system, product, accounts)
    return Way(
        here=tuple(step.format(**named) for step in _here(task)),
        there=tuple(step.format(**named) for step in _there(task, product)),
        cautions=_cautions(system, product, accounts) if task.remedy in REMOVED_THERE else None,
        instead=_instead(task, system, named),
    )


def _accounts(task: Task, system: CriticalSystem) -> list[Account]:
    """The accounts that a task is about: its subject's own, or those of the person it is about."""
    present = Account.objects.filter(connection=system.connection_id, present=True)
    mine = Q(identifications__staff=task.subject_id, identifications__withdrawn_at__isnull=True)
    held = Q(identifications__held_for=task.subject_id, identifications__approved_at__isnull=True)
    found = present.filter(Q(pk=task.subject_id) | mine | held)
    return list(found.order_by("name", "email", "pk").distinct())


def _named(
    task: Task, system: CriticalSystem, product: Integration, accounts: list[Account]
) -> dict[str, str]:
    used = {str(label): str(value) for label, value in task.used}
    shown = [f"{a.name} ({a.email})" if a.name and a.email else a.name or a.email for a in accounts]
    return {
        "product": product.name,
        "organisation": (system.connection.organisation_name if system.connection else "")
        or f"the {product.organisation_word}",
        "account": words.either(shown, "and") if shown else task.subject_label,
        "person": used.get("Person", task.subject_label),
        "level": product.scheme.name(accounts[0].level) if accounts else used.get("Role", ""),
        "target": task.remedy_text.partition(" to ")[2],
        "org_roles": used.get("Org roles", "").replace(", ", " or "),
    }


def _here(task: Task) -> tuple[str, ...]:
    if task.remedy in THERE:
        return ()
    if task.remedy == Remedy.IDENTIFY:
        return OF_LIKELY if task.subject_kind == "person" else BY_ID["user_identified"].how_to_fix
    return STEPS.get(task.remedy, BY_ID[task.check_id].how_to_fix)


def _there(task: Task, product: Integration) -> tuple[str, ...]:
    if task.remedy in REMOVED_THERE:
        return product.removal_steps
    if task.remedy in LOWERED_THERE:
        return product.lower_steps
    return product.look_steps if task.remedy == Remedy.LOOK else ()


def _instead(task: Task, system: CriticalSystem, named: Mapping[str, str]) -> str:
    """When it is the rule that is wrong: the beginning of a sentence, or nothing."""
    if task.remedy not in THERE or task.remedy == Remedy.REMOVE_ACCESS:
        return ""
    rule = AccessRule.objects.filter(system=system).first()
    everybody = rule is not None and rule.mode == "all_staff"
    who = "all staff" if everybody else named["org_roles"]
    return f"If {who} may have {named['level']} in {named['product']},"


def _cautions(system: CriticalSystem, product: Integration, accounts: list[Account]) -> Cautions:
    """The product's warnings about removing somebody, as far as they concern these accounts."""
    applies = {"subscriber"} if any(each.is_subscriber for each in accounts) else set()
    connector = system.connection.connected_by if system.connection else None
    if connector and normalise(connector.email) in {normalise(each.email) for each in accounts}:
        applies.add("connector")
    told = product.removal_warnings
    return Cautions(
        here=tuple(each.text for each in told if each.applies_to in applies),
        always=tuple(each.text for each in told if each.applies_to == "everyone"),
        elsewhere=tuple(
            each.text for each in told if each.applies_to not in {"everyone", *applies}
        ),
    )
