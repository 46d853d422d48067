"""Addresses that belong to no single app: what browsers ask for by themselves, and the style guide."""

from django.urls import URLPattern, URLResolver, path

from openconsular.web import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("sw.js", views.service_worker, name="service-worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("offline/", views.offline, name="offline"),
    path("map/worldview.json", views.worldview, name="worldview"),
    path("_style", views.style_guide, name="style-guide"),
]
