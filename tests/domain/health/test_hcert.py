"""Base45, zlib and the structure of an EU DCC."""

import zlib

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.hcert import base45, dcc, dcc_usual, envelope
from openconsular.domain.health.limits import INFLATED_MOST, TEXT_MOST
from openconsular.domain.health.verdict import Layer, Unreadable
from tests.domain.health.hcert_world import RECOVERY, TEST, dose
from tests.domain.health.hcert_world import dcc as claim_with


def why(work, *arguments):
    with pytest.raises(Unreadable) as caught:
        work(*arguments)
    return caught.value.layer, caught.value.code


@given(st.binary(max_size=400))
def test_base45_there_and_back(data):
    assert base45.decode(base45.encode(data)) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"", ""),
    ],
)
def test_base45_as_in_the_standard(data, text):
    """RFC 9285 section 4.3."""
    assert (base45.encode(data), base45.decode(text)) == (text, data)


@given(st.text(st.sampled_from(base45.ALPHABET.decode()), max_size=40))
def test_base45_text_has_one_meaning(text):
    try:
        data = base45.decode(text)
    except Unreadable as fault:
        assert fault.layer is Layer.BASE45
    else:
        assert base45.encode(data) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GGW", "base45-overflow"), (":::", "base45-overflow"), ("::", "base45-overflow"), ("A", "base45-length"),
        ("ABCD", "base45-length"), ("bb8", "base45-alphabet"), ("BB8\n", "base45-alphabet"), ("B\u00df8", "base45-alphabet"),
        ("BB\u0668", "base45-alphabet"), ("BB=", "base45-alphabet"), ("\ud800B8", "base45-alphabet"),
    ],
)  # fmt: skip
def test_base45_that_is_none(text, code):
    assert why(base45.decode, text) == (Layer.BASE45, code)


@given(st.binary(max_size=9000))
def test_deflated_as_the_library_does(data):
    ours = envelope.deflate(data)
    assert zlib.decompress(ours) == data
    assert ours[0] == 0x78, "what some readers look for"
    assert len(ours) <= len(zlib.compress(data, 9)) + 8 or len(ours) <= 20, "no longer, but for a few bytes"


@given(st.binary(max_size=9000))
def test_inflated_whatever_the_size(data):
    assert envelope.inflate(zlib.compress(data)) == data


def test_inflating_has_limits():
    bomb = zlib.compress(bytes(3_000_000), 9)
    assert why(envelope.inflate, bomb) == (Layer.COMPRESSION, "zlib-too-large")
    assert envelope.inflate(zlib.compress(bytes(INFLATED_MOST - 1))) == bytes(INFLATED_MOST - 1)
    too_large = zlib.compress(bytes(INFLATED_MOST + 1))
    assert why(envelope.inflate, too_large) == (Layer.COMPRESSION, "zlib-too-large")
    good = zlib.compress(b"a token")
    assert why(envelope.inflate, good + b"x") == (Layer.COMPRESSION, "zlib-trailing-bytes")
    assert why(envelope.inflate, good + good) == (Layer.COMPRESSION, "zlib-trailing-bytes")
    for end in range(len(good)):
        assert why(envelope.inflate, good[:end])[0] is Layer.COMPRESSION
    assert why(envelope.inflate, zlib.compress(b"x")[:-4] + b"\0\0\0\0") == (Layer.COMPRESSION, "zlib")
    assert why(envelope.inflate, b"not compressed") == (Layer.COMPRESSION, "zlib")


def test_prefix():
    assert envelope.without_prefix("HC1:BB8") == "BB8"
    for other in ("HC2:BB8", "HL1:BB8", "hc1:BB8", "BB8", " HC1:BB8", ""):
        assert why(envelope.without_prefix, other) == (Layer.TEXT, "prefix")
    longest = "HC1:" + "0" * (TEXT_MOST - 4)
    assert envelope.without_prefix(longest) == longest[4:]
    assert why(envelope.without_prefix, longest + "0") == (Layer.TEXT, "text-too-long")


def checked(**changes):
    return dcc.check(claim_with(**changes))


def test_one_of_each_kind_is_taken():
    assert checked()[0] == "v"
    assert checked(v=None, t=[TEST])[0] == "t"
    assert checked(v=None, r=[RECOVERY])[0] == "r"
    assert checked(r=None, t=None)[0] == "v"
    assert checked(dob="")[0] == checked(dob="1998")[0] == checked(dob="1998-02")[0] == "v"
    assert checked(nam={"fnt": "A"})[0] == checked(nam={"gnt": "A"})[0] == "v"


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-18", "2026-02-18T00:00:00", "2026-02-18T22:54:00+02:00", "2026-02-18T22:54Z", "2026-02-18T22:54:00.123-0500",
    ],
)  # fmt: skip
def test_a_day_with_a_time_is_the_day_that_is_written(written):
    assert checked(v=dose(dt=written))[2] == "2026-02-18"
    assert checked(v=None, r=[{**RECOVERY, "fr": written}])[2] == "2026-02-18"


@pytest.mark.parametrize("written", ["2026-02-18T", "2026-02-18T22", "2026-02-30T10:00:00Z", "2026-02-18 x"])
def test_a_day_with_something_else_is_none(written):
    with pytest.raises(Unreadable):
        checked(v=dose(dt=written))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"ver": None}, "ver"), ({"ver": 1}, "ver"), ({"ver": "1.3"}, "ver"), ({"ver": "1.3.0\n"}, "ver"),
        ({"dob": None}, "dob"), ({"dob": "1809-02-28"}, "dob"), ({"dob": "2100-01-01"}, "dob"), ({"dob": 1998}, "dob"),
        ({"nam": None}, "nam"), ({"nam": {"fn": "Jones"}}, "nam"), ({"nam": {"fnt": "jones"}}, "nam.fnt"),
        ({"nam": {"fnt": "A" * 81}}, "nam.fnt"), ({"nam": {"fnt": "A", "fn": "\u202eevil"}}, "nam.fn"),
        ({"nam": {"fnt": "A", "gn": "😀"}}, "nam.gn"), ({"nam": {"fnt": "A", "gn": "a\x00b"}}, "nam.gn"),
        ({"v": {}}, "v"), ({"v": "x"}, "v"), ({"v": [1]}, "v"),
        ({"v": dose(dn=0)}, "v.dn"), ({"v": dose(dn="1")}, "v.dn"), ({"v": dose(sd=True)}, "v.sd"),
        ({"v": dose(dn=1.5)}, "v.dn"), ({"v": dose(dt="2026-02-30")}, "v.dt"), ({"v": dose(dt="18.02.2026")}, "v.dt"),
        ({"v": dose(dt=None)}, "v.dt"), ({"v": dose(ci=None)}, "v.ci"), ({"v": dose(co="at")}, "v.co"),
        ({"v": dose(is_=1, tg=5)}, "v.tg"), ({"v": dose(mp="x" * 81)}, "v.mp"),
        ({"v": None, "t": [{**TEST, "sc": "2026-05-30T12:34:56"}]}, "t.sc"),
        ({"v": None, "t": [{**TEST, "sc": "2026-05-30"}]}, "t.sc"),
        ({"v": None, "r": [{**RECOVERY, "du": "never"}]}, "r.du"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes, named):
    with pytest.raises(Unreadable) as caught:
        checked(**changes)
    assert caught.value.code == "schema"
    assert caught.value.message.startswith(f"{named}:")


def test_one_entry_and_no_more():
    assert why(dcc.check, claim_with(v=dose() + dose())) == (Layer.SCHEMA, "several-entries")
    assert why(dcc.check, claim_with(t=[TEST])) == (Layer.SCHEMA, "several-entries")
    assert why(dcc.check, claim_with(v=[])) == (Layer.SCHEMA, "no-entry")
    assert why(dcc.check, claim_with(v=None)) == (Layer.SCHEMA, "no-entry")


def test_nobody_is_born_after_what_is_attested():
    assert why(dcc.check, claim_with(dob="2027-01-01")) == (Layer.CLAIMS, "born-later")
    # Day and month are easily swapped: a person looks.
    _, entry, happened_on = dcc.check(claim_with(dob="2026-02-19"))
    assert dcc.doubt(claim_with(dob="2026-02-19"), entry, happened_on) == "born-later"
    assert checked(dob="2026-02-18")
    assert checked(dob="2026")


def test_early_versions_counted_from_nothing():
    assert checked(ver="1.0.0", v=dose(dn=0, co=""))
    assert (
        checked(ver="1.0.0", v=dose(dt="2026-02-18T00:00:00"), dob="1998-02-26T00:00:00")[2] == "2026-02-18"
    )


def test_fields_nobody_knows_are_taken_when_json_has_them():
    assert checked(extra={"a": [1, None, "x"]})
    assert why(dcc.check, claim_with(extra=b"bytes"))[0] is Layer.CBOR
    assert why(dcc.check, claim_with(v=dose(extra=float("nan"))))[0] is Layer.CBOR


odd = st.sampled_from(
    [None, "", 0, 1, -1, 1.5, True, [], {}, b"x", "x" * 81, "2026-02-29", "2026-13-01", "1.3.0", "2.0.0", "AT", "at", "A\n",
     "2027-01-01", "Ó Néill", "😀", "\u202e", "a\x00", "A<B", "-", "19980226", float("nan"), "٢٠٢٦-٠١-٠١", "1998-00-00"]
)  # fmt: skip
places = st.sampled_from(
    [
        ("ver",),
        ("dob",),
        ("nam",),
        ("v",),
        ("x",),
        *(("nam", name) for name in ("fn", "gn", "fnt", "gnt", "x")),
    ]
    + [("v", 0, name) for name in (*dose()[0], "x")]
)


@given(st.lists(st.tuples(places, odd), max_size=3))
def test_the_quick_look_never_takes_what_the_careful_one_refuses(changes):
    claim = claim_with()
    for place, value in changes:
        inner = claim
        for step in place[:-1]:
            try:
                inner = inner[step]
            except (LookupError, TypeError):
                inner = None
        if isinstance(inner, dict):
            inner[place[-1]] = value
    found = dcc_usual.dose_of(claim)
    if found is not None:
        group, entry, happened_on = dcc.check(claim)
        assert (group, entry, happened_on) == ("v", found, found["dt"])
        assert dcc.plain(claim) == cbor2.loads(cbor2.dumps(claim))


def test_the_quick_look_takes_the_usual():
    assert dcc_usual.dose_of(claim_with()) == dose()[0]
    assert dcc_usual.dose_of(claim_with(v=None, t=[TEST])) is None


def test_every_pair_of_bytes_has_its_three_letters():
    """All 65,536 of them against the definition (RFC 9285 section 4)."""
    letters = base45.ALPHABET.decode()
    data = b"".join(value.to_bytes(2) for value in range(1 << 16))
    text = base45.encode(data)
    assert text == "".join(
        letters[value % 45] + letters[value // 45 % 45] + letters[value // 2025] for value in range(1 << 16)
    )
    assert base45.decode(text) == data


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_several_at_once_are_each_as_one(several):
    texts = base45.encode_many(several)
    assert texts == [base45.encode(data) for data in several]
    assert base45.decode_many(texts) == several
    assert why(base45.decode_many, [*texts, "a"])[0] is Layer.BASE45
