"""Every reason a verdict can give, in words: for the pages of staff and for the browser's verifier alike.

Codes, and what they mean to who knows the formats: docs/reference/health-reasons.md. Here several codes may share a
sentence: whoever checks a passport has to know what to make of it, not which byte was wrong. The reasons a desk meets
every day stand in `verdict_words`.
"""

from django.utils.translation import gettext_lazy as _

_BY_WORDS = (
    # What was shown: a text, a picture, a document.
    (_("The file holds no text."), "text-empty"),
    (_("The sheet to print cannot be drawn."), "sheet-not-drawn"),
    # The data in the code, by their layers.
    (
        _("The data in it have another form than a certificate has."),
        "json-malformed json-not-an-object cards-malformed object-expected list-expected text-expected value-empty part-malformed",
    ),
    (
        _("It holds more, or is nested deeper, than any certificate."),
        "json-too-deep json-too-long cbor-depth cbor-too-many-items cose-too-large too-many-doses",
    ),
    (_("Something stands before or after what was signed."), "byte-order-mark trailing-characters"),
    (_("The text has characters that such a code does not have."), "base45-alphabet"),
    (_("The text of the code is damaged or cut short."), "base45-length base45-overflow"),
    (
        _("The packed data are damaged or end too early."),
        "zlib zlib-truncated deflate-malformed deflate-cut-short",
    ),
    (_("Unpacked, it would be larger than any certificate."), "zlib-too-large inflated-too-long"),
    (
        _("Something follows the data of the certificate."),
        "zlib-trailing-bytes cbor-trailing-bytes deflate-trailing-bytes",
    ),
    (_("There is nothing in it."), "cbor-empty"),
    (
        _("The data are damaged, or of a kind no certificate has."),
        "cbor-malformed cbor-key cbor-tag cbor-value",
    ),
    (_("It says two different things about the same."), "cbor-duplicate-key"),
    (
        _("The envelope around the certificate is not as it must be."),
        "cose-structure cose-tag cose-header cose-critical",
    ),
    (_("It does not rightly say which key signed it."), "key-id-type key-id-absent key-id-missing"),
    (_("What it says of issuer and time cannot be read."), "claims-structure instant issuer-type"),
    (_("It is signed, and says nothing about health."), "no-health-claim"),
    (_("It holds a health record of a kind that is not known here."), "claim-unknown"),
    (_("It holds several certificates at once."), "several-claims"),
    (_("It is a link to data elsewhere, which is not followed."), "health-link"),
    # What a certificate says.
    (_("It attests no vaccination, test or recovery."), "no-entry"),
    (_("Its holder was born after what it attests."), "born-later"),
    (_("The result of the test is neither positive nor negative."), "test-result-unknown"),
    (_("The dose is dated later than the certificate."), "dose-after-issue"),
    (
        _("Digital certificates of this kind exist since 19 September 2025; it is dated earlier."),
        "issued-before-amendments",
    ),
    # SMART Health Cards.
    (
        _("It is no health card, or an incomplete one."),
        "not-a-health-card credential-absent bundle-absent bundle-malformed",
    ),
    (
        _("The text of the code is damaged or not that of a card."),
        "code-malformed digits-odd digits-out-of-range jws-malformed base64url-malformed base64-malformed",
    ),
    (_("Some of the codes of this card are missing. Show them all."), "piece-missing"),
    (
        _("These codes do not belong to one card."),
        "piece-out-of-range piece-too-long piece-twice pieces-disagree",
    ),
    (_("The file holds no card."), "cards-absent"),
    (_("The card is packed in a way that is not known here."), "header-not-understood zip-not-def"),
    (_("It does not rightly say who issued it."), "issuer-absent issuer-malformed issuer-not-https"),
    (_("It does not rightly say from when it is valid."), "nbf-absent nbf-malformed"),
    (_("It does not say until when it is valid."), "expiry-missing"),
    (_("It ends before it begins."), "expires-before-valid"),
    (
        _("An entry in the card is not written as the standard demands."),
        "fhir-version-absent meta-malformed status-unknown code-absent",
    ),
    (_("It is about several people."), "holder-not-one"),
    (_("It does not say whom the dose was given."), "holder-reference-absent holder-reference-wrong"),
    (_("The name in it cannot be read, or is missing."), "name-malformed name-absent"),
    (_("The number of the dose cannot be one."), "count-malformed dose-malformed"),
    (_("A date in it is missing or none."), "date-malformed occurrence-not-one"),
    # Seals of ICAO.
    (
        _("A part of the seal is missing."),
        "seal-parts-absent header-absent message-absent part-absent text-absent",
    ),
    (_("The seal is for something else than health."), "seal-type-unknown"),
    (_("The seal is in a version that is not known here."), "seal-version-unknown"),
    (_("The data have a form over which nothing can be signed."), "not-canonical"),
    (_("It names neither a date of birth nor a document."), "holder-not-identified"),
    (_("The signature cannot be read."), "signature-malformed"),
    (_("It does not carry the certificate of its signer."), "signer-certificate-absent"),
    (_("The signer's certificate is longer than any."), "signer-certificate-too-long certificate-too-large"),
    # DIVOC credentials.
    (
        _(
            "Its signature can be checked only with texts from the internet, which are not fetched. Ask for another proof."
        ),
        "signature-needs-remote-contexts",
    ),
    (
        _("It is no health credential, or attests nothing."),
        "not-a-credential credential-type-unknown evidence-absent",
    ),
    (
        _("The archive in the code is damaged or not as it must be."),
        "bytes-expected zip-malformed zip-not-one-file zip-name-refused zip-checksum-wrong",
    ),
    # Signature, issuer and key.
    (_("The signature cannot be one of its kind."), "signature-length signature-range"),
    (_("It does not say how it was signed."), "algorithm-missing"),
    (_("It is signed in a way that is not known or not allowed."), "algorithm-unknown algorithm-not-allowed"),
    (_("How it was signed is not part of what was signed."), "algorithm-unprotected"),
    (_("It says it was signed otherwise than this key signs."), "algorithm-not-of-key"),
    (_("Its key is on a curve that is not allowed for certificates."), "curve-not-allowed"),
    (_("Its key is for tests, and real ones count here, or the other way round."), "other-environment"),
    (_("The authority above its key is not valid yet."), "authority-not-yet-valid"),
    (_("The authority above its key took the key back."), "signer-revoked"),
    (
        _("The signer's certificate cannot be read."),
        "certificate-unreadable not-a-certificate certificate-malformed",
    ),
    (_("No authority known here signed the signer's certificate."), "chain-missing no-authority"),
    (_("The signer's certificate is not signed by the authority it names."), "chain-signature"),
    (_("An authority of another country signed the signer's certificate."), "chain-country"),
    (_("What signed the signer's certificate may not sign certificates."), "not-an-authority"),
    (_("The signer's certificate is signed in a weak or unknown way."), "signature-algorithm"),
    (_("Its country exists in tests only."), "test-country"),
    (_("The signer's key cannot be read."), "key-conflict key-unreadable not-base64"),
    (_("The secret part of its key was published: nobody may trust it any more."), "key-private"),
    (
        _("The signer's key is of a kind or size that is not allowed."),
        "key-type-not-allowed key-too-short key-too-long key-exponent",
    ),
    (_("The signer's key is not meant for signing."), "key-usage-not-signing"),
    (
        _("The list names the signer's key wrongly."),
        "key-id-length key-id-not-of-key key-id-not-of-certificate",
    ),
    # Revocation.
    (
        _(
            "Its issuer has published a newer list of revoked certificates than the one held here. Fetch the lists."
        ),
        "list-outdated",
    ),
    (_("The list of revoked certificates is not complete on this device. Fetch the lists."), "list-not-here"),
    # Odd, and tolerated or shown to a person.
    (
        _("Which key signed it stands outside of what was signed, or twice."),
        "key-id-unprotected key-ids-differ",
    ),
    (_("It stands under a number that is not assigned to such certificates."), "claim-number-unknown"),
    (
        _("The card is spread over codes in a way the standard no longer wants."),
        "pieces-deprecated pieces-needless",
    ),
    (_("A time in it is written in milliseconds."), "timestamp-in-milliseconds"),
    (
        _("The card is written otherwise than the standard wants."),
        "fhir-version-other type-unknown references-not-short meta-not-minimal holder-reference-dangling",
    ),
    (_("It does not say whose it is."), "holder-absent"),
    (_("A result in it does not say whose it is, and was left out."), "about-nobody about-something-else"),
    (_("Nothing is attested in it."), "nothing-attested"),
    (_("A date in it is missing, or has no day or month."), "date-absent date-not-exact"),
    (_("A result in it is missing, or not final."), "result-absent result-not-final"),
    (_("A dose in it was recorded as not given."), "dose-not-given"),
    (_("The key came with the seal itself, and an authority known here signed it."), "certificate-carried"),
)
MORE = {code: text for text, codes in _BY_WORDS for code in codes.split()}
