"""The numbers of the register: those of the rows themselves, and quick however many rows its batches have."""

from datetime import timedelta

import pytest
from django.urls import reverse

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.records.products import catalogue
from openconsular.health_certificates import batching
from openconsular.health_certificates.actions import batches, records, revocations, stopping
from openconsular.health_certificates.models import Issued
from openconsular.health_certificates.queries import register
from openconsular.health_certificates.queries.register import RecordFilter
from tests.health_certificates.conftest import work
from tests.health_certificates.test_batches import approve, file_of, line

pytestmark = pytest.mark.django_db
YELLOW = next(one.code for one in catalogue().values() if one.for_life)


@pytest.fixture
def all_states(send, written, issued, people, now, signing_key):
    """Single records and batches in every state there is; two rows of a batch are revoked."""
    written(given_name="Yi")
    written(
        given_name="Er",
        certificate_format=Format.ICVP,
        sex="male",
        nationality="CN",
        batch="L7",
        product=YELLOW,
    )
    records.refuse_record(
        public_id=written(given_name="Wu").public_id, reason="no", by=people["officer"], now=now
    )
    records.approve_record(public_id=written(given_name="Liu").public_id, by=people["officer"], now=now)
    issued(given_name="San")
    alone = issued(given_name="Si")
    revocations.revoke(identifiers=[alone.identifier], reason="error", by=people["officer"], now=now)

    def rows(letter, count):
        return file_of(
            *(line(i, key=f"{letter}{i}") for i in range(count)), line(99, key=letter, happened_on="")
        )

    send(rows("a", 3))
    work(send(rows("b", 4)), now)
    approve(work(send(rows("c", 7)), now), people, now)
    done = work(send(rows("d", 6)), now)
    approve(done, people, now)
    work(done, now)
    held = work(send(rows("e", 8)), now)
    approve(held, people, now)
    batching.work(held.pk, lambda: now, most=1)
    stopping.stop_batch(public_id=held.public_id, by=people["officer"], now=now)
    refused = work(send(rows("f", 2)), now)
    batches.refuse_batch(public_id=refused.public_id, reason="no", by=people["officer"], now=now)
    taken_back = work(send(rows("g", 5), by="officer"), now)
    stopping.withdraw_batch(public_id=taken_back.public_id, by=people["officer"], now=now)
    wanted = list(Issued.objects.filter(record__batch=done).values_list("identifier", flat=True)[:2])
    later = now + timedelta(minutes=1)
    proposal = revocations.revoke(identifiers=wanted, reason="product", by=people["officer"], now=later)
    revocations.confirm_revocation(
        public_id=proposal.public_id, confirmed_size=2, by=people["second"], now=later
    )
    return done


@pytest.mark.parametrize("name", ["health", "officer", "clinic", "elsewhere"])
def test_they_are_those_of_the_rows_themselves(all_states, people, name):
    by = people[name]
    for narrowed in (
        {},
        {"formats": ("icvp",)},
        {"kinds": ("test",)},
        {"batch_id": all_states.pk},
        {"formats": ("eu-dcc",)},
    ):
        told = register.count(RecordFilter(**narrowed), by=by)
        plain = {
            state: register.find_records(RecordFilter(states=(state,), **narrowed), by=by).count()
            for state in register.STATES
        }
        assert told.by_state == plain
        assert told.total == register.find_records(RecordFilter(**narrowed), by=by).count()
        two = ("issued", "refused")
        assert told.of(two) == register.find_records(RecordFilter(states=two, **narrowed), by=by).count()
    if name == "health":
        assert all(register.count(RecordFilter(), by=by).by_state.values())


def test_pages_end_where_the_rows_end(all_states, as_, people):
    total = register.count(RecordFilter(), by=people["health"]).total
    page = as_("health").get(reverse("certificates")).content.decode()
    assert f"{total} records" in page
    assert register.missions_with_records(by=people["health"]) == {all_states.mission_id}
