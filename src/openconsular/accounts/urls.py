"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from openconsular.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/welcome/<str:token>/", views.welcome, name="staff_welcome"),
]
