"""Templates are filled strictly and never reach into what they are given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.texts import FIELDS, TextError, fields_in, fill, with_link


def test_fields_are_replaced_and_doubled_brackets_kept():
    assert fill("{event} in {place} {{not a field}}", {"event": "flood", "place": "X"}) == (
        "flood in X {not a field}"
    )


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{weather}", "unknown-field"),
        ("{event}", "missing-field"),
        ("{event.__class__}", "stray-brace"),
        ("{event[0]}", "stray-brace"),
        ("{event!r}", "stray-brace"),
        ("{0}", "stray-brace"),
        ("{}", "stray-brace"),
        ("a { b", "stray-brace"),
        ("a } b", "stray-brace"),
    ],
)
def test_what_is_no_field_is_refused(template, code):
    with pytest.raises(TextError) as refused:
        fill(template, {"place": "X"})
    assert refused.value.code == code


@given(st.text())
def test_a_value_is_taken_as_it_is_and_not_filled_again(value):
    assert fill("<{event}>", {"event": value}) == f"<{value}>"


@given(st.text())
def test_any_template_is_filled_or_refused_by_a_typed_error(template):
    try:
        filled = fill(template, dict.fromkeys(FIELDS, "x"))
    except TextError as refused:
        assert refused.code in {"unknown-field", "stray-brace"}
    else:
        assert fields_in(template) or "{{" in template or "}}" in template or filled == template


@given(st.text(), st.text(alphabet="abc/:.", max_size=20))
def test_a_link_is_put_in_whatever_else_stands_there(text, link):
    assert "{link}" not in with_link(text, link)
    assert with_link(f"{text.replace('{', '')}{{link}}", link).endswith(link)
