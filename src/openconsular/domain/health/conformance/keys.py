"""A trust store of the one signer a vector names, read as a list would be."""

from datetime import UTC, datetime
from functools import lru_cache

from openconsular.domain.health.trust.model import Environment, Family, TrustedKey, TrustList, TrustStore
from openconsular.domain.health.trust.usage import algorithms_of, formats_of, kinds_of
from openconsular.domain.health.trust.x509 import read_certificate

_AS_OF = datetime(2021, 1, 1, tzinfo=UTC)


def trusted(certificate: bytes) -> TrustedKey:
    """The key of a signer's certificate (DER). Raises `KeyRefused`."""
    read = read_certificate(certificate)
    algorithms, refused = algorithms_of(read.public_key, Family.HCERT)
    return TrustedKey(
        public_key=read.public_key,
        key_ids=(read.key_id,),
        family=Family.HCERT,
        country="",
        issuer="",
        algorithms=algorithms,
        formats=formats_of("", Family.HCERT),
        kinds=kinds_of(read.extended_key_usage, Family.HCERT),
        environment=Environment.TEST,
        list_id="vector",
        as_of=_AS_OF,
        not_before=read.not_before,
        not_after=read.not_after,
        certificate=certificate,
        refused=refused,
    )


@lru_cache(maxsize=256)
def store_of(certificate: bytes) -> TrustStore:
    """A store that trusts one certificate (DER). Raises `KeyRefused`."""
    held = TrustList("vector", Environment.TEST, 1, _AS_OF, "", (trusted(certificate),))
    return TrustStore(Environment.TEST, {"vector": held})
