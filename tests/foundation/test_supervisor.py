"""What dies is started again, and nothing outlives whoever looked after it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from openconsular.foundation.supervisor import Part, Supervisor

PROGRAM = """
    import os, sys
    from openconsular.foundation.supervisor import Part, Supervisor
    part = Part("listen", ["listen"])
    supervisor = Supervisor([part], dict(os.environ), lambda line: None)
    supervisor.start()
    print(part.process.pid, flush=True)
    supervisor.watch()
"""


def is_alive(pid):
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def within(seconds, condition):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def environment(django_db_setup):
    from django.db import connection

    values = connection.settings_dict
    url = f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"
    return {**os.environ, "DATABASE_URL": url}


def test_a_part_that_was_killed_is_started_again(environment):
    said = []
    part = Part("listen", ["listen"])
    supervisor = Supervisor([part], environment, said.append)
    supervisor.start()
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    try:
        first = part.process.pid
        os.kill(first, signal.SIGKILL)
        assert within(20, lambda: part.restarts == 1 and part.process is not None)
        assert part.process.pid != first
        assert any("ended with -9" in line for line in said)
    finally:
        supervisor.stop()
        watching.join(10)
    assert not is_alive(part.process.pid)


def test_no_part_outlives_a_supervisor_that_was_killed(environment):
    supervisor = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)], env=environment, stdout=subprocess.PIPE, text=True
    )
    pid = int(supervisor.stdout.readline())
    try:
        assert is_alive(pid)
        time.sleep(2)
        supervisor.kill()
        supervisor.wait()
        assert within(20, lambda: not is_alive(pid))
    finally:
        supervisor.stdout.close()
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
