"""One list of keys: its state, what it holds, what of it was refused, and the editions taken."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from openconsular.domain.health.trust.model import Problem, TrustList, TrustStore
from openconsular.domain.health.trust.revoking import with_revoked
from openconsular.foundation.errors import NotFound
from openconsular.health_certificates import trusting
from openconsular.health_certificates.models import TrustEdition, TrustSource
from openconsular.health_certificates.queries import trust
from openconsular.health_certificates.queries.trust import ListState


@dataclass(frozen=True)
class OpenedList:
    """A list as held now. `content` is None when no edition was taken, and for revocation lists, which hold no keys."""

    state: ListState
    source: TrustSource
    edition: TrustEdition | None
    content: TrustList | None


_WITHOUT_KEYS = (TrustSource.Kind.REVOCATIONS, TrustSource.Kind.CRL)


def with_revoked_signers(held: TrustList) -> TrustList:
    """A list as verdicts see it: without the signers that authorities revoked."""
    store = TrustStore(held.environment, {held.list_id: held})
    return with_revoked(store, trusting.believed().trust.revoked_signers).lists[held.list_id]


def opened_list(name: str, *, now: datetime) -> OpenedList:
    """Keys of a list are public; opening it asks for no permission of its own."""
    source = TrustSource.objects.filter(environment=settings.CERTIFICATES, name=name).first()
    if source is None:
        raise NotFound
    edition = source.editions.order_by("-pk").first()
    content = None
    if edition is not None and source.kind not in _WITHOUT_KEYS:
        content = with_revoked_signers(trusting.held_list(edition))
    state = next(one for one in trust.lists(now=now) if one.name == name)
    return OpenedList(state, source, edition, content)


def refused(content: TrustList | None, text: str = "") -> list[Problem]:
    """Entries that were not taken, or with a reservation, whose name, code or words hold `text`."""
    wanted = text.strip().lower()
    found = content.problems if content is not None else ()
    return [one for one in found if wanted in f"{one.entry} {one.code} {one.message}".lower()]


def editions(source: TrustSource) -> QuerySet[TrustEdition]:
    """Every edition that was taken and said something new, the newest first."""
    return source.editions.defer("content").order_by("-pk")
