"""Small words of JSON Schema for the document of the interface."""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}


def object_of(required: dict[str, Schema], **optional: Schema) -> Schema:
    """An object of exactly these members."""
    return {
        "type": "object",
        "required": sorted(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


def one_of(values: Any) -> Schema:
    return {"type": "string", "enum": [str(one) for one in values]}


def list_of(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
