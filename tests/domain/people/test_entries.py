"""Names, phones, addresses and languages as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.people import emails, languages, names, phones
from openconsular.domain.people.errors import PeopleError


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("0917 123 4567", "PH", "+639171234567"),
        ("+63 (917) 123-4567", "CN", "+639171234567"),
        ("00639171234567", "CN", "+639171234567"),
        ("＋86 138 0013 8000", "PH", "+8613800138000"),
        ("13800138000", "CN", "+8613800138000"),
        ("٠٩١٧١٢٣٤٥٦٧", "PH", "+639171234567"),
    ],
)
def test_phones_become_e164(typed, region, number):
    assert phones.parse_phone(typed, region) == number


@pytest.mark.parametrize(
    "typed", ["", "hello", "12", "+999 1234567", "+63 917 123 4567 ext. 8", "1" * 50, "+"]
)
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(PeopleError):
        phones.parse_phone(typed, "CN")


@given(st.text(max_size=60))
def test_no_text_breaks_a_parser(text):
    for parse in (
        lambda: phones.parse_phone(text, "CN"),
        lambda: emails.parse_email(text),
        lambda: names.parse_name(text),
    ):
        try:
            once = parse()
        except PeopleError:
            continue
        assert once


@given(st.text(max_size=60))
def test_parsing_twice_is_parsing_once(text):
    for parse in (
        emails.parse_email,
        names.parse_name,
        lambda t: phones.parse_phone(t, "PH"),
        languages.parse_tag,
    ):
        try:
            once = parse(text)
        except PeopleError:
            continue
        assert parse(once) == once


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Sample@Example.ORG ", "sample@example.org"),
        ("ｓａｍｐｌｅ＠example.org", "sample@example.org"),
        ("a.b+c@münchen.example", "a.b+c@xn--mnchen-3ya.example"),
    ],
)
def test_addresses_are_normalised(typed, address):
    assert emails.parse_email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "a@b",
        "a b@example.org",
        "a@example..org",
        "a@-x.org",
        ".a@example.org",
        "a@1.2.3.4",
        "a@x.org\nBcc: y@z.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(PeopleError):
        emails.parse_email(typed)


@pytest.mark.parametrize("typed", ["示例甲", "Sample O’Person-Name", "عيّنة", "نمو\u200cنه", "Ñandú"])
def test_names_of_all_scripts_are_names(typed):
    assert names.parse_name(f"  {typed} ") == typed


@pytest.mark.parametrize("typed", ["", "   ", "123", "a\u202eb", "a\x00b", "☃", "x" * 121])
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(PeopleError):
        names.parse_name(typed)


def test_the_same_name_is_known_again():
    assert names.is_same_name("ＳＡＭＰＬＥ Person", "sample-person")
    assert not names.is_same_name("示例甲", "示例乙")
    assert not names.is_same_name("-", "!")


def test_masks_show_little():
    assert phones.masked("+639171234567") == "+63 ••• 67"
    assert emails.masked("sample@example.org") == "s•••@example.org"


@pytest.mark.parametrize(
    ("typed", "tag"), [("zh-hans", "zh-Hans"), ("EN", "en"), ("zh_hant_hk", "zh-Hant-HK")]
)
def test_language_tags(typed, tag):
    assert languages.parse_tag(typed) == tag
