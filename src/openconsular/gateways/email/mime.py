"""An e-mail as octets: text and HTML alternatives (RFC 2046 section 5.1.4) under headers nobody can inject into.

The standard library's message objects cost half a millisecond each; a warning to a hundred thousand people is
written here instead, and the tests read it back with the standard library.
"""

import base64
import hashlib
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from openconsular.gateways.base import Key, OutgoingMessage

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})+)", re.ASCII)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,59}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def envelope_address(address: str) -> str | None:
    """An address fit for RCPT TO, its domain in ASCII (IDNA); None when it is none or its local part is not ASCII.

    Source: RFC 5321 section 4.1.2 without quoted strings and literals; 64 octets before the sign, 254 in all.
    """
    local, at, domain = address.rpartition("@")
    if not at:
        return None
    try:
        ascii_address = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    found = _ADDRESS.fullmatch(ascii_address)
    return ascii_address if found and len(local) <= 64 and len(ascii_address) <= 254 else None


def message_id(key: Key, domain: str) -> str:
    """The same for the same key, so that a mailbox recognises a message sent again (RFC 5322 section 3.6.4)."""
    name = str(key)
    if not _PLAIN_KEY.fullmatch(name) or ".." in name or name.endswith("."):
        name = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"<{name}@{domain}>"


class Composer:
    """Writes e-mails of one sender. `sender` is an address, `sender_name` what people see beside it.

    Raises ValueError when the sender is no address.
    """

    def __init__(self, sender: str, sender_name: str = "") -> None:
        address = envelope_address(sender)
        if address is None:
            raise ValueError(f"{sender!r} is no e-mail address")
        self.sender = address
        self.domain = address.rpartition("@")[2]
        name = f"{header_text(sender_name)} " if sender_name else ""
        self._from = f"{name}<{address}>"

    def compose(self, message: OutgoingMessage, recipient: str, date: str) -> bytes:
        """The whole e-mail with CRLF line ends. `recipient` comes from `envelope_address`, `date` from
        `header_date`. Control characters in the subject become spaces."""
        language = (
            f"Content-Language: {message.language}\r\n" if _LANGUAGE.fullmatch(message.language) else ""
        )
        head = (
            f"From: {self._from}\r\nTo: {recipient}\r\nSubject: {header_text(message.subject)}\r\nDate: {date}\r\n"
            f"Message-ID: {message_id(message.key, self.domain)}\r\n"
            f"MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n{language}"
        )
        text = _part("plain", message.text)
        if not message.html:
            return (head + text).encode("ascii")
        # Base64 holds no "=_", so no body can contain the boundary.
        boundary = "=_alternative"
        return (
            f'{head}Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
            f"--{boundary}\r\n{text}\r\n--{boundary}\r\n{_part('html', message.html)}\r\n--{boundary}--\r\n"
        ).encode("ascii")


def header_text(text: str) -> str:
    """A text as the value of a header, on folded lines if long; encoded words where ASCII does not do (RFC 2047)."""
    clean = _UNPRINTABLE.sub(" ", text).encode("utf-8", "replace").decode("utf-8").strip()
    if clean.isascii() and len(clean) <= 66 and "=?" not in clean and not set(clean) & set('<>@,;:"()[]\\'):
        return clean
    return Header(clean, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def header_date(at: datetime) -> str:
    """An instant as RFC 5322 section 3.3 writes it."""
    return format_datetime(at)


def _part(kind: str, text: str) -> str:
    octets = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    encoded = base64.encodebytes(octets).decode("ascii").replace("\n", "\r\n")
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}"
