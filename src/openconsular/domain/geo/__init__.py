"""Places, areas and the exact answer to who is where. The only room that knows shapely.

Units: latitudes and longitudes in degrees of WGS 84, latitude first; uncertainty in metres.

    Area.of(polygons, excluded=..., discs=...)      from CAP; refuses with AreaError
    area.covers(lat, lon), area.covers_many(lats, lons), area.within_reach(lats, lons, radius_m)
    area.to_bytes(), Area.from_bytes(content)       for a binary column
    area.to_geojson(), Area.from_geojson(document), area.simplified_geojson(tolerance)
    Area.union(areas), area.bounds, area.is_empty, area.notes, area.vertex_count, area.surface_km2
    position_code(lat, lon, uncertainty_m)          what a stored position is filed under (bigint, B-tree)
    cover(area, reach_m=..., cells=...)             ranges of codes for a database
    PositionIndex(ids, lats, lons, uncertainties_m).match(area)
"""

from openconsular.domain.geo.area import Area
from openconsular.domain.geo.cover import Cover, Ranges, cover
from openconsular.domain.geo.disc import Disc
from openconsular.domain.geo.errors import AreaError
from openconsular.domain.geo.index import Matched, PositionIndex
from openconsular.domain.geo.morton import CODE_BITS, REACH_CLASSES_M, position_code, position_codes
from openconsular.domain.geo.rings import Note
from openconsular.domain.geo.sphere import Bounds

__all__ = [
    "CODE_BITS",
    "REACH_CLASSES_M",
    "Area",
    "AreaError",
    "Bounds",
    "Cover",
    "Disc",
    "Matched",
    "Note",
    "PositionIndex",
    "Ranges",
    "cover",
    "position_code",
    "position_codes",
]
