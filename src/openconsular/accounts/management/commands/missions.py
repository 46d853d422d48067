"""`openconsular missions`: brings embassies and consulates in step with the profile."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from openconsular.accounts import actions
from openconsular.foundation import profile
from openconsular.foundation.permissions import Actor

OPERATOR = Actor(label="system:command", is_system=True)


class Command(BaseCommand):
    help = "Bring the missions and their districts in step with the profile. May be run again at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        ours = profile.current()
        changed = actions.load_missions(profile=ours, by=OPERATOR, now=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{len(ours.missions)} missions, {changed} of them new or changed.")
