"""A text comes back from its parts exactly, and every part fits its 140 octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.sms.alphabet import BASIC, EXTENSION, NotSeptets, decode_gsm7, encode_gsm7, is_gsm7
from openconsular.domain.sms.segments import (
    Encoding,
    Part,
    TextNotSendable,
    part_header,
    segments,
    split_header,
)

GSM7_CHARACTERS = BASIC.replace("\x1b", "") + "".join(EXTENSION)
gsm7_texts = st.text(alphabet=GSM7_CHARACTERS, max_size=600)
any_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400)


@given(gsm7_texts)
def test_every_text_of_the_alphabet_comes_back_from_its_septets(text: str) -> None:
    septets = encode_gsm7(text)
    assert septets is not None
    assert max(septets, default=0) < 0x80
    assert decode_gsm7(septets) == text


@given(any_texts, st.booleans())
def test_every_text_comes_back_from_its_parts_and_every_part_fits(text: str, wide: bool) -> None:
    cut = segments(text, wide_reference=wide)
    assert cut.text == text
    assert cut.encoding is (Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2)
    for number, user_data in enumerate(cut.user_data(0xBEEF), 1):
        part, body = split_header(user_data) if len(cut.bodies) > 1 else (None, user_data)
        header = len(user_data) - len(body)
        room = (140 - header) * 8 // 7 if cut.encoding is Encoding.GSM7 else 140 - header
        assert len(body) <= room
        if len(cut.bodies) > 1:
            assert part == Part(0xBEEF if wide else 0xEF, len(cut.bodies), number)


@given(st.text(alphabet="a€😀中", min_size=100, max_size=500))
def test_no_pair_is_torn_apart(text: str) -> None:
    for body in segments(text).bodies:
        body.decode("utf-16-be")
    septets = segments(text.replace("😀", "€").replace("中", "a"))
    assert "".join(decode_gsm7(body) for body in septets.bodies) == septets.text


@pytest.mark.parametrize(
    ("text", "parts", "wide_parts"),
    [
        ("", 1, 1),
        ("a" * 160, 1, 1),
        ("a" * 161, 2, 2),
        ("a" * 306, 2, 3),
        ("a" * 307, 3, 3),
        ("€" * 80, 1, 1),
        ("€" * 81, 2, 2),
        ("中" * 70, 1, 1),
        ("中" * 71, 2, 2),
        ("中" * 134, 2, 3),
        ("😀" * 35, 1, 1),
        ("😀" * 36, 2, 2),
        ("😀" * 67, 3, 3),
    ],
)
def test_the_lengths_of_the_standard(text: str, parts: int, wide_parts: int) -> None:
    assert len(segments(text).bodies) == parts
    assert len(segments(text, wide_reference=True).bodies) == wide_parts


def test_published_septets() -> None:
    assert encode_gsm7("@£$¥") == b"\x00\x01\x02\x03"
    assert encode_gsm7("[€]") == b"\x1b\x3c\x1b\x65\x1b\x3e"
    assert encode_gsm7("Ωmega") == b"\x15mega"
    assert encode_gsm7("中") is None
    assert encode_gsm7("\x1b") is None


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused_in_words(octets: bytes) -> None:
    try:
        decode_gsm7(octets)
    except NotSeptets:
        assert any(octet > 0x7F for octet in octets)
    split_header(octets)


def test_unknown_escapes_are_read_as_the_standard_says() -> None:
    assert decode_gsm7(b"\x1bA") == "A"
    assert decode_gsm7(b"a\x1b") == "a "


def test_a_part_is_found_behind_other_header_elements() -> None:
    user_data = bytes([8, 0x01, 1, 0xFF]) + part_header(7, 3, 2, wide=False)[1:] + b"body"
    assert split_header(user_data) == (Part(7, 3, 2), b"body")
    assert split_header(bytes([5, 0, 3, 7, 2, 3]) + b"body") == (None, b"body")


def test_what_no_message_can_hold_is_refused() -> None:
    with pytest.raises(TextNotSendable) as too_long:
        segments("中" * 67 * 256)
    assert too_long.value.code == "text-too-long"
    with pytest.raises(TextNotSendable) as torn:
        segments("\ud83d")
    assert torn.value.code == "text-not-unicode"
