"""The officers of a drill: they look at what is proposed, read the number back, send, and a second one approves."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from openconsular.alerts import actions as alerts
from openconsular.alerts import queries
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import Actor


@dataclass
class DutyRoom:
    """`think_s` is how long each of the two takes before acting, in seconds of the drill."""

    duty: Actor
    approver: Actor
    clock: Callable[[], datetime]
    think_s: float = 1.0
    held_back: set[str] = field(default_factory=set)
    decided: list[tuple[datetime, str]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _desk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    _shift: Future[None] | None = None

    def start(self) -> None:
        self._shift = self._desk.submit(self._work)

    def stop(self) -> None:
        self._stop.set()
        self._desk.shutdown(wait=True)

    def check(self) -> None:
        """Raise what went wrong at the desk: a drill whose officers are gone proves nothing."""
        if self._shift is not None and self._shift.done():
            self._shift.result()

    def _work(self) -> None:
        try:
            while not self._stop.wait(0.2):
                self.look()
        finally:
            connection.close()

    def look(self) -> None:
        """Handle what lies on the desk now."""
        for warning in queries.warnings_for(self.duty, states=("proposed",)):
            if warning.incident.title not in self.held_back:
                self._send(warning.pk)
        for warning in queries.warnings_for(self.approver, states=("submitted",)):
            self._approve(warning.pk)

    def _send(self, warning_id: int) -> None:
        time.sleep(self.think_s)
        try:
            size = alerts.recount(warning_id=warning_id, by=self.duty, now=self.clock())
            alerts.submit(warning_id=warning_id, confirmed_size=size, by=self.duty, now=self.clock())
        except Conflict as conflict:  # replaced by newer facts in the meantime: look again
            self.decided.append((self.clock(), f"not sent: {conflict.code}"))
            return
        self.decided.append((self.clock(), "sent"))

    def _approve(self, warning_id: int) -> None:
        time.sleep(self.think_s)
        try:
            alerts.approve(warning_id=warning_id, by=self.approver, now=self.clock())
        except Conflict as conflict:
            self.decided.append((self.clock(), f"not approved: {conflict.code}"))
            return
        self.decided.append((self.clock(), "approved"))
