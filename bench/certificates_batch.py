"""Certificates in a batch, end to end: a file of rows to signed certificates in the register, on the cores there are.

    python -m bench.certificates_batch [--small]

Everything a real batch does is done and counted in the time: lines taken in and sealed, every row judged, records with
sealed words and hashes, the approval, signatures (P-256, deterministic), register rows with the three hashes of
revocation lists, one audit entry a signature. It runs in a database of its own, made anew.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

ROWS, SMALL_ROWS = 100_000, 4_000
PROCESSES = 2
HEADER = (
    "key,family_name,given_name,born_on,vaccine,product,maker,batch,dose,doses,happened_on,place,clinician"
)


def lines(count: int) -> Iterator[str]:
    """Synthetic people, no two rows alike."""
    yield HEADER
    for i in range(count):
        name = "".join(chr(65 + (i // 26**place) % 26) for place in range(4)).title()
        born = f"{1940 + i % 80}-{1 + i % 12:02d}-{1 + i % 28:02d}"
        yield (
            f"row-{i},Sample{name},Given{name[::-1].title()},{born},1119349007,EU/1/20/1528,ORG-100030215,L{i % 97},"
            f"{1 + i % 2},2,2026-0{1 + i % 5}-1{i % 9},Clinic of the mission,Dr Sample"
        )


def run(small: bool = False) -> dict[str, float]:
    """{"batch_per_second": ..., and the seconds of each part}."""
    _prepare()
    from django.core.management import call_command
    from django.utils import timezone

    from openconsular.domain.health.certificate import Format, Kind
    from openconsular.foundation.permissions import Actor, Role
    from openconsular.health_certificates import batch_processes, reconciling
    from openconsular.health_certificates.actions import batches
    from openconsular.health_certificates.demonstration import make_test_keys
    from openconsular.health_certificates.models import Batch, Issued

    call_command("migrate", verbosity=0)
    sender = Actor("staff:1", Role.HEALTH_OFFICER, officer_id=1)
    approver = Actor("staff:2", Role.HEALTH_OFFICER, officer_id=2)
    now = timezone.now()
    make_test_keys(by=Actor("system:bench", is_system=True), now=now)
    count = SMALL_ROWS if small else ROWS
    batch = batches.open_batch(
        name="bench", certificate_format=Format.EU_DCC, kind=Kind.VACCINATION, by=sender, now=now
    )
    marks = [time.perf_counter()]

    def mark() -> None:
        marks.append(time.perf_counter())

    batches.receive(public_id=batch.public_id, lines=lines(count), by=sender, now=now)
    mark()
    batch_processes.run(batch.pk, PROCESSES)
    mark()
    checked = Batch.objects.get(pk=batch.pk)
    batches.approve_batch(
        public_id=batch.public_id, confirmed_count=checked.accepted_count, by=approver, now=timezone.now()
    )
    batch_processes.run(batch.pk, PROCESSES)
    mark()
    found = reconciling.reconcile()
    assert checked.accepted_count == count == Issued.objects.count() == found.issued, found
    assert found.agrees, found.problems
    receive, check, sign = (b - a for a, b in pairwise(marks))
    return {
        "batch_per_second": round(count / (marks[-1] - marks[0])),
        "batch_rows": count,
        "batch_processes": PROCESSES,
        "batch_receive_s": round(receive, 2),
        "batch_check_s": round(check, 2),
        "batch_sign_s": round(sign, 2),
    }


def _prepare() -> None:
    """Django on a database of its own. Where it runs already (inside another benchmark) only the database changes."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "openconsular.config.settings"
    if "OPENCONSULAR_STATE" not in os.environ:
        os.environ["OPENCONSULAR_STATE"] = str(Path(tempfile.mkdtemp(prefix="openconsular-bench-")))
    from openconsular.config.main import ensure_database
    from openconsular.foundation import embedded

    ensure_database()
    name = "bench_certificates"
    embedded.make_database(os.environ["DATABASE_URL"], name, anew=True)
    os.environ["DATABASE_URL"] = _with_name(os.environ["DATABASE_URL"], name)
    import django

    django.setup()


def _with_name(url: str, name: str) -> str:
    from urllib.parse import urlsplit, urlunsplit

    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true")
    found: dict[str, Any] = run(parser.parse_args().small)
    for name, value in found.items():
        print(f"{name:22} {value:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
