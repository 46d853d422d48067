"""Lists of others: taken by file, never older, never of the other environment, each with its age."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from openconsular.domain.health.certificate import Algorithm, Format, Kind
from openconsular.domain.health.hcert.issue import Payload, issue
from openconsular.domain.health.records.recording import write_down
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.errors import InvalidInput, NotAllowed
from openconsular.health_certificates import custody, publishing, trusting
from openconsular.health_certificates.actions import keys, trust
from openconsular.health_certificates.models import SigningKey, TrustEdition
from openconsular.health_certificates.queries.trust import lists, verify
from openconsular.health_certificates.trusting import ListRefused
from tests.health_certificates.conftest import DOSE, KEEPER, make_chain

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(db, now):
    """The list of another country, and a certificate of it: its key is ours no more once it was exported."""
    key = make_chain(now, label="theirs")
    content = publishing.own_list()
    written = write_down(
        DOSE,
        certificate_format=Format.EU_DCC,
        kind=Kind.VACCINATION,
        country="CN",
        issuer="X",
        today=now.date(),
    )
    text = issue(
        Payload(Format.EU_DCC, written.holder, replace(written.entry, identifier="URN:UVCI:01:CN:A#B")),
        sign=custody.signer_of(key),
        algorithm=Algorithm.ES256,
        key_id=bytes(key.kid),
        issuer="CN",
        issued_at=now,
        expires_at=now + timedelta(days=30),
    )
    keys.retire_key(label=key.label, reason="a stranger's", is_compromised=True, by=KEEPER, now=now)
    return content, text


@pytest.fixture
def source(now):
    return trust.add_source(name="theirs", kind="dsc-list", by=KEEPER, now=now)


def take(content, now, name="theirs", is_confirmed=True):
    """As a person who compared the fingerprint of the file."""
    confirmed = hashlib.sha256(content).hexdigest() if is_confirmed else ""
    return trust.import_list(name=name, content=content, confirmed=confirmed, by=KEEPER, now=now)


def test_a_stranger_is_known_once_their_list_is_taken(stranger, source, now):
    content, text = stranger
    assert verify(text, now=now).state == "unknown-issuer"
    assert take(content, now).key_count == 1
    assert verify(text, now=now).state == "valid"
    trust.switch_source(name="theirs", is_enabled=False, by=KEEPER, now=now)
    assert verify(text, now=now).state == "unknown-issuer"


def test_an_older_list_is_refused_by_action_and_table(stranger, source, now):
    content, _ = stranger
    take(content, now)
    with pytest.raises(ListRefused) as refusal:
        take(b'{"certificates": []}', now - timedelta(hours=1))
    assert refusal.value.code == "list-older"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO health_certificates_trustedition (source_id, sequence, as_of, digest, content, key_count,"
            " problem_count, proof, taken_at, taken_by) SELECT source_id, sequence - 1, as_of, 'x', '', 0, 0, '',"
            " now(), 'x' FROM health_certificates_trustedition"
        )


def test_the_same_list_again_is_a_fresh_look(stranger, source, now):
    content, _ = stranger
    take(content, now)
    take(content, now + timedelta(hours=30))
    assert TrustEdition.objects.count() == 1
    state = lists(now=now + timedelta(hours=40))[0]
    assert (state.age, state.is_stale, state.keys) == (timedelta(hours=10), False, 1)
    assert lists(now=now + timedelta(hours=90))[0].is_stale


def test_a_list_of_the_test_network_is_nothing_in_the_live_one(stranger, source, now, settings):
    content, text = stranger
    take(content, now)
    settings.CERTIFICATES = "live"
    assert verify(text, now=now).state == "unknown-issuer"
    assert lists(now=now) == []
    did = {"id": "did:web:tng-cdn-dev.who.int:v2:trustlist", "verificationMethod": []}
    trust.add_source(name="who", kind="gdhcn-did", by=KEEPER, now=now)
    with pytest.raises(ListRefused) as refusal:
        take(json.dumps(did).encode(), now, "who")
    assert refusal.value.code == "other-environment"


def test_a_list_that_should_be_signed_must_be(list_key, now):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    public = load_der_public_key(bytes(list_key.public_key))
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    trust.add_source(name="ours", kind="dsc-list", anchors={"public_key": pem}, by=KEEPER, now=now)
    whole = publishing.signed(publishing.own_list(), now)
    assert take(whole, now, "ours").proof == "verified"
    for wrong in (publishing.own_list(), whole.replace(b"DSC", b"DSD"), b"AAAA\n" + publishing.own_list()):
        with pytest.raises(ListRefused):
            take(wrong, now + timedelta(days=1), "ours")


def test_a_file_whose_fingerprint_was_compared(stranger, now):
    content, _ = stranger
    anchors = {"confirmed": hashlib.sha256(content).hexdigest()}
    trust.add_source(name="file", kind="dsc-list", anchors=anchors, by=KEEPER, now=now)
    assert take(content, now, "file", is_confirmed=False).proof == "confirmed"
    with pytest.raises(ListRefused):
        take(content + b" ", now + timedelta(days=1), "file", is_confirmed=False)


def test_keys_of_cards_are_believed_from_the_issuer_s_own_address(signing_key, now, monkeypatch):
    content = json.dumps(publishing.jwks()).encode()
    monkeypatch.setattr(trust, "_download", lambda source, now: content)
    for name, url, is_own in (
        ("a", "https://a.example/keys.json", True),
        ("b", "https://b.example/keys.json", False),
    ):
        trust.add_source(name=name, kind="jwks", url=url, issuer="https://a.example", by=KEEPER, now=now)
        if is_own:
            assert trust.fetch_list(name=name, by=KEEPER, now=now).proof == "verified"
        else:
            with pytest.raises(ListRefused):
                trust.fetch_list(name=name, by=KEEPER, now=now)
    state = {one.name: one for one in lists(now=now)}
    assert state["a"].keys == 1 and not state["a"].fault
    assert state["b"].fault and state["b"].as_of is None


def test_a_list_nobody_vouches_for_is_not_taken(stranger, source, now):
    with pytest.raises(ListRefused) as refusal:
        take(stranger[0], now, is_confirmed=False)
    assert refusal.value.code == "list-not-vouched-for"


@pytest.mark.parametrize("junk", [b"", b"[", b"\xff" * 9, b"[" * 90_000, b'{"id": 1}'])
@pytest.mark.parametrize("kind", ["gdhcn-did", "dsc-list", "jwks", "vds-nc", "revocations"])
def test_junk_is_refused_or_holds_nothing(kind, junk, now):
    trust.add_source(name="junk", kind=kind, by=KEEPER, now=now)
    try:
        assert take(junk, now, "junk").key_count == 0
    except ListRefused as refusal:
        assert refusal.code
    assert trusting.believed().trust.environment == "test"


def test_a_revocation_list_of_another_country_is_taken_and_only_grows(issued, list_key, people, now):
    from openconsular.health_certificates.actions import revocations
    from openconsular.health_certificates.models import RevocationSlice

    def packed(edition):
        body = edition.index_json.encode().partition(b"\n")[2]
        slices = {one.digest: bytes(one.content) for one in RevocationSlice.objects.all()}
        return trust.pack_publication(body, slices)

    made = issued()
    empty = packed(publishing.publish_revocations(now=now))
    revocations.revoke(identifiers=[made.identifier], reason="fraud", by=people["health"], now=now)
    full = packed(publishing.publish_revocations(now=now + timedelta(minutes=1)))
    trust.add_source(name="rev", kind="revocations", issuer="CN-test", by=KEEPER, now=now)
    assert take(empty, now, "rev").key_count == 0
    assert take(full, now, "rev").key_count == 3
    with pytest.raises(ListRefused):
        take(empty, now + timedelta(hours=1), "rev")


def test_only_https_and_only_who_keeps_keys(people, now):
    with pytest.raises(InvalidInput):
        trust.add_source(name="x", kind="jwks", url="http://a.example/jwks", by=KEEPER, now=now)
    for name in set(people) - {"admin"}:
        with pytest.raises(NotAllowed):
            trust.add_source(name="x", kind="jwks", by=people[name], now=now)


def test_the_published_list_is_the_same_bytes_and_base64(list_key, now):
    first = publishing.signed(publishing.store_document(trusting.believed().trust), now)
    assert first == publishing.signed(publishing.store_document(trusting.believed().trust), now)
    assert len(base64.b64decode(first.partition(b"\n")[0])) == 64
    assert SigningKey.objects.filter(purpose=Purpose.LIST).count() == 1
