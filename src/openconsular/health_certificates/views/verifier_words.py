"""The words of the browser's verifier, so that a page without a network speaks the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from openconsular.domain.health.verifier_pack import AUTHORITY_CURVE
from openconsular.health_certificates.views import verdict_words


def words() -> dict[str, Any]:
    """Everything the scripts say, by name."""
    states = {
        str(state): {
            "word": str(word),
            "colour": colour,
            "advice": str(advice),
            "shape": verdict_words.SHAPES[str(state)],
        }
        for state, (word, colour, advice) in verdict_words.STATES.items()
    }
    states["lists-old"] = {
        "word": _("Valid, but the lists are too old"),
        "colour": "warning",
        "advice": _(
            "Nothing is wrong with it as far as these lists tell. Fetch newer lists, or let a person decide."
        ),
        "shape": verdict_words.SHAPES["lists-old"],
    }
    return {
        "states": states,
        "checks": {str(name): str(text) for name, text in verdict_words.CHECKS.items()},
        "outcomes": {
            str(outcome): {"word": str(word), "colour": colour}
            for outcome, (word, colour) in verdict_words.OUTCOMES.items()
        },
        "layers": {str(layer): str(text) for layer, text in verdict_words.LAYERS.items()},
        "reasons": {code: str(text) for code, text in verdict_words.REASONS.items()}
        | {AUTHORITY_CURVE: _("Its authority uses a curve that browsers do not know. Check it at a desk.")},
        "kinds": {"vaccination": _("Vaccination"), "test": _("Test"), "recovery": _("Recovery")},
        "formats": {
            "eu-dcc": _("EU Digital COVID Certificate"),
            "icvp": _("International certificate of vaccination (ICVP)"),
            "ddcc-vs": _("WHO COVID-19 vaccination certificate (DDCC)"),
            "ddcc-tr": _("WHO COVID-19 test certificate (DDCC)"),
            "vds-nc": _("Visible digital seal (ICAO VDS-NC)"),
            "smart-health-card": _("SMART Health Card"),
            "divoc": _("DIVOC certificate"),
        },
        **_page(),
    }


def _page() -> dict[str, str]:
    return {**_of_a_certificate(), **_of_the_tool()}


def _of_a_certificate() -> dict[str, str]:
    return {
        "born": _("born {year}"),
        "bornUnknown": _("year of birth not stated"),
        "nameUnknown": _("no name"),
        "why": _("Why:"),
        "broke": _("Where it broke:"),
        "details": _("What was looked at"),
        "says": _("What it says"),
        "asOf": _("list of {time}"),
        "unlooked": _("{check}: {outcome}"),
        "day": _("Date"),
        "until": _("Valid until"),
        "from": _("Valid from"),
        "forLife": _("for life"),
        "issuer": _("Issuer"),
        "product": _("Product"),
        "disease": _("Disease"),
        "result": _("Result"),
        "dose": _("Dose"),
        "batch": _("Batch"),
        "country": _("Country"),
        "bornOn": _("Date of birth"),
        "document": _("Document"),
        "kind": _("Kind"),
        "format": _("Format"),
        "piece": _("Code {number} of {count} was read. Show the others."),
        "again": _("Already checked, {time} ago. It counts once."),
        "otherName": _("Another name than before"),
        "otherBefore": _("The one before"),
        "otherNow": _("This one"),
        "nextPerson": _("Next person"),
        "samePerson": _("Same traveller: keep both"),
        "otherPerson": _("These certificates are of different persons"),
    }


def _of_the_tool() -> dict[str, str]:
    return {
        "noCode": _("There is no code in this picture that can be read."),
        "fileOnline": _(
            "This browser cannot read PDF documents by itself, and there is no network now. A photo of the code works."
        ),
        "fileReading": _("The document is being read …"),
        "fileLarge": _("This file is too large."),
        "fileBroken": _("This file cannot be read."),
        "cameraDenied": _(
            "The camera is not allowed here. Allow it in the settings of the browser, or choose a picture."
        ),
        "cameraMissing": _("There is no camera that can be used. Choose a picture, or use a hand scanner."),
        "cameraOn": _("Start camera"),
        "cameraOff": _("Stop camera"),
        "looking": _("Hold the code in front of the camera."),
        "ready": _("Ready without a network"),
        "preparing": _("Getting ready to work without a network …"),
        "notKept": _("This browser cannot keep the page; it works with a network only."),
        "noLists": _("There are no lists yet. Without them nobody's signature can be checked."),
        "listsAge": _("The lists are {age} old"),
        "listsOld": _("The lists are {age} old: too old to call anything valid"),
        "listsFetched": _("The lists were fetched."),
        "listsNotFetched": _("The lists could not be fetched. Those kept here stay in use."),
        "fetching": _("Fetching lists: {done} of {all} MB"),
        "listsOlder": _("These lists are older than those kept here, which stay in use."),
        "listsUnsigned": _("Nobody known signed these lists. They were not taken."),
        "listsUnreadable": _("This file holds no lists."),
        "listsOther": _("These lists are for tests, or for another country. They were not taken."),
        "counts": _("Checked here: {all}, of these valid: {valid}"),
        "minutes": _("{number} min"),
        "hours": _("{number} h"),
        "days": _("{number} d"),
        "keys": _("Keys: {number}"),
        "own": _("This country"),
        "revocations": _("Revoked certificates"),
    }
