"""Links in a text, found as phones find them.

The gravest fault of a mass message is a link that leads elsewhere: people are told to trust links in warnings, so
a warning carries one link only, to the one short domain, and never one to a sign-in.
"""

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from openconsular.domain.texts.fill import LINK
from openconsular.domain.texts.problems import HIDES, LEADS_AWAY, MAIL_ADDRESS, SIGN_IN, Problem

# Every repetition is bounded, so that no text makes the search slow: sizes are those of RFC 1035 section 2.3.4.
_PATH = r"(?::\d{1,5})?(?:[/?#\\][^\s<>\"'，。；！）】》、]*)?"
_TOP = r"(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59}|中国|公司|网络|网址|在线|集团)(?![a-z0-9_-])"
_WITH_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}:/{1,9}[^\s<>\"'，。；！）】》、]*", re.IGNORECASE)
_SCRIPT = re.compile(r"\b(?:javascript|data|vbscript|file|tel|sms|intent):\S+", re.IGNORECASE)
# A phone finds an address in the middle of a Chinese sentence, so ASCII is looked for first, wherever it begins.
_BARE = re.compile(rf"(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,10}}{_TOP}{_PATH}", re.IGNORECASE)
_BARE_IN_OTHER_LETTERS = re.compile(
    rf"(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.){{1,10}}{_TOP}{_PATH}", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])\S*")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SIGN_IN_PATH = re.compile(
    r"log-?in|log-?on|sign-?in|sign-?up|account|auth|passw|verify|oauth|sso|session|console|staff|token=|password=",
    re.IGNORECASE,
)


def check_links(field: str, text: str, allowed_hosts: Collection[str]) -> list[Problem]:
    """Every link in the text that does not lead to `allowed_hosts` or leads to a sign-in, and e-mail addresses."""
    # Full-width letters and dots look like a link and are opened as one by some phones; {link} is ours.
    plain = unicodedata.normalize("NFKC", text.replace(LINK, " "))
    hosts = {host.lower() for host in allowed_hosts}
    found = [
        Problem("email-address", field, MAIL_ADDRESS, {"address": address}, is_error=False)
        for address in _EMAIL.findall(plain)
    ]
    plain = _EMAIL.sub(" ", plain)
    for link in _candidates(plain):
        parts = _split(link)
        if parts is None or parts.scheme not in ("http", "https") or (parts.hostname or "") not in hosts:
            found.append(Problem("foreign-link", field, LEADS_AWAY, {"found": link}))
        elif parts.username is not None or "\\" in link:
            found.append(Problem("foreign-link", field, HIDES, {"found": link}))
        elif _SIGN_IN_PATH.search(f"{parts.path}?{parts.query}#{parts.fragment}"):
            found.append(Problem("login-link", field, SIGN_IN, {"found": link}))
    return found


def _candidates(plain: str) -> list[str]:
    found = [one.group() for one in _WITH_SCHEME.finditer(plain)]
    rest = _WITH_SCHEME.sub(" ", plain)
    for pattern in (_SCRIPT, _NUMBERED, _BARE, _BARE_IN_OTHER_LETTERS):
        found += [one.group() for one in pattern.finditer(rest)]
        rest = pattern.sub(" ", rest)
    return found


def _split(link: str) -> SplitResult | None:
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        _ = parts.port
    except ValueError:
        return None
    return parts
