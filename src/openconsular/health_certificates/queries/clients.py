"""Who may verify by machine, and how much they did."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet, Sum

from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import ApiClient, ApiUse


def clients(*, by: Actor) -> QuerySet[ApiClient]:
    by.require(Permission.MANAGE_HEALTH_KEYS)
    return ApiClient.objects.filter(environment=settings.CERTIFICATES).order_by("ended_at", "name", "pk")


def use_since(since: datetime, *, by: Actor) -> dict[int, tuple[int, int]]:
    """(codes asked about, of them valid) by client id."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    rows = ApiUse.objects.filter(minute__gte=since).values("client").annotate(c=Sum("codes"), v=Sum("valid"))
    return {row["client"]: (row["c"], row["v"]) for row in rows}
