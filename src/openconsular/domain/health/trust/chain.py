"""From a document signer to the authority of its country (DCC certificate governance 2.3: exactly two levels)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.limits import AUTHORITY_RSA_BITS_MOST
from openconsular.domain.health.trust.model import Authority, PublicKey
from openconsular.domain.health.trust.signatures import verify
from openconsular.domain.health.trust.usage import rsa_fault
from openconsular.domain.health.trust.x509 import ASN1_FAULTS, SigningCertificate, read_certificate

# Authorities that may stand for one name: renewals keep the name and change the key.
_TRIED_MOST = 16


def read_authority(der: bytes, country: str = "") -> Authority:
    """A certificate as an authority. `country` is the list's word for it; the certificate's own is used without.

    Raises KeyRefused: "not-an-authority" (no CA flag, or key usage without certificate signing),
    "authority-country", or what keeps its key from being used.
    """
    read = read_certificate(der)
    if not read.is_authority or (read.key_usage is not None and "key_cert_sign" not in read.key_usage):
        raise KeyRefused("not-an-authority", f"“{read.subject_words}” may not sign certificates.")
    if refused := rsa_fault(read.public_key, AUTHORITY_RSA_BITS_MOST):
        raise KeyRefused(refused, f"The key of “{read.subject_words}” is not strong enough or too large.")
    return Authority(
        certificate=read.der,
        fingerprint=read.fingerprint,
        country=same_country(country) or same_country(read.country),
        subject=read.subject,
        key_identifier=read.key_identifier,
        public_key=read.public_key,
        path_length=read.path_length,
        not_before=read.not_before,
        not_after=read.not_after,
    )


@dataclass(slots=True)
class Authorities:
    """Authorities of a list, found by name and by key identifier."""

    _by_subject: dict[bytes, list[Authority]] = field(default_factory=dict)
    _by_identifier: dict[bytes, list[Authority]] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Iterable[Authority]) -> "Authorities":
        found = cls()
        for authority in known:
            found._by_subject.setdefault(authority.subject, []).append(authority)
            if authority.key_identifier:
                found._by_identifier.setdefault(authority.key_identifier, []).append(authority)
        return found

    def signer_of(self, signed: SigningCertificate, country: str) -> Authority | None:
        """The authority whose signature `signed` bears, or None when none by that name is known.

        Raises KeyRefused "chain-signature" when authorities by that name are known and none of them signed it,
        "chain-country" when the one that did belongs to another country.
        """
        possible = self._possible(signed)
        if not possible:
            return None
        signers = [authority for authority in possible if _signed(signed, authority)]
        if not signers:
            raise KeyRefused(
                "chain-signature", f"“{signed.subject_words}” is not signed by the authority it names."
            )
        wanted = same_country(country)
        for authority in signers:
            if not authority.country or not wanted or wanted == authority.country:
                return authority
        raise KeyRefused("chain-country", f"An authority of {signers[0].country} signed for {country}.")

    def _possible(self, signed: SigningCertificate) -> list[Authority]:
        """By key identifier where both have one: renewed authorities share a name, and the older may have left the list."""
        named = signed.authority_key_identifier
        found = {_of(one): one for one in self._by_identifier.get(named, ())} if named else {}
        for one in self._by_subject.get(signed.issuer, ()):
            if not named or not one.key_identifier or one.key_identifier == named:
                found.setdefault(_of(one), one)
        return list(found.values())[:_TRIED_MOST]


def _of(authority: Authority) -> tuple[str, str]:
    """One certificate may stand in a list for several countries."""
    return authority.fingerprint, authority.country


def _signed(signed: SigningCertificate, authority: Authority) -> bool:
    """Whether the authority's key made the signature. A signer that is itself an authority is one level too many."""
    if signed.is_authority and authority.path_length == 0 and signed.subject != authority.subject:
        return False
    return is_signed_by(signed, authority.public_key)


def is_signed_by(signed: SigningCertificate, key: PublicKey) -> bool:
    """Whether `key` made the signature of a certificate, with an algorithm that is still good."""
    parsed = signed.parsed
    try:
        parts = (
            parsed["signature_value"].native,
            parsed["tbs_certificate"].dump(),
            parsed["signature_algorithm"],
        )
        verify(key, *parts)
    except (KeyRefused, *ASN1_FAULTS):
        return False
    return True
