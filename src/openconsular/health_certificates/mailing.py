"""The e-mail that leads a holder to a certificate: written in their language, handed over once, its outcome kept.

The row is there first, then the mail server is talked to outside any transaction, then the outcome is written. Run
again it does nothing; killed between the two it is sent again under the same Message-ID, which a mailbox recognises.
"""

import functools
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from openconsular.domain.texts import fill
from openconsular.foundation import audit, profile
from openconsular.foundation.errors import Unavailable
from openconsular.foundation.permissions import SYSTEM
from openconsular.gateways.base import Outcome, OutgoingMessage
from openconsular.gateways.configured import gateway_for
from openconsular.health_certificates import delivery, rules
from openconsular.health_certificates.models import ClaimMail

MOST_TRIES = 6
# Longer than any gateway talks to a server about one e-mail.
TALK_MOST = timedelta(minutes=2)
# Older ones that still wait have lost their job.
FORGOTTEN_AFTER = timedelta(minutes=5)
State = ClaimMail.State


def languages() -> list[str]:
    """In which a holder can be written to here: the country's own first, and English."""
    ours = profile.current().languages
    return [one for one in dict.fromkeys((*ours, "en")) if one in _words(settings.PROFILE)]


@functools.cache
def _words(code: str) -> Mapping[str, Mapping[str, str]]:
    common = tomllib.loads((profile.FOLDER / "claim_mail.toml").read_text("utf-8"))
    own = profile.FOLDER / code / "health.toml"
    return common | (tomllib.loads(own.read_text("utf-8")).get("claim_mail", {}) if own.exists() else {})


def message_of(mail: ClaimMail) -> OutgoingMessage:
    """The e-mail as it goes out. Nothing in it says what the document is about."""
    words = _words(settings.PROFILE).get(mail.language) or _words(settings.PROFILE)["en"]
    ours, mission = profile.current(), mail.issued.record.mission
    sender = profile.in_language(ours.names, mail.language)
    zone = mission.timezone if mission else "UTC"
    token = delivery.make_token(mail.issued_id, mail.link_expires_at)
    fields = {
        "sender": sender,
        "place": profile.in_language(mission.names, mail.language) if mission else sender,
        "until": f"{mail.link_expires_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})",
        "link": settings.PUBLIC_URL + reverse("certificate-claim-link", args=[token]),
        "hotline": ours.hotline_dial,
    }
    mark = "[TEST] " if rules.is_for_tests() else ""
    return OutgoingMessage(
        key=f"document:{mail.pk}",
        address=mail.address or "",
        text=fill(words["body"].strip() + "\n", fields),
        subject=mark + fill(words["subject"], fields),
        language=mail.language,
        exercise=settings.IS_DRILL,
    )


def deliver(mail_id: int, now: datetime) -> None:
    """Hand one e-mail to its gateway. Raises Unavailable where it is to be tried again later."""
    taken = ClaimMail.objects.filter(
        Q(busy_until=None) | Q(busy_until__lt=now), pk=mail_id, state=State.QUEUED
    )
    if not taken.update(busy_until=now + TALK_MOST, tries=F("tries") + 1):
        if ClaimMail.objects.filter(pk=mail_id, state=State.QUEUED).exists():
            raise Unavailable
        return
    mail = ClaimMail.objects.select_related("issued__record__mission", "issued__revoked").get(pk=mail_id)
    if fault := _why_not(mail, now):
        _conclude(mail, now, state=State.FAILED, fault=fault)
        return
    gateway = gateway_for("email")
    outcome = gateway.hand_over([message_of(mail)])[0]
    if outcome.state == "accepted":
        _conclude(mail, now, state=State.SENT, sent_at=now, via=gateway.name[:40])
    elif outcome.state == "refused" or mail.tries >= MOST_TRIES:
        _conclude(mail, now, state=State.FAILED, **_told(outcome, mail))
    else:
        ClaimMail.objects.filter(pk=mail.pk).update(busy_until=None, **_told(outcome, mail))
        raise Unavailable(outcome.error_code)


def _why_not(mail: ClaimMail, now: datetime) -> str:
    if hasattr(mail.issued, "revoked"):
        return "revoked"
    if mail.issued.text is None or mail.link_expires_at <= now:
        return "link-over"
    return "" if mail.address else "fetched"


def _told(outcome: Outcome, mail: ClaimMail) -> dict[str, str]:
    """What the server said, without the address: answers repeat it, and this column is not sealed."""
    told = outcome.reason.replace(mail.address or "\0", "…")
    if (mail.address or "").split("@")[0].lower() in told.lower():
        told = ""
    return {"fault": (outcome.error_code or "refused")[:40], "fault_told": told[:200]}


@transaction.atomic
def _conclude(mail: ClaimMail, now: datetime, *, state: str, **outcome: object) -> None:
    told: dict[str, object] = {"fault": "", "fault_told": "", **outcome, "state": state, "busy_until": None}
    if ClaimMail.objects.filter(pk=mail.pk, state=State.QUEUED).update(**told):
        detail: dict[str, object] = {"mail": mail.pk}
        detail |= {name: str(outcome[name]) for name in ("fault", "via") if name in outcome}
        subject = f"certificate:{mail.issued.identifier}"
        audit.record(by=SYSTEM, action=f"certificate.mail_{state}", subject=subject, now=now, detail=detail)


def left_behind(*, now: datetime) -> list[int]:
    """E-mails whose job was lost: for the sweep."""
    waiting = ClaimMail.objects.filter(state=State.QUEUED, created_at__lt=now - FORGOTTEN_AFTER)
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:500])


def forget_addresses(issued_id: int) -> None:
    """The certificate is in its holder's hands: the address has served."""
    ClaimMail.objects.filter(issued_id=issued_id).update(address=None, address_hash=None)


def forget_old(*, now: datetime, rows_after: timedelta) -> None:
    """Addresses whose link is over, and the rows of the ledger a while later."""
    over = ClaimMail.objects.filter(link_expires_at__lt=now, address__isnull=False)
    over.update(address=None, address_hash=None)
    ClaimMail.objects.filter(link_expires_at__lt=now - rows_after).delete()
