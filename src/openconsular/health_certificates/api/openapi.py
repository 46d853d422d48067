"""The OpenAPI 3.1 document of the interface for machines, kept by hand; a test holds the answers to it."""

from openconsular import __version__
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.revocation.segments import Writing
from openconsular.domain.health.verdict import CheckName, Layer, Outcome, State
from openconsular.health_certificates.api import judged
from openconsular.health_certificates.api.schema import INSTANT, TEXT, Schema, object_of, one_of

SCHEMAS: dict[str, Schema] = {
    "Question": object_of(
        {
            "codes": {
                "type": "array",
                "minItems": 1,
                "maxItems": 5000,
                "items": {"type": "string", "maxLength": 16384},
                "description": "The texts of the QR codes, as a reader gives them.",
            }
        },
        personal={
            "type": "boolean",
            "default": False,
            "description": "Asks for name and year of birth as well; needs the scope verify:personal.",
        },
        arrival={
            "$ref": "#/components/schemas/Arrival",
            "description": "Asks what the entry rules of a country say as well.",
        },
        travellers={
            "type": "array",
            "maxItems": 5000,
            "items": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "description": "For each traveller the places of their codes, from 0: all of them together are judged.",
        },
        languages={
            "type": "array",
            "maxItems": 10,
            "items": {"type": "string", "maxLength": 35},
            "default": ["en"],
            "description": "Languages to explain rules in, the best first (BCP 47).",
        },
    ),
    **judged.SCHEMAS,
    "Check": object_of(
        {"name": one_of(CheckName), "outcome": one_of(Outcome), "reason": TEXT, "asOf": INSTANT}
    ),
    "Verdict": object_of(
        {
            "state": one_of(State),
            "isValid": {"type": "boolean", "description": "The only thing that lets anybody board."},
            "reason": TEXT,
            "layer": {"type": ["string", "null"], "enum": [*map(str, Layer), None]},
            "format": {"type": ["string", "null"], "enum": [*map(str, Format), None]},
            "kinds": {"type": "array", "items": one_of(Kind)},
            "issuerCountry": TEXT,
            "checks": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}},
        },
        name=TEXT,
        birthYear=TEXT,
        entry={
            "anyOf": [{"$ref": "#/components/schemas/Decision"}, {"type": "null"}],
            "description": "What the entry rules say; null when the certificate is not valid, and so not judged.",
        },
    ),
    "ListState": object_of({"name": TEXT, "asOf": INSTANT, "isStale": {"type": "boolean"}}),
    "Answer": object_of(
        {
            "checkedAt": INSTANT,
            "valid": {"type": "integer", "minimum": 0},
            "lists": {"type": "array", "items": {"$ref": "#/components/schemas/ListState"}},
            "verdicts": {"type": "array", "items": {"$ref": "#/components/schemas/Verdict"}},
        },
        travellers={"type": "array", "items": {"$ref": "#/components/schemas/Traveller"}},
        ruleLists={"type": "array", "items": {"$ref": "#/components/schemas/ListState"}},
    ),
    "Error": object_of({"error": object_of({"code": TEXT, "message": TEXT})}),
    "Key": object_of(
        {
            "kids": {"type": "array", "items": TEXT},
            "family": TEXT,
            "country": TEXT,
            "issuer": TEXT,
            "spki": TEXT,
            "algorithms": {"type": "array", "items": TEXT},
            "formats": {"type": "array", "items": TEXT},
            "kinds": {"type": "array", "items": one_of(Kind)},
            "notBefore": INSTANT,
            "notAfter": INSTANT,
            "list": TEXT,
        }
    ),
    "List": object_of(
        {
            "id": TEXT,
            "asOf": INSTANT,
            "sequence": {"type": "integer"},
            "proof": TEXT,
            "keys": {"type": "integer"},
        }
    ),
    "TrustList": object_of(
        {
            "form": {"type": "integer", "enum": [1]},
            "environment": one_of(("live", "test")),
            "asOf": INSTANT,
            "lists": {"type": "array", "items": {"$ref": "#/components/schemas/List"}},
            "keys": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}},
        }
    ),
}


def _json_of(name: str, description: str) -> Schema:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_SIGNED = "The first line is base64 of an ES256 signature, raw r‖s, over every byte below it. "
_INDEX = (
    "Below: list, version, date and for each key its segments, each the SHA-256 of a slice. The version only grows, and "
    "so does the list; take no older one. Segments join as they become many: fetch those you do not have."
)
_NOT_CHANGED = {"description": "Not changed since the ETag that was sent."}
_ERRORS = {
    "400": _json_of("Error", "The request is not as described here."),
    "401": _json_of("Error", "The key is missing, unknown or was ended."),
    "403": _json_of("Error", "The key does not open this."),
    "413": _json_of("Error", "Too many bytes at once."),
    "429": _json_of("Error", "More codes than were agreed for a minute."),
}


def _list(name: str, summary: str, description: str, media: str = "text/plain") -> Schema:
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "description": description,
            "security": [],
            "responses": {
                "200": {
                    "description": summary,
                    "headers": {"ETag": {"schema": TEXT}},
                    "content": {media: {"schema": TEXT}},
                },
                "304": _NOT_CHANGED,
                "404": _json_of("Error", "There is none."),
            },
        }
    }


DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "OpenConsular health certificates",
        "version": __version__,
        "description": "Checking health certificates before boarding, and the lists verifiers keep.",
    },
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    },
    "security": [{"key": []}],
    "paths": {
        "/api/certificates/verify": {
            "post": {
                "operationId": "verifyCodes",
                "summary": "A verdict for each code, in their order.",
                "description": "Nothing is stored but how many codes were asked about and how many were valid.",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Question"}}},
                },
                "responses": {"200": _json_of("Answer", "Every code has its verdict."), **_ERRORS},
            }
        },
        "/api/certificates/trust-list": _list(
            "trustList", "Every key believed here.", _SIGNED + "Below: TrustList as JSON."
        ),
        "/api/certificates/own-keys": _list(
            "ownKeys", "The keys of this country.", _SIGNED + 'Below: {"certificates": [...]}.'
        ),
        "/api/certificates/revocations": _list(
            "revocations",
            "The index of the newest revocation list.",
            _SIGNED + _INDEX,
        ),
        "/api/certificates/revocations/{writing}": {
            "parameters": [
                {"name": "writing", "in": "path", "required": True, "schema": one_of(Writing)},
            ],
            **_list(
                "revocationsWritten",
                "The same list in another way of writing.",
                _SIGNED
                + _INDEX
                + " whole: 16 bytes a hash, a hit is certain. short: 5 bytes, found wrongly once in "
                "110,000 look-ups among ten million. bloom: filters of the European distribution, once in a million "
                "for each segment. A hit in the last two is to be confirmed (near).",
            ),
        },
        "/api/certificates/revocations/near/{list_id}/{key}/{head}": {
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": TEXT}
                for name in ("list_id", "key", "head")
            ],
            **_list(
                "revocationsNear",
                "The whole hashes that begin with the bytes given.",
                "`key` and `list_id` as in the index, `head` the first two to four bytes in hexadecimal digits. 16 "
                "bytes a hash, in order. So a hit is confirmed without telling which certificate was shown.",
                "application/octet-stream",
            ),
        },
        "/api/certificates/revocations/slices/{digest}": {
            "parameters": [{"name": "digest", "in": "path", "required": True, "schema": TEXT}],
            **_list(
                "revocationSlice",
                "A slice of the list; it never changes.",
                "A segment (JSON: type, digits, slices by the first digits of the hashes in them), or what it names: "
                "hashes in order or a Bloom filter, each with the head of the European distribution.",
                "application/octet-stream",
            ),
        },
        "/.well-known/jwks.json": _list("jwks", "The keys of SMART Health Cards.", "", "application/json"),
        "/.well-known/crl/{key_id}.json": {
            "parameters": [{"name": "key_id", "in": "path", "required": True, "schema": TEXT}],
            **_list("cardRevocations", "Revoked cards of one key.", "", "application/json"),
        },
    },
}
