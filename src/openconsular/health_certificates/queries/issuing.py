"""Whether certificates are being signed, and what holds them."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, QuerySet

from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import Alarm, IssuingSwitch


@dataclass(frozen=True)
class SwitchState:
    """The switch that ends all signing; `changed_by` is an actor's label."""

    is_stopped: bool = False
    changed_by: str = ""
    changed_at: datetime | None = None
    reason: str = ""


def switch_state() -> SwitchState:
    row = IssuingSwitch.objects.filter(pk=1).first()
    if row is None:
        return SwitchState()
    return SwitchState(row.is_stopped, row.changed_by, row.changed_at, row.reason)


def alarms(*, by: Actor) -> QuerySet[Alarm]:
    """Alarms of this environment, those nobody has settled first."""
    by.require(Permission.STOP_ISSUING)
    found = Alarm.objects.filter(environment=settings.CERTIFICATES)
    return found.order_by(F("settled_at").desc(nulls_first=True), "-pk")


def open_alarm_count(*, by: Actor) -> int:
    if not by.can(Permission.STOP_ISSUING):
        return 0
    return Alarm.objects.filter(environment=settings.CERTIFICATES, settled_at=None).count()
