"""Places in the reader's words."""

from django.utils.translation import get_language

from openconsular.citizens import places
from openconsular.domain.people.places import Place


def place_label(place_id: int | None, label: str) -> str:
    """The name of a gazetteer place in the reader's language, else the label as it was entered."""
    place = places.place_by_id(place_id) if place_id is not None else None
    return place.name_in(get_language() or "") if place else label


def described(place: Place) -> str:
    """A place as told apart from others of its name: "Cebu City, Philippines", or "all of Philippines"."""
    language = get_language() or ""
    country = places.country_name(place.country, language)
    if place.id < 0:
        return country
    name = place.name_in(language)
    if place.country in places.TOLD_BY_REGION and place.region != place.country:
        country = f"{place.region.partition('-')[2]}, {country}"
    return country if name == country else f"{name}, {country}"
