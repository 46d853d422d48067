"""What the sheets say besides the certificate itself, in English; whoever draws one brings the translations."""


def gettext_noop(text: str) -> str:
    """Marks a text for translation; this package itself speaks no language but English."""
    return text


TITLES: dict[str, str] = {
    "icvp": gettext_noop("International Certificate of Vaccination or Prophylaxis"),
    "vaccination": gettext_noop("Certificate of Vaccination"),
    "test": gettext_noop("Certificate of a Test Result"),
    "recovery": gettext_noop("Certificate of Recovery"),
    "several": gettext_noop("Health Certificate"),
}
DIGITAL = gettext_noop("digital")

# International Health Regulations (2005), annex 6, model certificate: "This is to certify that [name] ... has on the
# date indicated been vaccinated or received prophylaxis against ... in accordance with the International Health
# Regulations", and its second rule: "This certificate is valid only if the vaccine or prophylaxis used has been
# approved by the World Health Organization."
ICVP_STATEMENT = gettext_noop(
    "This is to certify that the person named here has on the date indicated been vaccinated or received prophylaxis "
    "against the disease named here, in accordance with the International Health Regulations. This certificate is "
    "valid only if the vaccine or prophylaxis used has been approved by the World Health Organization."
)

LABELS: dict[str, str] = {
    "family_name": gettext_noop("Surname"),
    "given_name": gettext_noop("Given names"),
    "standard_name": gettext_noop("Name in machine-readable form"),
    "born_on": gettext_noop("Date of birth"),
    "sex": gettext_noop("Sex"),
    "nationality": gettext_noop("Nationality"),
    "document": gettext_noop("Identity document"),
    "guardian": gettext_noop("Parent or guardian"),
    "disease": gettext_noop("Disease or condition"),
    "vaccine": gettext_noop("Vaccine or prophylaxis"),
    "product": gettext_noop("Product"),
    "maker": gettext_noop("Manufacturer"),
    "batch": gettext_noop("Batch number"),
    "dose": gettext_noop("Dose"),
    "given_on": gettext_noop("Date of vaccination"),
    "tested_on": gettext_noop("Sample taken"),
    "found_on": gettext_noop("First positive result"),
    "valid_from": gettext_noop("Valid from"),
    "valid_until": gettext_noop("Valid until"),
    "country": gettext_noop("Country"),
    "place": gettext_noop("Administering centre"),
    "test_place": gettext_noop("Testing centre"),
    "clinician": gettext_noop("Supervising clinician"),
    "entry_issuer": gettext_noop("Issued by"),
    "test_type": gettext_noop("Type of test"),
    "result": gettext_noop("Result"),
    "identifier": gettext_noop("Certificate number"),
    "issued_on": gettext_noop("Issued on"),
    "expires_on": gettext_noop("Code valid until"),
}

HOLDER = gettext_noop("Holder")
# FHIR's administrative genders and the letters of a machine-readable passport (ICAO Doc 9303-4).
SEXES: dict[str, str] = {
    "female": gettext_noop("female"),
    "f": gettext_noop("female"),
    "male": gettext_noop("male"),
    "m": gettext_noop("male"),
    "other": gettext_noop("other"),
    "x": gettext_noop("unspecified"),
    "unknown": gettext_noop("unspecified"),
}
FOR_LIFE = gettext_noop("life of person vaccinated")
ENTRIES: dict[str, str] = {
    "vaccination": gettext_noop("Vaccination or prophylaxis"),
    "test": gettext_noop("Test"),
    "recovery": gettext_noop("Recovery"),
}
CODE = gettext_noop("Signed code")
VERIFY = gettext_noop("How to verify")
STEPS: tuple[str, ...] = (
    gettext_noop(
        "Scan the code with any verifier of this kind of certificate, or at the address below. No network is needed."
    ),
    gettext_noop("Compare name and date of birth with the passport of the holder."),
    gettext_noop("Believe the verifier, not the paper: what is printed here proves nothing by itself."),
)
KEEP = gettext_noop(
    "Anybody who scans the code can read what is printed here. Show it only to those who must see it."
)

ALL: tuple[str, ...] = (
    *(DIGITAL, ICVP_STATEMENT, HOLDER, FOR_LIFE, CODE, VERIFY, KEEP, *STEPS),
    *(*TITLES.values(), *LABELS.values(), *SEXES.values(), *ENTRIES.values()),
)
