"""Forms as components: `{% load oc_form %}`, then `{% oc_form form %}` or `{% oc_field form.name %}`."""

from typing import Any

from django import template
from django.forms import BoundField, Form, MultiWidget
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("components/form.html")
def oc_form(form: Form) -> dict[str, Any]:
    """The error summary and every field of a form; the page writes `<form>`, the token and the buttons."""
    return {"form": form}


@register.inclusion_tag("components/field.html")
def oc_field(field: BoundField, *, short: bool = False) -> dict[str, Any]:
    """One field: label, hint, error, all tied together for screen readers. `short` keeps its own width."""
    return {
        "field": field,
        "kind": _kind(field),
        "hint_id": f"{field.auto_id}_helptext",
        "error_id": f"{field.auto_id}_error",
        "short": short,
        "choices": _choices(field) if _kind(field) == "choices" else [],
    }


@register.inclusion_tag("components/error_summary.html")
def oc_error_summary(form: Form) -> dict[str, Any]:
    """All errors of a form, each linked to its field. Nothing where there are none."""
    errors = [
        {
            "label": str(form[name].label).rstrip("?？.。:："),
            "text": error,
            "target": _first_input(form[name]),
        }
        for name, texts in form.errors.items()
        if name in form.fields and not form[name].is_hidden
        for error in texts
    ]
    hidden = [e for f in form.hidden_fields() for e in f.errors]
    errors += [{"text": error, "target": ""} for error in [*form.non_field_errors(), *hidden]]
    return {"errors": errors}


@register.simple_tag
def oc_input(field: BoundField, *, short: bool = False) -> SafeString:
    """The input itself, with the design system's class."""
    widget = field.field.widget
    attrs: dict[str, Any] = {"class": f"ds-input {widget.attrs.get('class', '')}".strip()}
    if short:
        attrs["data-short"] = True
    if str(widget.attrs.get("placeholder", "")) == str(field.label):
        # A label inside the field as well only goes away when it is needed.
        attrs["placeholder"] = False
    return field.as_widget(attrs=attrs)


def _choices(field: BoundField) -> list[dict[str, Any]]:
    """Each choice as its input, with the design system's class, and its label."""
    choices = []
    for choice in field.subwidgets:
        choice.data["attrs"]["class"] = "ds-input"
        choices.append({"input": choice.tag(), "id": choice.id_for_label, "label": choice.choice_label})
    return choices


def _kind(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "tick"
    return "group" if isinstance(widget, MultiWidget) else "input"


def _first_input(field: BoundField) -> str:
    """The id of what a link to a field should lead to: for choices, the first of them."""
    if _kind(field) in ("choices", "group"):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id
