"""Our revocation list: only what is new is taken up, and what we publish another country reads, in each way of writing."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from openconsular.domain.health.revocation import segments
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType
from openconsular.domain.health.revocation.lists import list_of
from openconsular.domain.health.revocation.slices import publish
from openconsular.domain.health.trust.model import Environment
from openconsular.domain.health.verify import verify as judge
from openconsular.health_certificates import collecting, publishing, revoked_lists, trusting
from openconsular.health_certificates.actions import revocations, trust
from openconsular.health_certificates.models import (
    RevocationEdition,
    RevocationSegment,
    RevocationSlice,
    RevokedCertificate,
    UnpublishedRevocation,
)
from openconsular.health_certificates.reconciling import reconcile
from openconsular.health_certificates.trusting import ListRefused
from tests.health_certificates.conftest import KEEPER

pytestmark = pytest.mark.django_db
API = "/api/certificates/revocations"


@pytest.fixture
def revoke(people, now):
    def revoke(*made):
        for one in made:
            revocations.revoke(identifiers=[one.identifier], reason="fraud", by=people["health"], now=now)

    return revoke


@pytest.fixture
def abroad(client, list_key, now, monkeypatch):
    """Another country fetches our list from its address and takes it: abroad("short") -> the edition."""
    key = load_der_public_key(bytes(list_key.public_key))
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    asked = []

    class Reader:
        def __init__(self, **options):
            pass

        def read(self, url):
            asked.append(urlsplit(url).path)
            answer = client.get(urlsplit(url).path)
            return type("Fetched", (), {"body": answer.content if answer.status_code == 200 else b""})

        def close(self):
            pass

    monkeypatch.setattr("openconsular.health_certificates.actions.trust.HttpFeeds", Reader)

    def fetch(writing, at=now):
        name = f"abroad-{writing}"
        if not trusting.TrustSource.objects.filter(name=name).exists():
            # Of a list that is published in several ways one is in use.
            trusting.TrustSource.objects.filter(kind="revocations").update(is_enabled=False)
            url = f"https://abroad.example{API}/{writing}"
            anchors = {"public_key": pem}
            trust.add_source(
                name=name, kind="revocations", url=url, issuer="CN-test", anchors=anchors, by=KEEPER, now=now
            )
        asked.clear()
        return trust.fetch_list(name=name, by=KEEPER, now=at)

    fetch.asked = asked
    return fetch


def only(edition):
    """What a verifier holds that has this list and no other revocations."""
    found = trusting.publication_of(json.loads(bytes(edition.content)), edition.source)
    return trusting.Revocations(found.environment).with_list(found)


@pytest.mark.parametrize(
    ("writing", "state", "reason"),
    [
        ("whole", "revoked", "revoked"),
        ("short", "ambiguous", "revocation-uncertain"),
        ("bloom", "ambiguous", "revocation-uncertain"),
    ],
)
def test_published_here_fetched_and_believed_abroad(issued, revoke, abroad, now, writing, state, reason):
    gone, sound = issued(), issued(given_name="Si")
    revoke(gone)
    publishing.publish_revocations(now=now)
    keys = trusting.believed().trust
    edition = abroad(writing)
    assert edition.proof == "verified"
    later = now + timedelta(minutes=1)
    judged = {
        one.identifier: judge(one.text, trust=keys, revocations=only(edition), now=later)
        for one in (gone, sound)
    }
    assert (judged[gone.identifier].state, judged[gone.identifier].reason) == (state, reason)
    assert judged[sound.identifier].state == "valid"


def test_a_hit_of_a_filter_is_confirmed_by_the_hashes_near_it(client, issued, revoke, list_key, now):
    gone, sound = issued(), issued(given_name="Si")
    revoke(gone)
    publishing.publish_revocations(now=now)
    key = bytes(gone.key.kid).hex()
    for one, is_there in ((gone, True), (sound, False)):
        wanted = bytes(one.uci_hash)
        answer = client.get(f"{API}/near/CN-test/{key}/{wanted[:2].hex()}")
        found = [answer.content[at : at + 16] for at in range(0, len(answer.content), 16)]
        assert (wanted in found) is is_there
    for address in ("CN-test/ff/0000", f"other/{key}/0000", f"CN-test/{key}/00", f"CN-test/{key}/zzzz"):
        assert client.get(f"{API}/near/{address}").status_code == 404


def test_addresses_stay_and_what_is_named_by_its_content_never_changes(client, issued, revoke, list_key, now):
    revoke(issued())
    assert client.get(f"{API}/bloom").status_code == 404
    publishing.publish_revocations(now=now)
    assert client.get(API).content == client.get(f"{API}/whole").content
    assert client.get(f"{API}/longer").status_code == 404
    for writing in segments.Writing:
        index = client.get(f"{API}/{writing}", headers={"Accept-Encoding": "gzip"})
        assert (index["X-List-Version"], index["Cache-Control"]) == ("1", "public, max-age=300")
        again = client.get(f"{API}/{writing}", headers={"If-None-Match": f"W/{index['ETag']}"})
        assert again.status_code == 304
        [name] = segments.names_in_index(index.content.partition(b"\n")[2])
        answer = client.get(f"{API}/slices/{name}")
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable, no-transform"
        assert "Content-Encoding" not in answer


def test_only_what_is_new_is_taken_up(issued, revoke, list_key, now):
    made = [issued(given_name="N" + "abcdefghi"[number]) for number in range(4)]
    revoke(*made[:3])
    publishing.publish_revocations(now=now)
    before = set(RevocationSlice.objects.values_list("digest", flat=True))
    [old] = RevocationSegment.objects.all()
    revoke(made[3])
    assert UnpublishedRevocation.objects.count() == 1
    with CaptureQueriesContext(
        connection,
    ) as asked:
        edition = publishing.publish_revocations(now=now + timedelta(minutes=1))
    assert (edition.version, edition.entries) == (2, 12)
    assert not any("revokedcertificate" in one["sql"] for one in asked)
    assert not any("revocationslice" in one["sql"] and one["sql"].startswith("SELECT") for one in asked)
    # A segment and its one slice, in three ways of writing.
    fresh = RevocationSlice.objects.exclude(digest__in=before)
    assert fresh.count() == 6 and sum(len(one.content) for one in fresh) < 3_000
    old.refresh_from_db()
    assert old.joined_at is None and not UnpublishedRevocation.objects.exists()


def test_who_keeps_the_list_fetches_what_is_new(issued, revoke, abroad, now):
    made = [issued(given_name="N" + "abcdefghi"[number]) for number in range(2)]
    revoke(made[0])
    publishing.publish_revocations(now=now)
    abroad("whole")
    assert len(abroad.asked) == 3  # the index, a segment, a slice
    revoke(made[1])
    publishing.publish_revocations(now=now + timedelta(minutes=1))
    edition = abroad("whole", now + timedelta(minutes=2))
    assert edition.key_count == 6
    slices = [path for path in abroad.asked if "slices" in path]
    assert len(slices) == 2


def test_eight_segments_become_one_and_nothing_is_lost(issued, revoke, abroad, now):
    made = [issued(given_name="N" + "abcdefghi"[number]) for number in range(9)]
    for number, one in enumerate(made):
        revoke(one)
        publishing.publish_revocations(now=now + timedelta(minutes=number))
    assert list(
        RevocationSegment.objects.filter(joined_at=None).order_by("pk").values_list("entries", flat=True)
    ) == [24, 3]
    for writing in segments.Writing:
        held = only(abroad(writing)).lists["CN-test"].keys[bytes(made[0].key.kid).hex()]
        assert all(held.look(bytes(one.signature_hash)) != "clear" for one in made)
    with pytest.raises(IntegrityError), transaction.atomic():
        RevocationSegment.objects.filter(joined_at=None).update(entries=1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM health_certificates_revocationsegment")


def test_an_older_edition_or_another_s_is_refused(issued, revoke, abroad, now, monkeypatch):
    publishing.publish_revocations(now=now)
    old = RevocationEdition.objects.get()
    revoke(issued())
    publishing.publish_revocations(now=now + timedelta(minutes=1))
    abroad("whole")
    served = publishing.publish_revocations(now=now + timedelta(hours=7))
    monkeypatch.setattr(
        "openconsular.health_certificates.queries.publications.newest_edition",
        lambda writing: type("E", (), {"index": old.index_json.encode(), "version": 1, "published_at": now}),
    )
    with pytest.raises(ListRefused) as refusal:
        abroad("whole")
    assert refusal.value.code == "list-older"
    line, _, body = served.index_json.partition("\n")
    for index, code in (
        (line + "\n" + body.replace('"version":3', '"version":4'), "proof-wrong"),
        ("!" + line[1:] + "\n" + body, "proof-wrong"),
        (body, "proof-missing"),
    ):
        monkeypatch.setattr(
            "openconsular.health_certificates.queries.publications.newest_edition",
            lambda writing, index=index: type(
                "E", (), {"index": index.encode(), "version": 3, "published_at": now}
            ),
        )
        with pytest.raises(ListRefused) as refusal:
            abroad("whole")
        assert refusal.value.code == code


def test_an_index_leads_nowhere_but_to_its_slices():
    index = json.dumps({"form": 2, "keys": [{"segments": ["../../secret"]}]}).encode()
    asked = []

    def read(url):
        asked.append(url)
        return index

    with pytest.raises(collecting.RevocationRefused):
        collecting.collect("https://a.example/revocations/whole", read=read, held={})
    assert asked == ["https://a.example/revocations/whole"]


def test_what_is_revoked_and_on_no_list_is_noticed(issued, revoke, list_key, now):
    revoke(issued())
    assert reconcile().agrees
    publishing.publish_revocations(now=now)
    assert reconcile().agrees
    revoke(issued(given_name="Si"))
    UnpublishedRevocation.objects.all().delete()
    assert RevokedCertificate.objects.count() == 2
    assert reconcile().problems == ["1 revoked certificates that are on no list and do not wait for one"]


def test_a_backlog_is_taken_up_in_lots(issued, revoke, list_key, now, monkeypatch):
    monkeypatch.setattr(revoked_lists, "CHUNK", 2)
    revoke(*(issued(given_name="N" + "abcdefghi"[number]) for number in range(5)))
    assert publishing.publish_revocations(now=now).entries == 15


def test_a_verifier_here_reads_all_slices_at_once(issued, revoke, list_key, now):
    made = [issued(given_name="N" + letter) for letter in "abcd"]
    for number, one in enumerate(made):
        revoke(one)
        publishing.publish_revocations(now=now + timedelta(minutes=number))
    with CaptureQueriesContext(connection) as asked:
        held = trusting.believed().revocations.lists["CN-test"]
    assert held.entries == 12
    assert sum("revocationslice" in one["sql"] for one in asked) == 2


def test_editions_of_the_first_form_are_still_read(issued, revoke, list_key, now):
    """As they were published before lists grew by segments."""
    gone = issued()
    revoke(gone)
    hashes = {bytes(gone.key.kid).hex(): {HashType.UCI: HashSet.of([bytes(gone.uci_hash)])}}
    whole = list_of(
        hashes,
        list_id="CN-test",
        environment=Environment.TEST,
        version=1,
        as_of=now,
        covers=frozenset({"CN"}),
    )
    made = publish(whole)
    RevocationSlice.objects.bulk_create(
        RevocationSlice(environment="test", name=name[:16], digest=name, content=content)
        for name, content in made.slices.items()
    )
    RevocationEdition.objects.create(
        environment="test",
        version=1,
        entries=1,
        published_at=now,
        index_json=publishing.signed(made.index, now).decode(),
        digest=whole.digest,
    )
    later = now + timedelta(minutes=1)
    keys = trusting.believed()
    judged = judge(gone.text, trust=keys.trust, revocations=keys.revocations, now=later)
    assert judged.state == "revoked"
    # The next edition takes up everything that was revoked before, too.
    assert publishing.publish_revocations(now=later).entries == 3
