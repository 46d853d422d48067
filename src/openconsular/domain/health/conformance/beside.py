"""Codes as text files with what somebody else read from them beside: `<X>Contents.txt` and `<X>FHIRBundle.json`.

WHO's validator publishes them so for every format (gdhcn-validator). What is compared is what both must agree on:
whose certificate it is, and the dose of each day with its batch.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from openconsular.domain.health.certificate import Certificate
from openconsular.domain.health.conformance import content_of, files, read_json

_ENDING = "Contents"


def texts(data: Path, looks_like: Callable[[str], bool]) -> Iterator[tuple[Path, str]]:
    """Every text file below `data` that is one code of a kind, without a mark before it and the line break at its end."""
    for path in files(data, ".txt"):
        text = content_of(path).decode("utf-8-sig", "replace").rstrip("\r\n")
        if path.stem.endswith(_ENDING) and looks_like(text):
            yield path, text


def difference(path: Path, certificate: Certificate) -> str:
    """What the bundle beside a code says that the certificate does not, "" where they agree or none is there."""
    bundle = read_json(path.with_name(f"{path.stem.removesuffix(_ENDING)}FHIRBundle.json"))
    resources = _resources(bundle)
    if not resources:
        return ""
    doses = sorted(_dose(one) for one in resources if one.get("resourceType") == "Immunization")
    # Some bundles leave the dates out.
    are_dated = all(day for day, _ in doses)
    found = sorted(
        (entry.happened_on[:10] if are_dated else "", entry.batch) for entry in certificate.entries
    )
    if doses and doses != found:
        return f"doses {found} where {doses} are due"
    names = [_name(one) for one in resources if one.get("resourceType") == "Patient"]
    holder = certificate.holder
    own = {holder.full_name, f"{holder.given_name} {holder.family_name}"}
    return "" if not names or set(names) & own else f"{sorted(own)} where {names} is due"


def _resources(bundle: Any) -> list[dict[str, Any]]:
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    found = (
        [one.get("resource") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    )
    return [one for one in found if isinstance(one, dict)]


def _dose(resource: dict[str, Any]) -> tuple[str, str]:
    return str(resource.get("occurrenceDateTime", ""))[:10], str(resource.get("lotNumber", ""))


def _name(patient: dict[str, Any]) -> str:
    names = patient.get("name")
    name = names[0] if isinstance(names, list) and names and isinstance(names[0], dict) else {}
    given = name.get("given")
    parts = [*(given if isinstance(given, list) else []), name.get("family", "")]
    return str(name.get("text") or " ".join(map(str, parts)))
