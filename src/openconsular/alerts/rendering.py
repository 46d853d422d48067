"""A warning's words as messages: each person's own link, nothing else of anybody in them."""

import html
from collections.abc import Iterable
from dataclasses import dataclass

from openconsular.alerts.links import link_for
from openconsular.alerts.models import Channel, WarningText
from openconsular.domain.texts.fill import LINK, with_link
from openconsular.gateways.base import OutgoingMessage

_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    sms: str
    subject: str
    body: str
    html: str


class Renderer:
    """The texts of one warning. A person whose language has no text gets the first one: silence is worse."""

    def __init__(self, texts: Iterable[WarningText], *, exercise: bool) -> None:
        self._words = {
            text.language: _Words(
                text.language, text.sms, text.subject, text.body, as_html(text.body, text.language)
            )
            for text in texts
        }
        self._first = next(iter(self._words.values()), None)
        self._exercise = exercise

    def has_words(self) -> bool:
        return self._first is not None

    def message(
        self, *, channel: str, key: int, recipient_id: int, address: str, language: str
    ) -> OutgoingMessage:
        """One message to one address. `key` is the delivery's number, so that trying again is the same message."""
        words = self._words.get(language, self._first)
        assert words is not None, "A warning is released with its texts."
        link = link_for(recipient_id)
        if channel == Channel.SMS:
            return OutgoingMessage(key, address, with_link(words.sms, link), exercise=self._exercise)
        return OutgoingMessage(
            key,
            address,
            with_link(words.body, link),
            words.subject,
            with_link(words.html, link),
            words.language,
            self._exercise,
        )


def as_html(body: str, language: str) -> str:
    """A plain body as HTML that reads well anywhere: paragraphs, the link to tap, the direction of the script."""
    direction = "rtl" if language.split("-")[0] in _RIGHT_TO_LEFT else "ltr"
    paragraphs = (part.strip() for part in body.replace("\r\n", "\n").split("\n\n"))
    inner = "".join(
        "<p>{}</p>".format(
            html.escape(part).replace("\n", "<br>").replace(LINK, f'<a href="{LINK}">{LINK}</a>')
        )
        for part in paragraphs
        if part
    )
    style = "font:16px/1.6 sans-serif;max-width:40em;margin:1em auto;padding:0 1em"
    return (
        f'<!doctype html><html lang="{html.escape(language)}" dir="{direction}"><head><meta charset="utf-8"></head>'
        f'<body style="{style}">{inner}</body></html>'
    )
