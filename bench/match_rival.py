"""A private PostgreSQL 15 with PostGIS from Debian, for as long as the comparison takes."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

BINARIES = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")
# Generous and the same for both sides: everything is in memory, nothing waits for a disk.
SETTINGS = {
    "shared_buffers": "3GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "random_page_cost": "1.1",
    "effective_cache_size": "6GB",
    "max_parallel_workers_per_gather": "2",
    "autovacuum": "off",
    "jit": "off",
}


def is_here() -> bool:
    """Whether Debian's PostgreSQL 15 and PostGIS are installed."""
    return (BINARIES / "initdb").exists() and EXTENSION.exists()


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a server in a folder that is gone afterwards; PostGIS is loaded."""
    folder = Path(tempfile.mkdtemp(prefix="match-rival-"))
    data = folder / "data"
    who = _unprivileged()
    if who is not None:
        os.chown(folder, who, -1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    options += f" -c listen_addresses=127.0.0.1 -p {port} -k {folder}"

    def run(program: str, *arguments: str) -> None:
        result = subprocess.run(
            [BINARIES / program, *arguments],
            user=who,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise SystemExit(f"{program} failed: {result.stderr or result.stdout}")

    try:
        run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "bench",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        )
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            where = f"host=127.0.0.1 port={port} user=bench dbname=postgres"
            with psycopg.connect(where, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION postgis")
            yield where
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> int | None:
    """PostgreSQL does not run as root: someone without rights runs it then."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise SystemExit("There is no user without rights to run PostgreSQL as.")
