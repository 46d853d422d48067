"""Lists of entry rules: taken, renewed, never rolled back, and one book to judge by."""

import hashlib
import json
from datetime import date, timedelta

import pytest

from openconsular.domain.health.rules.outcome import Arrival, Result
from openconsular.domain.health.rules.rule import RuleType
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.gateways.feeds.base import FeedUnavailable, Fetched
from openconsular.health_certificates import entry_rules
from openconsular.health_certificates.actions import rules as actions
from openconsular.health_certificates.models import EntryRule, RuleSource
from openconsular.health_certificates.queries import rules as queries
from openconsular.health_certificates.queries import trust
from tests.domain.health.test_rule_lists import gateway, hashed
from tests.domain.health.test_rules import source
from tests.domain.health.trust_world import cms_of, make
from tests.health_certificates.conftest import KEEPER

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(db, now):
    """Takes a list as it is now: take([...]), take([...], at=later)."""
    actions.add_rule_source(name="xa", kind="rules", by=KEEPER, now=now)

    def take(*sources, at=None, name="xa", **more):
        content = json.dumps(list(sources)).encode()
        return actions.import_rules(name=name, content=content, by=KEEPER, now=at or now, **more)

    return take


@pytest.fixture
def value_sets(db, now):
    actions.add_rule_source(name="sets", kind="value-sets", by=KEEPER, now=now)

    def take(value):
        return actions.import_rules(name="sets", content=json.dumps(value).encode(), by=KEEPER, now=now)

    return take


def held():
    return [(one.identifier, one.version) for one in queries.rules().order_by("identifier", "pk")]


def codes(edition):
    return [(one["identifier"], one["code"]) for one in edition.refused]


def number(count, **more):
    return source(Identifier=f"VR-XA-{count:04}", **more)


def test_rules_go_in_one_by_one_and_what_cannot_be_used_stays_out_with_its_reason(take, now):
    edition = take(source(), number(2, ValidFrom="soon"), number(3, Logic={"or": []}), 7)
    assert (edition.taken_count, edition.added, edition.refused_count) == (2, 2, 2)
    assert codes(edition) == [("VR-XA-0002", "rule-malformed"), ("", "rule-malformed")]
    assert edition.incomplete == ["XA"]
    assert held() == [("VR-XA-0001", "1.0.0"), ("VR-XA-0003", "1.0.0")]
    assert EntryRule.objects.get(identifier="VR-XA-0003").fault
    (state,) = queries.rule_lists(now=now + timedelta(hours=49))
    assert (state.count, state.faulty, state.is_stale) == (2, 1, True)
    entry = AuditEntry.objects.get(action="certificate.rules_import")
    assert entry.detail["refused"] == 2


def test_a_newer_version_comes_and_an_old_one_goes(take, now):
    take(source(), number(2))
    later = now + timedelta(days=1)
    edition = take(source(Version="1.0.1"), number(2), number(3), at=later)
    assert (edition.added, edition.withdrawn) == (2, 1)
    assert held() == [("VR-XA-0001", "1.0.1"), ("VR-XA-0002", "1.0.0"), ("VR-XA-0003", "1.0.0")]
    gone = EntryRule.objects.get(version="1.0.0", identifier="VR-XA-0001")
    assert gone.withdrawn_at == later
    assert [one.version for one in queries.versions(gone)] == ["1.0.1", "1.0.0"]


def test_an_older_list_is_refused_rule_by_rule_and_withdraws_nothing(take):
    take(source(Version="1.0.1"), number(2), number(3))
    edition = take(source(), number(2))
    assert codes(edition) == [("VR-XA-0001", "rule-older")]
    assert edition.incomplete == []
    assert held() == [("VR-XA-0001", "1.0.1"), ("VR-XA-0002", "1.0.0"), ("VR-XA-0003", "1.0.0")]


def test_a_withdrawn_version_does_not_come_back_as_an_older_one(take):
    take(source(), number(2), number(3))
    take(source(Version="1.0.1"), number(2), number(3))
    assert codes(take(source(), source(Version="1.0.1"), number(2), number(3))) == [
        ("VR-XA-0001", "rule-older")
    ]
    take(number(2), number(3))
    assert ("VR-XA-0001", "1.0.1") not in held()
    assert take(source(Version="1.0.1"), number(2), number(3)).added == 1
    assert ("VR-XA-0001", "1.0.1") in held()


def test_a_rule_does_not_change_under_its_version(take):
    take(source())
    edition = take(source({"===": [1, 1]}))
    assert codes(edition) == [("VR-XA-0001", "rule-same-version")]
    assert "payload" in EntryRule.objects.get().body


def test_two_versions_side_by_side_are_both_held(take, now):
    soon = source(Version="2.0.0", ValidFrom="2026-08-01T00:00:00Z")
    take(source(), soon)
    rules = queries.book().rules.of(RuleType.ACCEPTANCE, "XA")
    assert sorted(one.version for one in rules) == [(1, 0, 0), (2, 0, 0)]
    assert take(source(), soon).refused_count == 0


def test_a_list_that_shrinks_by_half_waits_for_a_person(take):
    take(*(number(count) for count in range(1, 6)))
    with pytest.raises(entry_rules.RulesRefused) as caught:
        take(number(1), number(2))
    assert caught.value.code == "rules-shrunk"
    assert len(held()) == 5
    assert take(number(1), number(2), may_shrink=True).withdrawn == 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"nothing", "rule-malformed"),
        (b"[]", "rules-empty"),
        (b"[7]", "rules-empty"),
        (b" " * 8_400_000, "rules-too-large"),
    ],
)
def test_what_is_no_list_is_refused_whole(take, now, content, code):
    take(source())
    with pytest.raises(entry_rules.RulesRefused) as caught:
        actions.import_rules(name="xa", content=content, by=KEEPER, now=now)
    assert caught.value.code == code
    assert held() == [("VR-XA-0001", "1.0.0")]


def test_the_same_list_again_is_only_a_fresh_look(take, now):
    take(source())
    take(source(), at=now + timedelta(days=3))
    (state,) = queries.rule_lists(now=now + timedelta(days=3))
    assert state.age == timedelta(0)
    assert state.source.editions.count() == 1


def test_only_whose_work_it_is(people, now):
    for name in ("duty", "auditor", "clinic", "officer"):
        with pytest.raises(NotAllowed):
            actions.add_rule_source(name="xb", kind="rules", by=people[name], now=now)
    for name, label in (("health", "xb"), ("admin", "xc")):
        actions.add_rule_source(name=label, kind="rules", by=people[name], now=now)
    with pytest.raises(NotFound):
        actions.import_rules(name="none", content=b"[]", by=KEEPER, now=now)


def test_a_list_is_named_once_and_fetched_over_https_only(take, now):
    with pytest.raises(Conflict):
        actions.add_rule_source(name="xa", kind="rules", by=KEEPER, now=now)
    for wrong in ({"url": "http://rules.example"}, {"kind": "others"}, {"signers": "nobody"}):
        with pytest.raises(InvalidInput):
            actions.add_rule_source(**({"name": "xb", "kind": "rules", "by": KEEPER, "now": now} | wrong))


def test_a_list_of_signed_rules_takes_no_others(now, db):
    uploader, stranger = make("upload", country="XA"), make("stranger", country="XA")
    actions.add_rule_source(name="xa", kind="rules", signers=uploader.pem.decode(), by=KEEPER, now=now)
    signed = gateway(source(), cms_of(json.dumps(source()).encode(), uploader, detached=False))
    forged = gateway(number(2), cms_of(json.dumps(number(2)).encode(), stranger, detached=False))
    content = json.dumps(signed | forged).encode()
    edition = actions.import_rules(name="xa", content=content, by=KEEPER, now=now)
    assert (edition.proof, held()) == ("signed", [("VR-XA-0001", "1.0.0")])
    assert codes(edition) == [("VR-XA-0002", "rule-not-signed")]


# ---------------------------------------------------------------- value sets


def published(on, *names):
    return {"valueSetId": "vaccines", "valueSetDate": on, "valueSetValues": {name: {} for name in names}}


def test_value_sets_have_editions_and_an_older_one_is_refused(value_sets):
    value_sets([published("2026-02-01", "A", "B"), {"valueSetId": "x"}])
    assert queries.book().value_sets == {"vaccines": ["A", "B"]}
    edition = value_sets(published("2026-01-01", "A"))
    assert codes(edition) == [("vaccines", "value-set-older")]
    assert codes(value_sets({"vaccines": ["C"]})) == [("vaccines", "value-set-older")]
    value_sets(published("2026-03-01", "C"))
    assert queries.book().value_sets == {"vaccines": ["C"]}


def test_of_a_value_set_in_two_lists_the_newer_counts(value_sets, now):
    value_sets([published("2026-02-01", "A")])
    actions.add_rule_source(name="more", kind="value-sets", by=KEEPER, now=now)
    for on, expected in (("2026-01-01", ["A"]), ("2026-04-01", ["B"])):
        content = json.dumps(published(on, "B")).encode()
        actions.import_rules(name="more", content=content, by=KEEPER, now=now)
        assert queries.book().value_sets == {"vaccines": expected}


# ---------------------------------------------------------------- from an address


class Web:
    """What lies at addresses."""

    def __init__(self, pages):
        self.pages, self.asked = pages, []

    def read(self, url):
        self.asked.append(url)
        if url not in self.pages:
            raise FeedUnavailable("Not there.", code="feed-status")
        return Fetched(url, self.pages[url])

    def close(self):
        pass


HOME = "https://rules.example/rules"


@pytest.fixture
def web(monkeypatch, db, now):
    actions.add_rule_source(name="far", kind="rules", url=HOME, by=KEEPER, now=now)
    made = Web({})
    monkeypatch.setattr(actions, "_reader", lambda: made)
    return made


def test_a_list_from_its_address(web, now):
    web.pages[HOME] = json.dumps([source()]).encode()
    edition = actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert (edition.proof, held()) == ("address", [("VR-XA-0001", "1.0.0")])


def test_a_list_of_hashes_is_fetched_text_by_text_and_once(web, now):
    packed = hashed(source(), number(2))
    first, second = (one["hash"] for one in packed["index"])
    web.pages[HOME] = json.dumps(packed["index"]).encode()
    web.pages |= {f"{HOME}/XA/{digest}": text.encode() for digest, text in packed["texts"].items()}
    actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert len(held()) == 2
    web.asked.clear()
    actions.fetch_rules(name="far", by=KEEPER, now=now + timedelta(hours=1))
    assert web.asked == [HOME]
    assert queries.rule_list("far", now=now + timedelta(hours=1)).age == timedelta(0)
    web.pages[HOME] = json.dumps(packed["index"][:1]).encode()
    web.pages[f"{HOME}/XA/{first}"] = b"another"
    with pytest.raises(entry_rules.RulesRefused):
        actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert len(held()) == 2
    del web.pages[f"{HOME}/XA/{first}"]
    web.pages[HOME] = json.dumps(packed["index"]).encode() + b" "
    edition = actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert codes(edition) == [("VR-XA-0001", "rule-other-hash")]
    assert (edition.incomplete, held()) == (["XA"], [("VR-XA-0002", "1.0.0")])
    assert web.pages[f"{HOME}/XA/{second}"]


def test_texts_that_are_too_large_together_are_not_read_to_their_end(web, now, monkeypatch):
    monkeypatch.setattr(actions, "LIST_BYTES_MOST", 1000)
    index = [{"country": "XA", "hash": f"{number:064x}"} for number in range(9)]
    web.pages[HOME] = json.dumps(index).encode()
    web.pages |= {f"{HOME}/XA/{one['hash']}": b"x" * 400 for one in index}
    with pytest.raises(entry_rules.RulesRefused) as refused:
        actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert refused.value.code == "rules-too-large" and len(web.asked) == 4


def test_an_index_with_half_a_character_is_refused_entry_by_entry(web, now):
    packed = hashed(source())
    odd = {"identifier": "VR-XA-\ud800", "country": "XA", "hash": "\ud800"}
    web.pages[HOME] = json.dumps([*packed["index"], odd]).encode()
    web.pages |= {f"{HOME}/XA/{digest}": text.encode() for digest, text in packed["texts"].items()}
    edition = actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert (edition.taken_count, edition.refused_count) == (1, 1)
    content = json.dumps([source(), {"Identifier": "\ud800\x00", "Country": "\ud800"}]).encode()
    edition = actions.import_rules(name="far", content=content, by=KEEPER, now=now)
    assert (edition.taken_count, codes(edition)) == (1, [("\ufffd", "rule-malformed")])


def test_what_went_wrong_stays_with_the_list(web, now):
    with pytest.raises(entry_rules.RulesRefused):
        actions.fetch_rules(name="far", by=KEEPER, now=now)
    one = RuleSource.objects.get()
    assert (one.fault, one.tried_at) == ("Not there.", now)
    web.pages[HOME] = json.dumps(source()).encode()
    actions.fetch_rules(name="far", by=KEEPER, now=now)
    assert RuleSource.objects.get().fault == ""
    assert queries.sources_to_fetch() == ["far"]
    actions.switch_rule_source(name="far", is_enabled=False, by=KEEPER, now=now)
    assert queries.sources_to_fetch() == []


# ---------------------------------------------------------------- judging by them

DOSED = {"===": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}


def decide(text, now, country="XA"):
    (verdict,) = trust.verify_all([text], now=now)
    arrival = Arrival(country, now.date())
    (found,) = queries.decisions([verdict], arrival=arrival, now=now, languages=("en",))
    return found


def test_an_issued_certificate_is_judged_by_the_stored_rules(issued, take, now):
    text = issued().text
    assert decide(text, now).reason == "no-rules-for-country"
    take(source(DOSED))
    assert decide(text, now).result is Result.PASSED
    assert decide(issued(dose="1", family_name="Li").text, now).result is Result.FAILED
    take(source(DOSED), number(2, ValidFrom="soon"))
    assert decide(text, now).reason == "rules-incomplete"
    actions.switch_rule_source(name="xa", is_enabled=False, by=KEEPER, now=now)
    assert decide(text, now).reason == "no-rules-for-country"


def test_only_what_is_valid_is_judged(issued, take, now):
    take(source(DOSED))
    assert decide(issued().text[:-9] + "AAAAAAAAA", now) is None


def test_test_and_live_rules_never_meet(take, settings, now):
    take(source())
    settings.CERTIFICATES = "live"
    assert not queries.rules().exists()
    assert queries.book().rules.rules == ()
    with pytest.raises(NotFound):
        queries.rule(EntryRule.objects.get().pk)


def test_rules_are_found_by_country_kind_and_words(take):
    take(source(), number(2, CertificateType="Test"), source(Identifier="VR-XB-0001", Country="XB"))
    assert queries.countries() == ["XA", "XB"]
    assert queries.rules(country="xb").count() == 1
    assert queries.rules(kind="test").get().identifier == "VR-XA-0002"
    assert queries.rules(text="须接种").count() == 3
    assert queries.rules(text="vr-xa").count() == 2


# ---------------------------------------------------------------- what the profile knows better

KNOWN = """
[polio]
as_of = 2026-05-01
source = "Statement of a meeting"
states = ["AFG", "XQ"]

[yellow_fever.PT]
asks = "everybody"
as_of = 2026-05-01
source = "Its embassy"
"""


@pytest.fixture
def told(tmp_path, monkeypatch, settings):
    monkeypatch.setattr(entry_rules.profile, "FOLDER", tmp_path)
    (tmp_path / settings.PROFILE).mkdir()
    entry_rules._of_profile.cache_clear()
    yield tmp_path / settings.PROFILE / entry_rules.FILE
    entry_rules._of_profile.cache_clear()


def test_a_profile_knows_better(told):
    told.write_text(KNOWN, "utf-8")
    demands, states = entry_rules.demands_known()
    assert states.countries == {"AF", "XQ"}
    assert states.review_by is not None and states.review_by.date() == date(2026, 7, 30)
    assert demands.of("PT").asks == "everybody"
    assert demands.of("AO").asks == "everybody"


@pytest.mark.parametrize("wrong", ["[polio]\nas_of = 2026-05-01\n", '[yellow_fever.PT]\nasks = "some"\n'])
def test_a_profile_with_a_mistake_says_so(told, wrong):
    told.write_text(wrong, "utf-8")
    with pytest.raises(InvalidInput):
        entry_rules.demands_known()


def test_digests_are_of_the_list_as_it_came(take):
    content = json.dumps([source()]).encode()
    assert take(source()).digest == hashlib.sha256(content).hexdigest()
