"""What can be wrong inside: by name, the change that makes it so."""

from typing import Any

from openconsular.domain.health.hcert import cbor
from tests.health_certificates.verifier_claims import (
    ISSUER,
    dcc,
    icvp,
    token,
)

PAYLOADS: dict[str, bytes] = {
    "empty": b"", "list": b"\x80", "text": b"\x61a", "trailing": cbor.write(token(dcc())) + b"\x00", "trailing bad": cbor.write({1: 1}) + b"\x1f",
    "duplicate": b"\xa2\x01\x61a\x01\x61b", "duplicate long form": b"\xa2\x01\x61a\x18\x01\x61b", "tag": b"\xa1\x01\xc2\x41\x01", "tag 28": b"\xd8\x1c\x80", "tag 1": b"\xa1\x01\xc1\x00",
    "deep": b"\x81" * 30 + b"\x80", "depth 14": b"\x81" * 14 + b"\x80", "depth 15": b"\x81" * 15 + b"\x80", "depth 16": b"\x81" * 16 + b"\x80", "depth 17": b"\x81" * 17 + b"\x80", "depth 18": b"\x81" * 18 + b"\x80", "maps": b"\xa1\x01" * 16 + b"\xa0", "more maps": b"\xa1\x01" * 17 + b"\xa0",
    "deep text": b"\x81" * 17 + b"\x61a", "deep tag": b"\x81" * 16 + b"\xc0\x61a", "duplicate and cut": b"\xa3\x01\x61a\x01\x61b", "duplicate and tag": b"\xa3\x01\x61a\x01\x61b\x02\xc2\x41\x01", "reserved": b"\x1c", "break": b"\xff",
    "long list": b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", "long text": b"\x7b\x00\x00\x00\x00\xff\xff\xff\xff", "endless": b"\xbf\x01\x61a\xff", "bad text": b"\xa1\x01\x62\xff\xfe",
    "simple": b"\xa1\x01\xf8\x14", "simple 2": b"\xa1\x01\xe0", "undefined": b"\xa1\x01\xf7", "float key": b"\xa1\xfa\x3f\x80\x00\x00\x61a", "chunks": b"\xa1\x01\x7f\x61a\x61b\xff",
    "odd chunks": b"\xa1\x01\x7f\x41a\xff", "claim nothing": b"\xa1\x39\x01\x03\xa0", "claim null": b"\xa1\x39\x01\x03\xf6", "claim list": b"\xa1\x39\x01\x03\x80",
}  # fmt: skip


MESSAGES: dict[str, bytes] = {
    "empty": b"", "map": b"\xa0", "three parts": b"\xd2\x83\x40\xa0\x40", "five parts": b"\xd2\x85\x40\xa0\x40\x40\x40", "nil payload": b"\xd2\x84\x40\xa0\xf6\x40", "list header": b"\xd2\x84\x40\x80\x40\x40",
    "text header": b"\xd2\x84\x60\xa0\x40\x40", "other tag": b"\xd8\x62\x84\x40\xa0\x40\x40", "cut": b"\xd2\x84\x40\xa0", "trailing": b"\xd2\x84\x40\xa0\x40\x40\x00",
}  # fmt: skip


ENTRIES: dict[str, dict[str, Any]] = {
    "dose zero": {"dn": 0}, "dose early zero": {"dn": 0, "top_ver": "1.0.0"}, "dose text": {"dn": "1"}, "dose float": {"dn": 1.0}, "dose half": {"dn": 1.5}, "dose true": {"dn": True}, "dose huge": {"dn": 2**70},
    "no dose": {"dn": None}, "no day": {"dt": "2026-02-30"}, "midnight": {"dt": "2026-01-10T00:00:00"}, "timed": {"dt": "2026-01-10T22:54:00+02:00"}, "half timed": {"dt": "2026-01-10T22"}, "leap": {"dt": "2024-02-29"}, "no leap": {"dt": "2025-02-29"}, "tomorrow": {"dt": "2026-03-02"},
    "after tomorrow": {"dt": "2026-03-03"}, "country small": {"co": "pt"}, "country small early": {"co": "", "top_ver": "1.1.0"}, "country long": {"co": "ABCDEFGHIJK"}, "no identifier": {"ci": None},
    "identifier long": {"ci": "x" * 81}, "no target": {"tg": None}, "more": {"zz": 1}, "more bytes": {"zz": b"x"}, "more nan": {"zz": float("nan")}, "version 2": {"top_ver": "2.0.0"},
    "version odd": {"top_ver": "1.3"}, "version number": {"top_ver": 1}, "born later": {"top_dob": "2026-02"}, "born 1899": {"top_dob": "1899-01-01"}, "born month 00": {"top_dob": "1980-00-00"},
    "born midnight": {"top_dob": "1980-01-01T00:00:00"}, "born null": {"top_dob": None}, "born year": {"top_dob": "1980"}, "born unknown": {"top_dob": ""}, "groups null": {"top_t": None, "top_r": None},
    "group map": {"top_t": {}}, "group empty": {"top_v": []}, "group text": {"top_v": ["x"]}, "no name": {"top_nam": None}, "top more": {"top_x": {1: 2}}, "deep": {"zz": [[[[[[[[[[[[1]]]]]]]]]]]]},
    "many": {"zz": [0] * 5000},
}  # fmt: skip


ICVPS: dict[str, dict[str, Any]] = {
    "no name": {"n": " "}, "no birth": {"dob": ""}, "birth year": {"dob": "1980"}, "no sex": {"s": None}, "no nationality": {"nt": None}, "vx list": {"vx": [icvp()["vx"]]}, "vx none": {"vx": None},
    "vx two": {"vx": [icvp()["vx"]] * 2}, "product": {"vx": {**icvp()["vx"], "vp": "x"}}, "no batch": {"vx": {**icvp()["vx"], "bo": " "}}, "batch missing": {"vx": {k: v for k, v in icvp()["vx"].items() if k != "bo"}},
    "dt in dose": {"vx": {"dt": "2026-01-10", **{k: v for k, v in icvp()["vx"].items() if k != "dv"}}}, "no clinician": {"vx": {k: v for k, v in icvp()["vx"].items() if k != "cn"}},
    "life": {"vx": {**icvp()["vx"], "vle": "life of person vaccinated"}}, "over": {"vx": {**icvp()["vx"], "vle": "2026-02-01"}}, "long version": {"v": "1" * 300}, "long name": {"n": "A" * 201},
    "bytes": {"zz": b"x"}, "undefined": {"id": None},
}  # fmt: skip


SEALS: dict[str, dict[str, Any]] = {
    "without identifier": {"uvci": ""}, "without person": {"pid": None}, "of nobody": {"pid": {"n": "X"}}, "with odd birth": {"pid": {"n": "X", "dob": "soon"}}, "without events": {"ve": []}, "with odd event": {"ve": [1]},
    "without doses": {"ve": [{"des": "X", "vd": []}]}, "with odd date": {"ve": [{"des": "X", "vd": [{"dvc": "2026", "ctr": "PRT"}]}]}, "with odd count": {"ve": [{"des": "X", "vd": [{"dvc": "2026-01-01", "seq": "x", "ctr": "PRT"}]}]},
    "with text count": {"ve": [{"des": "X", "vd": [{"dvc": "2026-01-01", "seq": "02", "ctr": "PRT"}]}]}, "in future": {"ve": [{"des": "X", "vd": [{"dvc": "2027-01-01", "ctr": "PRT"}]}]},
}  # fmt: skip


HEADERS: dict[str, Any] = {
    "alg": {"zip": "DEF", "alg": "none", "kid": "card-key"}, "zip": {"alg": "ES256", "kid": "card-key"}, "kid": {"zip": "DEF", "alg": "ES256"}, "crit": {"zip": "DEF", "alg": "ES256", "kid": "card-key", "crit": []},
    "b64": {"zip": "DEF", "alg": "ES256", "kid": "card-key", "b64": True}, "other key": {"zip": "DEF", "alg": "ES256", "kid": "x"}, "long kid": {"zip": "DEF", "alg": "ES256", "kid": "x" * 257}, "list": [],
}  # fmt: skip


def _bundle(said: dict[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = said["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    return entries


CLAIMS: dict[str, Any] = {
    "no issuer": lambda said: said.pop("iss"), "http": lambda said: said.update(iss="http://x"), "slash": lambda said: said.update(iss=ISSUER + "/"), "other issuer": lambda said: said.update(iss="https://other.example"),
    "no begin": lambda said: said.pop("nbf"), "text begin": lambda said: said.update(nbf="1"), "true begin": lambda said: said.update(nbf=True), "milliseconds": lambda said: said.update(nbf=said["nbf"] * 1000),
    "ends milliseconds": lambda said: said.update(exp=said["exp"] * 1000), "ends first": lambda said: said.update(exp=said["nbf"]), "fraction": lambda said: said.update(nbf=said["nbf"] + 0.5),
    "no credential": lambda said: said.pop("vc"), "types": lambda said: said["vc"].update(type=["x"]), "type text": lambda said: said["vc"].update(type="x"), "more types": lambda said: said["vc"]["type"].append("https://x"),
    "no fhir": lambda said: said["vc"]["credentialSubject"].pop("fhirVersion"), "no bundle": lambda said: said["vc"]["credentialSubject"].pop("fhirBundle"), "no patient": lambda said: _bundle(said).pop(0),
    "two patients": lambda said: _bundle(said).append({"fullUrl": "resource:9", "resource": {"resourceType": "Patient"}}), "same address": lambda said: _bundle(said).append(_bundle(said)[0]),
    "nothing": lambda said: _bundle(said).pop(1), "status": lambda said: _bundle(said)[1]["resource"].update(status="x"), "not done": lambda said: _bundle(said)[1]["resource"].update(status="not-done"),
    "no date": lambda said: _bundle(said)[1]["resource"].pop("occurrenceDateTime"), "no such date": lambda said: _bundle(said)[1]["resource"].update(occurrenceDateTime="2026-02-30"), "odd date": lambda said: _bundle(said)[1]["resource"].update(occurrenceDateTime="soon"),
    "later": lambda said: _bundle(said)[1]["resource"].update(occurrenceDateTime="2026-05-01"), "two dates": lambda said: _bundle(said)[1]["resource"].update(occurrenceString="x"),
    "no code": lambda said: _bundle(said)[1]["resource"].update(vaccineCode={}), "no patient named": lambda said: _bundle(said)[1]["resource"].pop("patient"),
    "dangling": lambda said: _bundle(said)[1]["resource"].update(patient={"reference": "x"}), "of itself": lambda said: _bundle(said)[1]["resource"].update(patient={"reference": "resource:1"}),
    "meta": lambda said: _bundle(said)[1]["resource"].update(meta={"x": 1}), "meta list": lambda said: _bundle(said)[1]["resource"].update(meta=[]), "empty": lambda said: _bundle(said)[1]["resource"].update(note=[]),
    "null": lambda said: _bundle(said)[1]["resource"].update(note=None), "lot": lambda said: _bundle(said)[1]["resource"].update(lotNumber=7), "doses": lambda said: _bundle(said)[1]["resource"].update(protocolApplied=[{"doseNumberPositiveInt": 0}]),
    "name": lambda said: _bundle(said)[0]["resource"].update(name="x"), "given": lambda said: _bundle(said)[0]["resource"].update(name=[{"given": "x"}]), "birth": lambda said: _bundle(said)[0]["resource"].update(birthDate="x"),
    "gender": lambda said: _bundle(said)[0]["resource"].update(gender="x"), "rid": lambda said: said["vc"].update(rid="no good!"), "rid number": lambda said: said["vc"].update(rid=1),
    "prototype": lambda said: _bundle(said).append({"fullUrl": "__proto__", "resource": {"resourceType": "constructor"}}), "observation": lambda said: _bundle(said).append({"fullUrl": "resource:2", "resource": {
        "resourceType": "Observation", "status": "final", "subject": {"reference": "resource:0"}, "code": {"coding": [{"system": "http://loinc.org", "code": "94558-4"}]}, "valueQuantity": {"value": 1.5, "unit": "x"}}}),
    "condition": lambda said: _bundle(said).append({"fullUrl": "resource:2", "resource": {"resourceType": "Condition", "subject": {"reference": "resource:0"}, "code": {"coding": [{"code": "1"}]},
        "clinicalStatus": {"coding": [{"code": "resolved"}]}, "onsetDateTime": "2026-01-01"}}),
}  # fmt: skip
