"""Why somebody is in an incident, in words they can check."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext as _

from openconsular.alerts.models import Recipient
from openconsular.citizens import queries as citizens


def in_words(row: Recipient) -> str:
    """ "Your stay in Cebu until 3 May lies in the area concerned." — in the reader's language."""
    reason = row.reason
    place = citizens.place_label(reason.get("place_id"), str(reason.get("label", "")))
    until = _until(reason.get("until"), str(reason.get("timezone") or "UTC"))
    is_certain = reason.get("certainty") == "certain"
    facts = {"place": place, "until": until}
    if reason.get("kind") == "position":
        return _("The position you sent, near %(place)s, lies in the area concerned.") % facts
    if not is_certain:
        return (
            _("Your stay in %(place)s may lie in the area concerned: we do not know the exact place.") % facts
        )
    if reason.get("kind") == "residence":
        return _("Your residence in %(place)s lies in the area concerned.") % facts
    if until:
        return _("Your stay in %(place)s until %(until)s lies in the area concerned.") % facts
    return _("Your stay in %(place)s lies in the area concerned.") % facts


def _until(instant: object, zone: str) -> str:
    """The last day as the calendar at that place shows it."""
    if not isinstance(instant, str):
        return ""
    try:
        there = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError):
        return ""
    return formats.date_format(there, "MONTH_DAY_FORMAT")


def for_officers(row: Recipient) -> str:
    """The same, short, for a list of many people: "Stay in Cebu until 3 May"."""
    reason = row.reason
    facts = {
        "place": citizens.place_label(reason.get("place_id"), str(reason.get("label", ""))),
        "until": _until(reason.get("until"), str(reason.get("timezone") or "UTC")),
    }
    if reason.get("kind") == "position":
        return _("Position sent near %(place)s") % facts
    if reason.get("certainty") != "certain":
        return _("Stay in %(place)s, exact place unknown") % facts
    if reason.get("kind") == "residence":
        return _("Residence in %(place)s") % facts
    return (_("Stay in %(place)s until %(until)s") if facts["until"] else _("Stay in %(place)s")) % facts
