"""Thousands answer in the first minutes: what one answer costs is counted, so that it does not creep up again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openconsular.alerts import links
from openconsular.alerts.models import Recipient

pytestmark = pytest.mark.django_db


def test_an_answer_costs_few_queries(released, django_assert_max_num_queries):
    row = released.incident.recipients.filter(person__lead=None).first()
    path = f"/a/{links.token_for(row.pk)}"
    client = Client()
    with django_assert_max_num_queries(3):
        assert client.get(path).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.post(path, {"answer": "safe", "key": "k"}).status_code == 302
    assert Recipient.objects.get(pk=row.pk).state == "safe"


def test_no_area_and_no_sealed_document_is_read_for_the_page(released):

    row = released.incident.recipients.first()
    with CaptureQueriesContext(connection) as asked:
        Client().get(f"/a/{links.token_for(row.pk)}")
    for one in asked:
        assert '"area"' not in one["sql"]
        assert "document_number" not in one["sql"]


def test_a_link_found_on_an_old_phone_tells_nothing(released):
    row = released.incident.recipients.select_related("person").filter(person__lead=None).first()
    path, name = f"/a/{links.token_for(row.pk)}", row.person.native_name
    incident = released.incident
    incident.closed_at = timezone.now() - timedelta(days=29)
    incident.save()
    assert Client().get(path).status_code == 200
    incident.closed_at -= timedelta(days=2)
    incident.save()
    for reply in (
        Client().get(path),
        Client().post(path, {"answer": "safe", "key": "k"}),
        Client().post(f"{path}/undo", {"answer": "1"}),
    ):
        assert reply.status_code == 404
        assert name not in reply.content.decode()
    assert not row.answers.exists()
