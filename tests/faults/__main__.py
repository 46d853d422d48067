"""`python -m tests.faults`: release warnings, kill processes in the middle of them, and count what is missing.

Ends with 0 when nothing is, with 1 and the list of faults otherwise. Works in a database of its own.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

VICTIMS = ("worker", "web", "database", "listener", "network")
SABOTAGES = ("no-sync-commit", "no-recovery", "no-doubt")


def main() -> int:
    wanted = arguments()
    own = os.environ.get("OPENCONSULAR_STATE")
    state = Path(wanted.state or Path(own or Path(__file__).parents[2] / ".state") / "faults").resolve()
    # A room of its own, and nothing of the surroundings: see the settings' reference.
    for name in [one for one in os.environ if one.startswith("OPENCONSULAR_") or one == "DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {
        "OPENCONSULAR_STATE": str(state),
        "OPENCONSULAR_DRILL": "1",
        "OPENCONSULAR_INSECURE_HTTP": "1",
        "DJANGO_SETTINGS_MODULE": "openconsular.config.settings",
    }
    from openconsular.foundation import embedded

    state.mkdir(parents=True, exist_ok=True)
    address = embedded.start(state / "postgresql")
    embedded.make_database(address, "faults", anew=True)
    os.environ["DATABASE_URL"] = address.replace("/openconsular?", "/faults?")
    import django

    django.setup()
    from tests.faults import run

    result = run.run(
        state=state,
        victims=wanted.victims.split(",") if wanted.victims else list(VICTIMS[:3]),
        rounds=wanted.rounds,
        people=wanted.people,
        per_second=wanted.per_second,
        seed=wanted.seed,
        sabotage=wanted.sabotage,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )
    if wanted.json:
        print(json.dumps(asdict(result), indent=1))
    else:
        print("\n".join(result.in_words()))
    return 1 if result.faults else 0


def arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    reader.add_argument("--rounds", type=int, default=20, help="kills, one in each warning (default 20)")
    reader.add_argument("--people", type=int, default=20_000, help="synthetic citizens (default 20,000)")
    reader.add_argument("--victims", default="", help=f"what to kill in turn, of {','.join(VICTIMS)}")
    reader.add_argument("--per-second", type=int, default=0, help="pace of SMS (default: people/12)")
    reader.add_argument("--seed", type=int, default=1, help="the same seed kills at the same moments")
    reader.add_argument("--state", default="", help="folder of the database and the logs")
    reader.add_argument("--sabotage", choices=SABOTAGES, help="take one safeguard away: it must then fail")
    reader.add_argument("--json", action="store_true", help="the result as JSON")
    return reader.parse_args()


if __name__ == "__main__":
    sys.exit(main())
