"""What makes two revocation lists the same, what a newer one must still have, and how fresh an answer is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.revocation.bloom import make_bloom
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, Identity, hash_of
from openconsular.domain.health.revocation.lists import (
    EVERY_COUNTRY,
    KeyRevocations,
    Part,
    RevocationList,
    digest_of,
    list_of,
)
from openconsular.domain.health.revocation.model import Answer, Revocations
from openconsular.domain.health.revocation.smart_lists import smart_list_of
from openconsular.domain.health.revocation.var_hash import make_var_hash
from openconsular.domain.health.trust.model import Environment
from tests.domain.health.test_revocation import HOUR, KEY_ID, UCI, Shown, find, revoked
from tests.domain.health.trust_world import NOW

ONE, TWO = hash_of(UCI), hash_of("another")
UCIS = frozenset({HashType.UCI})


def filtered(*parts: Part, digits: int = 0, place: str = "", exact: HashSet | None = None) -> KeyRevocations:
    return KeyRevocations(UCIS, exact, {place: parts} if parts else {}, digits)


def edition(
    keys: Mapping[str, KeyRevocations], version: int = 1, as_of: datetime = NOW, **more: Any
) -> RevocationList:
    told = {"list_id": "gateway", "covers": frozenset({EVERY_COUNTRY}), **more}
    return RevocationList(
        environment=Environment.LIVE, version=version, as_of=as_of, keys=keys, digest=digest_of(keys), **told
    )


def exact(*values: bytes) -> KeyRevocations:
    return KeyRevocations(UCIS, HashSet.of(values))


def bloom(*values: bytes) -> KeyRevocations:
    return filtered(make_bloom(values, rate=0.001))


def refusal(held: Revocations, new: RevocationList) -> str:
    with pytest.raises(RevocationRefused) as refused:
        held.with_list(new)
    return refused.value.code


def test_whatever_a_list_says_makes_its_digest() -> None:
    several = [
        {},
        {KEY_ID: exact(ONE)},
        {KEY_ID: exact(TWO)},
        {KEY_ID: exact(ONE, TWO)},
        {"f" * 16: exact(ONE)},
        {KEY_ID: KeyRevocations(frozenset({HashType.SIGNATURE}), HashSet.of([ONE]))},
        {KEY_ID: bloom(ONE)},
        {KEY_ID: bloom(TWO)},
        {KEY_ID: filtered(make_bloom([ONE], rate=0.001), place="a", digits=1)},
        {KEY_ID: filtered(make_bloom([ONE], rate=0.001), digits=1)},
        {KEY_ID: filtered(make_bloom([ONE], rate=0.001), exact=HashSet.of([TWO]))},
    ]
    assert len({digest_of(keys) for keys in several}) == len(several)
    assert digest_of({KEY_ID: exact(ONE, TWO)}) == digest_of({KEY_ID: exact(TWO, ONE)})


def test_a_list_moved_to_another_key_is_another_list() -> None:
    held = Revocations().with_list(edition({KEY_ID: exact(ONE)}))
    assert refusal(held, edition({"f" * 16: exact(ONE)})) == "list-conflict"
    assert refusal(held, edition({"f" * 16: exact(ONE)}, version=2)) == "list-shrunk"
    assert find(held, Shown()).answer is Answer.HIT


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [
        (exact(ONE), filtered(make_var_hash(HashSet.of([ONE], width=9))), ""),
        (exact(ONE), filtered(make_var_hash(HashSet.of([TWO], width=9))), "list-shrunk"),
        (exact(ONE), bloom(ONE), ""),
        (exact(ONE, TWO), filtered(make_var_hash(HashSet.of([ONE], width=9))), "list-shrunk"),
        (exact(ONE), filtered(make_bloom([TWO], rate=0.001), exact=HashSet.of([ONE])), ""),
        (exact(ONE), filtered(make_bloom([ONE], rate=0.001), exact=HashSet.of([TWO])), ""),
        (bloom(ONE), exact(ONE), ""),
        (bloom(ONE), bloom(ONE, TWO), ""),
        (bloom(ONE), KeyRevocations(UCIS), "list-shrunk"),
        (exact(ONE), KeyRevocations(UCIS), "list-shrunk"),
        (exact(ONE), KeyRevocations(frozenset({HashType.SIGNATURE}), HashSet.of([ONE])), "list-shrunk"),
        (exact(ONE), KeyRevocations(UCIS | {HashType.SIGNATURE}, HashSet.of([ONE])), ""),
    ],
)
def test_a_newer_list_has_what_was_revoked_in_whatever_form(
    before: KeyRevocations, now: KeyRevocations, code: str
) -> None:
    held, new = Revocations().with_list(edition({KEY_ID: before})), edition({KEY_ID: now}, version=2)
    if code:
        assert refusal(held, new) == code
    else:
        assert held.with_list(new).lists["gateway"].version == 2


@pytest.mark.parametrize(
    "make", [bloom, lambda *values: filtered(make_var_hash(HashSet.of(values, width=9)))]
)
def test_a_filter_lets_others_pass(make: Any) -> None:
    held = Revocations().with_list(edition({KEY_ID: make(TWO)}))
    assert find(held, Shown()).answer is Answer.CLEAR
    assert find(held, Shown(identifiers=("another",))).answer in (Answer.HIT, Answer.UNCERTAIN)


def test_a_list_that_is_half_a_filter_confirms_nothing() -> None:
    """Its whole hashes say no, but what its filters hold was never looked at in full."""
    doubt = edition({KEY_ID: bloom(ONE)}, list_id="filter", as_of=NOW - HOUR)
    half = edition({KEY_ID: filtered(make_bloom([TWO], rate=0.001), exact=HashSet.of([TWO]))})
    held = Revocations().with_list(doubt)
    assert find(held.with_list(half), Shown()).answer is Answer.UNCERTAIN
    assert find(held.with_list(edition({KEY_ID: exact(TWO)})), Shown()).answer is Answer.CLEAR


def test_answers_tell_the_list_and_its_age() -> None:
    for ages, oldest in (((0, 1, 2), 0), ((2, 1, 0), 0), ((1, 0, 2), 0)):
        held = Revocations()
        for number, age in enumerate(ages):
            held = held.with_list(edition({}, list_id=f"list {number}", as_of=NOW + age * HOUR))
        found = find(held, Shown())
        assert (found.answer, found.as_of) == (Answer.CLEAR, NOW + oldest * HOUR)
        assert found.list_id == f"list {ages.index(oldest)}"
    for ages in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        held = Revocations()
        for number, age in enumerate(ages):
            held = held.with_list(
                edition({KEY_ID: bloom(ONE)}, list_id=f"list {number}", as_of=NOW + age * HOUR)
            )
        found = find(held, Shown())
        assert (found.answer, found.as_of) == (Answer.UNCERTAIN, NOW + 2 * HOUR)
        assert found.list_id == f"list {ages.index(2)}"


def test_answers_about_a_card_tell_the_list_and_its_age() -> None:
    document = {"kid": "k", "method": "rid", "ctr": 1, "rids": ["abc"]}
    issuer = "https://health.example"
    held = Revocations().with_smart_list(smart_list_of(document, issuer=issuer, key_id="k", fetched_at=NOW))
    for rid, answer in (("abc", Answer.HIT), ("other", Answer.CLEAR)):
        shown = Shown(format=Format.SMART, claims={"vc": {"rid": rid}}, valid_from=NOW)
        found = held.find(Identity(shown), ("k",), Format.SMART, issuer=issuer)
        assert (found.answer, found.as_of, found.list_id) == (answer, NOW, f"{issuer} k")
        later = held.with_smart_versions({(issuer, "k"): 2}).with_smart_versions({(issuer, "k"): 1})
        assert later.smart_versions == {(issuer, "k"): 2}
        found = later.find(Identity(shown), ("k",), Format.SMART, issuer=issuer)
        assert found.answer is (Answer.HIT if answer is Answer.HIT else Answer.OUTDATED)
        assert found.as_of == NOW


def test_lists_of_another_environment_do_not_begin_a_store() -> None:
    live = edition({KEY_ID: exact(ONE)})
    assert Revocations(Environment.LIVE, {"gateway": live}).lists == {"gateway": live}
    with pytest.raises(RevocationRefused) as refused:
        Revocations(Environment.TEST, {"gateway": live})
    assert refused.value.code == "other-environment"


def test_entries_are_counted_where_they_are_whole() -> None:
    keys = {KEY_ID: exact(ONE, TWO), "f" * 16: bloom(ONE), "e" * 16: exact(ONE)}
    assert edition(keys).entries == 3
    whole = {KEY_ID: {HashType.UCI: HashSet.of([ONE]), HashType.SIGNATURE: HashSet.of([TWO])}}
    made = list_of(whole, list_id="x", environment=Environment.LIVE, version=1, as_of=NOW)
    assert made.entries == 2 and made.keys[KEY_ID].hash_types == UCIS | {HashType.SIGNATURE}


def test_a_list_of_no_country_covers_the_keys_it_names_alone() -> None:
    held = Revocations().with_list(revoked((HashType.UCI, TWO), covers=frozenset()))
    assert find(held, Shown(), country="").answer is Answer.CLEAR
    unnamed = Revocations().with_list(revoked((HashType.UCI, TWO), key="f" * 16, covers=frozenset({""})))
    assert find(unnamed, Shown(), country="").answer is Answer.NO_LIST
