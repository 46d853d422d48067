"""What those who run the program ask it."""

import pytest
from django.db import DatabaseError
from django.test import Client

from openconsular.config import health
from openconsular.config.env import hosts

pytestmark = pytest.mark.django_db


def test_healthy_while_the_database_answers(monkeypatch):
    assert Client().get("/healthz").json() == {"status": "ok"}

    def gone():
        raise DatabaseError("gone")

    monkeypatch.setattr(health.connection, "cursor", gone)
    assert Client().get("/healthz").status_code == 503


def test_metrics_are_for_this_machine_or_whoever_has_the_token(settings):
    assert b"openconsular_sending_stopped 0.0" in Client().get("/metrics").content
    far = Client(REMOTE_ADDR="203.0.113.9")
    assert far.get("/metrics").status_code == 403
    settings.METRICS_TOKEN = "t0ken"
    assert far.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert far.get("/metrics", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_a_request_through_a_proxy_is_not_from_this_machine():
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_a_probe_on_this_machine_needs_neither_tls_nor_the_public_name(settings, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = hosts("consular.example")
    assert Client().get(path, headers={"Host": "127.0.0.1:8000"}).status_code == 200
    assert Client().get("/", headers={"Host": "consular.example"}).status_code == 301
    assert Client().get(path, headers={"Host": "evil.example"}).status_code == 400
