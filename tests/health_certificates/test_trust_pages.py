"""Entries of a list that were not taken: all of them, found by word, in the reader's language, as a file."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from openconsular.health_certificates.actions import trust
from tests.domain.health.trust_world import make
from tests.health_certificates.conftest import KEEPER

pytestmark = pytest.mark.django_db

COUNT = 130


@pytest.fixture
def source(now):
    """A list with one good entry and many that are none; one has a name a spreadsheet would run."""
    good = make("DSC PT")
    entries = [{"kid": good.kid64, "country": "PT", "rawData": good.text}]
    entries += [
        {"kid": "AAAAAAAAAAA=", "country": f"N{number}", "rawData": "AAAA"} for number in range(COUNT - 2)
    ]
    entries += [{"country": '=HYPERLINK("https://evil.example")', "rawData": "?"}]
    entries += [{"country": "FR"}]
    content = json.dumps({"certificates": entries}).encode()
    trust.add_source(name="big", kind="dsc-list", by=KEEPER, now=now)
    told = hashlib.sha256(content).hexdigest()
    edition = trust.import_list(name="big", content=content, confirmed=told, by=KEEPER, now=now)
    assert (edition.key_count, edition.problem_count) == (1, COUNT)


def shown(browser, **query):
    return browser.get(reverse("certificate-list", args=["big"]), query).content.decode()


def test_all_of_them_on_pages(source, as_):
    browser = as_("admin")
    assert f"{COUNT} entries not taken" in shown(browser)
    pages = [shown(browser, show="refused", page=number) for number in (1, 2, 3)]
    assert all(f"<code>N{number} " in "".join(pages) for number in range(COUNT - 2))
    assert pages[0].count('scope="row"') == pages[1].count('scope="row"') == 50


def test_found_by_country_or_reason(source, as_):
    browser = as_("admin")
    assert shown(browser, show="refused", q="N77 ").count('scope="row"') == 1
    assert shown(browser, show="refused", q="entry-empty").count('scope="row"') == 1
    assert "No entry matches" in shown(browser, show="refused", q="nowhere")


def test_in_the_language_of_the_reader(source, as_):
    browser = as_("health")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    page = shown(browser, show="refused", q="entry-empty")
    assert "既无证书" in page and "neither a certificate nor" in page


def test_as_a_file_that_runs_nothing(source, as_):
    response = as_("admin").get(reverse("certificate-list", args=["big"]), {"download": "refused"})
    assert response["Content-Type"].startswith("text/csv")
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(body))
    assert len(header) == 4 and len(rows) == COUNT
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    some = as_("admin").get(reverse("certificate-list", args=["big"]), {"download": "refused", "q": "N77 "})
    assert b"".join(some.streaming_content).count(b"\r\n") == 2


def test_the_same_on_the_command_line(source, capsys):
    call_command("certificates", "trust", "refused", "big", "--find", "entry-empty")
    assert capsys.readouterr().out.startswith("FR: entry-empty")
    call_command("certificates", "trust", "refused", "big", "--csv")
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == COUNT + 1 and any(row[0].startswith("'=HYPERLINK") for row in rows)
    with pytest.raises(SystemExit):  # it is stale by now, which monitoring wants to see
        call_command("certificates", "trust", "list")
    assert f"1 entries, {COUNT} refused" in capsys.readouterr().out


def test_a_list_in_parts_from_the_command_line(tmp_path, now, capsys):
    one, two = make("DSC PT"), make("DSC ES", country="ES")
    keys, status = tmp_path / "keys.json", tmp_path / "status.json"
    keys.write_text(json.dumps({one.kid64: one.text, two.kid64: two.text}))
    status.write_text(json.dumps([one.kid64]))
    from openconsular.domain.health.trust.bundle import pack

    told = hashlib.sha256(pack([keys.read_bytes(), status.read_bytes()])).hexdigest()
    call_command("certificates", "trust", "add", "it", "--kind", "dsc-list")
    call_command("certificates", "trust", "import", "it", str(keys), str(status), "--confirmed", told)
    assert "it: 1 entries" in capsys.readouterr().out


def test_an_earlier_edition_needs_a_word_for_it(source, as_, now):
    def file_of(one):
        content = json.dumps({"certificates": [{"kid": one.kid64, "rawData": one.text}]}).encode()
        return content, hashlib.sha256(content).hexdigest()

    first, second = make("DSC A"), make("DSC B")
    for hours, one in ((1, first), (2, second)):
        content, told = file_of(one)
        at = now + timedelta(hours=hours)
        trust.import_list(name="big", content=content, confirmed=told, by=KEEPER, now=at)
    content, told = file_of(first)
    browser, address = as_("admin"), reverse("certificate-list-import", args=["big"])
    fields = {"file": SimpleUploadedFile("list.json", content), "confirmed": told}
    answer = browser.post(address, fields)
    assert answer.status_code == 400 and "list-seen-before" in answer.content.decode()
    fields = {"file": SimpleUploadedFile("list.json", content), "confirmed": told, "goes_back": "on"}
    assert browser.post(address, fields).status_code == 302
