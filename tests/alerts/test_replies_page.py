"""No reply is lost: what could not be read by itself waits where officers see it, until one has dealt with it."""

import pytest
from django.urls import reverse

from openconsular.alerts import actions
from openconsular.alerts.models import UnreadReply
from openconsular.foundation.models import AuditEntry
from openconsular.gateways.base import Reply
from tests.alerts.console_world import as_, now, text_of  # noqa: F401

STRANGER = "+99911122233"


@pytest.fixture
def sender(released):
    """Somebody who got an SMS, and their number."""
    delivery = released.deliveries.filter(channel="sms").select_related("recipient", "contact").first()
    return delivery.recipient, delivery.contact.value


@pytest.fixture
def replied(sender, now):  # noqa: F811
    _row, phone = sender
    found = [Reply(phone, "楼塌了，我们在下面", now), Reply(STRANGER, "who is this <b>", now)]
    assert actions.record_replies(found, now=now) == 0


def test_officers_read_them_with_who_they_are_from(as_, replied, sender):  # noqa: F811
    row, _phone = sender
    page = as_("duty").get(reverse("replies"))
    words = text_of(page)
    assert "楼塌了，我们在下面" in words
    assert str(row.person) in words
    assert reverse("incident-person", args=[row.incident_id, row.pk]) in page.content.decode()
    assert STRANGER in words
    assert "<b>" not in page.content.decode()
    entry = AuditEntry.objects.get(action="reply.read")
    assert entry.detail["people"] == [row.person_id]
    assert len(entry.detail["replies"]) == 2


def test_the_navigation_counts_them_until_they_are_dealt_with(as_, replied):  # noqa: F811
    client = as_("duty")
    assert "Replies 2" in text_of(client.get(reverse("console")))
    first = UnreadReply.objects.order_by("pk").first()
    answer = client.post(reverse("reply-settle", args=[first.pk]), follow=True)
    assert "Put aside as read" in text_of(answer)
    assert "楼塌了" not in text_of(answer)
    assert "Replies 1" in text_of(client.get(reverse("console")))
    again = client.post(reverse("reply-settle", args=[first.pk]), follow=True)
    assert "This reply is settled already." in text_of(again)
    assert AuditEntry.objects.filter(action="reply.settle").count() == 1


def test_nobody_but_the_duty_room_reads_them(as_, replied):  # noqa: F811
    for name in ("manila-officer", "auditor", "administrator"):
        assert as_(name).get(reverse("replies")).status_code == 403
    assert not AuditEntry.objects.filter(action="reply.read").exists()


def test_with_none_the_page_says_so_and_reads_nothing(as_, released):  # noqa: F811
    assert "No reply waits" in text_of(as_("duty").get(reverse("replies")))
    assert not AuditEntry.objects.filter(action="reply.read").exists()
