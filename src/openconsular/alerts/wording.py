"""The words of a warning: proposed from the profile's texts, checked before anything leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from openconsular.alerts.links import link_for
from openconsular.domain import texts
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput

# As long as a real one; only its length matters.
SAMPLE_ROW = 2**40


def propose(
    *, hazard: Any, kind: str, grade: profile.Grade, languages: Sequence[str], now: datetime
) -> dict[str, dict[str, str]]:
    """{language: {"sms", "subject", "body"}} with `{link}` left open for each person's own."""
    rules = profile.current()
    facts = texts.Facts(
        event=texts.event_type(
            [*hazard.events.values(), *hazard.headlines.values()],
            hazard.event_codes,
            keywords=rules.event_keywords,
        ),
        grade=grade.code,
        places=hazard.places or hazard.headlines,
        event_words=hazard.events,
        until=hazard.expires_at,
        issued=now,
        timezone=hazard.timezone or "UTC",
    )
    return texts.propose_texts(rules, kind, facts, languages)


def sample_link() -> str:
    """An answer link as long as real ones, for counting parts."""
    return link_for(SAMPLE_ROW)


def problems(kind: str, language: str, words: Mapping[str, str]) -> list[texts.Problem]:
    """Every fault and hint of one language's words; those with `is_error` keep a warning from leaving."""
    return texts.check_text(
        kind,
        words,
        allowed_hosts={urlsplit(settings.SHORT_URL).hostname or ""},
        sample_link=sample_link(),
        words=profile.current().sms_words.get(language),
    )


def check(kind: str, language: str, words: Mapping[str, str]) -> None:
    """Refuse words with a fault: InvalidInput names the field and what to mend."""
    faults = [one for one in problems(kind, language, words) if one.is_error]
    if faults:
        raise InvalidInput(
            faults[0].message,
            code=faults[0].code,
            fields={f"{language}-{one.field}": one.message for one in faults},
        )
