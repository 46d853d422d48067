"""Replies nobody could place, as an officer reads them: the words, and who they are from where that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from openconsular.alerts.models import Recipient, UnreadReply
from openconsular.alerts.replying import open_row_of
from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor, Permission


@dataclass(frozen=True)
class ReplyToRead:
    """`recipient` is the sender's row in the newest open incident in which they were written to, where there is one."""

    id: int
    words: str
    address: str
    reason: str
    received_at: datetime
    recipient: Recipient | None


def waiting(by: Actor) -> QuerySet[UnreadReply]:
    """Replies no officer has settled, the oldest first: whoever waits longest is read first."""
    by.require(Permission.EDIT_WARNINGS)
    return UnreadReply.objects.filter(settled_at__isnull=True).order_by("received_at", "pk")


def opened(found: Iterable[UnreadReply], *, by: Actor, now: datetime) -> list[ReplyToRead]:
    """The replies in clear. Reading them is on record, with the people they are from."""
    replies = [_opened(one) for one in found]
    if replies:
        people = [one.recipient.person_id for one in replies if one.recipient]
        detail = {"replies": [one.id for one in replies], "people": people}
        audit.record(by=by, action="reply.read", subject="replies", now=now, detail=detail)
    return replies


def _opened(one: UnreadReply) -> ReplyToRead:
    return ReplyToRead(one.pk, one.text, one.sender, one.reason, one.received_at, open_row_of(one.sender))
