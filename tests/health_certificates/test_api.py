"""What machines get: verdicts without personal data, lists with their version, and exactly what the document says."""

import base64
import json

import pytest

from openconsular.health_certificates import publishing
from openconsular.health_certificates.actions import access, revocations
from openconsular.health_certificates.api.openapi import DOCUMENT, SCHEMAS
from openconsular.health_certificates.models import ApiUse
from openconsular.health_certificates.queries import keys as key_queries
from tests.health_certificates.conftest import KEEPER

pytestmark = pytest.mark.django_db
VERIFY = "/api/certificates/verify"


def conforms(value, schema, path="$"):
    """Holds a value to a schema: the part of JSON Schema 2020-12 that the document uses."""
    if "$ref" in schema:
        return conforms(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], path)
    kinds = schema.get("type", [])
    python = {
        "string": str,
        "null": type(None),
        "boolean": bool,
        "integer": int,
        "array": list,
        "object": dict,
    }
    wanted = [python[one] for one in ([kinds] if isinstance(kinds, str) else kinds)]
    assert type(value) in wanted, (path, value)
    if "enum" in schema:
        assert value in schema["enum"], (path, value)
    if isinstance(value, dict):
        assert set(schema["required"]) <= set(value) <= set(schema["properties"]), (path, set(value))
        for name, one in value.items():
            conforms(one, schema["properties"][name], f"{path}.{name}")
    if isinstance(value, list):
        for at, one in enumerate(value):
            conforms(one, schema["items"], f"{path}[{at}]")
    return None


@pytest.fixture
def ask(client, now):
    """Asks with a key: ask({"codes": [...]}, scopes=["verify"])."""
    made = {}

    def ask(body, scopes=("verify",), most=60_000, key=None):
        if (scopes, most) not in made:
            made[scopes, most] = access.add_client(
                name="Airline", scopes=scopes, codes_a_minute=most, by=KEEPER, now=now
            ).key
        content = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"Authorization": f"Bearer {made[scopes, most] if key is None else key}"}
        return client.post(VERIFY, content, content_type="application/json", headers=headers)

    return ask


def test_verdicts_come_in_order_and_without_names(issued, ask):
    text = issued().text
    answer = ask({"codes": [text, "HC1:NOTHING", "", text[:-9] + "AAAAAAAAA"]})
    body = answer.json()
    conforms(body, SCHEMAS["Answer"])
    assert answer.status_code == 200
    # The test's clock lies in 2026-06; the machine's may be anywhere, so only what does not depend on it is asked.
    assert [one["state"] for one in body["verdicts"]][1:] == ["broken"] * 3
    assert body["verdicts"][0]["format"] == "eu-dcc"
    assert "Zhang" not in answer.content.decode() and "1980" not in answer.content.decode()
    use = ApiUse.objects.get()
    assert use.codes == 4


def test_names_only_for_those_who_may(issued, ask):
    text = issued().text
    assert ask({"codes": [text], "personal": True}).status_code == 403
    answer = ask({"codes": [text], "personal": True}, scopes=("verify:personal",)).json()
    conforms(answer, SCHEMAS["Answer"])
    assert (answer["verdicts"][0]["name"], answer["verdicts"][0]["birthYear"]) == ("San Zhang", "1980")
    assert "1980-05-17" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not-json"),
        (b"[1]", 400, "not-json"),
        (b"[" * 100_000, 400, "not-json"),
        ({"codes": []}, 400, "codes-malformed"),
        ({"codes": "HC1:"}, 400, "codes-malformed"),
        ({"codes": [1]}, 400, "codes-malformed"),
        ({"codes": ["x"] * 5001}, 400, "codes-malformed"),
        ({"codes": ["x" * 16385]}, 400, "codes-malformed"),
        ({"codes": ["x"], "personal": 1}, 400, "personal-malformed"),
        ({"codes": ["x"], "more": 1}, 400, "unknown-member"),
        (b" " * (24 * 1024 * 1024 + 1), 413, "body-too-large"),
    ],
)
def test_a_wrong_question_gets_a_code(ask, body, status, code):
    answer = ask(body)
    conforms(answer.json(), SCHEMAS["Error"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert str(status) in DOCUMENT["paths"][VERIFY]["post"]["responses"]


def test_five_thousand_at_once(ask):
    answer = ask({"codes": ["HC1:NOTHING"] * 5000})
    assert len(answer.json()["verdicts"]) == 5000


def test_no_key_a_wrong_key_and_an_ended_one(ask, client, now):
    for key in ("", "oc_wrong", "\x00"):
        answer = ask({"codes": ["x"]}, key=key)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        conforms(answer.json(), SCHEMAS["Error"])
    new = access.add_client(name="Gone", scopes=["verify"], by=KEEPER, now=now)
    assert ask({"codes": ["x"]}, key=new.key).status_code == 200
    access.end_client(client_id=new.client.pk, by=KEEPER, now=now)
    assert ask({"codes": ["x"]}, key=new.key).status_code == 401
    assert client.get(VERIFY).status_code == 405


def test_more_than_agreed_is_refused_and_not_counted(ask):
    assert ask({"codes": ["x"] * 6}, most=10).status_code == 200
    answer = ask({"codes": ["x"] * 6}, most=10)
    if answer.status_code == 200:  # the minute turned between the two
        answer = ask({"codes": ["x"] * 6}, most=10)
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def test_lists_are_signed_named_by_content_and_kept(client, issued, list_key, people, now, monkeypatch):
    monkeypatch.setattr(key_queries.signing_key, "__kwdefaults__", {**key_queries.signing_key.__kwdefaults__})
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    made = issued()
    revocations.revoke(identifiers=[made.identifier], reason="error", by=people["health"], now=now)
    assert client.get("/api/certificates/revocations").status_code == 404
    publishing.publish_revocations(now=now)
    for name in ("trust-list", "own-keys", "revocations"):
        answer = client.get(f"/api/certificates/{name}")
        assert answer.status_code == 200
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert len(base64.b64decode(answer.content.partition(b"\n")[0])) == 64
        again = client.get(f"/api/certificates/{name}", headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    index = json.loads(client.get("/api/certificates/revocations").content.partition(b"\n")[2])
    [slices] = [key["segments"] for key in index["keys"]]
    assert len(slices) == 1
    for digest in slices:
        answer = client.get(f"/api/certificates/revocations/slices/{digest}")
        assert answer.status_code == 200 and "max-age=31536000" in answer["Cache-Control"]
    trust = json.loads(client.get("/api/certificates/trust-list").content.partition(b"\n")[2])
    conforms(trust, SCHEMAS["TrustList"])
    assert trust["keys"][0]["kids"][0] == made.key.kid.hex()


def test_the_document_is_served_and_names_every_address(client):
    from openconsular.health_certificates.urls import urlpatterns

    served = client.get("/api/certificates/openapi.json").json()
    assert served["openapi"] == "3.1.0"
    told = {path.replace("{", "<str:").replace("}", ">").lstrip("/") for path in served["paths"]}
    addresses = {
        str(one.pattern) for one in urlpatterns if "api" in str(one.pattern) or ".well" in str(one.pattern)
    }
    assert told == addresses - {"api/certificates/openapi.json"}


def test_codes_made_to_be_slow_do_not_hold_a_server(ask, monkeypatch):
    from openconsular.health_certificates.api import verify

    monkeypatch.setattr(verify, "SECONDS_MOST", -1)
    answer = ask({"codes": ["HC1:NOTHING"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "codes-too-slow")
    assert "fewer" in answer.json()["error"]["message"]
