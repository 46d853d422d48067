"""The case list and the case page, as officers use them."""

import csv
import io
import re

import pytest
from django.urls import reverse

from openconsular.accounts.models import Officer
from openconsular.casework import actions
from openconsular.casework.models import Case
from openconsular.citizens.models import Contact
from openconsular.citizens.session import CITIZEN_KEY
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import Role

LIST = "/console/cases/"


@pytest.fixture
def as_(client, settings):
    """The client signed in as a member of staff. An exercise, so that the second factor is not in the way here."""
    settings.IS_DRILL = True

    def sign_in(officer):
        client.force_login(officer)
        return client

    return sign_in


def text_of(answer):
    return answer.content.decode()


def test_the_list_keeps_its_filters_in_the_address(as_, duty, case, person, hazard):
    life = case(urgency=1, who=person("张伟"))
    other = case(urgency=3, who=person("王芳"))
    page = text_of(as_(duty).get(LIST))
    assert page.index(life.number) < page.index(other.number)
    assert "张伟" in page
    narrowed = text_of(as_(duty).get(f"{LIST}?urgency=1&urgency=2&state=open&q=张&hazard={hazard.pk}"))
    assert life.number in narrowed
    assert other.number not in narrowed
    assert 'name="urgency" value="1" checked' in narrowed
    assert 'value="张"' in narrowed


@pytest.mark.parametrize(
    "query",
    [
        "?state=nonsense",
        "?urgency=x",
        "?mission=987654321",
        "?hazard=x",
        "?page=x",
        "?owner=x",
        "?q=" + "x" * 500,
    ],
)
def test_an_address_typed_wrong_still_shows_the_list(as_, duty, case, query):
    one = case()
    answer = as_(duty).get(LIST + query)
    assert answer.status_code == 200
    assert one.number in text_of(answer) or "?q=" in query


def test_an_empty_list_says_why(as_, duty, case):
    assert "oc-empty" in text_of(as_(duty).get(LIST))
    case()
    assert "oc-empty" in text_of(as_(duty).get(f"{LIST}?q=nobody"))


def test_the_list_takes_the_same_queries_for_one_case_and_for_fifty(
    as_, duty, case, django_assert_max_num_queries
):
    client = as_(duty)
    for size in (1, 49):
        for _ in range(size):
            case()
        with django_assert_max_num_queries(16):
            assert client.get(LIST).status_code == 200


def test_seeing_names_in_a_list_is_audited_without_the_words_searched_for(as_, duty, case, person):
    one = case(who=person("张伟"))
    as_(duty).get(f"{LIST}?q=张伟")
    entry = AuditEntry.objects.filter(action="casework.read_list").latest("number")
    assert entry.detail["cases"] == [one.number]
    assert "张伟" not in str(entry.detail)


def test_the_file_holds_the_list_and_starts_no_formula(as_, duty, cebu, case, person):
    one = case(who=person("张伟"), summary='=HYPERLINK("http://evil.example")', place="+86")
    answer = as_(duty).get("/console/cases/export.csv")
    content = b"".join(answer.streaming_content).decode("utf-8")
    assert content.startswith("\ufeff")
    _header, row = list(csv.reader(io.StringIO(content)))
    assert (row[0], row[3]) == (one.number, "张伟")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert AuditEntry.objects.filter(action="casework.export").count() == 1
    assert as_(cebu).get("/console/cases/export.csv").status_code == 403


@pytest.fixture
def reachable(person, now):
    who = person("张伟", latin_name="Zhang Wei", languages=["zh-Hans", "nonsense"])
    Contact.objects.create(
        person=who,
        kind="phone",
        value="+8613800000000",
        value_hash=b"0" * 16,
        verified_at=now,
        created_at=now,
    )
    return who


def test_a_case_page_opens_contacts_for_who_may_and_says_so_in_the_audit(as_, cebu, manila, case, reachable):
    one = case("cebu", who=reachable)
    page = text_of(as_(cebu).get(f"{LIST}{one.number}/"))
    assert "tel:+8613800000000" in page
    told = AuditEntry.objects.filter(actor=cebu.actor.label).values_list("action", "subject")
    assert ("casework.read", f"case:{one.number}") in told
    assert ("person.read", f"person:{reachable.public_id}") in told
    before = AuditEntry.objects.count()
    foreign = as_(manila).get(f"{LIST}{one.number}/")
    assert foreign.status_code == 404
    assert "13800000000" not in text_of(foreign)
    assert AuditEntry.objects.count() == before


def test_a_companion_is_reached_through_whom_they_travel_with(as_, duty, case, person, reachable):
    child = person("张小", lead=reachable, relation="child")
    page = text_of(as_(duty).get(f"{LIST}{case(who=child).number}/"))
    assert "tel:+8613800000000" in page


def post(client, case, step, **data):
    path = reverse(f"case-{step}", args=[case.number])
    return client.post(path, data)


def test_a_case_from_taking_to_closing_and_back(as_, duty, case):
    one, client = case(), as_(duty)

    def state():
        one.refresh_from_db()
        return one.state, one.owner_id

    assert post(client, one, "take")["Location"] == f"{LIST}{one.number}/"
    assert state() == ("in_hand", duty.pk)
    post(client, one, "note", text="已电话联系。", is_public="on")
    post(client, one, "note", text="家属情绪激动。")
    post(client, one, "state", state="waiting")
    post(client, one, "urgency", urgency="1")
    post(client, one, "close", reason="已安全撤离。")
    assert state() == ("closed", duty.pk)
    page = text_of(client.get(f"{LIST}{one.number}/"))
    for words in ("已电话联系。", "家属情绪激动。", "已安全撤离。"):
        assert words in page
    undo = re.search(r'action="([^"]+/undo/\d+/)"', page).group(1)
    client.post(undo)
    assert state() == ("waiting", duty.pk)
    assert list(one.events.filter(is_internal=False, kind="message").values_list("text", flat=True)) == [
        "已电话联系。"
    ]


def test_words_that_cannot_be_used_are_not_lost(as_, duty, case):
    one, client = case(), as_(duty)
    answer = post(client, one, "close", reason="x" * 4001)
    assert answer.status_code == 400
    assert "x" * 4001 in text_of(answer)
    assert post(client, one, "note", text="  ").status_code == 400
    one.refresh_from_db()
    assert one.state == Case.State.OPEN


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("hand-over", {"to": "999999"}),
        ("hand-over", {"to": "x"}),
        ("state", {"state": "closed"}),
        ("urgency", {"urgency": "9"}),
        ("mission", {"mission": "999999"}),
        ("reopen", {}),
    ],
)
def test_a_step_that_cannot_be_is_said_and_changes_nothing(as_, duty, case, step, data):
    one, client = case(), as_(duty)
    before = Case.objects.values().get(pk=one.pk)
    answer = post(client, one, step, **data)
    assert answer.status_code == 302
    assert 'data-color="danger"' in text_of(client.get(answer["Location"]))
    assert Case.objects.values().get(pk=one.pk) == before


def test_handing_over_offers_those_who_can_see_the_case(as_, duty, cebu, manila, case):
    one = case("cebu")
    page = text_of(as_(duty).get(f"{LIST}{one.number}/"))
    select = re.search(r"<select[^>]*id=\"id_to\".*?</select>", page, re.S).group(0)
    assert set(re.findall(r'value="(\d+)"', select)) == {str(duty.pk), str(cebu.pk)}
    post(as_(duty), one, "hand-over", to=str(cebu.pk))
    one.refresh_from_db()
    assert one.owner == cebu


STEPS = ["take", "hand-over", "note", "state", "urgency", "mission", "close", "reopen"]


@pytest.mark.parametrize("step", STEPS)
def test_another_missions_case_cannot_be_touched(as_, manila, case, step):
    one = case("cebu")
    before = Case.objects.values().get(pk=one.pk)
    data = {"text": "x", "reason": "x", "state": "waiting", "urgency": "1", "to": str(manila.pk)}
    assert post(as_(manila), one, step, **data).status_code == 404
    assert Case.objects.values().get(pk=one.pk) == before
    assert one.events.count() == 1


@pytest.mark.parametrize("step", STEPS)
def test_steps_are_taken_by_post_only(as_, duty, case, step):
    one = case()
    assert as_(duty).get(reverse(f"case-{step}", args=[one.number])).status_code == 405


def test_a_refused_page_is_in_the_audit(as_, staff):
    auditor = staff("auditor", Role.AUDITOR)
    assert as_(auditor).get(LIST).status_code == 403
    entry = AuditEntry.objects.latest("number")
    assert (entry.actor, entry.action, entry.subject) == (auditor.actor.label, "access.refused", "page:cases")


def test_what_citizens_write_is_shown_as_text(as_, duty, case):
    one = case(summary="<script>alert(1)</script>", place="<b>x</b>")
    for path in (LIST, f"{LIST}{one.number}/"):
        page = text_of(as_(duty).get(path))
        assert "<script>alert" not in page
        assert "<b>x" not in page


def test_officers_at_once_do_not_both_take_a_case(as_, duty, cebu, case, now):
    one = case("cebu")
    actions.take_case(number=one.number, by=cebu.actor, now=now)
    answer = post(as_(duty), one, "take")
    assert 'data-color="danger"' in text_of(as_(duty).get(answer["Location"]))
    one.refresh_from_db()
    assert one.owner == Officer.objects.get(pk=cebu.pk)


def test_a_citizen_sees_the_own_case_and_nobody_elses(client, case, person, duty, now):
    who, other = person("张伟"), person("王芳")
    mine, theirs = case(who=who), case(who=other)
    actions.add_note(number=mine.number, text="我们正在路上。", is_internal=False, by=duty.actor, now=now)
    actions.add_note(number=mine.number, text="情绪不稳。", by=duty.actor, now=now)
    assert client.get("/me/cases/")["Location"].startswith("/sign-in/")
    session = client.session
    session[CITIZEN_KEY] = who.pk
    session.save()
    page = text_of(client.get("/me/cases/"))
    assert mine.number in page
    assert "我们正在路上。" in page
    for hidden in (theirs.number, "情绪不稳。", duty.display_name):
        assert hidden not in page
