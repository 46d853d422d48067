"""The database as something that dies: killed whole, read again when it is back, weakened on purpose."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
from django.db import InterfaceError, OperationalError, connection

Found = TypeVar("Found")
BACK_WITHIN_S = 90.0


def kill(folder: Path) -> int:
    """SIGKILL for the postmaster and every process of its own, at once. Returns how many there were."""
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    for one in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    return len(family)


def patiently(read: Callable[[], Found]) -> Found:
    """What `read` returns, across a database that is away for a while."""
    deadline = time.monotonic() + BACK_WITHIN_S
    while True:
        try:
            return read()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(0.25)


# Each takes one safeguard away where the program cannot notice: the harness has to.
_SABOTAGE = {
    # The switch that the deployment check forbids; the log is written rarely, so that few kills suffice.
    "no-sync-commit": [
        "ALTER SYSTEM SET synchronous_commit = off",
        "ALTER SYSTEM SET wal_writer_delay = '10s'",
        "ALTER SYSTEM SET wal_writer_flush_after = '1GB'",
        "SELECT pg_reload_conf()",
    ],
    # Whatever a dead worker left on its way stays there.
    "no-recovery": [
        """CREATE FUNCTION forget_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF new.error_code = 'worker-lost' AND new.state = 'queued' THEN
             new.state := 'handed'; new.error_code := ''; END IF; RETURN new; END $$""",
        "CREATE TRIGGER forget_it BEFORE UPDATE ON alerts_delivery FOR EACH ROW EXECUTE FUNCTION forget_it()",
    ],
    # What may have been sent twice is not counted.
    "no-doubt": [
        """CREATE FUNCTION doubt_not() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           new.in_doubt := 0; RETURN new; END $$""",
        "CREATE TRIGGER doubt_not BEFORE UPDATE ON alerts_delivery FOR EACH ROW EXECUTE FUNCTION doubt_not()",
    ],
}


def weaken(what: str | None) -> None:
    """Take a safeguard away, or none."""
    with connection.cursor() as cursor:
        # Settings outlive the database of a run, so that every run begins with them as they should be.
        cursor.execute("ALTER SYSTEM RESET ALL")
        cursor.execute("SELECT pg_reload_conf()")
        for statement in _SABOTAGE[what] if what else ():
            cursor.execute(statement)
