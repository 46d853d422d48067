"""Addresses of the pages of hazards, feeds and quarantine."""

from django.urls import URLPattern, URLResolver, path

from openconsular.hazards.views import hazard_pages, quarantine, sources

HAZARD = "console/hazards/<int:hazard_id>/"
ITEM = "console/quarantine/<int:quarantined_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("console/hazards/", hazard_pages.hazard_list, name="hazards"),
    path(HAZARD, hazard_pages.hazard, name="hazard"),
    path(f"{HAZARD}area.geojson", hazard_pages.area, name="hazard-area"),
    path(f"{HAZARD}end/", hazard_pages.end, name="hazard-end"),
    path("console/quarantine/", quarantine.quarantine, name="quarantine"),
    path("console/quarantine/retry/", quarantine.retry_unresolved, name="quarantine-retry"),
    path(ITEM, quarantine.quarantined, name="quarantined"),
    path(f"{ITEM}retry/", quarantine.retry, name="quarantined-retry"),
    path(f"{ITEM}dismiss/", quarantine.dismiss, name="quarantined-dismiss"),
    path(f"{ITEM}reopen/", quarantine.reopen, name="quarantined-reopen"),
    path("console/sources/", sources.sources, name="sources"),
    path("console/sources/add/", sources.add, name="source-add"),
    path("console/sources/<int:source_id>/switch/", sources.switch, name="source-switch"),
]
