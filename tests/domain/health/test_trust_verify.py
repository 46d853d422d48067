"""From a published list to a verdict: what the lists say is what a border guard sees."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert.issue import Payload, issue
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, hashes_for, identify
from openconsular.domain.health.revocation.lists import EVERY_COUNTRY, list_of
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.slices import SliceType, publish, read_publication
from openconsular.domain.health.signing.keys import signing_with
from openconsular.domain.health.trust.did import read_did, read_document
from openconsular.domain.health.trust.model import Environment, TrustList, TrustStore
from openconsular.domain.health.verdict import CheckName, Outcome, State, Verdict
from openconsular.domain.health.verify import verify
from tests.domain.health.trust_world import NOW, YEAR, Held, did_anchor, did_bytes, did_method, make

PUBLISHER = ec.generate_private_key(ec.SECP256R1())
ROOT = make("CSCA PT", authority=True)
SIGNER = make("DSC PT", by=ROOT)
UCI = "URN:UVCI:01:PT:10807843F94AEE0EE5093FBC254BD813#B"
DAY = timedelta(days=1)


def code(held: Held = SIGNER, country: str = "PT") -> str:
    """A vaccination of a person who does not exist, signed by `held`."""
    algorithm, sign = signing_with(held.key)
    entry = Entry(
        Kind.VACCINATION,
        identifier=UCI,
        disease=Coded("840539006"),
        vaccine=Coded("1119349007"),
        product=Coded("EU/1/20/1528"),
        maker=Coded("ORG-100030215"),
        dose=2,
        doses=2,
        happened_on="2026-01-10",
        country=country,
        issuer="Ministry of Health, Republic of Nowhere",
    )
    holder = Holder(family_name="Nobody", given_name="Nemo", born_on="1980-01-01")
    return issue(
        Payload(Format.EU_DCC, holder, entry),
        sign=sign,
        algorithm=algorithm,
        key_id=bytes.fromhex(held.key_id),
        issuer=country,
        issued_at=NOW - DAY,
        expires_at=NOW + 100 * DAY,
    )


def read(
    *methods: Any, created: str = "2026-03-01T00:00:00Z", environment: Environment = Environment.LIVE
) -> TrustList:
    raw = did_bytes(list(methods), PUBLISHER, created=created)
    document = read_document(raw, environment=environment, fetched_at=NOW, anchor=did_anchor(PUBLISHER))
    return read_did([document], list_id="who", environment=environment)


def store(*held: Held, path: str = ":DCC:PRT:DSC") -> TrustStore:
    return TrustStore().with_list(read(*(did_method(path, one.jwk(ROOT)) for one in held)))


def shown(
    text: str, trust: TrustStore, revocations: Revocations | None = None, now: datetime = NOW
) -> Verdict:
    return verify(text, trust=trust, revocations=revocations or Revocations(), now=now)


def outcome(verdict: Verdict, name: CheckName) -> tuple[Outcome, str]:
    [check] = [one for one in verdict.checks if one.name is name]
    return check.outcome, check.reason


def test_a_signer_of_the_list_is_believed() -> None:
    verdict = shown(code(), store(SIGNER))
    assert verdict.state is State.VALID, verdict
    assert outcome(verdict, CheckName.REVOCATION) == (Outcome.NOT_CHECKED, "no-list")


def test_a_signer_taken_off_the_list_is_not() -> None:
    before = store(SIGNER)
    after = before.with_list(read(created="2026-03-01T06:00:00Z"))
    assert shown(code(), before).state is State.VALID
    assert shown(code(), after).state is State.UNKNOWN_ISSUER


def test_the_test_networks_signers_are_strangers_in_earnest() -> None:
    held = TrustStore(Environment.TEST).with_list(
        read(did_method(":DCC:PRT:DSC", SIGNER.jwk(ROOT)), environment=Environment.TEST)
    )
    assert shown(code(), held).state is State.VALID
    assert shown(code(), TrustStore()).state is State.UNKNOWN_ISSUER


@pytest.mark.parametrize(
    ("held", "path", "state"),
    [
        (SIGNER, ":PH4H:PRT:DSC", State.WRONG_KEY_USAGE),
        (SIGNER, ":ICVP:PRT:DSC", State.WRONG_KEY_USAGE),
        (SIGNER, ":DCC:ESP:DSC", State.UNKNOWN_ISSUER),
        (
            make("DSC test", by=ROOT, purposes=("1.3.6.1.4.1.1847.2021.1.1",)),
            ":DCC:PRT:DSC",
            State.WRONG_KEY_USAGE,
        ),
        (make("DSC vacc", by=ROOT, purposes=("1.3.6.1.4.1.0.1847.2021.1.2",)), ":DCC:PRT:DSC", State.VALID),
        (make("DSC old", by=ROOT, end=NOW - DAY), ":DCC:PRT:DSC", State.EXPIRED),
    ],
    ids=["other-domain", "icvp-domain", "other-country", "tests-only", "vaccinations", "expired-key"],
)
def test_what_the_list_says_of_a_key_decides(held: Held, path: str, state: State) -> None:
    methods = [did_method(path, held.jwk())]
    trust = TrustStore().with_list(read(*methods))
    assert shown(code(held), trust).state is state


def test_a_key_whose_authority_has_expired() -> None:
    short = make("CSCA short", authority=True, end=NOW + DAY)
    held = make("DSC", by=short)
    trust = TrustStore().with_list(read(did_method(":DCC:PRT:DSC", held.jwk(short))))
    assert shown(code(held), trust).state is State.VALID
    late = shown(code(held), trust, now=NOW + 2 * DAY)
    assert (late.state, late.reason) == (State.EXPIRED, "authority-expired")


def test_a_key_id_shared_by_two_signers_is_tried_with_both() -> None:
    other = make("DSC ES", country="ES")
    for order in (1, -1):
        jwks = [
            did_method(":DCC:ESP:DSC", other.jwk(kid=SIGNER.kid64)),
            did_method(":DCC:PRT:DSC", SIGNER.jwk()),
        ]
        trust = TrustStore().with_list(read(*jwks[::order]))
        assert shown(code(), trust).state is State.VALID


def revoked(hashes: dict[HashType, bytes], *, version: int = 1) -> Any:
    held = {SIGNER.key_id: {kind: HashSet.of([value]) for kind, value in hashes.items()}}
    return list_of(
        held,
        list_id="eu",
        environment=Environment.LIVE,
        version=version,
        as_of=NOW,
        covers=frozenset({EVERY_COUNTRY}),
    )


@pytest.mark.parametrize("kind", list(HashType))
def test_revoked_by_any_of_its_names(kind: HashType) -> None:
    text = code()
    [value] = identify(formats.read(text))[kind]
    verdict = shown(text, store(SIGNER), Revocations().with_list(revoked({kind: value})))
    assert (verdict.state, outcome(verdict, CheckName.REVOCATION)) == (
        State.REVOKED,
        (Outcome.FAILED, "revoked"),
    )
    other = shown(code(), store(SIGNER), Revocations().with_list(revoked({kind: bytes(16)})))
    assert (other.state, outcome(other, CheckName.REVOCATION)) == (State.VALID, (Outcome.PASSED, ""))


def test_an_issuer_revokes_from_its_records_alone() -> None:
    """Without the code itself: by the identifier and the country it keeps."""
    names = hashes_for(UCI, "PT")
    assert shown(code(), store(SIGNER), Revocations().with_list(revoked(names))).state is State.REVOKED


def test_a_malleable_signature_does_not_escape() -> None:
    text = code()
    [value] = identify(formats.read(text))[HashType.SIGNATURE]
    revocations = Revocations().with_list(revoked({HashType.SIGNATURE: value}))
    twin = _with_other_s(text)
    assert twin != text and shown(twin, store(SIGNER)).state is State.VALID
    assert shown(twin, store(SIGNER), revocations).state is State.REVOKED


@pytest.mark.parametrize(
    ("slice_type", "width", "state"),
    [
        (SliceType.VAR_HASH, 16, State.REVOKED),
        (SliceType.VAR_HASH, 9, State.REVOKED),
        (SliceType.VAR_HASH, 4, State.AMBIGUOUS),
        (SliceType.BLOOM, 16, State.AMBIGUOUS),
    ],
)
def test_a_list_that_went_over_the_wire(slice_type: SliceType, width: int, state: State) -> None:
    whole = revoked(hashes_for(UCI, "PT"))
    sent = publish(whole, slice_type=slice_type, width=width)
    got = read_publication(sent.index, sent.slices.__getitem__, list_id="eu", environment=Environment.LIVE)
    assert shown(code(), store(SIGNER), Revocations().with_list(got)).state is state


def test_an_old_list_does_not_bring_a_revoked_one_back() -> None:
    held = Revocations().with_list(revoked({})).with_list(revoked(hashes_for(UCI, "PT"), version=2))
    for attempt in (lambda: held.with_list(revoked({})), lambda: held.with_list(revoked({}, version=3))):
        _refused(attempt)
    assert shown(code(), store(SIGNER), held).state is State.REVOKED


def _refused(attempt: Callable[[], Any]) -> None:
    from openconsular.domain.health.revocation.errors import RevocationRefused

    with pytest.raises(RevocationRefused):
        attempt()


def _with_other_s(text: str) -> str:
    """The same certificate with (r, n - s), which is a valid signature too."""
    import zlib

    import cbor2

    from openconsular.domain.health.hcert import base45

    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    message = cbor2.loads(zlib.decompress(base45.decode(text.removeprefix("HC1:"))))
    parts = list(message.value)
    s = int.from_bytes(parts[3][32:])
    parts[3] = parts[3][:32] + (order - s).to_bytes(32)
    return "HC1:" + base45.encode(zlib.compress(cbor2.dumps(cbor2.CBORTag(18, parts))))


def test_lists_are_read_by_what_they_say_and_not_by_their_order() -> None:
    methods = [did_method(":DCC:PRT:SCA", ROOT.jwk()), did_method(":DCC:PRT:DSC", SIGNER.jwk())]
    one, other = read(*methods), read(*methods[::-1])
    assert one.digest == other.digest and one.keys[0].authority == other.keys[0].authority == ROOT.der
    assert one.keys[0].not_after == NOW + YEAR
