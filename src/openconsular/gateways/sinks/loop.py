"""A server that runs in a thread of its own, so that a drill or a test can start and stop it."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvloop

LOOPBACK = ("127.0.0.1", "::1")
_START_SECONDS = 10.0


class LoopThread:
    """Starts `serve` on an event loop in a thread; `port` is known when the context is entered.

    Listens on loopback only: a sink takes whatever it is given and must not be reached from outside.
    """

    def __init__(self, host: str, port: int) -> None:
        if host not in LOOPBACK:
            raise ValueError(f"A sink listens on loopback only, not on {host}.")
        self.host = host
        self.port = port
        self.loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def start(self) -> None:
        """Raises OSError when the port is taken."""
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise OSError(f"{type(self).__name__} did not start.")
        if self._failure:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Closes every connection and waits for the thread."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._end)
            self._thread.join(_START_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def in_loop(self, call: Callable[..., object], *arguments: object) -> None:
        """Run something on the server's thread soon."""
        self.loop.call_soon_threadsafe(call, *arguments)

    def protocol(self) -> asyncio.BaseProtocol:
        """What speaks on each new connection."""
        raise NotImplementedError

    def at_end(self) -> None:
        """Called on the loop before it stops: abort connections, flush files."""

    def _end(self) -> None:
        if self._server:
            self._server.close()
        self.at_end()
        # One more round lets aborted transports close.
        self.loop.call_later(0.01, self.loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self._server = self.loop.run_until_complete(
                self.loop.create_server(self.protocol, self.host, self.port)
            )
        except OSError as error:
            self._failure = error
            self._ready.set()
            self.loop.close()
            return
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
