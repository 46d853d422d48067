"""Signers of ICAO visible digital seals and their authorities, from files: PEM or DER certificates, or a master list.

A seal carries its signer's certificate, so the authorities are what has to be known (ICAO, VDS-NC 1.4 section 3; master
lists: Doc 9303-12 section 8).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from asn1crypto import core, parser
from asn1crypto import x509 as asn1

from openconsular.domain.health.trust.chain import Authorities
from openconsular.domain.health.trust.cms import content_of
from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import base64_bytes
from openconsular.domain.health.trust.limits import ENTRIES_MOST, LIST_BYTES_MOST
from openconsular.domain.health.trust.model import (
    Environment,
    Family,
    Proof,
    TrustedKey,
    TrustList,
    TrustStore,
)
from openconsular.domain.health.trust.revoking import demand_not_revoked
from openconsular.domain.health.trust.x509 import ASN1_FAULTS, read_certificate

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,30})-----\s([^-]{1,100000})-----END ", re.ASCII)
_PEM_KINDS = (b"CERTIFICATE", b"TRUSTED CERTIFICATE", b"X509 CERTIFICATE")
_CMS_KINDS = (b"CMS", b"PKCS7")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2 (RFC 5652 section 5.1)


class _Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = asn1.Certificate


class _MasterList(core.Sequence):  # type: ignore[misc]
    """CscaMasterList (Doc 9303-12 section 8.2)."""

    _fields = [("version", core.Integer), ("certificates", _Certificates)]


def read_vds_signers(
    raw: bytes, *, list_id: str, environment: Environment, fetched_at: datetime, confirmed: str = ""
) -> TrustList:
    """Signers and authorities in a file of certificates, each told apart by what it may do.

    Such a file bears no signature that could be checked without already trusting its signer: somebody confirms its
    SHA-256 (hex), or it stays not checked. Raises TrustRefused.
    """
    if len(raw) > LIST_BYTES_MOST:
        raise TrustRefused("list-too-large", f"The file has {len(raw)} bytes.")
    if confirmed and hashlib.sha256(raw).hexdigest() != confirmed.strip().replace(":", "").lower():
        raise TrustRefused("fingerprint-wrong", "The file is not the one whose fingerprint was confirmed.")
    draft = Draft(Origin(list_id, environment, fetched_at), Family.VDS_NC)
    for position, der in enumerate(_certificates(raw), start=1):
        if position > ENTRIES_MOST:
            raise TrustRefused("list-too-long", f"The file has more than {ENTRIES_MOST} certificates.")
        listed = Listed(entry=f"certificate {position}")
        try:
            is_authority = read_certificate(der).is_authority
        except KeyRefused as fault:
            draft.refuse(listed.entry, fault)
            continue
        if is_authority:
            draft.add_authority(der, listed)
        else:
            draft.add_certificate(der, listed)
    proof = Proof.CONFIRMED if confirmed else Proof.NOT_CHECKED
    return draft.finish(proof, "" if confirmed else "nobody confirmed the fingerprint of the file.")


def carried_key(der: bytes, store: TrustStore) -> TrustedKey:
    """The key of a certificate a seal carries, when an authority in the store signed it.

    Raises KeyRefused, with "chain-missing" when the store has no authority by that name.
    """
    read = read_certificate(der)
    holders = [
        held
        for held in store.lists.values()
        if any(key.family is Family.VDS_NC for key in held.keys) or held.authorities
    ]
    for held in holders:
        authority = Authorities.of(held.authorities).signer_of(read, read.country)
        if authority is not None:
            demand_not_revoked(read, store)
            draft = Draft(Origin(held.list_id, held.environment, held.as_of), Family.VDS_NC, must_chain=True)
            draft.add_certificate(read, Listed(entry=read.subject_words))
            draft.add_authority(
                authority.certificate, Listed(entry=authority.fingerprint, country=authority.country)
            )
            taken = draft.finish(held.proof)
            if not taken.keys:
                fault = taken.problems[0]
                raise KeyRefused(fault.code, fault.message)
            return replace(taken.keys[0], notes=(*taken.keys[0].notes, "certificate-carried"))
    raise KeyRefused("chain-missing", f"No known authority signed the certificate of “{read.subject_words}”.")


def _certificates(raw: bytes) -> Iterator[bytes]:
    if b"-----BEGIN " in raw:
        for kind, body in _PEM.findall(raw):
            try:
                der = base64_bytes(body.decode("ascii"))
            except (KeyRefused, UnicodeDecodeError) as cause:
                raise TrustRefused("list-unreadable", "The file holds something that is not PEM.") from cause
            if kind in _PEM_KINDS:
                yield der
            elif kind in _CMS_KINDS:
                yield from _of_master_list(der)
        return
    try:
        yield from _of_der(raw)
    except ASN1_FAULTS as cause:
        raise TrustRefused("list-unreadable", "The file holds no certificates.") from cause


def _of_der(raw: bytes) -> Iterator[bytes]:
    """Certificates one after the other, or one message with a master list."""
    if parser.parse(raw)[4].startswith(_SIGNED_DATA):
        yield from _of_master_list(raw)
        return
    while raw:
        length = parser.peek(raw)
        yield raw[:length]
        raw = raw[length:]


def _of_master_list(message: bytes) -> Iterator[bytes]:
    try:
        listed = _MasterList.load(content_of(message), strict=True)["certificates"]
        yield from (one.dump() for one in listed)
    except (KeyRefused, *ASN1_FAULTS) as cause:
        raise TrustRefused("list-unreadable", "The message holds no master list.") from cause
