"""What names a certificate in revocation lists, the sets that hold many names, and looking them up."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Algorithm, Certificate, Entry, Format, Holder, Kind, Seal
from openconsular.domain.health.revocation.bloom import make_bloom
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, Identity, hash_of, hashes_for, identify
from openconsular.domain.health.revocation.lists import (
    EVERY_COUNTRY,
    KeyRevocations,
    RevocationList,
    digest_of,
    list_of,
)
from openconsular.domain.health.revocation.model import Answer, Revocations
from openconsular.domain.health.revocation.smart_lists import SmartList, make_smart_list, smart_list_of
from openconsular.domain.health.revocation.var_hash import make_var_hash
from openconsular.domain.health.trust.model import Environment
from openconsular.domain.health.verdict import CheckName, Layer, Outcome, Unreadable
from tests.domain.health.trust_world import NOW, listed, make

HOUR = timedelta(hours=1)
KEY_ID = "0123456789abcdef"
UCI = "URN:UVCI:01:PT:187/37512422923"
SEAL = Seal(Algorithm.ES256, b"m", bytes(range(64)), (KEY_ID,), "PT")
hashes = st.binary(min_size=16, max_size=16)


@dataclass
class Shown:
    """A certificate as presented, as far as revocation looks at it."""

    seal: Seal = SEAL
    identifiers: tuple[str, ...] = (UCI,)
    country: str = "PT"
    format: Format = Format.EU_DCC
    claims: dict[str, Any] = field(default_factory=dict)
    valid_from: datetime | None = None
    broken: bool = False

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({Kind.VACCINATION})

    @cached_property
    def certificate(self) -> Certificate:
        if self.broken:
            raise Unreadable(Layer.CLAIMS, "claims-unreadable")
        entries = tuple(Entry(Kind.VACCINATION, one, country=self.country) for one in self.identifiers)
        return Certificate(
            self.format,
            "1",
            Holder(),
            entries,
            issuer_country="PT",
            claims=self.claims,
            valid_from=self.valid_from,
        )


def revoked(
    *named: tuple[HashType, bytes], version: int = 1, key: str = KEY_ID, **more: Any
) -> RevocationList:
    kinds: dict[HashType, list[bytes]] = {}
    for kind, value in named:
        kinds.setdefault(kind, []).append(value)
    values = {
        "list_id": "gateway",
        "environment": Environment.LIVE,
        "version": version,
        "as_of": NOW + version * HOUR,
        "covers": frozenset({EVERY_COUNTRY}),
    }
    held = {key: {kind: HashSet.of(found) for kind, found in kinds.items()}} if kinds else {}
    return list_of(held, **{**values, **more})


def find(revocations: Revocations, shown: Shown, **more: Any) -> Any:
    return revocations.find(Identity(shown), (KEY_ID,), shown.format, **{"country": "PT", **more})


class TestNames:
    def test_the_three_names_of_a_certificate(self) -> None:
        found = identify(Shown())
        sha = lambda data: hashlib.sha256(data).digest()[:16]  # noqa: E731
        assert found[HashType.UCI] == (sha(UCI.encode()),)
        assert found[HashType.COUNTRY_UCI] == (sha(b"PT" + UCI.encode()),)
        assert found[HashType.SIGNATURE] == (sha(bytes(range(32))),)

    def test_an_issuer_publishes_the_names_a_verifier_looks_for(self) -> None:
        shown = Shown()
        assert {kind: (value,) for kind, value in hashes_for(UCI, "PT", shown.seal).items()} == identify(
            shown
        )

    @given(st.binary(min_size=64, max_size=64))
    def test_a_signature_made_valid_another_way_keeps_its_name(self, signature: bytes) -> None:
        """(r, s) and (r, n - s) are both valid: whoever was revoked can change the one into the other."""
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        s = int.from_bytes(signature[32:]) % (order - 1) + 1
        one = Seal(Algorithm.ES256, b"", signature[:32] + s.to_bytes(32))
        other = Seal(Algorithm.ES256, b"", signature[:32] + (order - s).to_bytes(32))
        assert identify(Shown(one))[HashType.SIGNATURE] == identify(Shown(other))[HashType.SIGNATURE]

    def test_an_rsa_signature_counts_whole(self) -> None:
        seal = Seal(Algorithm.PS256, b"", bytes(256))
        assert identify(Shown(seal))[HashType.SIGNATURE] == (hashlib.sha256(bytes(256)).digest()[:16],)

    def test_both_countries_count_where_they_differ(self) -> None:
        found = identify(Shown(country="AW"))[HashType.COUNTRY_UCI]
        assert set(found) == {hash_of("PT" + UCI), hash_of("AW" + UCI)}

    def test_a_certificate_without_an_identifier_has_its_signature(self) -> None:
        found = identify(Shown(identifiers=("",)))
        assert (
            found[HashType.UCI] == found[HashType.COUNTRY_UCI] == () and len(found[HashType.SIGNATURE]) == 1
        )


class TestHashSets:
    @given(st.lists(hashes, max_size=200), st.lists(hashes, max_size=50), st.integers(1, 16))
    def test_it_holds_what_was_put_in(self, inside: list[bytes], others: list[bytes], width: int) -> None:
        held = HashSet.of(inside, width=width)
        cut = {one[:width] for one in inside}
        assert len(held) == len(cut) and all(one in held for one in inside)
        assert [one in held for one in others] == [one[:width] in cut for one in others]
        assert held.packed == b"".join(sorted(cut))

    @settings(max_examples=30)
    @given(
        st.lists(st.binary(min_size=2, max_size=2), max_size=400),
        st.lists(st.binary(min_size=2, max_size=2), max_size=400),
    )
    def test_joining_and_comparing(self, left: list[bytes], right: list[bytes]) -> None:
        """Short hashes, so that they meet, and so that one found across two neighbours would show."""
        one, other = HashSet.of(left, width=2), HashSet.of(right, width=2)
        both = one | other
        assert set(left) | set(right) == {both.packed[at : at + 2] for at in range(0, len(both.packed), 2)}
        assert (one <= both) and (other <= both) and (both <= one) is (set(right) <= set(left))
        for number in range(0, 65_536, 257):
            assert (number.to_bytes(2) in one) is (number.to_bytes(2) in set(left))

    @given(st.lists(hashes, max_size=100), st.integers(1, 3))
    def test_parts_by_first_digits(self, inside: list[bytes], digits: int) -> None:
        parts = HashSet.of(inside).parts(digits)
        assert b"".join(parts[name] for name in sorted(parts)) == HashSet.of(inside).packed
        for name, packed in parts.items():
            assert packed and all(
                packed[at : at + 16].hex().startswith(name) for at in range(0, len(packed), 16)
            )

    def test_zeros_at_the_end_are_part_of_a_hash(self) -> None:
        held = HashSet.of([bytes(16), b"\1" + bytes(15)])
        assert len(held) == 2 and bytes(16) in held and b"\1" + bytes(15) in held
        assert bytes(15) + b"\1" not in held

    def test_malformed_sets(self) -> None:
        for attempt in (
            lambda: HashSet(b"abc"),
            lambda: HashSet.of([b"short"]),
            lambda: HashSet(b"", width=17),
        ):
            with pytest.raises(RevocationRefused):
                attempt()
        assert b"short" not in HashSet.of([bytes(16)])

    def test_shortened_hashes_have_the_chance_of_error_they_say(self) -> None:
        inside = [hashlib.sha256(str(one).encode()).digest()[:16] for one in range(4_000)]
        held = HashSet.of(inside, width=2)
        outside = [hashlib.sha256(f"x{one}".encode()).digest()[:16] for one in range(20_000)]
        rate = sum(one in held for one in outside) / len(outside)
        assert abs(rate - held.false_positives) < 0.01


class TestLookUp:
    def test_a_hit_by_each_name(self) -> None:
        for kind, [value] in identify(Shown()).items():
            found = find(Revocations().with_list(revoked((kind, value))), Shown())
            assert (found.answer, found.as_of, found.list_id) == (Answer.HIT, NOW + HOUR, "gateway")

    def test_others_are_clear(self) -> None:
        revocations = Revocations().with_list(revoked((HashType.UCI, hash_of("another"))))
        assert find(revocations, Shown()).answer is Answer.CLEAR

    def test_a_name_counts_as_the_kind_it_was_listed_as(self) -> None:
        found = find(
            Revocations().with_list(revoked((HashType.SIGNATURE, hash_of("another")))), Shown(broken=True)
        )
        assert found.answer is Answer.CLEAR, "the claims are not needed where only signatures are listed"

    def test_without_a_list_nobody_looked(self) -> None:
        assert find(Revocations(), Shown()).answer is Answer.NO_LIST
        partial = revoked((HashType.UCI, hash_of(UCI)), key="ff" * 8, covers=frozenset({"ES"}))
        assert find(Revocations().with_list(partial), Shown()).answer is Answer.NO_LIST
        assert find(Revocations().with_list(partial), Shown(), country="ESP").answer is Answer.CLEAR

    def test_revoked_of_a_country_without_naming_the_key(self) -> None:
        revocations = Revocations().with_list(revoked((HashType.UCI, hash_of(UCI)), key="country:PT"))
        assert find(revocations, Shown()).answer is Answer.HIT
        assert find(revocations, Shown(), country="ES").answer is Answer.CLEAR

    def test_the_oldest_list_says_how_fresh_a_clear_answer_is(self) -> None:
        old = revoked(list_id="old", as_of=NOW - HOUR)
        found = find(Revocations().with_list(old).with_list(revoked(list_id="new")), Shown())
        assert (found.answer, found.as_of) == (Answer.CLEAR, NOW - HOUR)

    def test_a_filters_hit_is_uncertain_until_a_whole_list_says_no(self) -> None:
        keys = {
            KEY_ID: KeyRevocations(
                frozenset({HashType.UCI}), parts={"": (make_bloom([hash_of(UCI)], rate=0.01),)}
            )
        }
        maybe = RevocationList(
            "filter", Environment.LIVE, 1, NOW, keys, frozenset({EVERY_COUNTRY}), digest_of(keys)
        )
        revocations = Revocations().with_list(maybe)
        assert find(revocations, Shown()).answer is Answer.UNCERTAIN
        older = revoked(as_of=NOW - HOUR)
        assert find(revocations.with_list(older), Shown()).answer is Answer.UNCERTAIN
        newer = revoked(as_of=NOW)
        assert find(revocations.with_list(newer), Shown()).answer is Answer.CLEAR
        certain = revoked((HashType.UCI, hash_of(UCI)))
        assert find(revocations.with_list(certain), Shown()).answer is Answer.HIT

    @pytest.mark.parametrize(
        ("width", "answer"), [(2, Answer.UNCERTAIN), (5, Answer.UNCERTAIN), (8, Answer.HIT), (12, Answer.HIT)]
    )
    def test_shortened_hashes_are_certain_from_64_bits_on(self, width: int, answer: Answer) -> None:
        part = make_var_hash(HashSet.of([hash_of(UCI)], width=width))
        keys = {
            KEY_ID: KeyRevocations(
                frozenset({HashType.UCI}), parts={hash_of(UCI).hex()[:1]: (part,)}, digits=1
            )
        }
        held = RevocationList("short", Environment.LIVE, 1, NOW, keys, frozenset(), digest_of(keys))
        assert find(Revocations().with_list(held), Shown()).answer is answer

    def test_the_check_of_a_verdict(self) -> None:
        [key] = listed(make("DSC")).keys
        value = identify(Shown())[HashType.UCI][0]
        for held, outcome, reason in (
            (revoked((HashType.UCI, value), key=key.key_id), Outcome.FAILED, "revoked"),
            (revoked(), Outcome.PASSED, ""),
            (revoked(covers=frozenset()), Outcome.NOT_CHECKED, "no-list"),
        ):
            check = Revocations().with_list(held).check(Shown(), key)
            assert (check.name, check.outcome, check.reason) == (CheckName.REVOCATION, outcome, reason)
        broken = (
            Revocations()
            .with_list(revoked((HashType.UCI, value), key=key.key_id))
            .check(Shown(broken=True), key)
        )
        assert (broken.outcome, broken.reason) == (Outcome.NOT_CHECKED, "not-readable")


class TestGoingBack:
    one = (HashType.UCI, hash_of("one"))
    two = (HashType.UCI, hash_of("two"))

    def refusal(self, revocations: Revocations, new: RevocationList) -> str:
        with pytest.raises(RevocationRefused) as refused:
            revocations.with_list(new)
        return refused.value.code

    def test_an_older_list_is_refused(self) -> None:
        """Valid again after a day: what happened in October 2021."""
        held = Revocations().with_list(revoked(self.one, self.two, version=2))
        assert self.refusal(held, revoked(self.one, version=1)) == "list-older"
        assert self.refusal(held, revoked(self.one, self.two, version=1)) == "list-older"

    def test_lists_only_grow(self) -> None:
        held = Revocations().with_list(revoked(self.one, version=1))
        assert self.refusal(held, revoked(self.two, version=2)) == "list-shrunk"
        assert self.refusal(held, revoked(version=2)) == "list-shrunk"
        held.with_list(revoked(self.one, self.two, version=2))

    def test_one_version_says_one_thing(self) -> None:
        held = Revocations().with_list(revoked(self.one))
        assert self.refusal(held, revoked(self.one, self.two)) == "list-conflict"

    def test_the_same_again_is_a_fresh_look(self) -> None:
        held = Revocations().with_list(revoked(self.one))
        again = held.with_list(revoked(self.one, as_of=NOW + 5 * HOUR))
        assert again.lists["gateway"].as_of == NOW + 5 * HOUR
        assert held.with_list(revoked(self.one, as_of=NOW - HOUR)).lists["gateway"].as_of == NOW + HOUR

    def test_live_and_test_do_not_mix(self) -> None:
        assert (
            self.refusal(Revocations(), revoked(self.one, environment=Environment.TEST))
            == "other-environment"
        )

    @given(st.lists(st.tuples(st.integers(1, 6), st.sets(st.integers(0, 4))), max_size=10))
    def test_what_was_revoked_stays_revoked(self, steps: list[tuple[int, set[int]]]) -> None:
        revocations, ever = Revocations(), set[int]()
        for version, names in steps:
            new = revoked(*((HashType.UCI, hash_of(str(one))) for one in names), version=version)
            try:
                revocations = revocations.with_list(new)
            except RevocationRefused:
                continue
            ever |= names
        for one in ever:
            assert find(revocations, Shown(identifiers=(str(one),))).answer is Answer.HIT


class TestSmartLists:
    issuer = "https://health.example"

    def card(self, rid: str | None, born: float = 1000.0) -> Shown:
        credential = {"rid": rid} if rid is not None else {}
        when = datetime.fromtimestamp(born, UTC)
        return Shown(format=Format.SMART, claims={"vc": credential}, valid_from=when)

    def listed(self, *rids: Any, counter: int = 1, **more: Any) -> SmartList:
        document = {"kid": "k", "method": "rid", "ctr": counter, "rids": list(rids), **more}
        return smart_list_of(document, issuer=self.issuer, key_id="k", fetched_at=NOW)

    def find(self, held: Revocations, shown: Shown, issuer: str = "") -> Answer:
        return held.find(Identity(shown), ("k",), Format.SMART, issuer=issuer or self.issuer).answer

    def test_cards_by_their_revocation_id(self) -> None:
        held = Revocations().with_smart_list(self.listed("abc", "timed.1000"))
        assert self.find(held, self.card("abc")) is Answer.HIT
        assert self.find(held, self.card("other")) is Answer.CLEAR
        assert self.find(held, self.card(None)) is Answer.CLEAR
        assert self.find(held, self.card("timed", 999.0)) is Answer.HIT
        assert self.find(held, self.card("timed", 1000.0)) is Answer.CLEAR
        assert self.find(held, self.card("abc"), "https://other.example") is Answer.NO_LIST

    def test_a_list_the_issuer_has_overtaken_clears_nobody(self) -> None:
        held = Revocations().with_smart_list(self.listed("abc")).with_smart_versions({(self.issuer, "k"): 2})
        assert self.find(held, self.card("other")) is Answer.OUTDATED
        assert self.find(held, self.card("abc")) is Answer.HIT
        current = held.with_smart_list(self.listed("abc", counter=2))
        assert self.find(current, self.card("other")) is Answer.CLEAR

    def test_ids_no_card_has_do_not_let_the_others_go(self) -> None:
        held = self.listed("abc", "x" * 25, "a b", "", 7, "abc", "abc.1", "é")
        assert dict(held.rids) == {"abc": float("inf")}
        assert held.problems.count("rid-malformed") == 5 and held.problems.count("rid-repeated") == 2

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"kid": "other"}, "list-other-key"),
            ({"method": "uuid"}, "list-method"),
            ({"ctr": 0}, "list-unreadable"),
            ({"ctr": True}, "list-unreadable"),
            ({"ctr": "1"}, "list-unreadable"),
            ({"rids": {}}, "list-unreadable"),
        ],
    )
    def test_lists_that_are_none(self, change: dict[str, Any], code: str) -> None:
        with pytest.raises(RevocationRefused) as refused:
            self.listed("abc", **change)
        assert refused.value.code == code

    def test_counters_do_not_fall_and_lists_do_not_shrink(self) -> None:
        held = Revocations().with_smart_list(self.listed("a", "b.100", counter=2))
        for new, code in (
            (self.listed("a", "b.100", counter=1), "list-older"),
            (self.listed("a", counter=3), "list-shrunk"),
            (self.listed("a", "b.50", counter=3), "list-shrunk"),
            (self.listed("a", "b.100", "c", counter=2), "list-conflict"),
        ):
            with pytest.raises(RevocationRefused) as refused:
                held.with_smart_list(new)
            assert refused.value.code == code
        assert (
            self.find(held.with_smart_list(self.listed("a", "b", "c", counter=3)), self.card("c"))
            is Answer.HIT
        )

    def test_what_we_publish_we_can_read(self) -> None:
        made = make_smart_list(key_id="k", counter=4, rids={"abc": None, "t": 1234.5})
        assert made["rids"] == ["abc", "t.1234"]
        assert smart_list_of(made, issuer=self.issuer, key_id="k", fetched_at=NOW).counter == 4
        with pytest.raises(RevocationRefused):
            make_smart_list(key_id="k", counter=1, rids={"not a rid": None})
