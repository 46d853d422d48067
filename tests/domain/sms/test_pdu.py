"""Frames and bodies of SMPP 3.4: what is written is read back, and hostile octets raise one typed error."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.sms.message import (
    HAS_HEADER,
    IS_RECEIPT,
    MESSAGE_STATE,
    RECEIPTED_MESSAGE_ID,
    Address,
    ShortMessage,
    SubmitTemplate,
    decode_short_message,
    text_of,
)
from openconsular.domain.sms.pdu import (
    Bind,
    Command,
    Frame,
    MalformedPdu,
    decode_bind,
    decode_identifier,
    encode_frame,
    status_name,
    take_frames,
)
from openconsular.domain.sms.receipt import DeliveryReceipt, read_receipt, write_receipt
from openconsular.domain.sms.segments import Encoding, Part, segments

octet = st.integers(0, 255)
addresses = st.builds(Address, st.text(alphabet="0123456789ABCxyz", max_size=20), octet, octet)
messages = st.builds(
    ShortMessage,
    addresses,
    addresses,
    st.binary(max_size=254),
    octet,
    octet,
    octet,
    st.dictionaries(st.integers(0, 0x0423), st.binary(max_size=40), max_size=4),
)


@given(messages)
def test_a_message_comes_back_from_its_octets(message: ShortMessage) -> None:
    assert decode_short_message(message.encode()) == message


@given(messages, st.data())
def test_a_cut_message_never_breaks_the_reader(message: ShortMessage, data: st.DataObject) -> None:
    octets = message.encode()
    cut = octets[: data.draw(st.integers(0, len(octets)))]
    with contextlib.suppress(MalformedPdu):
        read = decode_short_message(cut)
        assert isinstance(read.text, str)
        read_receipt(read)


@given(st.binary(max_size=300))
def test_any_octets_are_a_message_or_malformed(octets: bytes) -> None:
    for read in (decode_short_message, decode_identifier, lambda body: decode_bind(Frame(9, 0, 1, body))):
        with contextlib.suppress(MalformedPdu):
            read(octets)


frames = st.builds(
    Frame,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=99),
)


@given(st.lists(frames, max_size=8), st.integers(1, 50))
def test_frames_are_found_however_the_stream_is_torn(sent: list[Frame], piece: int) -> None:
    stream = b"".join(encode_frame(*frame) for frame in sent)
    buffer, got = bytearray(), []
    for start in range(0, len(stream), piece):
        buffer += stream[start : start + piece]
        got += take_frames(buffer)
    assert got == sent
    assert not buffer


@pytest.mark.parametrize("length", [0, 15, 70_001, 2**32 - 1])
def test_an_impossible_length_ends_the_stream(length: int) -> None:
    with pytest.raises(MalformedPdu):
        take_frames(bytearray(length.to_bytes(4, "big") + bytes(12)))


def test_bind_as_the_specification_lays_it_out() -> None:
    octets = Bind(Command.BIND_TRANSCEIVER, "SMPP3TEST", "secret08", "SUBMIT1").encode(1)
    body = b"SMPP3TEST\0secret08\0SUBMIT1\0\x34\0\0\0"
    assert octets == bytes.fromhex("0000002f 00000009 00000000 00000001") + body
    (frame,) = take_frames(bytearray(octets))
    assert decode_bind(frame) == Bind(Command.BIND_TRANSCEIVER, "SMPP3TEST", "secret08", "SUBMIT1")
    with pytest.raises(MalformedPdu):
        Bind(Command.BIND_TRANSCEIVER, "a name far too long").encode(1)


@given(st.text(alphabet="abc中😀€[", min_size=1, max_size=300), st.booleans())
def test_the_quick_encoder_says_the_same_as_the_careful_one(text: str, wants_receipt: bool) -> None:
    source = Address("GOV", 5, 0)
    cut = segments(text)
    many = len(cut.bodies) > 1
    template = SubmitTemplate(source)
    for number, user_data in enumerate(cut.user_data(9), 1):
        tail = template.tail(user_data, cut.encoding, has_header=many, wants_receipt=wants_receipt)
        (frame,) = take_frames(bytearray(template.encode(number, b"8613912345678", tail)))
        assert (frame.command, frame.status, frame.sequence) == (Command.SUBMIT_SM, 0, number)
        assert decode_short_message(frame.body) == ShortMessage(
            source,
            Address("8613912345678"),
            user_data,
            cut.encoding.value,
            HAS_HEADER if many else 0,
            int(wants_receipt),
        )


def test_a_long_message_travels_in_the_payload_parameter() -> None:
    message = ShortMessage(Address("1"), Address("2"), b"x" * 1000)
    assert decode_short_message(message.encode()).user_data == b"x" * 1000


def test_parts_named_by_parameters_are_parts() -> None:
    sar = {0x020C: b"\x01\x02", 0x020E: b"\x03", 0x020F: b"\x02"}
    assert ShortMessage(Address("1"), Address("2"), b"x", parameters=sar).part == Part(0x0102, 3, 2)
    assert ShortMessage(Address("1"), Address("2"), b"x").part is None


@pytest.mark.parametrize(
    ("body", "coding", "text"),
    [
        ("安全".encode("utf-16-be"), 8, "安全"),
        (b"caf\xe9", 3, "café"),
        (b"\x00\x11", 0, "@_"),
        ("救命".encode(), 0, "救命"),
        (b"\xe9t\xe9", 1, "été"),
        (b"\xd8\x3d", 8, "�"),
    ],
)
def test_texts_are_read_by_their_coding_and_mislabelled_ones_are_not_lost(
    body: bytes, coding: int, text: str
) -> None:
    assert text_of(body, coding) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "id:0123456789 sub:001 dlvrd:001 submit date:2611220900 done date:2611220901 stat:DELIVRD err:000 text:Go",
            DeliveryReceipt("0123456789", "delivered"),
        ),
        ("id:a1-b2 stat:UNDELIV err:00B Text:", DeliveryReceipt("a1-b2", "failed", "00B")),
        ("ID:7 STAT:ENROUTE", DeliveryReceipt("7", "pending")),
        ("id:7 stat:DELETED err:3", DeliveryReceipt("7", "failed", "3")),
        ("id:7 stat:NOVEL", DeliveryReceipt("7", "pending")),
        ("hello", None),
    ],
)
def test_receipts_in_operators_spellings(text: str, expected: DeliveryReceipt | None) -> None:
    message = ShortMessage(Address("1"), Address("2"), text.encode(), esm_class=IS_RECEIPT)
    assert message.is_receipt
    assert read_receipt(message) == expected


def test_parameters_are_believed_before_the_text() -> None:
    parameters = {RECEIPTED_MESSAGE_ID: b"right\0", MESSAGE_STATE: b"\x05"}
    message = ShortMessage(Address("1"), Address("2"), b"id:wrong stat:DELIVRD", parameters=parameters)
    assert read_receipt(message) == DeliveryReceipt("right", "failed")


@given(st.sampled_from([DeliveryReceipt("9f", "delivered"), DeliveryReceipt("9f", "failed", "013")]))
def test_a_written_receipt_is_read_back(receipt: DeliveryReceipt) -> None:
    octets = write_receipt(receipt, "2611221200").encode()
    assert read_receipt(ShortMessage(Address("1"), Address("2"), octets)) == receipt


def test_statuses_have_names() -> None:
    assert status_name(0x58) == "rthrottled"
    assert status_name(0x0400) == "smpp-00000400"
    assert Encoding.UCS2.value == 8
