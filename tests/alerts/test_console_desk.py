"""The desk: nothing leaves that was not read back, and above the limit not without a second person."""

import pytest
from django.urls import reverse

from openconsular.alerts import actions
from openconsular.alerts.models import Delivery, Recipient, Warning
from openconsular.foundation.models import AuditEntry
from tests.alerts.conftest import hand_over
from tests.alerts.console_world import as_, now, text_of  # noqa: F401


def at(warning, step=""):
    return reverse(f"warning-{step}" if step else "warning", args=[warning.pk])


def words_of(warning, **changes):
    """What the desk's form posts."""
    posted = {"grade": warning.grade, "then": "save"}
    for text in warning.texts.all():
        for name in ("sms", "subject", "body"):
            posted[f"{text.language}-{name}"] = getattr(text, name)
    return posted | {key.replace("__", "-"): value for key, value in changes.items()}


@pytest.fixture
def limited(typhoon):
    """The same warning in a country where more than ten people need a second person."""
    Warning.objects.filter(pk=typhoon.pk).update(approval_above=10)
    typhoon.refresh_from_db()
    return typhoon


@pytest.fixture
def submitted(limited, staff, now):  # noqa: F811
    return actions.submit(warning_id=limited.pk, confirmed_size=limited.audience_size, by=staff.duty, now=now)


# ------------------------------------------------------------------ texts


def test_the_desk_shows_every_language_with_its_parts_and_numbers(as_, typhoon):  # noqa: F811
    page = as_("duty").get(at(typhoon))
    body = page.content.decode()
    assert 'name="zh-Hans-sms"' in body
    assert 'name="en-sms"' in body
    assert "parts" in text_of(page)
    assert f"{typhoon.audience_size} people will be told" in text_of(page)
    assert reverse("warning-area", args=[typhoon.pk]) in body


def test_saving_keeps_words_and_grade(as_, typhoon):  # noqa: F811
    sms = "Typhoon Luzon. Stay inside. Reply 1 SAFE or 2 HELP {link} Hotline +861012308"
    answer = as_("duty").post(at(typhoon, "save"), words_of(typhoon, en__sms=sms, grade="do-not-go"))
    assert answer["Location"] == at(typhoon)
    typhoon.refresh_from_db()
    assert typhoon.grade == "do-not-go"
    assert typhoon.texts.get(language="en").sms == sms
    assert AuditEntry.objects.filter(action="warning.edit", subject=f"warning:{typhoon.pk}").exists()


def test_a_fault_keeps_what_was_typed_and_says_where_it_is(as_, typhoon):  # noqa: F811
    before = typhoon.texts.get(language="en").sms
    bad = "Look at https://evil.example/login {link}"
    answer = as_("duty").post(at(typhoon, "save"), words_of(typhoon, en__sms=bad, then="send"))
    body = answer.content.decode()
    assert answer.status_code == 400
    assert bad in body
    assert 'href="#id_en-sms"' in body, "the summary leads to the field"
    assert "evil.example" in text_of(answer)
    assert typhoon.texts.get(language="en").sms == before


def test_words_are_checked_while_somebody_types(as_, typhoon):  # noqa: F811
    words = {"en-sms": "no link", "en-subject": "s", "en-body": "b {link}"}
    page = text_of(as_("duty").post(reverse("warning-check", args=[typhoon.pk, "en"]), words))
    assert "1 part" in page
    assert "{link}" in page


def test_whoever_may_only_look_gets_no_form(as_, typhoon):  # noqa: F811
    page = as_("manila-officer").get(at(typhoon))
    assert "<textarea" not in page.content.decode()
    assert as_("manila-officer").post(at(typhoon, "save"), words_of(typhoon)).status_code == 403


# ------------------------------------------------------------------ read back


def test_a_wrong_number_sends_nothing(as_, typhoon):  # noqa: F811
    for wrong in (str(typhoon.audience_size + 1), "all of them", "", "-1"):
        assert as_("duty").post(at(typhoon, "send"), {"typed": wrong}).status_code == 400
    typhoon.refresh_from_db()
    assert typhoon.state == "proposed"
    assert not Delivery.objects.exists()


def test_the_number_read_back_sends_it(as_, typhoon):  # noqa: F811
    assert "It goes out at once." in text_of(as_("duty").get(at(typhoon, "send")))
    typed = f" {typhoon.audience_size:,} "
    answer = as_("duty").post(at(typhoon, "send"), {"typed": typed}, follow=True)
    assert "The warning is on its way." in text_of(answer)
    typhoon.refresh_from_db()
    assert typhoon.state in {"sending", "sent"}
    assert typhoon.confirmed_size == typhoon.audience_size


def test_a_number_that_moved_is_asked_for_again(as_, typhoon):  # noqa: F811
    client = as_("duty")
    Warning.objects.filter(pk=typhoon.pk).update(audience_size=typhoon.audience_size + 5)
    answer = client.post(at(typhoon, "send"), {"typed": typhoon.audience_size + 5})
    assert answer.status_code == 409
    assert "The number has changed" in text_of(answer)
    assert f"It reaches {typhoon.audience_size} people now" in text_of(answer)
    assert 'name="typed" value' not in answer.content.decode(), "the field is empty again"
    assert not Delivery.objects.exists()


def test_nothing_is_sent_while_all_sending_is_stopped(as_, typhoon, staff, now):  # noqa: F811
    actions.stop_sending(reason="drill over", by=staff.duty, now=now)
    assert 'name="typed"' not in as_("duty").get(at(typhoon, "send")).content.decode()
    answer = as_("duty").post(at(typhoon, "send"), {"typed": typhoon.audience_size}, follow=True)
    assert "All sending is stopped" in text_of(answer)
    assert not Delivery.objects.exists()


# ------------------------------------------------------------------ the second person


def test_above_the_limit_it_waits_for_a_second_person(as_, limited):  # noqa: F811
    page = text_of(as_("duty").get(at(limited, "send")))
    assert "it waits for a second person" in page
    as_("duty").post(at(limited, "send"), {"typed": limited.audience_size})
    limited.refresh_from_db()
    assert limited.state == "submitted"
    assert not Delivery.objects.exists()


def test_the_second_persons_page_is_not_the_desk(as_, submitted):  # noqa: F811
    page = as_("approver").get(at(submitted))
    assert "You are the second person" in text_of(page)
    assert 'class="oc-second"' in page.content.decode()
    assert "en-sms" not in page.content.decode(), "texts are read there, not written"
    assert "Submitted by duty" in text_of(page)


def test_whoever_submitted_it_cannot_approve_it(as_, submitted):  # noqa: F811
    submitted.submitted_by.role = "approver"
    submitted.submitted_by.save()
    page = as_("duty").get(at(submitted))
    assert reverse("warning-approve", args=[submitted.pk]) not in page.content.decode()
    answer = as_("duty").post(at(submitted, "approve"), {"typed": submitted.confirmed_size}, follow=True)
    assert "A second person has to approve what you submitted." in text_of(answer)
    assert not Delivery.objects.exists()


def test_the_second_person_types_the_number_too(as_, submitted):  # noqa: F811
    assert as_("approver").post(at(submitted, "approve"), {"typed": "1"}).status_code == 400
    assert not Delivery.objects.exists()
    answer = as_("approver").post(at(submitted, "approve"), {"typed": submitted.confirmed_size}, follow=True)
    assert "Approved." in text_of(answer)
    assert Delivery.objects.exists()
    assert "Approved by a second person approver" in text_of(answer)


def test_a_send_back_needs_a_reason_and_the_desk_reads_it(as_, submitted):  # noqa: F811
    client = as_("approver")
    assert client.post(at(submitted, "send-back"), {"back-reason": ""}).status_code == 400
    client.post(at(submitted, "send-back"), {"back-reason": "Name the province, not the island"})
    submitted.refresh_from_db()
    assert submitted.state == "proposed"
    page = text_of(as_("duty").get(at(submitted)))
    assert "Sent back by a second person" in page
    assert "Name the province, not the island" in page


def test_whoever_submitted_it_takes_it_back_without_a_reason(as_, submitted):  # noqa: F811
    as_("duty").post(at(submitted, "send-back"))
    submitted.refresh_from_db()
    assert submitted.state == "proposed"


def test_an_audience_that_changed_meanwhile_goes_back_to_the_desk(as_, submitted):  # noqa: F811
    Recipient.objects.filter(incident=submitted.incident).order_by("pk")[0:1].get()
    gone = submitted.incident.recipients.order_by("pk").first()
    Recipient.objects.filter(pk=gone.pk).update(is_in_area=False)
    answer = as_("approver").post(at(submitted, "approve"), {"typed": submitted.confirmed_size}, follow=True)
    assert "The number of people has changed" in text_of(answer)
    assert not Delivery.objects.exists()


# ------------------------------------------------------------------ afterwards


def test_putting_aside_can_be_undone(as_, typhoon):  # noqa: F811
    client = as_("duty")
    answer = client.post(at(typhoon, "discard"), follow=True)
    assert "It is put aside and will not be sent." in text_of(answer)
    assert at(typhoon, "restore") in answer.content.decode()
    client.post(at(typhoon, "restore"))
    typhoon.refresh_from_db()
    assert typhoon.state == "proposed"


def test_a_sent_warning_shows_its_messages_and_the_way_back(as_, released):  # noqa: F811
    page = as_("duty").get(at(released))
    handed = Delivery.objects.filter(warning=released, channel="sms").count()
    assert f"SMS {handed} {handed}" in text_of(page)
    assert 'value="retraction"' in page.content.decode()


def test_a_warning_under_way_is_stopped(as_, typhoon, staff, now):  # noqa: F811
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    queued = Delivery.objects.filter(state="queued").count()
    assert f"{queued} messages have not left yet" in text_of(as_("duty").get(at(typhoon)))
    as_("duty").post(at(typhoon, "stop"))
    hand_over(typhoon)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
