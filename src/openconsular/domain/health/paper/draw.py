"""Draws a sheet: an A4 certificate and a card of credit-card size as PDF, the card and a telephone's picture as PNG."""

import json
from pathlib import Path
from typing import Literal

import typst

from openconsular.domain.health import codes
from openconsular.domain.health.paper.contents import Sheet, contents

FOLDER = Path(__file__).parent
# 1080 pixels for the 90 mm of the telephone's picture, 600 dots an inch for a card that is printed.
PHONE_DOTS_PER_INCH = 1080 / 90 * 25.4
CARD_DOTS_PER_INCH = 600.0


def certificate_pdf(sheet: Sheet) -> bytes:
    """An A4 certificate of one page, more when the entries need it, tagged for screen readers (PDF/UA-1)."""
    return _compile(sheet, "certificate.typ", "pdf")[0]


def card_pdf(sheet: Sheet) -> bytes:
    """A card of 85.6 by 54 mm (ISO/IEC 7810 ID-1): the code and whose it is in front, the entries behind."""
    return _compile(sheet, "card.typ", "pdf")[0]


def card_png(sheet: Sheet) -> bytes:
    """The front of the card, for a printer of cards."""
    return _compile(sheet, "card.typ", "png", CARD_DOTS_PER_INCH)[0]


def phone_png(sheet: Sheet) -> bytes:
    """A picture that fills a telephone held upright, 1080 by 1920 pixels."""
    return _compile(sheet, "phone.typ", "png", PHONE_DOTS_PER_INCH)[0]


def _compile(sheet: Sheet, file: str, kind: Literal["pdf", "png"], dots: float | None = None) -> list[bytes]:
    """The document, or its pages as pictures. Raises `codes.CannotDraw`."""
    code = codes.draw(sheet.code)
    issued = sheet.certificate.issued_at or sheet.certificate.valid_from
    inputs = {
        "data": json.dumps(contents(sheet), ensure_ascii=False),
        "code": codes.svg_of(code).decode(),
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
