"""Seals whose signer stands in no list: believed when an authority that does has signed the certificate they carry."""

import hashlib
from copy import deepcopy

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from openconsular.domain.health.signing.keys import signing_with
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.domain.health.trust.vds_signers import read_vds_signers
from openconsular.domain.health.verdict import CheckName, Layer, Outcome, State
from openconsular.domain.health.verify import NoRevocations, verify
from tests.domain.health.test_attacks_formats import seal
from tests.domain.health.test_vds_nc import TEST, VACCINATION, changed
from tests.domain.health.trust_world import NOW, YEAR, Held, make

ROOT = make("CSCA PT", authority=True)
SIGNER = make("Seals PT", by=ROOT)
EVENT = VACCINATION["data"]["msg"]["ve"][0]
DOSE = EVENT["vd"][0]


def listing(*held: Held, list_id: str = "seals") -> TrustStore:
    raw = b"".join(one.pem for one in held)
    confirmed = hashlib.sha256(raw).hexdigest()
    return TrustStore().with_list(
        read_vds_signers(
            raw, list_id=list_id, environment=Environment.LIVE, fetched_at=NOW, confirmed=confirmed
        )
    )


AUTHORITY_ALONE = listing(ROOT)


def sealed(by: Held, country: str = "PRT", **more: object) -> str:
    data = deepcopy(VACCINATION["data"])
    data["hdr"]["is"] = country
    for dose in data["msg"]["ve"][0]["vd"]:
        dose["dvc"] = "2026-02-03"
    _, sign = signing_with(by.key)
    return seal(data, **{"cer": by.der, "sign": sign, **more})


def judged(text: str, trust: TrustStore = AUTHORITY_ALONE, now=NOW):
    return verify(text, trust=trust, revocations=NoRevocations(), now=now)


def test_a_signer_nobody_listed_is_believed_by_its_authority():
    for trust in (AUTHORITY_ALONE, listing(ROOT, SIGNER), listing(SIGNER)):
        verdict = judged(sealed(SIGNER), trust)
        assert (verdict.state, verdict.reason) == (State.VALID, "")
        signature = verdict.checks[1]
        assert (signature.name, signature.outcome, signature.as_of) == (
            CheckName.SIGNATURE, Outcome.PASSED, NOW,
        )  # fmt: skip


def test_a_certificate_carried_along_vouches_for_its_own_key_alone():
    other = ec.generate_private_key(ec.SECP256R1())
    verdict = judged(sealed(SIGNER, sign=signing_with(other)[1]))
    assert (verdict.state, verdict.reason, verdict.layer) == (
        State.BROKEN,
        "signature-wrong",
        Layer.SIGNATURE,
    )


def test_a_signer_without_an_authority_is_a_stranger():
    for trust in (TrustStore(), listing(make("CSCA ES", authority=True, country="ES"))):
        verdict = judged(sealed(SIGNER), trust)
        assert (verdict.state, verdict.reason) == (State.UNKNOWN_ISSUER, "chain-missing")
    rogue = make("Seals PT", by=Held(ec.generate_private_key(ec.SECP256R1()), ROOT.certificate))
    assert judged(sealed(rogue)).state is State.UNKNOWN_ISSUER


def test_a_carried_signer_is_bound_like_a_listed_one():
    assert judged(sealed(SIGNER, "FRA")).reason == "issuer-differs"
    assert judged(sealed(make("Seals short", by=ROOT, end=NOW))).state is State.VALID
    assert judged(sealed(SIGNER), now=NOW + YEAR * 2).state is State.EXPIRED


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("data.msg.ve.0.vd", [DOSE] * 100, ""),
        ("data.msg.ve.0.vd", [DOSE] * 101, "part-absent"),
        ("data.msg.ve", [{**EVENT, "vd": [DOSE] * 50}] * 2, ""),
        ("data.msg.ve", [{**EVENT, "vd": [DOSE] * 51}] * 2, "too-many-doses"),
        ("data.msg.ve.0.vd.0.seq", 99, ""),
        ("data.msg.ve.0.vd.0.seq", "99", ""),
        ("data.msg.ve.0.vd.0.seq", 100, "dose-malformed"),
        ("data.msg.ve.0.vd.0.seq", "100", "dose-malformed"),
        ("data.msg.ve.0.vd.0.seq", True, "dose-malformed"),
        ("data.msg.ve.0.vd.0.ctr", "", "text-absent"),
        ("data.msg.ve.0.des", "", "text-absent"),
        ("data.msg.pid.n", "", "text-absent"),
    ],
)
def test_what_a_stranger_s_seal_says_is_looked_at_all_the_same(path, value, code):
    verdict = judged(changed(VACCINATION, path, value))
    assert verdict.state is State.UNKNOWN_ISSUER
    assert verdict.checks[-1].reason == code
    assert (verdict.certificate is None) is bool(code)


@pytest.mark.parametrize(
    ("path", "code"), [("sig.sigvl", "signature-malformed"), ("sig.cer", "signer-certificate-absent")]
)
def test_one_letter_is_no_base64url(path, code):
    verdict = judged(changed(VACCINATION, path, "A"))
    assert (verdict.state, verdict.layer, verdict.reason) == (State.BROKEN, Layer.SIGNATURE, code)


def test_a_long_signature_belongs_to_a_long_curve():
    key = ec.generate_private_key(ec.SECP384R1())
    held = make("Seals long", by=ROOT, key=key)
    data = deepcopy(TEST["data"])
    data["hdr"]["is"] = "PRT"
    data["msg"]["dat"] = {"sc": "2026-02-03", "ri": "2026-02-03"}

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA384())))
        return r.to_bytes(48) + s.to_bytes(48)

    assert judged(seal(data, cer=held.der, sign=sign, alg="ES384")).state is State.VALID
    for wrong in (lambda m: sign(m) + b"\0", lambda m: sign(m)[:-1], lambda m: sign(m)[:64]):
        assert judged(seal(data, cer=held.der, sign=wrong, alg="ES384")).reason == "signature-length"
    assert (
        judged(seal(data, cer=held.der, sign=lambda m: sign(m + b"."), alg="ES384")).reason
        == "signature-wrong"
    )


def test_a_document_s_number_stands_in_either_of_two_places():
    for told, number in (({"i": "E1"}, "E1"), ({"dn": "P2"}, "P2"), ({"i": "E1", "dn": "P2"}, "E1")):
        person = {"n": "SMITH  JANE", **told}
        [*_, content] = judged(changed(VACCINATION, "data.msg.pid", person)).checks
        assert content.reason == ""
        assert (
            judged(changed(VACCINATION, "data.msg.pid", person)).certificate.holder.document_number == number
        )
    disease = judged(changed(VACCINATION, "data.msg.ve.0.dis", None)).certificate.entries[0].disease
    assert (disease.code, disease.system) == ("", "")
    known = judged(changed(VACCINATION, "data.msg.ve.0.dis", "RA01.0")).certificate.entries[0].disease
    assert (known.code, known.system) == ("RA01.0", "http://id.who.int/icd/release/11/mms")
