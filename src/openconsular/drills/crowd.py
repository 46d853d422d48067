"""Synthetic people: they read what arrives at the sinks and answer, late, in their own way, or not at all.

Every choice follows from the seed and the address, so that the same drill has the same people. Delays are drawn
from a log-normal distribution with a median of eight minutes, divided by the drill's speed.
"""

import heapq
import math
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from openconsular.gateways.sinks.records import Arrived

LINK = re.compile(r"https?://[^\s<>\"]+/a/[A-Za-z0-9_-]+")
MEDIAN_S, SPREAD = 8 * 60.0, 0.9
# Of those asked, in the proportions of exercises of this kind: most are safe, few need help, a third is silent at first.
SHARES = (("safe", 0.62), ("help", 0.02), ("elsewhere", 0.04))
SHARE_OF_SILENT_WHO_ANSWER_A_REMINDER = 0.5
WORDS = {"safe": ("1", "平安", "SAFE", "１"), "help": ("2", "求助", "HELP"), "elsewhere": ("3", "3 ")}


@dataclass
class Crowd:
    """Feed `read` to the sinks' `on_message`; `start` sets the answering going, `stop` ends it."""

    seed: int
    speed: float
    reply_by_sms: Callable[[str, str], None]
    answered: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    received: int = 0
    _plan: list[tuple[float, int, str, str, str]] = field(default_factory=list)
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)
    _running: bool = True
    _busy: int = 0
    _count: int = 0

    def read(self, message: Arrived) -> None:
        """A message has arrived on a phone or in a mailbox. Called on the sink's thread, so it only plans."""
        link = LINK.search(message.text)
        with self._lock:
            self.received += 1
            if link is None:
                return
            self._asked[message.address] += 1
            choice = self._choose(message.address, self._asked[message.address])
            if choice is None:
                return
            value, by_link, delay_s = choice
            self._count += 1
            due = time.monotonic() + delay_s
            way = link.group(0) if by_link or "@" in message.address else ""
            heapq.heappush(self._plan, (due, self._count, message.address, value, way))
            self._lock.notify()

    def _choose(self, address: str, times_asked: int) -> tuple[str, bool, float] | None:
        """(answer, by link, delay in seconds) or None for silence. Whoever has answered does not answer again."""
        rng = random.Random(f"{self.seed}|{address}")  # noqa: S311 - the same people in every drill
        draw = rng.random()
        nature = None
        for value, share in SHARES:
            if draw < share:
                nature = value
                break
            draw -= share
        delay = math.exp(rng.gauss(math.log(MEDIAN_S), SPREAD)) / self.speed
        by_link = rng.random() < 0.5
        first_to_answer = 1 if nature else 2 if rng.random() < SHARE_OF_SILENT_WHO_ANSWER_A_REMINDER else 0
        if times_asked != first_to_answer:
            return None
        return nature or "safe", by_link, delay

    def start(self, workers: int = 4) -> None:
        for _ in range(workers):
            thread = threading.Thread(target=self._answer_until_stopped, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        with self._lock:
            self._running = False
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(5)

    @property
    def waiting(self) -> int:
        """Answers planned or on their way."""
        with self._lock:
            return len(self._plan) + self._busy

    def _answer_until_stopped(self) -> None:
        with httpx.Client(timeout=30, follow_redirects=True) as client:
            while True:
                with self._lock:
                    while self._running and (not self._plan or self._plan[0][0] > time.monotonic()):
                        self._lock.wait(0.2)
                    if not self._running:
                        return
                    _, _, address, value, link = heapq.heappop(self._plan)
                    self._busy += 1
                try:
                    done = self._answer(client, address, value, link)
                finally:
                    with self._lock:
                        self._busy -= 1
                with self._lock:
                    self.answered[value] += done
                    self.failed += not done

    def _answer(self, client: httpx.Client, address: str, value: str, link: str) -> bool:
        if not link:
            words = WORDS[value]
            self.reply_by_sms(address, words[hash_of(address) % len(words)])
            return True
        for _ in range(3):
            try:
                page = client.get(link)
                token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
                data = {"answer": value, "csrfmiddlewaretoken": token.group(1) if token else ""}
                reply = client.post(link, data=data, headers={"Referer": link})
                if reply.status_code == 200:
                    return True
            except httpx.HTTPError:
                time.sleep(0.5)  # as a person would: try again
        return False


def hash_of(address: str) -> int:
    """A number from an address that is the same in every process."""
    return sum(map(ord, address))
