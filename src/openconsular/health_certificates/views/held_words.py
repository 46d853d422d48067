"""A held certificate as its holder reads it: what it is, how it stands in a word and a sentence, what its code reveals."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from openconsular.domain.health import formats
from openconsular.domain.health.carriers import codes
from openconsular.domain.health.certificate import Certificate, Coded
from openconsular.domain.health.records.value_names import name_of
from openconsular.domain.health.verdict import State, Unreadable
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries.wallet import HeldCertificate
from openconsular.health_certificates.views.said import Said, said

DOTS_A_MODULE = 8


@dataclass(frozen=True)
class Standing:
    """How a certificate stands: a word, a sentence, and the colour and shape that go with them."""

    state: str
    word: str
    sentence: str
    colour: str
    shape: str


@dataclass(frozen=True)
class Shown:
    """A certificate on a page. `codes` are PNGs as data URIs: none where there is none to show, nearly always one."""

    held: HeldCertificate
    title: str
    happened: str
    standing: Standing
    groups: Sequence[Said]
    codes: Sequence[str]


@dataclass(frozen=True)
class Line:
    """A certificate in a list, without its code."""

    public_id: UUID
    title: str
    happened: str
    standing: Standing


def line(held: HeldCertificate) -> Line:
    return Line(held.public_id, title_of(held), day_of(held.happened_on), standing_of(held))


def title_of(held: HeldCertificate) -> str:
    """Such as "Yellow fever vaccination"; the disease alone is not enough when a test was taken for it."""
    certificate = read_text(held.text)
    coded = certificate.entries[0].disease if certificate and certificate.entries else Coded(held.disease)
    named = name_of(coded) or coded.display or coded.code
    disease = _(named) if named else ""
    if not disease:
        return str(dict(Record.Kind.choices)[held.kind])
    pattern = {
        "vaccination": _("%(disease)s vaccination"),
        "test": _("%(disease)s test"),
        "recovery": _("Recovery from %(disease)s"),
    }[held.kind]
    return pattern % {"disease": disease}


REPLACED = "replaced"


def standing_of(held: HeldCertificate) -> Standing:
    """A revoked one that was corrected says so: its holder has another."""
    since, until = day_of(held.valid_from), day_of(held.expires_at.date().isoformat())
    return _standing(REPLACED if held.is_replaced else held.state, since, until)


def standings() -> list[Standing]:
    """Every way a certificate can stand, with "{since}" and "{until}" where its days belong."""
    states = (State.VALID, State.NOT_YET_VALID, State.EXPIRED, State.REVOKED, REPLACED, State.AMBIGUOUS)
    return [_standing(str(one), "{since}", "{until}") for one in states]


def _standing(state: str, since: str, until: str) -> Standing:
    words = {
        State.VALID: (
            _("valid"),
            _("Its code can be used until %(day)s.") % {"day": until},
            "success",
            "check",
        ),
        State.NOT_YET_VALID: (
            _("not valid yet"),
            _("It is valid from %(day)s.") % {"day": since} if since else "",
            "warning",
            "clock",
        ),
        State.EXPIRED: (
            _("expired"),
            _("It could be used until %(day)s. Ask the clinic or the mission for a new one.")
            % {"day": until},
            "neutral",
            "clock",
        ),
        State.REVOKED: (
            _("revoked"),
            _("It is no longer accepted anywhere. Ask the clinic or the mission why."),
            "danger",
            "octagon",
        ),
        REPLACED: (
            _("replaced"),
            _("It was corrected. Use the new certificate; this one is no longer accepted."),
            "danger",
            "octagon",
        ),
    }
    unclear = (
        _("cannot be confirmed"),
        _("Our own check could not confirm it. Ask the mission before you rely on it."),
        "warning",
        "triangle",
    )
    return Standing(state, *words.get(state, unclear))


def shown(held: HeldCertificate) -> Shown:
    certificate = read_text(held.text)
    is_shown = bool(held.text) and held.state != State.REVOKED
    return Shown(
        held=held,
        title=title_of(held),
        happened=day_of(held.happened_on),
        standing=standing_of(held),
        groups=said(certificate) if certificate else [],
        codes=[code_uri(one) for one in codes.texts_of(held.text)] if is_shown else [],
    )


def code_uri(text: str) -> str:
    """The QR code as a picture inside the page: it needs no address that could be fetched without its holder."""
    return "data:image/png;base64," + base64.b64encode(codes.qr_png(text, scale=DOTS_A_MODULE)).decode()


def for_device(one: Shown) -> dict[str, Any]:
    """What a telephone keeps of a certificate: what is shown here, and its dates to tell the time by."""
    held = one.held
    return {
        "id": str(held.public_id),
        "name": held.name,
        "bornOn": held.born_on,
        "title": one.title,
        "happened": one.happened,
        "identifier": held.identifier,
        "state": one.standing.state,
        "validFrom": held.valid_from,
        "expiresAt": held.expires_at.isoformat(),
        "codes": list(one.codes),
        "reveals": [[group.heading, [list(row) for row in group.rows]] for group in one.groups],
    }


def day_of(text: str) -> str:
    """A day as the reader writes it; what is less precise stays as it is."""
    try:
        return date_format(date.fromisoformat(text[:10]), "DATE_FORMAT")
    except ValueError:
        return text


def read_text(text: str) -> Certificate | None:
    """What a code says; None where it says nothing that can be read."""
    if not text:
        return None
    try:
        return formats.read(text).certificate
    except Unreadable:
        return None
