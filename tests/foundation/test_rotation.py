"""Keys can be changed: afterwards everything opens with the new one alone."""

import os
import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection

from openconsular.accounts.models import Officer
from openconsular.alerts.models import UnreadReply
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
    assert {("UnreadReply", "sender"), ("UnreadReply", "text")} <= found


def test_staff_can_still_sign_in_and_replies_can_be_read_when_the_old_key_is_gone(settings, now):
    officer = Officer.objects.create(username="duty", role="duty_officer", created_at=now)
    totp = TOTP.activate(officer, "JBSWY3DPEHPK3PXP").instance
    codes = RecoveryCodes.activate(officer)
    before = codes.generate_codes()
    UnreadReply.objects.create(sender="+63917", text="what?", reason="unknown-words", received_at=now)
    new = os.urandom(32)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 9: new}
    assert rotation.rotate() == 4
    settings.FIELD_KEYS = {9: new}
    totp = Authenticator.objects.get(pk=totp.pk)
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", next(iter(yield_hotp_counters_from_time()))))
    assert TOTP(totp).validate_code(code)
    assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == before
    assert UnreadReply.objects.get().text == "what?"
    assert rotation.rotate() == 0


def test_nothing_sealed_by_hand_escapes_the_rotation():
    """Whoever calls `seal` outside of a sealed column has to be known to the rotation, or the value is short-lived."""
    source = Path(rotation.__file__).parents[1]
    callers = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if re.search(r"foundation\.secrets import [^\n]*\bseal\b", path.read_text("utf-8"))
    }
    assert callers == {
        "foundation/rotation.py",
        "accounts/adapter.py",  # rotated by accounts/second_factors.py
        "citizens/session.py",  # ends with its session
        "citizens/synthetic.py",  # writes sealed columns
        "health_certificates/batching.py",  # writes sealed columns
        "health_certificates/signing.py",  # writes sealed columns
    }
