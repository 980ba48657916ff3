"""The connect page and the pretend consent of Xero that it leads to."""

from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_http_methods

from sandbox import catalog
from sandbox.forms import ConsentForm
from sandbox.models import LinkToken, Organisation
from sandbox.services import consent as consents
from sandbox.services import link_tokens, organisations
from sandbox.services.accounts import Ending, Status

SALT = "connect-page"
Visit = dict[str, Any]


@require_GET
@xframe_options_exempt
def start(request: HttpRequest) -> HttpResponse:
    """Show what can be connected, or the one integration that was asked for."""
    visit = _visit(request)
    token = link_tokens.usable(visit["token"])
    if token is None:
        return _end(request, consents.failure("invalid_token"), visit)
    slug = "xero" if token.account else request.GET.get("integration", "")
    offered = _offered(request)
    if not slug:
        return _picker(request, offered, visit)
    if slug not in offered:
        message = consents.failure("invalid_integration", integration=slug)
        return _end(request, message, visit)
    context = {
        "integration": offered[slug],
        "visit": signing.dumps(visit, salt=SALT),
        "reconnecting": token.account is not None,
        "back": _back(request, visit),
    }
    return render(request, "sandbox/connect.html", context)


def _visit(request: HttpRequest) -> Visit:
    """Remember where the pop-up came from: the token's own return address, else the referrer."""
    known = _opened(request.GET.get("visit", ""))
    referrer = consents.origin(request.headers.get("Referer", ""))
    here = f"{request.scheme}://{request.get_host()}"
    token = request.GET.get("link_token", "")
    redirect_uri = link_tokens.return_address(token)
    return {
        "token": token,
        "redirect_uri": redirect_uri,
        "opener": consents.origin(redirect_uri)
        or known.get("opener", "")
        or (referrer if referrer != here else ""),
        "framed": request.GET.get("iframe") == "true",
    }


def _opened(signed: str) -> Visit:
    try:
        return dict(signing.loads(signed, salt=SALT, max_age=3600))
    except signing.BadSignature:
        return {}


def _offered(request: HttpRequest) -> dict[str, catalog.Integration]:
    asked = request.GET.get("integrations", "")
    slugs = asked.split(",") if asked else list(catalog.INTEGRATIONS)
    return {slug: catalog.INTEGRATIONS[slug] for slug in slugs if slug in catalog.INTEGRATIONS}


def _address(request: HttpRequest, visit: Visit, **changes: str) -> str:
    query = {name: str(value) for name, value in request.GET.items() if name != "integration"}
    query |= {"visit": signing.dumps(visit, salt=SALT), **changes}
    return f"{reverse('connect')}?{urlencode(query)}"


def _picker(
    request: HttpRequest, offered: dict[str, catalog.Integration], visit: Visit
) -> HttpResponse:
    choices = [
        (item, _address(request, visit, integration=slug, picked="true"))
        for slug, item in offered.items()
    ]
    return render(request, "sandbox/picker.html", {"choices": choices})


def _back(request: HttpRequest, visit: Visit) -> str:
    """Give the way back to the picker, if this page was reached from it."""
    hidden = request.GET.get("no_back", "").lower() in ("true", "1")
    return "" if hidden or "picked" not in request.GET else _address(request, visit)


@require_http_methods(["GET", "POST"])
@xframe_options_exempt
def consent(request: HttpRequest) -> HttpResponse:
    """Ask, as Xero would, whether the organisation's data may be read."""
    values = request.POST if request.method == "POST" else request.GET
    visit = _opened(values.get("visit", ""))
    token = link_tokens.usable(visit.get("token", ""))
    if token is None:
        return _end(request, consents.failure("invalid_token", integration="xero"), visit)
    if request.method == "GET":
        return _ask(request, token, visit, ConsentForm())
    if request.POST.get("answer") != "allow":
        return _end(request, consents.failure("connection_error", integration="xero"), visit)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _ask(request, token, visit, form)
    try:
        message = consents.approve(token, _approval(form))
    except consents.NotEligible as error:
        form.add_error(None, str(error))
        return _ask(request, token, visit, form)
    return _end(request, message, visit)


def _approval(form: ConsentForm) -> consents.Approval:
    data = form.cleaned_data
    status = Status(data["ending"] or "active")
    seconds = data["seconds"] if data["seconds"] is not None else 10
    return consents.Approval(data["organisation"], data["authorised_by"], Ending(status, seconds))


def _ask(request: HttpRequest, token: LinkToken, visit: Visit, form: ConsentForm) -> HttpResponse:
    scopes = token.scopes or catalog.DEFAULT_SCOPES
    choices = [
        (organisation, people)
        for organisation in Organisation.objects.all()
        if (people := list(organisations.who_can_connect(organisation)[:50]))
    ]
    context = {
        "form": form,
        "visit": signing.dumps(visit, salt=SALT),
        "scopes": [(scope, catalog.SCOPE_SENTENCES.get(scope, scope)) for scope in scopes],
        "choices": choices,
        "chosen": request.POST.get("organisation") or _connected(token),
    }
    status = 400 if form.is_bound else 200
    return render(request, "sandbox/consent.html", context, status=status)


def _connected(token: LinkToken) -> str:
    return str(token.account.organisation_id) if token.account else ""


def _end(request: HttpRequest, message: dict[str, Any], visit: Visit) -> HttpResponse:
    """Go to the last page, which tells the opener or returns to the client."""
    ending = {
        "message": message,
        "opener": visit.get("opener", ""),
        "framed": visit.get("framed", False),
        "redirect_uri": visit.get("redirect_uri", ""),
    }
    query = urlencode({"ending": signing.dumps(ending, salt=SALT)})
    return HttpResponseRedirect(f"{reverse('finished')}?{query}")


@require_GET
@xframe_options_exempt
def finished(request: HttpRequest) -> HttpResponse:
    """Say how it ended; the page's script posts the message or follows the return address."""
    ending = _opened(request.GET.get("ending", ""))
    message = ending.get("message") or consents.failure("invalid_token")
    return render(request, "sandbox/finished.html", {"ending": ending, "message": message})
