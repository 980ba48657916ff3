"""Makes the first administrator and their workspace, in production where nothing is seeded."""

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from audit.services import Actor
from workspaces import services
from workspaces.models import User, Workspace
from workspaces.permissions import Role


class Command(BaseCommand):
    help = "Create an administrator (and the workspace, if it is new)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--workspace", required=True, help="The company's name.")
        parser.add_argument("--zone", default="UTC", help="IANA time zone, e.g. Europe/London.")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, email: str, workspace: str, **options: Any) -> None:
        password = os.environ.get("ADMIN_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_email(email)
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if User.objects.filter(email=email.lower()).exists():
            raise CommandError(f"{email} exists already. Sign in, or reset the password.")
        by = Actor(kind="command", label="create_admin")
        with transaction.atomic():  # a user without a membership could neither enter nor be made
            company = Workspace.objects.filter(name=workspace).first() or services.found(
                workspace, zone=options["zone"], by=by
            )
            user = User.objects.create_user(email, password, name=options["name"])
            services.add_member(company, user=user, role=Role.ADMIN, by=by)
        self.stdout.write(f"{email} is an administrator of {company.name}.")
