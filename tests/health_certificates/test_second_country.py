"""An invented country issues, hands over, verifies and revokes for tests, by the same pages; and never in service."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates import publishing, rules
from openconsular.health_certificates.actions import issuing, keys, records
from openconsular.health_certificates.models import Issued, Record, SigningKey
from openconsular.health_certificates.queries.trust import verify
from tests.health_certificates.conftest import DOSE, KEEPER, SECOND_KEEPER, make_chain
from tests.health_certificates.test_pages_recording import CARD, WRITE

pytestmark = pytest.mark.django_db
COVID = {name: DOSE[name] for name in ("family_name", "given_name", "born_on")}
OFFERED = {
    "icvp": (WRITE, CARD | {"nationality": "xa"}),
    "eu-dcc": (
        "/console/certificates/new/eu-dcc/vaccination/",
        COVID
        | {
            "covid_product": "BBIBP-CorV",
            "dose": "1",
            "doses": "2",
            "happened_on": "2026-05-30",
            "country": "PH",
        },
    ),
    "smart-health-card": (
        "/console/certificates/new/smart-health-card/vaccination/",
        COVID | {"cvx_product": "510", "happened_on": "2026-05-30", "batch": "X1"},
    ),
}


@pytest.fixture
def now():
    """The pages read the real clock."""
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def country(settings):
    settings.PROFILE = "xa"
    settings.LANGUAGE_CODE = "en"
    settings.LANGUAGES = [("en", "en"), ("ar", "ar"), ("fr", "fr")]
    return profile.load("xa")


@pytest.fixture
def lists(now, country):
    """Keys of the invented country, one for its lists as well."""
    chain = make_chain(now)
    keys.make_key(label="lists", purpose=Purpose.LIST, by=KEEPER, now=now)
    keys.certify_with(label="lists", authority="sca-test-dsc", by=KEEPER, now=now)
    keys.activate_key(label="lists", by=SECOND_KEEPER, now=now)
    return chain


@pytest.mark.parametrize("name", OFFERED)
def test_from_the_dose_to_the_wallet_and_to_the_revocation(name, as_, lists, client, settings):
    path, fields = OFFERED[name]
    kept = as_("clinic").post(path, fields | {"then": "save"})
    assert kept.status_code == 302, re.findall(r'role="alert".*?</div>', kept.content.decode(), re.S)
    record = Record.objects.get()
    as_("officer").post(reverse("certificate-approve", args=[record.public_id]))
    made = issuing.sign_record(record_id=record.pk, now=datetime.now(UTC))
    assert made is not None and made.key.country == "XA"
    assert made.identifier.startswith("URN:UVCI:01:XA:")

    page = as_("officer").get(reverse("certificate", args=[record.public_id])).content.decode()
    assert 'lang="en"' in page and "Test installation" in page and "valid" in page
    given = as_("clinic").post(reverse("certificate-deliver", args=[record.public_id])).content.decode()
    code = re.search(r'translate="no">([^<]+)</bdi>', given)[1]

    holder = client.__class__(headers={"accept-language": "en"})
    claimed = holder.post(reverse("certificate-claim"), {"code": code, "born_on": "1980-05-17"})
    assert claimed["Location"] == reverse("wallet-certificate", args=[record.public_id])
    wallet = holder.get(claimed["Location"]).content.decode()
    assert "San Zhang" in wallet and 'lang="en"' in wallet
    for kind, start in (("a4", b"%PDF"), ("card", b"%PDF"), ("phone", b"\x89PNG")):
        paper = holder.get(reverse("wallet-paper", args=[record.public_id, kind]))
        assert paper.content.startswith(start)

    found = verify(made.text, now=datetime.now(UTC))
    assert (found.state, found.reason) == ("valid", "")
    if name != "smart-health-card":
        assert found.certificate.issuer_country == "XA"

    done = as_("officer").post(
        reverse("certificate-revoke", args=[record.public_id]), {"reason": "error", "note": "wrong vial"}
    )
    assert done.status_code == 302
    later = datetime.now(UTC) + timedelta(minutes=1)
    publishing.publish_revocations(now=later)
    assert verify(made.text, now=later).state == "revoked"
    assert "revoked" in holder.get(claimed["Location"]).content.decode().lower()


def test_its_words_name_it_and_nobody_else(lists, people, written, now):
    record = written(at=now)
    assert rules.current().issuer == "Ministry of Health of Xanada"
    records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    issuing.sign_record(record_id=record.pk, now=now)
    found = verify(Issued.objects.get().text, now=now)
    assert found.certificate.entries[0].issuer == "Ministry of Health of Xanada"


def test_in_service_an_invented_country_gets_no_key(settings, now, db):
    for environment in ("", "live"):
        settings.CERTIFICATES = "live"
        with pytest.raises(InvalidInput) as refusal:
            keys.make_key(label="x", purpose=Purpose.DSC, environment=environment, by=KEEPER, now=now)
        assert refusal.value.code == "invented-country"
    assert not SigningKey.objects.exists()


def test_in_service_nobody_is_of_an_invented_country(settings, written, now):
    settings.PROFILE, settings.CERTIFICATES = "cn", "live"
    card = {name: value for name, value in CARD.items() if name not in ("country", "family_name")}
    for code in ("XA", "XXA", "QM"):
        with pytest.raises(InvalidInput) as refusal:
            written(at=now, certificate_format=Format.ICVP, **card | {"nationality": code})
        assert "nationality" in refusal.value.fields


def test_a_key_for_tests_signs_nothing_in_service(lists, written, people, settings, now):
    record = written(at=now)
    records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    settings.CERTIFICATES = "live"
    assert issuing.sign_record(record_id=record.pk, now=now) is None
