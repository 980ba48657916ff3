"""Takes away the second factor of somebody who lost it, or whose key is gone; it is recorded."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services import Actor
from workspaces.models import User
from workspaces.problems import Problem
from workspaces.services import factors


class Command(BaseCommand):
    help = "Take away somebody's second factor. Make sure first that it is they who ask."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {email}.")
        try:
            factors.reset_second_factor(user, by=Actor(kind="command", label="reset_second_factor"))
        except Problem as problem:
            raise CommandError(problem.words) from problem
        self.stdout.write(f"{user.email} signs in with the password alone until a new one is set.")
