"""What an authority of ours says of the signers it certified and that were compromised."""

from datetime import datetime, timedelta

from asn1crypto import pem
from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.signing.signer_revocations import TakenBack, make_crl
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import custody
from openconsular.health_certificates.models import SigningKey

State = SigningKey.State


@transaction.atomic
def sign_signer_revocations(*, label: str, days: int = 30, by: Actor, now: datetime) -> str:
    """The revocation list (CRL, PEM) of an authority, good for `days`: every key it certified and that was compromised.

    Its number is the second it is made, so that it only grows. Raises Conflict, NotFound.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    authority = SigningKey.objects.select_for_update().filter(label=label).first()
    if authority is None:
        raise NotFound(_("There is no key of this name."))
    if authority.purpose != SigningKey.Purpose.SCA or authority.state != State.ACTIVE:
        raise Conflict(_("This is not an authority in use."))
    assert authority.certificate is not None
    lost = SigningKey.objects.filter(
        authority=authority, state=State.COMPROMISED, certificate__isnull=False, ended_at__isnull=False
    ).order_by("pk")
    found = [TakenBack(bytes(one.certificate or b""), one.ended_at or now, True) for one in lost]
    der = make_crl(
        found,
        authority=bytes(authority.certificate),
        sign=custody.signer_of(authority),
        number=int(now.timestamp()),
        made_at=now,
        next_at=now + timedelta(days=days),
    )
    audit.record(
        by=by,
        action="certificate.crl_sign",
        subject=f"key:{authority.label}",
        now=now,
        detail={"environment": authority.environment, "revoked": len(found), "days": days},
    )
    text: bytes = pem.armor("X509 CRL", der)
    return text.decode("ascii")
