"""From a code before a telephone's camera to the verdict on its screen, and revocation lists of millions in a browser.

Chromium plays a film of a code into the page that is served, built and installed as in earnest; the network is cut
before the camera starts. What is timed is what the page itself notes: from grabbing the frame to drawing the answer.
Then it fetches lists of 0.1, 1 and 10 million revoked certificates: megabytes, seconds until they are kept, seconds to
open them again, and the longest the page stood still at all and while it fetched (0 where no task took 50 ms).
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REPEATS, REPEATS_SMALL = 15, 3
COUNTS, COUNTS_SMALL = "100000,1000000,10000000", "100000,300000"


def run(small: bool) -> dict[str, Any]:
    """{"browser_camera_to_verdict_ms": median, ...}; {"browser_skipped": why} where there is no Chromium."""
    if shutil.which("chromium") is None:
        return {"browser_skipped": "there is no Chromium here"}
    times = _told(
        "tests/journeys/test_verifier.py",
        "camera",
        "OPENCONSULAR_BENCH_CAMERA",
        {"OPENCONSULAR_BENCH_REPEATS": str(REPEATS_SMALL if small else REPEATS)},
    )
    lists = _told(
        "tests/journeys/test_verifier_lists.py",
        "of_millions",
        "OPENCONSULAR_BENCH_LISTS",
        {"OPENCONSULAR_BENCH_COUNTS": COUNTS_SMALL if small else COUNTS},
    )
    if isinstance(times, str) or isinstance(lists, str):
        return {"browser_skipped": [one for one in (times, lists) if isinstance(one, str)]}
    return {
        "browser_camera_to_verdict_ms": round(statistics.median(times)),
        "browser_camera_to_verdict_slowest_ms": max(times),
        "browser_camera_runs": len(times),
        "browser_lists": lists,
    }


def _told(file: str, chosen: str, name: str, options: dict[str, str]) -> Any:
    """What a test writes into the file named by `name`, or its last words. The test is the stand: it serves the site."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "told.json"
        environment = {**os.environ, **options, name: str(target)}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", file, "-k", chosen]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if not target.exists():
            return (done.stdout.strip().splitlines() or [done.stderr[-300:]])[-1]
        return json.loads(target.read_text(encoding="utf-8"))


def main() -> None:
    for name, value in run("--small" in sys.argv).items():
        print(f"{name:40} {value}")


if __name__ == "__main__":
    main()
