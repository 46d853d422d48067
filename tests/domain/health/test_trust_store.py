"""The store of keys a verifier asks."""

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.limits import ENTRIES_MOST
from openconsular.domain.health.trust.model import MOST_CANDIDATES, Environment, Family, Proof, TrustStore
from tests.domain.health.trust_world import NOW, YEAR, listed, make

ROOT = make("CSCA PT", authority=True)
ONE = make("DSC PT 1", by=ROOT)
TWO = make("DSC PT 2", by=ROOT)
HOUR = timedelta(hours=1)


def test_a_key_is_found_by_its_name_whatever_the_format_of_its_family() -> None:
    store = TrustStore().with_list(listed(ONE, TWO, authorities=(ROOT,)))
    for form in (Format.EU_DCC, Format.ICVP, Format.DDCC_VS, Format.DDCC_TR):
        [key] = store.candidates(ONE.key_id, form)
        assert key.certificate == ONE.der and key.authority == ROOT.der and key.country == "PT"
    for form in (Format.VDS_NC, Format.SMART, Format.DIVOC):
        assert store.candidates(ONE.key_id, form) == ()
    assert store.candidates("00" * 8, Format.EU_DCC) == ()


def test_without_a_name_all_keys_of_the_issuer_are_candidates() -> None:
    store = TrustStore().with_list(listed(ONE, TWO))
    assert {key.certificate for key in store.candidates("", Format.EU_DCC, "PRT")} == {ONE.der, TWO.der}
    assert store.candidates("", Format.EU_DCC, "ES") == () == store.candidates("", Format.EU_DCC)


def test_the_work_a_nameless_certificate_asks_for_is_bounded() -> None:
    draft = Draft(Origin("many", Environment.LIVE, NOW), Family.HCERT)
    for number in range(MOST_CANDIDATES + 20):
        draft.add_key(ONE.key.public_key(), Listed(entry="", key_id=f"{number:016x}", country="PT"))
    store = TrustStore().with_list(draft.finish(Proof.CONFIRMED))
    assert len(store.candidates("", Format.EU_DCC, "PT")) == MOST_CANDIDATES


def test_every_key_that_shares_a_name_is_a_candidate() -> None:
    draft = Draft(Origin("shared", Environment.LIVE, NOW), Family.HCERT)
    for one, country in ((ONE, "PT"), (TWO, "ES")):
        draft.add_key(one.key.public_key(), Listed(entry="", key_id="aa" * 8, country=country))
    store = TrustStore().with_list(draft.finish(Proof.CONFIRMED))
    assert [key.country for key in store.candidates("aa" * 8, Format.EU_DCC)] == ["PT", "ES"]


def test_a_key_in_two_lists_is_there_twice_and_stays_when_one_drops_it() -> None:
    store = TrustStore().with_list(listed(ONE, list_id="who")).with_list(listed(ONE, list_id="eu"))
    assert len(store.candidates(ONE.key_id, Format.EU_DCC)) == 2
    later = store.with_list(listed(TWO, list_id="who", as_of=NOW + HOUR))
    assert [key.list_id for key in later.candidates(ONE.key_id, Format.EU_DCC)] == ["eu"]


def test_a_name_the_list_gives_and_the_certificates_own_both_lead_to_a_key() -> None:
    draft = Draft(Origin("odd", Environment.LIVE, NOW), Family.HCERT)
    draft.add_certificate(ONE.der, Listed(entry="odd", key_id="bb" * 8))
    key = draft.finish(Proof.CONFIRMED).keys[0]
    assert key.key_ids == ("bb" * 8, ONE.key_id) and "key-id-not-of-certificate" in key.notes


def test_the_same_list_again_changes_nothing_but_its_age() -> None:
    store = TrustStore().with_list(listed(ONE))
    assert store.with_list(listed(ONE)) is store
    assert store.with_list(listed(ONE, as_of=NOW - HOUR)) is store
    later = store.with_list(listed(ONE, as_of=NOW + HOUR))
    assert later.lists["national"].as_of == NOW + HOUR
    assert store.lists["national"].as_of == NOW


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([(ONE,), (TWO,), (ONE, TWO)])), max_size=8))
def test_a_store_never_goes_back(steps: list[tuple[int, tuple[object, ...]]]) -> None:
    """Whatever comes in whatever order: the sequence held never falls, and one sequence says one thing."""
    store, said = TrustStore(), {}
    for hours, held in steps:
        new = listed(*held, as_of=NOW + hours * HOUR)
        before = store.lists.get("national")
        try:
            store = store.with_list(new)
        except TrustRefused as refused:
            assert before is not None and refused.code in ("list-older", "list-conflict")
            assert new.sequence <= before.sequence
            continue
        now = store.lists["national"]
        assert before is None or now.sequence >= before.sequence
        assert said.setdefault(now.sequence, now.digest) == now.digest


def test_what_a_key_may_do_at_which_time() -> None:
    key = listed(ONE, authorities=(ROOT,)).keys[0]
    assert key.fault_at(NOW) == "" == key.fault_at(NOW + YEAR)
    assert key.fault_at(NOW + YEAR + HOUR) == "key-expired"
    assert key.fault_at(NOW - YEAR - HOUR) == "key-not-yet-valid"
    old_root = make("CSCA old", authority=True, end=NOW - HOUR)
    orphan = listed(make("DSC", by=old_root), authorities=(old_root,)).keys[0]
    assert orphan.fault_at(NOW) == "authority-expired"
    young_root = make("CSCA young", authority=True, start=NOW + HOUR)
    early = listed(make("DSC", by=young_root), authorities=(young_root,)).keys[0]
    assert early.fault_at(NOW) == "authority-not-yet-valid"


def test_usage_covers_all_or_nothing() -> None:
    key = listed(make("DSC", by=ROOT, purposes=("1.3.6.1.4.1.1847.2021.1.2",))).keys[0]
    assert key.may_sign(frozenset({Kind.VACCINATION}))
    assert not key.may_sign(frozenset({Kind.VACCINATION, Kind.TEST}))
    assert not key.may_sign(frozenset({Kind.RECOVERY}))


def test_a_country_in_two_or_three_letters() -> None:
    key = listed(ONE, country="PRT").keys[0]
    assert key.is_of("PT") and key.is_of("PRT") and key.is_of("pt")
    assert not key.is_of("ES") and not key.is_of("")


def test_a_refused_key_is_kept_with_its_reason_and_signs_nothing() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    big = make("DSC P-384", by=ROOT, key=ec.generate_private_key(ec.SECP384R1()))
    held = listed(big)
    [key] = held.keys
    assert (key.refused, key.algorithms) == ("curve-not-allowed", frozenset())
    assert [problem.code for problem in held.problems] == ["curve-not-allowed"]


def test_a_certificate_not_made_for_signing_is_left_out() -> None:
    from tests.domain.health.trust_world import key_usage

    deaf = make("agreement", by=ROOT, usage=False, extra=(key_usage(signs_certificates=False, signs=False),))
    assert [problem.code for problem in listed(deaf).problems] == ["key-usage-not-signing"]


def test_a_list_has_an_end() -> None:
    draft = Draft(Origin("endless", Environment.LIVE, NOW), Family.HCERT)
    for _ in range(ENTRIES_MOST):
        draft.add_key(ONE.key.public_key(), Listed(entry="", key_id="00" * 8))
    with pytest.raises(TrustRefused) as refused:
        draft.add_key(ONE.key.public_key(), Listed(entry="", key_id="00" * 8))
    assert refused.value.code == "list-too-long"


def test_keys_and_lists_do_not_change() -> None:
    held = listed(ONE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        held.keys[0].country = "ES"  # type: ignore[misc]
    with pytest.raises(TypeError):
        TrustStore().with_list(held).lists["other"] = held  # type: ignore[index]
