"""Loading people who do not exist."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from openconsular.citizens import synthetic
from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor, Permission


def load_synthetic(
    *,
    count: int,
    seed: int,
    now: datetime,
    by: Actor,
    share: Mapping[str, float] | None = None,
    progress: synthetic.Progress | None = None,
) -> synthetic.Loaded:
    """Add `count` synthetic citizens, spread over cities abroad like their inhabitants; one audit entry for all.

    `share` puts parts of them into countries or regions: {"PH": 0.2, "JP-40": 0.05}. `progress(done, total)` is called
    now and then. The same seed makes the same people.
    """
    by.require(Permission.MANAGE_SOURCES)
    with transaction.atomic():
        loaded = synthetic.load(count=count, seed=seed, now=now, share=share, progress=progress)
        audit.record(
            by=by,
            action="people.synthetic",
            subject="people",
            now=now,
            detail={"people": loaded.people, "seed": seed},
        )
    with connection.cursor() as cursor:
        # Statistics before the next autovacuum: the first search after a load must not be planned for empty tables.
        cursor.execute("ANALYZE citizens_person, citizens_contact, citizens_stay")
    return loaded
