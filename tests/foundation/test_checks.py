"""What `openconsular check --deploy` says before the first real warning."""

import pytest

from openconsular.foundation import checks


def found(check, settings, **wanted):
    for name, value in wanted.items():
        setattr(settings, name, value)
    return [one.id for one in check(None)]


@pytest.mark.parametrize(
    ("url", "is_plain"),
    [
        ("smpp://u:p@smsc.example:2775", True),
        ("smpps://u:p@smsc.example:3550", False),
        ("smpp://u:p@127.0.0.1:2775", False),
        ("", False),
    ],
)
def test_a_gateway_in_clear_is_told(settings, url, is_plain):
    expected = ["openconsular.W002"] if is_plain else []
    assert (
        found(checks.messages_are_encrypted, settings, SMS_URL=url, EMAIL_URL="smtps://m.example") == expected
    )


def test_mail_without_starttls_is_told(settings):
    url = "smtp://mail.example?starttls=0"
    assert found(checks.messages_are_encrypted, settings, SMS_URL="", EMAIL_URL=url) == ["openconsular.W002"]
    url = "smtp://mail.example"
    assert found(checks.messages_are_encrypted, settings, SMS_URL="", EMAIL_URL=url) == []


def test_a_drill_in_service_is_an_error(settings):
    assert found(checks.no_drill_in_service, settings, IS_DRILL=True) == ["openconsular.E004"]
    assert found(checks.no_drill_in_service, settings, IS_DRILL=False) == []
