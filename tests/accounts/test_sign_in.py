"""Signing in: a second factor for everybody, no way around it, and nothing told to those who guess."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse

from openconsular.accounts import actions
from openconsular.accounts.models import Officer
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM, Role
from tests.accounts.conftest import PASSWORD
from tests.accounts.one_time_codes import code_at

pytestmark = pytest.mark.django_db
LOGIN = "/staff/login/"


@pytest.fixture(autouse=True)
def nobody_tried_before(db):
    cache.clear()


def sign_in(client, username="duty", password=PASSWORD):
    return client.post(LOGIN, {"login": username, "password": password})


def enrol(client):
    """Set up an authenticator app as the pages tell; returns its secret."""
    page = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.content.decode()).group(1)
    with TestCase.captureOnCommitCallbacks(execute=True):
        done = client.post(reverse("mfa_activate_totp"), {"code": code_at(secret, time.time())})
    assert done.status_code == 302
    return secret


def new_code(secret):
    """A code that was not used yet: allauth takes each one once, and one step of clock drift is allowed."""
    cache.clear()
    return code_at(secret, time.time() + 30)


def test_the_form_is_plain_and_works_without_scripts(client):
    page = client.get(LOGIN).content.decode()
    form = re.search(r'<form method="post" action="/staff/login/">.*?</form>', page, re.S).group(0)
    order = [form.index('name="login"'), form.index('type="password"'), form.index('type="submit"')]
    assert order == sorted(order)
    assert "signup" not in page


def test_without_a_second_factor_there_is_only_enrolment(client, staff):
    staff("duty")
    assert sign_in(client)["Location"] == "/console/"
    for path in ("/staff/people/", "/staff/audit/", "/_style", reverse("account_change_password")):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_index")), path
    assert client.get(reverse("mfa_index")).status_code == 200


def test_a_code_is_asked_for_at_every_sign_in(client, staff):
    staff("duty")
    sign_in(client)
    secret = enrol(client)
    assert client.get("/_style").status_code == 200
    client.post("/staff/logout/")

    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert client.get("/_style").status_code == 404
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/_style").status_code == 404
    before = client.session.session_key
    right = client.post(reverse("mfa_authenticate"), {"code": new_code(secret)})
    assert right["Location"] == "/console/"
    assert client.session.session_key != before
    assert client.get("/_style").status_code == 200
    told = list(AuditEntry.objects.order_by("number").values_list("action", flat=True))
    assert [one for one in told if "sign" in one or "factor" in one] == [
        "accounts.sign_in",
        "accounts.factor_change",
        "accounts.sign_out",
        "accounts.refused_sign_in",
        "accounts.sign_in",
    ]


def test_changing_factors_asks_again_after_five_minutes(client, staff):
    staff("duty")
    sign_in(client)
    enrol(client)
    path = reverse("mfa_generate_recovery_codes")
    assert client.get(path).status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    confirm = client.get(path)["Location"]
    assert confirm.startswith("/staff/confirm/")
    assert client.post(confirm, {"password": "a wrong long password"}).status_code == 200
    assert client.get(path).status_code == 302
    assert client.post(confirm, {"password": PASSWORD})["Location"] == path
    assert client.get(path).status_code == 200


def test_a_recovery_code_works_once(client, staff):
    staff("duty")
    sign_in(client)
    enrol(client)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<li><code>(\d{8})</code></li>", page)
    assert len(codes) == 10
    assert codes[0] not in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    for expected in (302, 200):
        client.post("/staff/logout/")
        sign_in(client)
        assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == expected


def test_secrets_of_second_factors_are_sealed(client, staff):
    staff("duty")
    sign_in(client)
    secret = enrol(client)
    stored = Authenticator.objects.get(type="totp").data
    assert secret not in str(stored)
    assert stored["secret"]


def test_the_last_second_factor_stays(client, staff):
    staff("duty")
    sign_in(client)
    enrol(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_password_alone_is_enough_in_an_exercise_only(client, staff, settings):
    staff("duty")
    settings.IS_DRILL = True
    warned = client.get(LOGIN).content.decode()
    sign_in(client)
    assert client.get("/_style").status_code == 200
    settings.IS_DRILL = False
    assert client.get("/_style")["Location"] == reverse("mfa_index")
    calm = Client().get(LOGIN).content.decode()
    assert warned.count('data-color="warning"') > calm.count('data-color="warning"')


@pytest.mark.parametrize("value", [None, "", 0, False])
def test_nothing_else_opens_the_door(client, staff, settings, value):
    staff("duty")
    settings.IS_DRILL = value
    settings.DEBUG = True
    sign_in(client)
    assert client.get("/_style")["Location"] == reverse("mfa_index")


def test_in_an_exercise_a_second_factor_is_still_asked_of_who_has_one(client, staff, settings):
    staff("duty")
    sign_in(client)
    enrol(client)
    settings.IS_DRILL = True
    client.post("/staff/logout/")
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")


def test_guessing_tells_nothing_about_who_exists(client, staff, now):
    staff("duty")
    gone = staff("gone")
    actions.deactivate(officer_id=gone.pk, by=SYSTEM, now=now)

    def said(username):
        page = sign_in(Client(), username, "a wrong long password").content.decode()
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|content="\w{64}"', "", page)
        return page.replace(username, "X")

    assert said("duty") == said("nobody") == said("gone")


def test_guessing_is_slowed_down_for_one_name_and_for_one_address(client, staff):
    staff("duty")
    for _ in range(5):
        sign_in(client, password="a wrong long password")
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session
    cache.clear()
    for i in range(20):
        sign_in(client, username=f"nobody-{i}")
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_guessed_name_that_may_be_a_password_is_not_kept(client, staff):
    staff("duty")
    sign_in(client, username="My Secret Pass Phrase")
    sign_in(client, username="duty", password="a wrong long password")
    kept = AuditEntry.objects.filter(action="accounts.refused_sign_in").order_by("number")
    duty = Officer.objects.get(username="duty")
    assert [one.subject for one in kept] == ["staff:unknown", f"staff:{duty.pk}"]
    assert "Secret" not in str([(one.detail, one.subject, one.actor) for one in kept])


def test_ending_access_ends_the_session_at_once(client, staff, settings, now):
    settings.IS_DRILL = True
    officer = staff("duty")
    sign_in(client)
    assert client.get("/_style").status_code == 200
    actions.deactivate(officer_id=officer.pk, by=SYSTEM, now=now)
    assert client.get("/_style").status_code == 404
    actions.reactivate(officer_id=officer.pk, by=SYSTEM, now=now)
    assert client.get("/_style").status_code == 404


def test_a_reset_forgets_the_second_factor_and_the_session(client, staff, now):
    officer = staff("duty")
    sign_in(client)
    enrol(client)
    actions.reset_access(officer_id=officer.pk, by=SYSTEM, now=now)
    assert not Authenticator.objects.exists()
    assert client.get("/_style").status_code == 404


def test_signing_out_needs_a_post_and_clears_the_browser(client, staff, settings):
    settings.IS_DRILL = True
    staff("duty")
    sign_in(client)
    assert client.get("/staff/logout/").status_code == 200
    assert client.get("/_style").status_code == 200
    assert "storage" in client.post("/staff/logout/")["Clear-Site-Data"]
    assert client.get("/_style").status_code == 404


def test_pages_of_signed_in_staff_are_not_kept(client, staff, settings):
    settings.IS_DRILL = True
    staff("duty")
    sign_in(client)
    assert "no-store" in client.get(reverse("mfa_index"))["Cache-Control"]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(client, staff, settings, target):
    settings.IS_DRILL = True
    staff("duty")
    answer = client.post(f"{LOGIN}?next={target}", {"login": "duty", "password": PASSWORD})
    assert "evil" not in answer["Location"]


def test_there_is_no_sign_up():
    for path in ("/staff/signup/", "/accounts/signup/", "/staff/password/reset/"):
        assert Client().get(path).status_code == 404


def test_a_new_officer_goes_all_the_way(client, staff, settings, now):
    """From the administrator's page to the first sign-in, as people do it."""
    settings.IS_DRILL = True
    staff("root", Role.ADMINISTRATOR)
    admin = Client()
    sign_in(admin, "root")
    added = admin.post(
        "/staff/people/add/", {"username": "li-na", "display_name": "李娜", "role": "approver"}, follow=True
    )
    link = re.search(r"http://testserver(/staff/welcome/[^<]+)", added.content.decode()).group(1)
    assert "/staff/welcome/" not in admin.get(added.redirect_chain[-1][0]).content.decode()
    settings.IS_DRILL = False
    assert client.post(link, {"password": "short", "again": "short"}).status_code == 200
    assert client.post(link, {"password": PASSWORD, "again": "different one"}).status_code == 200
    assert client.post(link, {"password": PASSWORD, "again": PASSWORD})["Location"] == LOGIN
    assert client.get(link).status_code == 404
    sign_in(client, "li-na")
    enrol(client)
    assert client.get("/_style").status_code == 200
