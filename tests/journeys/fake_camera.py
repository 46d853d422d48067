"""A film of a code held before a camera, as Chromium's fake camera plays it (YUV4MPEG2)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openconsular.domain.health.carriers.codes import draw

WIDTH, HEIGHT = 1280, 720
FRAMES = 6
FLAGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def film(path: Path, text: str, *, scale: int = 5) -> Path:
    """The code of a text on a grey table, a little noise over it; every frame is another draw of the noise."""
    modules = ~np.pad(draw(text).modules, 4)
    code = np.where(np.kron(modules, np.ones((scale, scale), dtype=bool)), 225, 30).astype(np.int16)
    table = np.full((HEIGHT, WIDTH), 120, dtype=np.int16)
    top, left = (HEIGHT - code.shape[0]) // 2, (WIDTH - code.shape[1]) // 2
    table[top : top + code.shape[0], left : left + code.shape[1]] = code
    lot = np.random.default_rng(1)
    grey: NDArray[np.uint8] = np.full(WIDTH * HEIGHT // 2, 128, dtype=np.uint8)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F15:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT))
        for _ in range(FRAMES):
            noisy = np.clip(table + lot.normal(0, 6, table.shape), 0, 255).astype(np.uint8)
            file.write(b"FRAME\n" + noisy.tobytes() + grey.tobytes())
    return path
