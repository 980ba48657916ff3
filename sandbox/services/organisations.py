"""Changes to pretend Xero organisations and their users."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sandbox import catalog
from sandbox.models import IntegratedAccount, Organisation, XeroUser, new_id
from sandbox.wire import milliseconds

FIELDS = ("email", "first_name", "last_name", "role", "is_subscriber")


class Impossible(Exception):
    """The change would make a world that Xero does not allow; the text says why."""


def create(*, name: str, legal_name: str = "", currency: str = "GBP") -> Organisation:
    """Add an organisation without users."""
    return Organisation.objects.create(name=name, legal_name=legal_name, currency=currency)


def rename(organisation: Organisation, *, name: str) -> None:
    """Give an organisation another name; its id stays."""
    organisation.name = name
    organisation.updated_at = timezone.now()
    organisation.save(update_fields=["name", "updated_at"])


@transaction.atomic
def add_user(organisation: Organisation, *, is_subscriber: bool = False, **fields: Any) -> XeroUser:
    """Add one user; a new subscriber takes the place of the one before."""
    if is_subscriber:
        _no_subscriber(organisation)
    return XeroUser.objects.create(
        organisation=organisation,
        is_subscriber=is_subscriber,
        updated_ms=milliseconds(timezone.now()),
        **fields,
    )


@transaction.atomic
def change_user(user: XeroUser, **fields: Any) -> None:
    """Change some of a user's fields."""
    if fields.get("is_subscriber") and not user.is_subscriber:
        _no_subscriber(user.organisation)
    for name, value in fields.items():
        setattr(user, name, value)
    user.updated_ms = milliseconds(timezone.now())
    user.save(update_fields=[*fields, "updated_ms"])


def _no_subscriber(organisation: Organisation) -> None:
    organisation.users.filter(is_subscriber=True).update(is_subscriber=False)


def remove_user(user: XeroUser) -> None:
    """Remove a user; connections that this user authorised stop working."""
    user.delete()


@transaction.atomic
def set_users(
    organisation: Organisation,
    people: Iterable[dict[str, Any]],
    *,
    replace: bool = True,
    keep_authorisers: bool = True,
) -> int:
    """Write many users at once and give their number.

    `replace` drops the users there were. `keep_authorisers` lets existing connections outlive the
    people who authorised them. Raises Impossible for a second subscriber or a repeated user id.
    """
    if replace:
        organisation.users.all().delete()
    now = milliseconds(timezone.now())
    rows = [_row(organisation, person, now) for person in people]
    try:
        with transaction.atomic():
            XeroUser.objects.bulk_create(rows, batch_size=2000)
    except IntegrityError as error:
        raise Impossible("Two subscribers, or the same user id twice.") from error
    if keep_authorisers:
        _forget_lost_authorisers(organisation)
    return len(rows)


def _row(organisation: Organisation, person: dict[str, Any], now: int) -> XeroUser:
    return XeroUser(
        organisation=organisation,
        user_id=person.get("user_id") or new_id(),
        updated_ms=person.get("updated_ms", now),
        **{name: person[name] for name in FIELDS if name in person},
    )


def _forget_lost_authorisers(organisation: Organisation) -> None:
    present = organisation.users.values("user_id")
    lost = IntegratedAccount.objects.filter(organisation=organisation).exclude(
        authorised_by__in=present
    )
    lost.update(authorised_by="")


def generated(count: int, *, prefix: str = "person") -> list[dict[str, Any]]:
    """Give any number of obviously made-up users, one of them the subscriber."""
    roles = ("STANDARD", "INVOICEONLY", "READONLY", "FINANCIALADVISER")
    return [
        {
            "email": f"{prefix}.{number}@demo.example",
            "first_name": "Demo",
            "last_name": f"{prefix.title()} {number}",
            "role": "FINANCIALADVISER" if number == 0 else roles[number % 4],
            "is_subscriber": number == 0,
        }
        for number in range(count)
    ]


def who_can_connect(organisation: Organisation) -> QuerySet[XeroUser]:
    """Give the users who may authorise an app, the subscriber first."""
    allowed = organisation.users.filter(role__in=catalog.ROLES_THAT_CONNECT)
    return allowed.order_by("-is_subscriber", "id")


def may_read(organisation_id: Any, user_id: str) -> bool:
    """Say whether the person who authorised is still allowed to have done so."""
    if not user_id:
        return True
    return XeroUser.objects.filter(
        Q(user_id=user_id, organisation_id=organisation_id, role__in=catalog.ROLES_THAT_CONNECT)
    ).exists()
