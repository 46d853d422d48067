"""Who stands before us as a holder: a citizen with their family, or somebody who proved on this visit whose it is."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest

from openconsular.citizens import actions as citizens
from openconsular.citizens import session
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import ANONYMOUS, Actor
from openconsular.health_certificates.queries import wallet
from openconsular.health_certificates.queries.wallet import HeldCertificate

CLAIMED = "certificates.claimed"
# Long enough to look, to print and to keep it on the telephone; short, because the telephone may be somebody else's.
HELD_FOR = timedelta(minutes=30)
MOST_HELD = 20


class NobodyHere(NotFound):
    """Nobody is signed in, and nothing was claimed on this visit: signing in may help."""


def actor(request: HttpRequest) -> Actor:
    """The citizen who is signed in; else ANONYMOUS."""
    person = session.current(request)
    return citizens.actor_of(person) if person is not None else ANONYMOUS


def remember(request: HttpRequest, public_id: UUID, now: datetime) -> None:
    """Let this visit open a certificate that was just claimed, for half an hour.

    The session id changes: whoever planted one here, or noted it before, does not get to see what was claimed.
    """
    request.session.cycle_key()
    kept = {one: until for one, until in _kept(request).items() if until > now}
    kept[public_id] = now + HELD_FOR
    newest = list(kept.items())[-MOST_HELD:]
    session.put(request, CLAIMED, [[str(one), until.isoformat()] for one, until in newest])


def forget(request: HttpRequest) -> None:
    request.session.pop(CLAIMED, None)


def claimed(request: HttpRequest, now: datetime) -> list[UUID]:
    return [one for one, until in _kept(request).items() if until > now]


def _kept(request: HttpRequest) -> dict[UUID, datetime]:
    told = session.get(request, CLAIMED) or []
    return {UUID(one): datetime.fromisoformat(until) for one, until in told}


def held(request: HttpRequest, now: datetime) -> list[HeldCertificate]:
    """The family's certificates and those claimed on this visit, the newest first, each once. Audited."""
    by = actor(request)
    found = wallet.certificates_of_family(by=by, now=now)
    known = {one.public_id for one in found}
    others = [one for one in claimed(request, now) if one not in known]
    if others:
        found = [*wallet.certificates_claimed(public_ids=others, by=by, now=now), *found]
    return found


def held_one(
    request: HttpRequest, public_id: UUID, now: datetime
) -> tuple[HeldCertificate, list[HeldCertificate]]:
    """One certificate among all that are held. Raises NobodyHere, or NotFound where it is none of theirs."""
    found = held(request, now)
    for one in found:
        if one.public_id == public_id:
            return one, found
    if not found and actor(request) is ANONYMOUS:
        raise NobodyHere
    raise NotFound
