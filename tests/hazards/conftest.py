"""Sources to record from."""

import pytest

from openconsular.foundation.permissions import SYSTEM
from openconsular.hazards import actions
from openconsular.hazards.models import Source
from tests.conftest import NOW


@pytest.fixture
def source(db):
    return actions.add_source(
        name="Office", kind=Source.Kind.HTTP, url="https://feed.example.org/", by=SYSTEM, now=NOW
    )


@pytest.fixture
def drill_source(db):
    return actions.add_source(
        name="Drill",
        kind=Source.Kind.HTTP,
        url="https://drill.example.org/",
        is_drill=True,
        by=SYSTEM,
        now=NOW,
    )


@pytest.fixture
def record(source):
    """Records one document and gives its single outcome, or all of them."""

    def record(raw, *, now=NOW, source=source):
        result = actions.record_document(source=source, raw=raw, now=now, by=SYSTEM)
        return result.items[0] if result.read == 1 else result

    return record
