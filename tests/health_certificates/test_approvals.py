"""What waits for a second person: a page of it costs the same however long it is, and says what looks the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.records.products import catalogue
from openconsular.health_certificates.actions import records
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries import register

pytestmark = pytest.mark.django_db
PAGE = "/console/certificates/approvals/"
YELLOW = next(one for one in catalogue().values() if one.disease == "1D47").code
CARD = {"sex": "male", "nationality": "CN", "document_number": "E1234", "batch": "L7", "product": YELLOW}


def names(count):
    return [f"Name{chr(65 + number // 26)}{chr(97 + number % 26)}" for number in range(count)]


def test_a_long_page_asks_no_more_questions_than_a_short_one(as_, written):
    browser = as_("officer")
    written(given_name="First")
    written(given_name="Own", by="officer")
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as short:
        browser.get(PAGE)
    for name in names(30):
        written(given_name=name)
        written(given_name=name, by="officer")
    with CaptureQueriesContext(connection) as long:
        page = browser.get(PAGE).content.decode()
    assert "NameBd" in page
    assert len(long) == len(short)
    assert len(long) <= 20


def test_what_looks_the_same_is_marked_and_nothing_else(as_, written, people, issued):
    def marked():
        page = as_("officer").get(PAGE).content.decode()
        rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
        return {row.split("</bdi>")[0].split("Zhang ")[-1]: "looks like another" in row for row in rows}

    first = written(given_name="Yi")
    written(given_name="Er")
    assert marked() == {"Yi": False, "Er": False}
    second = written(given_name="Yi", by="clinic", batch="other")
    assert marked() == {"Yi": True, "Er": False}
    records.refuse_record(
        public_id=second.public_id, reason="twice", by=people["officer"], now=first.recorded_at
    )
    assert marked() == {"Yi": False, "Er": False}
    written(given_name="Yi", happened_on="2026-05-29")
    written(given_name="Yi", certificate_format=Format.ICVP, **CARD)
    assert marked() == {"Yi": False, "Er": False}
    made = issued(given_name="Er")
    assert marked()["Er"]
    correction = written(
        given_name="Er", by="clinic", replaces=made.record.public_id, happened_on="2026-05-28"
    )
    assert not register.with_twins({}, [correction], by=people["officer"])


def test_a_page_marks_what_one_record_s_own_page_marks(written, people, now):
    """The quick way for a page and the plain way for one record agree."""
    for name in ("Yi", "Er", "San", "Yi"):
        written(given_name=name)
        written(given_name=name, certificate_format=Format.ICVP, **CARD)
    written(given_name="Wu", certificate_format=Format.ICVP, **CARD | {"document_number": "E99"})
    written(given_name="Liu", certificate_format=Format.ICVP, **CARD | {"document_number": "E99"})
    by, rows = people["officer"], list(Record.objects.all())
    opened = register.words_of(rows, by=by, now=now)
    one_by_one = {one.pk for one in rows if register.alike(opened[one.pk], one.format, by=by, except_for=one)}
    assert register.with_twins(opened, rows, by=by) == one_by_one
    assert 0 < len(one_by_one) < len(rows)


def test_filters_narrow_and_an_empty_answer_says_so(as_, written):
    covid = written(given_name="Yi")
    card = written(given_name="Er", certificate_format=Format.ICVP, **CARD)
    browser = as_("health")

    def shown(query):
        page = browser.get(f"{PAGE}?{query}").content.decode()
        return [str(one.public_id) in page for one in (covid, card)], page

    assert shown("")[0] == [True, True]
    assert shown("format=icvp")[0] == [False, True]
    assert shown(f"mission={covid.mission_id}&format=eu-dcc&state=issued")[0] == [True, False]
    nothing, page = shown("kind=recovery")
    assert nothing == [False, False] and "No record matches these filters" in page
    assert f'href="{reverse("certificate-approvals")}"' in page
    assert shown("mission=999999999&format=x")[0] == [False, False]


def test_nothing_to_approve_says_so(as_):
    page = as_("officer").get(PAGE).content.decode()
    assert "Nothing waits for you" in page and 'id="filters"' not in page
