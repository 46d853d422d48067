"""Codes as text files with what somebody else read from them beside: `<X>Contents.txt` and `<X>FHIRBundle.json`.

WHO's validator publishes them so for every format (gdhcn-validator). What is compared is what both must agree on:
whose certificate it is, and the dose of each day with its batch.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from openconsular.domain.health.certificate import Certificate
from openconsular.domain.health.conformance import files, read_json

_ENDING = "Contents"


def texts(data: Path, looks_like: Callable[[str], bool]) -> Iterator[tuple[Path, str]]:
    """Every text file below `data` that is one code of a kind, without the line break at its end."""
    for path in files(data, ".txt"):
        text = path.read_bytes().decode("utf-8", "replace").rstrip("\r\n")
        if path.stem.endswith(_ENDING) and looks_like(text):
            yield path, text


def difference(path: Path, certificate: Certificate) -> str:
    """What the bundle beside a code says that the certificate does not, "" where they agree or none is there."""
    bundle = read_json(path.with_name(f"{path.stem.removesuffix(_ENDING)}FHIRBundle.json"))
    resources = (
        [entry.get("resource", {}) for entry in bundle.get("entry", [])] if isinstance(bundle, dict) else []
    )
    if not resources:
        return ""
    doses = sorted(_dose(one) for one in resources if one.get("resourceType") == "Immunization")
    found = sorted((entry.happened_on[:10], entry.batch) for entry in certificate.entries)
    if doses and doses != found:
        return f"doses {found} where {doses} are due"
    names = [_name(one) for one in resources if one.get("resourceType") == "Patient"]
    holder = certificate.holder
    own = {holder.full_name, f"{holder.given_name} {holder.family_name}"}
    return "" if not names or set(names) & own else f"{sorted(own)} where {names} is due"


def _dose(resource: dict[str, Any]) -> tuple[str, str]:
    return str(resource.get("occurrenceDateTime", ""))[:10], str(resource.get("lotNumber", ""))


def _name(patient: dict[str, Any]) -> str:
    name: dict[str, Any] = (patient.get("name") or [{}])[0]
    return str(name.get("text") or " ".join([*name.get("given", []), name.get("family", "")]))
