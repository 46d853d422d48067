"""A worker killed outright, again and again, against a real message centre: every person is told, and the ledger
knows every message that may have been sent twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from openconsular.accounts import actions as accounts
from openconsular.alerts import deliver
from openconsular.alerts.models import Delivery, Warning
from openconsular.foundation.permissions import SYSTEM, Role
from openconsular.gateways.sinks.records import Arrived
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sms.smpp import open_smpp
from tests.alerts import delivery_world as world

PEOPLE, PORTION, KILLS = 600, 50, 4

WORKER = f"""
import sys, django
django.setup()
from datetime import timedelta
from django.utils import timezone
from openconsular.alerts import deliver
deliver.PORTION = {PORTION}
ahead = timedelta(minutes=int(sys.argv[2]))
deliver.deliver_shard(shard_id=int(sys.argv[1]), clock=lambda: timezone.now() + ahead)
"""


def worker(shard_id: int, minutes_ahead: int, port: int) -> "subprocess.Popen[bytes]":
    """Another process on the same database, whose clock is ahead so that the lease of the one before is over."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={quote(str(database['HOST']))}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "openconsular.config.settings",
        "OPENCONSULAR_DRILL": "1",
        "OPENCONSULAR_SMS_URL": f"smpp://drill@127.0.0.1:{port}?window=20",
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(shard_id), str(minutes_ahead)], env=environment
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nobody_is_lost_and_every_possible_repetition_is_known() -> None:
    if connection.settings_dict["PASSWORD"]:
        pytest.skip("The second process signs in without a password, as on the embedded database.")
    now = timezone.now()
    officer = accounts.add_officer(
        username="duty", display_name="Duty", role=Role.DUTY_OFFICER, by=SYSTEM, now=now
    )
    incident = world.incident(now)
    for n in range(PEOPLE):
        world.row(incident, world.person(now, n, contact=f"+999{n:09d}"), now)
    shard = world.release(world.warning(incident, now), now, officer.pk)
    seen: Counter[str] = Counter()

    def count(message: Arrived) -> None:
        seen[message.address] += 1

    with SmscSink(on_message=count) as sink:
        sink.faults.slow_seconds = 0.05
        for kill in range(KILLS):
            process = worker(shard.pk, kill, sink.port)
            enough = sum(seen.values()) + 70
            give_up = time.monotonic() + 60
            while sum(seen.values()) < enough and time.monotonic() < give_up and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
        sink.faults.slow_seconds = 0
        gateway = open_smpp(f"smpp://drill@127.0.0.1:{sink.port}", "12308", live=False)
        ahead = timedelta(minutes=KILLS)
        assert deliver.deliver_shard(shard_id=shard.pk, clock=lambda: timezone.now() + ahead, gateway=gateway)
        gateway.close()

    rows = Delivery.objects.filter(shard=shard)
    assert set(rows.values_list("state", flat=True)) == {"handed"}
    assert Warning.objects.get().state == "sent"
    assert len(seen) == PEOPLE, "somebody was never told"
    repeated = {address: times - 1 for address, times in seen.items() if times > 1}
    doubts = {f"+999{n:09d}": one.in_doubt for n, one in enumerate(rows.order_by("recipient_id"))}
    assert all(times <= doubts[address] for address, times in repeated.items()), (
        "a repetition nobody knows of"
    )
    # Two portions at most are on their way or about to be when a worker dies.
    assert sum(doubts.values()) <= KILLS * 2 * PORTION
    assert repeated, "the kills came too late to prove anything"
