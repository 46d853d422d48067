"""From a hazard to a proposed warning: incident, ledger, texts. An officer decides what goes out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from openconsular.alerts import audience, ledger, wording
from openconsular.alerts.events import note
from openconsular.alerts.models import Incident, Recipient, Warning, WarningText
from openconsular.domain.geo import Area, AreaError
from openconsular.foundation import audit, profile
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor, Permission
from openconsular.hazards import queries as hazards

OPEN = (Warning.State.PROPOSED, Warning.State.SUBMITTED)
RELEASED = (Warning.State.SENDING, Warning.State.SENT, Warning.State.STOPPED)
NEWS = (Warning.Kind.WARNING, Warning.Kind.UPDATE, Warning.Kind.ALL_CLEAR)


class NoArea(InvalidInput):
    """The hazard has no usable area, so nobody can be warned by it. Draw or load an area first."""

    code = "no-area"


def propose(*, hazard_id: int, by: Actor, now: datetime) -> Warning | None:
    """Bring the incident of a hazard up to date and propose what to tell whom.

    None where there is nothing to say: nobody is in the way of a new hazard, or one that ended had warned nobody.
    May run twice for the same version of a hazard without a second proposal. Raises NoArea rather than guess.
    """
    with transaction.atomic():
        hazard = hazards.lock(hazard_id)
        incident = Incident.objects.filter(hazard_id=hazard_id).first()
        if not hazard.is_active:
            return _propose_end(incident, hazard, by=by, now=now) if incident else None
        area = usable_area(bytes(hazard.area or b""))
        since = audience.window_since(hazard.starts_at, now)
        members = audience.find(area, starts_at=since, ends_at=hazard.lasts_until)
        if incident is None:
            if not members:
                return None
            incident = _open_incident(hazard, by=by, now=now)
        size = ledger.write(incident_id=incident.pk, members=members, now=now)
        kind = _what_to_propose(incident, hazard.version, size)
        return _put_proposal(incident, hazard, kind, area.to_bytes(), by=by, now=now) if kind else None


def _what_to_propose(incident: Incident, version: int, size: int) -> Warning.Kind | None:
    """A first warning, an update for a new version, a warning for those who came since, or nothing new."""
    told = incident.warnings.filter(state__in=RELEASED)
    waiting = incident.warnings.filter(state__in=OPEN, kind__in=NEWS, hazard_version=version).first()
    if waiting is not None:
        # The officer may be at work on it: only the number moves, and only before somebody confirmed it.
        if waiting.state == Warning.State.PROPOSED:
            waiting.audience_size = people_of(waiting).count()
            waiting.save(update_fields=["audience_size"])
        return None
    if not told.exists():
        dropped = incident.warnings.filter(
            state=Warning.State.DISCARDED, kind__in=NEWS, hazard_version=version
        )
        return None if dropped.exists() or not size else Warning.Kind.WARNING
    if not told.filter(hazard_version=version).exists():
        return Warning.Kind.UPDATE
    last = told.order_by("-released_at").values_list("released_at", flat=True).first()
    came_since = incident.recipients.filter(
        is_in_area=True, state=Recipient.State.NOT_REACHED, state_at__gt=last, deliveries__isnull=True
    )
    return Warning.Kind.WARNING if came_since.exists() else None


def usable_area(content: bytes) -> Area:
    """The area of a hazard, or NoArea: a missing, empty or broken area never means everyone."""
    try:
        area = Area.from_bytes(content)
    except AreaError as error:
        raise NoArea from error
    if area.is_empty:
        raise NoArea
    return area


def _open_incident(hazard: Any, *, by: Actor, now: datetime) -> Incident:
    incident = Incident.objects.create(
        hazard_id=hazard.pk, title=hazard.title[:300], is_exercise=hazard.is_exercise, opened_at=now
    )
    note(incident, "opened", now=now, title=incident.title)
    audit.record(by=by, action="incident.open", subject=f"incident:{incident.pk}", now=now)
    return incident


def _propose_end(incident: Incident, hazard: Any, *, by: Actor, now: datetime) -> Warning | None:
    """The hazard is over: nothing new goes out as a warning, and those who were warned are told."""
    incident.warnings.filter(state__in=OPEN).exclude(kind=Warning.Kind.RETRACTION).update(
        state=Warning.State.DISCARDED, finished_at=now
    )
    told = incident.warnings.filter(state__in=RELEASED)
    last = told.order_by("-released_at").first()
    if last is None:
        # It was taken back before anybody was warned: nobody needs to be told, nor looked for.
        if incident.closed_at is None:
            incident.closed_at = now
            incident.save(update_fields=["closed_at"])
            note(incident, "over_untold", now=now)
        return None
    if told.filter(kind=Warning.Kind.ALL_CLEAR, hazard_version=hazard.version).exists():
        return None
    return _put_proposal(incident, hazard, Warning.Kind.ALL_CLEAR, bytes(last.area), by=by, now=now)


def propose_more(*, incident_id: int, kind: str, by: Actor, now: datetime) -> Warning:
    """Propose a retraction to all who were told, or a reminder to those who have not answered."""
    by.require(Permission.EDIT_WARNINGS)
    if kind not in {Warning.Kind.RETRACTION, Warning.Kind.REMINDER}:
        raise InvalidInput("Only a retraction or a reminder is proposed by hand.")
    with transaction.atomic():
        # The hazard first, as matching does, so that the two never wait for each other.
        hazard = hazards.lock(Incident.objects.values_list("hazard_id", flat=True).get(pk=incident_id))
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        last = incident.warnings.filter(state__in=RELEASED).order_by("-released_at").first()
        if last is None:
            raise Conflict("Nothing has been sent in this incident yet.")
        return _put_proposal(incident, hazard, Warning.Kind(kind), bytes(last.area), by=by, now=now)


def _put_proposal(
    incident: Incident, hazard: Any, kind: Warning.Kind, area: bytes, *, by: Actor, now: datetime
) -> Warning:
    """One open proposal a kind: an older one that was not yet sent gives way to the new facts."""
    incident.warnings.filter(state__in=OPEN, kind__in=_gives_way_to(kind)).update(
        state=Warning.State.DISCARDED, finished_at=now
    )
    rules = profile.current()
    grade = rules.grade_for(hazard.severity)
    warning = Warning(
        incident=incident,
        kind=kind,
        grade=grade.code,
        area=area,
        hazard_version=hazard.version,
        approval_above=rules.approval_above,
        is_exercise=incident.is_exercise,
        proposed_at=now,
    )
    people = people_of(warning)
    warning.audience_size = people.count()
    warning.save()
    needed = sorted({*people.values_list("language", flat=True).distinct(), *rules.languages[:1]})
    texts = wording.propose(hazard=hazard, kind=kind, grade=grade, languages=needed, now=now)
    WarningText.objects.bulk_create(
        WarningText(warning=warning, language=language, **words) for language, words in texts.items()
    )
    note(incident, "proposed", now=now, warning=kind.value, size=warning.audience_size)
    audit.record(
        by=by,
        action="warning.propose",
        subject=f"warning:{warning.pk}",
        now=now,
        detail={"kind": kind.value, "audience": warning.audience_size},
    )
    return warning


def _gives_way_to(kind: Warning.Kind) -> list[Warning.Kind]:
    return list(NEWS) if kind in NEWS else [kind]


def people_of(warning: Warning) -> Any:
    """Rows of the ledger a warning speaks to.

    A warning: those in the way who were not told yet. An update: also those told before. An all-clear or retraction: those told
    before. A reminder: those reached who have not answered, and those never reached.
    """
    rows = Recipient.objects.filter(incident=warning.incident)
    told = rows.filter(deliveries__isnull=False).values("pk")
    match warning.kind:
        case Warning.Kind.WARNING:
            return rows.filter(is_in_area=True).exclude(pk__in=told)
        case Warning.Kind.UPDATE:
            return rows.filter(is_in_area=True) | rows.filter(pk__in=told)
        case Warning.Kind.REMINDER:
            return rows.filter(is_in_area=True).exclude(state__in=Recipient.ANSWERED)
        case _:
            return rows.filter(party__in=rows.filter(pk__in=told).values("party"))


def edit_texts(
    *, warning_id: int, texts: Mapping[str, Mapping[str, str]], grade: str, by: Actor, now: datetime
) -> Warning:
    """Change the words (and grade) of a proposal. Every text is checked; the first fault says what to mend."""
    by.require(Permission.EDIT_WARNINGS)
    rules = profile.current()
    if grade not in {one.code for one in rules.grades}:
        raise InvalidInput("There is no such grade.", fields={"grade": grade})
    with transaction.atomic():
        warning = Warning.objects.select_for_update().get(pk=warning_id)
        if warning.state != Warning.State.PROPOSED:
            raise Conflict("Only a proposal can be edited. Take it back first.")
        for language, words in texts.items():
            wording.check(warning.kind, language, words)
            warning.texts.filter(language=language).update(
                sms=words["sms"].strip(), subject=words["subject"].strip(), body=words["body"].strip()
            )
        warning.grade = grade
        warning.save(update_fields=["grade"])
        audit.record(
            by=by,
            action="warning.edit",
            subject=f"warning:{warning.pk}",
            now=now,
            detail={"languages": sorted(texts), "grade": grade},
        )
    return warning
