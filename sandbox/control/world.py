"""Remote control of organisations, their users, and the sandbox as a whole."""

import uuid
from typing import Any

from sandbox import limits, wire
from sandbox.control.gate import Refused
from sandbox.models import Organisation, XeroUser
from sandbox.services import organisations, seed

Body = dict[str, Any]


def reset(body: Body) -> Body:
    """Forget everything but webhooks; seed again unless `seed` is false."""
    seed.start_over(seeded=body.get("seed", True))
    limits.switch_back()
    return {"organisations": list_organisations({})["organisations"]}


def rate_limits(body: Body) -> Body:
    """Count requests or not, until the process ends or `reset` is called."""
    limits.switch(on=bool(body["on"]))
    return {"on": bool(body["on"])}


def find_organisation(pk: Any) -> Organisation:
    """Find an organisation by id or exact name."""
    try:
        return Organisation.objects.get(pk=uuid.UUID(str(pk)))
    except Organisation.DoesNotExist as error:
        raise Refused(f"There is no organisation {pk}.") from error
    except ValueError:
        found = Organisation.objects.filter(name=pk).first()
    if found is None:
        raise Refused(f"There is no organisation {pk}.")
    return found


def _shown(item: Organisation) -> Body:
    return {"id": str(item.pk), "name": item.name, "users": item.users.count()}


def list_organisations(body: Body) -> Body:
    """List the organisations with their numbers of users."""
    return {"organisations": [_shown(item) for item in Organisation.objects.all()]}


def create_organisation(body: Body) -> Body:
    """Add an organisation, with `users` or a `generate`d number of them."""
    item = organisations.create(name=body["name"], currency=body.get("currency", "GBP"))
    _set_users(item, body)
    return _shown(item)


def change_organisation(body: Body, pk: uuid.UUID) -> Body:
    """Rename an organisation."""
    item = find_organisation(pk)
    organisations.rename(item, name=body["name"])
    return _shown(item)


def delete_organisation(body: Body, pk: uuid.UUID) -> Body:
    """Delete an organisation together with its accounts, without telling anybody."""
    find_organisation(pk).delete()
    return {"id": str(pk)}


def list_users(body: Body, pk: uuid.UUID) -> Body:
    """List an organisation's users as the database has them."""
    rows = find_organisation(pk).users.order_by("id").values(*wire.USER_COLUMNS)
    return {"users": list(rows)}


def set_users(body: Body, pk: uuid.UUID) -> Body:
    """Write an organisation's users; see the services for `replace` and `keep_authorisers`."""
    item = find_organisation(pk)
    _set_users(item, body)
    return _shown(item)


def _set_users(item: Organisation, body: Body) -> None:
    people = body.get("users") or organisations.generated(
        int(body.get("generate", 0)), prefix=body.get("prefix", "person")
    )
    try:
        organisations.set_users(
            item,
            people,
            replace=body.get("replace", True),
            keep_authorisers=body.get("keep_authorisers", True),
        )
    except organisations.Impossible as error:
        raise Refused(str(error)) from error


def find_user(user_id: str) -> XeroUser:
    """Find a user by id or, when it is in one organisation only, by e-mail address."""
    field = "email" if "@" in user_id else "user_id"
    try:
        return XeroUser.objects.select_related("organisation").get(**{field: user_id})
    except (XeroUser.DoesNotExist, XeroUser.MultipleObjectsReturned) as error:
        raise Refused(f"There is no user {user_id}, or more than one.") from error


def change_user(body: Body, user_id: str) -> Body:
    """Change some of a user's fields."""
    unknown = set(body) - set(organisations.FIELDS)
    if unknown:
        raise Refused(f"Unknown fields: {', '.join(sorted(unknown))}.")
    person = find_user(user_id)
    organisations.change_user(person, **body)
    return {"user_id": person.user_id}


def delete_user(body: Body, user_id: str) -> Body:
    """Remove a user."""
    person = find_user(user_id)
    organisations.remove_user(person)
    return {"user_id": person.user_id}
