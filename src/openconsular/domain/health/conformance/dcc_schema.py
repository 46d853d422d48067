"""Payloads of EU DCC that their schema's publisher calls valid or invalid.

Source: ehn-dcc-development/eu-dcc-schema. A payload in JSON ("ver" with "nam" or one of the groups) is valid unless it
lies in a folder called "invalid"; payloads within other vectors are not looked at here.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openconsular.domain.health.conformance import Disagreement, Suite, files, name_of, read_json
from openconsular.domain.health.hcert import dcc
from openconsular.domain.health.verdict import Unreadable

_FOLDERS = ("valid", "invalid", "examples")


def run(data: Path) -> Iterable[Suite]:
    """Suite "eu-dcc-schema"; left out where nothing is found."""
    vectors = 0
    disagreements: list[Disagreement] = []
    for path in files(data, ".json"):
        folders = path.relative_to(data).parts[:-1]
        if not set(_FOLDERS) & set(folders):
            continue
        value = read_json(path)
        if not _is_payload(value):
            continue
        vectors += 1
        expected = "invalid" if "invalid" in folders else "valid"
        found = _judge(value)
        if found.split(":")[0] != expected:
            disagreements.append(Disagreement(name_of(data, path), expected, found))
    return [Suite("eu-dcc-schema", vectors, tuple(disagreements))] if vectors else []


def _is_payload(value: Any) -> bool:
    return isinstance(value, dict) and "ver" in value and bool({"nam", *dcc.GROUPS} & value.keys())


def _judge(value: dict[str, Any]) -> str:
    try:
        dcc.check(value)
    except Unreadable as fault:
        return f"invalid: {fault.message}"
    return "valid"
