"""The lock on what a telephone keeps: nothing of it can be read in the storage, and its holder opens it without a network."""

# ruff: noqa: F811 - fixtures are named as arguments
import pytest

from openconsular.domain.health.carriers import pictures
from openconsular.health_certificates.models import Issued
from tests.journeys.conftest import behind, is_well_made, say
from tests.journeys.test_certificates import BORN, claim_on, code_on, desk, dose  # noqa: F401

CODE = "paper lantern 7"
STORED = """async () => {
    const said = [];
    for (const { name } of await indexedDB.databases()) {
        const db = await new Promise(done => { const one = indexedDB.open(name); one.onsuccess = () => done(one.result); });
        for (const store of db.objectStoreNames) {
            const all = await new Promise(done => { const one = db.transaction(store).objectStore(store).getAll(); one.onsuccess = () => done(one.result); });
            said.push(...all.map(one => JSON.stringify(one, (key, value) =>
                value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder('latin1').decode(value) : value)));
        }
        db.close();
    }
    return [said.join(), JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join();
}"""


@pytest.fixture
def telephone(site, desk, browser, now):
    """A telephone that keeps one certificate, at the page of what it keeps."""
    told = behind(lambda: dose(desk, now))
    page = browser.page("zh-CN", width=360)
    claim_on(page, site, told.code, "zh-hans")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("button", name=say("Keep it on this telephone", "zh-hans")).click()
    page.locator("[data-when=kept]:visible").wait_for()
    page.goto(f"{site}/certificates/device/")
    page.locator(".oc-code img").wait_for()
    return page


def offer(page):
    page.locator("[data-lock] summary").click()


def lock(page, code=CODE):
    if not page.locator("#lock-code").is_visible():
        offer(page)
    page.locator("#lock-code").fill(code)
    page.locator("#lock-again").fill(code)
    page.get_by_role("button", name=say("Lock with this code", "zh-hans")).click()
    page.locator("[data-unlock-form]").wait_for()


def unlock(page, code=CODE):
    page.locator("#open-code").fill(code)
    page.locator("#open-code").press("Enter")


def test_locked_it_holds_nothing_to_read_and_opens_without_a_network(site, telephone, browser):
    browser.expected = ("ERR_INTERNET_DISCONNECTED",)
    page, text = telephone, behind(lambda: Issued.objects.get().text)
    assert "Zhang" in page.evaluate(STORED)
    is_well_made(page)
    offer(page)
    is_well_made(page)
    page.locator("#lock-code").fill("12345")
    page.get_by_role("button", name=say("Lock with this code", "zh-hans")).click()
    page.get_by_text(say("This is too short: at least 6 signs.", "zh-hans")).wait_for()
    page.locator("#lock-code").fill("123456")
    page.locator("#lock-again").fill("123457")
    page.locator("#lock-again").press("Enter")
    page.get_by_text(say("The two codes differ.", "zh-hans")).wait_for()
    is_well_made(page)
    lock(page)
    assert page.locator(".oc-code img").is_visible()
    is_well_made(page)

    page.context.set_offline(True)
    page.reload()
    page.locator("[data-locked]").wait_for()
    assert page.evaluate("document.activeElement.id") == "open-code"
    is_well_made(page)
    shown, stored = page.locator("main").inner_text(), page.evaluate(STORED)
    for secret in ("Zhang", "Wei", BORN, "YF-0042", text[:40], "data:image", CODE):
        assert secret not in shown and secret not in stored, secret
    unlock(page, "paper lantern 8")
    page.get_by_text(say("This is not the code.", "zh-hans")).wait_for()
    assert page.locator(".oc-code").count() == 0
    is_well_made(page)
    unlock(page)
    page.locator(".oc-code img").wait_for()
    assert code_on(page) == text
    page.locator(".oc-code").click()
    page.locator("dialog[open] img").wait_for()
    assert pictures.codes_in(page.locator("dialog[open] img").screenshot()) == (text,)


def test_another_one_is_kept_while_it_is_locked(site, desk, telephone, now):
    lock(telephone)
    told = behind(lambda: dose(desk, now, given_name="Mei"))
    telephone.context.clear_cookies()
    claim_on(telephone, site, told.code, "zh-hans")
    telephone.get_by_role("button", name=say("Keep it on this telephone", "zh-hans")).click()
    telephone.locator("[data-when=kept]:visible").wait_for()
    assert "Mei" not in telephone.evaluate(STORED)
    telephone.goto(f"{site}/certificates/device/")
    telephone.locator("[data-locked]").wait_for()
    unlock(telephone)
    telephone.locator(".oc-code img").nth(1).wait_for()
    assert telephone.locator("[data-name]:visible").all_inner_texts() == ["Mei Zhang", "Wei Zhang"]
    # The lock comes off: everything is as it was before.
    telephone.get_by_role("button", name=say("Take the lock off", "zh-hans")).click()
    telephone.locator("[data-lock] summary").wait_for()
    telephone.reload()
    telephone.locator(".oc-code img").nth(1).wait_for()


def test_put_away_it_locks_itself_and_a_lost_code_costs_only_what_is_kept(telephone):
    lock(telephone)
    telephone.clock.install()
    telephone.evaluate(
        """() => {
            Object.defineProperty(document, 'hidden', { value: true, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    telephone.clock.run_for(61_000)
    telephone.locator("[data-locked]").wait_for()
    assert telephone.locator(".oc-code").count() == 0
    telephone.locator("[data-do=wipe]").click()
    telephone.locator("[data-empty]:visible").wait_for()
    assert "sealed" not in telephone.evaluate(STORED) and "wrapped" not in telephone.evaluate(STORED)
