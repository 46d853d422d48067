"""A hazard to hang cases on."""

from datetime import timedelta

from openconsular.hazards.models import Hazard, Source


def make_hazard(now, title="Typhoon", area=b"\x00"):
    source, _made = Source.objects.get_or_create(
        name="Example Weather Service", defaults={"kind": Source.Kind.FILES, "added_at": now}
    )
    return Hazard.objects.create(
        source=source,
        sender="weather.example",
        category="Met",
        severity="Severe",
        urgency="Immediate",
        certainty="Observed",
        headlines={"en": title},
        area=area,
        area_digest="0" * 64,
        area_key="0" * 64,
        lasts_until=now + timedelta(days=1),
        sent_at=now,
        first_seen_at=now,
        changed_at=now,
    )
