"""Every reason this package can give, as a stable code and a sentence an officer can act on.

The sentences are message ids: whoever shows one to a person translates it and fills in the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Marks a sentence for translation; this package itself speaks no language but English."""
    return text


TEXTS: dict[str, str] = {
    # the document
    "document-empty": gettext_noop("The document is empty."),
    "document-too-large": gettext_noop("The document has {size} bytes; at most {limit} are read."),
    "document-too-deep": gettext_noop("The document nests elements more than {limit} deep."),
    "document-too-many-elements": gettext_noop("The document has more than {limit} elements."),
    "text-too-long": gettext_noop("The element {element} holds {size} characters; at most {limit} are read."),
    "xml-doctype": gettext_noop(
        "The document declares a DOCTYPE. Alerts never need one and attackers do, so it was not read."
    ),
    "xml-malformed": gettext_noop("The document is not well-formed XML: {detail}"),
    "document-mended": gettext_noop(
        "The document was not well-formed XML (wrong encoding, control characters or a bare “&”) and was read without what "
        "broke it; letters may be missing in its texts."
    ),
    "web-page": gettext_noop(
        "The document is a web page and no alert: the feed may have moved, or its server shows an error."
    ),
    "map-shapes": gettext_noop(
        "The document is a map (KML): it has shapes, but does not say how urgent, how certain and until when."
    ),
    "not-cap": gettext_noop("The root element {element} is not a CAP alert."),
    # the feed it came in
    "file-unreadable": gettext_noop("The file cannot be read: {detail}"),
    "document-unknown": gettext_noop("The document is neither XML nor JSON nor an archive of these."),
    "text-only": gettext_noop("The document is plain text without an alert."),
    "xml-schema": gettext_noop("The document is an XML schema and holds no alert."),
    "feed-empty": gettext_noop("The feed lists nothing at present."),
    "link-not-followed": gettext_noop("The feed only names the alert; it lies at {url} and was not fetched."),
    "link-elsewhere": gettext_noop(
        "The feed links to {host}, which is neither its own host nor one allowed for this source."
    ),
    "link-unusable": gettext_noop("The feed links to “{url}”, which is not a web address."),
    "point-only": gettext_noop("“{title}” gives a point and no area, and is no CAP alert."),
    "georss-area": gettext_noop(
        "“{title}” gives an area but is no CAP alert: how urgent and how certain it is, is not said."
    ),
    "summary-only": gettext_noop("“{title}” summarises an alert but neither holds it nor links to it."),
    "information-only": gettext_noop("“{title}” is information: it holds no CAP alert and links to none."),
    "wrapper-not-actual": gettext_noop("The message that wraps the alert has the status {status}."),
    "wrapped-content-missing": gettext_noop("The document wraps messages but holds no alert: {element}."),
    "shapes-only": gettext_noop("The document holds shapes without an alert."),
    "danger-without-area": gettext_noop(
        "“{title}” tells of a danger ({sign}) but gives no area and is no CAP alert: an officer has to look at it."
    ),
    "feature-unknown": gettext_noop(
        "“{title}” is a shape on a map that speaks of a danger ({sign}) in words of its own: an officer has to look at it."
    ),
    # earthquakes told as a point and a magnitude
    "quake-unreadable": gettext_noop("“{title}” tells of an earthquake, but its {element} cannot be read."),
    "quake-harmless": gettext_noop(
        "“{title}”: an earthquake of magnitude {magnitude} in a depth of {depth} km is not expected to do harm anywhere."
    ),
    "quake-circle": gettext_noop(
        "The area is an estimate: within {radius} km of the epicentre an earthquake of magnitude {magnitude} in a depth "
        "of {depth} km is expected to shake with intensity VI or more. The real area may be long and narrow."
    ),
    "quake-depth-taken": gettext_noop("No depth is given; {depth} km was taken."),
    "json-malformed": gettext_noop("The document is not valid JSON: {detail}"),
    "json-not-alerts": gettext_noop("The JSON document holds no alerts of a kind known here."),
    "archive-unreadable": gettext_noop("The archive cannot be read: {detail}"),
    "archive-too-large": gettext_noop("The archive unpacks to more than {limit} bytes."),
    "archive-too-many": gettext_noop("The archive holds more than {limit} files."),
    "archive-nested": gettext_noop("The archive holds another archive, which was not opened."),
    # mandatory parts
    "element-missing": gettext_noop("The mandatory element {element} is absent or empty."),
    "value-unknown": gettext_noop("{element} is “{value}”, which the standard does not know."),
    "too-many-infos": gettext_noop("The alert has {count} info blocks; at most {limit} are read."),
    "identifier-unusable": gettext_noop("The {element} “{value}” is longer than {limit} characters."),
    # times
    "time-unreadable": gettext_noop("{element} is “{value}”, which is not a date and time."),
    "time-buddhist-era": gettext_noop(
        "{element} is in the year {year}, which looks like the Buddhist era ({common_year} of the common era). "
        "A calendar error puts the expiry centuries ahead."
    ),
    "time-year-impossible": gettext_noop("{element} is in the year {year}, which no current alert can be."),
    "time-without-offset": gettext_noop(
        "{element} is “{value}” without a time zone offset, and no other time in the message has one."
    ),
    "time-offset-borrowed": gettext_noop(
        "{element} is “{value}” without a time zone offset; the offset {offset} of the message's other times was used."
    ),
    "time-optional-dropped": gettext_noop(
        "{element} is “{value}”, which is not a date and time; it was left out."
    ),
    "time-placeholder": gettext_noop("{element} is “{value}”, which stands for none given; it was left out."),
    "time-relative": gettext_noop(
        "The times are relative, as in saved answers of a service; they were counted from {saved}."
    ),
    "expires-before-effective": gettext_noop(
        "The alert expires on {expires}, before it takes effect on {effective}: its times contradict each other."
    ),
    "expires-absent": gettext_noop(
        "The issuer gives no expiry; it counts until {until} unless more is said."
    ),
    "expires-far-ahead": gettext_noop(
        "The alert expires only on {expires}, more than a year after it was sent."
    ),
    # what was repaired or taken to be something
    "namespace-older": gettext_noop("The message is CAP {version}; it was read as CAP 1.2."),
    "namespace-other": gettext_noop(
        "The namespace is “{namespace}” and not that of CAP 1.2; the elements are CAP's."
    ),
    "value-unknown-taken": gettext_noop(
        "{element} is “{value}”, which the standard does not know; {taken} was taken."
    ),
    "value-spelling": gettext_noop("{element} “{value}” was read as {taken}."),
    "element-defaulted": gettext_noop("{element} is absent; {taken} was taken."),
    "references-loose": gettext_noop("A reference is not “sender,identifier,sent”: “{value}”."),
    "embedded-dropped": gettext_noop("{count} embedded files were dropped."),
    "markup-removed": gettext_noop("Markup was removed from {element}."),
    # areas
    "area-missing": gettext_noop("The alert names no area, so nobody can be said to be in it."),
    "area-description-only": gettext_noop(
        "The area is given in words only (“{description}”), without a shape or a code."
    ),
    "polygon-unreadable": gettext_noop("A polygon holds “{value}”, which is not a latitude,longitude pair."),
    "polygon-parentheses": gettext_noop(
        "A polygon holds parentheses (“{value}”): several outlines were run together and cannot be told apart."
    ),
    "polygon-too-few-points": gettext_noop("A polygon has {count} different points; three are needed."),
    "polygon-too-many-points": gettext_noop("A polygon has {count} points; at most {limit} are read."),
    "polygon-unusable": gettext_noop("A polygon encloses nothing that can be used: {detail}"),
    "latitude-out-of-range": gettext_noop("A point {value} has a latitude beyond 90 degrees."),
    "longitude-out-of-range": gettext_noop("A point {value} has a longitude beyond 360 degrees."),
    "coordinates-swapped": gettext_noop(
        "A point {value} has a latitude beyond 90 degrees and the numbers fit the other way round: "
        "longitude was written first. The area was not guessed."
    ),
    "circle-unreadable": gettext_noop("A circle is “{value}”, which is not “latitude,longitude radius”."),
    "circle-radius-zero": gettext_noop(
        "The circle at {value} has the radius 0: it is a point such as an epicentre and not an area."
    ),
    "circle-radius-impossible": gettext_noop(
        "A circle has the radius {value} km, which no area on Earth has."
    ),
    "geocode-unresolved": gettext_noop("No registry loaded here knows the area code {codes}."),
    "geocode-registry-unknown": gettext_noop(
        "The area is given only by codes of {registries}, for which no registry is loaded: {codes}."
    ),
    "geocode-partly-unresolved": gettext_noop(
        "Part of the area is missing: no registry loaded here knows the area code {codes}."
    ),
    "geocode-widened": gettext_noop("The area code {code} names a part of {taken}; the whole was taken."),
    "polygon-closed": gettext_noop("A polygon was not closed; its first point was repeated at the end."),
    "polygon-empty": gettext_noop("An empty polygon element was passed over."),
    "polygon-punctuation": gettext_noop("Stray commas between the points of a polygon were passed over."),
    "longitude-wrapped": gettext_noop("Longitudes beyond 180 degrees were brought into the usual range."),
    "shape-skipped": gettext_noop("One of several shapes was left out: {detail}"),
    "shape-mended": gettext_noop("A shape was mended: {detail}"),
    "area-words-skipped": gettext_noop(
        "Part of the area is given in words only (“{description}”) and could not be placed."
    ),
    "area-excluded": gettext_noop("{count} holes named by the issuer were cut out of the area."),
    # signature
    "signature-broken": gettext_noop(
        "The message carries a signature that does not fit its content: it was changed after it was signed."
    ),
    "signer-unchecked": gettext_noop(
        "The message is signed and its content fits the signature; who signed it was not checked."
    ),
    # what is known already, and who may say what
    "repeated": gettext_noop("This message was received before."),
    "same-event": gettext_noop(
        "Another message of the same issuer tells already of the same event in the same area."
    ),
    "superseded": gettext_noop("A later message of the same event was received before this one."),
    "cancelled-before": gettext_noop("The issuer had cancelled this message before it arrived."),
    "nothing-to-cancel": gettext_noop(
        "The issuer cancels “{identifier}”, which was never received; should it arrive later, it will warn nobody."
    ),
    "cancel-names-nothing": gettext_noop("The message cancels something but does not say what."),
    "other-source": gettext_noop(
        "The hazard came from the source “{name}”; another source cannot change it."
    ),
    "outside-territory": gettext_noop(
        "{share} % of the area lies outside of where this source is responsible ({territory})."
    ),
    "outside-territory-swapped": gettext_noop(
        "The area lies outside of where this source is responsible ({territory}), but inside when latitude and "
        "longitude are swapped: longitude was probably written first."
    ),
    "unchanged": gettext_noop("The message changes nothing that people in the area would need to know."),
    "ended-by-officer": gettext_noop("An officer ended the hazard: {note}"),
    "ran-out": gettext_noop("The hazard expired on {expires}."),
    "joined": gettext_noop("The issuer joined the event with another one."),
    # why a message warns nobody
    "status-not-actual": gettext_noop("The status is {status}: the message is not meant to warn anyone."),
    "marked-as-test": gettext_noop("The issuer marks the message as a test ({marker})."),
    "scope-not-public": gettext_noop("The scope is {scope}: the issuer restricts who may be told."),
    "no-info": gettext_noop("The message has no info block, so it says neither what happens nor where."),
    "expired": gettext_noop("Expired on {expires}."),
    "expired-by-age": gettext_noop(
        "Gives no expiry and was sent on {sent}: without an expiry a message counts for {days} days."
    ),
    "all-clear": gettext_noop("The issuer gives the all-clear."),
    "urgency-past": gettext_noop(
        "The urgency is Past: the issuer says that nothing needs to be done any more."
    ),
    "past-but-severe": gettext_noop(
        "The urgency is Past but the severity is {severity}: people may need help. An officer has to decide."
    ),
    "cancelled": gettext_noop("The issuer cancels the message."),
    "text-says-test": gettext_noop(
        "The status is Actual, but the text says “{text}”. An officer has to decide whether it is a test."
    ),
    "status-ended": gettext_noop("The issuer marks the alert as ended ({marker})."),
    "acknowledgement": gettext_noop("The message is of the type {type}: it answers another message."),
    "sent-in-the-future": gettext_noop(
        "The message says that it was sent on {sent}, which is still to come."
    ),
}


@dataclass(frozen=True)
class Remark:
    """One thing that was noticed: a code from TEXTS and the values that belong into its sentence."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return TEXTS[self.code].format(**self.values)


class CapError(ValueError):
    """The input cannot be used. `code` is stable, `message` is a sentence, `values` are what it names."""

    def __init__(self, code: str, /, **values: object) -> None:
        self.remark = Remark(code, {name: shorten(value) for name, value in values.items()})
        self.code = code
        self.values = dict(self.remark.values)
        self.message = self.remark.message
        super().__init__(self.message)


def shorten(value: object, length: int = 160) -> str:
    """A value from outside, fit to stand inside a sentence: one line, bounded, printable."""
    line = " ".join(str(value).split())
    line = "".join(character if character.isprintable() else "�" for character in line)
    return line if len(line) <= length else line[: length - 1] + "…"


def remark(code: str, /, **values: object) -> Remark:
    return Remark(code, {name: shorten(value) for name, value in values.items()})
