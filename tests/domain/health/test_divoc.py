"""DIVOC credentials: reading from JSON and zips; nothing is fetched and nothing is believed."""

import base64
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openconsular.domain.health import divoc
from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.verdict import Layer, Unreadable

SHARED = Path(__file__).parents[3] / "../shared/data/health/gdhcn-validator"
CREDENTIAL = {
    "@context": ["https://www.w3.org/2018/credentials/v1", "https://example.org/vaccination/v1"],
    "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
    "credentialSubject": {"id": "did:Passport:A123", "name": "Ana Ocampo", "gender": "Female", "age": "46"},
    "issuer": "https://example.org/",
    "issuanceDate": "2026-03-03T04:28:46.012Z",
    "evidence": [
        {
            "type": ["Vaccination"],
            "certificateId": "92047670169",
            "batch": "B-1",
            "vaccine": "A product",
            "manufacturer": "A maker",
            "date": "2026-03-03T04:28:43.134Z",
            "dose": 1,
            "totalDoses": "2",
            "facility": {"name": "A site", "address": {"addressCountry": "IN"}},
            "verifier": {"name": "A vaccinator"},
        }
    ],
    "proof": {"type": "RsaSignature2018", "jws": "x"},
}


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in files:
            packed.writestr(name, content)
    return out.getvalue()


def as_code(data: bytes) -> str:
    return "B64:" + base64.b64encode(data).decode()


def refusal(text: str) -> tuple[Layer, str]:
    with pytest.raises(Unreadable) as caught:
        _ = divoc.read(text).certificate
    return caught.value.layer, caught.value.code


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_the_same_credential_however_it_is_packed(method):
    text = json.dumps(CREDENTIAL)
    packed = archive(("certificate.json", text.encode()), method=method)
    for code in (text, as_code(packed), packed.decode("latin-1")):
        assert divoc.looks_like(code)
        found = divoc.read(code)
        (entry,) = found.certificate.entries
        assert (entry.kind, entry.batch, entry.dose, entry.doses) == (Kind.VACCINATION, "B-1", 1, 2)
        assert found.certificate.holder.document_number == "A123"
        assert found.unchecked == divoc.NOT_CHECKED and not hasattr(found, "seal")


STORED = archive(("a.json", b"{}"), method=zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (archive(("a.json", b"{}"), ("b.json", b"{}")), "zip-not-one-file"),
        (archive(("../etc/passwd", b"{}")), "zip-name-refused"),
        (archive(("..", b"{}")), "zip-name-refused"),
        (archive(("a/b.json", b"{}")), "zip-name-refused"),
        (archive(("a.json", b" " * 70_000)), "inflated-too-long"),
        (archive(("a.json", b"{}"), method=zipfile.ZIP_LZMA), "zip-malformed"),
        (archive(("a.json", b"{}"))[:-3], "zip-malformed"),
        (archive(("a.json", b"{}")) + b"x", "zip-not-one-file"),
        (b"PK\x03\x04", "zip-malformed"),
        (STORED.replace(b"{}", b"[]"), "zip-checksum-wrong"),
    ],
)
def test_archives_with_anything_odd_are_refused(data, code):
    assert refusal(as_code(data))[1] == code


def test_an_archive_that_lies_about_its_size_is_stopped():
    bomb = bytearray(archive(("a.json", b" " * 1_000_000)))
    spot = bomb.rfind(b"PK\x01\x02") + 24
    bomb[spot : spot + 4] = (100).to_bytes(4, "little")
    assert refusal(as_code(bytes(bomb))) == (Layer.COMPRESSION, "inflated-too-long")


@pytest.mark.parametrize("at", range(0, 400, 3))
def test_an_archive_with_a_changed_byte_is_no_surprise(at):
    data = bytearray(archive(("certificate.json", json.dumps(CREDENTIAL).encode())))
    data[at % len(data)] ^= 0xFF
    try:
        _ = divoc.read(as_code(bytes(data))).certificate
    except Unreadable as error:
        assert error.layer in (Layer.COMPRESSION, Layer.JSON, Layer.SCHEMA)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": ["VerifiableCredential"]}, (Layer.SCHEMA, "credential-type-unknown")),
        ({"evidence": []}, (Layer.SCHEMA, "evidence-absent")),
        ({"evidence": ["x"]}, (Layer.SCHEMA, "object-expected")),
        ({"credentialSubject": {}}, (Layer.SCHEMA, "name-absent")),
        ({"issuanceDate": "2026-99-99T00:00:00Z"}, (Layer.SCHEMA, "date-malformed")),
        ({"proof": None}, (Layer.JSON, "not-a-credential")),
    ],
)
def test_other_credentials_are_refused(changes, expected):
    assert refusal(json.dumps({**CREDENTIAL, **changes})) == expected


def test_days_in_the_basic_format_are_days():
    dose = {**CREDENTIAL["evidence"][0], "date": "20260302", "effectiveStart": "20260303"}
    found = divoc.read(json.dumps({**CREDENTIAL, "issuanceDate": "20260304", "evidence": [dose]})).certificate
    assert (found.entries[0].happened_on, found.entries[0].valid_from) == ("2026-03-02", "2026-03-03")
    assert found.issued_at == datetime(2026, 3, 4, tzinfo=UTC)
    with pytest.raises(Unreadable):
        _ = divoc.read(json.dumps({**CREDENTIAL, "issuanceDate": "20269999"})).certificate


def test_letters_that_are_no_bytes_are_refused():
    assert refusal("PK\x03\x04€") == (Layer.TEXT, "bytes-expected")
    assert refusal("B64:€") == (Layer.TEXT, "base64-malformed")
    assert refusal("{" + " " * 20_000) == (Layer.TEXT, "text-too-long")


def test_the_published_credential_is_read():
    path = SHARED / "DIVOCQR1Contents.txt"
    if not path.exists():
        pytest.skip("the published samples are not beside this checkout")
    found = divoc.read(path.read_text())
    assert found.claims == json.loads((SHARED / "DIVOCQR1Unpacked.json").read_text())
    assert found.certificate.entries[0].doses == 2
