"""Visible digital seals of ICAO: reading, what is signed, and what is refused."""

import base64
import hashlib
import json
from copy import deepcopy
from pathlib import Path

import pytest
import rfc8785

from openconsular.domain.health import vds_nc
from openconsular.domain.health.certificate import Algorithm, Kind
from openconsular.domain.health.verdict import Layer, Unreadable

SHARED = Path(__file__).parents[3] / "../shared/data/health/gdhcn-validator"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


VACCINATION = {
    "data": {
        "hdr": {"t": "icao.vacc", "v": 1, "is": "UTO"},
        "msg": {
            "uvci": "U32870",
            "pid": {"n": "SMITH  JANE", "dob": "1990-01-XX", "i": "E1234567P", "sex": "F"},
            "ve": [
                {
                    "des": "XM68M6",
                    "dis": "RA01.0",
                    "nam": "A product",
                    "vd": [
                        {"dvc": "2026-03-03", "seq": 1, "ctr": "UTO", "adm": "RIVM", "lot": "VC35679"},
                        {"dvc": "2026-04-01", "seq": "02", "ctr": "UTO"},
                    ],
                }
            ],
        },
    },
    "sig": {"alg": "ES256", "sigvl": base64url(b"\1" * 64), "cer": base64url(b"\x30\x00")},
}
TEST = {
    "data": {
        "hdr": {"t": "icao.test", "v": 1, "is": "UTO"},
        "msg": {
            "utci": "U32870",
            "pid": {"n": "SMITH  JANE", "dt": "P", "dn": "E1234567P"},
            "sp": {"spn": "General Hospital", "ctr": "UTO", "cd": {"p": "+0000", "e": "a@b.example"}},
            "dat": {"sc": "2026-12-12T12:00:00+08:00", "ri": "2026-12-12T14:00:00+08:00"},
            "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "nasopharyngeal"},
        },
    },
    "sig": VACCINATION["sig"],
}


def changed(seal: dict, path: str, value: object) -> str:
    made = deepcopy(seal)
    *parents, last = path.split(".")
    spot = made
    for name in parents:
        spot = spot[int(name) if isinstance(spot, list) else name]
    if value is None:
        del spot[last]
    else:
        spot[last] = value
    return json.dumps(made)


def test_vaccinations_are_read_dose_by_dose():
    seal = vds_nc.read(json.dumps(VACCINATION))
    found = seal.certificate
    assert [(one.dose, one.happened_on, one.batch) for one in found.entries] == [
        (1, "2026-03-03", "VC35679"),
        (2, "2026-04-01", ""),
    ]
    assert found.holder.family_name == "SMITH" and found.holder.given_name == "JANE"
    assert found.holder.born_on == "1990-01" and found.issuer_country == "UTO"
    assert seal.kinds == {Kind.VACCINATION}


def test_a_test_is_read():
    found = vds_nc.read(json.dumps(TEST) + "\n").certificate
    (entry,) = found.entries
    assert (entry.kind, entry.result.display, entry.happened_on) == (
        Kind.TEST,
        "negative",
        "2026-12-12T12:00:00+08:00",
    )
    assert (found.holder.document_type, found.holder.document_number) == ("P", "E1234567P")


def test_what_is_signed_does_not_depend_on_how_it_is_written():
    plain = vds_nc.read(json.dumps(VACCINATION)).seal
    spaced = vds_nc.read(json.dumps(VACCINATION, indent=3, sort_keys=True)).seal
    assert plain == spaced and plain.message == rfc8785.dumps(VACCINATION["data"])
    assert plain.algorithm is Algorithm.ES256
    assert plain.key_ids == (hashlib.sha256(b"\x30\x00").hexdigest()[:16],)
    other = vds_nc.read(changed(VACCINATION, "data.msg.pid.n", "SMITH  JOHN")).seal
    assert other.message != plain.message


@pytest.mark.parametrize(
    ("path", "value", "layer", "code"),
    [
        ("data.hdr.t", "icao.visa", Layer.SCHEMA, "seal-type-unknown"),
        ("data.hdr.t", ["icao.vacc"], Layer.SCHEMA, "seal-type-unknown"),
        ("data.hdr.v", 2, Layer.SCHEMA, "seal-version-unknown"),
        ("data.hdr.v", [1], Layer.SCHEMA, "seal-version-unknown"),
        ("data.hdr.v", True, Layer.SCHEMA, "seal-version-unknown"),
        ("data.hdr.is", "UT", Layer.SCHEMA, "issuer-malformed"),
        ("data.hdr", None, Layer.SCHEMA, "header-absent"),
        ("data.msg", None, Layer.SCHEMA, "message-absent"),
        ("sig", None, Layer.JSON, "seal-parts-absent"),
        ("sig.alg", "none", Layer.SIGNATURE, "algorithm-not-allowed"),
        ("sig.alg", "PS256", Layer.SIGNATURE, "algorithm-not-allowed"),
        ("sig.alg", {}, Layer.SIGNATURE, "algorithm-not-allowed"),
        ("sig.alg", "ES384", Layer.SIGNATURE, "signature-length"),
        ("sig.sigvl", base64url(b"\1" * 65), Layer.SIGNATURE, "signature-length"),
        ("sig.sigvl", "!!!!", Layer.SIGNATURE, "signature-malformed"),
        ("sig.cer", None, Layer.SIGNATURE, "signer-certificate-absent"),
        ("sig.cer", "A" * 12_000, Layer.SIGNATURE, "signer-certificate-too-long"),
        ("data.msg.uvci", None, Layer.SCHEMA, "text-absent"),
        ("data.msg.pid", None, Layer.SCHEMA, "part-absent"),
        ("data.msg.pid.dob", "17/05/1980", Layer.SCHEMA, "date-malformed"),
        ("data.msg.ve", [], Layer.SCHEMA, "part-absent"),
        ("data.msg.ve", ["x"], Layer.SCHEMA, "part-malformed"),
        ("data.msg.ve.0.vd.0.dvc", "2026", Layer.SCHEMA, "date-malformed"),
        ("data.msg.ve.0.vd.0.seq", 0, Layer.SCHEMA, "dose-malformed"),
        ("data.msg.big", 2**80, Layer.JSON, "not-canonical"),
    ],
)
def test_what_no_seal_may_be_is_refused(path, value, layer, code):
    with pytest.raises(Unreadable) as caught:
        _ = vds_nc.read(changed(VACCINATION, path, value)).certificate
    assert (caught.value.layer, caught.value.code) == (layer, code)


def test_a_holder_who_cannot_be_told_apart_is_refused():
    made = deepcopy(VACCINATION)
    made["data"]["msg"]["pid"] = {"n": "SMITH  JANE"}
    with pytest.raises(Unreadable, match="neither a date of birth nor a document"):
        _ = vds_nc.read(json.dumps(made)).certificate


@pytest.mark.parametrize(("name", "doses"), [("ICAOAUQR1", 1), ("ICAOJPQR1", 3)])
def test_published_seals_are_read(name, doses):
    path = SHARED / f"{name}Contents.txt"
    if not path.exists():
        pytest.skip("the published samples are not beside this checkout")
    seal = vds_nc.read(path.read_text())
    assert len(seal.certificate.entries) == doses and seal.seal.certificate[:1] == b"\x30"
