"""Telephone numbers and senders as SMPP wants them."""

import re

from openconsular.domain.sms.message import Address
from openconsular.foundation.errors import InvalidInput

_NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})", re.ASCII)


def digits_of(address: str) -> str:
    """The digits of an E.164 number, 7 to 15 of them, without the plus sign; empty when it is none."""
    found = _NUMBER.fullmatch(address)
    return found[1] if found else ""


def sender_address(sender: str) -> Address:
    """A sender: a short code of up to 8 digits, an international number, or a name of up to 11 characters (SMPP 3.4
    section 5.2.5). Raises InvalidInput for anything else.
    """
    if sender.isascii() and sender.isdecimal() and len(sender) <= 8:
        return Address(sender, 3, 0)
    digits = digits_of(sender)
    if digits:
        return Address(digits, 1, 1)
    if sender.isascii() and sender.isprintable() and 0 < len(sender) <= 11:
        return Address(sender, 5, 0)
    raise InvalidInput(f"{sender!r} is no sender of short messages.", code="sms-sender")
