"""Addresses of the alerts."""

from django.urls import URLPattern, URLResolver, path

from openconsular.alerts.views import answer

urlpatterns: list[URLPattern | URLResolver] = [
    # Short on purpose: every character of it travels in an SMS.
    path("a/<str:token>", answer.answer, name="answer"),
    path("a/<str:token>/undo", answer.undo, name="answer-undo"),
    path("a/", answer.stray, name="answer-stray"),
]
