"""Which codec reads a text, by how the text starts."""

from collections.abc import Callable

from openconsular.domain.health.certificate import Presented
from openconsular.domain.health.hcert import read as hcert
from openconsular.domain.health.limits import TEXT_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

Codec = Callable[[str], Presented]

# The codec of every known beginning of a text.
CODECS: dict[str, Codec] = {
    "HC1:": hcert.read,
}


def read(text: str) -> Presented:
    """What a text presents. Raises `Unreadable`."""
    if len(text) > TEXT_MOST:
        raise Unreadable(Layer.TEXT, "text-too-long", "The text is longer than any certificate.")
    for beginning, codec in CODECS.items():
        if text.startswith(beginning):
            return codec(text)
    raise Unreadable(Layer.TEXT, "format-unknown", "The text is no health certificate of a known kind.")
