"""`openconsular rotate_keys`: seals every protected value with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from openconsular.foundation import audit, rotation
from openconsular.foundation.permissions import SYSTEM


class Command(BaseCommand):
    help = "Seal every protected value with the newest key of the secrets file. May be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = rotation.rotate(progress=lambda column, done: self.stderr.write(f"{column}: {done}"))
        audit.record(
            by=SYSTEM, action="keys.rotate", subject="keys", now=timezone.now(), detail={"values": changed}
        )
        self.stdout.write(f"{changed} values were sealed anew.")
