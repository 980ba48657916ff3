"""Forms about accounts: whose each is, which suggestions hold, which decision is approved."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.html import escape

from access.forms.persons import PeopleField, PersonField, label, options
from access.models import Account, Identification
from access.services import MOST_AT_ONCE
from checks.facts import NotStaffKind
from people import selectors as people
from people.forms import DateField, ServiceForm
from people.models import OrgRole, StaffMember
from workspaces.models import Workspace

YEAR = timedelta(days=365)


class IdentifyForm(ServiceForm):
    """ "Identify & map user": whose account it is."""

    EXISTING, NEW, NOT_STAFF, UNKNOWN = "existing_staff", "new_staff", "not_staff", "not_identified"
    PARTS: dict[str, tuple[str, ...]] = {
        EXISTING: ("staff",),
        NEW: ("name", "email", "employment_type", "org_roles", "last_day"),
        NOT_STAFF: ("not_staff_kind", "owner", "users", "reason", "ends_on", "password_changed"),
        UNKNOWN: (),
    }

    user_is = forms.ChoiceField(
        label="User is",
        widget=forms.RadioSelect,
        choices=[
            (EXISTING, "Existing staff"),
            (NEW, "New staff"),
            (NOT_STAFF, "Not a staff account"),
            (UNKNOWN, "Not identified"),
        ],
        initial=EXISTING,
        help_text=(
            "Works under your direction: new staff (contractor). Works for another firm: external,"
            " which is not a staff account."
        ),
        error_messages={"required": "Choose one of these answers."},
    )
    staff = PersonField(
        label="Person",
        options="everybody",
        help_text="Anybody in the directory, current or former: start to type the name.",
        error_messages={"required": "Choose whose account it is."},
    )
    name = forms.CharField(
        max_length=200,
        label="Name of the new person",
        error_messages={"required": "Enter the person's name."},
    )
    email = forms.CharField(
        max_length=320,
        label="Work e-mail of the new person",
        error_messages={"required": "Enter the person's e-mail address."},
    )
    employment_type = forms.ChoiceField(label="Employment", choices=StaffMember.Employment.choices)
    org_roles = forms.ModelMultipleChoiceField(
        OrgRole.objects.none(),
        label="Org roles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Where the rule goes by Org roles, somebody without one has no valid access.",
    )
    last_day = DateField(
        label="Last working day", required=False, help_text="Only for somebody who has left."
    )
    not_staff_kind = forms.ChoiceField(
        label="Kind of account",
        choices=[
            ("", "Choose"),
            (NotStaffKind.SERVICE.value, "Service"),
            (NotStaffKind.SHARED.value, "Shared"),
            (NotStaffKind.EXTERNAL.value, "External"),
        ],
        error_messages={"required": "Choose service, shared or external."},
    )
    owner = PersonField(
        label="Accountable owner",
        options="here",
        help_text="Somebody who works here now, or an administrator.",
        error_messages={"required": "Choose who answers for the account."},
    )
    users = PeopleField(
        label="Who uses it",
        options="here",
        required=False,
        help_text="For a shared account, one person a line. When one of them leaves, its password"
        " is to be changed.",
    )
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what the account is for."},
    )
    ends_on = DateField(
        label="Look at it again on",
        help_text="For an external: the end of the engagement.",
    )

    password_changed = forms.BooleanField(
        error_messages={"required": "Change its password in Xero first, then tick this."},
    )
    alike = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        workspace: Workspace,
        today: date,
        now: Any,
        decision: Identification | None = None,
        left: Sequence[str] = (),
        alike: Sequence[Account] = (),
        adds_people: bool,
        **how: Any,
    ) -> None:
        """`decision` is the present one; what it says is filled in, its end a year ahead.

        `left` used the account and have left; `alike` are other accounts of the same address.
        `adds_people`: whether whoever answers may put a new person into the directory.
        """
        known = _known(decision, now) if decision else {}
        how["initial"] = {"ends_on": today + YEAR} | how.get("initial", {}) | known
        super().__init__(data, **how)
        everybody = people.standing(workspace, now=now).order_by(Lower("name"), "id")
        here = people.standing(workspace, now=now).filter(pk__in=people.current(workspace, now=now))
        self.datalists = {
            "everybody": options(everybody),
            "here": options(here.order_by(Lower("name"), "id")),
        }
        for field, rows in (("staff", everybody), ("owner", here), ("users", here)):
            found: Any = self.fields[field]
            found.rows = rows
        roles: Any = self.fields["org_roles"]
        roles.queryset = people.org_roles(workspace)
        self._ask_when_it_matters(left, alike)
        self.adds_people = adds_people
        if not adds_people:
            self._leave_out_new_staff()
        setattr(self.fields["users"], "needed", "for a shared account")  # noqa: B010
        owner: Any = self.fields["owner"]
        owner.admins_of = workspace

    def together(self, account: Account, alike: Iterable[Account]) -> list[Account]:
        """The account, with those of its address where that was ticked."""
        return [account, *(alike if self.cleaned_data.get("alike") else ())]

    def _leave_out_new_staff(self) -> None:
        answers: Any = self.fields["user_is"]
        answers.choices = [each for each in answers.choices if each[0] != self.NEW]
        first = "Somebody who is not in the directory yet is added there first, by an admin or an editor of people."
        answers.help_text = (
            f"{first} Works for another firm: external, which is not a staff account."
        )
        answers.error_messages["invalid_choice"] = f"{first} Nothing was recorded."

    def _ask_when_it_matters(self, left: Sequence[str], alike: Sequence[Account]) -> None:
        changed, together = self.fields["password_changed"], self.fields["alike"]
        changed.label = f"Its password was changed after {', '.join(left)} left"
        changed.required = bool(left)
        if not left:
            changed.widget = forms.HiddenInput()
        where = ", ".join(sorted({each.connection.organisation_name for each in alike}))
        one = len(alike) == 1
        number = "1 other account" if one else f"{len(alike)} other accounts"
        together.label = f"The same for {number} with this address that wait{'s' if one else ''}"
        together.help_text = escape(f"In {where}.")
        if not alike:
            del self.fields["alike"]

    def _clean_fields(self) -> None:
        """Only the part that belongs to the answer counts; what the others hold is kept as typed."""
        chosen = self.PARTS.get(str(self.data.get("user_is")), ())
        others = {each for part in self.PARTS.values() for each in part} - set(chosen)
        kept = self.fields
        self.fields = {name: field for name, field in kept.items() if name not in others}
        try:
            super()._clean_fields()  # type: ignore[misc]
        finally:
            self.fields = kept


class AccountsForm(ServiceForm):
    """Accounts ticked in a list."""

    account = forms.ModelMultipleChoiceField(
        Account.objects.none(),
        widget=forms.MultipleHiddenInput,
        error_messages={
            "required": "Tick at least one account first. Nothing was changed.",
            "invalid_choice": "One of these accounts is not here any more. Nothing was changed.",
            "invalid_pk_value": "One of these accounts does not exist. Nothing was changed.",
        },
    )

    def __init__(self, data: Any = None, *, workspace: Workspace, **how: Any) -> None:
        super().__init__(data, **how)
        field: Any = self.fields["account"]
        field.queryset = Account.objects.filter(workspace=workspace).select_related(
            "connection__criticalsystem"
        )

    def clean_account(self) -> Sequence[Account]:
        found = list(self.cleaned_data["account"].order_by("name", "id")[: MOST_AT_ONCE + 1])
        if len(found) > MOST_AT_ONCE:
            raise ValidationError(f"Tick at most {MOST_AT_ONCE} accounts at once.")
        return found


class AcceptForm(AccountsForm):
    """Suggestions for ticked accounts, each written as "account:person"."""

    suggested = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, workspace: Workspace, **how: Any) -> None:
        super().__init__(data, workspace=workspace, **how)
        field: Any = self.fields["suggested"]
        field.valid_value = lambda value: _pair(value) is not None

    def chosen(self) -> dict[UUID, UUID]:
        """Account and person; ticked accounts that nobody is suggested for are left out."""
        pairs = dict(filter(None, map(_pair, self.cleaned_data.get("suggested", []))))
        ticked: Iterable[Account] = self.cleaned_data["account"]
        return {each.pk: pairs[each.pk] for each in ticked if each.pk in pairs}


class ApproveForm(ServiceForm):
    """The decision that the approver saw."""

    decision = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": "Open the account again and approve what it shows. Nothing was approved.",
            "invalid": "Open the account again and approve what it shows. Nothing was approved.",
        },
    )


def _pair(text: str) -> tuple[UUID, UUID] | None:
    account, _, person = text.partition(":")
    try:
        return UUID(account), UUID(person)
    except ValueError:
        return None


def _known(decision: Identification, now: Any) -> dict[str, Any]:
    """The present decision as the form writes it; who has left is not filled in again."""
    if decision.staff is not None:
        return {"user_is": IdentifyForm.EXISTING, "staff": label(decision.staff)}
    if decision.kind != IdentifyForm.NOT_STAFF:
        return {}
    here = people.current(decision.workspace, now=now)
    staff = here.filter(pk=decision.owner_staff_id).first() if decision.owner_staff_id else None
    owner = decision.owner_user or staff
    using = here.filter(pk__in=decision.users.values("pk"))
    return {
        "user_is": IdentifyForm.NOT_STAFF,
        "not_staff_kind": decision.not_staff_kind,
        "owner": label(owner) if owner else "",
        "users": "\n".join(label(each) for each in using),
        "reason": decision.reason,
    }
