"""E-mail addresses, as far as they can be judged without sending anything."""

import re
import unicodedata

from openconsular.domain.people.errors import PeopleError

# RFC 5321, section 4.5.3.1: 64 octets before the @, 254 together (with the brackets of a path, 256).
LONGEST, LONGEST_LOCAL = 254, 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def parse_email(text: str) -> str:
    """An address as typed, normalised: spaces and full-width signs mended, the domain in lower case ASCII (IDNA 2003).

    The part before the @ is lowered too: the standard lets it differ by case, no provider of today does, and people
    type their first letter large. Quoted and non-ASCII local parts are refused. Raises PeopleError `email_unreadable`.
    """
    cleaned = unicodedata.normalize("NFKC", text).strip()
    local, _, domain = cleaned.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError as error:
        raise _unreadable() from error
    address = f"{local.lower()}@{ascii_domain}"
    labels = ascii_domain.split(".")
    if (
        len(address) > LONGEST
        or len(local) > LONGEST_LOCAL
        or not _LOCAL.fullmatch(local)
        or len(labels) < 2
        or not all(map(_LABEL.fullmatch, labels))
        or labels[-1].isdecimal()
    ):
        raise _unreadable()
    return address


def _unreadable() -> PeopleError:
    return PeopleError("email_unreadable", "This is not an e-mail address.")


def masked(address: str) -> str:
    """Enough to recognise one's own address by: "w•••@example.org"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
