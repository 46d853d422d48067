"""The holder's pages: fetching with a code or a link, the family's wallet, what is shown to whom, papers, states."""

import json
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from openconsular.citizens import actions as citizens
from openconsular.domain.health.carriers import pictures
from openconsular.foundation.permissions import ANONYMOUS
from openconsular.health_certificates import delivery
from openconsular.health_certificates.actions import claims, issuing, records, revocations
from openconsular.health_certificates.models import ClaimCode, Issued, Record
from openconsular.health_certificates.views import holding

BORN = "1980-05-17"


@pytest.fixture
def now():
    """The pages read the real clock, so what they show is of today."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


@pytest.fixture
def register(db, now):
    def enter(name, contact):
        return citizens.register_citizen(
            facts=citizens.PersonFacts(native_name=name, languages=("zh-Hans",)),
            contact=citizens.phone_or_email(contact, "CN"),
            consents=("warnings",),
            text_version="test",
            by=ANONYMOUS,
            now=now,
        )

    return enter


@pytest.fixture
def citizen(register, client):
    """Somebody registered and signed in on `client`."""
    person = register("示例甲", "+63 917 123 4567")
    sign_in(client, person)
    return person


def sign_in(client, person):
    session = client.session
    session["citizen_id"] = person.pk
    session.save()


def address(name, issued_one, *more):
    return reverse(name, args=[issued_one.record.public_id, *more])


@pytest.fixture
def claim(issued, people, now):
    """A certificate and the claim for it."""

    def make(**fields):
        made = issued(**fields)
        return made, claims.make_claim(public_id=made.record.public_id, by=people["clinic"], now=now)

    return make


def enter(client, code, born_on=BORN):
    return client.post(
        reverse("certificate-claim"), {"code": code, "born_on": born_on}, headers={"accept-language": "en"}
    )


# ------------------------------------------------------------------ fetching


def test_a_code_and_the_day_of_birth_show_the_certificate_without_an_account(client, claim):
    made, told = claim()
    answer = enter(client, told.code.lower().replace("-", " "))
    assert answer.status_code == 302 and answer["Location"] == address("wallet-certificate", made)
    page = client.get(answer["Location"], headers={"accept-language": "en"})
    text = page.content.decode()
    assert "San Zhang" in text and "COVID-19 vaccination" in text and "Comirnaty" in text
    assert page["Cache-Control"] == "private, no-store"
    (code,) = re.findall(r'<img src="data:image/png;base64,([^"]+)"', text)
    import base64

    assert pictures.codes_in(base64.b64decode(code)) == (Issued.objects.get().text,)


def test_a_code_works_once_and_says_nothing_of_why_it_did_not(client, claim):
    _made, told = claim()
    wrong_day = enter(client, told.code, "1980-05-18")
    assert wrong_day.status_code == 400
    assert enter(client, told.code).status_code == 302
    again = enter(client, told.code)
    invented = enter(client, delivery.make_code())
    assert {wrong_day.status_code, again.status_code, invented.status_code} == {400}
    bodies = [re.findall(r'role="alert".*?</', one.content.decode(), re.S) for one in (again, invented)]
    assert bodies[0] == bodies[1]


def test_a_code_ends_after_five_wrong_days(client, claim):
    _made, told = claim()
    for day in range(1, 6):
        assert enter(client, told.code, f"1990-01-0{day}").status_code == 400
    assert enter(client, told.code).status_code == 400
    assert ClaimCode.objects.get().used_at is None


def test_what_was_claimed_opens_for_nobody_else_and_not_for_ever(
    client, claim, django_user_model, monkeypatch
):
    made, told = claim()
    enter(client, told.code)
    page = address("wallet-certificate", made)
    assert client.get(page).status_code == 200
    stranger = client.__class__()
    assert stranger.get(page)["Location"].startswith(reverse("sign-in"))
    client.post(reverse("certificate-claim-finish"))
    assert client.get(page).status_code == 302
    monkeypatch.setattr(holding, "HELD_FOR", timedelta(seconds=-1))
    second, told = claim(given_name="Si")
    enter(client, told.code)
    assert client.get(address("wallet-certificate", second)).status_code == 302


def test_a_session_id_planted_before_a_claim_opens_nothing_after_it(client, claim):
    _made, told = claim()
    planted = client.session
    planted["any"] = "thing"
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    page = enter(client, told.code)["Location"]
    assert client.get(page).status_code == 200
    stranger = client.__class__()
    stranger.cookies["sessionid"] = planted.session_key
    assert stranger.get(page)["Location"].startswith(reverse("sign-in"))


def test_a_link_asks_for_the_day_of_birth_and_never_for_an_account(client, claim):
    made, told = claim()
    link = reverse("certificate-claim-link", args=[told.token])
    page = client.get(link)
    assert page.status_code == 200 and "San" not in page.content.decode()
    # The address is a key: no other site hears of it.
    assert page["Referrer-Policy"] == "same-origin" and page["Cache-Control"] == "private, no-store"
    assert client.post(link, {"born_on": "1999-01-01"}).status_code == 400
    answer = client.post(link, {"born_on": BORN})
    assert answer["Location"] == address("wallet-certificate", made)
    assert client.get(answer["Location"]).status_code == 200
    # A link serves until it ends; a code once.
    assert client.post(link, {"born_on": BORN}).status_code == 302


@pytest.mark.parametrize(
    "harm", [lambda token: token[:-3], lambda token: token[:-1] + "-", lambda token: "x"]
)
def test_a_link_that_was_cut_or_altered_says_so(client, claim, harm):
    _made, told = claim()
    answer = client.get(
        reverse("certificate-claim-link", args=[harm(told.token)]), headers={"accept-language": "en"}
    )
    assert answer.status_code == 404 and "This link is over" in answer.content.decode()


def test_a_link_that_is_over_says_so(client, claim, now):
    made, _told = claim()
    token = delivery.make_token(made.pk, now - timedelta(minutes=1))
    assert client.get(reverse("certificate-claim-link", args=[token])).status_code == 404


# ------------------------------------------------------------------ the wallet


def test_what_a_citizen_claims_is_in_their_wallet(client, claim, citizen):
    made, told = claim()
    enter(client, told.code)
    assert Record.objects.get().person_id == citizen.pk
    later = client.__class__()
    sign_in(later, citizen)
    page = later.get(reverse("wallet"), headers={"accept-language": "en"}).content.decode()
    assert "San Zhang" in page and address("wallet-certificate", made) in page


def test_what_was_claimed_before_signing_in_can_be_put_into_the_wallet(client, claim, register):
    made, told = claim()
    enter(client, told.code)
    sign_in(client, person := register("示例乙", "+63 917 123 4568"))
    assert Record.objects.get().person_id is None
    assert client.post(address("wallet-keep", made)).status_code == 302
    assert Record.objects.get().person_id == person.pk


def test_nobody_takes_a_certificate_by_its_address(client, claim, citizen, register):
    made, told = claim()
    for name in ("wallet-certificate", "wallet-show", "wallet-little"):
        assert client.get(address(name, made)).status_code == 404
    assert client.get(address("wallet-paper", made, "a4")).status_code == 404
    assert client.post(address("wallet-keep", made)).status_code == 404
    assert Record.objects.get().person_id is None
    other = client.__class__()
    sign_in(other, register("示例乙", "+63 917 123 4568"))
    enter(other, told.code)
    assert client.get(address("wallet-certificate", made)).status_code == 404
    assert client.post(address("wallet-give", made), {"whose": citizen.pk}).status_code == 404


def test_a_parent_sees_the_child_s_and_says_whose_it_is(client, claim, citizen, now):
    child = citizens.add_companion(
        lead_id=citizen.pk,
        facts=citizens.PersonFacts(native_name="示例小", born_on=date(2019, 4, 1), relation="child"),
        by=citizens.actor_of(citizen),
        now=now,
    )
    made, told = claim()
    enter(client, told.code)
    assert client.post(address("wallet-give", made), {"whose": child.pk}).status_code == 302
    assert Record.objects.get().person_id == child.pk
    assert client.get(address("wallet-certificate", made)).status_code == 200
    client.post(address("wallet-give", made), {"whose": "x"})
    assert Record.objects.get().person_id == child.pk


# ------------------------------------------------------------------ how it stands


def stands(client, made, language="en"):
    page = client.get(
        address("wallet-certificate", made), headers={"accept-language": language}
    ).content.decode()
    return re.search(r'class="oc-standing".*?<strong>(.*?)</strong>', page, re.S)[1], page


def test_a_valid_one_has_its_code_and_a_revoked_one_none(client, claim, citizen, people, now):
    made, told = claim()
    enter(client, told.code)
    word, page = stands(client, made)
    assert word == "valid" and "data:image/png" in page and 'data-oc-keep="' in page
    revocations.revoke(identifiers=[made.identifier], reason="error", by=people["officer"], now=now)
    word, page = stands(client, made)
    assert word == "revoked" and "data:image/png" not in page and "data-oc-keep" not in page
    assert client.get(address("wallet-show", made)).status_code == 302
    assert client.get(address("wallet-paper", made, "a4")).status_code == 404
    little = client.get(address("wallet-little", made), headers={"accept-language": "en"}).content.decode()
    assert "Not valid" in little


def test_a_corrected_one_leads_to_the_new_one(client, claim, citizen, written, people, now):
    made, told = claim()
    enter(client, told.code)
    right = written(replaces=made.record.public_id, happened_on="2026-05-29")
    records.approve_record(public_id=right.public_id, by=people["officer"], now=now)
    new = issuing.sign_record(record_id=right.pk, now=now)
    word, page = stands(client, made)
    assert word == "replaced" and address("wallet-certificate", new) in page
    assert stands(client, new)[0] == "valid"


def test_a_correction_to_another_person_goes_to_no_wallet(client, claim, citizen, written, people, now):
    made, told = claim()
    enter(client, told.code)
    right = written(replaces=made.record.public_id, family_name="Li", born_on="1991-02-03")
    records.approve_record(public_id=right.public_id, by=people["officer"], now=now)
    new = issuing.sign_record(record_id=right.pk, now=now)
    word, page = stands(client, made)
    assert word == "replaced" and str(new.record.public_id) not in page
    assert client.get(address("wallet-certificate", new)).status_code == 404


def test_one_that_is_over_says_until_when_it_was_good(client, claim, citizen):
    made, told = claim()
    enter(client, told.code)
    from openconsular.health_certificates.queries import wallet

    later = made.expires_at + timedelta(days=1)
    (held,) = wallet.certificates_of_family(by=citizens.actor_of(citizen), now=later)
    from openconsular.health_certificates.views.held_words import standing_of

    with translation.override("en"):
        found = standing_of(held)
    assert found.word == "expired" and str(made.expires_at.year) in found.sentence


def test_the_little_that_others_need_is_no_more_than_that(client, claim):
    made, told = claim()
    enter(client, told.code)
    page = client.get(address("wallet-little", made), headers={"accept-language": "en"}).content.decode()
    main = page[page.index("<main") : page.index("</main")]
    assert "Valid" in main and "San Zhang" in main and "1980" in main
    assert BORN not in main and "05-17" not in main and "COVID" not in main and "data:image" not in main
    assert "proves nothing" in main


@pytest.mark.parametrize(("kind", "starts"), [("a4", b"%PDF"), ("card", b"%PDF"), ("phone", b"\x89PNG")])
def test_papers_hold_the_code(client, claim, kind, starts):
    made, told = claim()
    enter(client, told.code)
    answer = client.get(address("wallet-paper", made, kind))
    assert answer.content.startswith(starts) and "attachment" in answer["Content-Disposition"]
    assert pictures.codes_in(answer.content) == (Issued.objects.get().text,)


# ------------------------------------------------------------------ telephones


def test_a_telephone_hears_how_what_it_keeps_stands_and_nothing_else(client, claim, people, now):
    made, _told = claim()
    ask = json.dumps({"ids": [str(made.record.public_id)]})
    answer = client.post(reverse("wallet-states"), ask, content_type="application/json").json()
    assert answer["states"] == {str(made.record.public_id): "valid"} and set(answer) == {
        "states",
        "checkedAt",
    }
    revocations.revoke(identifiers=[made.identifier], reason="error", by=people["officer"], now=now)
    answer = client.post(reverse("wallet-states"), ask, content_type="application/json").json()
    assert list(answer["states"].values()) == ["revoked"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"ids": 3}',
        '{"ids": ["x"]}',
        '{"ids": [3]}',
        "\ud800".encode("utf-8", "replace"),
        "[" * 8000,
    ],
)
def test_a_malformed_question_is_answered(client, db, body):
    assert client.post(reverse("wallet-states"), body, content_type="application/json").status_code == 400


def test_the_kept_page_says_nothing_of_anybody(client, citizen):
    page = client.get(reverse("wallet-device")).content.decode()
    assert "示例甲" not in page and reverse("trips") not in page


def test_pages_are_small(client, claim, citizen):
    made, told = claim()
    enter(client, told.code)
    for page in (
        address("wallet-certificate", made),
        address("wallet-show", made),
        reverse("wallet"),
        reverse("wallet-device"),
    ):
        assert len(client.get(page).content) < 100_000
