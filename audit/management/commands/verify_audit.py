"""Says whether every chain of the record is whole and guarded; exits with 1 where one is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import checkpoints, guards, selectors


class Command(BaseCommand):
    help = "Verify the hash chains and seals of the audit record."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        heads = {head.chain for head in selectors.chains()}
        for chain in sorted(heads | checkpoints.chains()):
            result = selectors.verification(chain)
            word = "whole" if result.whole else "BROKEN"
            self.stdout.write(f"{chain}: {word}, {result.events} events, head {result.head}")
            for fault in result.faults[:20]:
                self.stdout.write(f"  {fault}")
            broken += not result.whole
        off = guards.missing()
        for name in off:
            self.stdout.write(
                f"the guard {name} of the database is off; `manage.py migrate` puts it on"
            )
        if broken or off:
            raise CommandError(f"{broken} chain(s) are not whole, {len(off)} guard(s) are off.")
