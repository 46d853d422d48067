"""Codes as people send them: photos of screens and of crumpled paper, scans, faxes, drawings, locked documents."""

import hashlib
import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from openconsular.domain.health.carriers import codes, pictures
from openconsular.domain.health.carriers import pages as drawing
from openconsular.domain.health.hcert import envelope
from openconsular.domain.health.verdict import Unreadable

# As long as codes of an ICVP and of an EU certificate are; always the same, so that a photo is read or is not.
SMALL, LARGE = (envelope.close_text(np.random.default_rng(1).bytes(size)) for size in (270, 380))
WHITE = 255


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """What is read here does not depend on how busy the machine is."""
    monkeypatch.setattr(drawing, "SECONDS_MOST", 60.0)


def drawn(text=SMALL, scale=6, border=60):
    dark = codes.draw(text).modules
    image = Image.fromarray(
        np.kron(np.where(dark, 0, WHITE).astype(np.uint8), np.ones((scale, scale), np.uint8))
    )
    return ImageOps.expand(image, border, fill=WHITE)


def saved(image, kind="PNG", **options):
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def refusal(data):
    with pytest.raises(Unreadable) as caught:
        pictures.codes_in(data)
    return caught.value.code


def of(pixels):
    return Image.fromarray(np.clip(pixels, 0, WHITE).astype(np.uint8))


def noisy(image, by):
    pixels = np.asarray(image.convert("L")).astype(float)
    return of(pixels + np.random.default_rng(3).normal(0, by, pixels.shape))


def seen_aslant(image, by):
    """From below and from the side: no two sides are parallel any more."""
    room = int(image.width * by)
    wide = ImageOps.expand(image, room, fill=WHITE)
    low, high = 0, wide.width
    corners = (low, room, room, high, high - room // 2, high - room, high, low)
    return wide.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


def in_shadow(image):
    pixels = np.asarray(image.convert("L")).astype(float)
    high, wide = pixels.shape
    return of(pixels * np.linspace(0.3, 1, wide)[None, :] * np.linspace(0.6, 1, high)[:, None])


def on_a_screen(image):
    """Stripes where the camera's pixels meet the screen's, and the blue of a backlight."""
    pixels = np.asarray(image.convert("RGB")).astype(float)
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    stripes = 0.85 + 0.15 * np.sin(x * 2.03 + 0.3 * y) * np.sin(y * 2.17)
    return of(pixels * stripes[..., None] * np.array([0.9, 1, 1]) * 0.8 + 25)


def crumpled(image, by):
    pixels = np.asarray(image)
    high, wide = pixels.shape
    y, x = np.mgrid[0:high, 0:wide].astype(float)
    rows = np.clip(y + by * np.cos(x / 70), 0, high - 1).astype(int)
    return of(pixels[rows, np.clip(x + by * np.sin(y / 70), 0, wide - 1).astype(int)])


def covered(image):
    spoilt = image.copy()
    middle = image.width // 2
    ImageDraw.Draw(spoilt).rectangle([middle - 60, middle - 60, middle + 60, middle + 60], fill=128)
    return spoilt


PHOTOS = {
    "turned": lambda one: one.rotate(33, expand=True, fillcolor=WHITE),
    "upside down": lambda one: one.rotate(181, expand=True, fillcolor=WHITE),
    "aslant": lambda one: seen_aslant(one, 0.2),
    "pale": lambda one: one.point(lambda value: 120 + value // 12),
    "in shadow": in_shadow,
    "small": lambda one: one.resize((one.width * 3 // 10, one.height * 3 // 10), Image.Resampling.BICUBIC),
    "out of focus": lambda one: one.filter(ImageFilter.GaussianBlur(3)),
    "shaken": lambda one: of(np.mean([np.roll(np.asarray(one).astype(float), k, axis=1) for k in range(6)], axis=0)),
    "in the dark": lambda one: noisy(one, 60),
    "crumpled": lambda one: crumpled(one, 4),
    "with a logo": covered,
    "of a screen": lambda one: on_a_screen(one.rotate(4, expand=True, fillcolor=WHITE)).filter(ImageFilter.GaussianBlur(1.2)),
    "white on black": ImageOps.invert,
    "white on blue": lambda one: ImageOps.colorize(ImageOps.invert(one), (20, 40, 160), (255, 255, 255)),
    "yellow on white": lambda one: ImageOps.colorize(one, (240, 220, 40), (255, 255, 255)),
    "white on black, out of focus": lambda one: noisy(ImageOps.invert(one).filter(ImageFilter.GaussianBlur(2)), 30),
}  # fmt: skip


@pytest.mark.parametrize("text", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("how", PHOTOS)
def test_photos(how, text):
    photo = PHOTOS[how](drawn(text))
    assert pictures.codes_in(saved(photo)) == (text,)
    assert pictures.codes_in(saved(photo.convert("RGB"), "JPEG", quality=60)) == (text,)


@pytest.mark.parametrize("quality", [40, 10, 5])
def test_pictures_compressed_again_and_again(quality):
    image = drawn(LARGE, scale=3)
    for _ in range(3):
        image = Image.open(BytesIO(saved(image, "JPEG", quality=quality)))
    assert pictures.codes_in(saved(image, "JPEG", quality=quality)) == (LARGE,)


def test_kinds_of_pixels():
    image = drawn()
    printed = image.convert("RGB").convert("CMYK")
    wide = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    for data in (saved(printed, "JPEG"), saved(wide), saved(image.convert("1")), saved(image.convert("P"))):
        assert pictures.codes_in(data) == (SMALL,)
    for orientation in (3, 6, 8):
        told = Image.Exif()
        told[0x0112] = orientation
        assert pictures.codes_in(saved(image.rotate(90, expand=True), "JPEG", exif=told)) == (SMALL,)


def test_drawings_on_nothing():
    """A code on transparent ground: black for paper, white for a dark page, and white on a white tile."""
    image = drawn()
    dark = ImageOps.invert(image)
    for grey, opacity in (
        (Image.new("L", image.size, 0), dark),
        (Image.new("L", image.size, WHITE), dark),
        (image, Image.new("L", image.size, WHITE)),
        (image, Image.new("L", image.size, 40)),
    ):
        assert pictures.codes_in(saved(Image.merge("LA", (grey, opacity)))) == (SMALL,)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_pictures_that_move(kind):
    blank = Image.new("L", drawn(LARGE).size, WHITE)
    frames = [
        blank.point(lambda value: value - 9),
        ImageOps.pad(drawn(), blank.size, color=WHITE),
        drawn(LARGE),
    ]
    data = saved(blank, kind, save_all=True, append_images=frames, duration=100)
    assert pictures.codes_in(data) == (SMALL, LARGE)


def test_two_codes_on_one_page():
    page = Image.new("L", (1700, 1900), WHITE)
    page.paste(drawn(SMALL, scale=4), (100, 100))
    page.paste(ImageOps.invert(drawn(LARGE, scale=5)), (100, 1000))
    assert set(pictures.codes_in(saved(page))) == {SMALL, LARGE}


def scanned(text=SMALL, turned=1.3):
    page = Image.new("L", (1240, 1754), WHITE)
    ImageDraw.Draw(page).multiline_text((90, 90), ("A certificate of vaccination. " * 6 + "\n") * 20, fill=0)
    page.paste(drawn(text, scale=4, border=0), (700, 1200))
    return noisy(page.rotate(turned, fillcolor=WHITE), 12)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "group4", "jpeg", "tiff_adobe_deflate"])
def test_scans_and_faxes(compression):
    fax = compression == "group4"
    pages = [one.convert("1" if fax else "L") for one in (scanned(), scanned(LARGE, turned=-0.8))]
    for kind, options in (("TIFF", {"compression": compression}), ("PDF", {"resolution": 150})):
        data = saved(pages[0], kind, save_all=True, append_images=pages[1:], **options)
        assert pictures.codes_in(data) == (SMALL, LARGE)


def test_a_page_with_a_code_behind_pages_without():
    words = scanned().crop((0, 0, 1240, 900))
    assert pictures.codes_in(
        saved(words, "PDF", save_all=True, append_images=[words] * 8 + [scanned()], resolution=150)
    ) == (SMALL,)


# Documents written by hand: PDF 1.7 (ISO 32000-1) section 7.6.3, the standard handler with 40-bit RC4.
PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def rc4(key, data):
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def document(text, *, password=None, unit=2.0, turned=0):
    """A code as rectangles; with a password ("" opens for everybody) its drawing is encrypted."""
    dark = codes.draw(text).modules
    drawing = "0 g\n" + "\n".join(
        f"{90 + x * unit:.2f} {700 - y * unit:.2f} {unit} {unit} re" for y, x in zip(*np.nonzero(dark), strict=True)
    ) + "\nf"  # fmt: skip
    content, more = drawing.encode(), b""
    if password is not None:
        identifier, owner = bytes(16), bytes(range(32))
        padded = (password.encode() + PADDING)[:32]
        key = hashlib.md5(padded + owner + struct.pack("<i", -4) + identifier).digest()[:5]  # noqa: S324
        object_key = hashlib.md5(key + b"\4\0\0" + b"\0\0").digest()[:10]  # noqa: S324
        content = rc4(object_key, content)
        more = b"/ID [<%s> <%s>] /Encrypt <</Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s>>>" % (
            *[identifier.hex().encode()] * 2,
            owner.hex().encode(),
            rc4(key, PADDING).hex().encode(),
        )
    objects = (
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate %d /Contents 4 0 R>>" % turned,
        b"<</Length %d>> stream\n%s\nendstream" % (len(content), content),
    )
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer <</Size 5 /Root 1 0 R %s>> startxref %d %%%%EOF" % (more, len(out))
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + end


@pytest.mark.parametrize("options", [{}, {"unit": 0.5}, {"turned": 90}, {"turned": 180}])
def test_codes_drawn_as_rectangles(options):
    assert pictures.codes_in(document(LARGE, **options)) == (LARGE,)


def test_locked_documents():
    assert pictures.codes_in(document(SMALL, password="")) == (SMALL,)
    assert refusal(document(SMALL, password="secret")) == "pdf-locked"


@pytest.mark.parametrize(
    "data",
    [
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + b"\0\1\4\0\1\0\0\0\xff\xff\xff\x7f" * 40,
        b"MM\0*\0\0\0\x08\0\1\1\0\0\4\0\0\0\1\xff\xff\xff\xff\0\0\0\x08",
        saved(Image.new("L", (7000, 7000)), "TIFF", compression="tiff_lzw"),
    ],
    ids=["nowhere", "no end", "its own next", "too large"],
)
def test_hostile_scans_end_with_a_reason(data):
    assert refusal(data) in ("picture-broken", "no-code", "pdf-too-slow")
