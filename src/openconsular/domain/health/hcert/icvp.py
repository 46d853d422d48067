"""WHO's digital International Certificate of Vaccination or Prophylaxis, claim -260/-6, in its three generations.

They are told apart by what `v` is: a text since April 2026 (the version of the certificate; the dose stands in `vx`),
a list of doses in the drafts of 2025, one map in that of 2024. Sources: WHO smart-icvp, "Digital ICVP - Core Data
Element Requirements" of 2026-04-16 (REQ-CC-01 to REQ-DE-27), models ICVPMin and DVCMin, and DVCPayload 0.1.0;
International Health Regulations (2005), annexes 6 and 7.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from openconsular.domain.health.certificate import Coded, Entry, Holder, Kind
from openconsular.domain.health.hcert.fields import broken, day, is_date, is_partial_date, text, words
from openconsular.domain.health.limits import INSTANT_MOST
from openconsular.domain.health.records.products import Product, product
from openconsular.domain.health.verdict import Layer, Unreadable

_LONG = 200
# REQ-CC-09: the amended model is in force for certificates issued from this day on (WHA77.17).
IN_FORCE_FROM = date(2025, 9, 19)
# REQ-DE-27; what the models call themselves. Another one is shown to a human, not refused.
KNOWN_VERSIONS = ("1", "1.0", "1.0.0")
# REQ-DE-22: the only two texts besides a date.
FOR_LIFE = ("life of person vaccinated", "vie entière du sujet vacciné")
LIFE = "life"
# Seconds by which a day begins somewhere before it does in UTC.
_EARLIEST_ZONE = 14 * 3600


class Generation(StrEnum):
    DRAFT_2024 = "2024"
    DRAFT_2025 = "2025"
    MODEL_2026 = "2026"


def generation(claim: Mapping[str, Any]) -> Generation:
    """Which form a claim has. Raises `Unreadable` with layer SCHEMA."""
    found = type(claim.get("v"))
    if found is str:
        return Generation.MODEL_2026
    if found is list:
        return Generation.DRAFT_2025
    if found is dict:
        return Generation.DRAFT_2024
    raise broken("v", "is neither a version, a dose nor a list of doses")


def looks_like(claim: Any) -> bool:
    """Whether a claim under a number not assigned yet has the form of an ICVP."""
    return (
        type(claim) is dict
        and "n" in claim
        and (type(claim.get("vx")) is dict or type(claim.get("v")) in (list, dict))
    )


def dose_of(claim: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one dose of a claim (REQ-CC-03). Raises `Unreadable` with layer SCHEMA."""
    form = generation(claim)
    found = claim.get("vx") if form is Generation.MODEL_2026 else claim["v"]
    if form is Generation.DRAFT_2025 and type(found) is list:
        if len(found) > 1:
            raise Unreadable(
                Layer.SCHEMA, "several-entries", "There is more than one dose in the certificate."
            )
        if not found:
            raise Unreadable(Layer.SCHEMA, "no-entry", "There is no dose in the certificate.")
        found = found[0]
    if type(found) is not dict:
        raise broken("vx" if form is Generation.MODEL_2026 else "v", "is not a map")
    return found


def holder(claim: Mapping[str, Any]) -> Holder:
    """Whom a claim is about, with the field names of its generation. Raises `Unreadable` with layer SCHEMA."""
    newest = generation(claim) is Generation.MODEL_2026
    nationality, number, kind = ("nt", "id", "dt") if newest else ("ntl", "nid", "ndt")
    name = words(claim, "n", most=_LONG, required=True)
    if not name.strip():
        raise broken("n", "is empty")
    born = day(claim, "dob") if newest else text(claim, "dob", required=False)
    if born and not is_partial_date(born):
        raise broken("dob", "is not a date")
    return Holder(
        full_name=name,
        born_on=born,
        sex=text(claim, "s", required=newest),
        nationality=text(claim, nationality, required=newest),
        document_number=text(claim, number, required=False),
        document_type=text(claim, kind, required=False),
        guardian=words(claim, "gn", most=_LONG),
    )


def entry_of(claim: Mapping[str, Any]) -> Entry:
    """The dose of a claim; disease, maker and validity from the catalogue where the form does not sign them.

    Raises `Unreadable` with layer SCHEMA, or CLAIMS for a product that is not in the catalogue (REQ-DE-11).
    """
    form = generation(claim)
    dose = dose_of(claim)
    newest = form is Generation.MODEL_2026
    path = "vx." if newest else "v."
    vaccine = product(text(dose, "vp", path=path))
    if form is Generation.DRAFT_2024 and vaccine is None:
        return _entry_2024(dose)
    happened_on = _vaccinated_on(dose, newest)
    if vaccine is None:
        raise Unreadable(
            Layer.CLAIMS,
            "product-not-in-catalogue",
            "The vaccine is not in WHO's catalogue of products for ICVP.",
        )
    clinician, issuer = _vouchers(dose, path, required=form is not Generation.DRAFT_2024)
    batch = text(dose, "bo", path=path, most=_LONG, required=newest)
    if newest and not batch.strip():
        raise broken("vx.bo", "is empty")
    return Entry(
        kind=Kind.VACCINATION,
        disease=Coded(vaccine.disease, display=vaccine.disease_name),
        vaccine=Coded(vaccine.vaccine),
        product=Coded(
            vaccine.code, "http://smart.who.int/pcmt-vaxprequal/CodeSystem/PreQualProductIds", vaccine.name
        ),
        maker=Coded(display=vaccine.maker),
        batch=batch,
        happened_on=happened_on,
        valid_from=valid_from(vaccine, happened_on),
        valid_until=_until(dose) or valid_until(vaccine),
        clinician=clinician,
        issuer=issuer,
    )


def _vaccinated_on(dose: Mapping[str, Any], newest: bool) -> str:
    """`dv` in the model; one intermediate text of it still says `dt`, as the drafts do (REQ-DE-20)."""
    if newest and dose.get("dv") is not None:
        return day(dose, "dv", path="vx.")
    return day(dose, "dt", path="vx." if newest else "v.")


def _vouchers(dose: Mapping[str, Any], path: str, *, required: bool) -> tuple[str, str]:
    """Clinician and issuer; one of them is there (REQ-CC-07), but in the first draft."""
    clinician = words(dose, "cn", path=path, most=_LONG)
    issuer = words(dose, "is", path=path, most=_LONG)
    if required and not (clinician.strip() or issuer.strip()):
        raise broken(path + "cn", "is missing, and so is the issuer")
    return clinician, issuer


def _entry_2024(dose: Mapping[str, Any]) -> Entry:
    """The first draft signed disease and maker itself, and knew no catalogue; later ones of its form name a product."""
    return Entry(
        kind=Kind.VACCINATION,
        disease=Coded(text(dose, "tg", path="v.", required=False)),
        vaccine=Coded(text(dose, "vp", path="v.")),
        product=Coded(text(dose, "mp", path="v.", required=False)),
        maker=Coded(
            text(dose, "mid", path="v.", required=False), display=text(dose, "ma", path="v.", required=False)
        ),
        batch=text(dose, "bo", path="v.", most=_LONG, required=False),
        happened_on=day(dose, "dt", path="v."),
        valid_from=text(dose, "vls", path="v.", required=False),
        valid_until=_until(dose),
        clinician=text(dose, "cn", path="v.", most=_LONG, required=False),
        issuer=text(dose, "is", path="v.", most=_LONG, required=False),
    )


def _until(dose: Mapping[str, Any]) -> str:
    """What a draft signed as the end: a date, or one of the two texts for life."""
    value = text(dose, "vle", path="v.", required=False)
    if value in FOR_LIFE:
        return LIFE
    if value and not is_date(value):
        raise broken("v.vle", "is neither a date nor for life")
    return value


def valid_from(vaccine: Product, happened_on: str) -> str:
    """The first day a dose counts (annex 7, 2(a)(iv): yellow fever, ten days after; others at once)."""
    try:
        return (date.fromisoformat(happened_on) + timedelta(days=vaccine.days_until_valid)).isoformat()
    except OverflowError:
        raise broken("vx.dv", "is at the end of the calendar") from None


def valid_until(vaccine: Product) -> str:
    """LIFE where one dose protects for life (annex 7, 2(a)(iii)); "" where the regulations set no end."""
    return LIFE if vaccine.for_life else ""


def check_dates(claim: Mapping[str, Any], entry: Entry, issued_at: float | None) -> None:
    """REQ-CC-09 and REQ-DE-13 against the token's time of issue.

    Raises `Unreadable` with layer CLAIMS. A day counts as begun when it has begun anywhere on earth (UTC+14).
    """
    if generation(claim) is Generation.DRAFT_2024 or issued_at is None:
        return
    issued_on = datetime.fromtimestamp(min(issued_at + _EARLIEST_ZONE, INSTANT_MOST), UTC).date()
    if issued_on < IN_FORCE_FROM:
        raise Unreadable(
            Layer.CLAIMS, "issued-before-amendments", "Digital ICVP exist since 19 September 2025."
        )
    if date.fromisoformat(entry.happened_on) > issued_on:
        raise Unreadable(Layer.CLAIMS, "dose-after-issue", "The dose is dated later than the certificate.")


def doubt(claim: Mapping[str, Any]) -> str:
    """Why a human should look although nothing is wrong: a draft's form, or a version not known; "" otherwise."""
    form = generation(claim)
    if form is Generation.DRAFT_2024:
        return "draft-form"
    if form is Generation.MODEL_2026 and claim["v"] not in KNOWN_VERSIONS:
        return "version-unknown"
    return ""


def version(claim: Mapping[str, Any]) -> str:
    """The version a claim states, or the year of the draft it follows."""
    form = generation(claim)
    return text(claim, "v", most=_LONG) if form is Generation.MODEL_2026 else form.value
