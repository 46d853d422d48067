"""E-mails read back with the standard library, and nothing injected into their headers."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.gateways.base import OutgoingMessage
from openconsular.gateways.email.mime import Composer, envelope_address, header_date, message_id
from openconsular.gateways.sinks.smtp import read_mail

DATE = header_date(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))
COMPOSER = Composer("alerts@ministry.example", "领事保护中心")
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
hostile = st.text(alphabet=st.sampled_from('a 中\r\n:\0\x85\u2028\u2029<>@,=?"()\x0b\x0c\x1e'), max_size=200)


@given(hostile | texts, texts, st.text(max_size=40), hostile, st.text(max_size=20))
def test_whatever_the_words_the_headers_are_ours(
    subject: str, text: str, key: str, html: str, language: str
) -> None:
    message = OutgoingMessage(key, "a@example.org", text, subject, html, language)
    octets = COMPOSER.compose(message, "a@example.org", DATE)
    mail = email.message_from_bytes(octets, policy=email.policy.compat32)
    assert set(mail.keys()) <= HEADERS
    assert len(set(mail.keys())) == len(mail.keys())
    assert mail["To"] == "a@example.org"
    assert not mail.defects
    head = octets.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert b"\n" not in head.replace(b"\r\n", b"")
    read = read_mail(octets, "a@example.org")
    assert read.text == text.replace("\r\n", "\n")
    assert read.html == html.replace("\r\n", "\n")


def test_a_mail_as_its_reader_sees_it() -> None:
    message = OutgoingMessage(
        7, "a@example.org", "地震。\n请避险。", "紧急提醒：菲律宾地震", "<p>地震</p>", "zh-Hans"
    )
    mail = email.message_from_bytes(
        COMPOSER.compose(message, "a@example.org", DATE), policy=email.policy.default
    )
    assert mail["Subject"] == "紧急提醒：菲律宾地震"
    assert mail["From"] == "领事保护中心 <alerts@ministry.example>"
    assert mail["Content-Language"] == "zh-Hans"
    assert mail["Message-ID"] == "<7@ministry.example>"
    assert mail["Date"] == "Mon, 01 Jun 2026 08:00:00 +0000"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@given(texts.filter(lambda text: text.strip() == text and text.isprintable() and text))
def test_subjects_survive_folding(subject: str) -> None:
    octets = COMPOSER.compose(OutgoingMessage("k", "a@example.org", "x", subject), "a@example.org", DATE)
    assert read_mail(octets, "a").subject == subject


def test_the_same_key_has_the_same_message_id_and_others_have_others() -> None:
    assert message_id("d-17", "x.example") == "<d-17@x.example>"
    hostile = message_id("a@b>\r\nBcc: c", "x.example")
    assert hostile == message_id("a@b>\r\nBcc: c", "x.example")
    assert hostile != message_id("a@b>\r\nBcc: d", "x.example")
    assert hostile.removesuffix("@x.example>").removeprefix("<").isalnum()


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("a@example.org", "a@example.org"),
        ("first.last+tag@sub.example.org", "first.last+tag@sub.example.org"),
        ("wang@例子.example", "wang@xn--fsqu00a.example"),
        ("王@example.org", None),
        ("a@localhost", None),
        ("a b@example.org", None),
        ("a..b@example.org", None),
        (".a@example.org", None),
        ("a@-example.org", None),
        ("a@example.org\r\nRCPT TO:<b@example.org>", None),
        ("<a@example.org>", None),
        ("a@example.org, b@example.org", None),
        ("@example.org", None),
        ("x" * 65 + "@example.org", None),
        ("a@" + "x" * 64 + ".org", None),
        ("a@" + ".".join(["xxxxxxxx"] * 30), None),
    ],
)
def test_addresses_fit_for_an_envelope(address: str, envelope: str | None) -> None:
    assert envelope_address(address) == envelope


@given(st.text(max_size=80))
def test_no_text_becomes_an_envelope_with_room_for_commands(address: str) -> None:
    envelope = envelope_address(address)
    assert envelope is None or (
        envelope.isascii() and envelope.isprintable() and not set(envelope) & set(" <>,;")
    )


def test_a_sender_must_be_an_address() -> None:
    with pytest.raises(ValueError, match="address"):
        Composer("nobody")
