"""Keeps a few processes running: starts them, names their lines, starts again what dies, stops all in order.

This is what one machine needs. Where systemd or a container platform does it, the parts are started one by one.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

RESTART_AFTER_S = 1.0
STOP_WITHIN_S = 20.0
# The first argument of a part: it ends when its supervisor does, were that by SIGKILL, and frees port and queue.
SUPERVISED = "--supervised"


@dataclass
class Part:
    """One process of the program: its name in the log and the arguments of `openconsular`."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[str] | None = None
    restarts: int = 0
    not_before: float = 0.0


@dataclass
class Supervisor:
    """Runs `parts` until `stop`. `say` gets one readable line at a time; `upkeep` is called twice a second."""

    parts: Sequence[Part]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    upkeep: Callable[[], None] = lambda: None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _readers: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for part in self.parts:
            self._start(part)

    def watch(self) -> None:
        """Until `stop`: start again what died, with the reason in the log."""
        while not self._stopping.wait(0.5):
            self.upkeep()
            for part in self.parts:
                self._look_after(part)

    def stop(self) -> None:
        """Ask every part to finish what it holds, then insist."""
        self._stopping.set()
        running = [part for part in self.parts if part.process and part.process.poll() is None]
        for part in reversed(running):
            with contextlib.suppress(ProcessLookupError):
                part.process.terminate()  # type: ignore[union-attr]
        deadline = time.monotonic() + STOP_WITHIN_S
        for part in running:
            assert part.process is not None
            try:
                part.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{part.name}: did not stop in time and was ended")
                part.process.kill()
                part.process.wait()
            _let_go(part.process)
        for reader in self._readers:
            reader.join(1)

    def _look_after(self, part: Part) -> None:
        if part.process is not None and part.process.poll() is not None:
            self.say(f"{part.name}: ended with {part.process.returncode}, starting it again")
            _let_go(part.process)
            part.process, part.not_before = None, time.monotonic() + RESTART_AFTER_S
            part.restarts += 1
        if part.process is None and time.monotonic() >= part.not_before and not self._stopping.is_set():
            self._start(part)

    def _start(self, part: Part) -> None:
        part.process = subprocess.Popen(
            [sys.executable, "-m", "openconsular.config.main", SUPERVISED, *part.arguments],
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            # Nothing is ever written into it: its end tells the part that nobody looks after it any more.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Not our terminal's group: a Ctrl-C reaches us alone, and we stop the parts in order.
            start_new_session=True,
        )
        assert part.process.stdout is not None
        reader = threading.Thread(target=self._read, args=(part.name, part.process.stdout), daemon=True)
        reader.start()
        self._readers.append(reader)

    def _read(self, name: str, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                self.say(f"{name:<8} {line.rstrip()}")


def _let_go(process: subprocess.Popen[str]) -> None:
    """Close our end of a part that has ended; its last lines are closed by whoever reads them."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def end_with_supervisor() -> None:
    """In a part: stop in good order as soon as the supervisor has gone."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="end-with-supervisor", daemon=True).start()


@contextlib.contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call `stop` once; the handlers of before come back afterwards."""

    def handle(number: int, frame: object) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
