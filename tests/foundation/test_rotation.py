"""Keys can be changed: afterwards everything opens with the new one alone."""

import os

import pytest
from django.db import connection

from openconsular.citizens.models import Contact, Person
from openconsular.foundation import rotation
from openconsular.foundation.secrets import Unreadable

pytestmark = pytest.mark.django_db


@pytest.fixture
def contacts(now):
    person = Person.objects.create(
        document_number="E1234567", created_at=now, updated_at=now, is_synthetic=True
    )
    for number in range(5):
        Contact.objects.create(
            person=person, kind="phone", value=f"+99900{number}", value_hash=bytes(16), created_at=now
        )
    return person


def key_numbers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT get_byte(value, 0) FROM citizens_contact")
        return {row[0] for row in cursor.fetchall()}


def test_after_rotation_the_old_key_is_not_needed(contacts, settings, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    new = os.urandom(32)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 9: new}
    assert rotation.rotate() == 6
    assert key_numbers() == {9}
    settings.FIELD_KEYS = {9: new}
    assert {one.value for one in Contact.objects.all()} == {f"+99900{n}" for n in range(5)}
    assert Person.objects.get().document_number == "E1234567"
    assert rotation.rotate() == 0


def test_without_rotation_the_old_key_is_needed(contacts, settings):
    settings.FIELD_KEYS = {9: os.urandom(32)}
    with pytest.raises(Unreadable):
        Contact.objects.first()


def test_every_sealed_column_is_found():
    found = {(model.__name__, field.name) for model, field in rotation.sealed_fields()}
    assert {("Contact", "value"), ("Person", "document_number")} <= found
