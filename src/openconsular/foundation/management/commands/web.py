"""`openconsular web`: serves the site."""

from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Serve the site until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--processes",
            type=int,
            default=settings.WEB_PROCESSES,
            help="how many processes serve (default: OPENCONSULAR_WEB_PROCESSES, else one a core and at most 4)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        uvicorn.run(
            settings.ASGI_APPLICATION.rpartition(".")[0] + ":application",
            host=options["host"],
            port=options["port"],
            log_level="warning",
            access_log=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.TRUSTED_PROXIES,
            timeout_graceful_shutdown=10,
            workers=max(1, options["processes"]),
            # A process under full load answers late, and must not be taken for a dead one.
            timeout_worker_healthcheck=30,
            backlog=4096,
        )
