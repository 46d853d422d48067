"""The schemas of what entry rules say, for the OpenAPI document."""

from openconsular.domain.health.rules.demands import Asked
from openconsular.domain.health.rules.outcome import Result
from openconsular.domain.health.rules.rule import RuleType
from openconsular.domain.health.rules.traveller import NeedName
from openconsular.health_certificates.api.schema import INSTANT, TEXT, Schema, list_of, object_of, one_of

_PLACE: Schema = {
    "type": "integer",
    "minimum": 0,
    "description": "The place of a code in the question, from 0.",
}
_CODE: Schema = {"type": "string", "description": "A stable code; docs/reference/health-reasons.md."}
_WORDS: Schema = {
    "type": "string",
    "minLength": 1,
    "description": "In the reader's language or the nearest there is.",
}
_CODES: Schema = {"type": "array", "items": _CODE}

SCHEMAS: dict[str, Schema] = {
    "Arrival": object_of(
        {"country": {"type": "string", "description": "ISO 3166-1, two or three letters."}},
        region=TEXT,
        at={
            "type": "string",
            "format": "date-time",
            "description": "The instant of arrival; now when neither is given.",
        },
        on={
            "type": "string",
            "format": "date",
            "description": "The local day of arrival, where the hour is not known.",
        },
        departedFrom={"type": "string", "description": "The country where the journey began."},
        departedOn={"type": "string", "format": "date"},
    ),
    "Field": object_of({"path": TEXT}, value={"type": ["string", "null"]}),
    "RuleResult": object_of(
        {
            "identifier": TEXT,
            "version": TEXT,
            "type": one_of(RuleType),
            "country": TEXT,
            "region": TEXT,
            "result": one_of(Result),
            "reason": _CODE,
            "explanation": _WORDS,
            "language": TEXT,
            "fields": list_of("Field"),
        }
    ),
    "Decision": object_of(
        {
            "result": one_of(Result),
            "reason": _CODE,
            "explanation": _WORDS,
            "rulesAsOf": INSTANT,
            "notes": _CODES,
            "rules": list_of("RuleResult"),
        }
    ),
    "ResultOfCode": object_of({"code": _PLACE, "result": one_of(Result)}),
    "RuleOfNeed": object_of({"identifier": TEXT, "version": TEXT, "results": list_of("ResultOfCode")}),
    "Need": object_of(
        {
            "name": one_of(NeedName),
            "asked": one_of(Asked),
            "why": _CODE,
            "counts": {"type": "boolean", "description": "Whether it counts for the arrival."},
            "result": one_of(Result),
            "reason": _CODE,
            "explanation": _WORDS,
            "metBy": {"type": ["integer", "null"], "minimum": 0},
            "rules": list_of("RuleOfNeed"),
            "notes": _CODES,
        }
    ),
    "Traveller": object_of(
        {
            "codes": {"type": "array", "items": _PLACE},
            "result": one_of(Result),
            "reason": _CODE,
            "explanation": _WORDS,
            "needs": list_of("Need"),
        }
    ),
}
