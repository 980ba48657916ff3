"""Data calls: users and company details of an account, unified or as the provider writes them."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from sandbox import errors, faults, limits, paging, wire
from sandbox.api.accounts import find
from sandbox.api.gate import Call, compact
from sandbox.errors import ApiError
from sandbox.models import IntegratedAccount, Organisation, XeroUser, new_id
from sandbox.paging import Cursor
from sandbox.services import accounts, organisations

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000
NOT_USABLE = {
    "connecting": "This integrated account is still being set up",
    "validation_error": "This integrated account did not pass its permission check",
    "post_install_error": "This integrated account was not set up completely",
}
Row = dict[str, Any]
Shape = Callable[[Row], Row]


def _account(call: Call) -> IntegratedAccount:
    account_id = call.account_id or call.query.get("integrated_account_id")
    if not account_id:
        raise errors.missing_query_parameter("integrated_account_id")
    account = find(account_id)
    limits.count_account(account.pk)
    return account


def _enter(account: IntegratedAccount, active: faults.Active, *, page: int) -> None:
    """Let Truto, then Xero, refuse the call if they have a reason to."""
    faults.refuse(account, active, page=page)
    if account.status == IntegratedAccount.Status.NEEDS_REAUTH:
        raise errors.credentials_refused("AuthenticationUnsuccessful")
    if account.status in NOT_USABLE:
        raise ApiError(400, NOT_USABLE[account.status])
    if not organisations.may_read(account.organisation_id, account.authorised_by):
        accounts.note_forbidden(account, resource="users", scopes=[])
        raise errors.provider_forbids("AuthenticationUnsuccessful", [])


def _organisation(account: IntegratedAccount, active: faults.Active) -> Organisation:
    other = active.get("organisation_swapped", {}).get("organisation")
    if not other:
        return account.organisation
    return Organisation.objects.get(pk=other)


def _envelope(result: Any, *, cursor: str | None, count: int | None) -> dict[str, Any]:
    return {"result": result, "next_cursor": cursor, "prev_cursor": None, "result_count": count}


def unified_users(call: Call) -> HttpResponseBase:
    """Answer `GET /unified/user-directory/users`."""
    remote = call.query.get("truto_ignore_remote_data") != "true"
    excluded = set(call.query.getlist("truto_exclude_fields[]")) - {"id"}

    def shape(row: Row) -> Row:
        user = wire.unified_user(row, with_remote=remote)
        return {k: v for k, v in user.items() if k not in excluded} if excluded else user

    return _users(call, shape, raw=call.query.get("truto_response_format") == "raw")


def proxy_users(call: Call) -> HttpResponseBase:
    """Answer `GET /proxy/users`."""
    return _users(call, wire.xero_user, raw=False)


def _users(call: Call, shape: Shape, *, raw: bool) -> HttpResponseBase:
    account = _account(call)
    cursor = paging.decode(call.query.get("next_cursor"))
    size = paging.limit(call.query.get("limit"), default=DEFAULT_PAGE, most=LARGEST_PAGE)
    page = cursor.page + 1
    active = faults.active(account, resource="users", page=page)
    _enter(account, active, page=page)
    organisation = _organisation(account, active)
    if raw:
        answer = _raw_users(organisation)
    else:
        size = int(active.get("page_size", {}).get("size", size))
        answer = _page(organisation, shape, cursor=cursor, size=size, active=active)
    return faults.transmit(active, compact(answer), page=page)


def _page(
    organisation: Organisation, shape: Shape, *, cursor: Cursor, size: int, active: faults.Active
) -> dict[str, Any]:
    if "empty_list" in active:
        return _envelope([], cursor=None, count=0)
    if "empty_pages" in active and cursor.fresh:
        again = Cursor(after=cursor.after, page=cursor.page, fresh=False)
        return _envelope([], cursor=again.encode(), count=None)
    users = XeroUser.objects.filter(organisation_id=organisation.pk)
    rows = list(
        users.filter(id__gt=cursor.after).order_by("id").values(*wire.USER_COLUMNS)[: size + 1]
    )
    more = Cursor(after=rows[size - 1]["id"], page=cursor.page + 1) if len(rows) > size else None
    result = [shape(row) for row in rows[:size]]
    count = len(rows) if more is None and not cursor.after else users.count()
    answer = _envelope(result, cursor=more.encode() if more else None, count=count)
    return _spoiled(answer, active)


def _spoiled(answer: dict[str, Any], active: faults.Active) -> dict[str, Any]:
    if "duplicate_row" in active and answer["result"]:
        answer["result"].append(answer["result"][-1])
    if "partial" in active:
        answer["is_partial_response"] = True
    if "repeated_cursor" in active:
        answer["next_cursor"] = Cursor().encode()
    if "wrong_shape" in active:
        answer["result"] = {"message": "unexpected"}
    return answer


def _raw_users(organisation: Organisation) -> dict[str, Any]:
    """Give Xero's own answer, which knows no pages."""
    rows = organisation.users.order_by("id").values(*wire.USER_COLUMNS)
    return {
        "Id": new_id(),
        "Status": "OK",
        "ProviderName": "Sandbox",
        "DateTimeUTC": f"/Date({wire.milliseconds(timezone.now())})/",
        "Users": [wire.xero_user(row) for row in rows],
    }


def _company(call: Call) -> tuple[Organisation, faults.Active]:
    account = _account(call)
    active = faults.active(account, resource="company_info", page=1)
    _enter(account, active, page=1)
    return _organisation(account, active), active


def _shown(call: Call, organisation: Organisation) -> dict[str, Any]:
    remote = call.query.get("truto_ignore_remote_data") != "true"
    return wire.company_info(organisation, with_remote=remote)


def company_list(call: Call) -> HttpResponseBase:
    """Answer `GET /unified/accounting/company_info`."""
    organisation, active = _company(call)
    answer = _envelope([_shown(call, organisation)], cursor=None, count=1)
    return faults.transmit(active, compact(answer), page=1)


def company_read(call: Call, company_id: uuid.UUID) -> HttpResponseBase:
    """Answer `GET /unified/accounting/company_info/{id}`."""
    organisation, active = _company(call)
    if organisation.pk != company_id:
        raise ApiError(404, "", remote=True, raw="The resource you're looking for cannot be found")
    return faults.transmit(active, compact(_shown(call, organisation)), page=1)


def unsupported(call: Call, **_: Any) -> HttpResponse:
    """Answer a unified resource that Truto does not have for Xero."""
    _account(call)
    raise ApiError(400, "This resource is not supported for xero")
