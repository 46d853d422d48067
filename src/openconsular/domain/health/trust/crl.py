"""Certificate revocation lists of countries' authorities (RFC 5280 section 5): signers that are no longer to be believed.

The WHO's governance recommends them beside taking a signer off the list. Read with asn1crypto, as tolerantly as
certificates are. What would need more than one list to understand (deltas, indirect lists, lists of some reasons only) is
refused: a part of a list taken for the whole would hide what is revoked.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import crl
from asn1crypto import pem as pem_form

from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.limits import CRL_BYTES_MOST, ENTRIES_MOST
from openconsular.domain.health.trust.model import Authority
from openconsular.domain.health.trust.revoked_signers import SignerRevocations
from openconsular.domain.health.trust.signatures import verify
from openconsular.domain.health.trust.x509 import ASN1_FAULTS, read_certificate

_CLOCKS_APART = timedelta(days=1)
# Extensions of a list that change nothing about which certificates it speaks of.
_HARMLESS = frozenset({"crl_number", "authority_key_identifier", "issuer_alt_name", "freshest_crl"})
_HARMLESS |= {"authority_information_access"}
_OF_ENTRY = frozenset({"crl_reason", "invalidity_date", "hold_instruction_code"})
_SCOPES = ("only_some_reasons", "indirect_crl", "only_contains_ca_certs", "only_contains_attribute_certs")
_TAKEN_BACK = "remove_from_crl"


def read_crl(
    raw: bytes, *, authorities: Iterable[Authority] | None, fetched_at: datetime
) -> SignerRevocations:
    """The list in `raw`, DER or PEM, signed by one of `authorities`; None for one that was checked when it was taken.

    Raises TrustRefused: "list-too-large", "list-too-long", "list-unreadable", "list-from-the-future", "crl-scope" (a part
    of a list, or about other certificates), "crl-signer-unknown", "proof-wrong".
    """
    if len(raw) > CRL_BYTES_MOST:
        raise TrustRefused("list-too-large", f"The list has {len(raw)} bytes.")
    try:
        der = pem_form.unarmor(raw)[2] if pem_form.detect(raw) else raw
        parsed = crl.CertificateList.load(der, strict=True)
        found = _facts(parsed, parsed["tbs_cert_list"])
        parts = (
            parsed["signature"].native,
            parsed["tbs_cert_list"].dump(),
            parsed["signature_algorithm"],
        )
    except ASN1_FAULTS as cause:
        raise TrustRefused("list-unreadable", f"The revocation list cannot be read: {cause}") from cause
    if found.as_of > fetched_at + _CLOCKS_APART:
        raise TrustRefused(
            "list-from-the-future", f"The list says it was made at {found.as_of:%Y-%m-%d %H:%M}."
        )
    return found if authorities is None else _signed(found, parts, authorities)


def _facts(parsed: Any, body: Any) -> SignerRevocations:
    for extension in body["crl_extensions"] or ():
        name = extension["extn_id"].native
        if name == "issuing_distribution_point":
            _demand_whole(extension["extn_value"].parsed)
        elif name == "delta_crl_indicator" or (name not in _HARMLESS and extension["critical"].native):
            raise TrustRefused("crl-scope", "This is a part of a list, or a list of another kind.")
    named = parsed.authority_key_identifier_value
    number = parsed.crl_number_value
    until = body["next_update"].native
    entries = body["revoked_certificates"] or ()
    if len(entries) > ENTRIES_MOST:
        raise TrustRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")
    reasons = {entry["user_certificate"].native: _reason(entry) for entry in entries}
    return SignerRevocations(
        issuer=body["issuer"].dump(),
        key_identifier=(named["key_identifier"].native or b"") if named is not None else b"",
        number=None if number is None else int(number.native),
        as_of=_instant(body["this_update"].native),
        valid_until=None if until is None else _instant(until),
        revoked={serial: reason for serial, reason in reasons.items() if reason != _TAKEN_BACK},
    )


def _demand_whole(point: Any) -> None:
    """Which certificates a distribution point limits a list to. Only those of signers leaves it whole for us."""
    if any(point[name].native for name in _SCOPES):
        raise TrustRefused("crl-scope", "The list speaks of some certificates only.")


def _reason(entry: Any) -> str:
    found = ""
    for extension in entry["crl_entry_extensions"] or ():
        name = extension["extn_id"].native
        if name == "crl_reason":
            found = str(extension["extn_value"].parsed.native)
        elif name not in _OF_ENTRY and extension["critical"].native:
            raise TrustRefused("crl-scope", "The list speaks of certificates of other authorities.")
    return found


def _signed(
    found: SignerRevocations, parts: tuple[bytes, bytes, Any], authorities: Iterable[Authority]
) -> SignerRevocations:
    named = [one for one in authorities if found.speaks_of(one.subject, one.key_identifier)]
    if not named:
        raise TrustRefused(
            "crl-signer-unknown", "No authority held here goes by the name that signed the list."
        )
    for authority in named:
        usage = read_certificate(authority.certificate).key_usage
        if usage is not None and "crl_sign" not in usage:
            continue
        try:
            verify(authority.public_key, *parts)
        except KeyRefused:
            continue
        return replace(
            found,
            key_identifier=found.key_identifier or authority.key_identifier,
            signed_by=authority.fingerprint,
        )
    raise TrustRefused("proof-wrong", "The signature of the revocation list is not its authority's.")


def demand_newer(new: SignerRevocations, held: SignerRevocations) -> None:
    """Raises TrustRefused where `new` may not follow `held`: "crl-other-authority", "list-older", "list-conflict"."""
    if new.issuer != held.issuer:
        raise TrustRefused("crl-other-authority", "The list is another authority's than the one held.")
    numbers = (new.number, held.number)
    if None in numbers and numbers != (None, None) and new.number is None:
        raise TrustRefused("list-older", "The list has no number, and the one held has.")
    if new.sequence < held.sequence and (new.number is None) == (held.number is None):
        raise TrustRefused("list-older", "The list is older than the one held.")
    if new.as_of < held.as_of:
        raise TrustRefused("list-older", "The list was made before the one held.")
    if new.sequence == held.sequence and dict(new.revoked) != dict(held.revoked):
        raise TrustRefused("list-conflict", "The list says something else under the same number.")


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError("a date is missing")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
