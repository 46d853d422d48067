"""What strangers send must end in an answer or in a refusal, never in a crash: a call for help hangs on it."""

import pytest
from django.test import Client
from django.utils.translation import trans_real

from openconsular.alerts import actions, links
from openconsular.alerts.models import Answer, EarlyReceipt, Recipient, UnreadReply
from openconsular.alerts.receiving import record_receipts
from openconsular.casework.models import Case
from openconsular.gateways.base import Receipt, Reply
from tests.alerts.test_answering import a_phone
from tests.alerts.test_own_page import signed_in

pytestmark = pytest.mark.django_db

# What no PostgreSQL text can hold: a NUL, and half of a UTF-16 pair as a broken UCS-2 message gives it.
UNSTORABLE = ["help me\0now", "help \ud83d roof", "求助\0\0", "\0"]


@pytest.mark.parametrize("text", UNSTORABLE)
def test_a_reply_that_no_table_can_hold_does_not_stop_the_listener(released, now, text):
    row, number = a_phone(released)
    actions.record_replies([Reply(number, text, now), Reply(number, "1", now)], now=now)
    row.refresh_from_db()
    assert row.state == "safe"
    assert Answer.objects.count() + UnreadReply.objects.count() == 2


def test_nor_does_one_from_an_impossible_address(released, now):
    actions.record_replies([Reply("+63\0\ud83d917", "help", now)], now=now)
    assert UnreadReply.objects.count() == 1


def test_a_receipt_with_a_nul_in_its_reference_is_no_poison(released, now):
    row = released.deliveries.exclude(provider_ref="").first()
    good = Receipt(row.provider_ref, "delivered", "", now)
    record_receipts([Receipt("a\0b", "delivered", "0\0", now), good], now=now)
    row.refresh_from_db()
    assert row.state == "delivered"
    assert EarlyReceipt.objects.count() <= 1


@pytest.mark.parametrize("text", ["water\0rising", "roof \ud83d"])
def test_a_call_for_help_over_the_link_arrives_whatever_is_in_it(released, text):
    row = released.incident.recipients.first()
    form = {"answer": "help", "note": text, "place": text, "key": "k\0"}
    content = "&".join(f"{k}={_quoted(v)}" for k, v in form.items())
    reply = Client().post(
        f"/a/{links.token_for(row.pk)}", content, content_type="application/x-www-form-urlencoded"
    )
    assert reply.status_code == 302
    assert Case.objects.get().person_id == row.person_id


def _quoted(text):
    return "".join(f"%{octet:02X}" for octet in text.encode("utf-8", "surrogatepass"))


def test_a_call_for_help_from_the_own_page_arrives_as_well(people):
    from openconsular.citizens.models import Person

    lead = Person.objects.filter(lead=None).first()
    reply = signed_in(lead.pk).post("/me/help/", {"note": "robbed\0", "place": "\0bus"})
    assert reply.status_code == 302
    assert Case.objects.get().summary == "robbed"


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "٣"])
def test_an_impossible_number_of_an_answer_is_too_late_and_no_more(released, number):
    row = released.incident.recipients.first()
    reply = Client().post(f"/a/{links.token_for(row.pk)}/undo", {"answer": number})
    assert reply.status_code == 409


@pytest.mark.parametrize("language", ["../../../../tmp", "x" * 60, "xx-YY"])
def test_a_language_nobody_speaks_is_not_kept_in_memory(released, language):
    row = released.incident.recipients.first()
    client = Client()
    client.cookies["language"] = language
    assert client.get(f"/a/{links.token_for(row.pk)}").status_code == 200
    assert language not in trans_real._translations


def test_bounds_and_zoom_of_the_map_may_be_anything(client, released, staff):
    from openconsular.accounts.models import Officer

    client.force_login(Officer.objects.get(pk=staff.duty.officer_id))
    for query in ("zoom=99999", "zoom=-5", "bbox=nan,nan,nan,nan", "bbox=1e999,0,0,0", "zoom=" + "9" * 5000):
        reply = client.get(f"/console/incidents/{released.incident_id}/cells.geojson?{query}")
        assert reply.status_code in (200, 302, 400)


def test_every_row_of_the_ledger_is_still_there(released, now):
    before = Recipient.objects.count()
    for text in UNSTORABLE:
        actions.record_replies([Reply("\0", text, now)], now=now)
    assert Recipient.objects.count() == before
