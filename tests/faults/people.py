"""Those who answer while everything breaks: they try again until they are told that it arrived.

Every answer has a key. A success they were told of must be in the database; a request whose end they do not know
goes again with the same key, and must count once.
"""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import httpx

from openconsular.gateways.sinks.records import Arrived

LINK = re.compile(r"/a/([A-Za-z0-9_-]+)")
VALUES = ("safe", "safe", "safe", "safe", "elsewhere", "help")
SHARE_BY_SMS = 0.15
GIVE_UP_AFTER_S = 120.0


@dataclass
class Sent:
    """One answer over HTTP: `tries` requests until one was acknowledged; `doubts` ended without anybody knowing."""

    token: str
    value: str
    key: str
    tries: int = 0
    doubts: int = 0
    is_acknowledged: bool = False


@dataclass
class People:
    """Feed `read` to the sinks. At most `most` answers for each warning, at `pace` a second."""

    url: str
    reply_by_sms: Callable[[str, str], None]
    seed: int = 1
    pace: float = 25.0
    arrivals: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_http: list[Sent] = field(default_factory=list)
    by_sms: dict[str, str] = field(default_factory=dict)
    without_link: int = 0
    room: int = 0
    _asked: set[str] = field(default_factory=set)
    _queue: SimpleQueue[Sent] = field(default_factory=SimpleQueue)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def expect(self, most: int) -> None:
        """A warning begins: up to `most` of its readers answer."""
        with self._lock:
            self.room = most

    def read(self, message: Arrived) -> None:
        """A message has arrived; called on the sinks' threads."""
        link = LINK.search(message.text)
        with self._lock:
            if link is None:
                self.without_link += 1
                return
            token = link.group(1)
            self.arrivals[message.address, token] += 1
            if token in self._asked or self.room <= 0:
                return
            self._asked.add(token)
            self.room -= 1
            choice = random.Random(f"{self.seed}|{message.address}|{token}")
            if "@" not in message.address and choice.random() < SHARE_BY_SMS:
                self.by_sms[token] = message.address
            else:
                sent = Sent(token, choice.choice(VALUES), f"{choice.getrandbits(64):016x}")
                self.by_http.append(sent)
                self._queue.put(sent)
                return
        self.reply_by_sms(message.address, "1")

    def start(self, threads: int = 3) -> None:
        for _ in range(threads):
            thread = threading.Thread(target=self._answer, args=(threads / self.pace,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(10)

    @property
    def waiting(self) -> int:
        with self._lock:
            return self._queue.qsize() + self._busy

    def _answer(self, pause_s: float) -> None:
        while not self._stopped.is_set():
            try:
                with self._lock:
                    sent = self._queue.get_nowait()
                    self._busy += 1
            except Empty:
                self._stopped.wait(0.1)
                continue
            try:
                self._until_acknowledged(sent)
            finally:
                with self._lock:
                    self._busy -= 1
            self._stopped.wait(pause_s)

    def _until_acknowledged(self, sent: Sent) -> None:
        give_up_at = time.monotonic() + GIVE_UP_AFTER_S
        while not self._stopped.is_set() and time.monotonic() < give_up_at:
            sent.tries += 1
            try:
                reply = httpx.post(
                    f"{self.url}/a/{sent.token}", data={"answer": sent.value, "key": sent.key}, timeout=10
                )
            except httpx.ConnectError:
                pass  # it never left
            except httpx.HTTPError:
                sent.doubts += 1
            else:
                if reply.status_code == 302:
                    sent.is_acknowledged = True
                    return
                sent.doubts += reply.status_code >= 500
            self._stopped.wait(0.3)
