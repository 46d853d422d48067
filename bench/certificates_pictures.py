"""Drawing QR codes and reading them back to a verdict, beside segno, which draws the same codes in Python.

Every side works in turns and is measured in processor time of one core; a ratio is the median of the turns.
Drawing is from the text of a certificate to the bytes of a PNG at level Q; reading is from those bytes, as somebody
would send them, to the verdict on the certificate.
"""

import io
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import segno
from PIL import Image, ImageFilter

from bench.certificates_world import World, world
from openconsular.domain.health.carriers import codes, pictures
from openconsular.domain.health.verdict import State
from openconsular.domain.health.verify import NoRevocations, verify

SCALE = 4
Item = TypeVar("Item")


def run(small: bool) -> dict[str, float]:
    """Codes a second for each side, and the ratio to segno. `small` is for trying the program, not for figures."""
    made = world(40 if small else 400)
    turns, rival_texts = (2, 4) if small else (7, 20)
    drawn = tuple(codes.qr_png(text, scale=SCALE) for text in made.texts)
    _demand_same(made, drawn)
    ours, vectors, rival, read, photos = [], [], [], [], []
    photographs = tuple(_photograph(png) for png in drawn[:8])
    for _ in range(turns):
        ours.append(_rate(lambda text: codes.qr_png(text, scale=SCALE), made.texts))
        rival.append(_rate(_segno, made.texts[:rival_texts]))
        vectors.append(_rate(codes.qr_svg, made.texts[:100]))
        read.append(_rate(lambda png: _verdict(png, made), drawn))
        photos.append(_rate(lambda photo: _verdict(photo, made), photographs))
    ratio = statistics.median(one / other for one, other in zip(ours, rival, strict=True))
    return {
        "qr_write_per_second": round(statistics.median(ours), 1),
        "qr_write_svg_per_second": round(statistics.median(vectors), 1),
        "qr_write_segno_per_second": round(statistics.median(rival), 1),
        "qr_write_ratio_segno": round(ratio, 2),
        "qr_read_per_second": round(statistics.median(read), 1),
        "qr_read_photo_per_second": round(statistics.median(photos), 1),
    }


def _rate(work: Callable[[Item], object], items: Sequence[Item]) -> float:
    began = time.process_time()
    for item in items:
        work(item)
    return len(items) / (time.process_time() - began)


def _segno(text: str) -> bytes:
    out = io.BytesIO()
    segno.make_qr(text, error="q", boost_error=False).save(out, kind="png", scale=SCALE)
    return out.getvalue()


def _verdict(picture: bytes, made: World) -> State:
    (text,) = pictures.codes_in(picture)
    state = verify(text, trust=made.trust, revocations=NoRevocations(), now=made.now).state
    if state is not State.VALID:
        raise AssertionError(f"a good certificate came back as {state}")
    return state


def _demand_same(made: World, drawn: Sequence[bytes]) -> None:
    """Both sides draw codes of the same size that say the same."""
    for text, png in zip(made.texts[:4], drawn, strict=False):
        rival = _segno(text)
        if (
            pictures.codes_in(rival) != (text,)
            or Image.open(io.BytesIO(rival)).size != Image.open(io.BytesIO(png)).size
        ):
            raise AssertionError("the two sides do not draw the same codes")


def _photograph(png: bytes) -> bytes:
    """The code on a grey table, turned, blurred and as a JPEG of two megapixels."""
    code = Image.open(io.BytesIO(png)).convert("L").resize((900, 900))
    scene = Image.new("L", (1600, 1200), 150)
    scene.paste(code, (350, 150))
    scene = scene.rotate(11, Image.Resampling.BICUBIC, fillcolor=150).filter(ImageFilter.GaussianBlur(1.2))
    out = io.BytesIO()
    scene.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


if __name__ == "__main__":
    print(run(small=False))
