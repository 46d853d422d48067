"""Certificates on paper: what they say, in both languages, and that the code drawn on them is read from the page."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from PIL import Image

from openconsular.domain.health.carriers import codes, handed_over, pictures
from openconsular.domain.health.certificate import Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.paper import draw, words
from openconsular.domain.health.paper.contents import Language, Sheet, contents

TEXT = "HC1:" + "6BFOXN*TS0BI$ZDM" * 38
ICVP = Certificate(
    format=Format.ICVP,
    version="1",
    holder=Holder(full_name="Mei Lin Example", born_on="1988-04-12", sex="female", nationality="UTO"),
    entries=(
        Entry(
            kind=Kind.VACCINATION,
            identifier="URN:UVCI:01:UTO:0F3A#K",
            disease=Coded("1D47", display="Yellow fever"),
            batch="YF-26-0412",
            happened_on="2026-05-02",
            valid_from="2026-05-12",
            valid_until="life",
        ),
    ),
    issued_at=datetime(2026, 5, 2, 10, tzinfo=UTC),
)


def upper(text: str) -> str:
    return text.upper()


def same(text: str) -> str:
    return text


SHEET = Sheet(
    certificate=ICVP,
    code=TEXT,
    languages=(
        Language("en", same),
        Language("fr", upper, lambda coded: "FIEVRE" if coded.code == "1D47" else ""),
    ),
    authority=("A ministry", "Un ministère"),
    verify_at="verify.example.org",
)


# A health card of two codes, as it is kept.
LONG = "eyJ" + "a" * 700 + "." + "b" * 1000 + "." + "c" * 86


def document(sheet: Sheet, made=draw.certificate_pdf) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(made(sheet))


def text_of(sheet: Sheet, made=draw.certificate_pdf) -> str:
    pages = document(sheet, made)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


@pytest.mark.parametrize("made", [draw.certificate_pdf, draw.card_pdf, draw.card_png, draw.phone_png])
def test_the_code_is_read_from_what_was_drawn(made):
    assert pictures.codes_in(made(SHEET)) == (TEXT,)


def test_the_code_is_read_from_a_page_rendered_as_a_cheap_scanner_would():
    (page,) = document(SHEET)
    image = page.render(scale=110 / 72).to_pil().convert("L").rotate(2, fillcolor=255)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    assert pictures.codes_in(out.getvalue()) == (TEXT,)


def test_the_code_has_its_quiet_zone_on_the_card_and_on_the_page():
    code = codes.draw(TEXT)
    assert f'viewBox="0 0 {code.size} {code.size}"'.encode() in codes.svg_of(code)
    image = Image.open(io.BytesIO(draw.card_png(SHEET))).convert("L")
    assert image.size == (2022, 1276)
    module = 46 / 25.4 * 600 / code.size
    left = int((85.6 - 3 - 46) / 25.4 * 600)
    band = image.crop((left + 2, 100, int(left + 3.5 * module), 1000))
    assert band.getextrema() == (255, 255)


def test_an_exercise_is_marked_and_its_code_still_read():
    marked = replace(SHEET, exercise="SPECIMEN")
    assert "SPECIMEN" not in text_of(SHEET)
    for made in (draw.certificate_pdf, draw.card_pdf, draw.phone_png):
        assert pictures.codes_in(made(marked)) == (TEXT,)
    plain, stamped = (document(one)[0].render().to_pil().convert("RGB") for one in (SHEET, marked))
    assert plain.tobytes() != stamped.tobytes()


def test_everything_is_said_in_both_languages():
    said = " ".join(text_of(SHEET).split())
    for words_said in (
        "International Certificate of Vaccination or Prophylaxis",
        "INTERNATIONAL CERTIFICATE OF VACCINATION OR PROPHYLAXIS",
        "Mei Lin Example",
        "Yellow fever",
        "FIEVRE",
        "YF-26-0412",
        "life of person vaccinated",
        "LIFE OF PERSON VACCINATED",
        "URN:UVCI:01:UTO:0F3A#K",
        "verify.example.org",
        "A ministry",
        "in accordance with the International Health Regulations",
        "Batch number",
        "BATCH NUMBER",
    ):
        assert words_said in said, words_said


def test_a_profile_may_bring_its_own_statement():
    said = text_of(replace(SHEET, statement=("Our own words", "Nos propres mots")))
    assert "Our own words" in said and "International Health Regulations" not in said


def test_other_certificates_have_the_title_of_their_kind_and_no_words_of_the_regulations():
    entry = Entry(kind=Kind.TEST, happened_on="2026-11-20T09:15:00Z", result=Coded("1", display="Negative"))
    dcc = replace(ICVP, format=Format.EU_DCC, entries=(entry,))
    found = contents(replace(SHEET, certificate=dcc))
    assert found["title"][0] == words.TITLES["test"] and found["statement"] == ["", ""]
    assert ["2026-11-20 09:15:00 UTC", ""] in [row["value"] for row in found["entries"][0]["rows"]]
    both = replace(dcc, entries=(entry, ICVP.entries[0]))
    assert contents(replace(SHEET, certificate=both))["title"][0] == words.TITLES["several"]


def test_many_entries_take_more_pages_and_one_takes_one():
    assert len(document(SHEET)) == 1
    many = replace(ICVP, format=Format.SMART, entries=ICVP.entries * 12)
    assert len(document(replace(SHEET, certificate=many))) > 1
    assert len(document(replace(SHEET, certificate=many), draw.card_pdf)) == 2


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        "$x$ *bold* `raw` <label>",
        '"}]] \\u0041 ${}',
        "名字",
        "אבג",
        "🙂",
        "A" * 300,
        "Anna " * 60,
    ],
)
def test_names_are_texts_whatever_they_hold(name):
    holder = replace(ICVP.holder, full_name=name)
    sheet = replace(SHEET, certificate=replace(ICVP, holder=holder))
    assert pictures.codes_in(draw.certificate_pdf(sheet)) == (TEXT,)
    assert pictures.codes_in(draw.card_pdf(sheet)) == (TEXT,)


@pytest.mark.parametrize(("unknown", "said"), [(0, "BATCH NUMBER"), (1, "Batch number")])
def test_a_language_without_a_font_is_left_out(unknown, said):
    """Egyptian hieroglyphs stand for any script that a machine has no font for."""
    languages, authority = list(SHEET.languages), list(SHEET.authority)
    languages[unknown] = Language("egy", lambda text: "\U00013080" * len(text))
    authority[unknown] = "\U00013080"
    sheet = replace(SHEET, languages=tuple(languages), authority=tuple(authority))
    found = text_of(sheet)
    assert said in found and "\U00013080" not in found
    assert pictures.codes_in(draw.phone_png(sheet)) == (TEXT,)


def test_a_certificate_that_says_almost_nothing_is_drawn():
    bare = Certificate(format=Format.DIVOC, version="", holder=Holder(), entries=())
    assert pictures.codes_in(draw.certificate_pdf(replace(SHEET, certificate=bare))) == (TEXT,)
    assert pictures.codes_in(draw.card_pdf(replace(SHEET, certificate=bare))) == (TEXT,)


def test_the_same_sheet_is_the_same_file():
    assert draw.card_png(SHEET) == draw.card_png(SHEET)
    assert document(SHEET).get_metadata_dict()["CreationDate"].startswith("D:20260502")


def test_a_text_that_fits_no_code_is_said():
    with pytest.raises(codes.CannotDraw):
        draw.certificate_pdf(replace(SHEET, code="HC1:" + "A" * 5000))


def test_contents_are_plain_json_and_say_equal_texts_once():
    found = contents(replace(SHEET, languages=(Language("en", same), Language("en", same))))
    assert json.loads(json.dumps(found)) == found
    assert found["title"] == [words.TITLES["icvp"], ""]


@pytest.mark.parametrize(("count", "length"), [(2, 1196), (2, 2300), (3, 2400), (4, 4600)])
def test_a_card_of_several_codes_shows_all_of_them_on_every_paper(count, length):
    certificate = replace(ICVP, format=Format.SMART)
    sheet = replace(SHEET, certificate=certificate, code=LONG[:800] + "x" * (length - 887) + LONG[-87:])
    texts = codes.texts_of(sheet.code)
    assert len(texts) == count and len(sheet.code) == length
    for make in (draw.certificate_pdf, draw.card_pdf, draw.phone_png):
        assert sorted(pictures.codes_in(make(sheet))) == sorted(texts)
    assert handed_over.texts_in(draw.certificate_pdf(sheet)) == (sheet.code,)


def test_a_card_of_two_codes_stays_on_one_sheet_and_says_which_is_which():
    sheet = replace(SHEET, certificate=replace(ICVP, format=Format.SMART), code=LONG)
    made = document(sheet)
    assert len(made) == 1
    said = made[0].get_textpage().get_text_bounded()
    assert "1 / 2" in said and "2 / 2" in said
    assert "1 / 2" not in document(SHEET)[0].get_textpage().get_text_bounded()
    assert len(document(sheet, draw.card_pdf)) == 3 and len(document(SHEET, draw.card_pdf)) == 2
