"""`openconsular audit`: is the audit trail whole, and what is its head."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openconsular.foundation import audit


class Command(BaseCommand):
    help = "Check the audit trail (verify), or print what to note outside (head)."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        verify = steps.add_parser("verify", help="walk the whole chain; fails where it was changed")
        verify.add_argument("--head-number", type=int, default=0, help="number of a head noted earlier")
        verify.add_argument("--head", default="", help="the head noted earlier, in hexadecimal")
        steps.add_parser("head", help="print the number and head of the last entry")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        if step == "head":
            number, head = audit.head()
            self.stdout.write(f"{number} {head}")
            return
        verdict = audit.verify(head_number=options["head_number"], head=options["head"].lower())
        if not verdict.is_whole:
            raise CommandError(f"The audit trail was changed: its chain breaks at place {verdict.broken_at}.")
        self.stdout.write(f"The audit trail is whole: {verdict.entries} entries.")
        self.stdout.write(f"Note outside: {verdict.entries} {verdict.head}")
