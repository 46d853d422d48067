"""From a code before a telephone's camera to the verdict on its screen, in a browser without a network.

Chromium plays a film of a code into the page that is served, built and installed as in earnest; the network is cut
before the camera starts. What is timed is what the page itself notes: from grabbing the frame to drawing the answer.
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


def run(small: bool) -> dict[str, Any]:
    """{"browser_camera_to_verdict_ms": median, ...}; {"browser_skipped": why} where there is no Chromium."""
    if shutil.which("chromium") is None:
        return {"browser_skipped": "there is no Chromium here"}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "times.json"
        environment = {
            **os.environ,
            "OPENCONSULAR_BENCH_CAMERA": str(target),
            "OPENCONSULAR_BENCH_REPEATS": str(REPEATS_SMALL if small else REPEATS),
        }
        # The test is the stand: it serves the site, makes keys and a certificate, and films its code.
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "tests/journeys/test_verifier.py",
            "-k",
            "camera",
        ]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if not target.exists():
            return {"browser_skipped": done.stdout.strip().splitlines()[-1:] or done.stderr[-300:]}
        times = sorted(json.loads(target.read_text(encoding="utf-8")))
    return {
        "browser_camera_to_verdict_ms": round(statistics.median(times)),
        "browser_camera_to_verdict_slowest_ms": round(times[-1]),
        "browser_camera_runs": len(times),
    }


def main() -> None:
    for name, value in run("--small" in sys.argv).items():
        print(f"{name:40} {value}")


if __name__ == "__main__":
    main()
