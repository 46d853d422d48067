"""What a check may find, as sentences an officer can act on.

The sentences are message ids: whoever shows one translates it and fills in the values, as `Problem.said` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made_by


def gettext_noop(text: str) -> str:
    """Marks a sentence for translation; this package itself speaks no language but English."""
    return text


EMPTY = gettext_noop("The text is empty.")
TOO_LONG = gettext_noop("At most {limit} characters fit.")
LINK_MISSING = gettext_noop("The text needs “{link}”, where each person's answer link goes.")
STRAY_BRACE = gettext_noop("A curly bracket in the text belongs to no field.")
UNFILLED = gettext_noop("“{name}” will not be filled here; write the words.")
HIDDEN = gettext_noop("The text holds characters nobody sees: {names}.")
ASCII_AFTER_HAN = gettext_noop("After Chinese characters use full-width punctuation: “{found}”.")
MAIL_ADDRESS = gettext_noop("Check the e-mail address “{address}”: it can be imitated.")
LEADS_AWAY = gettext_noop("“{found}” leads outside the one address for warnings. Take it out.")
HIDES = gettext_noop("“{found}” hides where it leads. Take it out.")
SIGN_IN = gettext_noop("“{found}” leads to a sign-in. A warning never asks anybody to sign in.")
NO_WORD_FOR_SAFE = gettext_noop("The SMS does not say how to answer by reply that one is safe.")
NO_WORD_FOR_HELP = gettext_noop("The SMS does not say how to ask for help by reply.")
UNSENDABLE = gettext_noop("The SMS cannot be sent: it is too long or holds broken characters.")
TOO_MANY_PARTS = gettext_noop("The SMS takes {parts} parts; {limit} is the most many networks join.")
MANY_PARTS = gettext_noop("The SMS takes {parts} parts. Shorten it if you can.")


@dataclass(frozen=True)
class Problem:
    """One finding. `is_error` forbids sending; a hint does not. `field` is sms, subject or body."""

    code: str
    field: str
    sentence: str
    values: Mapping[str, str] = made_by(default_factory=dict)
    is_error: bool = True

    @property
    def message(self) -> str:
        """The finding in English."""
        return self.said(gettext_noop)

    def said(self, translate: Callable[[str], str]) -> str:
        """The finding in the language of `translate` (gettext), with its values."""
        return translate(self.sentence).format(**self.values)
