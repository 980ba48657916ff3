"""Check: somebody has decided who may have access to the critical system."""

from datetime import datetime

from checks.facts import AccessRule, Policy, RuleMode, SystemFacts
from checks.rules import words
from checks.rules.base import Check, Judgement, Outcome, Remedy, Verdict

ID = "access_control_configured"


def judge(facts: SystemFacts, now: datetime) -> Judgement:
    """One verdict for the system; it needs no reading and never waits."""
    rule = facts.rule
    done = rule is not None and rule.is_configured
    verdict = _configured(facts, rule) if rule is not None and done else _missing(facts, rule)
    summary = "Access rule saved" if done else "No access rule yet"
    return Judgement(verdicts=(verdict,), summary=summary, judged=1, complete=True)


def _configured(facts: SystemFacts, rule: AccessRule) -> Verdict:
    saved = words.moment(rule.saved_at, facts.calendar.zone)
    return Verdict(
        check=ID,
        subject_kind="system",
        subject_id=facts.system_id,
        subject_label=facts.system_name,
        outcome=Outcome.PASS,
        why=f"The access rule of {facts.system_name} was saved on {saved}: {_in_words(rule)}.",
        settled_at=rule.saved_at,
        used=(("Access rule", _in_words(rule)), ("Saved", saved)),
        passed_by=f"Access rule saved on {saved}",
    )


def _missing(facts: SystemFacts, rule: AccessRule | None) -> Verdict:
    lack = "no access rule has been saved" if rule is None else "its access rule lists no Org role"
    return Verdict(
        check=ID,
        subject_kind="system",
        subject_id=facts.system_id,
        subject_label=facts.system_name,
        outcome=Outcome.FAIL,
        why=f"{facts.system_name} is a critical system, but {lack}.",
        began_at=facts.added_at,
        used=(
            ("Critical system since", words.day(facts.added_at, facts.calendar.zone)),
            ("Without a rule since", words.day(facts.added_at, facts.calendar.zone)),
        ),
        remedy=Remedy.CONFIGURE_RULE,
        remedy_text="Configure now",
    )


def _in_words(rule: AccessRule) -> str:
    if rule.mode is RuleMode.ALL_STAFF:
        return "all staff"
    names = sorted(allowance.org_role_name for allowance in rule.allowances)
    return f"role based, for {words.either(names, 'and')}"


CHECK = Check(
    id=ID,
    title_pattern="Critical system access control should be configured",
    summary="Every critical system has a rule that says who may have access to it.",
    controls_soc2=("CC6.1", "CC6.3"),
    controls_iso=("A.5.15",),
    default_policy=Policy(grace_days=7),
    judge=judge,
    how_to_fix=(
        "Open the critical system and choose “Configure now”.",
        "Choose “All staff”, or “Role based” and add each Org role whose people need {product}.",
        "Where an Org role needs less, narrow the roles in {product} that it may have.",
        "Look at the preview, then save. The task passes at once.",
    ),
    needs_list=False,
)
