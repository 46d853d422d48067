"""Playing a scenario: publish each message when its time has come, and let the program do the rest."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openconsular.alerts import actions as alerts
from openconsular.alerts import queries
from openconsular.drills.officers import DutyRoom
from openconsular.drills.room import Room
from openconsular.drills.scenario import Scenario, Step
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import SYSTEM

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]

# Reminders go out when a warning has been out for this long, in the scenario's time.
REMIND_AFTER = timedelta(minutes=30)
# A drill's feed is polled, and changed hazards are matched, every five seconds.
FETCHED_WITHIN_S = 12
# How long after the last message a drill waits for what is still under way.
PATIENCE_S = 240


@dataclass
class Play:
    """One performance. `speed` is how many minutes of the scenario pass in one minute of the drill."""

    scenario: Scenario
    room: Room
    speed: float
    clock: Clock
    progress: Progress
    run: str
    published: dict[str, datetime] = field(default_factory=dict)
    _reminded: set[int] = field(default_factory=set)
    _duty: DutyRoom | None = None

    def perform(self) -> None:
        start = time.monotonic()
        self._duty = duty = DutyRoom(
            duty=self.room.officers["duty"],
            approver=self.room.officers["approver"],
            clock=self.clock,
            held_back=self._titles_held_back(),
        )
        duty.start()
        try:
            for step in self.scenario.steps:
                self._wait_until(start + step.at_minutes * 60 / self.speed, step)
                self._publish(step)
            self._settle()
        finally:
            duty.stop()
        alerts.mark_silent(now=self.clock(), silent_after=timedelta(0))

    def _titles_held_back(self) -> set[str]:
        """A message the officers wait with, because it looks wrong; they know it by its words."""
        return {text for step in self.scenario.steps if step.held_back for text in step.headline.values()}

    def _publish(self, step: Step) -> None:
        self.published[step.identifier] = self.clock()
        self.room.feed.publish(self.scenario.message(step, sent=self.published, run=self.run))
        self.progress("published", len(self.published), len(self.scenario.steps))

    def _wait_until(self, moment: float, step: Step) -> None:
        """Wait for a step's time, and for what came before it to be decided: officers are not outrun."""
        while time.monotonic() < moment or (self.published and not step.held_back and self._is_desk_full()):
            if time.monotonic() > moment + PATIENCE_S:
                return
            self._tick()

    def _is_desk_full(self) -> bool:
        states = ("proposed", "submitted", "sending")
        waiting = queries.warnings_for(SYSTEM, states=states)
        return any(one.incident.title not in self._titles_held_back() for one in waiting)

    def _settle(self) -> None:
        """After the last message: until everything is handed over and everybody has said what they will say."""
        deadline = time.monotonic() + PATIENCE_S
        # The last message is still to be fetched and matched; quiet counts from then on.
        quiet_since = time.monotonic() + FETCHED_WITHIN_S
        while time.monotonic() < deadline and time.monotonic() - quiet_since < 3:
            self._tick()
            if self._is_desk_full() or self.room.crowd.waiting or self._wants_reminder():
                quiet_since = time.monotonic()

    def _tick(self) -> None:
        time.sleep(0.25)
        if self._duty is not None:
            self._duty.check()
        now = self.clock()
        alerts.mark_silent(now=now, silent_after=alerts.SILENT_AFTER / self.speed)
        self._remind(now)
        # Who was never warned, because the message was held back, is not counted in the end either.
        held_back = self._titles_held_back()
        told = [one.pk for one in queries.incidents_for(SYSTEM) if one.title not in held_back]
        ledger = queries.ledgers_of(told, SYSTEM).values()
        affected = sum(one.affected for one in ledger)
        self.progress("answered", sum(one.answered for one in ledger), affected)

    def _due_for_reminder(self, now: datetime) -> list[int]:
        """Incidents whose first warning has been out long enough and which are not over."""
        due = []
        for one in queries.warnings_for(SYSTEM, states=("sent",)):
            old = one.released_at is not None and now - one.released_at > REMIND_AFTER / self.speed
            if old and one.kind == "warning" and one.incident_id not in self._reminded:
                due.append(one.incident_id)
        return due

    def _wants_reminder(self) -> bool:
        return any(
            one.kind == "warning" and one.incident_id not in self._reminded
            for one in queries.warnings_for(SYSTEM, states=("sending", "sent"))
        )

    def _remind(self, now: datetime) -> None:
        for incident_id in self._due_for_reminder(now):
            self._reminded.add(incident_id)
            try:
                alerts.propose_more(
                    incident_id=incident_id, kind="reminder", by=self.room.officers["duty"], now=now
                )
            except Conflict:  # everybody has answered, or it is over
                continue
