"""Which codec reads a text, by how the text begins."""

from collections.abc import Callable, Sequence

from openconsular.domain.health import divoc, vds_nc
from openconsular.domain.health.certificate import Presented
from openconsular.domain.health.hcert import read as hcert
from openconsular.domain.health.hcert.envelope import PREFIX as HCERT_PREFIX
from openconsular.domain.health.limits import TEXT_MOST
from openconsular.domain.health.smart import jws, numeric
from openconsular.domain.health.smart import read as smart
from openconsular.domain.health.verdict import Layer, Unreadable

# Another version or another context identifier than HC1 (HCERT section 4.3).
_CONTEXT_BYTES = 4


def read(text: str) -> Presented | divoc.Credential:
    """What a text presents. Raises `Unreadable`."""
    if text.startswith(HCERT_PREFIX):
        return hcert.read(text)
    if len(text) > TEXT_MOST:
        raise Unreadable(Layer.TEXT, "text-too-long", "The text is longer than any certificate.")
    for looks_like, codec in CODECS:
        if looks_like(text):
            return codec(text)
    if text[:2] in ("HC", "HL") and text[_CONTEXT_BYTES - 1 : _CONTEXT_BYTES] == ":":
        raise Unreadable(Layer.TEXT, "prefix", "The text does not start with HC1:.")
    raise Unreadable(Layer.TEXT, "format-unknown", "The text is no health certificate of a known kind.")


def read_many(texts: Sequence[str]) -> Sequence[Presented | divoc.Credential | Unreadable]:
    """What each text presents, or why it cannot be read. Quicker than one by one where all are HCERT."""
    if all(text.startswith(HCERT_PREFIX) for text in texts):
        return hcert.read_many(texts)
    return [_attempt(text) for text in texts]


def _attempt(text: str) -> Presented | divoc.Credential | Unreadable:
    try:
        return read(text)
    except Unreadable as fault:
        return fault


def _is_smart(text: str) -> bool:
    """A health card, or a link to one, which its codec names and refuses."""
    return (
        text.startswith(numeric.SCHEME)
        or smart.LINK in text[: smart.HEAD]
        or jws.is_compact(text.rstrip("\r\n"))
    )


# Beside HCERT, which is asked first because it is the most frequent by far.
CODECS: tuple[tuple[Callable[[str], bool], Callable[[str], Presented | divoc.Credential]], ...] = (
    (_is_smart, smart.read),
    (vds_nc.looks_like, vds_nc.read),
    (divoc.looks_like, divoc.read),
)
