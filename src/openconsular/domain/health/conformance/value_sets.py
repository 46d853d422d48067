"""Value sets found beside the vectors: which codes a field of an EU DCC may hold, as far as the data say.

Sources by shape: {"valueSetId", "valueSetValues": {code: ...}} (ehn-dcc-development/eu-dcc-valuesets), or all of them as
{valueSetId: [code, ...]} (eu-digital-green-certificates/dgc-business-rules-testdata).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from openconsular.domain.health.conformance import files, read_json
from openconsular.domain.health.trust.countries import is_known

# Fields of each group with the set that lists their codes (eu-dcc-schema, DCC.ValueSets.schema.json).
_SETS: Mapping[str, Mapping[str, str]] = {
    "v": {
        "tg": "disease-agent-targeted",
        "vp": "sct-vaccines-covid-19",
        "mp": "vaccines-covid-19-names",
        "ma": "vaccines-covid-19-auth-holders",
        "co": "country-2-codes",
    },
    "t": {
        "tg": "disease-agent-targeted",
        "tt": "covid-19-lab-test-type",
        "tr": "covid-19-lab-result",
        "ma": "covid-19-lab-test-manufacturer-and-name",
        "co": "country-2-codes",
    },
    "r": {"tg": "disease-agent-targeted", "co": "country-2-codes"},
}
COUNTRIES = "country-2-codes"


@lru_cache(maxsize=4)
def sets_in(data: Path) -> Mapping[str, frozenset[str]]:
    """The codes of every value set below `data`, of all its versions together."""
    found: dict[str, frozenset[str]] = {}
    for path in files(data, ".json"):
        for name, codes in _sets_of(read_json(path)):
            found[name] = found.get(name, frozenset()) | codes
    return found


def _sets_of(value: Any) -> Iterator[tuple[str, frozenset[str]]]:
    if not isinstance(value, dict):
        return
    name, values = value.get("valueSetId"), value.get("valueSetValues")
    if isinstance(name, str) and isinstance(values, dict):
        yield name, frozenset(values)
    elif COUNTRIES in value:
        for name, codes in value.items():
            if isinstance(codes, list) and all(isinstance(code, str) for code in codes):
                yield name, frozenset(codes)


def strangers(claim: Any, sets: Mapping[str, frozenset[str]]) -> list[str]:
    """Fields of a DCC whose code no set has ("v.ma"). A set that is not at hand knows every code, but for countries."""
    found = []
    for group, fields in _SETS.items():
        entries = claim.get(group) if isinstance(claim, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            for field, name in fields.items():
                code = entry.get(field) if isinstance(entry, dict) else None
                if isinstance(code, str) and not _is_listed(code, name, sets):
                    found.append(f"{group}.{field}")
    return found


def _is_listed(code: str, name: str, sets: Mapping[str, frozenset[str]]) -> bool:
    if name in sets:
        return code in sets[name]
    return name != COUNTRIES or is_known(code)
