"""WHO's Digital Documentation of COVID-19 Certificates: vaccination status (VS) and test result (TR).

Fields of the core data sets as WHO's validator reads them; codes are {code, system, display} or a bare text.
Some issuers put the fields into claims -260/3 and -260/4, others at the top of the token.
"""

from collections.abc import Mapping
from typing import Any

from openconsular.domain.health.certificate import Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert.fields import (
    broken,
    instant,
    is_date,
    is_partial_date,
    number,
    text,
    words,
)

_LONG = 256
# What tells a claim at the top of a token from anything else.
_SIGNS_VS = frozenset(("vaccine", "brand", "lot"))


def looks_like(claim: Mapping[Any, Any]) -> Format | None:
    """Which of the two a map is, by the fields both WHO documents make mandatory."""
    if type(claim.get("name")) is not str:
        return None
    if type(claim.get("test")) is dict:
        return Format.DDCC_TR
    if "vaccine" in claim and _SIGNS_VS & claim.keys():
        return Format.DDCC_VS
    return None


def coded(holder: Mapping[str, Any], name: str, *, path: str = "", required: bool = False) -> Coded:
    """A coded value. Raises `Unreadable` with layer SCHEMA."""
    value = holder.get(name)
    if value is None and not required:
        return Coded()
    if type(value) is str:
        return Coded(value)
    if type(value) is dict:
        inside = f"{path}{name}."
        return Coded(
            text(value, "code", path=inside, most=_LONG),
            text(value, "system", path=inside, most=_LONG, required=False),
            text(value, "display", path=inside, most=_LONG, required=False),
        )
    raise broken(path + name, "is not a code")


def _when(holder: Mapping[str, Any], name: str, *, path: str = "", required: bool = False) -> str:
    value = text(holder, name, path=path, most=_LONG, required=required)
    if value and not is_date(value) and instant(value) is None:
        raise broken(path + name, "is neither a date nor an instant")
    return value


def holder(claim: Mapping[str, Any]) -> Holder:
    born = text(claim, "birthDate", most=_LONG, required=False)
    if born and not is_partial_date(born):
        raise broken("birthDate", "is not a date")
    return Holder(
        full_name=words(claim, "name", most=_LONG, required=True),
        born_on=born,
        sex=coded(claim, "sex").code,
        document_number=text(claim, "identifier", most=_LONG, required=False),
    )


def valid_from(claim: Mapping[str, Any]) -> str:
    """The first day of the certificate, which need not be that of the protection; "" when it states none."""
    return _when(claim, "valid_from")


def vaccination(claim: Mapping[str, Any]) -> Entry:
    """The dose of a DDCC:VS. Raises `Unreadable` with layer SCHEMA."""
    return Entry(
        kind=Kind.VACCINATION,
        identifier=text(claim, "hcid", most=_LONG, required=False),
        disease=coded(claim, "disease"),
        vaccine=coded(claim, "vaccine", required=True),
        product=coded(claim, "brand"),
        maker=_maker(claim),
        batch=text(claim, "lot", most=_LONG, required=False),
        dose=number(claim, "dose", required=False),
        doses=number(claim, "total_doses", required=False),
        happened_on=_when(claim, "date", required=True),
        valid_from=_when(claim, "vaccine_valid") or _when(claim, "valid_from"),
        valid_until=_when(claim, "valid_until"),
        country=coded(claim, "country").code,
        issuer=text(claim, "pha", most=_LONG, required=False),
        place=text(claim, "centre", most=_LONG, required=False),
        clinician=text(claim, "hw", most=_LONG, required=False),
    )


def _maker(claim: Mapping[str, Any]) -> Coded:
    found = coded(claim, "manufacturer")
    return found if found.code else coded(claim, "ma_holder")


def test(claim: Mapping[str, Any]) -> Entry:
    """The test of a DDCC:TR. Raises `Unreadable` with layer SCHEMA."""
    found = claim.get("test")
    if type(found) is not dict:
        raise broken("test", "is missing or not a map")
    return Entry(
        kind=Kind.TEST,
        identifier=text(claim, "hcid", most=_LONG, required=False),
        disease=coded(found, "pathogen", path="test."),
        product=coded(found, "brand", path="test."),
        maker=coded(found, "manufacturer", path="test."),
        happened_on=_when(found, "date", path="test.", required=True),
        country=coded(found, "country", path="test.").code,
        issuer=text(claim, "pha", most=_LONG, required=False),
        place=text(found, "centre", path="test.", most=_LONG, required=False),
        test_type=coded(found, "type", path="test.", required=True),
        result=coded(found, "result", path="test.", required=True),
    )


ENTRIES = {Format.DDCC_VS: vaccination, Format.DDCC_TR: test}
