"""A hazard to hang cases on."""

from openconsular.hazards.models import Hazard


def make_hazard(now, title="Typhoon"):
    return Hazard.objects.create(headline={"en": title})
