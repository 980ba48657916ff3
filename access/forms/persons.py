"""Fields in which people are named: picked from a list, or typed as e-mail, external id or name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from people.addresses import normalise
from people.models import EmailAddress, StaffMember
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace

MOST_OPTIONS = 500  # offered while typing; anybody else is found by the text alone
MOST_TYPED = 50  # people in one answer
APART = " · "

UNKNOWN = "Nobody here has this name, e-mail or external id. Pick a suggestion, or type the whole e-mail address."
AMBIGUOUS = "Several people have this name. Enter the e-mail address instead."


class PersonField(forms.CharField):
    """A person of `rows`; with `admins_of` an administrator of that workspace will do too."""

    rows: QuerySet[StaffMember] = StaffMember.objects.none()
    admins_of: Workspace | None = None

    def __init__(self, *, options: str, **how: Any) -> None:
        """`options` is the id of the datalist that the page offers."""
        widget = forms.TextInput(
            attrs={"list": options, "autocomplete": "off", "autocapitalize": "none"}
        )
        super().__init__(max_length=400, widget=widget, **how)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.found(text) if text else None

    def found(self, text: str) -> StaffMember | User:
        """Whom the text names. Raises ValidationError."""
        named = text.rpartition(APART)[2].strip()
        candidates = _by_key(self.rows, named) or list(self.rows.filter(name__iexact=text)[:2])
        if len(candidates) > 1:
            raise ValidationError(AMBIGUOUS)
        return candidates[0] if candidates else self._admin(named)

    def _admin(self, named: str) -> User:
        address = normalise(named)
        if self.admins_of is not None and address:
            for each in workspaces.admins(self.admins_of).select_related("user"):
                if normalise(each.user.email) == address:
                    return each.user
        raise ValidationError(UNKNOWN)


class PeopleField(PersonField):
    """Several people, one a line."""

    def __init__(self, *, options: str, **how: Any) -> None:
        super().__init__(options=options, **how)
        self.max_length = None
        self.widget = forms.Textarea(attrs={"rows": 3, "autocapitalize": "none"})

    def clean(self, value: Any) -> Any:
        text = forms.CharField.clean(self, value)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_TYPED:
            raise ValidationError(f"Name at most {MOST_TYPED} people.")
        return [self._line(line) for line in lines]

    def _line(self, line: str) -> StaffMember | User:
        try:
            return self.found(line[:400])
        except ValidationError as error:
            raise ValidationError(f"{line[:80]}: {error.messages[0]}") from error


def options(rows: QuerySet[Any]) -> Sequence[str]:
    """What is offered while typing; `rows` as `people.selectors.standing` describes them."""
    named = rows.values_list("name", "email", "external_id")[:MOST_OPTIONS]
    return [f"{name}{APART}{email or external}" for name, email, external in named]


def label(staff: StaffMember | User) -> str:
    """How the fields write a person down."""
    if isinstance(staff, User):
        return f"{staff.label}{APART}{staff.email}"
    work = staff.addresses.filter(kind="work", until__isnull=True).first()
    return f"{staff.name}{APART}{work.address if work else staff.external_id}"


def _by_key(rows: QuerySet[StaffMember], text: str) -> list[StaffMember]:
    try:
        return list(rows.filter(pk=UUID(text)))
    except ValueError:
        pass
    address = normalise(text)
    if address:
        theirs = EmailAddress.objects.filter(normalised=address, until__isnull=True)
        return list(rows.filter(pk__in=theirs.values("staff"))[:2])
    return list(rows.filter(external_id=text)[:2]) if text else []
