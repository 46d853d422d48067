"""What the validator of the SMART Health Cards' authors says of each of its own vectors, and what it means here.

EXPECTED.extracted.json holds calls such as `testCard(files, "jws", [[ec.ERROR], [ec.WARNING]], {options})`. Only errors
refuse a card; warnings are what is odd about one that is good.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openconsular.domain.health.conformance import files, read_json
from openconsular.domain.health.verdict import Layer, State

_KIND = re.compile(r"[\]'],\s*[\"'](\w+)[\"']")
_CODE = re.compile(r"ec\.([A-Z_0-9]+)|\b(SCHEMA_ERROR)_ARRAY|\b(SHORT_URL)_WARNINGS|\b([1-9]\d*)\b")
_NAMED = re.compile(r"jwkset:\s*'([^']+)'")

# What a refusal for each code may break at: the same fault shows up earlier or later in different readers.
LAYERS: Mapping[str, frozenset[Layer]] = {
    "TRAILING_CHARACTERS": frozenset({Layer.TEXT, Layer.JSON, Layer.JWS}),
    "SCHEMA_ERROR": frozenset({Layer.SCHEMA}),
    "FHIR_SCHEMA_ERROR": frozenset({Layer.SCHEMA}),
    "PROFILE_ERROR": frozenset({Layer.SCHEMA}),
    "JWS_HEADER_ERROR": frozenset({Layer.JWS}),
    "JWS_VERIFICATION_ERROR": frozenset({Layer.SIGNATURE}),
    "SIGNATURE_FORMAT_ERROR": frozenset({Layer.SIGNATURE}),
    "INFLATION_ERROR": frozenset({Layer.COMPRESSION, Layer.JWS}),
    "JSON_PARSE_ERROR": frozenset({Layer.JSON}),
    "INVALID_NUMERIC_QR": frozenset({Layer.TEXT}),
    "INVALID_NUMERIC_QR_HEADER": frozenset({Layer.TEXT}),
    "MISSING_QR_CHUNK": frozenset({Layer.TEXT}),
    "INVALID_ISSUER_URL": frozenset({Layer.CLAIMS}),
    "EXPIRATION_ERROR": frozenset({Layer.CLAIMS}),
    "QR_DECODE_ERROR": frozenset({Layer.PICTURE}),
    "SHLINK_NOT_HTTPS_URL": frozenset({Layer.TEXT}),
    "SHLINK_INVALID_PASSCODE": frozenset({Layer.TEXT}),
}
STATES: Mapping[str, frozenset[State]] = {
    "JWS_VERIFICATION_ERROR": frozenset({State.UNKNOWN_ISSUER}),
    "ISSUER_KEY_DOWNLOAD_ERROR": frozenset({State.UNKNOWN_ISSUER}),
    "ISSUER_KID_MISMATCH": frozenset({State.UNKNOWN_ISSUER}),
    "ISSUER_NOT_TRUSTED": frozenset({State.UNKNOWN_ISSUER}),
    "EXPIRATION_ERROR": frozenset({State.EXPIRED}),
    "NOT_YET_VALID": frozenset({State.NOT_YET_VALID}),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One call. `errors` refuse the card, `warnings` do not; `folder` is where its files lie."""

    name: str
    kind: str
    folder: Path
    files: tuple[Path, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    key_set: str = ""

    @property
    def expected(self) -> str:
        return "refused: " + ", ".join(sorted(set(self.errors))) if self.errors else "accepted"


def cases(data: Path) -> Iterator[Case]:
    """Every case below `data` whose files are all there; each once however often its table lies there."""
    for path in files(data, ".json"):
        if path.name != "EXPECTED.extracted.json":
            continue
        table = read_json(path)
        folder = path.parent / "testdata"
        for row in table if isinstance(table, list) else []:
            case = _case(row, folder) if isinstance(row, dict) else None
            if case is not None and all(one.is_file() for one in case.files):
                yield case


def _case(row: Mapping[str, Any], folder: Path) -> Case | None:
    call, names = row.get("raw"), row.get("files")
    if not isinstance(call, str) or not isinstance(names, list) or not names:
        return None
    kind = _KIND.search(call)
    if any(not isinstance(name, str) or ".." in name for name in names):
        return None
    if kind is None:
        # The table cuts long calls short; what is left of this one are its files and its codes.
        given = row.get("expected_codes")
        codes = tuple(code for code in given if isinstance(code, str)) if isinstance(given, list) else ()
        return Case(
            str(row.get("name", "")), "qrnumeric", folder, _paths(folder, names), codes[:1], codes[1:]
        )
    errors, warnings = _levels(call[kind.end() :])
    named = _NAMED.search(call)
    # The table counts a set of keys that is named as an option among the files.
    names = [name for name in names if named is None or name != named[1]]
    return Case(
        name=str(row.get("name", "")),
        kind=kind[1],
        folder=folder,
        files=_paths(folder, names),
        errors=errors,
        warnings=warnings,
        key_set=named[1] if named else "",
    )


def _paths(folder: Path, names: list[Any]) -> tuple[Path, ...]:
    return tuple(folder / name for name in names)


def _levels(rest: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes of the list's first element, and of its second."""
    start = rest.find("[")
    options = rest.find("{")
    if start < 0 or 0 <= options < start:
        return (), ()
    depth, parts = 0, ["", ""]
    at = 0
    for letter in rest[start:]:
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(letter, 0)
        if depth == 0:
            break
        if letter == "," and depth == 1:
            at = min(at + 1, 1)
        else:
            parts[at] += letter
    first, second = (tuple(_codes(re.sub(r"/\*.*?\*/|\?.*", "", part))) for part in parts)
    return first, second


def _codes(text: str) -> Iterator[str]:
    """Names of codes; a bare number counts errors of the schema."""
    for code, schema, addresses, count in _CODE.findall(text):
        yield code or schema or ("SCHEMA_ERROR" if addresses or count else "")
