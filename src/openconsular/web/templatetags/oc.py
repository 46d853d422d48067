"""The components of the interface as template tags: `{% load oc %}`. The style guide shows each of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from django import template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openconsular.web.icons import COLOURS, ICONS, SHAPES

register = template.Library()


# Languages that tools/assets.py gathers the names of cities in.
MAP_LANGUAGES = ("ar", "en", "fr", "zh")
# How dates are written: the day before the month, and 24 hours, wherever English is read.
_LOCALES = {"zh-hans": "zh-Hans", "en": "en-GB"}


def colour_of(name: str) -> str:
    """The design system's colour for a warning grade's or a state's colour."""
    return COLOURS.get(name, name)


@register.filter
def oc_language(tag: str) -> str:
    """A language as the reader calls it, such as "Chinese (Simplified)" for "zh-Hans"; a tag nobody knows stays."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name(_locale()) or tag
    except (ValueError, UnknownLocaleError):
        return tag
    # CLDR writes narrow brackets in Chinese too.
    return name.replace(" (", "（").replace(")", "）") if _locale().language == "zh" else name


@register.simple_tag
def oc_icon(name: str, *, flip: bool = False) -> SafeString:
    """A decorative icon; the word beside it carries the meaning. `flip` mirrors it where text runs from the right."""
    inside = mark_safe(ICONS[name])  # noqa: S308 - drawn by us
    return format_html(
        '<svg class="oc-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"{}>{}</svg>',
        mark_safe(" data-flip") if flip else "",
        inside,
    )


@register.inclusion_tag("components/level.html")
def oc_level(word: str, colour: str, shape: str = "") -> dict[str, Any]:
    """A warning level: word, shape and colour together."""
    return {"word": word, "colour": colour_of(colour), "icon": shape or SHAPES.get(colour, "circle")}


@register.inclusion_tag("components/level.html")
def oc_grade(grade: Any) -> dict[str, Any]:
    """A `foundation.profile.Grade` as a level."""
    return {"word": grade.name, "colour": colour_of(grade.colour), "icon": grade.shape}


@register.simple_tag
def oc_tag(text: str, colour: str = "neutral") -> SafeString:
    """A short state beside a thing, such as "Needs help"."""
    return format_html('<span class="ds-tag" data-color="{}">{}</span>', colour_of(colour), text)


@register.simple_block_tag
def oc_alert(
    content: str,
    *,
    title: str,
    colour: str = "info",
    shape: str = "",
    word: str = "",
    heading: int = 2,
    live: bool = False,
) -> SafeString:
    """A banner. `word` (the level's name) stands before the title; `live` announces it to screen readers."""
    context = {
        "content": content,
        "title": title,
        "colour": colour_of(colour),
        "icon": shape or SHAPES.get(colour, "circle"),
        "word": word,
        "heading": f"h{heading}",
        "live": live,
    }
    return _render("components/alert.html", context)


@register.simple_block_tag
def oc_card(content: str, *, title: str = "", id: str = "", heading: int = 2) -> SafeString:
    """A card. With `id` and `title` it is a landmark that screen readers can jump to."""
    context = {"content": content, "title": title, "id": id, "heading": f"h{heading}"}
    return _render("components/card.html", context)


@register.simple_block_tag
def oc_panel(content: str, *, title: str, id: str, scroll: bool = False) -> SafeString:
    """A pane of the console; `scroll` lets a long one scroll by itself, also with the keyboard."""
    return _render("components/panel.html", {"content": content, "title": title, "id": id, "scroll": scroll})


@register.simple_block_tag
def oc_table(content: str, *, caption: str, id: str, rows: bool = False, stack: bool = False) -> SafeString:
    """A table around `<thead>` and `<tbody>`; scrolls sideways in itself. `rows`: `j`/`k` walk its rows.

    `stack`: on a telephone each row becomes a block; a cell whose value needs it says its heading in `data-label`."""
    context = {"content": content, "caption": caption, "id": id, "rows": rows, "stack": stack}
    return _render("components/table.html", context)


@register.inclusion_tag("components/sort.html", takes_context=True)
def oc_sort(context: template.Context, label: str, key: str, *, numeric: bool = False) -> dict[str, Any]:
    """A column heading that sorts by `key`: writes `?sort=key` or `?sort=-key` and keeps the other filters."""
    now = context["request"].GET.get("sort", "")
    state = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    wanted = f"-{key}" if now == key else key
    return {
        "label": label,
        "state": state,
        "icon": {"ascending": "up", "descending": "down"}.get(state, "sort"),
        "query": _query(context, sort=wanted, page=None),
        "numeric": numeric,
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def oc_pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the pages around this one, keeping the filters in the address."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        {
            "number": n,
            "query": _query(context, page=n) if isinstance(n, int) else "",
            "current": n == page.number,
        }
        for n in numbers
    ]
    return {
        "page": page,
        "links": links,
        "previous": _query(context, page=page.previous_page_number()) if page.has_previous() else "",
        "next": _query(context, page=page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/kpis.html")
def oc_kpis(figures: Sequence[Mapping[str, Any]], id: str = "") -> dict[str, Any]:
    """Figures in a row: each `{"value", "label"}` and, if wanted, `"share"` ("62%"), `"colour"`, `"href"`."""
    rows = [{**figure, "colour": colour_of(figure.get("colour", ""))} for figure in figures]
    return {"figures": rows, "id": id}


@register.inclusion_tag("components/bar.html")
def oc_bar(parts: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Shares of a whole as a bar, and the same in words below: each part `{"value", "label", "colour"}`."""
    total = sum(part["value"] for part in parts) or 1
    start = 0.0
    drawn = []
    for part in parts:
        width = 100 * part["value"] / total
        drawn.append(
            {**part, "colour": colour_of(part["colour"]), "x": f"{start:.3f}", "width": f"{width:.3f}"}
        )
        start += width
    return {"parts": drawn, "label": label}


@register.inclusion_tag("components/progress.html")
def oc_progress(value: int, total: int, label: str, colour: str = "accent", id: str = "") -> dict[str, Any]:
    """How far something is, as words and as a bar."""
    share = min(100, 100 * value // total) if total else 0
    return {
        "value": value,
        "total": max(total, 1),
        "share": share,
        "label": label,
        "colour": colour,
        "id": id,
    }


@register.inclusion_tag("components/timeline.html")
def oc_timeline(events: Sequence[Mapping[str, Any]], *, log: bool = False, label: str = "") -> dict[str, Any]:
    """What happened, newest first: each `{"at": datetime, "title"}` and, if wanted, `"text"`, `"colour"`, `"href"`.

    `log` announces what is added to screen readers."""
    return {
        "events": [{**e, "colour": colour_of(e.get("colour") or "accent")} for e in events],
        "log": log,
        "label": label,
    }


@register.inclusion_tag("components/time.html")
def oc_time(at: datetime | None, *, relative: bool = True, zone: str = "") -> dict[str, Any]:
    """An instant. `relative` lets it become "5 minutes ago"; `zone` (IANA) adds the wall time of that place."""
    if at is None:
        return {"at": None}
    place = ZoneInfo(zone) if zone else get_current_timezone()
    there = at.astimezone(place)
    locale = _locale()
    return {
        "at": at,
        "instant": at.astimezone(UTC).isoformat(timespec="seconds"),
        "text": f"{format_date(there, 'medium', locale)} {format_time(there, 'short', locale=locale)}",
        "relative": relative,
        "zone": zone,
        "zone_name": "" if zone else place.tzname(at),
    }


@register.inclusion_tag("components/empty.html")
def oc_empty(
    title: str, text: str = "", icon: str = "inbox", href: str = "", action: str = ""
) -> dict[str, Any]:
    """Nothing here: says why, and what next."""
    return {"title": title, "text": text, "icon": icon, "href": href, "action": action}


@register.inclusion_tag("components/steps.html")
def oc_steps(names: Sequence[str], current: int) -> dict[str, Any]:
    """Where one is among steps; `current` counts from 1."""
    states = [
        {"name": name, "state": "done" if n < current else "current" if n == current else "next"}
        for n, name in enumerate(names, start=1)
    ]
    return {"steps": states}


@register.inclusion_tag("components/facts.html")
def oc_kv(rows: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Names and values; a value may be safe HTML. Empty ones are left out."""
    return {"rows": [(name, value) for name, value in rows if value not in (None, "")]}


@register.inclusion_tag("components/undo.html", takes_context=True)
def oc_undo(
    context: template.Context, text: str, action: str, *, seconds: int = 60, floating: bool = False
) -> dict[str, Any]:
    """What was just done, with a button (POST to `action`) that takes it back."""
    return {
        "text": text,
        "action": action,
        "seconds": seconds,
        "floating": floating,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/hotline.html", takes_context=True)
def oc_hotline(context: template.Context) -> dict[str, Any]:
    """The consular hotline as a link that dials."""
    return {"profile": context.get("profile")}


@register.inclusion_tag("components/pending.html", takes_context=True)
def oc_pending(context: template.Context) -> dict[str, Any]:
    """Where an answer that could not be sent yet is shown. Once on each page with a form `data-oc-queue`."""
    return {"profile": context.get("profile")}


@register.inclusion_tag("components/map.html")
def oc_map(
    label: str,
    *,
    hazards: str = "",
    cells: str = "",
    bounds: str = "",
    view: str = "20,20,1.2",
    id: str = "map",
) -> dict[str, Any]:
    """The map. `hazards` and `cells` are addresses of GeoJSON, `bounds` is "[[w,s],[e,n]]", `view` "lon,lat,zoom"."""
    return {
        "label": label,
        "hazards": hazards,
        "cells": cells,
        "bounds": bounds,
        "view": view,
        "id": id,
        "words": _map_words(),
        "cities": _map_cities(),
    }


@register.inclusion_tag("components/picker.html")
def oc_picker(lat: str, lon: str, *, view: str = "20,20,1.2") -> dict[str, Any]:
    """Two buttons, "use my position" and "show the map", that fill the inputs with the ids `lat` and `lon`."""
    return {"lat": lat, "lon": lon, "view": view, "words": _map_words(), "cities": _map_cities()}


def _locale() -> Locale:
    language = get_language() or "en"
    return Locale.parse(_LOCALES.get(language, language), sep="-")


def _map_cities() -> str:
    """The file of cities in the reader's language, or in English."""
    language = (get_language() or "en").partition("-")[0]
    return f"dist/cities-{language if language in MAP_LANGUAGES else 'en'}.json"


def _map_words() -> dict[str, str]:
    """What the map's own buttons and hints say; the keys are MapLibre's."""
    return {
        "Map.Title": _("Map"),
        "NavigationControl.ZoomIn": _("Zoom in"),
        "NavigationControl.ZoomOut": _("Zoom out"),
        "AttributionControl.ToggleAttribution": _("About this map"),
        "Popup.Close": _("Close"),
        "Marker.Title": _("Chosen place"),
        "CooperativeGesturesHandler.WindowsHelpText": _("Hold Ctrl and scroll to zoom the map"),
        "CooperativeGesturesHandler.MacHelpText": _("Hold ⌘ and scroll to zoom the map"),
        "CooperativeGesturesHandler.MobileHelpText": _("Use two fingers to move the map"),
    }


def _render(name: str, context: dict[str, Any]) -> SafeString:
    return render_to_string(name, context)


def _query(context: template.Context, **changes: Any) -> str:
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.filter
def oc_number(value: Any) -> str:
    """A number as the reader's language groups its digits; anything else as it is."""
    return format_decimal(value, locale=_locale()) if isinstance(value, int | float | Decimal) else str(value)


@register.filter
def json(value: Any) -> str:
    """A value as JSON, for templates that are scripts or data attributes."""
    return dumps(value, ensure_ascii=False)
