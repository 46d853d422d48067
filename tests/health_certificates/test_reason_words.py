"""Whatever the reason of a verdict, whoever checks reads it in words, at the desk and in the browser, in both languages."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from openconsular.domain.health.verify import verify
from openconsular.health_certificates.views import verdict_words
from openconsular.health_certificates.views.verifier_words import words
from tests.health_certificates.verifier_world import make_world

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "health-reasons.md"
# What a verdict can say. The other sections are about lists that are taken, entry rules, recording and the program.
OF_VERDICTS = (
    "Texts, pictures and documents",
    "JSON",
    "HCERT: EU DCC, ICVP, DDCC",
    "SMART Health Cards",
    "Seals of ICAO (VDS-NC)",
    "DIVOC credentials",
    "Signature, issuer and time",
    "Revocation",
    "Odd and tolerated",
)
# Of lists that are not taken: reasons that come back as those of a certificate's key.
OF_KEYS = re.compile(
    r"(certificate|chain|key|authority)-.*|not-an-authority|not-a-certificate|signature-algorithm"
)


def codes() -> list[str]:
    found: list[str] = []
    for section in PAGE.read_text("utf-8").split("\n## ")[1:]:
        title = section.partition("\n")[0]
        here = re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.MULTILINE)
        if title in OF_VERDICTS:
            found += here
        elif title == "Lists that are not taken":
            found += [one for one in here if OF_KEYS.fullmatch(one)]
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_reason_has_words_at_the_desk_and_in_the_browser(language: str) -> None:
    wanted = codes()
    assert len(wanted) > 190
    with translation.override(language):
        in_browser = words()["reasons"]
        at_desk = {code: verdict_words.reason_words(code) for code in wanted}
    assert [one for one in wanted if not in_browser.get(one)] == []
    assert [one for one in wanted if not at_desk[one] and one != "authority-curve"] == []
    if language != "en":
        told = [one for one in wanted if not re.search("[\u4e00-\u9fff]", in_browser[one])]
        assert told == [], "not translated"
        assert not [one for one in wanted if re.search(r"[一-鿿][,.;:!?]", in_browser[one])]


def test_no_vector_has_a_reason_without_words() -> None:
    world = make_world()
    found = set()
    for vector in world.vectors:
        if isinstance(vector.text, str):
            verdict = verify(vector.text, trust=world.trust, revocations=world.revocations, now=vector.now)
            found |= {check.reason for check in verdict.checks} | {verdict.reason}
    assert len(found) > 100
    assert [one for one in sorted(found) if one and not verdict_words.reason_words(one)] == []


def test_every_state_has_a_shape_a_word_and_a_colour() -> None:
    states = words()["states"]
    assert set(states) == set(verdict_words.SHAPES)
    assert all(one["word"] and one["shape"] and one["colour"] and one["advice"] for one in states.values())
    # None rests on colour alone: no two have a word or a shape in common.
    assert len({one["word"] for one in states.values()}) == len(states)
    assert len({one["shape"] for one in states.values()}) == len(states)
