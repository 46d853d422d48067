"""A verdict in words: what it is, what to do now, and what each check found."""

from django.utils.translation import gettext_lazy as _

from openconsular.domain.health.verdict import Check, CheckName, Layer, Outcome, State, Verdict
from openconsular.health_certificates.views.verdict_reasons import MORE

# Word, colour, what to do.
STATES = {
    State.VALID: (
        _("Valid"),
        "success",
        _("Compare name and date of birth with the passport of who presents it."),
    ),
    State.NOT_YET_VALID: (_("Not valid yet"), "warning", _("It begins later. It does not count today.")),
    State.EXPIRED: (_("Expired"), "danger", _("It, or the key it was signed with, has come to its end.")),
    State.REVOKED: (_("Revoked"), "danger", _("Its issuer took it back. It does not count.")),
    State.UNKNOWN_ISSUER: (
        _("Unknown issuer"),
        "warning",
        _(
            "None of the lists held here has its key. That proves nothing against it: look at the age of the lists."
        ),
    ),
    State.WRONG_KEY_USAGE: (
        _("Signed with a key that may not sign this"),
        "danger",
        _("The key is known and was made for something else. It does not count."),
    ),
    State.BROKEN: (_("Damaged or forged"), "danger", _("It does not count. Ask for the original.")),
    State.AMBIGUOUS: (
        _("Look closer"),
        "warning",
        _("A person has to judge it. The checks say what is unclear."),
    ),
}
# The shape of each state, which tells it without its colour and its word; "lists-old" is one only a browser shows.
SHAPES = {
    "valid": "check",
    "not-yet-valid": "hourglass",
    "expired": "clock",
    "revoked": "forbidden",
    "unknown-issuer": "question",
    "wrong-key-usage": "diamond",
    "broken": "octagon",
    "ambiguous": "triangle",
    "lists-old": "square",
}
CHECKS = {
    CheckName.FORMAT: _("It can be read"),
    CheckName.SIGNATURE: _("Its signature is genuine"),
    CheckName.ISSUER: _("The country that signed is the one it names"),
    CheckName.KEY_USAGE: _("Its key may sign this"),
    CheckName.KEY_VALIDITY: _("Its key is valid"),
    CheckName.VALIDITY: _("It is valid today"),
    CheckName.REVOCATION: _("It was not revoked"),
    CheckName.CONTENT: _("What it says is as it must be"),
}
OUTCOMES = {
    Outcome.PASSED: (_("yes"), "success"),
    Outcome.FAILED: (_("no"), "danger"),
    Outcome.NOT_CHECKED: (_("not looked at"), "neutral"),
}
LAYERS = {
    Layer.PICTURE: _("the picture"),
    Layer.TEXT: _("the text of the code"),
    Layer.BASE45: _("the packing of the code"),
    Layer.COMPRESSION: _("the packing of the code"),
    Layer.CBOR: _("the form of the data"),
    Layer.COSE: _("the envelope"),
    Layer.JSON: _("the form of the data"),
    Layer.JWS: _("the envelope"),
    Layer.SIGNATURE: _("the signature"),
    Layer.CLAIMS: _("what it says"),
    Layer.SCHEMA: _("what it says"),
}
# The reasons a desk meets every day; the others are in `verdict_reasons`.
REASONS = {
    "expired": _("Its time is over."),
    "not-yet-valid": _("Its time has not begun."),
    "issued-in-future": _("It was issued in the future, by this clock."),
    "happened-in-future": _("What it attests lies in the future."),
    "revoked": _("It stands on a list of revoked certificates."),
    "revocation-uncertain": _(
        "It may be revoked: the list held here cannot tell for certain. Ask, or check again with a network."
    ),
    "no-list": _("No list of revoked certificates of this issuer is held here."),
    "key-unknown": _("No list held here has the key it names."),
    "unknown-key": _("No list held here has the key it names."),
    "signature": _(
        "The signature does not fit what it says: something was changed, or it was made by somebody else."
    ),
    "signature-wrong": _(
        "The signature does not fit what it says: something was changed, or it was made by somebody else."
    ),
    "issuer-differs": _("It names another country than the one whose key signed it."),
    "issuer-not-stated": _("It does not say which country issued it."),
    "list-names-no-country": _("The list does not say whose key it is."),
    "issuer-invented-for-tests": _("Its country is one invented for tests."),
    "trust-domain": _("Its key is not for this kind of certificate."),
    "key-usage": _("Its key is for another kind of event."),
    "key-expired": _("The key it was signed with has expired."),
    "key-not-yet-valid": _("The key it was signed with is not valid yet."),
    "authority-expired": _("The authority above its key has expired."),
    "signer-revoked": _("The country took back the certificate of the key it was signed with."),
    "issued-before-key": _("It was issued before its key was made."),
    "trust-list-old": _("The list that vouches for its key is too old to rely on."),
    "not-readable": _("What would have to be looked at cannot be read."),
    "no-code": _("The picture shows no code that can be read."),
    "picture-unknown": _("This is neither a picture nor a PDF."),
    "photo-format-heic": _(
        "This photo is in the iPhone's own format (HEIC). Send it as JPEG, or take a screenshot of it."
    ),
    "picture-broken": _("The picture cannot be opened."),
    "picture-too-large": _("The picture is too large."),
    "pdf-broken": _("The document cannot be opened."),
    "pdf-locked": _("The document wants a password."),
    "pdf-too-slow": _("Drawing the pages of the document takes too long."),
    "reader-busy": _("Too many pictures are being looked at just now. Try again in a moment."),
    "format-unknown": _("This is no health certificate of a known kind."),
    "prefix": _("The text does not begin as a certificate does."),
    "text-too-long": _("The text is longer than any certificate."),
    "test-detected": _("The test found the disease."),
    "version-unknown": _("It is in a version that is not known here."),
    "draft-form": _("It is in a form that was only a draft."),
    "product-not-in-catalogue": _("Its vaccine is not in the catalogue of the WHO."),
    "several-entries": _("It holds more than one event; one is allowed."),
    "schema": _("Something it must say is missing or wrong."),
}


REASONS |= MORE


def reason_words(code: str) -> str:
    return str(REASONS.get(code, ""))


def headline(verdict: Verdict) -> dict[str, str]:
    """The state as a banner: word, colour, what to do, why, and where it broke."""
    word, colour, advice = STATES[verdict.state]
    return {
        "word": str(word),
        "colour": colour,
        "shape": SHAPES[str(verdict.state)],
        "advice": str(advice),
        "why": reason_words(verdict.reason),
        "code": verdict.reason,
        "layer": str(LAYERS[verdict.layer]) if verdict.layer else "",
    }


def check_row(check: Check) -> dict[str, object]:
    word, colour = OUTCOMES[check.outcome]
    return {
        "name": str(CHECKS[check.name]),
        "word": str(word),
        "colour": colour,
        "why": reason_words(check.reason),
        "code": check.reason,
        "as_of": check.as_of,
    }
