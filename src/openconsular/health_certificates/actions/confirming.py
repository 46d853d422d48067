"""Taking a list that nobody signs: a person compared the file with what its publisher told by another way."""

import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.actions.trust import import_list
from openconsular.health_certificates.models import TrustEdition, TrustSource


@transaction.atomic
def import_confirmed_list(
    *, name: str, content: bytes, confirmed: str, goes_back: bool = False, by: Actor, now: datetime
) -> TrustEdition:
    """As `import_list`, with the SHA-256 (hex) of the file as its publisher told it; it vouches for this file alone.

    Raises ListRefused where it is not that of the content; nothing is changed then.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    source = (
        TrustSource.objects.select_for_update().filter(environment=settings.CERTIFICATES, name=name).first()
    )
    if source is None:
        raise NotFound(_("There is no list of this name."))
    anchors = json.loads(source.anchors) if source.anchors.strip() else {}
    source.anchors = json.dumps({**anchors, "confirmed": confirmed.lower()})
    source.save(update_fields=["anchors"])
    subject = f"list:{source.environment}:{source.name}"
    detail = {"digest": confirmed.lower()}
    audit.record(by=by, action="certificate.list_confirm", subject=subject, now=now, detail=detail)
    return import_list(name=name, content=content, goes_back=goes_back, by=by, now=now)
