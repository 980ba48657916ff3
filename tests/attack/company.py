"""A customer company filled through the services, every text of it marked as hers.

Two of them, "A" and "B", hold the same things under the same names of `ids`. Whatever text of one
shows up in an answer to the other is a leak, and says where it came from.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import models

from access import services as access
from access.models import Account, CriticalSystem, Identification
from audit import clock
from audit.models import ChainHead, Event
from audit.services import Actor
from checks import services as checks
from checks.models import Evaluation, Task
from integrations import services as integrations
from people import services as people
from people.models import StaffMember
from tests import given
from workspaces import services as workspaces
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Role
from workspaces.services import Rights, invitations

OURS = ("workspaces", "people", "checks", "integrations", "access", "audit")
PDF = b"%PDF-1.7 an attachment"
# Texts that no person and no product fills in: codes and states of ours, digests, random values.
# Anything else must hold a canary; a new column that does not is an error of the test.
NOT_FILLED = {
    # Answers of a worker or of the API that appear nowhere: kept to be sent again to the same token.
    "workspaces": "RememberedAnswer.key RememberedAnswer.body Workspace.zone User.password Membership.role Invitation.role Invitation.digest"
    " ApiToken.digest ApiToken.token_key RememberedAnswer.fingerprint",
    "people": "StaffMember.employment_type StaffMember.source StaffList.source EmailAddress.kind StaffImport.state"
    " StaffImport.phase StaffImport.plan_digest ImportLine.kind ImportLine.column",
    "checks": "CheckPolicy.check_id FactSheet.digest Evaluation.rules_version"
    " Evaluation.verdicts_digest CheckResult.check_id CheckResult.waiting_for CheckLine.check_id"
    " CheckLine.waiting_for Task.check_id"
    " Task.subject_kind Task.remedy Task.fix_route Task.fingerprint TaskEvent.kind"
    " TaskEvent.status SpecialCase.state SpecialCase.reason SpecialCase.file_kind"
    " SpecialCase.file_digest",
    "integrations": "Connection.integration Connection.provider Connection.authorisation"
    " Acknowledgment.integration Acknowledgment.wording_digest ConnectAttempt.integration"
    " ConnectAttempt.state ConnectAttempt.outcome Revocation.integration Snapshot.digest"
    " ConnectAttempt.nonce Connection.organisation_id Connection.ref Revocation.ref Revocation.why"
    " ExpectedRemoval.external_id ProviderEvent.event_id ProviderEvent.ref ProviderEvent.tenant_id"
    " ProviderEvent.parked_why SyncRun.state SyncRun.trigger SyncRun.error_code SyncRun.decision SyncRun.slot"
    " ProviderEvent.provider ProviderEvent.kind",
    "access": "Account.external_id CriticalSystem.integration SystemGap.cause AccessRule.mode Identification.kind"
    " Identification.not_staff_kind",
    "audit": "Event.kind Event.body_digest Event.prev Event.hash Event.key_id Event.seal"
    " EventBody.subject EventBody.actor ChainHead.hash",
}


@dataclass
class Company:
    """One workspace with everything in it; `ids` are what an attacker would like to name."""

    letter: str
    workspace: Workspace
    users: dict[str, User] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    def canary(self, table: str, column: str) -> str:
        return f"CANARY-{self.letter}-{table}-{column}"

    def head(self) -> int:
        """How many events its record holds: nothing changes here without one more."""
        return ChainHead.objects.get(chain=self.workspace.pk).seq


def found(letter: str) -> Company:
    """Make the company: members, staff, readings, a rule, decisions, tasks, cases, an import."""
    by = Actor(kind="command", label=f"CANARY-{letter}-actor")
    here = Company(letter, workspaces.found(f"CANARY-{letter}-workspace-name", by=by))
    _members(here, by)
    _people(here, by)
    _systems(here, by)
    _decisions(here, by)
    _tasks(here, by)
    _imports(here, by)
    _background(here)
    here.ids |= {
        "event": Event.objects.filter(chain=here.workspace.pk).first().pk,
        "evaluation": Evaluation.objects.filter(workspace=here.workspace).first().pk,
        "pair": f"{here.ids['account']}:{here.ids['staff']}",
        "user_email": here.users["second"].email,
        "duplicate_email": _address(here, "duplicate"),
    }
    return here


def _members(here: Company, by: Actor) -> None:
    for key in ("admin", "second", "editor", "collaborator", "auditor"):
        role = Role.ADMIN if key == "second" else key
        here.users[key] = member(here, key, role, by)
    granter = Membership.objects.get(user=here.users["admin"])
    invitation, here.ids["secret"] = invitations.invite(
        here.workspace,
        email=f"canary-{here.letter}-invitation-email@example.test",
        rights=Rights(Role.EDITOR),
        granter=granter,
        by=by,
    )
    name = here.canary("apitoken", "name")
    token, _ = workspaces.create_token(here.workspace, name=name, user=here.users["admin"], by=by)
    here.ids |= {
        "invitation": invitation.pk,
        "token": token.id,
        "member": Membership.objects.get(user=here.users["second"]).pk,
        "user": here.users["second"].pk,
        "workspace": here.workspace.pk,
    }


def member(here: Company, key: str, role: str, by: Actor = given.BY, **rights: Any) -> User:
    """A new user with these rights here."""
    user = User.objects.create(
        email=f"canary-{here.letter.lower()}-user-email-{key}@example.test",
        name=here.canary("user", f"name-{key}"),
        password=make_password("correct horse battery"),
    )
    workspaces.add_member(here.workspace, user=user, role=role, by=by, **rights)
    return user


def _people(here: Company, by: Actor) -> None:
    today = clock.now().date()
    roles = [
        people.create_org_role(here.workspace, name=here.canary("orgrole", f"name-{n}"), by=by)
        for n in (1, 2)
    ]
    boss = _person(here, "boss", by)
    staff = _person(here, "staff", by, org_roles=roles[:1], manager=boss)
    people.add_alias(staff, address=_address(here, "alias"), by=by)
    leaver = _person(here, "leaver", by)
    people.offboard(
        leaver,
        last_day=today - timedelta(days=9),
        reason=here.canary("employmentperiod", "reason"),
        by=by,
    )
    people.confirm_complete(here.workspace, by=by)
    here.ids |= {
        "staff": staff.pk,
        "other_staff": boss.pk,
        "leaver": leaver.pk,
        "duplicate": _person(here, "duplicate", by).pk,
        "org_role": roles[0].pk,
        "other_role": roles[1].pk,
        "staff_email": _address(here, "staff"),
        "alias": _address(here, "alias"),
    }


def _address(here: Company, what: str) -> str:
    return f"canary-{here.letter.lower()}-address-{what}@example.test"


def _person(here: Company, what: str, by: Actor, **more: Any) -> StaffMember:
    return people.add(
        here.workspace,
        name=here.canary("staffmember", f"name-{what}"),
        email=_address(here, what),
        external_id=here.canary("staffmember", f"external_id-{what}"),
        by=by,
        **more,
    )


def _systems(here: Company, by: Actor) -> None:
    admin = here.users["admin"]
    books = given.connection(
        here.workspace, here.canary("connection", "organisation"), connected_by=admin
    )
    names = ("unknown", "second-unknown", "decided")
    rows = [
        given.row(here.canary("account", "subscriber"), _address(here, "staff"), subscriber=True),
        given.row(here.canary("account", "leaver"), _address(here, "leaver")),
        *(given.row(here.canary("account", n), _address(here, f"of-{n}")) for n in names),
        given.row(here.canary("account", "level"), _address(here, "level"), f"CANARY-{here.letter}-account-level"),
    ]  # fmt: skip
    first = given.read(books, rows)
    spare = given.connection(here.workspace, here.canary("connection", "spare"))
    system = access.add_system(
        here.workspace, integration="xero", connection=books, user=admin, by=by
    )
    removed = access.add_system(
        here.workspace,
        integration="xero",
        connection=given.connection(here.workspace, here.canary("connection", "removed")),
        user=admin,
        by=by,
    )
    access.remove_system(removed, reason=here.canary("criticalsystem", "removed_reason"), by=by)
    held = given.read(books, rows[:1])
    held.error = here.canary("syncrun", "error")
    held.hold_reasons = [here.canary("syncrun", "hold_reasons")]
    held.save(update_fields=["error", "hold_reasons"])
    attempt = integrations.start_connect(
        here.workspace, integration="xero", user=admin, acknowledged=True, by=by
    )
    here.ids |= {
        "connection": books.pk,
        "spare": spare.pk,
        "system": system.pk,
        "removed": removed.pk,
        "run": held.pk,
        "first_run": first.pk,
        "attempt": attempt.pk,
        "account": Account.objects.get(name=here.canary("account", "unknown")).pk,
        "second_account": Account.objects.get(name=here.canary("account", "second-unknown")).pk,
        "leaver_account": Account.objects.get(name=here.canary("account", "leaver")).pk,
    }


def _decisions(here: Company, by: Actor) -> None:
    admin = here.users["admin"]
    system = CriticalSystem.objects.get(pk=here.ids["system"])
    staff = StaffMember.objects.get(pk=here.ids["other_staff"])
    role = staff.workspace.orgrole_set.get(pk=here.ids["org_role"])
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by)
    decided = Account.objects.filter(name=here.canary("account", "decided"))
    (made,) = access.identify_as_not_staff(
        decided,
        workspace=here.workspace,
        kind="service",
        owner=staff,
        reason=here.canary("identification", "reason"),
        ends_on=(clock.now() + timedelta(days=60)).date(),
        user=admin,
        by=by,
    )
    here.ids["decision"] = made.pk
    Identification.objects.filter(workspace=here.workspace, email="").update(
        email=here.canary("identification", "email")
    )


def _tasks(here: Company, by: Actor) -> None:
    """Three tasks: the collaborator's own, with a request; one with a case in force; one withheld."""
    admin, second = here.users["admin"], here.users["second"]
    own, accepted = (
        Task.objects.get(check_id="user_identified", subject_id=here.ids[key])
        for key in ("account", "second_account")
    )
    collaborator = here.users["collaborator"]
    checks.assign(here.workspace, tasks=[own.pk], owner=collaborator, by=by)
    asked = {
        "reason": "handover",
        "ends_on": (clock.now() + timedelta(days=20)).date(),
        "user": second,
        "by": by,
    }
    file = checks.Attachment(here.canary("specialcase", "file_name") + ".pdf", PDF)
    note = here.canary("specialcase", "note")
    mine = asked | {"user": collaborator}  # who may then take it back
    case = checks.request_special_case(own, note=note, attachment=file, **mine)
    force = checks.request_special_case(accepted, note=note, **asked)
    checks.approve_special_case(
        force, note=here.canary("specialcase", "decision_note"), user=admin, by=by
    )
    here.ids |= {
        "task": own.pk,
        "withheld": accepted.pk,
        "case": case.pk,
        "withheld_case": force.pk,
        "subject": own.subject_id,
    }


def _imports(here: Company, by: Actor) -> None:
    text = f"name,email\n{here.canary('importline', 'name')},no address\n"
    job = people.start_import(
        here.workspace,
        file_name=here.canary("staffimport", "file_name"),
        pieces=[text.encode()],
        complete=False,
        create_roles=False,
        user=here.users["admin"],
        by=by,
    )
    here.ids["import"] = job.pk


def _background(here: Company) -> None:
    """Texts that only a provider, a failure or a worker writes: put where they would be."""
    filled = filled_columns(here) | not_filled()
    for model, column in texts():
        if f"{model.__name__}.{column.name}" in filled or not _of(model, here).exists():
            continue
        canary = here.canary(model._meta.model_name or "", column.name)[: column.max_length]
        _of(model, here).update(**{column.name: canary})


def texts() -> Iterator[tuple[Any, Any]]:
    """Every text column of our tables."""
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for column in model._meta.fields:
                if isinstance(column, models.CharField | models.TextField):
                    yield model, column


def not_filled() -> set[str]:
    return set(" ".join(NOT_FILLED.values()).split())


def filled_columns(here: Company) -> set[str]:
    """The text columns in which a canary of this company stands."""
    mark = f"canary-{here.letter}-"
    return {
        f"{model.__name__}.{column.name}"
        for model, column in texts()
        if _of(model, here).filter(**{f"{column.name}__icontains": mark}).exists()
    }


def _of(model: Any, here: Company) -> Any:
    """The rows of a table that belong to this company."""
    names = {each.name for each in model._meta.fields}
    rows = model.objects.all()
    if model is Workspace:
        return rows.filter(pk=here.workspace.pk)
    if model is User:
        return rows.filter(pk__in=[each.pk for each in here.users.values()])
    if "workspace" in names:
        return rows.filter(workspace=here.workspace)
    if "chain" in names:
        return rows.filter(chain=here.workspace.pk)
    for through in ("connection", "job", "staff", "rule"):
        if through in names:
            return rows.filter(**{f"{through}__workspace": here.workspace})
    return rows.none()


UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def row_ids(here: Company) -> frozenset[str]:
    """The ids of all rows of this company, as they would be written."""
    found: set[str] = set()
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            pk = model._meta.pk
            if isinstance(pk, models.UUIDField):
                found |= {str(each) for each in _of(model, here).values_list("pk", flat=True)}
    return frozenset(found) | {str(here.ids["token"])}


def random_id() -> str:
    return str(uuid.uuid4())
