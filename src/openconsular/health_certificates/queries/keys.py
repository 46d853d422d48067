"""Reading keys: which there are, and which signs."""

from datetime import datetime, timedelta

from asn1crypto import pem
from django.conf import settings
from django.db.models import F, Q, QuerySet

from openconsular.foundation.errors import NotFound, Unavailable
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import SigningKey


class NoKey(Unavailable):
    """No key is in use that may sign this."""

    code = "no-signing-key"


def keys(*, by: Actor) -> QuerySet[SigningKey]:
    """Every key, the newest first, without its private half."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    return SigningKey.objects.defer("private_key").order_by("environment", "purpose", "-pk")


def signing_key(
    *, kind: str, now: datetime, lives: timedelta, environment: str = "", purpose: str = "dsc", count: int = 1
) -> SigningKey:
    """The key that signs `kind` now: in use, not at its end, with numbers left for `count` more.

    Of several the one with the latest end, which is the newest in a roll-over. Where none outlives `lives`, the
    certificate will be valid for as long as the key's own certificate.
    """
    found = SigningKey.objects.filter(
        Q(kinds=[]) | Q(kinds__contains=[kind]) if kind else Q(),
        Q(most_certificates__isnull=True) | Q(most_certificates__gte=F("signed_count") + count),
        environment=environment or settings.CERTIFICATES,
        purpose=purpose,
        state=SigningKey.State.ACTIVE,
        not_before__lte=now,
        signs_until__gt=now,
    )
    key = found.order_by("-not_after", "-pk").first()
    if key is None:
        raise NoKey
    return key


def keys_near_their_end(*, now: datetime, within: timedelta = timedelta(days=30)) -> list[SigningKey]:
    """Keys in use that soon stop signing, and that no other key follows: somebody must make the next one."""
    active = list(
        SigningKey.objects.defer("private_key").filter(
            environment=settings.CERTIFICATES, state=SigningKey.State.ACTIVE
        )
    )
    return [
        one
        for one in active
        if one.signs_until
        and one.signs_until < now + within
        and not any(
            other.purpose == one.purpose
            and other.signs_until
            and other.signs_until >= now + within
            and (not other.kinds or (one.kinds and set(one.kinds) <= set(other.kinds)))
            for other in active
        )
    ]


def texts_of(*, label: str, certificate_alone: bool = False, by: Actor) -> str:
    """The request of a key and its certificate in PEM, to be sent to the trust network. NotFound."""
    key = keys(by=by).filter(label=label).first()
    if key is None:
        raise NotFound
    texts = [] if certificate_alone else [key.request_pem]
    if certificate_alone and not key.certificate:
        raise NotFound
    if key.certificate:
        texts.append(pem.armor("CERTIFICATE", bytes(key.certificate)).decode("ascii"))
    return "".join(texts).strip()
