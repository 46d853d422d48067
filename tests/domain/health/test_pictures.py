"""Codes in pictures and PDFs: clean files, photographs, and everything that is sent to break a reader."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from openconsular.domain.health.carriers import codes, pages, pictures
from openconsular.domain.health.verdict import Layer, Unreadable

TEXT = "HC1:" + "6BFOXN*TS0BI$ZDM/F9TEST" * 20
OTHER = "HC1:ANOTHER CODE"


def code_image(text: str = TEXT, scale: int = 4) -> Image.Image:
    return Image.open(io.BytesIO(codes.qr_png(text, scale=scale))).convert("L")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        pictures.codes_in(data)
    assert caught.value.layer is Layer.PICTURE
    return caught.value.code


def photograph(*, turned: float, blur: float, noise: float, scale: int = 7) -> Image.Image:
    """A code as a phone sees it: at an angle, from the side, blurred, grainy, unevenly lit."""
    random = np.random.default_rng(7)
    code = code_image(scale=scale)
    scene = Image.new("L", (2000, 1500), 150)
    left, top = (2000 - code.width) // 2, (1500 - code.height) // 2
    scene.paste(code, (left, top))
    coefficients = (0.94, 0.08, -40, 0.03, 0.96, -20, 4e-5, 3e-5)
    scene = scene.transform(
        scene.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=150
    )
    scene = scene.rotate(turned, Image.Resampling.BICUBIC, fillcolor=140)
    pixels = np.asarray(scene.filter(ImageFilter.GaussianBlur(blur))).astype(float)
    light = np.linspace(0.5, 1.05, 2000)[None, :] * np.linspace(1.0, 0.75, 1500)[:, None]
    grain = random.normal(0, noise, pixels.shape)
    return Image.fromarray(np.clip(pixels * light + grain, 0, 255).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_clean_files_of_every_kind(kind):
    assert pictures.codes_in(saved(code_image(), kind)) == (TEXT,)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_pixel(mode):
    image = code_image()
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    else:
        image = image.convert(mode)
    assert pictures.codes_in(saved(image, "PNG")) == (TEXT,)


def test_drawings():
    drawn = codes.qr_svg(TEXT)
    assert pictures.codes_in(drawn) == (TEXT,)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a code -->\n'
    sized = drawn.replace(b"<svg ", b'<svg width="300" height="300" ', 1)
    assert pictures.codes_in(head + sized) == (TEXT,)


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="https://attacker.example/a.png" width="9" height="9"/>',
        '<image href="file:///etc/hostname" width="9" height="9"/>',
        '<use href="#a" id="a"/>',
        "<g>" * 30_000 + "</g>" * 30_000,
        '<rect width="1e300" height="1e300"/>',
    ],
)
def test_hostile_drawings_show_nothing(inside):
    data = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90">{inside}</svg>'.encode()
    assert refusal(data) in ("no-code", "picture-broken", "pdf-too-slow")


def test_black_on_transparent_is_black_on_white():
    image = Image.new("RGBA", code_image().size, (0, 0, 0, 0))
    image.putalpha(ImageOps.invert(code_image()))
    assert pictures.codes_in(saved(image, "PNG")) == (TEXT,)


@pytest.mark.parametrize("change", ["inverted", "turned", "mirrored", "tiny", "no quiet zone", "pale"])
def test_codes_that_are_not_as_they_should_be(change):
    image = code_image(scale=6)
    changed = {
        "inverted": lambda: ImageOps.invert(image),
        "turned": lambda: image.rotate(90, expand=True),
        "mirrored": lambda: ImageOps.mirror(image),
        "tiny": lambda: image.resize((image.width // 4, image.height // 4), Image.Resampling.BILINEAR),
        "no quiet zone": lambda: image.crop((24, 24, image.width - 24, image.height - 24)),
        "pale": lambda: image.point(lambda value: 200 + value // 12),
    }[change]()
    assert pictures.codes_in(saved(changed, "PNG")) == (TEXT,)


@pytest.mark.parametrize(
    ("turned", "blur", "noise"), [(0, 1.0, 8), (17, 1.5, 12), (45, 2.0, 12), (183, 2.5, 20), (-80, 1.0, 30)]
)
def test_photographs(turned, blur, noise):
    image = photograph(turned=turned, blur=blur, noise=noise)
    assert pictures.codes_in(saved(image, "JPEG", quality=70)) == (TEXT,)


def test_several_codes_in_one_picture():
    page = Image.new("L", (1600, 900), 255)
    page.paste(code_image(), (50, 50))
    page.paste(code_image(OTHER), (900, 300))
    page.paste(code_image(), (900, 450))
    assert set(pictures.codes_in(saved(page, "PNG"))) == {TEXT, OTHER}


def test_bytes_that_are_no_text_come_as_latin_1():
    import zxingcpp

    barcode = zxingcpp.create_barcode(b"PK\x03\x04\xff\x00\x80", zxingcpp.BarcodeFormat.QRCode)
    image = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(barcode, scale=4)))
    assert pictures.codes_in(saved(image, "PNG")) == ("PK\x03\x04\xff\x00\x80",)


def test_every_page_of_a_pdf_is_looked_at():
    first, second = (Image.new("RGB", (1240, 1754), "white") for _ in range(2))
    first.paste(code_image(), (100, 100))
    second.paste(code_image(OTHER), (100, 900))
    data = saved(first, "PDF", save_all=True, append_images=[second], resolution=150)
    assert pictures.codes_in(data) == (TEXT, OTHER)


def test_no_more_pages_than_allowed_are_drawn():
    blank, last = Image.new("L", (200, 200), 255), code_image(OTHER)
    more = [blank] * (pages.PAGES_MOST - 1) + [last]
    assert refusal(saved(blank, "PDF", save_all=True, append_images=more, resolution=72)) == "no-code"


def png(width: int, height: int, data: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture-unknown"),
        (b"not a picture", "picture-unknown"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "photo-format-heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "photo-format-heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "picture-unknown"),
        (b"\0\0\0\x18ftyp", "picture-unknown"),
        (b"%PDF-1.7 and nothing else", "pdf-broken"),
        (b"\x89PNG\r\n\x1a\n", "picture-unknown"),
        (b"\0" * (pictures.BYTES_MOST + 1), "picture-too-large"),
        (png(6001, 6000, b""), "picture-too-large"),
        (png(60_000, 60_000, zlib.compress(bytes(10**6))), "picture-too-large"),
        (png(500, 500, zlib.compress(b"")), "picture-broken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "picture-broken"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'/>", "picture-unknown"),
        (b"<html><svg/></html>", "picture-unknown"),
        (b"II*\0" + bytes(60), "picture-broken"),
        (b"MM\0*", "picture-broken"),
        (saved(code_image(), "PPM"), "picture-unknown"),
        (saved(Image.new("L", (300, 300), 255), "PNG"), "no-code"),
        (saved(Image.new("L", (1, 1), 255), "PNG"), "no-code"),
        (saved(Image.new("L", (40_000, 5), 0), "PNG"), "picture-too-large"),
        (saved(Image.new("L", (32_000, 9), 0), "PNG"), "no-code"),
    ],
)
def test_what_is_no_picture_is_refused(data, code):
    assert refusal(data) == code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PDF"])
def test_files_cut_short_are_refused_or_still_show_the_code(kind):
    data = saved(code_image(), kind)
    for share in (3, 10, 40, 70, 95, 99):
        try:
            assert pictures.codes_in(data[: len(data) * share // 100]) == (TEXT,)
        except Unreadable as error:
            assert error.layer is Layer.PICTURE


def pdf(*objects: bytes) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + b"trailer <</Size %d /Root 1 0 R>> startxref %d %%%%EOF" % (size, start)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    return b"<</Length %d /Filter /FlateDecode %s>> stream\n%s\nendstream" % (len(packed), extra, packed)


PAGE = (
    b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %s] /Contents 4 0 R /Resources <</XObject <</X 5 0 R>>>>>>"
)
CATALOG, ONE_PAGE = b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources <</XObject <</X 5 0 R>>>>"


@pytest.mark.parametrize(
    ("content", "form", "box"),
    [
        (b"/X Do " * 10, stream(b"/X Do " * 10, FORM), b"600 800"),
        (b"0 0 m 9 9 l S\n" * 2_000_000, stream(b"", FORM), b"600 800"),
        (b"q " * 5_000_000, stream(b"", FORM), b"600 800"),
        (b"", stream(b"", FORM), b"1e9 1e9"),
        (b"", stream(b"", FORM), b"0 0"),
        (b"", stream(b"", FORM), b"-5 nothing"),
    ],
    ids=[
        "form that draws itself",
        "two million lines",
        "five million states",
        "huge page",
        "no page",
        "odd page",
    ],
)
def test_hostile_documents_end_in_time(content, form, box):
    document = pdf(CATALOG, ONE_PAGE, PAGE % box, stream(content), form)
    assert refusal(document) in ("no-code", "pdf-broken", "pdf-too-slow")


def test_a_document_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(pages, "SECONDS_MOST", 0.01)
    assert refusal(saved(code_image(), "PDF")) == "pdf-too-slow"


def test_pages_that_lie_about_their_size_are_not_believed():
    assert list(pages._pages(struct.pack("<II", 2**31, 2**31))) == []
    assert list(pages._pages(struct.pack("<II", 4, 4) + b"12345")) == []
    assert list(pages._pages(b"1234567")) == []
