"""Codes as text files with what others read from them, and the table of the health cards' own validator."""

import base64
import json

import cbor2
import pytest

from openconsular.domain.health.carriers.codes import qr_svg
from openconsular.domain.health.conformance import (
    LARGEST_FILE,
    content_of,
    files,
    gdhcn,
    left_out,
    read_json,
    smart,
    tokens,
)
from openconsular.domain.health.smart import numeric
from openconsular.domain.health.smart.issue import sealed
from tests.domain.health.hcert_world import KEY_ID, claims, dcc, icvp, text_of

DDCC = {"name": "Nemo Nobody", "vaccine": {"code": "XM68M6"}, "lot": "1", "date": "2026-02-18", "hcid": "H1"}


def write(folder, name, value):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str | bytes) else json.dumps(value)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def unpacked(told, key_id=KEY_ID):
    plain = json.loads(json.dumps({str(key): value for key, value in told.items()}))
    header = {"1": -7, "4": base64.urlsafe_b64encode(key_id).decode().rstrip("=")}
    return {"protectedAttributes": header, "unprotectedAttributes": {}, "contents": plain}


def bundle(*doses, name="Gabriele Musterfrau-Gößinger"):
    entries = [{"resourceType": "Patient", "name": [{"text": name}]}]
    entries += [{"resourceType": "Immunization", **dose} for dose in doses]
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in entries]}


def ran(folder):
    return {suite.name: suite for suite in gdhcn.run(folder)}


def found(folder):
    return {
        one.vector: (one.found, one.cause)
        for suite in ran(folder).values()
        for one in suite.disagreements
    }  # fmt: skip


def test_what_was_unpacked_in_each_of_its_forms(tmp_path):
    token = claims(dcc())
    text = text_of(token)
    for name, told in (
        ("whole", unpacked(token)),
        ("contents", json.loads(json.dumps({str(key): value for key, value in token.items()}))),
        ("claim", dcc()),
        ("with more", {**unpacked(token), "somethingNew": 1}),
    ):
        write(tmp_path, f"{name}/XContents.txt", text)
        write(tmp_path, f"{name}/XUnpacked.json", told)
    write(tmp_path, "as text/YContents.txt", "\ufeff" + text + "\r\n")
    write(tmp_path, "as text/YUnpacked.txt", b"\xef\xbb\xbf" + json.dumps(dcc()).encode())
    write(tmp_path, "nothing beside/ZContents.txt", text)
    assert found(tmp_path) == {}
    assert {name: suite.vectors for name, suite in ran(tmp_path).items()} == {
        "eu-dcc": 5,
        "icvp": 0,
        "ddcc": 0,
    }


def test_contents_of_another_code_differ(tmp_path):
    write(tmp_path, "XContents.txt", text_of(claims(dcc())))
    write(tmp_path, "XUnpacked.json", unpacked(claims(dcc(dob="1977-01-01"))))
    write(tmp_path, "YQR.txt", text_of(claims(icvp(), -6)))
    write(tmp_path, "YQRUnpacked.json", unpacked(claims(icvp(), -6), key_id=b"12345678"))
    assert found(tmp_path) == {
        "XContents.txt": ("the contents differ", None),
        "YQR.txt": ("the key identifier differs", None),
    }


def test_a_bundle_alone_is_compared(tmp_path):
    text = text_of(claims(dcc()))
    for name, told in (
        ("Right", bundle({"occurrenceDateTime": "2026-02-18T00:00:00"})),
        ("Undated", bundle({})),
        ("Odd", {"entry": [7, {"resource": 3}, {"resource": {"resourceType": "Patient", "name": [5]}}]}),
        ("Late", bundle({"occurrenceDateTime": "2026-02-19"})),
        ("Other", bundle(name="Somebody Else")),
    ):
        write(tmp_path, f"{name}Contents.txt", text)
        write(tmp_path, f"{name}FHIRBundle.json", told)
    assert set(found(tmp_path)) == {"LateContents.txt", "OddContents.txt", "OtherContents.txt"}


def test_causes_are_in_the_code_and_not_in_its_name(tmp_path):
    endless = text_of(claims(dcc(), exp=float("nan")))
    undated = {key: value for key, value in DDCC.items() if key != "date"}
    for name, text, told in (
        ("A", endless, {"contents": {}}),
        ("B", text_of({1: "AT", 6: 1_700_000_000, **undated, "date": cbor2.undefined}), {"contents": {"1": "AT", "6": 1_700_000_000, **undated, "date": None}}),
        ("C", text_of({1: "AT", 6: 1_700_000_000, **undated}), {"contents": {"1": "AT", "6": 1_700_000_000, **undated}}),
        ("D", text_of({1: "AT", 6: 1_700_000_000, **DDCC, "date": "soon"}), {"contents": {"1": "AT", "6": 1_700_000_000, **DDCC, "date": "soon"}}),
        ("E", text_of(claims(dcc(), iss=7)), {"contents": {}}),
    ):  # fmt: skip
        write(tmp_path, f"{name}Contents.txt", text)
        write(tmp_path, f"{name}Unpacked.json", told)
    assert {name: cause for name, (_, cause) in found(tmp_path).items()} == {
        "AContents.txt": tokens.ODD_INSTANT,
        "BContents.txt": gdhcn.DATE_MISSING,
        "CContents.txt": gdhcn.DATE_MISSING,
        "DContents.txt": None,
        "EContents.txt": None,
    }


def test_files_that_are_not_run_are_named(tmp_path):
    write(tmp_path, "a/broken.json", "{")
    write(tmp_path, "a/null.json", "null")
    write(tmp_path, "a/marked.json", b"\xef\xbb\xbf{}")
    write(tmp_path, "b/alone.txt", "\ufeff HC1:ABC")
    write(tmp_path, "b/words.txt", "HC2:ABC")
    write(tmp_path, "b/XContents.txt", "HC1:ABC")
    write(tmp_path, "b/XFHIRBundle.json", "{}")
    (tmp_path / "c.json").symlink_to(tmp_path / "nowhere")
    with (tmp_path / "large.json").open("wb") as large:
        large.truncate(LARGEST_FILE + 1)
    assert list(left_out.left_out(tmp_path)) == [
        ("a/broken.json", left_out.NOT_JSON),
        ("b/alone.txt", left_out.NOTHING_BESIDE),
        ("c.json", left_out.UNREADABLE),
        ("large.json", left_out.TOO_LARGE),
    ]


def test_what_cannot_be_read_is_nothing(tmp_path):
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "round.json").symlink_to(tmp_path / "round.json")
    (tmp_path / "folder.txt").mkdir()
    write(tmp_path, "XContents.txt", b"HC1:\xff\xfe\x00")
    write(tmp_path, "XUnpacked.json", "[]")
    assert content_of(tmp_path / "gone.txt") == b"" and read_json(tmp_path / "round.json") is None
    assert [one.name for one in files(tmp_path, ".txt")] == ["XContents.txt"]
    assert found(tmp_path) == {}


# ---------------------------------------------------------------- the table of health cards


def card(*resources):
    payload = {
        "iss": "https://spec.smarthealth.cards/examples/issuer",
        "nbf": 1_767_225_600,
        "vc": {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {
                "fhirVersion": "4.0.1",
                "fhirBundle": {
                    "resourceType": "Bundle",
                    "type": "collection",
                    "entry": [
                        {"fullUrl": f"resource:{at}", "resource": one} for at, one in enumerate(resources)
                    ],
                },
            },
        },
    }
    return sealed(json.dumps(payload).encode(), key_id=smart.own_key_id(), sign=smart.sign)


PATIENT = {"resourceType": "Patient", "name": [{"family": "Nobody"}], "birthDate": "1980-01-02"}
DOSE = {
    "resourceType": "Immunization",
    "status": "completed",
    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]},
    "patient": {"reference": "resource:0"},
    "occurrenceDateTime": "2025-12-01",
}
RESULT = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "94558-4"}]},
    "effectiveDateTime": "2025-12-01",
    "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260415000"}]},
}


def table(folder, *rows):
    write(
        folder,
        "EXPECTED.extracted.json",
        [{"name": name, "files": names, "raw": raw} for name, names, raw in rows],
    )


def outcome(folder):
    [suite] = smart.run(folder)
    return suite.agree, {one.vector.partition(": ")[2]: one.cause for one in suite.disagreements}


def test_good_cards_in_every_form(tmp_path):
    jws = card(PATIENT, DOSE)
    write(tmp_path, "testdata/c.txt", jws)
    write(tmp_path, "testdata/q.txt", numeric.codes(jws)[0])
    write(tmp_path, "testdata/q.svg", qr_svg(numeric.codes(jws)[0]))
    write(tmp_path, "testdata/f.smart-health-card", {"verifiableCredential": [jws]})
    table(
        tmp_path,
        ("jws", ["c.txt"], "testCard(['c.txt'], \"jws\"));"),
        ("digits", ["q.txt"], "testCard(['q.txt'], 'qrnumeric'));"),
        ("drawn", ["q.svg"], "testCard(['q.svg'], 'qr'));"),
        ("file", ["f.smart-health-card"], "testCard(['f.smart-health-card'], 'healthcard'));"),
        ("elsewhere", ["gone.txt"], "testCard(['gone.txt'], 'jws'));"),
    )
    assert outcome(tmp_path) == (4, {})


def test_a_card_about_nobody_is_explained_by_its_bundle(tmp_path):
    write(tmp_path, "testdata/nobody.txt", card(RESULT))
    write(tmp_path, "testdata/somebody.txt", card(PATIENT, DOSE))
    raw = "testCard(['x.txt'], \"jws\", [[ec.SCHEMA_ERROR]]));"
    table(tmp_path, ("nobody", ["nobody.txt"], raw), ("somebody", ["somebody.txt"], raw))
    assert outcome(tmp_path) == (0, {"nobody": smart.NOBODY, "somebody": None})


def test_keys_that_a_case_brings_along_are_of_another_issuer(tmp_path):
    write(tmp_path, "testdata/c.txt", card(PATIENT, DOSE).replace(".", ".", 1))
    write(tmp_path, "testdata/keys.json", {"keys": []})
    raw = "testCard(['c.txt'], \"jws\", [[ec.ISSUER_KID_MISMATCH]], { jwkset: 'testdata/keys.json' }));"
    table(tmp_path, ("other key", ["c.txt", "testdata/keys.json"], raw))
    # It is signed with a key its issuer has, so nothing is wrong with it: the case is one that should not be.
    assert outcome(tmp_path) == (0, {"other key": None})


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [7],
        [{"name": 1, "files": ["c.txt"], "raw": "x"}],
        [{"files": ["c.txt"], "raw": "x", "expected_codes": 5}],
        [{"files": ["c.txt"], "raw": "testCard(['c.txt'], 'fhirbundle'));"}],
        [{"files": ["c.txt"], "raw": "testCard(['c.txt'], 'shcunknown'));"}],
        [{"files": ["../c.txt"], "raw": "testCard(['c.txt'], 'jws'));"}],
        [{"files": ["c.txt"], "raw": "testCard(['c.txt'], 'healthcard'));"}],
        [{"files": ["c.txt"], "raw": "testCard(['c.txt'], 'jwspayload', [[ec.X]], {jwkset: 'testdata/no.json'}));"}],
    ],
)  # fmt: skip
def test_odd_tables_do_no_harm(tmp_path, rows):
    write(tmp_path, "EXPECTED.extracted.json", rows)
    write(tmp_path, "testdata/c.txt", b"\xff\xfe")
    assert all(suite.vectors <= 1 for suite in smart.run(tmp_path))
