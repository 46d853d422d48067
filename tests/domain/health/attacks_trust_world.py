"""Lists of the attacks on whom we believe, and how their readers answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.trust.did import read_did, read_document
from openconsular.domain.health.trust.dsc_list import DscAnchors, read_dsc_list
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.gateway import GatewayAnchor
from openconsular.domain.health.trust.model import Environment, TrustList
from tests.domain.health.trust_world import (
    NOW,
    did_anchor,
    did_document,
    did_method,
    make,
)

PUBLISHER = ec.generate_private_key(ec.SECP256R1())
MALLORY = ec.generate_private_key(ec.SECP256R1())
ROOT = make("CSCA PT", authority=True)
SIGNER = make("DSC PT", by=ROOT)
ROGUE = make("DSC PT rogue")
GATEWAY = make("Gateway anchor")
ANCHORS = DscAnchors(gateway=GatewayAnchor.of(GATEWAY.der))
UPLOADER = make("UP PT")
GOOD = did_document([did_method(":DCC:PRT:DSC", SIGNER.jwk(ROOT))], PUBLISHER)


def did(raw: bytes | dict[str, Any], environment: Environment = Environment.LIVE, **more: Any) -> TrustList:
    raw = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    document = read_document(
        raw, environment=environment, fetched_at=NOW, **{"anchor": did_anchor(PUBLISHER), **more}
    )
    return read_did([document], list_id="who", environment=environment)


def eu(document: Any, **more: Any) -> TrustList:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_dsc_list(
        raw, **{"list_id": "eu", "environment": Environment.LIVE, "fetched_at": NOW, "anchors": None, **more}
    )


def refusal(attempt: Callable[[], Any]) -> str:
    with pytest.raises(TrustRefused) as refused:
        attempt()
    assert refused.value.message
    return refused.value.code


def codes(held: TrustList) -> list[str]:
    return [problem.code for problem in held.problems]
