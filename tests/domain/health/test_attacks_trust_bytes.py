"""Hostile bytes where a list of keys should be, and names in it that lead astray."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.trust.did import did_address
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.jwks import read_jwks
from openconsular.domain.health.trust.limits import LIST_BYTES_MOST
from openconsular.domain.health.trust.model import Environment
from openconsular.domain.health.trust.vds_signers import read_vds_signers
from tests.domain.health.attacks_trust_world import ANCHORS, GOOD, PUBLISHER, SIGNER, did, eu, refusal
from tests.domain.health.trust_world import (
    NOW,
    SIGNER_DID,
    did_bytes,
    did_document,
)


class TestHostileBytes:
    readers = (
        lambda raw: did(raw),
        lambda raw: did(raw, anchor=None),
        lambda raw: eu(raw),
        lambda raw: eu(raw, anchors=ANCHORS),
        lambda raw: read_jwks(
            raw, issuer="https://a.example", list_id="s", environment=Environment.LIVE, fetched_at=NOW
        ),
        lambda raw: read_vds_signers(raw, list_id="v", environment=Environment.LIVE, fetched_at=NOW),
    )

    @pytest.mark.parametrize("reader", readers)
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"{",
            b"null",
            b"12",
            b"NaN",
            b'"text"',
            b"[[[]]]",
            b'{"verificationMethod":[1,null,{}],"id":7}',
            b'{"keys":[1,null,{},[]]}',
            b'{"certificates":{"a":1}}',
            b'{"eu_keys":{"AAAA":[{"subjectPk":"AAAA"}]}}',
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----",
            b"1" * 5000,
        ],
    )
    def test_nothing_comes_out_but_a_list_or_a_refusal(
        self, reader: Callable[[bytes], Any], raw: bytes
    ) -> None:
        try:
            held = reader(raw)
        except TrustRefused:
            return
        assert getattr(held, "keys", held) is not None

    @pytest.mark.parametrize("reader", readers)
    def test_a_list_larger_than_any(self, reader: Callable[[bytes], Any]) -> None:
        assert refusal(lambda: reader(b" " * (LIST_BYTES_MOST + 1))) == "list-too-large"

    def test_one_name_twice_in_an_object(self) -> None:
        assert refusal(lambda: eu(b'{"AAAA": "x", "AAAA": "y"}')) == "list-unreadable"

    @settings(max_examples=150)
    @given(st.integers(0, len(json.dumps(GOOD)) - 1), st.integers(1, 255))
    def test_any_changed_byte_of_a_signed_list(self, position: int, change: int) -> None:
        """Refused, or the change was in something that is not signed and means nothing."""
        raw = bytearray(json.dumps(GOOD).encode())
        raw[position] ^= change
        try:
            held = did(bytes(raw))
        except TrustRefused:
            return
        assert held.digest == did(GOOD).digest

    @settings(max_examples=150)
    @given(st.binary(max_size=400))
    def test_noise(self, noise: bytes) -> None:
        for reader in self.readers:
            try:
                reader(noise)
            except TrustRefused:
                continue

    def test_one_bad_entry_does_not_take_the_others_with_it(self) -> None:
        held = eu(
            [
                {"kid": "AAAA", "rawData": "!"},
                SIGNER.text,
                {"kid": "AA" * 60, "rawData": SIGNER.text},
                7,
                None,
            ]
        )
        assert [key.certificate for key in held.keys] == [SIGNER.der] and len(held.problems) == 4


class TestReferences:
    """What a document may make us fetch."""

    @pytest.mark.parametrize(
        "name",
        [
            "did:web:",
            "did:key:z6Mk",
            "https://evil.example/did.json",
            "did:web:lists.example%2F..%2Fetc",
            "did:web:user%40evil.example",
            "did:web:lists.example:..:..:secret",
            "did:web:lists.example:%2e%2e:secret",
            "did:web:lists.example:a%2Fb",
            "did:web:lists.example:a%3Fb",
            "did:web:lists.example::x",
            "did:web:lists.example%5Cevil",
        ],
    )
    def test_names_that_lead_astray(self, name: str) -> None:
        assert refusal(lambda: did_address(name)) == "reference-unusable"

    def test_a_reference_is_only_ever_a_name(self) -> None:
        document = did_document([f"did:web:{SIGNER_DID.split(':')[2]}:v2:trustlist:DCC"], PUBLISHER)
        assert refusal(lambda: did(document)) == "references-missing"

    def test_more_references_than_any_list_has(self) -> None:
        many = [f"did:web:lists.example:{number}" for number in range(2_001)]
        assert refusal(lambda: did(did_bytes(many, PUBLISHER))) == "list-too-long"
