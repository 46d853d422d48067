"""Feeds are polled, confined to their territory, and their health is known."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from openconsular.domain.geo import Area
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.permissions import ANONYMOUS, SYSTEM, Actor, Role
from openconsular.gateways.feeds.folder import FolderFeeds
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from openconsular.hazards import actions, jobs, polling, queries, territory
from openconsular.hazards.models import FollowedLink, Hazard, Quarantined, Source
from openconsular.hazards.outcomes import Outcome
from tests.conftest import NOW
from tests.domain.cap.messages import alert, info, polygons
from tests.gateways.feeds.bad_server import BadServer, conditional, page

VIENNA = "48.0,16.0 48.0,16.8 48.5,16.8 48.5,16.0 48.0,16.0"
SWAPPED = "16.0,48.0 16.8,48.0 16.8,48.5 16.0,48.5 16.0,48.0"
LIMITS = Limits(connect=0.5, read=0.4, total=1.0, body_bytes=500_000)

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    server = BadServer()
    yield server
    server.close()


def web(server, path="/feed", **more):
    return actions.add_source(name="Web", kind="http", url=server.url(path), by=SYSTEM, now=NOW, **more)


def poll(source, now=NOW):
    return actions.poll_source(
        source_id=source.pk,
        reader=HttpFeeds(inner_hosts=["127.0.0.1", "localhost"], limits=LIMITS),
        by=SYSTEM,
        now=now,
    )


def links(*addresses):
    entries = "".join(f'<entry><link type="application/cap+xml" href="{one}"/></entry>' for one in addresses)
    return page(f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode())


class TestAdding:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": " "},
            {"kind": "pigeon"},
            {"url": "ftp://a"},
            {"countries": ["XX"]},
            {"poll_seconds": 1},
            {"kind": "folder", "url": ""},
        ],
    )
    def test_what_makes_no_source(self, wrong):
        with pytest.raises(InvalidInput) as caught:
            actions.add_source(
                **({"name": "A", "kind": "http", "url": "https://a.example.org"} | wrong), by=SYSTEM, now=NOW
            )
        assert caught.value.fields

    def test_once(self, source):
        with pytest.raises(Conflict):
            actions.add_source(name="Office", kind="http", url="https://a.example.org", by=SYSTEM, now=NOW)

    def test_who_may(self):
        with pytest.raises(NotAllowed):
            actions.add_source(
                name="A", kind="http", url="https://a.example.org", by=Actor("x", Role.DUTY_OFFICER), now=NOW
            )

    def test_folders_are_added_at_the_machine_only(self, tmp_path):
        administrator = Actor(label="staff:1", role=Role.ADMINISTRATOR)
        with pytest.raises(NotAllowed):
            actions.add_source(name="F", kind="folder", url=str(tmp_path), by=administrator, now=NOW)
        call_command("feeds", "add", "F", str(tmp_path), "--countries", "at,de")
        source = Source.objects.get()
        assert (source.kind, source.url, source.countries) == ("folder", str(tmp_path), ["AT", "DE"])

    def test_the_command_lists_and_says_what_is_wrong(self, source, capsys):
        call_command("feeds", "list")
        assert "Office" in capsys.readouterr().out
        with override("en"), pytest.raises(CommandError, match="name already"):
            call_command("feeds", "add", "Office", "https://a.example.org")


class TestPolling:
    def test_a_feed_of_links_is_followed_once(self, server):
        server.pages["/feed"] = page(
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link type="application/cap+xml" href="/1.xml"/></entry></feed>'
        )
        server.pages["/1.xml"] = page(alert())
        source = web(server)
        assert poll(source).count(Outcome.HAZARD) == 1
        assert poll(source).read == 0
        assert sum("GET /1.xml" in head for head in server.asked) == 1
        assert FollowedLink.objects.count() == 1

    def test_a_new_revision_is_fetched_again(self, server):
        entry = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><updated>{}</updated><link type="application/cap+xml" href="/1.xml"/></entry></feed>'
        source = web(server)
        server.pages |= {"/feed": page(entry.format(1).encode()), "/1.xml": page(alert())}
        poll(source)
        server.pages |= {
            "/feed": page(entry.format(2).encode()),
            "/1.xml": page(alert(info(severity="Extreme"), sent="2026-06-01T06:00:00Z")),
        }
        poll(source)
        assert Hazard.objects.get().severity == "Extreme"

    def test_what_has_not_changed_costs_nothing(self, server):
        server.pages["/feed"] = conditional(alert(), '"7"')
        source = web(server)
        assert poll(source).read == 1
        source.refresh_from_db()
        assert source.etag == '"7"'
        assert poll(source).read == 0

    def test_links_lead_nowhere_else(self, server):
        other = BadServer(pages={"/1.xml": page(alert())})
        link = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link type="application/cap+xml" href="{other.url("/1.xml")}"/></entry></feed>'
        server.pages["/feed"] = page(link.encode())
        assert [item.code for item in poll(web(server)).items] == ["link-elsewhere"]
        assert other.asked == []
        other.close()

    def test_an_alert_that_cannot_be_fetched_now_is_fetched_in_the_next_round(self, server):
        server.pages["/feed"] = conditional(
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link type="application/cap+xml" href="/1.xml"/></entry></feed>',
            '"7"',
        )
        server.pages["/1.xml"] = page(b"", status="503 Busy")
        source = web(server)
        assert poll(source).read == 0
        server.pages["/1.xml"] = page(alert())
        assert poll(Source.objects.get(pk=source.pk)).count(Outcome.HAZARD) == 1

    def test_a_feed_none_of_whose_alerts_can_be_had_is_not_healthy(self, server):
        source = web(server)
        server.pages |= {"/feed": links("/1.xml", "/2.xml"), "/1.xml": page(b"", status="404 Gone")}
        server.pages["/2.xml"] = page(b"", status="404 Gone")
        poll(source)
        source.refresh_from_db()
        assert (source.is_healthy, source.last_error_code) == (False, "feed-status")
        server.pages["/2.xml"] = page(alert())
        assert poll(source).count(Outcome.HAZARD) == 1
        source.refresh_from_db()
        assert (source.is_healthy, source.last_error_code) == (True, "feed-status")  # one still cannot be had

    def test_links_that_hang_hold_nobody_for_long_and_block_no_others(self, server):
        source = web(server)
        slow = [f"/slow{n}.xml" for n in range(6)]
        server.pages |= {"/feed": links(*slow, "/good.xml"), "/good.xml": page(alert())}
        server.pages |= dict.fromkeys(slow, server.hang)
        poll(source)
        assert sum("/slow" in head for head in server.asked) == 3
        for hour in range(1, 12):
            poll(Source.objects.get(pk=source.pk), NOW + timedelta(hours=hour / 4))
            if Hazard.objects.exists():
                break
        assert Hazard.objects.count() == 1

    def test_a_link_that_must_not_be_followed_shows_at_the_source(self, server):
        source = web(server)
        server.pages["/feed"] = links("https://elsewhere.example.org/1.xml")
        poll(source)
        source.refresh_from_db()
        assert source.last_error_code == "feed-link-elsewhere"
        assert "elsewhere.example.org" in source.last_error

    @pytest.mark.parametrize("way", ["hang", "trickle"])
    def test_a_feed_that_hangs_is_noted_and_let_go(self, server, way):
        server.pages["/feed"] = getattr(server, way)
        source = web(server)
        poll(source)
        source.refresh_from_db()
        assert (source.failures, source.last_error_code, source.is_healthy) == (1, "feed-timeout", False)
        server.pages["/feed"] = page(alert())
        poll(source)
        source.refresh_from_db()
        assert source.is_healthy

    def test_a_page_instead_of_a_feed_is_quarantined_and_ends_nothing(self, server):
        server.pages["/feed"] = page(alert())
        source = web(server)
        poll(source)
        server.pages["/feed"] = page(b"<!DOCTYPE html><html>Down for maintenance</html>")
        assert poll(source).count(Outcome.QUARANTINED) == 1
        assert Hazard.objects.get().is_active
        assert Quarantined.objects.get().code == "web-page"

    @pytest.mark.parametrize("cut", [b"", b"<html>Busy</html>", alert()[:-30], b'{"alerts": ['])
    def test_what_broke_off_is_asked_for_again_and_shows_as_health(self, server, cut):
        server.pages["/feed"] = conditional(cut, '"7"')
        source = web(server)
        poll(source)
        source.refresh_from_db()
        assert (source.etag, source.is_healthy, source.last_error_code) == ("", False, "feed-unusable")
        server.pages["/feed"] = conditional(alert(), '"7"')
        assert poll(source).count(Outcome.HAZARD) == 1
        source.refresh_from_db()
        assert (source.etag, source.is_healthy) == ('"7"', True)

    def test_a_folder_is_a_feed_too(self, tmp_path):
        (tmp_path / "index.xml").write_text(
            "<rss><channel><item><link>https://far.example.org/cap/1.xml</link></item></channel></rss>"
        )
        (tmp_path / "1.xml").write_bytes(alert())
        source = actions.add_source(name="F", kind="folder", url=str(tmp_path), by=SYSTEM, now=NOW)
        result = actions.poll_source(source_id=source.pk, reader=FolderFeeds(tmp_path), by=SYSTEM, now=NOW)
        assert result.count(Outcome.HAZARD) == 1
        assert Hazard.objects.count() == 1

    def test_one_bad_file_of_a_folder_takes_no_others_with_it(self, tmp_path):
        (tmp_path / "a.xml").write_bytes(alert()[:-30])
        (tmp_path / "b.xml").write_bytes(alert())
        source = actions.add_source(name="F", kind="folder", url=str(tmp_path), by=SYSTEM, now=NOW)
        result = actions.poll_source(source_id=source.pk, reader=FolderFeeds(tmp_path), by=SYSTEM, now=NOW)
        assert [item.outcome for item in result.items] == [Outcome.QUARANTINED, Outcome.HAZARD]
        source.refresh_from_db()
        assert source.is_healthy

    def test_whose_turn_it_is(self, server):
        source = web(server, poll_seconds=60)
        assert polling.claim_due(NOW) == [source.pk]
        assert polling.claim_due(NOW) == []
        assert polling.claim_due(NOW + timedelta(seconds=61)) == [source.pk]
        actions.set_source_active(source_id=source.pk, is_active=False, by=SYSTEM, now=NOW)
        assert polling.claim_due(NOW + timedelta(days=1)) == []

    def test_a_failing_feed_is_asked_less_often_but_never_given_up(self):
        pauses = [polling.pause(Source(poll_seconds=60, failures=n)) for n in range(30)]
        assert pauses == sorted(pauses)
        assert pauses[-1] == polling.LONGEST_PAUSE

    def test_the_health_of_feeds(self, server):
        source = web(server)
        health = queries.sources_visible_to(SYSTEM, NOW + timedelta(hours=1))
        assert [(one.source, one.is_silent) for one in health] == [(source, True)]
        assert queries.sources_visible_to(ANONYMOUS, NOW) == []


class TestTerritory:
    def austrian(self, **more):
        return actions.add_source(
            name="AT", kind="http", url="https://at.example.org", countries=["at"], by=SYSTEM, now=NOW, **more
        )

    def test_at_home(self, record):
        assert record(alert(info(area=polygons(VIENNA))), source=self.austrian()).code == "new"

    def test_elsewhere(self, record):
        item = record(
            alert(info(area=polygons("35.0,139.0 35.0,140.0 36.0,140.0 35.0,139.0"))), source=self.austrian()
        )
        assert item.code == "outside-territory"
        assert "AT" in item.reason.message
        assert not Hazard.objects.exists()

    def test_numbers_the_wrong_way_round_show_by_the_place(self, record):
        assert (
            record(alert(info(area=polygons(SWAPPED))), source=self.austrian()).code
            == "outside-territory-swapped"
        )

    def test_a_bit_over_the_border_is_weather(self, record):
        assert (
            record(
                alert(info(area=polygons("47.0,15.0 47.0,19.0 48.5,19.0 48.5,15.0 47.0,15.0"))),
                source=self.austrian(),
            ).code
            == "new"
        )

    def test_half_of_it_elsewhere(self, record):
        both = polygons(VIENNA, "35.0,139.0 35.0,140.0 36.0,140.0 35.0,139.0")
        assert record(alert(info(area=both)), source=self.austrian()).code == "outside-territory"

    def test_an_exact_territory_goes_before_countries(self, record):
        square = Area.of([[(0, 0), (0, 5), (5, 5), (5, 0), (0, 0)]])
        source = self.austrian(territory=square)
        assert record(alert(info(area=polygons(VIENNA))), source=source).code == "outside-territory"
        assert record(alert(info(area=polygons("1,1 1,2 2,2 1,1"))), source=source).code == "new"

    def test_circles_count_by_their_centre(self):
        source = Source(countries=["AT"])
        assert territory.objection(source, Area.of(discs=[(48.2, 16.4, 20)])) is None
        assert territory.objection(source, Area.of(discs=[(35.0, 139.0, 20)])).code == "outside-territory"


@pytest.mark.django_db(transaction=True)
class TestJobs:
    def test_each_source_whose_turn_it_is_gets_one_job(self, server):
        source = web(server)
        jobs.poll_due_sources(timestamp=0)
        Source.objects.update(next_poll_at=NOW)
        jobs.poll_due_sources(timestamp=0)  # the first is still waiting: no second one
        waiting = ProcrastinateJob.objects.filter(task_name="poll_one_source", status="todo")
        assert [job.args for job in waiting] == [{"source_id": source.pk}]

    def test_the_job_polls_and_the_round_ends_what_is_over(self, server):
        server.pages["/feed"] = page(alert(info(times="<expires>2026-06-01T07:30:00Z</expires>")))
        source = web(server)
        actions.poll_source(
            source_id=source.pk,
            reader=HttpFeeds(inner_hosts=["127.0.0.1", "localhost"], limits=LIMITS),
            by=SYSTEM,
            now=NOW - timedelta(hours=1),
        )
        assert Hazard.objects.get().is_active
        jobs.poll_due_sources(timestamp=0)
        assert not Hazard.objects.get().is_active
        jobs.poll_one_source(source_id=source.pk)
        source.refresh_from_db()
        assert source.last_ok_at is not None
