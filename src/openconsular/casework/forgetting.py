"""What is left of a case when the person it was about has had everything deleted: that it was, not what was said."""

from collections.abc import Collection
from datetime import datetime

from openconsular.casework.models import Case, CaseEvent
from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor


def forget_people(*, person_ids: Collection[int], by: Actor, now: datetime) -> int:
    """Clear every word of the closed and open cases of these people, in the caller's transaction.

    Number, mission, state and times stay: the count of cases must still be right. Returns how many cases.
    """
    cases = Case.objects.filter(person_id__in=person_ids)
    CaseEvent.objects.filter(case__in=cases, is_coded=False).update(text="")
    changed = cases.update(summary="", place="", updated_at=now)
    if changed:
        audit.record(by=by, action="case.forget", subject="cases", now=now, detail={"cases": changed})
    return changed
