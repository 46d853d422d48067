"""A text that would lead people astray does not leave the house."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.texts import check_text, count_parts

HOSTS = {"s.gov.example"}
GOOD = {
    "sms": "Flood. Reply 1 SAFE or 2 HELP, or {link}",
    "subject": "Flood",
    "body": "Stay inside.\n{link}",
}
WORDS = {"safe": ["1", "SAFE"], "help": ["2", "HELP"]}


def codes(kind="warning", hosts=HOSTS, words=WORDS, **changed):
    return {one.code for one in check_text(kind, {**GOOD, **changed}, allowed_hosts=hosts, words=words)}


def errors(**changed):
    found = check_text("warning", {**GOOD, **changed}, allowed_hosts=HOSTS, words=WORDS)
    return {(one.code, one.field) for one in found if one.is_error}


def test_a_good_text_has_no_problem():
    assert codes() == set()


@pytest.mark.parametrize(
    "lure",
    [
        "https://evil.example/x",
        "HTTP://EVIL.EXAMPLE",
        "http://s.gov.example.evil.example/",
        "https://s.gov.example@evil.example/",
        "https://evil.example\\@s.gov.example/",
        "https://good.evil.example#s.gov.example",
        "www.evil.example",
        "evil.example/now",
        "bit.ly/3xyz",
        "t.co",
        "163.com",
        "ｈｔｔｐｓ：//ｅｖｉｌ．ｅｘａｍｐｌｅ",
        "evil．example",
        "例子.中国",
        "xn--fsq.xn--fiqs8s",
        "http://10.0.0.1/",
        "10.0.0.1",
        "ftp://s.gov.example/",
        "javascript:alert(1)",
        "请看evil.example",
        "点击https://evil.example。",
        "请点evil.example立即登记",
        "马上打开" * 30 + "evil.example查看",
        "打开例子.com查看",
        "1https://evil.example",
        "a" * 80 + ".example",
        "https://[::1]/",
        "https://s.gov.example:99999/",
    ],
)
def test_a_link_to_anywhere_else_is_an_error(lure):
    for field in ("sms", "subject", "body"):
        text = {**GOOD}[field] + f" {lure} "
        assert ("foreign-link", field) in errors(**{field: text})


@pytest.mark.parametrize(
    "path", ["/login", "/staff/login/", "/sign-in", "/x?next=/accounts/", "/a?token=1", "/SignIn"]
)
def test_a_link_to_a_sign_in_is_an_error_even_on_the_right_host(path):
    assert ("login-link", "body") in errors(body=f"{{link}} https://s.gov.example{path}")


def test_a_link_to_the_short_address_is_allowed():
    assert codes(body="{link} https://s.gov.example/advice or s.gov.example/advice") == set()


@pytest.mark.parametrize(
    "plain",
    ["Magnitude 6.5, 3.5 km deep", "at 20.30 h", "U.S. Geological Survey", "e.g. stairs", "1. Go. 2. Wait."],
)
def test_plain_sentences_are_not_taken_for_links(plain):
    assert codes(body=plain + " {link}") == set()


@given(st.text(), st.sampled_from(["https://evil.example/", "evil.example/x", "http://evil.example"]))
def test_a_lure_is_found_among_any_other_words(noise, lure):
    assert "foreign-link" in codes(body=f"{noise}\n{lure} {{link}}")


@pytest.mark.parametrize("kind", ["warning", "update", "reminder"])
def test_what_asks_for_an_answer_needs_the_link(kind):
    assert "link-missing" in codes(kind, sms="Flood. 1 SAFE 2 HELP")
    assert "link-missing" in codes(kind, body="Flood.")


@pytest.mark.parametrize("kind", ["all_clear", "retraction"])
def test_what_asks_for_nothing_does_not(kind):
    assert codes(kind, sms="It is over.", body="It is over.") == set()


@pytest.mark.parametrize("field", ["sms", "subject", "body"])
def test_an_empty_text_is_an_error(field):
    assert ("empty-text", field) in errors(**{field: " \n"})


@pytest.mark.parametrize("bad", ["{place}", "{lnk}", "{", "}"])
def test_a_field_that_would_reach_people_unfilled_is_an_error(bad):
    assert ("unknown-field", "sms") in errors(sms=GOOD["sms"] + bad)


def test_the_link_is_no_subject_and_a_subject_is_one_line():
    assert ("unknown-field", "subject") in errors(subject="See {link}")
    assert ("control-character", "subject") in errors(subject="Flood\r\nBcc: all@people.example")


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u202e"])
def test_characters_nobody_sees_are_errors(hidden):
    assert ("control-character", "body") in errors(body=f"{{link}} a{hidden}b")


def test_ascii_punctuation_after_han_is_a_hint():
    assert codes(body="洪水,请注意。{link}") == {"ascii-punctuation"}
    assert codes(body="洪水，请注意。{link}") == set()


def test_an_sms_says_how_to_answer():
    assert "no-reply-words" in codes(sms="Flood. {link}")
    assert "no-reply-words" not in codes(sms="洪水。回复１平安，２求助。{link}")


def test_long_messages_are_hinted_at_and_endless_ones_refused():
    assert codes(sms=GOOD["sms"] + "水" * 220) == {"many-parts"}
    assert ("text-too-long", "sms") in errors(sms=GOOD["sms"] + "水" * 700)


@pytest.mark.parametrize(
    "piece", ["a", "a-", "a.", "a_", "http:", "a://", "a@", "a.b@", "1.", "{", "é.", "水a."]
)
def test_no_text_makes_the_check_slow(piece):
    began = time.perf_counter()
    endless = (piece * 20_000)[:20_000]
    check_text("warning", {"sms": endless, "subject": endless, "body": endless}, allowed_hosts=HOSTS)
    assert time.perf_counter() - began < 3


def test_parts_are_counted_with_the_link_put_in():
    assert count_parts("水" * 30 + "{link}", "x" * 40) == 1
    assert count_parts("水" * 30 + "{link}", "x" * 41) == 2
