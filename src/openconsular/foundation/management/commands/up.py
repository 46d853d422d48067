"""`openconsular up`: everything on one machine, from one command."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = "Run database, migrations, web and workers on this machine until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("missions", verbosity=0)
        self.stdout.write(f"OpenConsular serves {settings.PUBLIC_URL} (stop with Ctrl-C)")
        import_string(settings.RUN_EVERYTHING)()
