"""`openconsular worker`: does the queued work."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

log = logging.getLogger("openconsular.worker")


class Command(BaseCommand):
    help = "Do the queued work until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queues", default="", help="only these queues, separated by commas (default: all)"
        )
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at the same time (default 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        queues = [name for name in options["queues"].split(",") if name] or None
        log.info("ready for %s", options["queues"] or "all queues")
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        # A stopping worker finishes its shard; whatever it cannot finish is swept back from its lease.
        worker_app.run_worker(
            queues=queues,
            concurrency=options["concurrency"],
            shutdown_graceful_timeout=15,
            fetch_job_polling_interval=2,
            delete_jobs="successful",
        )
