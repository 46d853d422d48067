"""A few of the kills that `python -m tests.faults` does in full, on few people: nothing may be missing afterwards."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


def test_nothing_is_lost_when_worker_web_and_database_are_killed():
    command = [sys.executable, "-m", "tests.faults", "--rounds", "3", "--people", "2400", "--json"]
    done = subprocess.run(
        [*command, "--state", str(settings.STATE / "faults")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout.startswith("{"), done.stderr
    told = json.loads(done.stdout)
    assert told["faults"] == [], done.stderr
    assert [one["victim"] for one in told["rounds"]] == ["worker", "web", "database"]
    # The kills came in the middle, and were kills.
    assert all(0 < one["arrived_at_kill"] < one["ledger"]["deliveries"] for one in told["rounds"])
    assert told["restarts"]["urgent"] and told["restarts"]["web"]
    assert told["rounds"][0]["ledger"]["in_doubt"] > 0
    assert told["answers"]["acknowledged"] > 100
