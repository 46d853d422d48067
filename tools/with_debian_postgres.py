"""Runs a command on a throw-away server of Debian's PostgreSQL: `python tools/with_debian_postgres.py pytest -q`.

The suite passes on the embedded server and on this one; what only one of them understands has no place in it.
Without Debian's server it says so and succeeds, because a machine need not have it.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

OLDEST = 15
# The server refuses to run as root; these accounts exist where Debian's packages were installed.
ACCOUNTS = ("postgres", "nobody")
SETTINGS = ["-c", "listen_addresses=", "-c", "max_connections=200", "-c", "log_min_messages=fatal"]


def main() -> int:
    programs = newest()
    if programs is None:
        print(f"Debian's PostgreSQL {OLDEST} or newer is not installed; the suite was not run on it.")
        return 0
    account = None if os.geteuid() else next(name for name in ACCOUNTS if is_known(name))
    folder = Path(tempfile.mkdtemp(prefix="oc-pg-"))
    try:
        if account:
            shutil.chown(folder, account)
        data = folder / "data"
        run([programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "utf8"], account)
        options = " ".join([*SETTINGS, "-k", str(folder)])
        run([programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], account)
        try:
            url = f"postgresql://postgres@/postgres?host={quote(str(folder))}"
            return subprocess.run(
                sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False
            ).returncode
        finally:
            run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def newest() -> Path | None:
    """The folder of programs of the newest server Debian has installed."""
    found = [
        (int(path.parents[1].name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parents[1].name.isdigit()
    ]
    fitting = [one for one in found if one[0] >= OLDEST]
    return max(fitting)[1] if fitting else None


def is_known(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def run(command: list[object], account: str | None) -> None:
    subprocess.run([str(word) for word in command], user=account, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
