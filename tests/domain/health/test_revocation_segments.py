"""Lists that grow by segments: what is published is found again, in each way of writing, and nothing else."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.revocation import segments
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType
from openconsular.domain.health.revocation.lists import Look, RevocationList
from openconsular.domain.health.revocation.segments import (
    KeySegments,
    Writing,
    level_of,
    to_join,
    write_index,
    write_segment,
)
from openconsular.domain.health.revocation.slices import read_publication
from openconsular.domain.health.trust.model import Environment
from tests.domain.health.trust_world import NOW

KEY_ID = "0123456789abcdef"
hashes = st.binary(min_size=16, max_size=16)
lots = st.lists(st.lists(hashes, max_size=30), max_size=5)


def published(lots: list[list[bytes]], writing: Writing) -> tuple[bytes, dict[str, bytes]]:
    made = [write_segment(HashSet.of(lot), writing) for lot in lots if lot]
    key = KeySegments(KEY_ID, frozenset({HashType.UCI}), [one.digest for one in made])
    index = write_index(
        [key], list_id="ours", environment=Environment.LIVE, version=3, as_of=NOW, covers=frozenset({"PT"})
    )
    return index, {name: content for one in made for name, content in one.slices.items()}


def read_back(index: bytes, slices: dict[str, bytes]) -> RevocationList:
    return read_publication(index, slices.__getitem__, list_id="ours", environment=Environment.LIVE)


@pytest.mark.parametrize("writing", list(Writing))
@settings(max_examples=25, deadline=None)
@given(lots, st.lists(hashes, max_size=30), st.sampled_from((4, 16_384)))
def test_what_was_revoked_is_found_in_every_way_of_writing(
    writing: Writing, lots: list[list[bytes]], others: list[bytes], slice_entries: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "_SLICE_ENTRIES", slice_entries)
        index, slices = published(lots, writing)
    assert all(hashlib.sha256(content).hexdigest() == name for name, content in slices.items())
    found = read_back(index, slices)
    assert (found.version, found.as_of, found.covers) == (3, NOW, frozenset({"PT"}))
    held = found.keys[KEY_ID]
    inside = {one for lot in lots for one in lot}
    sure = Look.HIT if writing is Writing.WHOLE else Look.UNCERTAIN
    assert all(held.look(one) is sure for one in inside)
    if writing is Writing.WHOLE:
        assert all(held.look(one) is Look.CLEAR for one in others if one not in inside)


@pytest.mark.parametrize(("writing", "entries"), [(Writing.SHORT, 300_000), (Writing.BLOOM, 20_000)])
def test_others_are_found_as_seldom_as_is_said(writing: Writing, entries: int) -> None:
    """None of 200,000 strangers where one in 3.6 million (short) or one in a million (filter) would be expected."""
    lot = np.random.default_rng(7)
    packed = lot.bytes(16 * entries)
    made = write_segment(HashSet(packed), writing)
    index = write_index(
        [KeySegments(KEY_ID, frozenset({HashType.UCI}), [made.digest])],
        list_id="ours",
        environment=Environment.LIVE,
        version=1,
        as_of=NOW,
        covers=frozenset(),
    )
    held = read_back(index, dict(made.slices)).keys[KEY_ID]
    strangers = lot.bytes(16 * 200_000)
    hits = sum(held.look(strangers[at : at + 16]) is not Look.CLEAR for at in range(0, len(strangers), 16))
    assert hits <= 2
    [sample] = [packed[:16]]
    assert held.look(sample) is Look.UNCERTAIN
    size = sum(map(len, made.slices.values())) / entries
    assert size < {Writing.SHORT: 5.2, Writing.BLOOM: 3.8}[writing]


def test_publishing_costs_what_is_new_costs() -> None:
    """Sixty-four times the same number of hashes: each is written at most three times over, and few segments remain."""
    sizes: list[int] = []
    written = 0
    for _ in range(64):
        sizes.append(300)
        written += 300
        while places := to_join(sizes):
            joined = sum(sizes[place] for place in places)
            sizes = [size for place, size in enumerate(sizes) if place not in places] + [joined]
            written += joined
    assert sum(sizes) == 64 * 300 and len(sizes) < 2 * segments.JOINED_AT
    assert written <= 3 * 64 * 300


def test_levels_go_up_by_eights() -> None:
    assert [level_of(size) for size in (0, 1, 256, 2047, 2049, 16_400, 10_000_000)] == [0, 0, 0, 0, 1, 2, 5]


def test_hashes_near_another_are_those_with_its_first_bytes() -> None:
    heads = ["000000", "abcd00", "abcdff", "abce00", "ffffff"]
    held = HashSet.of([bytes.fromhex(head) + bytes(13) for head in heads])
    near = held.near(bytes.fromhex("abcd"))
    assert [near[at : at + 3].hex() for at in range(0, len(near), 16)] == ["abcd00", "abcdff"]
    assert held.near(bytes.fromhex("ffff"))[:3].hex() == "ffffff" and held.near(b"\x12\x34") == b""


class TestTampered:
    index, slices = published([[bytes(16)], [bytes(range(16))]], Writing.WHOLE)

    def refusal(self, index: bytes, slices: dict[str, bytes]) -> str:
        with pytest.raises(RevocationRefused) as refused:
            read_back(index, slices)
        return refused.value.code

    def test_a_changed_or_missing_slice(self) -> None:
        for name in self.slices:
            changed = {**self.slices, name: self.slices[name] + b" "}
            assert self.refusal(self.index, changed) == "slice-wrong"
            assert self.refusal(self.index, {k: v for k, v in self.slices.items() if k != name}) == (
                "slice-missing"
            )

    @pytest.mark.parametrize(
        "said",
        [
            b"[]",
            b"{",
            b"{}",
            b'{"form":2,"type":"VARHASHLIST","digits":9,"slices":{}}',
            b'{"form":2,"type":"VARHASHLIST","digits":0,"slices":[]}',
            b'{"form":2,"type":"LIST","digits":0,"slices":{}}',
            b'{"form":2,"type":"VARHASHLIST","digits":1,"slices":{"g":"x"}}',
            b'{"form":2,"type":"VARHASHLIST","digits":0,"slices":{"":1}}',
            b'{"form":1,"type":"VARHASHLIST","digits":0,"slices":{}}',
        ],
    )
    def test_a_segment_of_another_kind(self, said: bytes) -> None:
        name = hashlib.sha256(said).hexdigest()
        index = json.loads(self.index)
        index["keys"][0]["segments"] = [name]
        code = self.refusal(json.dumps(index).encode(), {**self.slices, name: said})
        assert code in ("list-unreadable", "slice-missing", "json-malformed")

    @pytest.mark.parametrize("segments", [None, 1, "x", [1], ["x"]])
    def test_segments_that_are_none(self, segments: Any) -> None:
        index = json.loads(self.index)
        index["keys"][0]["segments"] = segments
        assert self.refusal(json.dumps(index).encode(), self.slices) in ("list-unreadable", "slice-missing")
