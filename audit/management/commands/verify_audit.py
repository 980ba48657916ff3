"""Says whether every chain of the record is whole; exits with 1 where one is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import selectors


class Command(BaseCommand):
    help = "Verify the hash chains and seals of the audit record."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for head in selectors.chains():
            result = selectors.verification(head.chain)
            word = "whole" if result.whole else "BROKEN"
            self.stdout.write(f"{head.chain}: {word}, {result.events} events, head {result.head}")
            for fault in result.faults[:20]:
                self.stdout.write(f"  {fault}")
            broken += not result.whole
        if broken:
            raise CommandError(f"{broken} chain(s) are not whole.")
