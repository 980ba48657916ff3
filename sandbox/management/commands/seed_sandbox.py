"""`seed_sandbox`: fills an empty sandbox with its demo organisations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sandbox.services import seed


class Command(BaseCommand):
    help = "Fill an empty sandbox; with --start-over forget organisations and connections first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--start-over", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["start_over"]:
            seed.start_over()
            self.stdout.write("Started over with the demo organisations.")
        elif seed.fill_when_empty():
            self.stdout.write("Added the demo organisations.")
        else:
            self.stdout.write("Not empty: nothing changed. Use --start-over to begin again.")
