"""What the demonstration shows of health certificates: a clinic's day, with keys, doses, a revocation and a correction.

Everything goes through the same doors as in service; the keys are test keys, the people synthetic.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.crypto import get_random_string

from openconsular.accounts import actions as accounts
from openconsular.citizens import queries as citizens
from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Coded, Format, Kind
from openconsular.domain.health.paper.contents import Language, Sheet
from openconsular.domain.health.paper.draw import certificate_pdf
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.records.value_names import name_of
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.drills.room import SignIn
from openconsular.foundation import profile
from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.health_certificates.actions import claims, issuing, keys, records, revocations
from openconsular.health_certificates.queries.records import record_for

CERTIFICATES = 40
COVID = {
    "vaccine": "1119349007",
    "product": "EU/1/20/1528",
    "maker": "ORG-100030215",
    "dose": "2",
    "doses": "2",
}
_LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
YELLOW_FEVER, POLIO = "1D47", "1C81"


@dataclass(frozen=True)
class Clinic:
    """What the demonstration tells at its end: a code to claim one certificate with, and where a printed one lies."""

    certificates: int
    claim_code: str
    born_on: str
    sample: str


@dataclass(frozen=True)
class Patient:
    """A synthetic citizen as the clinic writes them down."""

    public_id: UUID
    fields: Mapping[str, str]


def prepare(
    *,
    officers: dict[str, Actor],
    sign_ins: list[SignIn],
    folder: Path,
    now: datetime,
    say: Callable[[str], None],
    certificates: int = CERTIFICATES,
) -> Clinic | None:
    """The clinic's day in the drill's database; its people are added to `officers` and `sign_ins`.

    None, with the reason said, where something of it did not work: a drill goes on without it.
    """
    staff: list[tuple[str, SignIn, Actor]] = []
    try:
        # All of it or nothing: no sign-in is printed for a clinic that has nothing to show.
        with transaction.atomic():
            made = _prepare(officers.get("mission"), staff, folder, now, certificates)
    except (OpenConsularError, DatabaseError) as error:
        say(f"No clinic in this demonstration: {error}")
        return None
    for username, sign_in, actor in staff if made else []:
        officers[username] = actor
        sign_ins.append(sign_in)
    return made


def _prepare(
    mission: Actor | None,
    staff: list[tuple[str, SignIn, Actor]],
    folder: Path,
    now: datetime,
    certificates: int,
) -> Clinic | None:
    if mission is None or mission.mission_id is None:
        return None
    # Keys are older than what they sign, and doses were written down before they were approved.
    earlier = now - timedelta(minutes=10)
    _keys(earlier)
    clinic = _add("clinic", Role.CLINIC, "Clinic (exercise)", mission.mission_id, staff, earlier)
    health = _add("health", Role.HEALTH_OFFICER, "Health officer (exercise)", None, staff, earlier)
    made: list[tuple[UUID, Patient]] = []
    for number, patient in enumerate(_patients(mission, certificates, now)):
        # Half of them the mission writes down for people of its district, into their wallets.
        by = clinic if number % 2 else mission
        chosen, dose = _dose(number, now)
        record = records.record_event(
            certificate_format=chosen,
            kind=Kind.VACCINATION,
            fields={**patient.fields, **dose},
            person_public_id=None if number % 2 else patient.public_id,
            by=by,
            now=earlier,
        )
        made.append((record.public_id, patient))
        _sign(record.public_id, record.pk, health, earlier)
    if len(made) < 4:
        return None
    _revoke(made[2][0], health, now)
    _correct(made[0], mission, health, now)
    code = claims.make_claim(public_id=made[1][0], by=health, now=now).code
    sample = _sample(made[1][0], health, folder, now)
    return Clinic(len(made), code, made[1][1].fields["born_on"], str(sample))


def _keys(now: datetime) -> None:
    for label, purpose in (
        ("drill-sca", Purpose.SCA),
        ("drill-dsc", Purpose.DSC),
        ("drill-lists", Purpose.LIST),
    ):
        keys.make_key(label=label, purpose=purpose, by=SYSTEM, now=now)
        if purpose is Purpose.SCA:
            keys.certify_self(label=label, by=SYSTEM, now=now)
        else:
            keys.certify_with(label=label, authority="drill-sca", by=SYSTEM, now=now)
        keys.activate_key(label=label, by=SYSTEM, now=now)


def _add(
    username: str,
    role: Role,
    name: str,
    mission_id: int | None,
    staff: list[tuple[str, SignIn, Actor]],
    now: datetime,
) -> Actor:
    password = get_random_string(16)
    officer = accounts.add_officer(
        username=username,
        display_name=name,
        role=role,
        mission_id=mission_id,
        password=password,
        by=SYSTEM,
        now=now,
    )
    staff.append((username, SignIn(username, password, name), officer.actor))
    return officer.actor


def _patients(mission: Actor, count: int, now: datetime) -> list[Patient]:
    """Synthetic adults of the mission's district whose passport says their name in Latin letters."""
    near = citizens.visible_to(mission).filter(is_synthetic=True, lead=None).exclude(latin_name="")
    found = []
    for person in near.filter(born_on__lt=now - timedelta(days=18 * 366)).order_by("pk")[:count]:
        # No passport writes digits in a name, and these people are called by their number.
        family, _blank, given = person.latin_name.translate(_LETTERS).partition(" ")
        fields = {
            "family_name": family,
            "given_name": given,
            "born_on": person.born_on.isoformat() if person.born_on else "",
            "sex": "female" if person.pk % 2 else "male",
            "nationality": profile.current().country,
            "document_number": person.document_number or "",
            "document_type": "PASSPORT",
        }
        found.append(Patient(person.public_id, fields))
    return found


def _dose(number: int, now: datetime) -> tuple[Format, dict[str, str]]:
    """COVID-19, yellow fever and polio in turn, each some weeks ago."""
    day = (now - timedelta(days=14 + number)).date().isoformat()
    if number % 4 == 1:
        return Format.ICVP, {
            "product": _product(YELLOW_FEVER),
            "batch": f"YF-{number:04}",
            "happened_on": day,
        }
    if number % 4 == 3:
        return Format.ICVP, {"product": _product(POLIO), "batch": f"PV-{number:04}", "happened_on": day}
    return Format.EU_DCC, {**COVID, "happened_on": day}


def _product(disease: str) -> str:
    return next(one.code for one in catalogue().values() if one.disease == disease)


def _sign(public_id: UUID, record_id: int, approver: Actor, now: datetime) -> None:
    """Approved by another officer, and signed here and now: the room's own signers do not run yet."""
    records.approve_record(public_id=public_id, by=approver, now=now)
    issuing.sign_record(record_id=record_id, now=now)


def _revoke(public_id: UUID, by: Actor, now: datetime) -> None:
    identifier = record_for(public_id=public_id, by=by, now=now).identifier
    revocations.revoke(identifiers=[identifier], reason="error", note="Exercise", by=by, now=now)


def _correct(made: tuple[UUID, Patient], by: Actor, approver: Actor, now: datetime) -> None:
    public_id, patient = made
    day = (now - timedelta(days=15)).date().isoformat()
    record = records.record_event(
        certificate_format=Format.EU_DCC,
        kind=Kind.VACCINATION,
        fields={**patient.fields, **COVID, "happened_on": day},
        replaces=public_id,
        by=by,
        now=now,
    )
    _sign(record.public_id, record.pk, approver, now)


def _sample(public_id: UUID, by: Actor, folder: Path, now: datetime) -> Path:
    view = record_for(public_id=public_id, by=by, now=now)
    ours = profile.current()
    first, second = (_language(tag) for tag in (ours.languages[0], "en"))
    sheet = Sheet(
        formats.read(view.text).certificate,
        view.text,
        (first, second),
        authority=(profile.in_language(ours.names, first.tag), profile.in_language(ours.names, "en")),
        identifier=view.identifier,
        exercise="TEST",
    )
    target = folder / "certificate.pdf"
    target.write_bytes(certificate_pdf(sheet))
    return target


def _language(tag: str) -> Language:
    def translate(text: str) -> str:
        with translation.override(tag.lower()):
            return translation.gettext(text)

    def name(coded: Coded) -> str:
        found = name_of(coded)
        return translate(found) if found else ""

    return Language(tag, translate, name)


def told(clinic: Clinic | None, url: str) -> dict[str, Any] | None:
    """As the demonstration's process tells it to the terminal."""
    if clinic is None:
        return None
    return asdict(clinic) | {"verifier": f"{url}/verify/", "claim": f"{url}/certificates/claim/"}
