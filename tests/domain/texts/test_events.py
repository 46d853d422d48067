"""An event is recognised by code first, then by its words in any language, the more telling type first."""

import pytest

from openconsular.domain.texts import event_type
from openconsular.foundation.profile import load

KEYWORDS = load("cn").event_keywords


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Super Typhoon ODETTE", "cyclone"),
        ("超强台风", "cyclone"),
        ("Magnitude 6.5 Earthquake", "earthquake"),
        ("Earthquake with tsunami potential", "tsunami"),
        ("Séisme", "earthquake"),
        ("زلزال", "earthquake"),
        ("Flash Flood Warning", "flood"),
        ("Yellow Snow-Ice Warning", "snow"),
        ("Thunderstorm", "storm"),
        ("Forest fire danger", "wildfire"),
        ("Heatwave", "heat"),
        ("山体滑坡", "landslide"),
        ("Armed conflict", "conflict"),
        ("Red Tide", "other"),
        ("Choice", "other"),
        ("", "other"),
    ],
)
def test_words(words, expected):
    assert event_type(words, keywords=KEYWORDS) == expected


def test_a_code_counts_more_than_a_word():
    assert event_type("Flood", ["eq"], keywords=KEYWORDS) == "earthquake"
    assert event_type(["Warning", "Eruption"], ["unknown"], keywords=KEYWORDS) == "volcano"
