"""Our own keys and revocations as an issuer of SMART Health Cards: what the issuer's address serves, without asking it."""

import hashlib
import json
from datetime import datetime

from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.smart_lists import smart_list_of
from openconsular.domain.health.trust.jwks import IssuerKeys, read_jwks
from openconsular.domain.health.trust.model import Environment
from openconsular.health_certificates import publishing, rules, sealing

LIST_ID = "own-cards"


def keys(environment: Environment, as_of: datetime) -> IssuerKeys | None:
    """The set at /.well-known/jwks.json, as good as the table it is made of; None where there is no key yet."""
    published = publishing.jwks()
    if not published["keys"]:
        return None
    content = json.dumps(published).encode()
    return read_jwks(
        content,
        issuer=rules.current().smart_issuer,
        list_id=LIST_ID,
        environment=environment,
        fetched_at=as_of,
        confirmed=hashlib.sha256(content).hexdigest(),
    )


def with_revoked(revocations: Revocations, as_of: datetime) -> Revocations:
    """`revocations` with the list of each of our keys, as it is published beside them."""
    issuer = rules.current().smart_issuer
    for key in publishing.own_signers():
        key_id = sealing.smart_key_id(key)
        document = publishing.card_revocations(key)
        revocations = revocations.with_smart_list(
            smart_list_of(document, issuer=issuer, key_id=key_id, fetched_at=as_of)
        )
    return revocations
