"""Replies by SMS: whose they are, what they say. What cannot be placed is kept for an officer, never dropped."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.utils import translation

from openconsular.alerts.answering import Given, record_answer
from openconsular.alerts.models import Answer, Recipient, UnreadReply
from openconsular.citizens import queries as citizens
from openconsular.domain.texts import parse_reply
from openconsular.foundation import audit, profile
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.storable import storable
from openconsular.gateways.base import Reply


def record_replies(replies: Sequence[Reply], *, now: datetime) -> int:
    """Store every reply, as an answer where it can be placed. Returns how many became answers.

    Called with what a gateway received; the gateway is told that they arrived only when this has returned.
    """
    return sum(_record(reply, now) for reply in replies)


def _record(reply: Reply, now: datetime) -> bool:
    # One reply that cannot be stored would come again and again, and hold up everybody's behind it.
    reply = reply._replace(address=storable(reply.address), text=storable(reply.text))
    recipient = open_row_of(reply.address)
    places = _names_of_place(recipient) if recipient else ()
    value = parse_reply(reply.text, profile.current().sms_words, places=places)
    if recipient is None or value is None:
        reason = "unknown-sender" if recipient is None else "unknown-words"
        _keep_unread(reply, reason, now)
        return False
    given = Given(
        recipient_id=recipient.pk,
        value=value,
        via=Answer.Via.SMS,
        key=_key(reply, recipient.pk),
        # The words of a plain "2" add nothing to the case; anything longer is what the officer wants to read.
        note=reply.text.strip() if len(reply.text.strip()) > 4 else "",
    )
    record_answer(
        given, by=Actor(label=f"citizen:{recipient.person_id}", person_id=recipient.person_id), now=now
    )
    return True


def _names_of_place(recipient: Recipient) -> list[str]:
    """What the sender may call the place they are known to be at, so that "safe in Cebu City" is understood."""
    reason = recipient.reason
    names = {str(reason.get("label", ""))}
    for language in (recipient.language, *profile.current().languages):
        with translation.override(language.lower()):
            names.add(citizens.place_label(reason.get("place_id"), ""))
    return sorted(filter(None, names))


def open_row_of(address: str) -> Recipient | None:
    """The sender's row in the newest open incident in which a message went to this number."""
    contacts = citizens.contact_ids_of_phone(address)
    rows = Recipient.objects.filter(deliveries__contact_id__in=contacts, incident__closed_at__isnull=True)
    return rows.order_by("-deliveries__pk").first()


def _key(reply: Reply, recipient_id: int) -> str:
    """The provider delivers a reply again when our "arrived" got lost: same sender, words and minute are one reply."""
    minute = reply.received_at.strftime("%Y%m%d%H%M")
    digest = hashlib.sha256(f"{recipient_id}|{reply.text}|{minute}".encode()).hexdigest()[:32]
    return f"sms:{digest}"


def _keep_unread(reply: Reply, reason: str, now: datetime) -> None:
    UnreadReply.objects.create(
        sender=reply.address,
        sender_hash=citizens.phone_hash(reply.address),
        text=reply.text[:1000],
        reason=reason,
        received_at=now,
    )


def settle_unread(*, reply_id: int, by: Actor, now: datetime) -> None:
    """An officer has read a reply nobody could place and done what was needed."""
    by.require(Permission.EDIT_WARNINGS)
    changed = UnreadReply.objects.filter(pk=reply_id, settled_at__isnull=True).update(
        settled_at=now, settled_by=by.label
    )
    if not changed:
        raise Conflict("This reply is settled already.")
    audit.record(by=by, action="reply.settle", subject=f"reply:{reply_id}", now=now)
