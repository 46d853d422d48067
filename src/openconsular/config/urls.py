"""Every address of the site, room by room."""

from django.urls import include, path

from openconsular.citizens.views import data
from openconsular.config import health, own_data

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    # Before the registry's own, which know nothing of incidents and cases.
    path("me/data/export.json", data.export, {"more": own_data.more}, name="me-export"),
    path("me/data/delete/", data.delete, {"forget": own_data.forget}, name="me-delete"),
    path("", include("openconsular.web.urls")),
    path("", include("openconsular.accounts.urls")),
    path("", include("openconsular.citizens.urls")),
    path("", include("openconsular.health_certificates.urls")),
    path("", include("openconsular.hazards.urls")),
    path("", include("openconsular.casework.urls")),
    path("", include("openconsular.alerts.urls")),
    path("", include("openconsular.drills.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "openconsular.web.errors.bad_request"
handler403 = "openconsular.web.errors.forbidden"
handler404 = "openconsular.web.errors.not_found"
handler500 = "openconsular.web.errors.server_error"
