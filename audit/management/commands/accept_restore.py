"""Accepts a restored backup: the heads kept since then are given up, and the record says so."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import checkpoints, keeping
from audit.services import Actor


class Command(BaseCommand):
    help = "After restoring a backup: keep the heads that the chains have now, and record why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True, help="what was restored, and why")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chains = keeping.accept_restore(reason=options["reason"], by=Actor(kind="command"))
        except (checkpoints.Broken, OSError) as error:
            raise CommandError(f"Nothing was accepted: {error}") from error
        for chain in chains:
            self.stdout.write(f"{chain}: accepted as it is now.")
        self.stdout.write(f"{len(chains)} chain(s) accepted.")
