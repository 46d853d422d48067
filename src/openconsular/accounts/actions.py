"""What is done to staff and missions. Every step is in the audit trail."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openconsular.accounts import setup_link
from openconsular.accounts.models import Mission, Officer
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import AT_A_MISSION, Actor, Permission, Role
from openconsular.foundation.profile import MissionFacts, Profile

# ------------------------------------------------------------------ missions


@transaction.atomic
def load_missions(*, profile: Profile, by: Actor, now: datetime) -> int:
    """Bring the missions in step with the profile; returns how many were new or changed.

    May be run at every start. A mission that is no longer in the profile keeps its row, because cases point to
    it, but loses its district, so that nobody new is sent there.
    """
    by.require(Permission.MANAGE_STAFF)
    known = {one.code: one for one in Mission.objects.select_for_update()}
    changed, fresh = [], []
    for facts in profile.missions:
        fields = _columns(facts)
        mission = known.pop(facts.code, None)
        if mission is None:
            fresh.append(Mission(code=facts.code, **fields))
        elif all(getattr(mission, name) == value for name, value in fields.items()):
            continue
        else:
            Mission.objects.filter(pk=mission.pk).update(**fields)
        changed.append(facts.code)
    Mission.objects.bulk_create(fresh)
    for mission in known.values():
        if mission.district:
            Mission.objects.filter(pk=mission.pk).update(district=[])
            changed.append(mission.code)
    if changed:
        detail = {"profile": profile.code, "missions": sorted(changed)}
        audit.record(by=by, action="accounts.load_missions", subject="missions", now=now, detail=detail)
    return len(changed)


def _columns(facts: MissionFacts) -> dict[str, Any]:
    return {
        "kind": facts.kind,
        "names": facts.names,
        "cities": facts.city,
        "country": facts.country,
        "lat": facts.lat,
        "lon": facts.lon,
        "timezone": facts.timezone,
        "phone": facts.phone,
        "district": list(facts.district),
    }


# ------------------------------------------------------------------ staff


@transaction.atomic
def add_officer(
    *,
    username: str,
    display_name: str,
    role: Role,
    mission_id: int | None = None,
    email: str = "",
    language: str = "",
    password: str | None = None,
    by: Actor,
    now: datetime,
) -> Officer:
    """Add a member of staff. Without a password nobody can sign in until a set-up link was used."""
    by.require(Permission.MANAGE_STAFF)
    officer = Officer(
        username=_checked_username(username),
        display_name=display_name.strip() or username,
        email=email.strip(),
        language=language,
        role=Role(role).value,
        mission_id=_checked_mission(role, mission_id),
        created_at=now,
    )
    if password is None:
        officer.set_unusable_password()
    else:
        _check_password(password, officer)
        officer.set_password(password)
    try:
        with transaction.atomic():
            officer.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This user name is taken."), fields={"username": _("taken")}) from error
    _audit(officer, "accounts.add_officer", by, now, role=officer.role, mission=mission_id)
    return officer


@transaction.atomic
def change_role(
    *, officer_id: int, role: Role, mission_id: int | None = None, by: Actor, now: datetime
) -> Officer:
    """Give another role or mission. It counts from the next request on; nobody changes their own."""
    by.require(Permission.MANAGE_STAFF)
    officer = _lock(officer_id)
    _refuse_own(officer, by)
    mission_id = _checked_mission(role, mission_id)
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(officer)
    before = {"role": officer.role, "mission": officer.mission_id}
    officer.role, officer.mission_id = Role(role).value, mission_id
    officer.save(update_fields=["role", "mission"])
    _audit(officer, "accounts.change_role", by, now, before=before, role=officer.role, mission=mission_id)
    return officer


@transaction.atomic
def deactivate(*, officer_id: int, by: Actor, now: datetime) -> Officer:
    """End a member of staff's access at once: no session, password, passkey or code of theirs works any more."""
    by.require(Permission.MANAGE_STAFF)
    officer = _lock(officer_id)
    _refuse_own(officer, by)
    _keep_an_administrator(officer)
    officer.is_active = False
    _forget_credentials(officer)
    _audit(officer, "accounts.deactivate", by, now)
    return officer


@transaction.atomic
def reactivate(*, officer_id: int, by: Actor, now: datetime) -> Officer:
    """Let a member of staff return; a set-up link and a new second factor are needed."""
    by.require(Permission.MANAGE_STAFF)
    officer = _lock(officer_id)
    officer.is_active = True
    officer.save(update_fields=["is_active"])
    _audit(officer, "accounts.reactivate", by, now)
    return officer


@transaction.atomic
def reset_access(*, officer_id: int, by: Actor, now: datetime) -> str:
    """For a lost device or password: forget all credentials and return the path of a new set-up link."""
    by.require(Permission.MANAGE_STAFF)
    officer = _lock(officer_id)
    _refuse_own(officer, by)
    if not officer.is_active:
        raise Conflict(_("This member of staff is not active."))
    _forget_credentials(officer)
    _audit(officer, "accounts.reset_access", by, now)
    return setup_link.path_for(officer, now)


@transaction.atomic
def issue_setup_link(*, officer_id: int, by: Actor, now: datetime) -> str:
    """The path of a link for someone who has no password yet; for anyone else see `reset_access`."""
    by.require(Permission.MANAGE_STAFF)
    officer = _lock(officer_id)
    if officer.has_usable_password() or not officer.is_active:
        raise Conflict(_("Access has to be reset first."))
    _audit(officer, "accounts.issue_setup_link", by, now)
    return setup_link.path_for(officer, now)


@transaction.atomic
def set_first_password(*, token: str, password: str, now: datetime) -> Officer:
    """Use up a set-up link. Signing in and enrolling a second factor come after it."""
    officer = setup_link.officer_for(token, now, lock=True)
    _check_password(password, officer)
    officer.set_password(password)
    officer.save(update_fields=["password"])
    _audit(officer, "accounts.set_first_password", officer.actor, now)
    return officer


def record_sign_in(*, officer: Officer, method: str, now: datetime) -> None:
    _audit(officer, "accounts.sign_in", officer.actor, now, method=method)


def record_sign_out(*, officer: Officer, now: datetime) -> None:
    _audit(officer, "accounts.sign_out", officer.actor, now)


def record_refused_sign_in(*, username: str, by: Actor, now: datetime) -> None:
    """Note a failed try. A name we do not know is not kept: it may be a password in the wrong field."""
    officer = Officer.objects.filter(username__iexact=username).first()
    subject = f"staff:{officer.pk}" if officer else "staff:unknown"
    audit.record(by=by, action="accounts.refused_sign_in", subject=subject, now=now)


def record_factor_change(*, officer: Officer, change: str, now: datetime) -> None:
    _audit(officer, "accounts.factor_change", officer.actor, now, change=change)


# ------------------------------------------------------------------ checks


def _lock(officer_id: int) -> Officer:
    # Administrators are locked as well, in one order: two of them cannot demote each other at the same time.
    locked = Officer.objects.select_for_update().order_by("pk")
    list(locked.filter(role=Role.ADMINISTRATOR.value))
    officer = locked.filter(pk=officer_id).first()
    if officer is None:
        raise NotFound
    return officer


def _refuse_own(officer: Officer, by: Actor) -> None:
    if by.label == officer.actor.label:
        raise Conflict(_("Another administrator has to change your own access."))


def _keep_an_administrator(officer: Officer) -> None:
    others = Officer.objects.filter(role=Role.ADMINISTRATOR.value, is_active=True).exclude(pk=officer.pk)
    if officer.role == Role.ADMINISTRATOR.value and officer.is_active and not others.exists():
        raise Conflict(_("This is the last administrator. Add another one first."))


def _forget_credentials(officer: Officer) -> None:
    # A new password hash also ends every session: sessions carry a digest of it.
    officer.set_unusable_password()
    officer.save(update_fields=["password", "is_active"])
    Authenticator.objects.filter(user_id=officer.pk).delete()


def _checked_username(username: str) -> str:
    name = username.strip().lower()
    try:
        validate_slug(name)
    except ValidationError as error:
        reason = _("Use letters, digits, hyphens and underscores.")
        raise InvalidInput(reason, fields={"username": reason}) from error
    if len(name) > 50:
        raise InvalidInput(_("The user name is too long."), fields={"username": _("too long")})
    return name


def _checked_mission(role: Role, mission_id: int | None) -> int | None:
    if role in AT_A_MISSION and mission_id is None:
        reason = _("Who works at a mission needs a mission.")
        raise InvalidInput(reason, fields={"mission": reason})
    if mission_id is not None and not Mission.objects.filter(pk=mission_id).exists():
        raise InvalidInput(_("There is no such mission."), fields={"mission": _("unknown")})
    return mission_id


def _check_password(password: str, officer: Officer) -> None:
    try:
        validate_password(password, officer)
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise InvalidInput(reason, fields={"password": reason}) from error


def _audit(officer: Officer, action: str, by: Actor, now: datetime, **detail: object) -> None:
    audit.record(by=by, action=action, subject=f"staff:{officer.pk}", now=now, detail=detail)
