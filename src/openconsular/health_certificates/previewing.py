"""What a certificate will say, before anybody approved it: made without any key and read back as a verifier reads."""

from dataclasses import replace
from datetime import datetime

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Algorithm, Certificate, Format
from openconsular.domain.health.hcert import issue as hcert
from openconsular.domain.health.records.recording import Written
from openconsular.domain.health.verdict import Unreadable
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates import rules

# Nothing that verifies under any key: no text leaves this module.
_NO_SIGNATURE = b"\x01" * 64
_NO_KEY = bytes(8)
_NO_IDENTIFIER = "URN:UVCI:01:XX:0"


def preview(written: Written, certificate_format: Format, now: datetime) -> Certificate:
    """The certificate these words would become now. Raises InvalidInput where no certificate can say them."""
    policy = rules.current()
    until = now + policy.valid_for[certificate_format.value]
    if certificate_format is Format.SMART:
        return Certificate(
            format=certificate_format,
            version="",
            holder=written.holder,
            entries=(written.entry,),
            issuer=policy.smart_issuer,
            issued_at=now,
            expires_at=until,
        )
    entry = replace(written.entry, identifier=_NO_IDENTIFIER)
    payload = hcert.Payload(certificate_format, written.holder, entry)
    try:
        text = hcert.issue(
            payload,
            sign=lambda _message: _NO_SIGNATURE,
            algorithm=Algorithm.ES256,
            key_id=_NO_KEY,
            issuer=policy.country,
            issued_at=now.replace(microsecond=0),
            expires_at=until.replace(microsecond=0),
            for_tests=rules.is_for_tests(),
        )
        return formats.read(text).certificate
    except hcert.Unissuable as error:
        raise InvalidInput(error.message, code=error.code) from error
    except Unreadable as error:
        raise InvalidInput(error.message, code=error.code) from error
