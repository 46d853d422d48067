"""What must hold after every kill, read from the database and compared with what the sinks and the people saw."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Q

from openconsular.alerts.links import token_for
from openconsular.alerts.models import Answer, Delivery, Recipient, Shard, UnreadReply, Warning
from openconsular.citizens import queries as citizens
from openconsular.foundation import audit
from openconsular.foundation.models import AuditEntry
from tests.faults.people import People

HANDED = (Delivery.State.HANDED, Delivery.State.DELIVERED, Delivery.State.UNDELIVERED)
SHOWN = 5


@dataclass
class Ledger:
    """One warning's deliveries beside their arrivals. `faults` says in words what must not be."""

    deliveries: int = 0
    handed: int = 0
    refused: int = 0
    arrivals: int = 0
    duplicates: int = 0
    in_doubt: int = 0
    faults: list[str] = field(default_factory=list)


def of_warning(warning_id: int, people: People) -> Ledger:
    """Nobody without a hand-over, every second arrival counted beforehand, and no hand-over without an arrival."""
    found = Ledger()
    warning = Warning.objects.get(pk=warning_id)
    rows = list(warning.deliveries.order_by("pk"))
    addresses = citizens.addresses_of([one.contact_id for one in rows if one.contact_id])
    wrong: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for one in rows:
        arrivals = people.arrivals[addresses[one.contact_id], token_for(one.recipient_id)]
        found.arrivals += arrivals
        found.duplicates += max(0, arrivals - 1)
        found.in_doubt += one.in_doubt
        found.handed += one.state in HANDED
        found.refused += one.state == Delivery.State.REFUSED
        for word in faults_of(one, arrivals):
            wrong[word] += 1
            examples.setdefault(
                word,
                f"delivery {one.pk}: {one.state}, attempts {one.attempts}, "
                f"in doubt {one.in_doubt}, arrived {arrivals}",
            )
    found.deliveries = len(rows)
    found.faults = [f"{count} x {word} (e.g. {examples[word]})" for word, count in wrong.items()]
    found.faults += _of_ledger(warning)
    return found


def faults_of(one: Delivery, arrivals: int) -> list[str]:
    """What must not be, of one delivery that arrived so often."""
    is_final = one.state in HANDED or one.state == Delivery.State.REFUSED
    checks = {
        "delivery neither handed over nor refused": is_final,
        "refusal without a reason": one.state != Delivery.State.REFUSED or one.error_code,
        "called handed over, but never arrived": one.state not in HANDED or arrivals,
        "refused, yet arrived without being in doubt": one.state != Delivery.State.REFUSED
        or arrivals <= one.in_doubt,
        "told twice without a doubt on record": arrivals <= 1 or arrivals <= 1 + one.in_doubt,
        "left more often than it was marked": arrivals <= one.attempts,
        "more doubts than attempts": one.in_doubt <= one.attempts,
    }
    return [word for word, holds in checks.items() if not holds]


def _of_ledger(warning: Warning) -> list[str]:
    faults = []
    if warning.state != Warning.State.SENT or warning.finished_at is None:
        faults.append(f"the warning is {warning.state}, not sent")
    open_shards = warning.shards.exclude(state=Shard.State.DONE).count()
    if open_shards:
        faults.append(f"{open_shards} shards are not done")
    told = Recipient.objects.filter(deliveries__warning=warning, deliveries__state__in=HANDED).distinct()
    unmarked = told.filter(reached_at__isnull=True).count()
    if unmarked:
        faults.append(f"{unmarked} people were told and are not marked as reached")
    # Companions are reached through their lead: whoever is left has no address at all, and there is none such here.
    forgotten = warning.incident.recipients.filter(reached_at__isnull=True).count()
    if forgotten:
        faults.append(f"{forgotten} people in the ledger were never reached")
    return faults


@dataclass
class Answers:
    """What people said beside what is stored."""

    acknowledged: int = 0
    doubts: int = 0
    retried: int = 0
    by_sms: int = 0
    stored: int = 0
    faults: list[str] = field(default_factory=list)


def of_answers(people: People) -> Answers:
    """Every answer counts exactly once: acknowledged ones are stored, repeated ones are one, nothing is invented."""
    found = Answers()
    stored = {one.key: one for one in Answer.objects.all()}
    row_of = {token_for(pk): pk for pk in Recipient.objects.values_list("pk", flat=True)}
    expected = {f"link:{row_of[one.token]}:{one.key}": one for one in people.by_http}
    found.stored = len(stored)
    found.acknowledged = sum(one.is_acknowledged for one in people.by_http)
    found.doubts = sum(one.doubts for one in people.by_http)
    found.retried = sum(one.tries > 1 for one in people.by_http)
    found.by_sms = len(people.by_sms)
    by_link = {key: one for key, one in stored.items() if one.via == Answer.Via.LINK}
    lost = [key for key, one in expected.items() if one.is_acknowledged and key not in stored]
    changed = [key for key in by_link if key in expected and by_link[key].value != expected[key].value]
    unheard = [key for key, one in expected.items() if not one.is_acknowledged]
    answered_by_sms = {one.recipient_id for one in stored.values() if one.via == Answer.Via.SMS}
    silent = [token for token in people.by_sms if row_of[token] not in answered_by_sms]
    unstated = Recipient.objects.filter(answers__isnull=False).exclude(state__in=Recipient.ANSWERED).count()
    audited = AuditEntry.objects.filter(action__startswith="answer.").count()
    checks = {
        f"acknowledged and not stored: {lost[:SHOWN]}": not lost,
        f"stored otherwise than given: {changed[:SHOWN]}": not changed,
        f"stored, though nobody gave it: {set(by_link) - set(expected)}": set(by_link) <= set(expected),
        f"never acknowledged: {unheard[:SHOWN]}": not unheard,
        f"replies by SMS without an answer: {silent[:SHOWN]}": not silent,
        f"{unstated} people answered and are not counted as answered": not unstated,
        f"{audited} answers in the audit trail, {len(stored)} stored": audited == len(stored),
        f"{UnreadReply.objects.count()} replies were not understood": not UnreadReply.objects.exists(),
        "the audit trail is broken": audit.verify().is_whole,
    }
    found.faults = [word for word, holds in checks.items() if not holds]
    found.faults += _helped_twice()
    return found


def _helped_twice() -> list[str]:
    """One cry for help, one case: the same answer must not open a second one."""
    rows = Answer.objects.filter(~Q(case=None)).values("case").annotate(count=Count("pk"))
    cases = {row["case"] for row in rows}
    helped = Answer.objects.filter(value=Answer.Value.HELP)
    people = helped.values("recipient").distinct().count()
    return [f"{len(cases)} cases for {people} people who need help"] if len(cases) > people else []
