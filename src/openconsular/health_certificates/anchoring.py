"""Who vouches for a list, as an operator configured it.

`TrustSource.anchors` is JSON: "public_key" (PEM of a public key or a certificate), "publisher_name" (whose certificate
below a pinned authority signs), "verification_method" (DID), "gateway" (base64 DER), "confirmed" (SHA-256, hex), "hosts"
(where references may lead beside the list's own host), "also" (addresses of files that belong to it).
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.translation import gettext as _

from openconsular.domain.health.trust.chain import read_authority
from openconsular.domain.health.trust.did_proof import DidAnchor
from openconsular.domain.health.trust.dsc_list import DscAnchors
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.gateway import GatewayAnchor
from openconsular.domain.health.trust.model import Authority, PublicKey
from openconsular.domain.health.trust.publisher import Publisher
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates.models import TrustSource


def anchors_of(source: TrustSource) -> Mapping[str, Any]:
    if not source.anchors.strip():
        return {}
    try:
        found = json.loads(source.anchors)
    except ValueError as error:
        raise InvalidInput(_("The anchors of this list are not JSON.")) from error
    return found if isinstance(found, dict) else {}


def did_anchor(anchors: Mapping[str, Any]) -> DidAnchor | None:
    method = anchors.get("verification_method")
    return DidAnchor(str(method), ec_key(anchors)) if method else None


def dsc_anchors(anchors: Mapping[str, Any], confirmed: str) -> DscAnchors:
    gateway = anchors.get("gateway")
    return DscAnchors(
        publisher=_publisher(anchors) if anchors.get("public_key") else None,
        gateway=GatewayAnchor.of(b64decode(str(gateway))) if gateway else None,
        confirmed=confirmed,
    )


def pinned_authority(anchors: Mapping[str, Any]) -> list[Authority]:
    """The authority whose revocation list this is, where its certificate was configured."""
    der = _certificate(anchors)
    try:
        return [read_authority(der)] if der else []
    except KeyRefused as error:
        raise InvalidInput(error.message, code=error.code) from error


def ec_key(anchors: Mapping[str, Any]) -> EllipticCurvePublicKey:
    key = _key(anchors)
    if not isinstance(key, EllipticCurvePublicKey):
        raise InvalidInput(_("The key that vouches for this list is of another kind."))
    return key


def _publisher(anchors: Mapping[str, Any]) -> Publisher:
    der = _certificate(anchors)
    if der is None:
        return Publisher(key=_key(anchors))
    try:
        return Publisher.of_certificate(der, str(anchors.get("publisher_name", "")))
    except (KeyRefused, TrustRefused) as error:
        raise InvalidInput(error.message, code=error.code) from error


def _certificate(anchors: Mapping[str, Any]) -> bytes | None:
    text = str(anchors.get("public_key", "")).strip()
    if "BEGIN CERTIFICATE" not in text:
        return None
    try:
        der: bytes = pem.unarmor(text.encode())[2]
    except ValueError as error:
        raise InvalidInput(_("The certificate that vouches for this list is not in PEM.")) from error
    return der


def _key(anchors: Mapping[str, Any]) -> PublicKey:
    try:
        key = load_pem_public_key(str(anchors.get("public_key", "")).encode())
    except ValueError as error:
        raise InvalidInput(_("The key that vouches for this list is not a public key in PEM.")) from error
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        raise InvalidInput(_("The key that vouches for this list is of another kind."))
    return key
