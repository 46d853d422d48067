"""What is wrong with a text before it goes out to many people.

The gravest fault of a mass message is a link that leads elsewhere: people are told to trust links in warnings, so
a warning carries one link only, to the one short domain, and never one to a sign-in.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from openconsular.domain.sms.segments import TextNotSendable, segments
from openconsular.domain.texts.errors import TextError
from openconsular.domain.texts.fill import LINK, fields_in, with_link

LINKED_KINDS = ("warning", "update", "reminder")
"""Messages that ask for an answer and so need the answer link."""

MANY_PARTS = 3
"""Above this many parts a short message arrives late or torn on weak networks: a hint, not a rule."""

MOST_CHARACTERS = {"sms": 1600, "subject": 200, "body": 20_000}
"""An SMS beyond this exceeds ten parts in any alphabet; the subject is what its column holds."""

SAMPLE_LINK = "https://consular.example/a/" + "A" * 19


@dataclass(frozen=True)
class Problem:
    """One finding. `is_error` forbids sending; a hint does not. `field` is sms, subject or body."""

    code: str
    field: str
    message: str
    is_error: bool = True


def check_text(
    kind: str,
    texts: Mapping[str, str],
    *,
    allowed_hosts: Collection[str],
    sample_link: str = SAMPLE_LINK,
    words: Mapping[str, Sequence[str]] | None = None,
) -> list[Problem]:
    """Everything wrong with the finished texts {"sms", "subject", "body"} of one language, errors first.

    `allowed_hosts` are the host names a link may lead to (the short domain). `sample_link` is as long as the
    real ones, to count parts. `words` are the reply words of the language, {"safe": [...], "help": [...]}: an SMS
    that asks for an answer has to name one of each.
    """
    found: list[Problem] = []
    for field in ("sms", "subject", "body"):
        text = texts.get(field, "")
        if not text.strip():
            found.append(Problem("empty-text", field, "The text is empty."))
            continue
        if len(text) > MOST_CHARACTERS[field]:
            limit = MOST_CHARACTERS[field]
            found.append(Problem("text-too-long", field, f"At most {limit} characters fit."))
            continue
        found += _fields(field, text) + _characters(field, text) + _links(field, text, allowed_hosts)
    if kind in LINKED_KINDS:
        found += [
            Problem("link-missing", field, "The text needs “{link}”, where each person's answer link goes.")
            for field in ("sms", "body")
            if texts.get(field, "").strip() and LINK not in texts[field]
        ]
        found += _reply_words(texts.get("sms", ""), words or {})
    found += _parts(texts.get("sms", ""), sample_link)
    return sorted(found, key=lambda one: not one.is_error)


def count_parts(sms: str, sample_link: str = SAMPLE_LINK) -> int:
    """How many parts the SMS takes on the air with a link put in. Raises TextNotSendable."""
    return len(segments(with_link(sms, sample_link)).bodies)


def _fields(field: str, text: str) -> list[Problem]:
    try:
        left = [name for name in fields_in(text) if name != "link" or field == "subject"]
    except TextError as error:
        return [Problem("unknown-field", field, error.message)]
    return [
        Problem("unknown-field", field, f"“{{{name}}}” will not be filled here; write the words.")
        for name in left
    ]


_DIRECTION_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e")
_ASCII_AFTER_HAN = re.compile(r"[\u3400-\u9fff][,.:;?!()]")


def _characters(field: str, text: str) -> list[Problem]:
    found = []
    allowed = {"\n", "\r"} if field == "body" else ({"\n"} if field == "sms" else set())
    hidden = {
        one
        for one in text
        if (unicodedata.category(one) in ("Cc", "Cs", "Co") and one not in allowed)
        or one in _DIRECTION_OVERRIDES
    }
    if hidden:
        names = ", ".join(f"U+{ord(one):04X}" for one in sorted(hidden))
        found.append(Problem("control-character", field, f"The text holds characters nobody sees: {names}."))
    mixed = _ASCII_AFTER_HAN.search(text)
    if mixed:
        message = f"After Chinese characters use full-width punctuation: “{mixed.group()}”."
        found.append(Problem("ascii-punctuation", field, message, is_error=False))
    return found


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
_SIGN_IN = re.compile(
    r"log-?in|log-?on|sign-?in|sign-?up|account|auth|passw|verify|oauth|sso|session|console|staff|token=|password=",
    re.IGNORECASE,
)


def _links(field: str, text: str, allowed_hosts: Collection[str]) -> list[Problem]:
    # Full-width letters and dots look like a link and are opened as one by some phones; {link} is ours.
    plain = unicodedata.normalize("NFKC", text.replace(LINK, " "))
    hosts = {host.lower() for host in allowed_hosts}
    found = []
    for address in _EMAIL.findall(plain):
        message = f"Check the e-mail address “{address}”: it can be imitated."
        found.append(Problem("email-address", field, message, is_error=False))
    plain = _EMAIL.sub(" ", plain)
    for link in _candidates(plain):
        parts = _split(link)
        if parts is None or parts.scheme not in ("http", "https") or (parts.hostname or "") not in hosts:
            message = f"“{link}” leads outside the one address for warnings. Take it out."
            found.append(Problem("foreign-link", field, message))
        elif parts.username is not None or "\\" in link:
            found.append(Problem("foreign-link", field, f"“{link}” hides where it leads. Take it out."))
        elif _SIGN_IN.search(f"{parts.path}?{parts.query}#{parts.fragment}"):
            message = f"“{link}” leads to a sign-in. A warning never asks anybody to sign in."
            found.append(Problem("login-link", field, message))
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


def _reply_words(sms: str, words: Mapping[str, Sequence[str]]) -> list[Problem]:
    if not sms.strip() or not words:
        return []
    shown = unicodedata.normalize("NFKC", sms).casefold()
    missing = [
        answer
        for answer in ("safe", "help")
        if not any(unicodedata.normalize("NFKC", word).casefold() in shown for word in words.get(answer, ()))
    ]
    return [
        Problem(
            "no-reply-words",
            "sms",
            f"The SMS does not say how to answer by reply ({answer}).",
            is_error=False,
        )
        for answer in missing
    ]


def _parts(sms: str, sample_link: str) -> list[Problem]:
    if not sms.strip() or len(sms) > MOST_CHARACTERS["sms"]:
        return []
    try:
        parts = count_parts(sms, sample_link)
    except TextNotSendable as error:
        return [Problem("text-too-long", "sms", str(error))]
    if parts > 10:
        return [
            Problem(
                "text-too-long", "sms", f"The SMS takes {parts} parts; 10 is the most many networks join."
            )
        ]
    if parts > MANY_PARTS:
        return [
            Problem(
                "many-parts", "sms", f"The SMS takes {parts} parts. Shorten it if you can.", is_error=False
            )
        ]
    return []
