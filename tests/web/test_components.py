"""The components say in words what they show in colour, and tie labels, hints and errors to their inputs."""

import re
from datetime import UTC, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

AT = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def draw(source: str, *, address: str = "/", language: str = "en", **context) -> str:
    request = RequestFactory().get(address)
    with translation.override(language):
        return engines["django"].from_string("{% load oc oc_form %}" + source).render(context, request)


class Registration(forms.Form):
    name = forms.CharField(help_text="As in the passport.")
    channels = forms.MultipleChoiceField(
        choices=[("sms", "SMS"), ("email", "Email")], widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(required=False)


def test_a_level_is_word_shape_and_colour():
    html = draw('{% oc_level "Do not travel" "red" "triangle" %}')
    assert "Do not travel" in html
    assert 'data-color="danger"' in html
    assert "<svg" in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("colour", ["red", "orange", "yellow", "blue"])
def test_each_colour_of_warning_has_a_shape_of_its_own(colour):
    shapes = {
        c: draw("{% oc_level 'x' colour %}", colour=c).split("<svg")[1]
        for c in ("red", "orange", "yellow", "blue")
    }
    others = [shape for c, shape in shapes.items() if c != colour]
    assert shapes[colour] not in others


def test_an_alert_escapes_its_title_and_keeps_its_content():
    html = draw(
        '{% oc_alert title=title word="Red" colour="red" %}<p>Stay inside.</p>{% endoc_alert %}', title="<b>x"
    )
    assert "Red: &lt;b&gt;x" in html
    assert "<p>Stay inside.</p>" in html


def test_a_wrong_field_is_tied_to_its_error_and_hint():
    html = draw("{% oc_field form.name %}", form=Registration({"name": ""}))
    tied = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert 'aria-invalid="true"' in html
    assert all(f'id="{one}"' in html for one in tied)
    assert len(tied) == 2
    assert '<label class="ds-label" for="id_name">' in html


def test_the_error_summary_leads_to_inputs_that_exist():
    form = Registration({"name": ""})
    html = draw("{% oc_form form %}", form=form)
    targets = re.findall(r'href="#([^"]+)"', html)
    assert len(targets) == 2
    assert all(f'id="{target}"' in html for target in targets)


def test_choices_stand_in_a_fieldset_with_a_legend():
    html = draw("{% oc_field form.channels %}", form=Registration())
    assert html.count("<fieldset") == 1
    assert html.count('type="checkbox"') == 2
    assert all(f'for="id_channels_{n}"' in html for n in (0, 1))


def test_optional_fields_say_so_and_django_renders_forms_the_same_way():
    assert "(optional)" in draw("{% oc_field form.note %}", form=Registration())
    assert "ds-field" in str(Registration())


def test_sorting_keeps_the_filters_and_drops_the_page():
    html = draw('{% oc_sort "Number" "number" %}', address="/?q=li&page=3&sort=number")
    assert 'aria-sort="ascending"' in html
    assert 'href="?q=li&amp;sort=-number"' in html


def test_pages_keep_the_filters_and_name_the_present_one():
    page = Paginator(range(100), 10).page(2)
    html = draw("{% oc_pagination page %}", address="/?q=li", page=page)
    assert 'aria-current="page" href="?q=li&amp;page=2"' in html
    assert 'rel="next" href="?q=li&amp;page=3"' in html


def test_one_page_needs_no_links():
    assert not draw("{% oc_pagination page %}", page=Paginator(range(3), 10).page(1)).strip()


def test_a_bar_says_the_same_in_words_and_fills_the_whole():
    parts = [
        {"value": 3, "label": "Safe", "colour": "success"},
        {"value": 1, "label": "Silent", "colour": "neutral"},
    ]
    html = draw('{% oc_bar parts "Answers" %}', parts=parts)
    assert "Safe 3" in html
    assert 'width="75.000%"' in html
    assert 'x="75.000%"' in html


def test_progress_of_nothing_is_no_division_by_zero():
    assert "0%" in draw('{% oc_progress 0 0 "Sent" %}')


def test_numbers_and_dates_follow_the_language():
    assert draw("{{ n|oc_number }}", n=18204) == "18,204"
    assert "2026年6月1日 08:00" in draw("{% oc_time at relative=False %}", language="zh-hans", at=AT)
    assert "1 Jun 2026 08:00 UTC" in draw("{% oc_time at relative=False %}", at=AT)


def test_a_time_elsewhere_is_the_wall_time_there_and_machines_read_the_instant():
    html = draw('{% oc_time at relative=False zone="Asia/Manila" %}', at=AT)
    assert "16:00" in html
    assert 'datetime="2026-06-01T08:00:00+00:00"' in html
    assert "UTC" not in html


def test_no_time_is_nothing():
    assert not draw("{% oc_time None %}").strip()


def test_empty_facts_are_left_out():
    html = draw("{% oc_kv rows %}", rows=[("Name", "Li"), ("Phone", ""), ("Email", None), ("Children", 0)])
    assert "Phone" not in html
    assert "Email" not in html
    assert "Children" in html


def test_a_log_is_a_box_around_the_list():
    html = draw('{% oc_timeline events log=True label="Live" %}', events=[{"at": AT, "title": "Safe"}])
    assert re.search(r'<div role="log"[^>]*><ol', html)
