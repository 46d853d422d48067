"""Revocation lists on their way: batches, slices, filters in their binary form."""

import base64
import hashlib
import json
import struct
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openconsular.domain.health.revocation import slices
from openconsular.domain.health.revocation.bloom import make_bloom, read_bloom
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, hash_of
from openconsular.domain.health.revocation.lists import KeyRevocations, Look, RevocationList, list_of
from openconsular.domain.health.revocation.slices import (
    SliceType,
    hashes_of,
    publish,
    read_batch,
    read_publication,
)
from openconsular.domain.health.revocation.var_hash import make_var_hash, read_var_hash, width_for
from openconsular.domain.health.trust.model import Environment
from tests.domain.health.trust_world import NOW

KEY_ID = "0123456789abcdef"
some_hashes = st.lists(st.binary(min_size=16, max_size=16), max_size=60)


def whole(hashes: list[bytes], **more: Any) -> RevocationList:
    held = {
        KEY_ID: {HashType.UCI: HashSet.of(hashes)},
        "ff" * 8: {HashType.SIGNATURE: HashSet.of([bytes(16)])},
    }
    values = {
        "list_id": "ours",
        "environment": Environment.LIVE,
        "version": 3,
        "as_of": NOW,
        "covers": frozenset({"PT"}),
    }
    return list_of(held, **{**values, **more})


def read_back(index: bytes, parts: Any) -> RevocationList:
    return read_publication(index, parts.__getitem__, list_id="ours", environment=Environment.LIVE)


@pytest.mark.parametrize(
    ("point", "vector"), [(1000, 5000), (0, 1000), (0, 0)], ids=["point", "vector", "coordinate"]
)
@settings(max_examples=40)
@given(some_hashes)
def test_what_is_published_is_read_back(point: int, vector: int, inside: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "_POINT_MOST", point)
        patch.setattr(slices, "_VECTOR_MOST", vector)
        published = publish(whole(inside))
    found = read_back(published.index, published.slices)
    assert (found.version, found.as_of, found.covers) == (3, NOW, frozenset({"PT"}))
    assert found.keys[KEY_ID].exact == HashSet.of(inside) and found.keys[KEY_ID].is_exact
    assert found.keys[KEY_ID].hash_types == {HashType.UCI}
    assert all(hashlib.sha256(binary).hexdigest() == name for name, binary in published.slices.items())
    assert publish(whole(inside[::-1])).index == publish(whole(inside)).index


@pytest.mark.parametrize("slice_type", list(SliceType))
@settings(max_examples=30)
@given(some_hashes, some_hashes)
def test_filters_never_let_a_revoked_one_pass(
    slice_type: SliceType, inside: list[bytes], others: list[bytes]
) -> None:
    published = publish(whole(inside), slice_type=slice_type, width=3, rate=0.01)
    held = read_back(published.index, published.slices).keys[KEY_ID]
    assert all(held.look(one) is Look.UNCERTAIN for one in inside)
    assert held.exact is None or not inside
    assert all(held.look(one) is not Look.HIT for one in others)


def test_partitions_are_by_the_first_digits_of_a_hash() -> None:
    inside = [bytes.fromhex(head) + bytes(14) for head in ("ab10", "ab20", "a910", "0000")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "_POINT_MOST", 0)
        patch.setattr(slices, "_VECTOR_MOST", 0)
        index = json.loads(publish(whole(inside)).index)
    [entry] = [one for one in index["keys"] if one["kid"] == KEY_ID]
    assert entry["mode"] == "COORDINATE"
    shown = {one["id"]: (one["x"], one["y"], sorted(one["chunks"])) for one in entry["partitions"]}
    assert shown == {"ab": ("a", "b", ["1", "2"]), "a9": ("a", "9", ["1"]), "00": ("0", "0", ["0"])}


class TestTamperedPublications:
    published = publish(whole([hash_of("a"), hash_of("b")]))

    def refusal(self, index: Any, parts: Any = None) -> str:
        raw = index if isinstance(index, bytes) else json.dumps(index).encode()
        with pytest.raises(RevocationRefused) as refused:
            read_back(raw, self.published.slices if parts is None else parts)
        return refused.value.code

    @property
    def index(self) -> dict[str, Any]:
        return json.loads(self.published.index)

    def test_a_changed_slice(self) -> None:
        changed = {name: binary[:-1] + b"?" for name, binary in self.published.slices.items()}
        assert self.refusal(self.published.index, changed) == "slice-wrong"

    def test_an_empty_slice_in_place_of_another(self) -> None:
        empty = make_var_hash(HashSet()).to_bytes()
        assert (
            self.refusal(self.published.index, dict.fromkeys(self.published.slices, empty)) == "slice-wrong"
        )

    def test_a_missing_slice(self) -> None:
        assert self.refusal(self.published.index, {}) == "slice-missing"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"list": "theirs"}, "list-other"),
            ({"environment": "test"}, "list-other"),
            ({"form": 2}, "list-unreadable"),
            ({"version": -1}, "list-unreadable"),
            ({"version": True}, "list-unreadable"),
            ({"asOf": "yesterday"}, "list-unreadable"),
            ({"asOf": "2026-01-01T00:00:00"}, "list-unreadable"),
            ({"covers": [1]}, "list-unreadable"),
            ({"keys": {}}, "list-unreadable"),
            ({"keys": [1]}, "list-unreadable"),
            (
                {"keys": [{"kid": "a", "mode": "CUBE", "hashTypes": ["UCI"], "partitions": []}]},
                "list-unreadable",
            ),
            ({"keys": [{"kid": "a", "mode": "POINT", "hashTypes": [], "partitions": []}]}, "list-unreadable"),
            (
                {
                    "keys": [
                        {
                            "kid": "a",
                            "mode": "POINT",
                            "hashTypes": ["UCI"],
                            "partitions": [{"id": "a", "chunks": {}}],
                        }
                    ]
                },
                "list-unreadable",
            ),
            (
                {"keys": [{"kid": 1, "mode": "POINT", "hashTypes": ["UCI"], "partitions": []}]},
                "list-unreadable",
            ),
            (
                {"keys": 2 * [{"kid": "a", "mode": "POINT", "hashTypes": ["UCI"], "partitions": []}]},
                "list-unreadable",
            ),
        ],
    )
    def test_an_index_that_is_none(self, change: dict[str, Any], code: str) -> None:
        assert self.refusal({**self.index, **change}) == code

    @pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{" * 9999, b"\xff"])
    def test_bytes_that_are_no_index(self, raw: bytes) -> None:
        assert self.refusal(raw) in ("list-unreadable",)

    def test_only_whole_lists_are_published(self) -> None:
        keys = {KEY_ID: KeyRevocations(frozenset({HashType.UCI}), parts={"": (make_bloom([], rate=0.1),)})}
        filtered = RevocationList("ours", Environment.LIVE, 1, NOW, keys)
        with pytest.raises(RevocationRefused) as refused:
            publish(filtered)
        assert refused.value.code == "not-exact"


class TestBatches:
    def raw(self, **change: Any) -> bytes:
        entry = {"hash": base64.b64encode(hash_of("a")).decode()}
        kid = base64.b64encode(bytes.fromhex(KEY_ID)).decode()
        batch = {
            "country": "PT",
            "expires": "2027-01-01T00:00:00Z",
            "kid": kid,
            "hashType": "UCI",
            "entries": [entry],
        }
        return json.dumps({**batch, **change}).encode()

    def test_a_batch_of_the_gateway(self) -> None:
        batch = read_batch(self.raw())
        assert (batch.key, batch.country, batch.hash_type, batch.hashes) == (
            KEY_ID,
            "PT",
            HashType.UCI,
            (hash_of("a"),),
        )
        assert hashes_of([batch, batch]) == {KEY_ID: {HashType.UCI: HashSet.of([hash_of("a")])}}

    def test_a_batch_of_an_unknown_key(self) -> None:
        assert read_batch(self.raw(kid="UNKNOWN_KID", country="PRT")).key == "country:PT"

    @pytest.mark.parametrize(
        "change",
        [
            {"hashType": "MD5"},
            {"kid": "!"},
            {"kid": ""},
            {"entries": None},
            {"entries": [{"hash": "AAAA"}]},
            {"entries": [7]},
            {"entries": [{"hash": "A" * 24}] * 1001},
        ],
    )
    def test_batches_that_are_none(self, change: dict[str, Any]) -> None:
        with pytest.raises(RevocationRefused):
            read_batch(self.raw(**change))


class TestBloom:
    @given(some_hashes, st.sampled_from([0.5, 0.01, 1e-6]))
    def test_no_revoked_one_is_lost_on_the_way(self, inside: list[bytes], rate: float) -> None:
        made = make_bloom(inside, rate=rate)
        found = read_bloom(made.to_bytes())
        assert all(one in found for one in inside) and found.to_bytes() == made.to_bytes()

    def test_the_form_is_the_distribution_services(self) -> None:
        """The head as Java's DataOutputStream writes it, and a bit where its BigInteger puts it."""
        inside = [bytes([number]) * 16 for number in range(6)]
        raw = make_bloom(inside, rate=0.25).to_bytes()
        version, functions, function, rate, planned, held, words = struct.unpack(">hBBfiii", raw[:20])
        assert (version, function, rate, planned, held) == (1, 0, 0.25, 6, 6)
        # 18 bits wanted: 3 bytes, which the service counts as 0 words and 3 more. No power of two, so signs matter.
        assert words == 3 and len(raw) == 32
        expected = 0
        for value in inside:
            for number in range(functions):
                digest = hashlib.sha256(value + bytes([number])).digest()
                signed = int.from_bytes(digest) - (1 << 256 if digest[0] & 0x80 else 0)
                expected |= 1 << (32 * words - 1 - signed % (32 * words))
        assert raw[20:] == expected.to_bytes(4 * words)

    def test_the_chance_of_error_is_the_one_wanted(self) -> None:
        inside = [hash_of(str(one)) for one in range(2_000)]
        made = make_bloom(inside, rate=0.01)
        passed = sum(hash_of(f"x{one}") in made for one in range(20_000)) / 20_000
        assert passed < 0.015 and made.false_positives < 0.012

    def test_the_early_writer_swapped_two_bytes(self) -> None:
        raw = bytearray(make_bloom([b"x" * 16], rate=0.25).to_bytes())
        raw[2], raw[3] = raw[3], raw[2]
        assert b"x" * 16 in read_bloom(bytes(raw))

    @given(st.binary(max_size=60))
    def test_noise(self, noise: bytes) -> None:
        for reader in (read_bloom, read_var_hash):
            try:
                reader(noise)
            except RevocationRefused:
                continue

    @pytest.mark.parametrize(
        "head",
        [
            (2, 3, 0, 1),
            (1, 3, 1, 1),
            (1, 65, 0, 1),
            (1, 0, 0, 1),
            (1, 3, 0, 0),
            (1, 3, 0, -1),
            (1, 3, 0, 2),
            (1, 3, 0, 2**31 - 1),
        ],
    )
    def test_filters_that_are_none(self, head: tuple[int, int, int, int]) -> None:
        version, functions, function, words = head
        with pytest.raises(RevocationRefused):
            read_bloom(struct.pack(">hBBfiii", version, functions, function, 0.1, 1, 1, words) + bytes(4))

    def test_a_filter_too_large_to_make(self) -> None:
        for rate in (0.0, 1.0, -1.0):
            with pytest.raises(RevocationRefused):
                make_bloom([], rate=rate)


class TestVarHash:
    @given(some_hashes, st.integers(1, 16))
    def test_it_is_read_back(self, inside: list[bytes], width: int) -> None:
        made = make_var_hash(HashSet.of(inside, width=width))
        found = read_var_hash(made.to_bytes())
        assert found.values == made.values and all(one in found for one in inside)

    def test_a_published_example(self) -> None:
        """dgca-app-core-android's PartialVariableHashFilterTest: seven hashes of two bytes."""
        raw = bytes([0, 1, 45, 47, 235, 255, 0, 0, 0, 7, 2, *range(1, 15)])
        found = read_var_hash(raw)
        assert (found.width, len(found.values), found.planned) == (2, 7, 7)
        assert bytes([3, 4]) in found and bytes([4, 5]) not in found and bytes([14, 1]) not in found
        assert found.to_bytes() == raw

    @example(b"\xff\xf0" + bytes(14), 4)
    @example(b"\xff\xff\xff\x80" + bytes(12), 5)
    @example(b"\xff\x00" + bytes(14), 4)
    @example(b"\xff" * 16, 3)
    @given(st.binary(min_size=16, max_size=16), st.integers(1, 8))
    def test_a_hash_the_distribution_service_spoils_is_still_found(self, value: bytes, width: int) -> None:
        """It writes a hash as a signed number without needless bytes, filled up with zeros."""
        number = int.from_bytes(value[:width], signed=True)
        length = 1
        while not -(1 << (8 * length - 1)) <= number < 1 << (8 * length - 1):
            length += 1
        written = number.to_bytes(length, signed=True).rjust(width, b"\0")
        raw = struct.pack(">hfiB", 1, 0.0, 1, width) + written
        assert value in read_var_hash(raw)

    def test_how_wide_hashes_must_be(self) -> None:
        assert width_for(1_000, 1e-6) == 4 and width_for(10_000_000, 1e-9) == 7 and width_for(1, 0.0) == 16
