"""What is said to people, and what they answer: templates filled, texts checked, replies read.

Nothing here knows a country or a language; templates, names and words come from the profile.

    propose_texts(profile, kind, facts, languages) -> {language: {"sms", "subject", "body"}}
    event_type(words, codes, keywords=...) -> "earthquake" | ... | "other"
    fill(template, fields) -> str                      strict
    with_link(text, link) -> str                       at delivery, never fails
    check_text(kind, texts, allowed_hosts=...) -> [Problem]
    parse_reply(text, words) -> "safe" | "help" | "elsewhere" | None
"""

from openconsular.domain.texts.check import check_text, count_parts
from openconsular.domain.texts.errors import TextError
from openconsular.domain.texts.events import event_type
from openconsular.domain.texts.fill import FIELDS, fields_in, fill, with_link
from openconsular.domain.texts.problems import Problem
from openconsular.domain.texts.propose import KINDS, SLOTS, Facts, Wording, event_name, propose_texts
from openconsular.domain.texts.reply import parse_reply

__all__ = [
    "FIELDS",
    "KINDS",
    "SLOTS",
    "Facts",
    "Problem",
    "TextError",
    "Wording",
    "check_text",
    "count_parts",
    "event_name",
    "event_type",
    "fields_in",
    "fill",
    "parse_reply",
    "propose_texts",
    "with_link",
]
