"""A feed speaks for its own territory only: one rogue or mistaken feed must not warn the other end of the world."""

from collections.abc import Callable

import numpy as np

from openconsular.domain.cap.reasons import Remark, remark
from openconsular.domain.geo import Area
from openconsular.hazards import gazetteer
from openconsular.hazards.models import Source

# From the last town out to sea: an exclusive economic zone is 370 km wide (UNCLOS, article 57).
REACH_KM = 450.0
# Weather does not stop at borders and codes are drawn roughly; more than this outside is somebody else's business.
TOLERATED_OUTSIDE = 0.2
_SAMPLES = 60

Place = tuple[float, float]


def objection(source: Source, area: Area) -> Remark | None:
    """Why this source may not speak of this area, or None."""
    inside = _tester(source)
    if inside is None:
        return None
    places = sample(area)
    outside = [place for place in places if not inside(place)]
    if len(outside) <= TOLERATED_OUTSIDE * len(places):
        return None
    territory = ", ".join(source.countries) or source.name
    swapped = [(lon, lat) for lat, lon in places if abs(lon) <= 90]
    if len(swapped) == len(places) and all(map(inside, swapped)):
        return remark("outside-territory-swapped", territory=territory)
    return remark("outside-territory", share=round(100 * len(outside) / len(places)), territory=territory)


def sample(area: Area) -> list[Place]:
    """Places spread over the area's outline and its centres, (latitude, longitude)."""
    places: list[Place] = [(disc.lat, disc.lon) for disc in area.discs]
    if not area.polygons.is_empty:
        for part in area.polygons.geoms:
            centre = part.representative_point()
            places.append((centre.y, centre.x))
            outline = np.asarray(part.exterior.coords)[:-1]
            places += [(float(lat), float(lon)) for lon, lat in outline[:: max(1, len(outline) // 12)]]
    return places[:: max(1, len(places) // _SAMPLES)]


def _tester(source: Source) -> Callable[[Place], bool] | None:
    if source.territory:
        own = Area.from_bytes(bytes(source.territory))
        return lambda place: own.covers(*place)
    if source.countries:
        return lambda place: gazetteer.distance_to_countries_km(*place, source.countries) <= REACH_KM
    return None
