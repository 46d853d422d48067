"""Staff of two missions, keys that sign, and records to be signed."""

import pytest

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.key_certificates import Purpose
from openconsular.foundation.permissions import Actor, Role
from openconsular.health_certificates.actions import keys
from tests.accounts.conftest import missions, staff  # noqa: F401

KEEPER = Actor(label="staff:901", role=Role.ADMINISTRATOR, officer_id=901)
SECOND_KEEPER = Actor(label="staff:902", role=Role.ADMINISTRATOR, officer_id=902)


def make_chain(now, environment="test", kinds=(), label="dsc", **limits):
    """An authority and a document signer in use."""
    mark = f"{environment}-{label}"
    common = {"by": KEEPER, "now": now}
    keys.make_key(label=f"sca-{mark}", purpose=Purpose.SCA, environment=environment, **common)
    keys.certify_self(label=f"sca-{mark}", **common)
    keys.activate_key(label=f"sca-{mark}", by=SECOND_KEEPER, now=now)
    keys.make_key(
        label=mark,
        purpose=Purpose.DSC,
        environment=environment,
        kinds=[Kind(one) for one in kinds],
        **limits,
        **common,
    )
    keys.certify_with(label=mark, authority=f"sca-{mark}", **common)
    return keys.activate_key(label=mark, by=SECOND_KEEPER, now=now)


@pytest.fixture
def signing_key(db, now):
    return make_chain(now)
