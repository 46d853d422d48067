"""Phone numbers in E.164 (ITU-T E.164, 2010), by Google's libphonenumber data."""

import phonenumbers

from openconsular.domain.people.errors import PeopleError

LONGEST = 40


def parse_phone(text: str, region: str) -> str:
    """A number as typed, to E.164: ("0917 123 4567", "PH") -> "+639171234567".

    `region` is the ISO country in which a number without "+" is meant. Raises PeopleError `phone_unreadable` or
    `phone_unknown` (no such number range).
    """
    if len(text) > LONGEST:
        raise PeopleError("phone_unreadable", "This is not a phone number.")
    cleaned = text.strip().replace("＋", "+")
    if cleaned.startswith("00"):
        cleaned = "+" + cleaned[2:]
    try:
        number = phonenumbers.parse(cleaned, region or None)
    except phonenumbers.NumberParseException as error:
        raise PeopleError("phone_unreadable", "This is not a phone number with its country code.") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise PeopleError(
            "phone_unknown", "There is no such phone number. Check the country code and the digits."
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown(phone: str) -> str:
    """A number with gaps, as people read it: "+63 917 123 4567". What cannot be parsed is shown as it is."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        return phone


def masked(phone: str) -> str:
    """Enough to recognise one's own number by: "+63 ••• 67"."""
    try:
        code = f"+{phonenumbers.parse(phone).country_code}"
    except phonenumbers.NumberParseException:
        code = phone[:2]
    return f"{code} ••• {phone[-2:]}"


def regions() -> list[str]:
    """ISO codes of all countries with a dialling code, in order."""
    return sorted(phonenumbers.SUPPORTED_REGIONS)
