"""Draws a sheet: an A4 certificate and a card of credit-card size as PDF, the card and a telephone's picture as PNG."""

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import typst

from openconsular.domain.health.carriers import codes
from openconsular.domain.health.paper import words
from openconsular.domain.health.paper.contents import Sheet, contents

FOLDER = Path(__file__).parent
# 1080 pixels for the 90 mm of the telephone's picture, 600 dots an inch for a card that is printed.
PHONE_DOTS_PER_INCH = 1080 / 90 * 25.4
CARD_DOTS_PER_INCH = 600.0


def certificate_pdf(sheet: Sheet) -> bytes:
    """An A4 certificate of one page, more when the entries need it, tagged for screen readers (PDF/UA-1)."""
    return _compile(sheet, "certificate.typ", "pdf")[0]


def card_pdf(sheet: Sheet) -> bytes:
    """A card of 85.6 by 54 mm (ISO/IEC 7810 ID-1): the code and whose it is in front, the entries behind.

    A health card of several codes has a front for each.
    """
    return _compile(sheet, "card.typ", "pdf")[0]


def card_png(sheet: Sheet) -> bytes:
    """The front of the card, for a printer of cards; the first one where there are several."""
    return _compile(sheet, "card.typ", "png", CARD_DOTS_PER_INCH)[0]


def phone_png(sheet: Sheet) -> bytes:
    """A picture that fills a telephone held upright, 1080 by 1920 pixels; longer where there are several codes."""
    return _compile(sheet, "phone.typ", "png", PHONE_DOTS_PER_INCH)[0]


def _compile(sheet: Sheet, file: str, kind: Literal["pdf", "png"], dots: float | None = None) -> list[bytes]:
    """The document, or its pages as pictures. Raises `codes.CannotDraw`."""
    drawn = [codes.svg_of(codes.draw(text)).decode() for text in codes.texts_of(sheet.code)]
    sheet = _displayable(sheet)
    issued = sheet.certificate.issued_at or sheet.certificate.valid_from
    inputs = {
        "data": json.dumps(contents(sheet), ensure_ascii=False),
        "codes": json.dumps(drawn),
    }

    def typeset(standards: Literal["ua-1"] | None) -> object:
        return typst.compile(
            str(FOLDER / file),
            root=str(FOLDER),
            format=kind,
            ppi=dots,
            sys_inputs=inputs,
            pdf_standards=standards,
            timestamp=max(0, int(issued.timestamp())) if issued else 0,
        )

    try:
        try:
            made = typeset("ua-1" if kind == "pdf" else None)
        except typst.TypstError:
            # PDF/UA forbids letters no font here can show; a page with a box for one of them is better than none.
            made = typeset(None)
    except typst.TypstError as error:
        raise codes.CannotDraw("sheet-not-drawn", str(error)) from error
    # Several pages as pictures come as a list, whatever the stubs say.
    return [page for page in (made if isinstance(made, list) else [made]) if isinstance(page, bytes)]


def _displayable(sheet: Sheet) -> Sheet:
    """The sheet in one language where this machine has no font for the other: boxes in place of letters help nobody."""
    first, second = (
        _has_letters("".join(sorted(set(authority + "".join(map(language.translate, words.ALL))))))
        for language, authority in zip(sheet.languages, sheet.authority, strict=True)
    )
    if first == second:
        return sheet
    kept = 0 if first else 1
    statement = sheet.statement and (sheet.statement[kept],) * 2
    return replace(
        sheet,
        languages=(sheet.languages[kept],) * 2,
        authority=(sheet.authority[kept],) * 2,
        statement=statement,
    )


@lru_cache(maxsize=128)
def _has_letters(letters: str) -> bool:
    """Whether some font here shows every one of the letters, which PDF/UA demands."""
    try:
        typst.compile(
            str(FOLDER / "letters.typ"), format="pdf", sys_inputs={"letters": letters}, pdf_standards="ua-1"
        )
    except typst.TypstError:
        return False
    return True
