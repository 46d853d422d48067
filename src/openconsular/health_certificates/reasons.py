"""Reasons for which a row or a form is refused, in words."""

from django.utils.translation import gettext_lazy as _

_REASONS = {
    "missing": _("This is needed."),
    "too-long": _("This is too long."),
    "unfit-signs": _("This holds signs that nobody can see."),
    "in-the-future": _("This lies in the future."),
    "not-a-day": _("Write a day as 2026-05-17."),
    "not-an-instant": _("Write day and time as 2026-05-17T14:30:00+08:00."),
    "without-zone": _("Write the time with its zone, as 2026-05-17T14:30:00+08:00."),
    "before-birth": _("This is before the day of birth."),
    "out-of-order": _("These days do not follow one another."),
    "not-a-number": _("Write a number from 1 to 99."),
    "not-a-code": _("This is not a code of the list."),
    "unknown-code": _("This is not a code of the list."),
    "not-a-country": _("Write the two letters of a country."),
    "not-standard": _("Write it as in the lowest lines of the passport, with A to Z and <."),
    "needed-for-script": _("Copy the name in Latin letters from the lowest lines of the passport."),
    "not-latin": _("Write this in Latin letters: the card is completed in English or French."),
    "not-in-catalogue": _("This product is not in the catalogue of the WHO."),
    "computed": _("This follows from the product and is not written down."),
    "not-in-this-format": _("This kind of certificate cannot say that."),
    "duplicate-row": _("This row was sent before."),
    "wrong-columns": _("This row has another number of columns than the first line."),
    "row-unreadable": _("The quotation marks of this row do not match."),
    "not-utf-8": _("This row is not in UTF-8. Save the file as “CSV UTF-8”."),
    "row-too-long": _("This row is too long."),
}


def reason_text(code: str) -> str:
    return str(_REASONS.get(code, code))
