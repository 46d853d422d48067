"""The secrets of second factors, sealed inside the JSON allauth keeps them in."""

import base64
import binascii
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from openconsular.foundation import rotation

CONTEXT = "accounts.second_factor"
# Where allauth puts what its adapter's `encrypt` returned: the seed of one-time codes, that of recovery codes.
_SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def rotate() -> int:
    """Seal every secret with the newest key. Returns how many it changed; may be stopped and run again."""
    changed = 0
    for pk in list(Authenticator.objects.filter(type__in=_SEALED).values_list("pk", flat=True)):
        with transaction.atomic():
            # Locked one by one: a recovery code used meanwhile changes the same JSON.
            one = Authenticator.objects.select_for_update().filter(pk=pk).first()
            changed += one is not None and _rotate_one(one)
    return changed


def _rotate_one(one: Any) -> bool:
    name = _SEALED[one.type]
    try:
        sealed = base64.b64decode(one.data.get(name, ""), validate=True)
    except binascii.Error:
        return False
    fresh = rotation.resealed(sealed, CONTEXT) if sealed else None
    if fresh is None:
        return False
    one.data = one.data | {name: base64.b64encode(fresh).decode()}
    one.save(update_fields=["data"])
    return True
