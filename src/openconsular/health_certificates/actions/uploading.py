"""A signer's certificate to the trust network, and off it again."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import pem
from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.signing.upload import signed_message
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, NotFound, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.gateways.trust_uploads.base import Outcome, TrustUploads, UploadMessage
from openconsular.gateways.trust_uploads.http import ClientKey
from openconsular.health_certificates import custody
from openconsular.health_certificates.models import SigningKey

State = SigningKey.State


@dataclass(frozen=True)
class SignedUpload:
    """The message, and the labels of the signer in it and of the upload key that signed it."""

    message: UploadMessage
    label: str
    signed_by: str


@transaction.atomic
def sign_upload(*, label: str, domain: str = "", by: Actor, now: datetime) -> SignedUpload:
    """The certificate of a document signer in a message signed with the newest upload key in use.

    The same message takes the certificate off the network's list again. Raises Conflict.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    key = SigningKey.objects.filter(label=label).first()
    if key is None:
        raise NotFound(_("There is no key of this name."))
    if key.purpose != SigningKey.Purpose.DSC or not key.certificate or key.kid is None:
        raise Conflict(_("Only document signers with a certificate are uploaded."))
    upload = _in_use(SigningKey.Purpose.UP, key.environment, now)
    assert upload.certificate is not None
    cms = signed_message(
        bytes(key.certificate),
        certificate=bytes(upload.certificate),
        sign=custody.signer_of(upload),
        at=now,
    )
    _record(key, "upload_sign", by, now, upload_key=upload.label, domain=domain)
    return SignedUpload(UploadMessage(cms, bytes(key.kid).hex(), domain), key.label, upload.label)


def send_upload(
    *, label: str, removes: bool = False, domain: str = "", to: TrustUploads, by: Actor, now: datetime
) -> Outcome:
    """Sign the message and hand it over; what became of it stands in the record. No transaction is open meanwhile.

    A compromised signer is only taken off, never put onto the list again. Raises Conflict.
    """
    made = sign_upload(label=label, domain=domain, by=by, now=now)
    key = SigningKey.objects.get(label=label)
    if key.state == State.COMPROMISED and not removes:
        raise Conflict(_("This key was compromised. It can only be taken off the list."))
    step = "network_remove" if removes else "network_put"
    try:
        outcome = to.remove(made.message) if removes else to.put(made.message)
    except OpenConsularError as error:
        _record(key, step, by, now, outcome=error.code, words=error.message[:200])
        raise
    _record(key, step, by, now, outcome=str(outcome), domain=domain)
    return outcome


def client_key(*, environment: str, by: Actor, now: datetime) -> ClientKey:
    """The TLS key in use for the connection to the network. Raises Conflict where a token keeps it."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    key = _in_use(SigningKey.Purpose.TLS, environment, now)
    if key.token_label or not key.private_key:
        raise Conflict(
            _(
                "The token keeps the TLS key to itself. Write the message to a file and send it with the token's tools."
            )
        )
    assert key.certificate is not None
    chain = [bytes(key.certificate)]
    if key.authority is not None and key.authority.certificate:
        chain.append(bytes(key.authority.certificate))
    _record(key, "tls_use", by, now)
    armoured = b"".join(pem.armor("CERTIFICATE", one) for one in chain)
    return ClientKey(armoured, key.private_key.encode("ascii"))


def _in_use(purpose: str, environment: str, now: datetime) -> SigningKey:
    found = SigningKey.objects.filter(
        purpose=purpose,
        environment=environment,
        state=State.ACTIVE,
        not_before__lte=now,
        signs_until__gt=now,
    )
    key = found.order_by("-not_after", "-pk").first()
    if key is None:
        word = dict(SigningKey.Purpose.choices)[purpose]
        raise Conflict(_("No key is in use for this: %(purpose)s.") % {"purpose": word})
    return key


def _record(key: SigningKey, action: str, by: Actor, now: datetime, **detail: object) -> None:
    audit.record(
        by=by,
        action=f"certificate.{action}",
        subject=f"key:{key.label}",
        now=now,
        detail={"environment": key.environment, **detail},
    )
