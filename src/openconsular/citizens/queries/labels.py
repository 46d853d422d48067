"""Places in the reader's words."""

from django.utils.translation import get_language

from openconsular.citizens import places


def place_label(place_id: int | None, label: str) -> str:
    """The name of a gazetteer place in the reader's language, else the label as it was entered."""
    place = places.place_by_id(place_id) if place_id is not None else None
    return place.name_in(get_language() or "") if place else label
