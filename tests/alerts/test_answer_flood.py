"""Thousands answer in the first minutes: what one answer costs is counted, so that it does not creep up again."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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
