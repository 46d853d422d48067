"""The pages of administrator and auditor."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from openconsular.accounts import actions, audit_trail
from openconsular.accounts.models import Officer
from openconsular.foundation import audit
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from tests.foundation.test_audit import tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_(client, settings):
    """The client signed in as a member of staff. An exercise, so that the second factor is not in the way here."""
    settings.IS_DRILL = True

    def sign_in(officer):
        client.force_login(officer)
        return client

    return sign_in


@pytest.fixture
def root(staff):
    return staff("root", Role.ADMINISTRATOR, password=None)


@pytest.fixture
def auditor(staff):
    return staff("auditor", Role.AUDITOR, password=None)


def text_of(answer):
    return answer.content.decode()


# ------------------------------------------------------------------ staff


def test_the_list_of_staff_is_searched_and_filtered(as_, root, staff, now):
    staff("li-na", Role.MISSION_OFFICER, "cebu", None)
    gone = staff("wang", password=None)
    actions.deactivate(officer_id=gone.pk, by=SYSTEM, now=now)

    def shown(query=""):
        page = text_of(as_(root).get(f"/staff/people/{query}"))
        return set(re.findall(r'href="/staff/people/\d+/">([^<]+)<', page))

    assert shown() == {"Root", "Li-Na", "Wang"}
    assert shown("?q=li") == shown("?q=cebu") == shown("?role=mission_officer") == {"Li-Na"}
    assert shown("?active=no") == {"Wang"}
    assert shown("?q=nobody") == set()
    assert shown("?role=nonsense&active=x") == {"Root", "Li-Na", "Wang"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"username": "li na"}, "username"),
        ({"username": "ROOT"}, "username"),
        ({"role": "mission_officer"}, "mission"),
        ({"role": "king"}, "role"),
        ({"email": "x"}, "email"),
    ],
)
def test_what_cannot_be_added_is_said_beside_its_field(as_, root, fields, wrong):
    data = {"username": "li-na", "display_name": "李娜", "role": "auditor"} | fields
    answer = as_(root).post("/staff/people/add/", data)
    assert answer.status_code == 200
    assert f'id="id_{wrong}_error"' in text_of(answer)
    assert Officer.objects.count() == 1


def test_changing_a_role_counts_at_once(as_, root, staff, missions):
    officer = staff("li", password=None)
    officer_client = Client()
    officer_client.force_login(officer)
    assert officer_client.get("/console/cases/export.csv").status_code == 200
    path = f"/staff/people/{officer.pk}/role/"
    assert as_(root).post(path, {"role": "mission_officer"}).status_code == 400
    as_(root).post(path, {"role": "mission_officer", "mission": missions["cebu"].pk})
    assert officer_client.get("/console/cases/export.csv").status_code == 403


def test_ending_access_by_the_page(as_, root, staff):
    officer = staff("li", password=None)
    officer_client = Client()
    officer_client.force_login(officer)
    assert officer_client.get("/console/cases/").status_code == 200
    as_(root).post(f"/staff/people/{officer.pk}/deactivate/")
    assert officer_client.get("/console/cases/")["Location"].startswith("/staff/login/")
    page = text_of(as_(root).post(f"/staff/people/{officer.pk}/reactivate/", follow=True))
    assert "/staff/welcome/" in page


def test_nobody_ends_their_own_access_by_the_page(as_, root, staff):
    staff("other", Role.ADMINISTRATOR, password=None)
    page = text_of(as_(root).post(f"/staff/people/{root.pk}/deactivate/", follow=True))
    assert 'data-color="danger"' in page
    root.refresh_from_db()
    assert root.is_active


# ------------------------------------------------------------------ the audit log


def numbers(page):
    return [int(n) for n in re.findall(r'<th scope="row" data-numeric>(\d+)</th>', page)]


@pytest.fixture
def trail(db, now):
    """250 entries of two actors, before those of the fixtures of staff."""
    for i in range(250):
        by = Actor(f"citizen:{i % 2}")
        audit.record(by=by, action=f"thing.{i % 5}", subject=f"case:{i % 10}", now=now + timedelta(minutes=i))


def test_the_log_is_paged_without_counting(trail, as_, auditor, django_assert_max_num_queries):
    client = as_(auditor)
    seen, query = [], ""
    while True:
        with django_assert_max_num_queries(12):
            page = text_of(client.get(f"/staff/audit/{query}"))
        seen += numbers(page)
        older = re.search(r'rel="next" href="(\?[^"]+)"', page)
        if not older:
            break
        query = older.group(1)
    assert seen == list(AuditEntry.objects.order_by("-number").values_list("number", flat=True))
    assert len(seen) > 250


def test_the_log_is_searched(trail, as_, auditor, staff, now):
    officer = staff("li", password=None)

    def found(query):
        return len(numbers(text_of(as_(auditor).get(f"/staff/audit/?{query}"))))

    assert found("subject=case:3") == 25
    assert found("subject=case:3&actor=citizen:1") == 25
    assert found("subject=case:3&actor=citizen:0") == 0
    assert found("action=thing.4&subject=case:4") == 25
    assert found(f"since={now + timedelta(minutes=200):%Y-%m-%dT%H:%M}&actor=citizen:") == 50
    assert found(f"until={now + timedelta(minutes=9):%Y-%m-%dT%H:%M}&actor=citizen:") == 10
    assert found("subject=li") == found(f"subject=staff:{officer.pk}") == 1
    sixth = AuditEntry.objects.order_by("number")[5].number
    assert found(f"before={sixth}&actor=citizen:") == 5
    assert found("since=nonsense&before=x&subject=case:3") == 25


def test_a_label_is_not_the_beginning_of_another(trail, now):
    audit.record(by=SYSTEM, action="x", subject="staff:7", now=now)
    audit.record(by=SYSTEM, action="x", subject="staff:70", now=now)
    assert audit_trail.find(audit_trail.Wanted(subject="staff:7")).count() == 1
    assert audit_trail.find(audit_trail.Wanted(subject="staff:")).count() == 2


def test_the_check_says_whole_or_where_not_and_is_itself_on_record(trail, as_, auditor):
    client = as_(auditor)
    page = text_of(client.post("/staff/audit/verify/"))
    number, head = re.search(r"<code>(\d+)</code>.*<code>([0-9a-f]{64})</code>", page).groups()
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.actor) == ("audit.verify", auditor.actor.label)
    noted = {"number": number, "head": head}
    assert 'data-color="success"' in text_of(client.post("/staff/audit/verify/", noted))
    assert 'data-color="danger"' in text_of(client.post("/staff/audit/verify/", noted | {"head": "0" * 64}))
    seventeenth = AuditEntry.objects.order_by("number")[16].number
    tamper(f"UPDATE foundation_auditentry SET actor = 'nobody' WHERE number = {seventeenth}")  # noqa: S608
    page = text_of(client.post("/staff/audit/verify/"))
    assert 'data-color="danger"' in page
    assert "17" in page


@pytest.mark.parametrize("number", ["x", "-1", "9" * 40, ""])
def test_a_noted_number_that_is_none_is_no_error(trail, as_, auditor, number):
    answer = as_(auditor).post("/staff/audit/verify/", {"number": number, "head": "zz"})
    assert answer.status_code == 200


def test_the_file_of_the_log_holds_what_was_searched(trail, as_, auditor):
    answer = as_(auditor).get("/staff/audit/export.csv?subject=case:3")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "number,at,actor,action,subject,detail,mac"
    assert len(lines) == 26
    assert AuditEntry.objects.latest("number").detail == {"subject": "case:3"}
