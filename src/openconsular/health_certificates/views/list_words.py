"""Why an entry of a list, or a list as a whole, was not taken, in the reader's language.

The codes and their meaning for whoever looks after the lists: docs/reference/health-reasons.md. A code without words here
is shown as it is.
"""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "certificate-unreadable": _("The certificate cannot be read."),
    "certificate-too-large": _("The certificate is longer than any."),
    "chain-signature": _("It is not signed by the authority it names."),
    "chain-country": _("An authority of another country signed it."),
    "chain-missing": _("No known authority signed the certificate."),
    "cms-unreadable": _("The signature over it cannot be read."),
    "cms-other-content": _("The signature covers something else."),
    "curve-not-allowed": _("Its key is on a curve that the governance of the network does not allow."),
    "entry-empty": _("It holds neither a certificate nor a key with a name."),
    "entry-kind": _("It does not say what it is."),
    "issuer-unusable": _("It names no issuer that can be one."),
    "key-conflict": _("Its key and its certificate differ."),
    "key-exponent": _("Its RSA key has an unsafe exponent."),
    "key-id-length": _("Its key identifier has a length none has."),
    "key-id-not-of-key": _("Its key identifier is not that of its key."),
    "key-private": _("The secret part of its key was published: nobody may trust it any more."),
    "key-too-long": _("Its RSA key is longer than is used."),
    "key-too-short": _("Its RSA key is too short."),
    "key-type-not-allowed": _("Its key is neither an EC nor an RSA key."),
    "key-unreadable": _("Its key cannot be read."),
    "key-usage-not-signing": _("Its key is not meant for signing."),
    "list-unreadable": _("The issuer publishes no set of keys."),
    "not-an-authority": _("Its certificate may not sign certificates."),
    "not-base64": _("A text in it is no base64."),
    "signature-algorithm": _("It is signed with an algorithm that is weak or unknown."),
    "signature-wrong": _("The signature over it does not fit."),
    "signer-revoked": _("Its authority revoked it."),
    "test-country": _("Its country exists in tests only."),
    "uploader-unknown": _("Nobody known uploaded it."),
    "usage-conflict": _("It says two usages."),
    "usage-unknown": _("It names a usage that is not known here."),
    # Of a key that is on the list and does not count now.
    "key-expired": _("Its time is over."),
    "key-not-yet-valid": _("Its time has not begun."),
    "authority-expired": _("The time of the authority above it is over."),
    "authority-not-yet-valid": _("The time of the authority above it has not begun."),
}


def words_of(code: str) -> str:
    return str(REASONS.get(code, code))
