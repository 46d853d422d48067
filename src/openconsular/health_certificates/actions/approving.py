"""Approving several records at once, by reading back how many they are."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.actions.records import approve_record
from openconsular.health_certificates.models import Record

MOST_AT_ONCE = 100


@transaction.atomic
def approve_several(
    *, public_ids: Collection[UUID], confirmed_count: int, by: Actor, now: datetime
) -> list[Record]:
    """Approve all of these records or none, each as `approve_record` would.

    Raises InvalidInput when `confirmed_count` is not their number; Conflict when one was decided meanwhile.
    """
    by.require(Permission.APPROVE_HEALTH)
    wanted = sorted(set(public_ids))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise InvalidInput(_("Choose from 1 to 100 records."))
    if confirmed_count != len(wanted):
        reason = _("The number is not that of the records chosen.")
        raise InvalidInput(reason, fields={"confirmed_count": reason})
    approved = [approve_record(public_id=one, by=by, now=now) for one in wanted]
    detail = {"count": len(approved)}
    audit.record(by=by, action="certificate.approve_several", subject="records", now=now, detail=detail)
    return approved
