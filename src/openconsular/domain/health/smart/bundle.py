"""The bundle in a health card: whom it is about, and what it attests of them."""

from typing import Any

from openconsular.domain.health.certificate import Coded, Entry, Holder
from openconsular.domain.health.smart import fhir
from openconsular.domain.health.smart.fhir import Resource, refuse

ENTRIES_MOST = 500
# Notes that leave a human to look at the card.
HOLDER_ABSENT = "holder-absent"
NOTHING_ATTESTED = "nothing-attested"
_SEX = {"male": "male", "female": "female", "other": "other", "unknown": "unknown"}


def read_bundle(
    bundle: object, *, about: Coded, issuer: str, notes: set[str]
) -> tuple[Holder, tuple[Entry, ...]]:
    """Holder and entries of a FHIR Bundle. Raises `Unreadable` with layer SCHEMA; adds codes to `notes`."""
    resources = _resources(bundle, notes)
    patients = [resource for resource in resources.values() if resource["resourceType"] == "Patient"]
    if len(patients) > 1:
        raise refuse("holder-not-one", f"the card is about {len(patients)} people where one is due")
    holder = _holder(patients[0]) if patients else Holder()
    if not patients:
        notes.add(HOLDER_ABSENT)
    entries = []
    for resource in resources.values():
        entry = fhir.entry_of(resource, about=about, issuer=issuer, notes=notes)
        if entry is not None and _is_about_holder(resource, resources, notes):
            entries.append(entry)
    if not entries:
        notes.add(NOTHING_ATTESTED)
    return holder, tuple(entries)


def _resources(bundle: object, notes: set[str]) -> dict[str, Resource]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise refuse("bundle-absent", "no FHIR bundle")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not 0 < len(entries) <= ENTRIES_MOST:
        raise refuse("bundle-malformed", f"a bundle has 1 to {ENTRIES_MOST} entries")
    found: dict[str, Resource] = {}
    for at, one in enumerate(entries):
        resource = one.get("resource") if isinstance(one, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise refuse("bundle-malformed", "an entry without a resource")
        url = one.get("fullUrl", f"#{at}")
        if not isinstance(url, str) or url in found:
            raise refuse("bundle-malformed", "an address of an entry is missing or used twice")
        if not url.startswith("resource:"):
            notes.add("references-not-short")
        found[url] = resource
    return found


def _is_about_holder(resource: Resource, resources: dict[str, Resource], notes: set[str]) -> bool:
    """An entry is about the card's one patient; what is about a thing, or about nobody, attests nothing of them.

    FHIR demands the patient of an immunization. A reference to nowhere, as older issuers write, is a note.
    """
    is_dose = resource["resourceType"] == "Immunization"
    field = resource.get("patient" if is_dose else "subject")
    reference = field.get("reference") if isinstance(field, dict) else None
    if not isinstance(reference, str):
        if is_dose:
            raise refuse("holder-reference-absent", "a dose does not say whom it was given")
        notes.add("about-nobody")
        return False
    matching = [one for url, one in resources.items() if url == reference or url.endswith(f"/{reference}")]
    if not matching:
        notes.add("holder-reference-dangling")
        return True
    is_person = all(one["resourceType"] == "Patient" for one in matching)
    if not is_person and is_dose:
        raise refuse("holder-reference-wrong", "a dose is about something that is no person")
    if not is_person:
        notes.add("about-something-else")
    return is_person


def _holder(patient: Resource) -> Holder:
    name = _best_name(patient.get("name"))
    given = name.get("given", [])
    if not isinstance(given, list) or any(not isinstance(one, str) for one in given):
        raise refuse("name-malformed", "a given name is no text")
    texts = {key: name.get(key, "") for key in ("family", "text")}
    if any(not isinstance(one, str) for one in texts.values()):
        raise refuse("name-malformed", "a name is no text")
    born = patient.get("birthDate", "")
    sex = patient.get("gender", "")
    return Holder(
        family_name=texts["family"],
        given_name=" ".join(given),
        full_name=texts["text"],
        born_on=fhir.date_text(born, "birthDate") if born != "" else "",
        sex=_SEX.get(sex, "") if isinstance(sex, str) else "",
    )


def _best_name(names: object) -> dict[str, Any]:
    """The official name where one is marked so, else the first."""
    if names is None:
        return {}
    if not isinstance(names, list) or any(not isinstance(one, dict) for one in names):
        raise refuse("name-malformed", "names are no list of objects")
    official = [one for one in names if one.get("use") == "official"]
    chosen: dict[str, Any] = (official or names or [{}])[0]
    return chosen
