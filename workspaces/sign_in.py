"""Sign-in by the library: which of its pages are routed, and what of it enters the record."""

import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from allauth.account import signals as account
from allauth.account import urls as account_urls
from allauth.account.models import EmailAddress
from allauth.mfa import signals as factors
from allauth.mfa.base import urls as mfa_urls
from allauth.mfa.recovery_codes import urls as recovery_urls
from allauth.mfa.totp import urls as totp_urls
from allauth.usersessions import urls as session_urls
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from audit import services as audit
from workspaces import services
from workspaces.adapter import UnreadableFactor
from workspaces.forms import TokensTooForm
from workspaces.models import User
from workspaces.permissions import LIBRARY_ROUTES
from workspaces.requests import acting, actor_of

View = Callable[..., HttpResponseBase]

# So many failed sign-ins a minute are kept for each account, and as many for all unknown addresses
# together: a flood of those must not hide an attack on somebody.
FAILURES_KEPT = 60
# A POST to these happens in one act, with its record. Signing in and out record on their own: a
# password takes long to check, and nothing of it is stored but the session.
IN_ONE_ACT = {
    "account_change_password",
    "account_reset_password_from_key",
    "account_email",
    "account_confirm_email",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "usersessions_list",
}
SOURCES: list[tuple[str, Any]] = [
    ("", account_urls),
    ("2fa/", mfa_urls),
    ("2fa/totp/", totp_urls),
    ("2fa/recovery-codes/", recovery_urls),
    ("sessions/", session_urls),
]


def routes() -> list[URLResolver]:
    """The library's routes that `LIBRARY_ROUTES` declares; any other is not routed at all."""
    return [path(prefix, include(list(_kept(module.urlpatterns)))) for prefix, module in SOURCES]


def _kept(patterns: Iterable[Any]) -> Iterable[URLPattern]:
    for each in patterns:
        if getattr(each, "name", None) in LIBRARY_ROUTES:
            view = _in_one_act(each.callback) if each.name in IN_ONE_ACT else each.callback
            view = _with_address(view) if each.name == "account_email" else view
            view = _told_in_words(view) if "recovery_codes" in each.name else view
            yield URLPattern(each.pattern, view, each.default_args, each.name)


def _in_one_act(view: View) -> View:
    @wraps(view)
    def acting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with audit.act(None, by=_actor(request, request.user)):
            response = view(request, *args, **kwargs)
            if request.resolver_match and request.resolver_match.url_name == "usersessions_list":
                audit.record("sessions.ended_elsewhere", subject=f"user:{request.user.pk}")
                _tokens_too(request, request.user)
            return response

    return acting


def _told_in_words(view: View) -> View:
    """Recovery codes that cannot be read any more lead back to the factors, with words."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except UnreadableFactor as error:
            messages.error(request, str(error.message))
            return redirect("mfa_index")

    return told


def _with_address(view: View) -> View:
    """Tell the library first that the present address is proven: it drops unproven ones for new."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User):
            proven = {"verified": True, "primary": True}
            rows = EmailAddress.objects
            rows.update_or_create(user=user, email=user.email, defaults=proven)
        return view(request, *args, **kwargs)

    return told


def connect() -> None:
    """Listen to what the libraries say; called once when Django is ready."""
    user_logged_in.connect(_said("sign_in.done"), weak=False)
    user_logged_out.connect(_said("sign_in.ended"), weak=False)
    user_login_failed.connect(_failed, weak=False)
    account.password_changed.connect(_said("password.changed"), weak=False)
    account.password_reset.connect(_said("password.reset"), weak=False)
    account.password_changed.connect(_tokens_too, weak=False)
    account.password_reset.connect(_tokens_too, weak=False)
    account.email_changed.connect(_said("email.changed"), weak=False)
    account.authentication_step_completed.connect(_new_key, weak=False)
    # The library's own signals of these two come after the commit, too late to be part of it.
    post_save.connect(_factor_saved, sender="mfa.Authenticator", weak=False)
    post_delete.connect(_factor_deleted, sender="mfa.Authenticator", weak=False)
    factors.authenticator_used.connect(_factor_used, weak=False)
    factors.authentication_failed.connect(_said("second_factor.failed"), weak=False)


def _said(kind: str) -> Callable[..., None]:
    """A receiver that records `kind` about the user of the signal."""

    def receive(request: HttpRequest | None = None, user: Any = None, **said: Any) -> None:
        if user is None:  # somebody signed out who was not signed in any more
            return
        with audit.act(None, by=_actor(request, user)):
            audit.record(kind, subject=f"user:{user.pk}")

    return receive


def _tokens_too(request: HttpRequest, user: Any, **said: Any) -> None:
    """Revoke the person's API tokens where they ticked so: after the commit of what they did, since
    each workspace has a record of its own."""
    if not TokensTooForm(request.POST).wanted:
        return
    by = actor_of(request, user)

    def revoke() -> None:
        number = services.revoke_all_tokens(user, by=by)
        words = "Your API token is" if number == 1 else f"Your {number} API tokens are"
        messages.success(request, f"{words} revoked: from now on they open nothing.")

    transaction.on_commit(revoke)


def _new_key(request: HttpRequest, reauthenticated: bool = False, **said: Any) -> None:
    """Whoever proved once more who they are goes on under a new session key; the old one is dead.

    At sign-in Django sees to it.
    """
    if not reauthenticated:
        return
    old = request.session.session_key
    request.session.cycle_key()
    rows = UserSession.objects.filter(session_key=old)
    rows.update(session_key=request.session.session_key)


def _factor_saved(instance: Any, created: bool, **said: Any) -> None:
    if created:  # other changes only note that it was used
        _record_factor("second_factor.added", instance)


def _factor_deleted(instance: Any, **said: Any) -> None:
    _record_factor("second_factor.removed", instance)


def _factor_used(request: HttpRequest, user: Any, authenticator: Any, **said: Any) -> None:
    """A recovery code is good once and often a sign of trouble, hence a line of its own."""
    if authenticator.type == authenticator.Type.RECOVERY_CODES:
        _said("second_factor.recovery_code_used")(request=request, user=user)


def _record_factor(kind: str, factor: Any) -> None:
    with audit.act(None, by=audit.Actor(kind="system", label="sign-in")):  # joins the person's act
        audit.record(kind, subject=f"user:{factor.user_id}", factor=str(factor.type))


def _failed(request: HttpRequest | None = None, credentials: Any = None, **said: Any) -> None:
    """Somebody gave a wrong password. What was typed is not kept: it may be a password."""
    typed = str((credentials or {}).get("email") or (credentials or {}).get("username") or "")
    known = User.objects.filter(email=typed.lower()[:254]).first() if "\x00" not in typed else None
    if not _room_for_one_more(str(known.pk) if known else "unknown"):
        return
    with audit.act(None, by=_actor(request, None)):
        audit.record(
            "sign_in.failed", subject=f"user:{known.pk}" if known else "", known=bool(known)
        )


def _room_for_one_more(account: str) -> bool:
    minute = f"sign-in-failures:{account}:{int(time.time() // 60)}"
    cache.add(minute, 0, timeout=120)
    return cache.incr(minute) <= FAILURES_KEPT


def _actor(request: HttpRequest | None, user: Any) -> audit.Actor:
    if isinstance(user, User):
        return actor_of(request or HttpRequest(), user)
    return acting(request or HttpRequest(), "visitor")
