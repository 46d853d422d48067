"""What certificates keep sealed is sealed anew with a new key, though the register lets nothing else be changed."""

import os

import pytest

from openconsular.foundation import rotation
from openconsular.health_certificates.models import Issued, Record, SigningKey

pytestmark = pytest.mark.django_db


def test_records_certificates_and_keys_survive_the_end_of_an_old_key(issued, settings):
    certificate = issued()
    text = Issued.objects.get(pk=certificate.pk).text
    words = Record.objects.get().content
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 9: os.urandom(32)}
    assert rotation.rotate() > 0
    settings.FIELD_KEYS = {9: settings.FIELD_KEYS[9]}
    assert Issued.objects.get(pk=certificate.pk).text == text
    assert Record.objects.get().content == words
    assert all(key.private_key for key in SigningKey.objects.all())
    assert rotation.rotate() == 0
