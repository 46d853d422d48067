"""SMART Health Cards: what is read, what is refused and where, and that what is issued reads back."""

import base64
import gzip
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.smart import fhir, numeric, read
from openconsular.domain.health.smart.issue import NotIssuable, claims_of, issue_smart
from openconsular.domain.health.verdict import Layer, Unreadable

SHARED = Path(__file__).parents[3] / "../shared/data/health"
KEY = ec.derive_private_key(20_261_122, ec.SECP256R1())
KEY_ID = "a-key-of-the-tests"


def sign(message: bytes) -> bytes:
    der = KEY.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


CARD = Certificate(
    format=Format.SMART,
    version="4.0.1",
    holder=Holder(family_name="Ocampo", given_name="Ana", born_on="1980-05-17", sex="female"),
    entries=(
        Entry(
            kind=Kind.VACCINATION,
            disease=fhir.COVID_19,
            vaccine=Coded("207", fhir.CVX),
            batch="L-001",
            happened_on="2026-01-02",
            place="A clinic",
            issuer="https://cards.example.org",
        ),
        Entry(
            kind=Kind.TEST,
            disease=fhir.COVID_19,
            test_type=Coded("94558-4", fhir.LOINC),
            result=Coded("260415000", fhir.SNOMED),
            happened_on="2026-05-03T08:00:00Z",
            place="A laboratory",
            issuer="https://cards.example.org",
        ),
        Entry(
            kind=Kind.RECOVERY,
            disease=fhir.COVID_19,
            happened_on="2025-12-01",
            issuer="https://cards.example.org",
        ),
    ),
    issuer="https://cards.example.org",
    valid_from=datetime(2026, 5, 4, 10, 30, tzinfo=UTC),
    expires_at=datetime(2027, 5, 4, tzinfo=UTC),
)


def card_of(claims: object, header: object = None) -> str:
    """A compact JWS of any payload, rightly signed."""
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    header = {"zip": "DEF", "alg": "ES256", "kid": KEY_ID} if header is None else header
    return jws_of(json.dumps(header).encode(), raw_deflate(text))


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


def jws_of(header: bytes, payload: bytes) -> str:
    message = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return f"{message.decode()}.{base64.urlsafe_b64encode(sign(message)).decode().rstrip('=')}"


def claims(**changes: object) -> dict:
    return {**claims_of(CARD), **changes}


def with_resource(**changes: object) -> dict:
    """The claims with fields of the first immunization changed; None takes one away."""
    made = claims_of(CARD)
    resource = made["vc"]["credentialSubject"]["fhirBundle"]["entry"][1]["resource"]
    for name, value in changes.items():
        resource[name] = value
        if value is None:
            del resource[name]
    return made


def refusal(text: str) -> tuple[Layer, str]:
    with pytest.raises(Unreadable) as caught:
        _ = read.read(text).certificate
    return caught.value.layer, caught.value.code


def test_an_issued_card_reads_back_from_its_code_its_text_and_its_file():
    issued = issue_smart(CARD, key_id=KEY_ID, sign=sign, revocation_id="r-1")
    for text in (issued.codes[0], issued.jws, *read.cards_in(issued.file)):
        card = read.read(text)
        found = card.certificate
        entries = tuple(replace(one, disease=fhir.COVID_19) for one in found.entries)
        assert (found.holder, entries[:2]) == (CARD.holder, CARD.entries[:2])
        assert entries[2].kind is Kind.RECOVERY and entries[2].happened_on == "2025-12-01"
        assert (found.valid_from, found.expires_at) == (CARD.valid_from, CARD.expires_at)
        assert card.claims["vc"]["rid"] == "r-1" and found.notes == ()
        assert card.kinds == {Kind.VACCINATION, Kind.TEST, Kind.RECOVERY}
    seal = read.read(issued.jws).seal
    r, s = int.from_bytes(seal.signature[:32]), int.from_bytes(seal.signature[32:])
    KEY.public_key().verify(utils.encode_dss_signature(r, s), seal.message, ec.ECDSA(hashes.SHA256()))
    assert (seal.key_ids, seal.issuer) == ((KEY_ID,), CARD.issuer)


def test_the_payload_is_minified_and_as_small_as_the_format_allows():
    issued = issue_smart(CARD, key_id=KEY_ID, sign=sign)
    assert len(issued.codes) == 1 and len(issued.jws) <= numeric.SINGLE_BEST
    payload = read.read(issued.jws).envelope.payload
    assert b'": ' not in payload and b", " not in payload and b"display" not in payload.split(b"actor")[0]


def test_a_long_card_becomes_several_codes_read_in_any_order():
    entries = tuple(
        replace(CARD.entries[0], batch=f"{number * 7919:016x}", place=f"Clinic {number * 104_729:x}")
        for number in range(1, 60)
    )
    issued = issue_smart(replace(CARD, entries=entries), key_id=KEY_ID, sign=sign)
    assert len(issued.codes) > 1 and all(numeric.is_piece(code) for code in issued.codes)
    found = read.read_pieces(reversed(issued.codes)).certificate
    assert found.entries == entries and found.notes == ("pieces-deprecated",)
    assert refusal(issued.codes[0]) == (Layer.TEXT, "piece-missing")
    with pytest.raises(Unreadable, match="comes twice"):
        numeric.join([issued.codes[0], issued.codes[0]])


@given(st.text("ABCabc012-_.", max_size=2000))
def test_digits_and_letters_are_the_same_text(text):
    assert numeric.letters(numeric.digits(text)) == text


@settings(max_examples=200)
@given(st.integers(1, 9000))
def test_pieces_are_balanced_and_short_enough(length):
    codes = numeric.codes("a" * length)
    pieces = [numeric.piece_of(code)[2] for code in codes]
    assert numeric.join(codes) == "a" * length
    assert max(map(len, pieces)) - min(map(len, pieces)) < len(codes) + 1
    assert len(codes) == 1 or max(map(len, pieces)) <= numeric.CHUNK_MOST


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"zip": "DEF", "kid": "k"}, "algorithm-not-allowed"),
        ({"zip": "DEF", "kid": "k", "alg": "none"}, "algorithm-not-allowed"),
        ({"zip": "DEF", "kid": "k", "alg": "HS256"}, "algorithm-not-allowed"),
        ({"zip": "DEF", "kid": "k", "alg": ["ES256"]}, "algorithm-not-allowed"),
        ({"kid": "k", "alg": "ES256"}, "zip-not-def"),
        ({"zip": "DEF", "alg": "ES256"}, "key-id-absent"),
        ({"zip": "DEF", "alg": "ES256", "kid": ""}, "key-id-absent"),
        ({"zip": "DEF", "alg": "ES256", "kid": "k", "crit": ["b64"], "b64": False}, "header-not-understood"),
        (["ES256"], "json-not-an-object"),
    ],
)
def test_the_header_says_nothing_but_what_it_must(header, code):
    assert refusal(card_of(claims(), header)) == (Layer.JWS, code)


@pytest.mark.parametrize(
    ("changes", "layer", "code"),
    [
        ({"iss": "http://cards.example.org"}, Layer.CLAIMS, "issuer-not-https"),
        ({"iss": "https://cards.example.org/"}, Layer.CLAIMS, "issuer-malformed"),
        ({"iss": "https://cards.example.org?a=1"}, Layer.CLAIMS, "issuer-malformed"),
        ({"iss": 5}, Layer.CLAIMS, "issuer-absent"),
        ({"nbf": "2026"}, Layer.CLAIMS, "nbf-malformed"),
        ({"nbf": True}, Layer.CLAIMS, "nbf-malformed"),
        ({"nbf": -1}, Layer.CLAIMS, "nbf-malformed"),
        ({"exp": None}, Layer.CLAIMS, "exp-malformed"),
        ({"exp": 1}, Layer.CLAIMS, "expires-before-valid"),
        ({"vc": []}, Layer.SCHEMA, "credential-absent"),
        ({"vc": {"type": [read.COVID_CARD]}}, Layer.SCHEMA, "not-a-health-card"),
        ({"vc": {"type": [read.HEALTH_CARD]}}, Layer.SCHEMA, "fhir-version-absent"),
    ],
)
def test_claims_that_cannot_be_are_refused(changes, layer, code):
    assert refusal(card_of(claims(**changes))) == (layer, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "Completed"}, "status-unknown"),
        ({"status": {}}, "value-empty"),
        ({"status": {"x": "final"}}, "text-expected"),
        ({"occurrenceDateTime": None}, "occurrence-not-one"),
        ({"occurrenceString": "in May"}, "occurrence-not-one"),
        ({"occurrenceDateTime": "01-02-2026"}, "date-malformed"),
        ({"vaccineCode": {"coding": []}}, "value-empty"),
        ({"vaccineCode": {"coding": [{"system": fhir.CVX}]}}, "code-absent"),
        ({"vaccineCode": None}, "code-absent"),
        ({"lotNumber": ""}, "value-empty"),
        ({"lotNumber": 7}, "text-expected"),
        ({"performer": [{"actor": {}}]}, "value-empty"),
        ({"meta": {"security": [{"badKey": "IAL1"}]}}, "meta-malformed"),
        ({"patient": {"reference": "resource:2"}}, "holder-reference-wrong"),
        ({"patient": None}, "holder-reference-absent"),
    ],
)
def test_resources_that_fhir_forbids_are_refused(changes, code):
    assert refusal(card_of(with_resource(**changes))) == (Layer.SCHEMA, code)


def test_what_only_the_profile_asks_for_is_a_note():
    text = card_of(with_resource(meta={"id": "x"}, patient={"reference": "elsewhere"}))
    assert read.read(text).certificate.notes == ("holder-reference-dangling", "meta-not-minimal")


def test_words_stand_in_where_there_is_no_code():
    changed = with_resource(vaccineCode={"text": "Yellow fever vaccine"}, occurrenceDateTime=None)
    resource = changed["vc"]["credentialSubject"]["fhirBundle"]["entry"][1]["resource"]
    resource["_occurrenceDateTime"] = {"extension": [{"url": "x", "valueCode": "unknown"}]}
    found = read.read(card_of(changed)).certificate
    assert found.entries[0].vaccine == Coded(display="Yellow fever vaccine")
    assert found.entries[0].happened_on == "" and found.notes == ("date-absent",)


def test_no_known_immunization_is_no_dose():
    nothing = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    code = {"coding": [{"system": nothing, "code": "no-known-immunizations"}]}
    assert Kind.VACCINATION not in read.read(card_of(with_resource(vaccineCode=code))).kinds


def test_a_dose_entered_in_error_attests_nothing():
    found = read.read(card_of(with_resource(status="entered-in-error"))).certificate
    assert [one.kind for one in found.entries] == [Kind.TEST, Kind.RECOVERY]
    assert found.notes == ("dose-not-given",)


def test_a_card_about_two_people_is_refused():
    made = claims()
    entries = made["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    entries.append({"fullUrl": "resource:9", "resource": {"resourceType": "Patient"}})
    assert refusal(card_of(made)) == (Layer.SCHEMA, "holder-not-one")


def test_a_result_about_a_thing_or_nobody_attests_nothing_of_the_holder():
    for subject, note in (({"reference": "resource:1"}, "about-something-else"), (None, "about-nobody")):
        made = claims()
        resource = made["vc"]["credentialSubject"]["fhirBundle"]["entry"][2]["resource"]
        resource |= {"subject": subject}
        if subject is None:
            del resource["subject"]
        found = read.read(card_of(made))
        assert Kind.TEST not in found.kinds and note in found.certificate.notes and not found.content.doubt


def test_a_card_about_nobody_is_left_to_a_human():
    made = claims()
    del made["vc"]["credentialSubject"]["fhirBundle"]["entry"][0]
    assert read.read(card_of(made)).content.doubt == "holder-absent"
    made = claims()
    del made["vc"]["credentialSubject"]["fhirBundle"]["entry"][1:]
    assert read.read(card_of(made)).content.doubt == "nothing-attested"


def test_a_condition_that_lasts_is_not_a_recovery():
    made = claims()
    entries = made["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    entries[3]["resource"]["clinicalStatus"]["coding"][0]["code"] = "active"
    assert Kind.RECOVERY not in read.read(card_of(made)).kinds


def test_milliseconds_are_taken_as_they_stand_and_noted():
    found = read.read(card_of(claims(nbf=1_626_733_777_575, exp=1e300))).certificate
    assert found.valid_from == found.expires_at == datetime.max.replace(tzinfo=UTC)
    assert "timestamp-in-milliseconds" in found.notes


@pytest.mark.parametrize(
    ("payload", "layer", "code"),
    [
        (zlib.compress(b"{}"), Layer.COMPRESSION, "deflate-malformed"),
        (b"{}", Layer.COMPRESSION, "deflate-cut-short"),
        (raw_deflate(b"{}")[:-1], Layer.COMPRESSION, "deflate-cut-short"),
        (raw_deflate(b"{}") + b"x", Layer.COMPRESSION, "deflate-trailing-bytes"),
        (raw_deflate(b"{}") + gzip.compress(b"{]")[-8:], Layer.COMPRESSION, "deflate-trailing-bytes"),
        (raw_deflate(b"{}") + gzip.compress(b"{}")[-8:] + b"x", Layer.COMPRESSION, "deflate-trailing-bytes"),
        (raw_deflate(bytes(10**7)), Layer.COMPRESSION, "inflated-too-long"),
        (raw_deflate(raw_deflate(b"{}")), Layer.JSON, "json-malformed"),
    ],
)
def test_only_raw_deflate_is_inflated(payload, layer, code):
    assert refusal(jws_of(b'{"zip":"DEF","alg":"ES256","kid":"k"}', payload)) == (layer, code)


def test_the_end_of_a_gzip_file_may_follow_when_it_is_right():
    text = json.dumps(claims()).encode()
    header = json.dumps({"zip": "DEF", "alg": "ES256", "kid": KEY_ID}).encode()
    assert read.read(jws_of(header, gzip.compress(text)[10:])).claims == claims()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("shc:/5", (Layer.TEXT, "digits-odd")),
        ("shc:/78", (Layer.TEXT, "digits-out-of-range")),
        ("shc:/3/2/56", (Layer.TEXT, "piece-out-of-range")),
        ("shc:/0/2/56", (Layer.TEXT, "piece-out-of-range")),
        ("shc:/1/2/56", (Layer.TEXT, "piece-missing")),
        ("shc:56", (Layer.TEXT, "not-a-health-card")),
        ("SHC:/56", (Layer.TEXT, "not-a-health-card")),
        ("shc:/٥٦", (Layer.TEXT, "code-malformed")),
        ("shc:/", (Layer.TEXT, "code-malformed")),
        ("shc:/56 ", (Layer.TEXT, "code-malformed")),
        ("shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0", (Layer.TEXT, "health-link")),
        ("vhlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0", (Layer.TEXT, "health-link")),
        (" a.b.c", (Layer.TEXT, "trailing-characters")),
        ("", (Layer.TEXT, "not-a-health-card")),
    ],
)
def test_texts_that_are_no_card(found, expected):
    assert refusal(found) == expected


def test_what_no_card_can_say_is_not_issued():
    for changed, code in (
        (replace(CARD, entries=()), "nothing-attested"),
        (replace(CARD, issuer="http://cards.example.org"), "issuer-not-https"),
        (replace(CARD, valid_from=None), "date-absent"),
        (replace(CARD, holder=Holder()), "name-absent"),
        (replace(CARD, entries=(Entry(kind=Kind.VACCINATION, happened_on="2026-01-01"),)), "code-absent"),
    ):
        with pytest.raises(NotIssuable) as caught:
            issue_smart(changed, key_id=KEY_ID, sign=sign)
        assert caught.value.code == code
    with pytest.raises(NotIssuable, match="raw r and s"):
        issue_smart(CARD, key_id=KEY_ID, sign=lambda message: sign(message) + b"\0")


@pytest.mark.parametrize("name", ["SHCQR1", "SHCWAVax"])
def test_published_cards_are_read(name):
    path = SHARED / f"gdhcn-validator/{name}Contents.txt"
    if not path.exists():
        pytest.skip("the published samples are not beside this checkout")
    found = read.read(path.read_text()).certificate
    assert len(found.entries) in (2, 3)
    assert all(one.vaccine.system == fhir.CVX and one.batch for one in found.entries)
