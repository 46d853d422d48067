"""Bringing a certificate to its holder: by a code on paper or by a link, with their day of birth; into their wallet."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from openconsular.citizens import actions as citizens
from openconsular.citizens import queries as people
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import ANONYMOUS, Actor, Permission
from openconsular.health_certificates import contents, delivery, mailing, rules
from openconsular.health_certificates.delivery import WrongCode
from openconsular.health_certificates.models import ClaimCode, Issued, Record
from openconsular.health_certificates.queries.records import visible_to
from openconsular.health_certificates.queries.wallet import HeldCertificate, held_certificate

MOST_TRIES = 5
LINK_LIVES = timedelta(days=3)
# Many people may share one address: a hotel, an airport, a mobile network.
TRIES_AN_ADDRESS = citizens.Ration("claim-address", 60, timedelta(hours=1))
TRIES_A_LINK = citizens.Ration("claim-link", 10, timedelta(hours=1))
# A link may lie in the wrong mailbox for three days: of 30,000 days of birth it lets a hundred be tried.
TRIES_A_LINK_AND_DAY = citizens.Ration("claim-link-day", 30, timedelta(days=1))


@dataclass(frozen=True)
class Claim:
    """A code for paper (shown once, kept nowhere) and a path for a link, each good until `expires_at`."""

    code: str
    token: str
    expires_at: datetime
    link_expires_at: datetime


@transaction.atomic
def make_claim(*, public_id: UUID, by: Actor, now: datetime) -> Claim:
    """A code and a link by which the holder fetches a certificate. A new code ends the one before."""
    by.require(Permission.SEE_HEALTH)
    record = visible_to(by).filter(public_id=public_id, issued__text__isnull=False).first()
    if record is None:
        raise NotFound
    issued = record.issued
    ClaimCode.objects.filter(issued=issued, used_at=None, expires_at__gt=now).update(expires_at=now)
    code, expires_at = delivery.make_code(), now + rules.current().claim_lives
    ClaimCode.objects.create(
        issued=issued,
        code_hash=delivery.code_hash(code),
        created_by=by.label[:60],
        created_at=now,
        expires_at=expires_at,
    )
    _audit(issued, "make_claim", by, now)
    link_expires_at = now + LINK_LIVES
    return Claim(code, delivery.make_token(issued.pk, link_expires_at), expires_at, link_expires_at)


def claim_by_code(
    *, code: str, born_on: str, address: str, by: Actor = ANONYMOUS, now: datetime
) -> HeldCertificate:
    """The certificate of a code, once. Signed in, it goes into the citizen's wallet.

    `address` is the network address that asks. Raises WrongCode, whatever was wrong, or TooMany.
    """
    citizens.use_ration(TRIES_AN_ADDRESS, address, now)
    code_hash = delivery.code_hash(code)
    # The try is committed before the answer is known, so that no error and no race gives one for free.
    tried = ClaimCode.objects.filter(
        code_hash=code_hash, used_at=None, expires_at__gt=now, tries__lt=MOST_TRIES
    ).update(tries=F("tries") + 1)
    if not tried:
        raise WrongCode
    with transaction.atomic():
        claim = (
            ClaimCode.objects.select_for_update(of=("self",))
            .select_related("issued__record")
            .filter(code_hash=code_hash, used_at=None, issued__environment=settings.CERTIFICATES)
            .first()
        )
        if claim is None or not _is_holder(claim.issued, born_on):
            raise WrongCode
        claim.used_at = now
        claim.save(update_fields=["used_at"])
        return _hand_over(claim.issued, by, now)


def claim_by_link(
    *, token: str, born_on: str, address: str, by: Actor = ANONYMOUS, now: datetime
) -> HeldCertificate:
    """The certificate of a link from an e-mail, until it ends. Raises WrongCode or TooMany."""
    citizens.use_ration(TRIES_AN_ADDRESS, address, now)
    number = delivery.issued_of(token, now)
    citizens.use_ration(TRIES_A_LINK, str(number), now)
    citizens.use_ration(TRIES_A_LINK_AND_DAY, str(number), now)
    with transaction.atomic():
        issued = (
            Issued.objects.select_related("record")
            .filter(pk=number, environment=settings.CERTIFICATES)
            .first()
        )
        if issued is None or not _is_holder(issued, born_on):
            raise WrongCode
        return _hand_over(issued, by, now)


def _is_holder(issued: Issued, born_on: str) -> bool:
    record = issued.record
    if record.content is None:
        return False
    told = contents.opened(record.content, record.content_mac).holder.born_on
    return bool(told) and hmac.compare_digest(told.encode(), born_on.strip().encode())


def _hand_over(issued: Issued, by: Actor, now: datetime) -> HeldCertificate:
    if issued.delivered_at is None:
        Issued.objects.filter(pk=issued.pk).update(delivered_at=now)
    mailing.forget_addresses(issued.pk)
    record = issued.record
    if by.person_id is not None and record.person_id is None:
        Record.objects.filter(pk=record.pk, person=None).update(person_id=by.person_id)
        record.person_id = by.person_id
    _audit(issued, "claim", by, now)
    return held_certificate(issued, now)


@transaction.atomic
def keep_in_wallet(*, public_id: UUID, by: Actor, now: datetime) -> None:
    """Put a certificate that was claimed on this visit into the wallet of who signed in since.

    The caller knows that it was. One that is in a wallet already stays there: NotFound.
    """
    issued = Issued.objects.filter(record__public_id=public_id, environment=settings.CERTIFICATES).first()
    is_free = Record.objects.filter(public_id=public_id, person=None)
    if by.person_id is None or issued is None or not is_free.update(person_id=by.person_id):
        raise NotFound
    _audit(issued, "keep", by, now)


@transaction.atomic
def give_to_companion(*, public_id: UUID, companion_id: int, by: Actor, now: datetime) -> None:
    """Say whose of the family a certificate in the wallet is: a child's, fetched by a parent."""
    party = people.party_ids(by.person_id) if by.person_id is not None else []
    changed = 0
    if companion_id in party:
        changed = Record.objects.filter(public_id=public_id, person_id__in=party).update(
            person_id=companion_id
        )
    if not changed:
        raise NotFound
    audit.record(by=by, action="certificate.give", subject=f"record:{public_id}", now=now)


def _audit(issued: Issued, action: str, by: Actor, now: datetime) -> None:
    subject = f"certificate:{issued.identifier}"
    audit.record(by=by, action=f"certificate.{action}", subject=subject, now=now)
