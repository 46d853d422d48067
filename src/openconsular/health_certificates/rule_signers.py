"""Certificates with which countries sign their rules, as text in PEM."""

import re

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates
from django.utils.translation import gettext as _

from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.x509 import SigningCertificate, read_certificate
from openconsular.foundation.errors import InvalidInput

_BEGIN = re.compile("-----BEGIN CERTIFICATE-----")
SIGNERS_MOST = 200


def signers_in(pem: str) -> dict[str, list[SigningCertificate]]:
    """Certificates by the country they name (alpha-2). Raises InvalidInput when the text is something else."""
    if not pem.strip():
        return {}
    reason = _("These are not certificates in PEM, each naming its country.")
    if len(_BEGIN.findall(pem)) > SIGNERS_MOST:
        raise InvalidInput(reason, fields={"signers": reason})
    found: dict[str, list[SigningCertificate]] = {}
    try:
        for one in load_pem_x509_certificates(pem.encode()):
            read = read_certificate(one.public_bytes(Encoding.DER))
            if not read.country:
                raise InvalidInput(reason, fields={"signers": reason})
            found.setdefault(same_country(read.country), []).append(read)
    except (ValueError, KeyRefused) as error:
        raise InvalidInput(reason, fields={"signers": reason}) from error
    return found
