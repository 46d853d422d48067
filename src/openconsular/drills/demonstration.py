"""The demonstration in the background: one process, found again by a small file in the state folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openconsular.foundation.errors import Unavailable

STOP_WITHIN_S = 40


def start(
    *, note: Path, log: Path, arguments: list[str], environment: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Start the demonstration and yield what it tells, up to and including the line that says it is ready.

    It goes on after this process ends. Raises Unavailable, naming the log, when it ends before it is ready.
    """
    stop(note=note)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "openconsular.config.main", "demo_room", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env=dict(environment),
            text=True,
            start_new_session=True,
        )
    note.write_text(json.dumps({"pid": process.pid}))
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        yield told
        if told.get("ready"):
            return
    raise Unavailable(f"The demonstration ended with {process.wait()}. Its log: {log}")


def stop(*, note: Path) -> bool:
    """End a running demonstration and wait for it. True where there was one."""
    if not note.exists():
        return False
    pid = int(json.loads(note.read_text())["pid"])
    note.unlink()
    if not _is_ours(pid):
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while _is_ours(pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    return True


def _is_ours(pid: int) -> bool:
    """Whether `pid` still is a demonstration, and not another program that got the number since."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1].split()[0]
        return b"demo_room" in command and state != "Z"
    except FileNotFoundError:
        pass
    if Path("/proc").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
