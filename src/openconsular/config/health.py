"""Health and metrics for whoever runs the program: /healthz for load balancers, /metrics for Prometheus."""

import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

# Cheap on purpose: indexed counts of what is open, never of all history.
_FIGURES = {
    "jobs": (
        "Queued and running jobs by queue and state",
        ["queue", "state"],
        "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs"
        " WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2",
    ),
    "shards_open": (
        "Shards of messages not done, by channel and state",
        ["channel", "state"],
        "SELECT channel, state, count(*) FROM alerts_shard WHERE state <> 'done' GROUP BY 1, 2",
    ),
    "warnings_open": (
        "Warnings by state, while they are open",
        ["state"],
        "SELECT state, count(*) FROM alerts_warning WHERE state IN ('proposed', 'submitted', 'sending') GROUP BY 1",
    ),
    "cases_open": (
        "Open cases by state",
        ["state"],
        "SELECT state, count(*) FROM casework_case WHERE state <> 'closed' GROUP BY 1",
    ),
    "sending_stopped": (
        "1 while the switch stops all sending",
        [],
        "SELECT count(*) FROM alerts_sendingswitch WHERE is_stopped",
    ),
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For this machine, or for whoever holds the configured token."""
    if not (_is_this_machine(request) or _has_token(request)):
        return HttpResponseForbidden("metrics are for this machine, or need the configured token")
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_this_machine(request: HttpRequest) -> bool:
    # A request that came through a proxy shows the proxy's address; it has to bring the token.
    if request.headers.get("X-Forwarded-For"):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")


class _Figures:
    """Reads the figures when asked, so that any process can answer."""

    def collect(self) -> Iterator[Metric]:
        with connection.cursor() as cursor:
            for name, (help_text, labels, sql) in _FIGURES.items():
                family = GaugeMetricFamily(f"openconsular_{name}", help_text, labels=labels)
                cursor.execute(sql)
                for row in cursor.fetchall():
                    family.add_metric([str(one) for one in row[:-1]], row[-1])
                yield family
