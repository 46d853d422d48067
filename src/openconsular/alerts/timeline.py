"""The words of an incident's timeline."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openconsular.alerts.models import TimelineEvent, Warning

Words = Callable[[dict[str, Any]], str]


def kind_name(kind: str) -> str:
    """A warning's kind as a word in a sentence."""
    return str(dict(Warning.Kind.choices).get(kind, kind))


def _people(data: dict[str, Any], name: str = "size") -> str:
    count = int(data.get(name) or 0)
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}


def _about(text: str, data: dict[str, Any], count: str = "size") -> str:
    return text % {**data, "kind": kind_name(str(data.get("warning", ""))), "people": _people(data, count)}


_LINES: dict[str, Words] = {
    "opened": lambda d: _("Incident opened: %(title)s") % d,
    "proposed": lambda d: _about(_("Proposed: %(kind)s to %(people)s"), d),
    "submitted": lambda d: _about(_("Waiting for a second person: %(kind)s to %(people)s"), d),
    "sent_back": lambda d: _about(_("Sent back to the desk: %(kind)s"), d),
    "discarded": lambda d: _about(_("Not sent: %(kind)s"), d),
    "released": lambda d: _about(_("Released: %(kind)s to %(people)s"), d),
    "sent": lambda d: _about(_("Handed over in full: %(kind)s, %(handed)d messages"), d),
    "stopped": lambda d: _about(_("Stopped: %(kind)s"), d),
    "help": lambda d: _about(_("Help needed: %(case)s, %(place)s, %(people)s"), d, "people"),
    "silent": lambda d: _about(_("Still silent: %(people)s; someone looks for them"), d, "people"),
    "over_untold": lambda d: _("Taken back by its issuer before anybody was warned; closed"),
    "no_area": lambda d: _("The hazard has no usable area: nobody can be warned by it"),
    "closed": lambda d: _("Incident closed: everybody is accounted for"),
}


def event_line(event: TimelineEvent) -> str:
    """One line of the timeline in the reader's language; an unknown kind is shown as it is."""
    words = _LINES.get(event.kind)
    return words(event.data) if words else event.kind
