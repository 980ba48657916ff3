"""allauth's hooks: people come in by invitation, mail waits for the commit, factors are encrypted."""

import base64
import hashlib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.encoding import force_bytes

from workspaces.models import User
from workspaces.requests import client_ip

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: `create_admin` and invitations make people."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the record has it, so that limits and record never disagree."""
        return client_ip(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count by account and address: guessing must not lock out whoever is known."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{client_ip(request)}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth does, but after the commit: no mail server is waited for in a transaction."""
        shown = {"request": self.request, "email": email, **context}
        message = self.render_mail(template_prefix, email, shown)

        def send() -> None:
            try:
                message.send()
            except OSError as error:  # the answer must not tell that there was something to send
                log.warning("mail.not_sent", kind=template_prefix, error=type(error).__name__)

        transaction.on_commit(send)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Refused where another person signs in with this address by now."""
        taken = User.objects.filter(email__iexact=email_address.email)
        if taken.exclude(pk=email_address.user_id).exists():
            return False
        return bool(super().confirm_email(request, email_address))


class UnreadableFactor(ValidationError):
    """The key of a stored factor is gone: forms show it as an error of theirs, pages as a message."""

    def __init__(self) -> None:
        super().__init__(
            "Your second factor cannot be read any more, since this installation's secret key was"
            " replaced. Nothing is lost; ask whoever runs it to reset your second factor."
        )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets of authenticator apps and recovery codes encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises UnreadableFactor where no key of the environment fits."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            log.error("second_factor.unreadable", fix="SECRET_KEY_FALLBACKS, reset_second_factor")
            raise UnreadableFactor from error

    def get_totp_issuer(self) -> str:
        return "Security Hub"


def _fernet() -> MultiFernet:
    """A key for this use alone, drawn from the secret keys; the first one encrypts."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factor\n" + force_bytes(key)).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
