"""`openconsular certificates`: everything about health certificates from the command line."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from openconsular.health_certificates.management.steps import batches, keys, rules, trust, verifying

STEPS = {
    "verify": verifying.run_verify,
    "issue-batch": batches.run_send,
    "batch": batches.run,
    "keys": keys.run,
    "trust": trust.run,
    "client": trust.run_clients,
    "rules": rules.run,
    "revoke": verifying.run_revoke,
    "publish": verifying.run_publish,
    "reconcile": verifying.run_reconcile,
}


class Command(BaseCommand):
    help = "Health certificates: verify, issue in batches, keys, trust lists, entry rules, revoke, reconcile."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        for subject in (verifying, batches, keys, trust, rules):
            subject.add_parsers(steps)

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        code = STEPS[step](options, self._say, timezone.now())
        if code:
            sys.exit(code)

    def _say(self, line: str) -> None:
        """At once, also into a file: the number of a batch is wanted most when the command was killed."""
        self.stdout.write(line)
        self.stdout.flush()
