"""By e-mail to the holder: asked for once, sent once, told when it was not, and nothing in it but that something waits."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from openconsular.citizens import actions as citizens
from openconsular.citizens.actions import TooMany
from openconsular.citizens.models import Contact
from openconsular.foundation import profile
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound, Unavailable
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import ANONYMOUS
from openconsular.gateways.base import Outcome
from openconsular.gateways.email.console import ConsoleEmail
from openconsular.health_certificates import forgetting, mailing
from openconsular.health_certificates.actions import claims, revocations
from openconsular.health_certificates.actions import mailing as sending
from openconsular.health_certificates.delivery import WrongCode
from openconsular.health_certificates.jobs import send_claim_mail
from openconsular.health_certificates.models import ClaimMail, Record

pytestmark = pytest.mark.django_db
ADDRESS = "zhang.san@example.org"


class Server(ConsoleEmail):
    """A mail server that answers as it is told to, and keeps what it took."""

    def __init__(self):
        super().__init__()
        self.answers = []
        self.offered = []

    def hand_over(self, messages):
        self.offered += messages
        if self.answers:
            state, code, reason = self.answers.pop(0)
            return [Outcome(one.key, state, "", code, reason) for one in messages]
        return super().hand_over(messages)


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(mailing, "gateway_for", lambda channel: server)
    return server


@pytest.fixture
def send(issued, people, now):
    """Sends the link to one certificate: send(), send(language="en"), send(made=other)."""
    kept = []

    def send(made=None, by="clinic", at=None, address=ADDRESS, language="zh-Hans", agreed=True):
        if made is None:
            made = kept[0] if kept else issued()
            kept[:] = kept or [made]
        return sending.send_claim(
            public_id=made.record.public_id,
            address=address,
            language=language,
            agreed=agreed,
            by=people[by],
            now=at or now,
        )

    return send


def test_it_says_that_a_document_waits_and_nothing_of_health(send, server, now, settings):
    settings.PUBLIC_URL = "https://oc.example"
    for language, word in (("zh-Hans", "出生日期"), ("en", "date of birth")):
        mailing.deliver(send(language=language, address=f"{language}@example.org").pk, now)
        sent = server.offered[-1]
        assert word in sent.text and sent.language == language
        assert "https://oc.example/certificates/get/" in sent.text
        assert profile.current().hotline_dial in sent.text
        assert "Asia/Manila" in sent.text and "2026-06-04 16:00" in sent.text
        said = (sent.text.replace("/certificates/get/", "") + sent.subject).lower()
        for secret in (
            "zhang",
            "san ",
            "covid",
            "vaccin",
            "health",
            "certificate",
            "疫苗",
            "健康",
            "接种",
            "1980",
        ):
            assert secret not in said, secret
    assert ClaimMail.objects.filter(state="sent").count() == 2


def test_the_link_asks_for_the_day_of_birth_and_ends(send, server, now):
    mailing.deliver(send().pk, now)
    token = server.offered[0].text.split("/certificates/get/")[1].split("/")[0]

    def by_link(born_on, at=now):
        return claims.claim_by_link(token=token, born_on=born_on, address="192.0.2.1", now=at)

    for wrong in ("", "1980-05-18"):
        with pytest.raises(WrongCode):
            by_link(wrong)
    with pytest.raises(WrongCode):
        by_link("1980-05-17", now + timedelta(days=3, seconds=1))
    assert by_link("1980-05-17").text


def test_days_of_birth_are_not_tried_through_a_link(send, server, now):
    mailing.deliver(send().pk, now)
    token = server.offered[0].text.split("/certificates/get/")[1].split("/")[0]
    tried = 0
    for hour in range(24):
        for number in range(12):
            try:
                claims.claim_by_link(
                    token=token,
                    born_on="1970-01-01",
                    address=f"192.0.2.{number}",
                    now=now + timedelta(hours=hour),
                )
            except WrongCode:
                tried += 1
            except TooMany:
                break
    assert tried == 30


def test_sent_once_however_often_it_is_asked_for_and_run(send, server, now):
    first, again = send(), send()
    assert first.pk == again.pk
    for _ in range(3):
        mailing.deliver(first.pk, now)
    assert len(server.offered) == 1
    assert send(at=now + timedelta(seconds=30)).pk == first.pk
    later = send(at=now + timedelta(minutes=2))
    assert later.pk != first.pk
    mailing.deliver(later.pk, now)
    assert len({one.key for one in server.offered}) == 2


def test_a_server_that_is_away_is_tried_again_and_then_it_is_said(send, server, now):
    mail = send()
    server.answers = [("retry", "smtp-451", "Try later")] * mailing.MOST_TRIES
    for attempt in range(mailing.MOST_TRIES - 1):
        with pytest.raises(Unavailable):
            mailing.deliver(mail.pk, now + timedelta(minutes=attempt))
        mail.refresh_from_db()
        assert (mail.state, mail.fault) == ("queued", "smtp-451")
    mailing.deliver(mail.pk, now + timedelta(hours=1))
    mail.refresh_from_db()
    assert (mail.state, mail.fault, mail.tries) == ("failed", "smtp-451", mailing.MOST_TRIES)
    assert len({one.key for one in server.offered}) == 1
    assert AuditEntry.objects.filter(action="certificate.mail_failed").count() == 1


def test_a_refusal_is_kept_with_its_reason_and_without_the_address(send, server, now):
    mail = send()
    server.answers = [("refused", "smtp-550", f"5.1.1 <{ADDRESS}>: no such user")]
    mailing.deliver(mail.pk, now)
    mail.refresh_from_db()
    assert (mail.state, mail.fault) == ("failed", "smtp-550")
    assert "zhang" not in mail.fault_told and "no such user" in mail.fault_told
    server.answers = []
    again = send()
    assert again.pk != mail.pk


def test_a_worker_killed_while_it_talks_is_followed_by_another(send, server, now, monkeypatch):
    mail = send()

    def die(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(server, "hand_over", die)
        with pytest.raises(KeyboardInterrupt):
            mailing.deliver(mail.pk, now)
    with pytest.raises(Unavailable):
        mailing.deliver(mail.pk, now + timedelta(seconds=30))
    assert not server.offered
    assert mailing.left_behind(now=now + timedelta(minutes=6)) == [mail.pk]
    mailing.deliver(mail.pk, now + timedelta(minutes=6))
    mail.refresh_from_db()
    assert mail.state == "sent" and len(server.offered) == 1
    assert mailing.left_behind(now=now + timedelta(hours=6)) == []


def test_a_certificate_revoked_or_fetched_meanwhile_is_not_written_about(send, issued, server, people, now):
    made = issued(given_name="Si")
    mail = send(made)
    revocations.revoke(identifiers=[made.identifier], reason="error", by=people["officer"], now=now)
    mailing.deliver(mail.pk, now)
    mail.refresh_from_db()
    assert (mail.state, mail.fault, server.offered) == ("failed", "revoked", [])
    with pytest.raises(Conflict):
        send(made)
    other = issued(given_name="Wu")
    mail = send(other)
    code = claims.make_claim(public_id=other.record.public_id, by=people["clinic"], now=now).code
    claims.claim_by_code(code=code, born_on="1980-05-17", address="a", now=now)
    mailing.deliver(mail.pk, now)
    mail.refresh_from_db()
    assert (mail.state, mail.fault, mail.address) == ("failed", "fetched", None)
    assert not server.offered


def test_the_address_is_sealed_and_goes_with_the_link(send, server, now):
    mail = send()
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM health_certificates_claimmail m")
        row = cursor.fetchone()[0]
    assert "zhang" not in row and ADDRESS.encode().hex() not in row
    assert "zhang" not in str(list(AuditEntry.objects.values_list("detail", "subject"))).lower()
    mailing.deliver(mail.pk, now)
    forgetting.forget(now=now + timedelta(days=2))
    mail.refresh_from_db()
    assert mail.address == ADDRESS
    forgetting.forget(now=now + timedelta(days=3, minutes=1))
    mail.refresh_from_db()
    assert (mail.address, mail.address_hash, mail.state) == (None, None, "sent")
    forgetting.forget(now=now + timedelta(days=34))
    assert not ClaimMail.objects.exists()


def test_who_may_send_and_how_often(send, issued, people, now):
    made = issued()
    for name in people:
        if name in ("clinic", "officer", "second", "health", "health2"):
            assert send(made, by=name)
        else:
            with pytest.raises((NotAllowed, NotFound)):
                send(made, by=name)
    for number in range(4):
        send(made, address=f"a{number}@example.org")
    with pytest.raises(TooMany):
        send(made, address="one-more@example.org")


def test_what_cannot_be_used_is_said_at_its_field(send):
    for change, field in (
        ({"address": "no address"}, "address"),
        ({"address": "+86 138 1234 5678"}, "address"),
        ({"address": ""}, "address"),
        ({"address": "a@b\r\nBcc: c@example.org"}, "address"),
        ({"agreed": False}, "agreed"),
        ({"language": "tlh"}, "language"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            send(**change)
        assert set(refusal.value.fields) == {field}
    assert not ClaimMail.objects.exists()


def test_without_an_address_it_goes_to_that_of_the_registration(send, issued, server, now):
    person = citizens.register_citizen(
        facts=citizens.PersonFacts(native_name="示例甲", languages=("zh-Hans",)),
        contact=citizens.phone_or_email("parent@example.org", "CN"),
        consents=("warnings",),
        text_version="test",
        by=ANONYMOUS,
        now=now,
    )
    made = issued()
    Record.objects.filter(pk=made.pk).update(person=person)
    made = type(made).objects.get(pk=made.pk)
    Contact.objects.update(verified_at=None)
    with pytest.raises(InvalidInput):
        send(made, address="")
    Contact.objects.update(verified_at=now)
    mailing.deliver(send(made, address="").pk, now)
    assert server.offered[0].address == "parent@example.org"
    citizens.withdraw_consent(person_id=person.pk, purpose="warnings", by=citizens.actor_of(person), now=now)
    with pytest.raises(InvalidInput):
        send(made, address="", at=now + timedelta(hours=1))


# ------------------------------------------------------------------ the desk


def test_the_desk_sends_it_and_sees_what_became_of_it(as_, issued, server, now):
    made = issued()
    page_address = reverse("certificate", args=[made.record.public_id])
    mail_address = reverse("certificate-mail", args=[made.record.public_id])
    browser = as_("clinic")
    wanted = {"address": ADDRESS, "language": "en", "agreed": "on"}
    assert browser.post(mail_address, wanted)["Location"] == page_address
    page = browser.get(page_address).content.decode()
    assert "on its way" in page and " •••@example.org" in page.replace(">", " ") and ADDRESS not in page
    assert "z•••@example.org" in as_("officer").get(page_address).content.decode()
    browser = as_("clinic")
    mail = ClaimMail.objects.get()
    server.answers = [("refused", "smtp-550", "no such user")]
    mailing.deliver(mail.pk, mail.created_at)
    page = browser.get(page_address).content.decode()
    assert "not sent" in page and "no such mailbox" in page
    assert browser.post(mail_address, {"again": str(mail.pk)})["Location"] == page_address
    second = ClaimMail.objects.exclude(pk=mail.pk).get()
    send_claim_mail(second.pk)
    assert server.offered[-1].address == ADDRESS
    assert "it went to nobody" in browser.get(page_address).content.decode()


def test_the_desk_is_told_what_is_missing(as_, issued):
    made = issued()
    answer = as_("clinic").post(
        reverse("certificate-mail", args=[made.record.public_id]), {"address": "x", "language": "en"}
    )
    page = answer.content.decode()
    assert answer.status_code == 400 and 'href="#mail_agreed"' in page and 'value="x"' in page
    for name, status in (("elsewhere", 404), ("duty", 403)):
        told = as_(name).post(
            reverse("certificate-mail", args=[made.record.public_id]),
            {"address": ADDRESS, "language": "en", "agreed": "on"},
        )
        assert told.status_code == status
    assert not ClaimMail.objects.exists()
