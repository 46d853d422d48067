"""Editions of lists: put together from several documents, never an earlier one again, with their time by their own word."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.certificate import Algorithm, Format, Kind
from openconsular.domain.health.hcert.issue import Payload, issue
from openconsular.domain.health.records.recording import write_down
from openconsular.domain.health.trust.bundle import pack
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.foundation.errors import InvalidInput
from openconsular.gateways.trust_lists.base import ListUnavailable
from openconsular.gateways.trust_lists.folder import FolderLists
from openconsular.health_certificates import fetching
from openconsular.health_certificates.actions import trust
from openconsular.health_certificates.custody import signer_with
from openconsular.health_certificates.models import TrustEdition
from openconsular.health_certificates.queries.lists import opened_list
from openconsular.health_certificates.queries.trust import lists, verify
from openconsular.health_certificates.trusting import ListRefused
from tests.domain.health.trust_world import SIGNER_DID, Held, did_bytes, did_method, make, raw_of
from tests.health_certificates.conftest import DOSE, KEEPER

pytestmark = pytest.mark.django_db

NETWORK = ec.generate_private_key(ec.SECP256R1())
HOUR = timedelta(hours=1)
ROOT_DID, LEAF_DID = (f"did:web:lists.example:v2:trustlist{path}" for path in ("-ref:-", ":-:PRT:DSC"))


def pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def chain(now):
    """An authority, two signers below it."""
    span = {"start": now - timedelta(days=90), "end": now + timedelta(days=400)}
    root = make("CSCA PT", authority=True, **span)
    return root, make("DSC 1", by=root, **span), make("DSC 2", by=root, **span)


@pytest.fixture
def network(now):
    anchors = {"public_key": pem_of(NETWORK), "verification_method": SIGNER_DID}
    url = "https://lists.example/v2/trustlist-ref/-/did.json"
    return trust.add_source(name="who", kind="gdhcn-did", url=url, anchors=anchors, by=KEEPER, now=now)


def document(did: str, methods: list, at: datetime) -> bytes:
    return did_bytes(methods, NETWORK, did=did, created=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def leaf(held: Held, root: Held, at: datetime, did: str = LEAF_DID) -> bytes:
    return document(did, [did_method(":-:PRT:DSC", held.jwk(root))], at)


def certificate_by(signer: Held, now: datetime) -> str:
    written = write_down(
        DOSE,
        certificate_format=Format.EU_DCC,
        kind=Kind.VACCINATION,
        country="PT",
        issuer="X",
        today=now.date(),
    )
    return issue(
        Payload(Format.EU_DCC, written.holder, written.entry),
        sign=signer_with(signer.key),
        algorithm=Algorithm.ES256,
        key_id=bytes.fromhex(signer.key_id),
        issuer="PT",
        issued_at=now,
        expires_at=now + timedelta(days=30),
    )


def refusal(take) -> str:
    with pytest.raises((ListRefused, ListUnavailable, TrustRefused)) as refused:
        take()
    return refused.value.code


class TestReferences:
    def folder(self, tmp_path, **documents: bytes) -> FolderLists:
        places = {"root": "v2/trustlist-ref/-", "leaf": "v2/trustlist/-/PRT/DSC"}
        for name, content in documents.items():
            place = tmp_path / "lists.example" / places[name]
            place.mkdir(parents=True, exist_ok=True)
            (place / "did.json").write_bytes(content)
        return FolderLists(tmp_path)

    def test_a_list_put_together_from_what_it_refers_to(self, chain, network, tmp_path, now):
        root, signer, _ = chain
        reader = self.folder(
            tmp_path, root=document(ROOT_DID, [LEAF_DID], now), leaf=leaf(signer, root, now - 30 * HOUR)
        )
        content = fetching.gather(network, reader, now)
        edition = trust.import_list(name="who", content=content, by=KEEPER, now=now)
        assert (edition.key_count, edition.proof, edition.as_of) == (1, "verified", now - 30 * HOUR)
        assert verify(certificate_by(signer, now), now=now).state == "valid"

    def test_no_part_is_replaced_by_an_older_one(self, chain, network, now):
        root, signer, other = chain
        first = pack([document(ROOT_DID, [LEAF_DID], now), leaf(signer, root, now)])
        trust.import_list(name="who", content=first, by=KEEPER, now=now)
        again = pack([document(ROOT_DID, [LEAF_DID], now + HOUR), leaf(other, root, now - HOUR)])
        take = lambda: trust.import_list(name="who", content=again, by=KEEPER, now=now + HOUR)  # noqa: E731
        assert refusal(take) == "list-older"

    def test_what_is_missing_is_said(self, network, tmp_path, now):
        alone = document(ROOT_DID, [LEAF_DID], now)
        take = lambda: trust.import_list(name="who", content=alone, by=KEEPER, now=now)  # noqa: E731
        assert refusal(take) == "references-missing"
        reader = self.folder(tmp_path, root=alone)
        assert refusal(lambda: fetching.gather(network, reader, now)) == "list-unreachable"

    @pytest.mark.parametrize(
        "did", ["did:web:evil.example:x", "did:web:127.0.0.1:x", "did:web:lists.example%3A8443:x"]
    )
    def test_a_signed_list_leads_nowhere_else_either(self, network, tmp_path, did, now):
        reader = self.folder(tmp_path, root=document(ROOT_DID, [did], now))
        assert refusal(lambda: fetching.gather(network, reader, now)) == "list-elsewhere"

    def test_references_of_a_forged_list_are_not_followed(self, network, tmp_path, now):
        forged = document(ROOT_DID, [LEAF_DID], now).replace(b"PRT", b"ESP")
        reader = self.folder(tmp_path, root=forged)
        assert refusal(lambda: fetching.gather(network, reader, now)) == "proof-wrong"
        network.anchors = ""
        reader = self.folder(tmp_path, root=document(ROOT_DID, [LEAF_DID], now))
        assert refusal(lambda: fetching.gather(network, reader, now)) == "proof-missing"

    def test_several_files_confirmed_as_one(self, chain, now):
        root, signer, _ = chain
        trust.add_source(name="stick", kind="gdhcn-did", by=KEEPER, now=now)
        content = pack([document(ROOT_DID, [LEAF_DID], now), leaf(signer, root, now)])
        told = hashlib.sha256(content).hexdigest()
        edition = trust.import_list(name="stick", content=content, confirmed=told, by=KEEPER, now=now)
        assert (edition.proof, edition.key_count) == ("confirmed", 1)
        assert verify(certificate_by(signer, now), now=now).state == "valid"
        take = lambda: trust.import_list(  # noqa: E731
            name="stick", content=content, confirmed="00" * 32, by=KEEPER, now=now
        )
        assert refusal(take) == "fingerprint-wrong"


def plain(*held: Held) -> bytes:
    entries = [{"kid": one.kid64, "country": "PT", "rawData": one.text} for one in held]
    return json.dumps({"certificates": entries}).encode()


def take_plain(now, *held: Held, **more):
    content = plain(*held)
    told = hashlib.sha256(content).hexdigest()
    return trust.import_list(name="plain", content=content, confirmed=told, by=KEEPER, now=now, **more)


class TestListsWithoutADate:
    @pytest.fixture(autouse=True)
    def source(self, now):
        trust.add_source(name="plain", kind="dsc-list", by=KEEPER, now=now)

    def test_an_edition_that_was_replaced_is_not_taken_again(self, chain, now):
        _, one, two = chain
        take_plain(now, one, two)
        take_plain(now + HOUR, two)
        assert refusal(lambda: take_plain(now + 2 * HOUR, one, two)) == "list-seen-before"
        assert lists(now=now + 2 * HOUR)[0].keys == 1
        assert take_plain(now + 3 * HOUR, one, two, goes_back=True).key_count == 2
        assert TrustEdition.objects.count() == 3

    def test_the_same_again_and_a_new_one_are_taken(self, chain, now):
        _, one, two = chain
        take_plain(now, one)
        take_plain(now + HOUR, one)
        take_plain(now + 2 * HOUR, one, two)
        assert lists(now=now + 3 * HOUR)[0].keys == 2

    def test_going_back_is_told_in_the_record(self, chain, now):
        from openconsular.foundation.models import AuditEntry

        _, one, two = chain
        take_plain(now, one)
        take_plain(now + HOUR, two)
        take_plain(now + 2 * HOUR, one, goes_back=True)
        entry = AuditEntry.objects.filter(action="certificate.list_import").order_by("-pk").first()
        assert entry.detail["goes_back"] is True


def signed_list(at: datetime, until: datetime, *held: Held) -> bytes:
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    keys = {"PT": {"keys": [one.jwk() for one in held]}}
    claims = {"iat": int(at.timestamp()), "exp": int(until.timestamp()), "dsc_trust_list": keys}
    signed = part({"alg": "ES256", "typ": "JOSE"}) + b"." + part(claims)
    signature = raw_of(NETWORK.sign(signed, ec.ECDSA(SHA256())))
    return signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


class TestListsWithADate:
    @pytest.fixture(autouse=True)
    def source(self, now):
        trust.add_source(
            name="dated", kind="dsc-list", anchors={"public_key": pem_of(NETWORK)}, by=KEEPER, now=now
        )

    def take(self, at, now, *held):
        return trust.import_list(
            name="dated", content=signed_list(at, at + 24 * HOUR, *held), by=KEEPER, now=now
        )

    def test_ordered_by_when_they_were_signed(self, chain, now):
        _, one, two = chain
        self.take(now, now, one)
        assert refusal(lambda: self.take(now - HOUR, now + HOUR, one, two)) == "list-older"
        self.take(now + HOUR, now + HOUR, two)
        assert self.take(now + 2 * HOUR, now + 2 * HOUR, one).key_count == 1

    def test_the_next_edition_is_awaited_when_the_list_says(self, chain, now):
        self.take(now, now, chain[1])
        [state] = lists(now=now + 23 * HOUR)
        assert (state.is_stale, state.is_overdue, state.valid_until) == (False, False, now + 24 * HOUR)
        [state] = lists(now=now + 25 * HOUR)
        assert state.is_stale and state.is_overdue


def crl_of(root: Held, number: int, at: datetime, *revoked: Held) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    builder = builder.last_update(at).next_update(at + 24 * HOUR)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(at).build())
    return builder.sign(root.key, SHA256()).public_bytes(Encoding.DER)


class TestRevokedSigners:
    @pytest.fixture(autouse=True)
    def held(self, chain, network, now):
        root, one, two = chain
        trust.add_source(name="crl", kind="crl", url="http://pki.example/sca.crl", by=KEEPER, now=now)
        methods = [did_method(":-:PRT:DSC", signer.jwk(root)) for signer in (one, two)]
        content = document(LEAF_DID, methods, now)
        trust.import_list(name="who", content=content, by=KEEPER, now=now)

    def take(self, content, now):
        return trust.import_list(name="crl", content=content, by=KEEPER, now=now)

    def test_what_a_revoked_signer_signed_counts_no_more(self, chain, now):
        root, one, two = chain
        assert verify(certificate_by(two, now), now=now).state == "valid"
        edition = self.take(crl_of(root, 1, now, two), now)
        assert (edition.key_count, edition.proof) == (1, "verified")
        verdict = verify(certificate_by(two, now), now=now)
        assert (verdict.state, verdict.reason) == ("broken", "signer-revoked")
        assert verify(certificate_by(one, now), now=now).state == "valid"
        opened = opened_list("who", now=now)
        assert [one.code for one in opened.content.problems] == ["signer-revoked"]
        trust.switch_source(name="crl", is_enabled=False, by=KEEPER, now=now)
        assert verify(certificate_by(two, now), now=now).state == "valid"

    def test_never_an_older_one(self, chain, now):
        root, _, two = chain
        self.take(crl_of(root, 5, now, two), now)
        assert refusal(lambda: self.take(crl_of(root, 4, now + HOUR), now + HOUR)) == "list-older"
        assert refusal(lambda: self.take(crl_of(root, 6, now - HOUR), now + HOUR)) == "list-older"
        self.take(crl_of(root, 6, now + HOUR), now + HOUR)
        assert verify(certificate_by(two, now), now=now + HOUR).state == "valid"

    def test_of_nobody_known(self, chain, now):
        stranger = make("CSCA PT", authority=True)
        assert refusal(lambda: self.take(crl_of(stranger, 1, now), now)) == "proof-wrong"
        other = make("CSCA ES", authority=True, country="ES")
        assert refusal(lambda: self.take(crl_of(other, 1, now), now)) == "crl-signer-unknown"
        pem = other.pem.decode()
        trust.add_source(name="es", kind="crl", anchors={"public_key": pem}, by=KEEPER, now=now)
        assert trust.import_list(name="es", content=crl_of(other, 1, now), by=KEEPER, now=now).key_count == 0

    def test_its_next_one_is_awaited(self, chain, now):
        self.take(crl_of(chain[0], 1, now), now)
        state = next(one for one in lists(now=now + 25 * HOUR) if one.name == "crl")
        assert state.is_overdue

    def test_only_such_a_list_comes_over_http(self, now):
        for kind in ("gdhcn-did", "dsc-list", "jwks", "vds-nc", "revocations"):
            with pytest.raises(InvalidInput):
                trust.add_source(name="x", kind=kind, url="http://a.example/x", by=KEEPER, now=now)
        with pytest.raises(InvalidInput):
            trust.add_source(name="x", kind="crl", url="ftp://a.example/x", by=KEEPER, now=now)
