"""A health card too long for one code: several codes on every paper and screen, read together, revoked as one."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from openconsular.domain.health.carriers import codes, handed_over, pictures
from openconsular.domain.health.certificate import Format
from openconsular.domain.health.smart import numeric
from openconsular.health_certificates import publishing, sealing
from openconsular.health_certificates.actions import claims, revocations
from openconsular.health_certificates.queries.trust import verify
from tests.health_certificates.test_wallet import address, enter

pytestmark = pytest.mark.django_db
# Fields filled to their ends with letters that do not deflate.
NAME = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(100))
LONG = {
    "family_name": NAME,
    "given_name": NAME[::-1],
    "standard_family_name": "ZHANG",
    "standard_given_name": "SAN",
    "place": NAME[50:] + NAME[:50],
    "vaccine": "208",
}


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def card(issued):
    return issued(certificate_format=Format.SMART, **LONG)


def test_it_is_several_codes_that_fit_a_code_of_version_22_each(card):
    texts = codes.texts_of(card.text)
    assert 2 <= len(texts) <= sealing.MOST_CODES
    lengths = [len(numeric.piece_of(one)[2]) for one in texts]
    # "If the JWS is larger than 1195 characters, it SHALL be split", evenly, into chunks of at most 1191.
    assert sum(lengths) > 1195 and max(lengths) <= 1191 and max(lengths) - min(lengths) < len(texts)
    assert [one.split("/")[1:3] for one in texts] == [
        [str(n), str(len(texts))] for n in range(1, len(texts) + 1)
    ]
    assert all(codes.draw(one).version <= 22 for one in texts)
    assert numeric.join(reversed(texts)) == card.text


def test_a_short_card_stays_one_code(issued):
    made = issued(certificate_format=Format.SMART, vaccine="208")
    assert codes.texts_of(made.text) == (made.text,) and made.text.startswith("shc:/")
    assert "/" not in made.text.removeprefix("shc:/")


def test_its_holder_sees_every_code_and_a_verifier_reads_them_together(card, client, people, now):
    told = claims.make_claim(public_id=card.record.public_id, by=people["clinic"], now=now)
    enter(client, told.code)
    texts = codes.texts_of(card.text)
    page = client.get(address("wallet-certificate", card), headers={"accept-language": "en"}).content.decode()
    shown = [
        pictures.codes_in(base64.b64decode(one))[0]
        for one in re.findall(r'<img src="data:image/png;base64,([^"]+)"', page)
    ]
    assert tuple(shown) == texts and f"spread over {len(texts)} codes" in page
    (joined,) = handed_over.whole(shown)
    assert verify(joined, now=now).state == "valid"
    kept = json.loads(
        re.search(r'data-oc-keep="([^"]+)"', page)[1].replace("&quot;", '"').replace("&#x27;", "'")
    )
    assert len(kept["codes"]) == len(texts)
    for kind in ("a4", "card", "phone"):
        paper = client.get(address("wallet-paper", card, kind)).content
        assert handed_over.texts_in(paper) == (card.text,)
    file = client.get(address("wallet-paper", card, "file"))
    assert json.loads(file.content) == {"verifiableCredential": [card.text]}
    assert file["Content-Disposition"].endswith('.smart-health-card"')


def test_one_code_after_the_other_fills_the_screen(card, client, people, now):
    told = claims.make_claim(public_id=card.record.public_id, by=people["clinic"], now=now)
    enter(client, told.code)
    place, seen = address("wallet-show", card), []
    while place:
        page = client.get(place).content.decode()
        seen.append(pictures.codes_in(base64.b64decode(re.search(r"base64,([^\"]+)", page)[1]))[0])
        following = re.search(r'rel="next" href="([^"]+)"', page)
        place = following and following[1]
    assert tuple(seen) == codes.texts_of(card.text)
    for odd in ("0", "99", "x", "-1", "٣", ""):
        assert client.get(f"{address('wallet-show', card)}?code={odd}").status_code == 200


def test_the_desk_shows_every_code(card, as_):
    browser = as_("officer")
    page = browser.get(reverse("certificate", args=[card.record.public_id])).content.decode()
    pictured = re.findall(r'src="([^"]+which=\d)"', page)
    shown = [pictures.codes_in(browser.get(one).content)[0] for one in pictured]
    assert tuple(shown) == codes.texts_of(card.text)
    where = reverse("certificate-code", args=[card.record.public_id])
    assert [browser.get(f"{where}?which={odd}").status_code for odd in ("0", "9", "x")] == [404] * 3


def test_it_is_revoked_as_one(card, people, list_key, now):
    revocations.revoke(identifiers=[card.identifier], reason="error", by=people["officer"], now=now)
    later = now + timedelta(minutes=1)
    publishing.publish_revocations(now=later)
    (joined,) = handed_over.whole(codes.texts_of(card.text))
    assert verify(joined, now=later).state == "revoked"


def test_other_formats_have_no_file_for_other_wallets(issued, client, people, now):
    made = issued()
    told = claims.make_claim(public_id=made.record.public_id, by=people["clinic"], now=now)
    enter(client, told.code)
    assert client.get(address("wallet-paper", made, "file")).status_code == 404
