"""Pretend Xero: its organisations and their users, to be changed by hand."""

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import catalog
from sandbox.forms import OTHER, OrganisationForm, UserForm
from sandbox.models import IntegratedAccount, Organisation, XeroUser
from sandbox.services import organisations

USERS_A_PAGE = 100


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """List the organisations and what is connected to them."""
    return _home(request, OrganisationForm())


@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """Where links to Xero's page of users lead: the one connected organisation, or all of them."""
    connected = Organisation.objects.filter(accounts__isnull=False).distinct()[:2]
    if len(connected) == 1:
        return redirect("organisation", pk=connected[0].pk)
    return redirect("home")


def _home(request: HttpRequest, form: OrganisationForm) -> HttpResponse:
    context = {
        "organisations": [(item, item.users.count()) for item in Organisation.objects.all()],
        "accounts": IntegratedAccount.objects.select_related("organisation"),
        "form": form,
    }
    return render(request, "sandbox/home.html", context, status=400 if form.errors else 200)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    form = OrganisationForm(request.POST)
    if not form.is_valid():
        return _home(request, form)
    made = organisations.create(name=form.cleaned_data["name"])
    return redirect("organisation", pk=made.pk)


@require_GET
def organisation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one organisation with its users."""
    return _organisation(request, get_object_or_404(Organisation, pk=pk), UserForm())


def _organisation(request: HttpRequest, item: Organisation, form: UserForm) -> HttpResponse:
    users = item.users.order_by("id")
    if search := request.GET.get("q", "").strip():
        users = users.filter(email__icontains=search) | users.filter(last_name__icontains=search)
    context = {
        "organisation": item,
        "page": Paginator(users, USERS_A_PAGE).get_page(request.GET.get("page")),
        "accounts": item.accounts.all(),
        "rename_form": OrganisationForm(initial={"name": item.name}),
        "form": form,
        "search": search,
    }
    return render(request, "sandbox/organisation.html", context, status=400 if form.errors else 200)


@require_POST
def rename(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give an organisation another name."""
    item = get_object_or_404(Organisation, pk=pk)
    form = OrganisationForm(request.POST)
    if form.is_valid():
        organisations.rename(item, name=form.cleaned_data["name"])
    return redirect("organisation", pk=pk)


@require_POST
def add_user(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add a user to an organisation."""
    item = get_object_or_404(Organisation, pk=pk)
    form = UserForm(request.POST)
    if not form.is_valid():
        return _organisation(request, item, form)
    organisations.add_user(item, **form.cleaned_data)
    return redirect("organisation", pk=pk)


@require_http_methods(["GET", "POST"])
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    """Show and change one user."""
    person = get_object_or_404(XeroUser.objects.select_related("organisation"), user_id=user_id)
    if request.method == "GET":
        return _user(request, person, UserForm(initial=_initial(person)))
    form = UserForm(request.POST)
    if not form.is_valid():
        return _user(request, person, form)
    organisations.change_user(person, **form.cleaned_data)
    return redirect("organisation", pk=person.organisation_id)


def _initial(person: XeroUser) -> dict[str, object]:
    known = person.role in catalog.ROLES
    return {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "role": person.role if known else OTHER,
        "other_role": "" if known else person.role,
        "is_subscriber": person.is_subscriber,
    }


def _user(request: HttpRequest, person: XeroUser, form: UserForm) -> HttpResponse:
    context = {"person": person, "form": form, "organisation": person.organisation}
    return render(request, "sandbox/user.html", context, status=400 if form.errors else 200)


@require_POST
def remove_user(request: HttpRequest, user_id: str) -> HttpResponse:
    """Remove a user from the organisation."""
    person = get_object_or_404(XeroUser, user_id=user_id)
    organisations.remove_user(person)
    return redirect("organisation", pk=person.organisation_id)
