"""Sending a holder the link to a certificate by e-mail, by whoever stands at the desk with them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.citizens import actions as citizens
from openconsular.citizens import queries as people
from openconsular.foundation import audit, jobs
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.secrets import lookup_hash
from openconsular.health_certificates import mailing
from openconsular.health_certificates.actions.claims import LINK_LIVES
from openconsular.health_certificates.models import ClaimMail, Issued
from openconsular.health_certificates.queries.records import visible_to

MAILS_A_CERTIFICATE = citizens.Ration("mail-certificate", 5, timedelta(days=1))
MAILS_AN_ADDRESS = citizens.Ration("mail-address", 20, timedelta(days=1))
# What a stolen password could send in an hour, in the name of the ministry.
MAILS_AN_OFFICER = citizens.Ration("mail-officer", 120, timedelta(hours=1))
# Within this a second press of the button is the same wish.
SAME_WISH = timedelta(minutes=1)
State = ClaimMail.State


def send_claim(
    *, public_id: UUID, address: str = "", language: str, agreed: bool, by: Actor, now: datetime
) -> ClaimMail:
    """Queue an e-mail with the link to a certificate. It opens with the holder's day of birth, for three days.

    Without `address` it goes to the confirmed one of the holder's registration; `agreed` says that the holder wants
    it. Asked for twice within a minute it is one e-mail. Raises InvalidInput, Conflict or TooMany.
    """
    by.require(Permission.SEE_HEALTH)
    issued = _deliverable(public_id, by)
    if not agreed:
        raise InvalidInput(fields={"agreed": _("Ask the holder first.")})
    if language not in mailing.languages():
        raise InvalidInput(fields={"language": _("Choose a language from the list.")})
    wanted = _address(issued, address)
    address_hash = lookup_hash(wanted, "health.mail")
    if same := _same_wish(issued, address_hash, now):
        return same
    citizens.use_ration(MAILS_AN_OFFICER, by.label, now)
    citizens.use_ration(MAILS_A_CERTIFICATE, str(issued.pk), now)
    citizens.use_ration(MAILS_AN_ADDRESS, wanted, now)
    with transaction.atomic():
        Issued.objects.select_for_update(of=("self",)).get(pk=issued.pk)
        if same := _same_wish(issued, address_hash, now):
            return same
        mail = ClaimMail.objects.create(
            issued=issued,
            address=wanted,
            address_hash=address_hash,
            language=language,
            created_by=by.label[:60],
            created_at=now,
            link_expires_at=now + LINK_LIVES,
        )
        detail = {"mail": mail.pk, "language": language, "registered": not address.strip()}
        subject = f"certificate:{issued.identifier}"
        audit.record(by=by, action="certificate.mail_claim", subject=subject, now=now, detail=detail)
        jobs.after_commit_by_name("send_claim_mail", queue=jobs.URGENT, mail_id=mail.pk)
    return mail


def send_again(*, public_id: UUID, mail_id: int, by: Actor, now: datetime) -> ClaimMail:
    """The same e-mail once more, while its address is kept. Raises Conflict where it is not any more."""
    by.require(Permission.SEE_HEALTH)
    issued = _deliverable(public_id, by)
    before = ClaimMail.objects.filter(pk=mail_id, issued=issued).first()
    if before is None:
        raise NotFound
    if not before.address:
        raise Conflict(_("The address was deleted. Enter it again."))
    return send_claim(
        public_id=public_id, address=before.address, language=before.language, agreed=True, by=by, now=now
    )


def _deliverable(public_id: UUID, by: Actor) -> Issued:
    record = visible_to(by).filter(public_id=public_id, issued__text__isnull=False).first()
    if record is None:
        raise NotFound
    issued: Issued = record.issued
    if hasattr(issued, "revoked"):
        raise Conflict(_("This certificate is revoked."))
    return issued


def _address(issued: Issued, typed: str) -> str:
    if not typed.strip():
        registered = registered_address(issued)
        if not registered:
            raise InvalidInput(fields={"address": _("Enter an e-mail address such as name@example.org.")})
        return registered
    if "@" not in typed and "＠" not in typed:
        raise InvalidInput(fields={"address": _("Enter an e-mail address such as name@example.org.")})
    return citizens.phone_or_email(typed, "", "address").value


def registered_address(issued: Issued) -> str:
    """The confirmed e-mail address by which the holder, or the parent they hang on, agreed to be written to; or ""."""
    person = people.person_by_id(issued.record.person_id) if issued.record.person_id else None
    if person is None:
        return ""
    contacts = people.contacts_of([person.pk]), people.contacts_of([person.lead_id] if person.lead_id else [])
    for found in contacts:
        opened = people.addresses_of([one.contact_id for one in found if one.kind == "email"])
        if opened:
            return next(iter(opened.values()))
    return ""


def _same_wish(issued: Issued, address_hash: bytes, now: datetime) -> ClaimMail | None:
    mails = ClaimMail.objects.filter(issued=issued, address_hash=address_hash).exclude(state=State.FAILED)
    latest = mails.order_by("-pk").first()
    if latest is None:
        return None
    return latest if latest.state == State.QUEUED or latest.created_at > now - SAME_WISH else None
