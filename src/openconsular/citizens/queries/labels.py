"""Places in the reader's words."""

from django.utils.translation import get_language

from openconsular.citizens import places
from openconsular.domain.people.places import Place


def place_label(place_id: int | None, label: str) -> str:
    """The name of a gazetteer place in the reader's language, else the label as it was entered."""
    place = places.place_by_id(place_id) if place_id is not None else None
    return place.name_in(get_language() or "") if place else label


def described(place: Place) -> str:
    """A place told apart from others of its name: "Cebu City, Philippines", in Chinese 菲律宾宿务."""
    language = get_language() or ""
    country = places.country_name(place.country, language)
    if place.id < 0:
        return country
    name = place.name_in(language)
    if country.endswith(name):
        return country
    has_code = place.country in places.TOLD_BY_REGION and place.region != place.country
    code = place.region.partition("-")[2] if has_code else ""
    if language.startswith("zh"):
        # From the large to the small, without a comma; a name in Latin letters stands apart.
        gap = " " if name.isascii() else ""
        return f"{country}{gap}{name}（{code}）" if code else f"{country}{gap}{name}"
    return ", ".join(filter(None, (name, code, country)))
