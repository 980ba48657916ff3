"""Accounts of the pretend Truto, and the switches for their faults."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandbox import catalog
from sandbox.models import IntegratedAccount, Organisation, XeroUser
from sandbox.services import accounts


@dataclass(frozen=True)
class FaultRow:
    """One fault as the page shows it."""

    fault: catalog.FaultKind
    is_on: bool
    fields: list[tuple[str, str, str]]


@require_GET
def account(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show an account and its faults."""
    item = get_object_or_404(IntegratedAccount.objects.select_related("organisation"), pk=pk)
    context = {
        "account": item,
        "faults": [_row(item, fault) for fault in catalog.FAULTS.values()],
        "authoriser": XeroUser.objects.filter(user_id=item.authorised_by).first(),
        "others": Organisation.objects.exclude(pk=item.organisation_id),
    }
    return render(request, "sandbox/account.html", context)


def _row(item: IntegratedAccount, fault: catalog.FaultKind) -> FaultRow:
    options = item.faults.get(fault.kind, {})
    fields = [
        (name, label, _shown(options.get(name, default))) for name, label, default in fault.fields
    ]
    return FaultRow(fault, fault.kind in item.faults, fields)


def _shown(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


@require_POST
def fault(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Switch one fault on or off."""
    item = get_object_or_404(IntegratedAccount, pk=pk)
    kind = catalog.FAULTS.get(request.POST.get("kind", ""))
    if kind is None:
        return HttpResponseBadRequest("There is no such fault.")
    try:
        options = _options(request, kind) if request.POST.get("on") == "true" else None
    except ValueError as error:
        return HttpResponseBadRequest(str(error))
    accounts.switch_fault(item, kind.kind, options)
    return redirect("account", pk=pk)


def _options(request: HttpRequest, kind: catalog.FaultKind) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, label, default in kind.fields:
        text = request.POST.get(name, default).strip()
        options[name] = checked_option(name, text, label)
    return options


def checked_option(name: str, text: str, label: str) -> Any:
    """Read an option's text; raises ValueError with a sentence when it is not usable."""
    if name == "missing_scopes":
        return text.split()
    if name == "organisation":
        if not Organisation.objects.filter(pk=uuid.UUID(text)).exists():
            raise ValueError("There is no such organisation.")
        return text
    number = float(text)
    if not 0 < number <= 3600:
        raise ValueError(f"{label} must be between 0 and 3600.")
    return number if name == "seconds" else int(number)
