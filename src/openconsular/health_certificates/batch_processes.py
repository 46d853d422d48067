"""Several processes at one batch, for a machine with several cores and for the command line."""

import multiprocessing

from django.db import connection, connections
from django.utils import timezone


def run(batch_id: int, processes: int) -> None:
    """Work a batch off with `processes` processes, this one waiting. Those that die leave nothing half done."""
    if processes <= 1:
        _work(batch_id)
        return
    connections.close_all()
    # A fresh interpreter each: no connection, lock or thread of ours goes along.
    context = multiprocessing.get_context("spawn")
    arguments = (batch_id, connection.settings_dict["NAME"])
    started = [context.Process(target=_in_process, args=arguments) for _ in range(processes)]
    for one in started:
        one.start()
    for one in started:
        one.join()


def _in_process(batch_id: int, database: str) -> None:
    import django

    django.setup()
    connections["default"].settings_dict["NAME"] = database
    _work(batch_id)


def _work(batch_id: int) -> None:
    from openconsular.health_certificates import batching

    batching.work(batch_id, timezone.now)  # noqa: TID251 - the edge: a process of its own
