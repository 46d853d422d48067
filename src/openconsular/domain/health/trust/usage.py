"""What a key may be used for: its type and strength, its certificate's purposes, its trust domain."""

from collections.abc import Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from openconsular.domain.health.certificate import Algorithm, Format, Kind
from openconsular.domain.health.trust.limits import (
    EXPONENT_BITS_MOST,
    EXPONENT_LEAST,
    RSA_BITS_LEAST,
    RSA_BITS_MOST,
)
from openconsular.domain.health.trust.model import ALL_KINDS, FAMILIES, Family, PublicKey

# DCC certificate governance 4.3 writes the arc with a zero, WHO's and the first issuers' certificates without.
_ARCS = ("1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1.")
_KIND_NUMBERS = {"1": Kind.TEST, "2": Kind.VACCINATION, "3": Kind.RECOVERY}
_KINDS = {arc + number: kind for arc in _ARCS for number, kind in _KIND_NUMBERS.items()}
_VDS_NC_ARC = "2.23.136.1.1.14."  # ICAO: signers of visible digital seals

_CURVES: Mapping[Family, Mapping[str, Algorithm]] = MappingProxyType(
    {
        # Governance 4.1: "Other elliptic curves are not supported."
        Family.HCERT: {"secp256r1": Algorithm.ES256},
        # ICAO VDS-NC 1.4 section 2.4; ES512 is allowed there too, no signer is known to use it.
        Family.VDS_NC: {"secp256r1": Algorithm.ES256, "secp384r1": Algorithm.ES384},
        Family.SMART: {"secp256r1": Algorithm.ES256},
        Family.DIVOC: {},
    }
)
_RSA_FAMILIES = frozenset({Family.HCERT})
_HCERT_FORMATS = frozenset(form for form, family in FAMILIES.items() if family is Family.HCERT)
_DDCC = frozenset({Format.EU_DCC, Format.DDCC_VS, Format.DDCC_TR})

# Trust domains of the WHO's network (CodeSystem Domains of smart-trust; RACSEL-DDVC is the American one of the
# development network, whose payload is the digital vaccine certificate, ICVP's forerunner). DCC is what the gateway
# writes when a participant names none: in January 2026 the live list had no other for signers of certificates, so it
# cannot limit them. PH4H and IPS-PILGRIMAGE sign patient summaries, which are not read here.
_DOMAINS: Mapping[str, frozenset[Format]] = MappingProxyType(
    {
        "": _HCERT_FORMATS,
        "-": _HCERT_FORMATS,
        "DCC": _HCERT_FORMATS,
        "DDCC": _DDCC,
        "ICVP": frozenset({Format.ICVP}),
        "RACSEL-DDVC": frozenset({Format.ICVP, Format.DDCC_VS}),
    }
)


def algorithms_of(key: PublicKey, family: Family) -> tuple[frozenset[Algorithm], str]:
    """The algorithms a key may sign with in a family, and why there are none."""
    if isinstance(key, EllipticCurvePublicKey):
        algorithm = _CURVES[family].get(key.curve.name)
        return (frozenset({algorithm}), "") if algorithm else (frozenset(), "curve-not-allowed")
    if family not in _RSA_FAMILIES:
        return frozenset(), "key-type-not-allowed"
    refused = rsa_fault(key, RSA_BITS_MOST)
    return (frozenset(), refused) if refused else (frozenset({Algorithm.PS256}), "")


def rsa_fault(key: PublicKey, bits_most: int) -> str:
    """Why an RSA key is not taken ("" when it is, or when it is no RSA key)."""
    if isinstance(key, EllipticCurvePublicKey):
        return ""
    if key.key_size < RSA_BITS_LEAST:
        return "key-too-short"
    if key.key_size > bits_most:
        return "key-too-long"
    exponent = key.public_numbers().e
    return (
        "" if exponent >= EXPONENT_LEAST and exponent.bit_length() <= EXPONENT_BITS_MOST else "key-exponent"
    )


def kinds_of(purposes: tuple[str, ...] | None, family: Family) -> frozenset[Kind]:
    """What the extended key usage leaves a key to sign.

    Health purposes limit it to themselves. Without any (absent, empty, or only those a commercial authority puts
    into every certificate, as Spain's signers have) it may sign all (governance 4.3: "zero or more"). A certificate
    made for visible digital seals and nothing else may not sign HCERT.
    """
    named = frozenset(_KINDS[purpose] for purpose in purposes or () if purpose in _KINDS)
    if named:
        return named
    if purposes and family is Family.HCERT and all(purpose.startswith(_VDS_NC_ARC) for purpose in purposes):
        return frozenset()
    return ALL_KINDS


def kinds_named(letters: str) -> frozenset[Kind]:
    """Kinds by the initials national lists use ("vtr")."""
    initials = {"v": Kind.VACCINATION, "t": Kind.TEST, "r": Kind.RECOVERY}
    return frozenset(initials[letter] for letter in letters.lower() if letter in initials)


def formats_of(domain: str, family: Family) -> frozenset[Format]:
    """The formats a trust domain covers; none for a domain not known here."""
    if family is not Family.HCERT:
        return frozenset(form for form, other in FAMILIES.items() if other is family)
    return _DOMAINS.get(domain.upper(), frozenset())
