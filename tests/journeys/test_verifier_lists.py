"""Revocation lists of hundreds of thousands and of millions on a border guard's telephone."""

# ruff: noqa: F811 - fixtures are named as arguments
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, hash_of
from openconsular.domain.health.revocation.lists import list_of
from openconsular.domain.health.trust.model import Environment
from openconsular.health_certificates import trusting
from openconsular.health_certificates.queries import verifier
from tests.journeys.conftest import behind, is_well_made, say
from tests.journeys.test_verifier import Desk, desk, scan, state  # noqa: F401


@pytest.fixture
def crowded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, str], None]:
    """Believes a country's list of so many hashes, one of them of a certificate."""
    believed = trusting.believed

    def fill(count: int, identifier: str) -> None:
        held = behind(lambda: crowd(believed(), desk, count, identifier))
        monkeypatch.setattr(trusting, "believed", lambda: held)

    return fill


def crowd(real: trusting.Believed, desk: Desk, count: int, identifier: str) -> trusting.Believed:
    lot = np.random.default_rng(count)
    packed = lot.bytes(16 * (count - 1)) + hash_of(identifier)
    listed = list_of(
        {bytes(desk.key.kid).hex(): {HashType.UCI: HashSet(packed)}},
        list_id="XA-test",
        environment=Environment.TEST,
        version=1,
        as_of=desk.now,
    )
    return trusting.Believed(real.trust, real.revocations.with_list(listed), real.policy)


LONG_TASKS = """window.tasks = [];
new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(one => [one.startTime, one.duration])))
    .observe({ type: 'longtask', buffered: true });"""
# Of the tasks of 50 ms and more, the longest at all and the longest since the first bundle was asked for.
LONGEST = """() => {
    const asked = performance.getEntriesByType('resource').filter(one => /lists\\/[0-9a-f]{64}$/.test(one.name)).map(one => one.startTime);
    const longest = from => Math.max(0, ...window.tasks.filter(([at]) => at >= from).map(([, duration]) => duration));
    return [longest(0), longest(Math.min(...asked, Infinity))].map(Math.round);
}"""


def test_a_long_list_is_fetched_piece_by_piece_and_asked_about(desk, browser, site, crowded):
    """An update that breaks off goes on; a hit in shortened hashes is confirmed where there is a network."""
    browser.expected = ("ERR_INTERNET_DISCONNECTED", "when fetching the script", "ERR_FAILED", "404")
    gone, sound = desk.certificate(identifier="URN:UVCI:01:CN:GONE#A"), desk.certificate()
    crowded(700_000, "URN:UVCI:01:CN:GONE#A")
    page = browser.page("en", width=360)
    asked: list[str] = []

    def breaks_off(route: Any) -> None:
        """Once the lists were made anew meanwhile, and once the line breaks."""
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=404, body="")
        elif asked.count(route.request.url) == 2:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("/verify/lists/[0-9a-f]{64}$"), breaks_off)
    page.goto(f"{site}/verify/")
    page.locator("[data-status][data-ready=ready]").wait_for()
    page.locator("[data-lists-panel] > summary").click()
    page.locator("[data-fetch]").click()
    page.get_by_text(say("The lists were fetched.", "en")).wait_for()
    assert len(asked) == len(set(asked)) + 2, "what was there already was fetched again"
    is_well_made(page)
    scan(page, sound)
    state(page, "valid")
    with page.expect_response(re.compile("/revocations/near/XA-test/[0-9a-f]+/[0-9a-f]{4}$")):
        scan(page, gone)
    state(page, "revoked")
    page.context.set_offline(True)
    page.locator("[data-next]").click()
    scan(page, gone)
    answer = state(page, "ambiguous")
    assert answer.get_attribute("data-reason") == "revocation-uncertain"
    page.locator("[data-next]").click()
    scan(page, sound)
    state(page, "valid")


@pytest.mark.skipif("OPENCONSULAR_BENCH_LISTS" not in os.environ, reason="a measurement of its own")
def test_lists_of_millions(desk, browser, site, crowded):
    """For `bench.certificates_browser`: bytes, seconds to fetch and keep them, the longest the page stood still."""
    found = []
    for count in map(int, os.environ["OPENCONSULAR_BENCH_COUNTS"].split(",")):
        crowded(count, "URN:UVCI:01:CN:GONE#A")
        size = behind(lambda: sum(map(len, verifier.pack(now=desk.now).bundles.values())))
        page = browser.page("en")
        page.add_init_script(LONG_TASKS)
        started = time.monotonic()
        page.goto(f"{site}/verify/")
        page.locator("[data-status][data-ready=ready][data-old=false]").wait_for(timeout=300_000)
        fetched = time.monotonic() - started
        longest, while_fetching = page.evaluate(LONGEST)
        page.reload()
        started = time.monotonic()
        page.locator("[data-status][data-old=false]").wait_for(timeout=300_000)
        opened = time.monotonic() - started
        scan(page, desk.certificate())
        took = int(state(page, "valid").get_attribute("data-took"))
        found.append(
            {
                "entries": count,
                "megabytes": round(size / 1e6, 1),
                "fetched_s": round(fetched, 1),
                "opened_s": round(opened, 2),
                "verdict_ms": took,
                "longest_task_ms": longest,
                "longest_task_while_fetching_ms": while_fetching,
            }
        )
    Path(os.environ["OPENCONSULAR_BENCH_LISTS"]).write_text(json.dumps(found), encoding="utf-8")
