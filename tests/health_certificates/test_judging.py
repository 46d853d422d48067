"""Entry rules asked over HTTP and at the command line: code by code, and for a traveller together."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.rules.outcome import Result, RuleResult
from openconsular.domain.health.rules.read import read_rule
from openconsular.health_certificates import rule_words
from openconsular.health_certificates.actions import access
from openconsular.health_certificates.actions import rules as actions
from openconsular.health_certificates.api.openapi import DOCUMENT, SCHEMAS
from tests.domain.health.test_rules import ALWAYS, NEVER, source
from tests.health_certificates.conftest import KEEPER
from tests.health_certificates.test_api import VERIFY, conforms

pytestmark = pytest.mark.django_db
DOSED = {"===": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}
ANYTIME = {"ValidFrom": "2020-01-01T00:00:00Z", "ValidTo": "2090-01-01T00:00:00Z"}
SILENT = {**ANYTIME, "Description": [], "Identifier": "GR-XA-0001", "CertificateType": "General"}


@pytest.fixture
def clock(monkeypatch, now):
    """Views and commands take the time of the test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def rules(db, now):
    def take(*sources):
        if not rules_known():
            actions.add_rule_source(name="xa", kind="rules", by=KEEPER, now=now)
        content = json.dumps(list(sources)).encode()
        return actions.import_rules(name="xa", content=content, may_shrink=True, by=KEEPER, now=now)

    return take


def rules_known():
    from openconsular.health_certificates.models import RuleSource

    return RuleSource.objects.filter(name="xa").exists()


@pytest.fixture
def ask(client, clock, now):
    keys = {}

    def ask(codes, scope="verify", **more):
        if scope not in keys:
            keys[scope] = access.add_client(
                name="Airline", scopes=[scope], codes_a_minute=60_000, by=KEEPER, now=now
            ).key
        content = json.dumps({"codes": codes, **more})
        headers = {"Authorization": f"Bearer {keys[scope]}"}
        return client.post(VERIFY, content, content_type="application/json", headers=headers)

    return ask


def entries(answer):
    return [one["entry"] for one in answer.json()["verdicts"]]


# ---------------------------------------------------------------- over HTTP


def test_each_code_is_told_what_the_rules_say(issued, ask, rules):
    rules(source(DOSED, **ANYTIME), source(NEVER, Identifier="TR-XA-0001", CertificateType="Test", **ANYTIME))
    good, half = issued().text, issued(dose="1", family_name="Li").text
    answer = ask([good, half, "HC1:NOTHING"], arrival={"country": "XA"}, languages=["zh-Hans"])
    body = answer.json()
    assert answer.status_code == 200
    passed, failed, unjudged = entries(answer)
    for one in (passed, failed):
        conforms(one, SCHEMAS["Decision"])
    assert unjudged is None
    assert (passed["result"], failed["result"]) == ("passed", "failed")
    (rule,) = failed["rules"]
    assert (rule["identifier"], rule["explanation"], rule["language"]) == (
        "VR-XA-0001",
        "须接种全部剂次。",
        "zh-hans",
    )
    assert rule["fields"] == [{"path": "v.0.dn"}, {"path": "v.0.sd"}]
    assert [one["name"] for one in body["ruleLists"]] == ["xa"]
    assert body["travellers"] == []


def test_without_an_arrival_nothing_is_judged(issued, ask, rules):
    body = ask([issued().text]).json()
    conforms(body, SCHEMAS["Answer"])
    assert "entry" not in body["verdicts"][0] and "travellers" not in body


def test_what_the_certificate_says_is_for_those_who_may_see_it(issued, ask, rules):
    rules(source(NEVER, **ANYTIME, AffectedFields=["dob"]))
    text = issued().text
    asked = {"codes": [text], "arrival": {"country": "XA"}}
    assert "1980-05-17" not in ask(**asked).content.decode()
    (entry,) = entries(ask(**asked, personal=True, scope="verify:personal"))
    assert entry["rules"][0]["fields"] == [{"path": "dob", "value": "1980-05-17"}]


def test_a_rule_without_words_is_told_by_its_name_in_the_readers_language(issued, ask, rules):
    rules(source(NEVER, **SILENT))
    text = issued().text
    for language, expected in (("en", "does not meet"), ("zh-Hans-CN", "不符合"), ("fr", "does not meet")):
        (entry,) = entries(ask([text], arrival={"country": "XA"}, languages=[language]))
        assert entry["rules"][0]["explanation"].startswith("GR-XA-0001")
        assert expected in entry["rules"][0]["explanation"]


def test_every_outcome_has_a_sentence(issued, ask, rules):
    text = issued().text
    (entry,) = entries(ask([text], arrival={"country": "XB"}))
    assert (entry["result"], entry["reason"]) == ("open", "no-rules-for-country")
    rules(source(ALWAYS, CertificateType="Test", **ANYTIME))
    (entry,) = entries(ask([text], arrival={"country": "XA"}))
    assert (entry["result"], entry["reason"]) == ("unruled", "no-rule-applies")
    assert "speaks about" in entry["explanation"]
    rules(source({"or": []}, Version="1.1.0", **ANYTIME))
    (entry,) = entries(ask([text], arrival={"country": "XA"}))
    assert (entry["result"], entry["reason"]) == ("open", "rule-faulty")
    assert entry["explanation"]


def test_certificates_of_one_traveller_count_together(issued, ask, rules):
    rules(
        source(DOSED, **ANYTIME),
        source(ALWAYS, Identifier="TR-XA-0001", CertificateType="Test", **ANYTIME),
    )
    half = issued(dose="1").text
    card = issued(certificate_format=Format.ICVP, **YELLOW_CARD).text
    body = ask([half, card, "no code"], arrival={"country": "XA"}, travellers=[[0, 1, 2], []]).json()
    first, second = body["travellers"]
    for one in (first, second):
        conforms_traveller(one)
    assert (first["result"], first["codes"]) == ("failed", [0, 1, 2])
    (entry_need, yellow, polio) = first["needs"]
    assert entry_need["rules"] == [
        {"identifier": "VR-XA-0001", "version": "1.0.0", "results": [{"code": 0, "result": "failed"}]}
    ]
    assert (yellow["asked"], yellow["metBy"], yellow["result"]) == ("no", 1, "passed")
    assert polio["counts"] is False
    assert second["result"] == "failed"


YELLOW_CARD = {
    "product": "YellowFeverProductd2c75a15ed309658b3968519ddb31690",
    "vaccine": "", "maker": "", "dose": "", "doses": "", "batch": "B1", "happened_on": "2026-01-05",
    "document_number": "P1", "document_type": "PPN", "nationality": "CN", "sex": "female", "clinician": "Dr Example",
}  # fmt: skip


def conforms_traveller(one):
    conforms({**one, "needs": []}, {**SCHEMAS["Traveller"]})
    for need in one["needs"]:
        conforms({**need, "metBy": need["metBy"] or 0}, without_null(SCHEMAS["Need"]))


def without_null(schema):
    changed = {**schema["properties"], "metBy": {"type": "integer"}}
    return {**schema, "properties": changed}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"arrival": 7}, "arrival-malformed"),
        ({"arrival": {}}, "arrival-malformed"),
        ({"arrival": {"country": "Atlantis"}}, "arrival-malformed"),
        ({"arrival": {"country": "XA", "port": "x"}}, "arrival-malformed"),
        ({"arrival": {"country": "XA", "at": "2026-05-17T10:00:00"}}, "arrival-malformed"),
        ({"arrival": {"country": "XA", "at": "soon"}}, "arrival-malformed"),
        ({"arrival": {"country": "XA", "on": "2026-02-30"}}, "arrival-malformed"),
        ({"arrival": {"country": "XA", "region": ["R"]}}, "arrival-malformed"),
        ({"arrival": {"country": "XA", "departedFrom": "?"}}, "arrival-malformed"),
        ({"travellers": [[0]]}, "arrival-malformed"),
        ({"arrival": {"country": "XA"}, "travellers": [[0], [0]]}, "travellers-malformed"),
        ({"arrival": {"country": "XA"}, "travellers": [[1]]}, "travellers-malformed"),
        ({"arrival": {"country": "XA"}, "travellers": [[True]]}, "travellers-malformed"),
        ({"arrival": {"country": "XA"}, "travellers": [0]}, "travellers-malformed"),
        ({"languages": "en"}, "languages-malformed"),
        ({"languages": ["x" * 99]}, "languages-malformed"),
        ({"country": "XA"}, "unknown-member"),
    ],
)
def test_a_question_that_is_not_as_described(ask, more, code):
    answer = ask(["x"], **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_thousands_at_once(issued, ask, rules, django_assert_max_num_queries):
    rules(source(DOSED, **ANYTIME))
    text = issued().text
    ask([text], arrival={"country": "XA"})
    with django_assert_max_num_queries(25):
        body = ask(
            [text] * 2_000, arrival={"country": "XA"}, travellers=[[place] for place in range(2_000)]
        ).json()
    assert {one["entry"]["result"] for one in body["verdicts"]} == {"passed"}
    assert {one["result"] for one in body["travellers"]} == {"passed"}


def test_the_document_describes_the_members():
    question = DOCUMENT["components"]["schemas"]["Question"]["properties"]
    assert {"arrival", "travellers", "languages"} <= question.keys()
    references = json.dumps(DOCUMENT).split('"$ref": "#/components/schemas/')[1:]
    assert {one.partition('"')[0] for one in references} <= SCHEMAS.keys()


# ---------------------------------------------------------------- at the command line


def run(*arguments, code=0):
    out = io.StringIO()
    try:
        call_command("certificates", *map(str, arguments), stdout=out)
        got = 0
    except SystemExit as end:
        got = end.code
    assert got == code, out.getvalue()
    return out.getvalue()


@pytest.fixture
def files(issued, tmp_path, clock):
    good, half = tmp_path / "good.txt", tmp_path / "half.txt"
    good.write_text(issued().text)
    half.write_text(issued(dose="1").text)
    return good, half


def test_rules_from_a_file_to_a_decision(files, tmp_path):
    good, half = files
    listed = tmp_path / "rules.json"
    listed.write_text(json.dumps([source(DOSED, **ANYTIME), {"Identifier": "VR-XB-0009"}]))
    told = run("rules", "check", listed, code=1)
    assert "refused 2 VR-XB-0009" in told and "1 usable, 0 of them with a fault, 1 refused" in told
    assert "1 held, 1 new, 0 withdrawn, 1 refused" in run("rules", "import", "states", listed)
    assert run("rules", "list").startswith("states: rules, looked at 0.0 h ago, 1 held")
    assert "VR-XA-0001 1.0.0  Acceptance vaccination" in run("rules", "show", "--country", "xa")
    told = run("verify", good, half, "--arriving", "XA", "--language", "zh-Hans", code=1)
    assert "entry rules: passed" in told and "须接种全部剂次。" in told
    assert "2 of 2 valid, 1 meet the rules" in told
    told = run("verify", half, good, "--arriving", "XA", "--together")
    assert "together: passed" in told and "met by code 2" in told
    run("verify", half, "--arriving", "XA", "--together", code=1)
    rows = [json.loads(row) for row in run("verify", good, "--arriving", "XA", "--json").splitlines()]
    assert rows[0]["entry"]["result"] == "passed"
    rows = run(
        "verify", good, half, "--arriving", "XA", "--departing", "XB", "--together", "--json"
    ).splitlines()
    assert json.loads(rows[2])["traveller"]["result"] == "passed"


def test_at_an_instant(files, tmp_path):
    good, _ = files
    listed = tmp_path / "rules.json"
    listed.write_text(json.dumps([source(DOSED, ValidFrom="2026-06-20T00:00:00Z")]))
    run("rules", "import", "states", listed)
    assert "no-rules" not in run("verify", good, "--arriving", "XA", "--at", "2026-06-21T08:00:00+08:00")
    run("verify", good, "--arriving", "XA", "--at", "2026-06-19T08:00:00+08:00", code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--region", "R1"),
        ("--together",),
        ("--arriving", "Atlantis"),
        ("--arriving", "XA", "--at", "2026-06-19T08:00:00"),
        ("--at", "soon"),
        ("--arriving", "XA", "--departed-on", "soon"),
    ],
)
def test_options_that_make_no_sense_say_so(files, arguments):
    with pytest.raises(CommandError):
        call_command("certificates", "verify", str(files[0]), *arguments, stdout=io.StringIO())


def test_lists_are_named_switched_and_called_stale(tmp_path, clock, db):
    assert "is known" in run("rules", "add", "far", "--url", "https://rules.example/list")
    assert "never taken" in run("rules", "list", code=1)
    run("rules", "disable", "far")
    assert " off" in run("rules", "list")
    run("rules", "enable", "far")
    sets = tmp_path / "sets.json"
    sets.write_text('{"vaccines": ["A"]}')
    assert "1 usable" in run("rules", "check", sets, "--kind", "value-sets")
    assert "1 held" in run("rules", "import", "sets", sets, "--kind", "value-sets")
    with pytest.raises(CommandError):
        call_command("certificates", "rules", "check", str(tmp_path / "none.json"), stdout=io.StringIO())


# ---------------------------------------------------------------- words


def test_every_reason_of_rules_has_words_in_both_languages():
    for code, words in rule_words.REASONS.items():
        with translation.override("en"):
            english = str(words)
        with translation.override("zh-hans"):
            assert str(words) != english, code


def test_words_are_never_empty():
    rule = read_rule(source(NEVER, Description=[]))
    for result in Result:
        for reason in ("", "rule-not-met", "rule-type-mismatch", "never heard of"):
            one = RuleResult(rule, result, reason, "", "", ())
            for language in ("zh-Hans", "en", "fr", ""):
                assert rule_words.explained(one, (language,))[0]


def test_a_traveller_at_the_end_of_time(ask, clock):
    at = datetime(9999, 12, 31, 23, 59, tzinfo=UTC).isoformat()
    assert ask(["x"], arrival={"country": "XA", "at": at}).status_code == 200
