"""Acts on a person's e-mail addresses: the work address, aliases, and whose they are."""

from django.db import IntegrityError, transaction

from audit import services as audit
from people.addresses import is_address, normalise
from people.models import EmailAddress, StaffMember
from people.services.problems import Problem

NOT_AN_ADDRESS = "This is no e-mail address. Write one like name@company.example."


def add_alias(staff: StaffMember, *, address: str, by: audit.Actor) -> EmailAddress:
    """Note that `address` is theirs too. Raises Problem where it is anybody's already."""
    address = address.strip()
    with audit.act(staff.workspace, by=by) as act:
        row = EmailAddress(
            workspace=staff.workspace,
            staff=staff,
            kind=EmailAddress.Kind.ALIAS,
            address=address,
            since=act.now,
        )
        save_new(row, field="address")
        _record(staff, EmailAddress.Kind.ALIAS, before="", after=address)
    return row


def withdraw_alias(staff: StaffMember, *, address: str, by: audit.Actor) -> None:
    """End an alias; that it was theirs stays known. Raises Problem where it is none of theirs."""
    with audit.act(staff.workspace, by=by) as act:
        ended = staff.addresses.filter(
            normalised=normalise(address), kind=EmailAddress.Kind.ALIAS, until__isnull=True
        ).update(until=act.now)
        if not ended:
            raise Problem("address", f"{address} is not an alias of {staff.name}.")
        _record(staff, EmailAddress.Kind.ALIAS, before=address, after="")


def replace_work_address(staff: StaffMember, *, email: str, by: audit.Actor) -> bool:
    """Let `email` ("" for none) be the work address from now on; False where it is already."""
    email = email.strip()
    with audit.act(staff.workspace, by=by) as act:
        old = staff.addresses.filter(kind=EmailAddress.Kind.WORK, until__isnull=True).first()
        before = old.address if old else ""
        if before == email:
            return False
        if old:
            old.until = act.now
            old.save(update_fields=["until"])
        if email:
            # Their own alias becomes the work address.
            staff.addresses.filter(normalised=normalise(email), until__isnull=True).update(
                until=act.now
            )
            row = EmailAddress(workspace=staff.workspace, staff=staff, address=email, since=act.now)
            save_new(row, field="email")
        _record(staff, EmailAddress.Kind.WORK, before=before, after=email)
    return True


def save_new(row: EmailAddress, *, field: str) -> None:
    """Insert an address, letting the database decide whether it is free. Raises Problem."""
    if not is_address(row.address):
        raise Problem(field, NOT_AN_ADDRESS)
    row.normalised = normalise(row.address)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Problem(field, _taken(row)) from error


def _taken(row: EmailAddress) -> str:
    held = EmailAddress.objects.filter(
        workspace=row.workspace, normalised=row.normalised, until__isnull=True
    )
    holder = held.select_related("staff").first()
    if holder is None:
        return "Somebody changed this address at the same moment. Look again and repeat it."
    if holder.staff_id == row.staff_id:
        return f"This address is already one of {holder.staff.name}'s."
    return (
        f"This address belongs to {holder.staff.name}. Open that person (reinstate them if they"
        " left), or enter another address."
    )


def _record(staff: StaffMember, kind: str, *, before: str, after: str) -> None:
    audit.record(
        "staff.address_changed",
        subject=f"staff:{staff.id}",
        touched={f"staff:{staff.id}"},
        address_kind=str(kind),
        before=before,
        after=after,
    )
