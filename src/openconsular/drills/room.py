"""The room a drill takes place in: its own database, its own sinks, its own processes. Nothing in it is live.

The database is made anew for each drill and holds synthetic people only; gateways lead to the local SMSC and SMTP
sink and to nothing else; the settings refuse live gateways as long as OPENCONSULAR_DRILL is set.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils.crypto import get_random_string

from openconsular.accounts import actions as accounts
from openconsular.accounts import queries as accounts_queries
from openconsular.citizens import actions as citizens
from openconsular.drills.crowd import Crowd
from openconsular.drills.feed import FeedServer
from openconsular.drills.scenario import Scenario
from openconsular.foundation import profile
from openconsular.foundation.errors import NotAllowed
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.foundation.supervisor import Part, Supervisor
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SignIn:
    """One of the demonstration's accounts, as printed at the end."""

    username: str
    password: str
    role: str


@dataclass
class Room:
    crowd: Crowd
    feed: FeedServer
    sms: SmscSink
    email: SmtpSink
    supervisor: Supervisor
    officers: dict[str, Actor]
    sign_ins: list[SignIn]
    url: str


# Who works in the room; the mission officer belongs to the first mission in the scenario's country.
STAFF = (
    ("duty", Role.DUTY_OFFICER, "Duty officer (exercise)"),
    ("approver", Role.APPROVER, "Approver (exercise)"),
    ("mission", Role.MISSION_OFFICER, "Mission officer (exercise)"),
    ("auditor", Role.AUDITOR, "Auditor (exercise)"),
    ("admin", Role.ADMINISTRATOR, "Administrator (exercise)"),
)


def prepare(
    *, scenario: Scenario, people: int, seed: int, now: datetime, progress: Progress
) -> tuple[dict[str, Actor], list[SignIn]]:
    """Tables, missions, officers and synthetic people in the drill's own database."""
    if not settings.IS_DRILL:
        raise NotAllowed("A drill runs only in a database of its own.")
    call_command("migrate", verbosity=0)
    accounts.load_missions(profile=profile.current(), now=now, by=SYSTEM)
    officers, sign_ins = _officers(scenario, now)
    citizens.load_synthetic(
        count=people,
        seed=seed,
        now=now,
        by=SYSTEM,
        share=dict.fromkeys(scenario.countries, scenario.share / len(scenario.countries)),
        progress=lambda done, total: progress("people", done, total),
    )
    return officers, sign_ins


def _officers(scenario: Scenario, now: datetime) -> tuple[dict[str, Actor], list[SignIn]]:
    near = (m.code for m in profile.current().missions if m.country in scenario.countries)
    mission = accounts_queries.mission_by_code(next(near, ""))
    officers, sign_ins = {}, []
    for username, role, name in STAFF:
        if role is Role.MISSION_OFFICER and mission is None:
            continue
        password = get_random_string(16)
        officer = accounts.add_officer(
            username=username,
            display_name=name,
            role=role,
            mission_id=mission.pk if mission and role is Role.MISSION_OFFICER else None,
            password=password,
            by=SYSTEM,
            now=now,
        )
        officers[username] = officer.actor
        sign_ins.append(SignIn(username, password, name))
    return officers, sign_ins


def free_port(preferred: int = 0) -> int:
    """`preferred` where nobody listens on it, else any free port on loopback."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


@contextmanager
def opened(
    *,
    officers: dict[str, Actor],
    sign_ins: list[SignIn],
    parts: list[Part],
    environment: dict[str, str],
    port: int,
    seed: int,
    speed: float,
    messages_to: Path,
    say: Say,
) -> Iterator[Room]:
    """Sinks, feed, people and the program's own processes, all on loopback; everything ends with the block."""
    messages_to.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        crowd = Crowd(seed=seed, speed=speed, reply_by_sms=lambda address, text: sms.reply(address, text))
        sms = stack.enter_context(
            SmscSink(on_message=crowd.read, record_to=messages_to / "sms.jsonl", receipts=True)
        )
        email = stack.enter_context(SmtpSink(on_message=crowd.read, record_to=messages_to / "email.jsonl"))
        feed = stack.enter_context(FeedServer())
        url = f"http://127.0.0.1:{port}"
        supervisor = Supervisor(
            parts,
            {
                **environment,
                "OPENCONSULAR_DRILL": "1",
                "OPENCONSULAR_PORT": str(port),
                "OPENCONSULAR_PUBLIC_URL": url,
                "OPENCONSULAR_SHORT_URL": url,
                "OPENCONSULAR_INSECURE_HTTP": "1",
                "OPENCONSULAR_SMS_URL": f"smpp://drill:drill@127.0.0.1:{sms.port}",
                "OPENCONSULAR_EMAIL_URL": f"smtp://127.0.0.1:{email.port}",
            },
            say,
        )
        stack.callback(supervisor.stop)
        supervisor.start()
        crowd.start()
        stack.callback(crowd.stop)
        yield Room(crowd, feed, sms, email, supervisor, officers, sign_ins, url)
