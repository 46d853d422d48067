"""The same program for another country: other languages, number, grades and limit, and not a line of code changed."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.test import Client

from openconsular.accounts import actions, queries
from openconsular.alerts import links, wording
from openconsular.domain import texts
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM


@pytest.fixture(params=["cn", "xa"])
def country(request, settings):
    ours = profile.load(request.param)
    settings.PROFILE = ours.code
    settings.LANGUAGE_CODE = ours.default_language.lower()
    settings.LANGUAGES = [(one.lower(), one) for one in ours.languages]
    settings.SECURE_SSL_REDIRECT = False
    return ours


def test_the_settings_follow_the_profile(tmp_path):
    told = {}
    for code in ("cn", "xa"):
        environment = {**os.environ, "OPENCONSULAR_PROFILE": code, "OPENCONSULAR_STATE": str(tmp_path)}
        script = "from openconsular.config import settings as s; print(s.LANGUAGE_CODE, *[c for c, _ in s.LANGUAGES])"
        told[code] = subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
        ).stdout.split()
    assert told == {"cn": ["zh-hans", "zh-hans", "en"], "xa": ["ar", "ar", "fr", "en"]}


def test_a_page_carries_the_number_and_direction_of_the_country(country):
    html = Client().get("/offline/").content.decode()
    assert f'href="tel:{country.hotline_dial}"' in html
    assert f'dir="{"rtl" if country.default_language == "ar" else "ltr"}"' in html


@pytest.mark.django_db
def test_its_missions_look_after_their_districts(country, now):
    assert actions.load_missions(profile=country, by=SYSTEM, now=now) == len(country.missions)
    assert actions.load_missions(profile=country, by=SYSTEM, now=now) == 0
    assert queries.mission_for("PH", "PH-07").code == "cebu"
    assert queries.mission_for("PH", "PH-NCR").code == "manila"
    assert queries.mission_for("AQ", "") is None


def test_the_grade_proposed_is_its_own(country):
    grades = {country.grade_for(severity).code for severity in ("Minor", "Moderate", "Severe", "Extreme")}
    assert grades <= {grade.code for grade in country.grades}
    assert country.grade_for("Extreme") == country.grades[-1]


def test_its_words_pass_its_own_checks(country, settings, now):
    settings.SHORT_URL = "https://s.example"
    facts = texts.Facts(
        event="earthquake", grade=country.grades[0].code, places=country.missions[0].city, issued=now
    )
    for language, words in texts.propose_texts(country, "warning", facts).items():
        wording.check("warning", language, words)
        assert country.hotline_dial in words["sms"]
        assert urlsplit(links.link_for(1)).hostname == "s.example"
