"""Area codes: one registry, many spellings of its name, and codes written in short hand.

CAP leaves both names and values of geocodes to the issuers (section 3.2.4). The spellings here are those of
the feeds collected in WMO's register of alerting authorities and of the US National Weather Service.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from openconsular.domain.cap.model import NamedValue

MAX_CODES_PER_VALUE = 2_000

_SPELLINGS = {
    "EMMAID": "EMMA_ID",
    "FIPS6": "SAME",
    "SAME": "SAME",
    "UGC": "UGC",
    "FIPS": "FIPS",
    "FIPS10": "FIPS",
    "FIPS104": "FIPS",
    "WARNCELLID": "WARNCELLID",
    "CISORP": "CISORP",
    "NUTS1": "NUTS1",
    "NUTS2": "NUTS2",
    "NUTS3": "NUTS3",
    "ISO31661": "ISO3166-1",
    "ISO3166": "ISO3166-1",
    "ISO31662": "ISO3166-2",
    "SGC": "SGC",
    "CAPCPLOCATION": "SGC",
    "CLC": "CLC",
    "AMOCAREACODE": "AMOC-AreaCode",
}
_VERSION = re.compile(r"v?\d+(\.\d+)*")
_UGC = re.compile(r"([A-Z]{2})([CZ])(\d{3}|ALL)((?:[->]\d{3})*)-?")
_UGC_STEP = re.compile(r"([->])(\d{3})")


class Geocode(NamedTuple):
    """A code as a registry spells it. `as_written` is what the issuer wrote, for reasons shown to people."""

    registry: str
    code: str
    as_written: str


class Candidates(NamedTuple):
    """One place an issuer names, as the codes to try in this order; the first that resolves is taken."""

    as_written: str
    codes: tuple[Geocode, ...]


def registry_name(name: str, value: str = "") -> str:
    """The registry meant by a valueName: emma_id -> EMMA_ID, FIPS6 -> SAME, urn:...:ISO:3166-2 -> ISO3166-2."""
    parts = [part for part in re.split(r"[:/#|]", name) if part and not _VERSION.fullmatch(part)]
    for count in (1, 2, 3):
        key = re.sub(r"[^A-Z0-9]", "", "".join(parts[-count:]).upper())
        if key == "NUTS":
            return f"NUTS{min(max(len(value.strip()) - 2, 1), 3)}"
        if key == "FIPS" and value.strip().isdigit():
            return "SAME"
        if key in _SPELLINGS:
            return _SPELLINGS[key]
    return name.strip()


def is_hole(geocode: NamedValue) -> bool:
    """The German weather service writes holes as geocodes named EXCLUDE_POLYGON whose value is a polygon."""
    return re.sub(r"[^A-Z]", "", geocode.name.upper()) == "EXCLUDEPOLYGON"


def codes_of(geocode: NamedValue) -> tuple[Candidates, ...]:
    """Every place in one geocode element; a value may list several, in short hand too (NVC013-019>021)."""
    registry = registry_name(geocode.name, geocode.value)
    if registry == "UGC":
        found = [one for part in re.split(r"[\s,;]+", geocode.value.upper()) for one in _ugc(part)]
    elif registry == "SAME":
        found = [_same(part) for part in re.split(r"[\s,;-]+", geocode.value) if part]
    elif registry in _SPELLINGS.values():
        parts = [part for part in re.split(r"[\s,;]+", geocode.value) if part]
        found = [Candidates(part, (Geocode(registry, part.upper(), part),)) for part in parts]
    else:
        value = " ".join(geocode.value.split())
        found = [Candidates(value, (Geocode(registry, value, value),))] if value else []
    return tuple(found[:MAX_CODES_PER_VALUE])


def _same(part: str) -> Candidates:
    """PSSCCC: a part of a county (first digit not 0) falls back on the county (47 CFR 11.31(c))."""
    code = part.zfill(6) if part.isdigit() else part
    tried = [code] if code.startswith("0") or len(code) != 6 else [code, "0" + code[1:]]
    return Candidates(part, tuple(Geocode("SAME", one, part) for one in tried))


def _ugc(part: str) -> Iterator[Candidates]:
    """NWS Instruction 10-1702: state, C or Z, number; then further numbers by "-" and ranges by ">"."""
    matched = _UGC.fullmatch(part)
    if matched is None:
        if part:
            yield Candidates(part, (Geocode("UGC", part, part),))
        return
    prefix, last = matched[1] + matched[2], matched[3]
    numbers = [last]
    for step, number in _UGC_STEP.findall(matched[4]):
        if step == ">" and last.isdigit():
            numbers += [f"{between:03}" for between in range(int(last) + 1, int(number) + 1)]
        else:
            numbers.append(number)
        last = number
    for number in numbers:
        yield Candidates(prefix + number, (Geocode("UGC", prefix + number, prefix + number),))
