"""A sink in a process of its own, driven over its standard input and output."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Self, cast


class SinkProcess:
    """Leaves this process its whole core: for mass exercises and measurements. `kind` is "smsc" or "smtp"."""

    def __init__(self, kind: str, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "openconsular.gateways.sinks", kind, *arguments]
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.port = cast(int, self._read()["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process and self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(10)
            self._process.stdout.close()

    def order(self, do: str, **details: object) -> dict[str, object]:
        """Send an order as described in `sinks.__main__` and return the answer."""
        if self._process is None or self._process.stdin is None:
            raise OSError("The sink is not running.")
        self._process.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def counters(self) -> dict[str, int]:
        return cast(dict[str, int], self.order("counters"))

    def _read(self) -> dict[str, object]:
        line = self._process.stdout.readline() if self._process and self._process.stdout else ""
        if not line:
            raise OSError("The sink has ended.")
        return cast(dict[str, object], json.loads(line))
