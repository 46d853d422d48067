"""The chain of trust in the EU gateway's list: the gateway's anchor signs each country's authorities and uploaders, an
uploader signs what its country uploads (DCC certificate governance 2.3 and 2.4).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openconsular.domain.health.trust.cms import verify_detached
from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.json_text import base64_bytes, long_text_in, text_in
from openconsular.domain.health.trust.x509 import SigningCertificate, read_certificate

_BY_ANCHOR = frozenset({"CSCA", "UPLOAD"})
_KNOWN = _BY_ANCHOR | {"DSC", "AUTHENTICATION", "SIGN", "ISSUER", "TRUSTANCHOR", "URL"}
_UPLOADERS_MOST = 16


@dataclass(frozen=True, slots=True)
class GatewayAnchor:
    """The gateway's trust anchor (DGCG TA, TNG TA): a certificate handed over at onboarding."""

    certificate: SigningCertificate

    @classmethod
    def of(cls, der: bytes) -> "GatewayAnchor":
        """Raises KeyRefused."""
        return cls(read_certificate(der))


def vouch(
    entries: Sequence[dict[str, Any]], anchor: GatewayAnchor, refuse: Callable[[str, KeyRefused], None]
) -> list[dict[str, Any]]:
    """The entries somebody rightly signed; the others are refused with their reason, entry by entry."""
    uploaders: dict[str, list[SigningCertificate]] = {}
    good: list[dict[str, Any]] = []
    for entry in entries:
        if _kind(entry) in _BY_ANCHOR:
            try:
                der = _checked(entry, [anchor.certificate])
                if _kind(entry) == "UPLOAD":
                    uploaders.setdefault(_country(entry), []).append(read_certificate(der))
                good.append(entry)
            except KeyRefused as fault:
                refuse(_label(entry), fault)
    for entry in entries:
        if _kind(entry) not in _KNOWN:
            refuse(_label(entry), KeyRefused("entry-kind", "The entry does not say what it is."))
        if _kind(entry) == "DSC":
            try:
                _checked(entry, uploaders.get(_country(entry), [])[:_UPLOADERS_MOST])
                good.append(entry)
            except KeyRefused as fault:
                refuse(_label(entry), fault)
    return good


def _checked(entry: Mapping[str, Any], signers: Sequence[SigningCertificate]) -> bytes:
    """The certificate of an entry, once one of `signers` turns out to have signed it."""
    der = base64_bytes(long_text_in(entry, "rawData"))
    signature = base64_bytes(long_text_in(entry, "signature"))
    if not signers:
        raise KeyRefused(
            "uploader-unknown", f"The list has no upload certificate of {_country(entry) or 'no country'}."
        )
    fault: KeyRefused | None = None
    for signer in signers:
        try:
            verify_detached(signature, der, signer)
        except KeyRefused as found:
            fault = fault or found
        else:
            return der
    raise fault or KeyRefused("signature-wrong", "The signature does not fit.")


def _kind(entry: Mapping[str, Any]) -> str:
    return text_in(entry, "certificateType").upper()


def _country(entry: Mapping[str, Any]) -> str:
    return same_country(text_in(entry, "country"))


def _label(entry: Mapping[str, Any]) -> str:
    return f"{text_in(entry, 'country')} {text_in(entry, 'kid') or text_in(entry, 'thumbprint')}".strip()
