"""Loaded by pytest before Django: without DATABASE_URL the suite runs on an embedded PostgreSQL of its own."""

import os
from pathlib import Path

STATE = Path(os.environ.get("OPENCONSULAR_STATE") or Path(__file__).parents[1] / ".state") / "tests"
os.environ["OPENCONSULAR_STATE"] = str(STATE)
# Where `collectstatic` would have put files: the server of static files warns where there is none.
(STATE / "static").mkdir(parents=True, exist_ok=True)
os.environ.setdefault("OPENCONSULAR_PROFILE", "cn")

if not os.environ.get("DATABASE_URL"):
    from openconsular.foundation import embedded

    os.environ["DATABASE_URL"] = embedded.start(STATE / "postgresql")
