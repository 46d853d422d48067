"""What a verification needs to know of a certificate beside its seal, small enough to be made for every scan."""

from datetime import UTC, datetime
from typing import NamedTuple

from openconsular.domain.health.certificate import Certificate, Format


class Terms(NamedTuple):
    """Who says so and for how long, as signed. Instants are seconds since 1970, None where absent.

    `ends_with_expiry`: whether the instant of expiry itself is outside, as in a JWT (RFC 7519 section 4.1.4: "on or
    after"), or inside, as in an HCERT (section 3.3.2: "after which a verifier must reject").
    """

    issuer_country: str = ""
    issued_at: float | None = None
    not_before: float | None = None
    expires_at: float | None = None
    ends_with_expiry: bool = False


class Content(NamedTuple):
    """What the entries bind the certificate to.

    `happened_on` is the latest date or instant of an entry. `first_day` and `last_day` (ISO 8601, "" where the format
    sets none) bound its use. `doubt` says why a human should look: "" when nothing is odd.
    """

    happened_on: str = ""
    first_day: str = ""
    last_day: str = ""
    doubt: str = ""


def terms_of(certificate: Certificate) -> Terms:
    """The terms of a certificate already read."""
    return Terms(
        certificate.issuer_country,
        _seconds(certificate.issued_at),
        _seconds(certificate.valid_from),
        _seconds(certificate.expires_at),
        certificate.format is Format.SMART,
    )


def content_of(certificate: Certificate) -> Content:
    """The content of a certificate already read."""
    return Content(happened_on=max((entry.happened_on for entry in certificate.entries), default=""))


def instant(seconds: float | None) -> datetime | None:
    """UTC, from seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _seconds(when: datetime | None) -> float | None:
    return None if when is None else when.timestamp()
