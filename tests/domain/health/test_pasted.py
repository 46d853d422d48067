"""Codes that went through a mail, a form or an address bar."""

from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.carriers.pasted import codes_of
from openconsular.domain.health.hcert import base45, envelope
from openconsular.domain.health.smart import numeric
from tests.domain.health.hcert_world import issued

CODE = issued()
CARD = "eyJhbGciOiJFUzI1NiJ9." + "payload-of_the.card".replace(".", "-") * 20 + "." + "s" * 86
SCANNED = numeric.codes(CARD)[0]


@pytest.mark.parametrize(
    "pasted",
    [
        f"\ufeff{CODE}\r\n",
        f"  {CODE}\t\n\n",
        f"“{CODE}”",
        f"<{CODE}>",
        f"QR: {CODE}",
        f"My certificate:\n{CODE}"[len("My certificate:\n") :],
        CODE.replace("HC1:", "hc1:"),
        CODE.lower(),
        quote(CODE, safe=""),
        quote_plus(CODE),
        f"https://verify.example/?{urlencode({'qr': CODE})}",
        f"https://verify.example/check#{quote(CODE)}",
        "\n".join(CODE[at : at + 76] for at in range(0, len(CODE), 76)),
        "\r\n".join(CODE[at : at + 40] for at in range(0, len(CODE), 40)),
        CODE[:50] + "\u200b" + CODE[50:],
    ],
)  # fmt: skip
def test_a_code_comes_back_as_it_was(pasted):
    assert codes_of(pasted) == [CODE]


@given(st.binary(min_size=1, max_size=40), st.sampled_from(["", " ", "  ", "\t", "\n", " \r\n"]))
def test_blanks_behind_a_code_are_not_its_own(content, behind):
    code = envelope.close_text(content)
    assert codes_of(code + behind) == [code]


@given(st.binary(max_size=60))
def test_no_base45_ends_in_a_blank(content):
    assert not base45.encode(content).endswith(" ")


def test_several_codes_are_several():
    other = envelope.close_text(b"another")
    assert codes_of(f"{CODE}\n\n{other}\n{SCANNED}\n{CARD}\n") == [CODE, other, SCANNED, CARD]


@pytest.mark.parametrize("width", [20, 64, 77])
def test_health_cards_in_several_lines(width):
    for code in (SCANNED, CARD):
        told = "\n".join(code[at : at + width] for at in range(0, len(code), width))
        assert codes_of(told) == [code]
    assert codes_of(SCANNED.upper()) == [SCANNED]


@pytest.mark.parametrize(
    "text", ["HC1:ABC", "HC1:ab CD", "nothing", "HC2:ABC", "HC1:" + "A" * 50, "HC1 ABC", "x" * 5000]
)
def test_what_is_broken_stays_as_it_is(text):
    assert codes_of(text) == [text]


def test_a_broken_code_takes_no_other_line_with_it():
    assert codes_of(f"HC1:BROKEN\nsome words\n{CODE}") == ["HC1:BROKEN", "some words", CODE]


@given(st.text(max_size=300))
def test_nothing_pasted_is_a_surprise(text):
    assert all(isinstance(code, str) and code for code in codes_of(text))
