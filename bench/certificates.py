"""Health certificates: verifying, issuing, codes, rules, revocation and whole batches, each beside its rival.

    python -m bench.certificates [--json] [--small] [--part NAME ...]

Every part runs in a process of its own, since what one has loaded would slow the next. Parts: envelope (OpenSSL and
the library `cwt`), pictures (segno), rules (panzi-json-logic), revocation, batch.
"""

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("envelope", "pictures", "rules", "revocation", "batch", "browser")
# What is promised, and whether more is better.
TARGETS: dict[str, tuple[float, bool]] = {
    "verify_ratio_openssl": (0.70, True),
    "verify_ratio_cwt": (1.6, True),
    "issue_ratio_openssl": (0.40, True),
    "issue_ratio_cwt": (3.0, True),
    "qr_write_per_second": (400, True),
    "qr_read_per_second": (1500, True),
    "rules_per_second": (140_000, True),
    "rules_ratio_panzi": (1.8, True),
    "revocation_lookup_us": (10, False),
    "batch_per_second": (5000, True),
    "browser_camera_to_verdict_ms": (500, False),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.certificates", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print nothing but one JSON object")
    parser.add_argument("--small", action="store_true", help="little work, in seconds; figures mean nothing")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one (may be given again)")
    parser.add_argument("--here", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.here:
        print(json.dumps(importlib.import_module(f"bench.certificates_{options.here}").run(options.small)))
        return 0
    figures: dict[str, Any] = {}
    failed = False
    for part in options.part or PARTS:
        try:
            found = _in_a_process(part, options.small)
        except PartFailed as fault:
            # What the other parts measured is not lost.
            print(fault, file=sys.stderr, flush=True)
            failed = True
            continue
        figures |= found
        if not options.json:
            print(_table(part, found), flush=True)
    if options.json:
        print(json.dumps(figures))
    return 1 if failed else 0


class PartFailed(Exception):
    """One part could not be measured; the message has what it printed."""


def _in_a_process(part: str, small: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.certificates", "--here", part, *(["--small"] if small else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PartFailed(f"The part “{part}” failed:\n{done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _table(part: str, figures: dict[str, Any]) -> str:
    lines = [part]
    for name, figure in figures.items():
        if isinstance(figure, list | dict):
            continue
        target, more = TARGETS.get(name, (None, True))
        aim = "" if target is None else f"   target {'>=' if more else '<'} {target:g}"
        lines.append(f"  {name:44} {figure!s:>14}{aim}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
