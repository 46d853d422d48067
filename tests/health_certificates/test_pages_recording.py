"""Writing down, approving and the register, as clinics, missions and the ministry use them in a browser."""

import csv
import io
import re

import pytest
from django.urls import reverse

from openconsular.domain.health.records.products import catalogue
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates.actions import issuing
from openconsular.health_certificates.models import ClaimCode, Issued, Record
from tests.health_certificates.conftest import DOSE

pytestmark = pytest.mark.django_db
YELLOW = next(one for one in catalogue().values() if one.disease == "1D47")
CARD = {
    "family_name": "Zhang",
    "given_name": "San",
    "born_on": "1980-05-17",
    "sex": "male",
    "nationality": "cn",
    "product": YELLOW.code,
    "batch": "AB1234",
    "happened_on": "2026-05-30",
    "country": "ph",
    "place": "Cebu Doctors",
}
WRITE = "/console/certificates/new/icvp/vaccination/"


def text_of(answer):
    return answer.content.decode()


def audited(action):
    return AuditEntry.objects.filter(action=action).count()


def test_a_dose_is_looked_at_before_it_is_kept_and_nothing_is_signed(as_, signing_key):
    browser = as_("clinic")
    seen = browser.post(WRITE, CARD | {"then": "preview"})
    page = text_of(seen)
    assert seen.status_code == 200
    assert "ZHANG" in page.upper() and "AB1234" in page and YELLOW.maker[:20] in page
    assert "2026-06-09" in page  # yellow fever counts from the tenth day
    assert not Record.objects.exists()
    kept = browser.post(WRITE, CARD | {"then": "save"})
    record = Record.objects.get()
    assert kept["Location"] == f"/console/certificates/{record.public_id}/"
    assert (record.format, record.kind, record.mission.code) == ("icvp", "vaccination", "cebu")
    assert not Issued.objects.exists()
    assert audited("certificate.record") == 1
    assert "no-store" in seen["Cache-Control"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"batch": ""}, "batch"),
        ({"product": ""}, "product"),
        ({"product": "invented"}, "product"),
        ({"happened_on": "2099-01-01"}, "happened_on"),
        ({"happened_on": "soon"}, "happened_on"),
        ({"family_name": "张"}, "standard_family_name"),
        ({"nationality": "JJ"}, "nationality"),
        ({"sex": ""}, "sex"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(as_, change, field):
    answer = as_("clinic").post(WRITE, CARD | change | {"then": "preview"})
    page = text_of(answer)
    assert answer.status_code == 400
    assert f'href="#id_{field}"' in page
    assert 'value="Zhang"' in page or "family_name" in change
    assert not Record.objects.exists()


def test_change_goes_back_to_the_form_with_everything_in_it(as_):
    page = text_of(as_("clinic").post(WRITE, CARD | {"then": "change"}))
    assert 'value="AB1234"' in page and 'name="then" value="preview"' in page


def test_what_looks_the_same_is_told_and_kept_only_after_a_look(as_):
    browser = as_("clinic")
    browser.post(WRITE, CARD | {"then": "save"})
    first = Record.objects.get()
    warned = text_of(browser.post(WRITE, CARD | {"then": "preview"}))
    assert str(first.public_id) in warned and 'name="looked"' in warned
    # Pressed twice, or without looking: there is still one.
    browser.post(WRITE, CARD | {"then": "save"})
    assert Record.objects.count() == 1
    browser.post(WRITE, CARD | {"then": "save", "looked": "on"})
    assert Record.objects.count() == 2


def test_the_other_kinds_can_be_written_down_too(as_):
    browser = as_("clinic")
    person = {name: DOSE[name] for name in ("family_name", "given_name", "born_on")}
    forms = {
        "eu-dcc/vaccination": {
            "covid_product": "BBIBP-CorV",
            "dose": "1",
            "doses": "2",
            "happened_on": "2026-05-30",
            "country": "PH",
        },
        "eu-dcc/test": {
            "test_type": "LP6464-4",
            "result": "260415000",
            "happened_at": "2026-05-30T14:30",
            "place": "Cebu Doctors",
            "country": "PH",
        },
        "eu-dcc/recovery": {
            "happened_on": "2026-04-30",
            "valid_from": "2026-05-11",
            "valid_until": "2026-10-27",
            "country": "PH",
        },
        "smart-health-card/vaccination": {"cvx_product": "510", "happened_on": "2026-05-30", "batch": "X1"},
    }
    for path, fields in forms.items():
        answer = browser.post(f"/console/certificates/new/{path}/", person | fields | {"then": "save"})
        assert answer.status_code == 302, (path, re.findall(r'role="alert".*?</div>', text_of(answer), re.S))
    assert Record.objects.count() == len(forms)
    assert browser.get("/console/certificates/new/icvp/test/").status_code == 404
    assert browser.get("/console/certificates/new/nonsense/test/").status_code == 404


def test_who_wrote_it_down_sees_why_it_waits_and_cannot_approve_it(as_, written, people):
    record = written(by="officer")
    page = text_of(as_("officer").get(reverse("certificate", args=[record.public_id])))
    assert "somebody else has to approve it" in page
    assert reverse("certificate-approve", args=[record.public_id]) not in page
    answer = as_("officer").post(reverse("certificate-approve", args=[record.public_id]))
    assert answer.status_code == 403
    record.refresh_from_db()
    assert record.approved_at is None


def test_another_person_approves_and_the_certificate_has_its_code_and_papers(as_, written, signing_key, now):
    record = written()
    page_of = reverse("certificate", args=[record.public_id])
    browser = as_("officer")
    assert "You are the second person" in text_of(browser.get(page_of))
    browser.post(reverse("certificate-approve", args=[record.public_id]))
    record.refresh_from_db()
    issued = issuing.sign_record(record_id=record.pk, now=record.approved_at)
    page = text_of(browser.get(page_of))
    assert issued.identifier in page and "Zhang" in page
    assert browser.get(reverse("certificate-code", args=[record.public_id])).content.startswith(b"<svg")
    for kind, start in (("a4", b"%PDF"), ("card", b"%PDF"), ("phone", b"\x89PNG")):
        made = browser.get(reverse("certificate-paper", args=[record.public_id, kind]))
        assert made.content.startswith(start), kind
    assert browser.get(reverse("certificate-paper", args=[record.public_id, "x"])).status_code == 404
    assert audited("certificate.print") == 3
    assert audited("certificate.approve") == 1


def test_a_refusal_needs_a_reason_and_its_writer_reads_it(as_, written):
    record = written()
    address = reverse("certificate-refuse", args=[record.public_id])
    assert as_("officer").post(address, {"reason": ""}).status_code == 400
    as_("officer").post(address, {"reason": "another passport"})
    assert "another passport" in text_of(as_("clinic").get(reverse("certificate", args=[record.public_id])))


def test_several_are_approved_by_reading_back_their_number_or_none_is(as_, written):
    chosen = [written(given_name=name).public_id for name in ("Yi", "Er", "San")]
    browser, address = as_("officer"), reverse("certificate-approve-chosen")
    shown = text_of(browser.post(address, {"record": chosen}))
    assert 'data-oc-expected="3"' in shown
    wrong = browser.post(address, {"record": chosen, "typed": "2"})
    assert wrong.status_code == 400
    assert not Record.objects.filter(approved_at__isnull=False).exists()
    browser.post(address, {"record": chosen, "typed": "３"})
    assert Record.objects.filter(approved_at__isnull=False).count() == 3
    assert audited("certificate.approve_several") == 1


def test_own_records_cannot_be_slipped_in_among_others(as_, written):
    mine, other = written(by="officer"), written(given_name="Er")
    chosen = [mine.public_id, other.public_id]
    as_("officer").post(reverse("certificate-approve-chosen"), {"record": chosen, "typed": "2"})
    assert not Record.objects.filter(approved_at__isnull=False).exists()


def test_the_register_keeps_its_filters_in_the_address_and_shows_each_their_own(as_, written, people):
    here, own = written(), written(by="officer", given_name="Er")
    assert set(
        re.findall(
            r"/console/certificates/([0-9a-f-]{36})/", text_of(as_("clinic").get("/console/certificates/"))
        )
    ) == {str(here.public_id)}
    page = text_of(
        as_("officer").get("/console/certificates/?state=waiting&kind=vaccination&state=nonsense&mission=x")
    )
    assert str(here.public_id) in page and str(own.public_id) in page
    assert 'name="state" value="waiting" checked' in page
    assert str(here.public_id) not in text_of(as_("officer").get("/console/certificates/?state=issued"))
    assert str(here.public_id) not in text_of(as_("elsewhere").get("/console/certificates/"))
    assert audited("certificate.list") >= 2


def test_a_holder_is_found_by_post_and_nobody_s_name_is_in_the_file(as_, written):
    record = written()
    wanted = {"family_name": "zhang", "given_name": "san", "born_on": "1980-05-17"}
    found = as_("officer").post(reverse("certificate-search"), wanted)
    assert found["Location"] == reverse("certificate", args=[record.public_id])
    assert as_("officer").post(reverse("certificate-search"), {"family_name": "zhang"}).status_code == 400
    sheet = b"".join(as_("officer").get(reverse("certificates-export"))).decode()
    assert len(list(csv.reader(io.StringIO(sheet)))) == 2
    assert "Zhang" not in sheet
    assert audited("certificate.export") == 1


def test_a_correction_shows_what_it_changes_and_ends_the_first(as_, issued, people, now):
    first = issued()
    address = f"/console/certificates/new/eu-dcc/vaccination/?replaces={first.record.public_id}"
    page = text_of(as_("clinic").get(address))
    assert 'value="Zhang"' in page
    fields = DOSE | {"covid_product": "EU/1/20/1528", "given_name": "Si", "country": "PH"}
    seen = text_of(as_("clinic").post(address, fields | {"then": "preview"}))
    assert "<del>" in seen and "Si" in seen
    as_("clinic").post(address, fields | {"then": "save"})
    new = Record.objects.get(replaces=first.record)
    as_("officer").post(reverse("certificate-approve", args=[new.public_id]))
    new.refresh_from_db()
    issuing.sign_record(record_id=new.pk, now=new.approved_at)
    old = text_of(as_("officer").get(reverse("certificate", args=[first.record.public_id])))
    assert "revoked" in old and str(new.public_id) in old


def test_a_certificate_is_revoked_with_a_reason(as_, issued):
    one = issued()
    address = reverse("certificate-revoke", args=[one.record.public_id])
    assert as_("officer").post(address, {"reason": ""}).status_code == 400
    assert as_("clinic").post(address, {"reason": "error"}).status_code == 403
    as_("officer").post(address, {"reason": "error", "note": "wrong person"})
    one.refresh_from_db()
    assert one.revoked.revocation.note == "wrong person"
    assert audited("certificate.revoke") == 1


def test_a_code_for_the_holder_is_shown_once_and_kept_nowhere(as_, issued):
    one = issued()
    page = text_of(as_("clinic").post(reverse("certificate-deliver", args=[one.record.public_id])))
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]", page)
    assert code and ClaimCode.objects.count() == 1
    again = text_of(as_("clinic").get(reverse("certificate", args=[one.record.public_id])))
    assert code[0] not in again


def test_markup_in_a_name_stays_text(as_, written):
    record = written(family_name="<script>alert(1)</script>", standard_family_name="ZHANG")
    for path in (reverse("certificate", args=[record.public_id]), "/console/certificates/"):
        assert "<script>alert" not in text_of(as_("officer").get(path))
