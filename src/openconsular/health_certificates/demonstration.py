"""Keys for trying things out, in one step. Only ever of the test environment."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.errors import NotAllowed
from openconsular.foundation.permissions import Actor
from openconsular.health_certificates.actions import keys
from openconsular.health_certificates.models import Environment, SigningKey


@transaction.atomic
def make_test_keys(*, by: Actor, now: datetime) -> list[SigningKey]:
    """An authority, a document signer and a key for lists, all in use. Those that are there already stay as they are."""
    made: list[SigningKey] = []
    for label, purpose in (
        ("test-sca", Purpose.SCA),
        ("test-dsc", Purpose.DSC),
        ("test-lists", Purpose.LIST),
    ):
        if SigningKey.objects.filter(label=label).exists():
            continue
        keys.make_key(label=label, purpose=purpose, environment=Environment.TEST, by=by, now=now)
        if purpose is Purpose.SCA:
            keys.certify_self(label=label, by=by, now=now)
        else:
            keys.certify_with(label=label, authority="test-sca", by=by, now=now)
        made.append(keys.activate_key(label=label, by=by, now=now))
    if any(one.environment != Environment.TEST for one in made):
        raise NotAllowed(_("Live and test keys never vouch for each other."))
    return made
