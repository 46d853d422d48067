"""A program of its own: a PDF, a TIFF or an SVG on standard input, pictures on standard output. Started by `pages.py`.

    python -I -S page_process.py pdf PAGES PIXELS [FOLDER ...]
    python -I -S page_process.py tiff PAGES PIXELS [FOLDER ...]
    python -I -S page_process.py svg SIDE [FOLDER ...]

Each page of a PDF or a TIFF is width and height (two little-endian 32-bit numbers) and then its pixels, a byte each; an SVG
becomes a PNG. Imports nothing of this project, so that it starts quickly, and closes itself in before it looks at the
document.
"""

import sys

CPU_SECONDS = 4
MEMORY_BYTES = 2 * 1024**3
DOTS_PER_INCH = 220
POINTS_PER_INCH = 72
BROKEN, LOCKED = 3, 4
# pdfium's FPDF_ERR_PASSWORD
PASSWORD_ERROR = 4


def main() -> int:
    return {"pdf": draw_pdf, "tiff": draw_tiff, "svg": draw_svg}[sys.argv[1]](sys.argv[2:])


def draw_pdf(arguments: list[str]) -> int:
    pages_most, pixels_most, *folders = arguments
    sys.path += folders
    import pypdfium2

    close_in()
    document = sys.stdin.buffer.read()
    try:
        pdf = pypdfium2.PdfDocument(document)
    except pypdfium2.PdfiumError as error:
        return LOCKED if getattr(error, "err_code", None) == PASSWORD_ERROR else BROKEN
    for at in range(min(len(pdf), int(pages_most))):
        try:
            write_page(pdf[at], int(pixels_most))
        except pypdfium2.PdfiumError:
            continue
    return 0


def draw_tiff(arguments: list[str]) -> int:
    """Unpacked here because the library for it reads dozens of kinds of compression, some of them hardly ever used."""
    pages_most, pixels_most, *folders = arguments
    sys.path += folders
    import io

    from PIL import Image

    close_in()
    try:
        picture = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("TIFF",))
        for at in range(min(picture.n_frames, int(pages_most))):  # type: ignore[attr-defined]
            picture.seek(at)
            write_picture(picture, int(pixels_most))
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, MemoryError):
        return BROKEN
    return 0


def draw_svg(arguments: list[str]) -> int:
    """Drawn within a square of `SIDE` pixels. Addresses in it are not followed: it comes as bytes, from nowhere."""
    side, *folders = arguments
    sys.path += folders
    import typst

    close_in()
    source = (
        "#set page(width: 100pt, height: 100pt, margin: 4pt)\n"
        '#image(read("drawing", encoding: none), format: "svg", width: 100%, height: 100%)'
    )
    document = sys.stdin.buffer.read()
    try:
        made: bytes = typst.compile(  # type: ignore[call-overload]
            {"main": source.encode(), "drawing": document},
            format="png",
            ppi=int(side) * POINTS_PER_INCH / 100,
            ignore_system_fonts=True,
        )
    except typst.TypstError:
        return BROKEN
    sys.stdout.buffer.write(made)
    return 0


def close_in() -> None:
    """No more memory, time or files than drawing a few pages needs."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def write_page(page, pixels_most) -> None:  # type: ignore[no-untyped-def]
    width, height = page.get_size()
    if not (0 < width < 1e6 and 0 < height < 1e6):
        return
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, (pixels_most * 0.95 / (width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    grey, stride = bytes(bitmap.buffer), bitmap.stride
    out = sys.stdout.buffer
    out.write(bitmap.width.to_bytes(4, "little") + bitmap.height.to_bytes(4, "little"))
    for line in range(bitmap.height):
        out.write(grey[line * stride : line * stride + bitmap.width])
    out.flush()


def write_picture(picture, pixels_most) -> None:  # type: ignore[no-untyped-def]
    if not 0 < picture.width * picture.height <= 6 * pixels_most:
        return
    deep = picture.mode.startswith("I;16")
    grey = (picture.point(lambda value: value * (1 / 256)) if deep else picture).convert("L")
    share = (pixels_most * 0.95 / (grey.width * grey.height)) ** 0.5
    if share < 1:
        grey = grey.resize((max(1, int(grey.width * share)), max(1, int(grey.height * share))))
    out = sys.stdout.buffer
    out.write(grey.width.to_bytes(4, "little") + grey.height.to_bytes(4, "little"))
    out.write(grey.tobytes())
    out.flush()


if __name__ == "__main__":
    raise SystemExit(main())
