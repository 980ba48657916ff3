"""Makes an API token of a workspace and shows it this once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services import Actor
from workspaces import selectors, services
from workspaces.models import User
from workspaces.permissions import Scope


class Command(BaseCommand):
    help = "Create an API token with the rights of a member."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The member in whose name the tool acts.")
        parser.add_argument("--name", required=True, help="What the token is for.")
        parser.add_argument("--workspace", default="", help="Its name, where there are several.")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="What the token may do; may be given several times. Default: read.",
        )

    def handle(self, *args: Any, email: str, name: str, workspace: str, **options: Any) -> None:
        user = User.objects.filter(email=email.lower()).first()
        rows = list(selectors.memberships(user)) if user else []
        rows = [row for row in rows if workspace in ("", row.workspace.name)]
        if user is None or len(rows) != 1:
            raise CommandError("Name a member, and the workspace if there are several.")
        by = Actor(kind="command", label="create_api_token")
        scopes = options["scope"] or [Scope.READ]
        _, secret = services.create_token(
            rows[0].workspace, name=name, user=user, scopes=scopes, by=by
        )
        self.stdout.write(secret)
