"""What can be wrong with an area, as one error with a stable code."""


class AreaError(Exception):
    """A shape that must not be used for a warning.

    `code` is stable and for machines, `message` is a sentence for the person who has to act on it,
    `polygon` is the position (from 0) of the offending ring or disc in its list, where there is one.
    Codes: not_a_ring, not_a_number, too_few_points, open_ring, latitude_range, longitude_range,
    too_wide, winds_round, pole_unclear, no_surface, tangled, too_many_points, geometry_failed,
    radius_range, too_large, not_geojson, not_bytes.
    """

    def __init__(self, code: str, message: str, *, polygon: int | None = None) -> None:
        where = "" if polygon is None else f" (shape {polygon + 1})"
        super().__init__(f"{message}{where}")
        self.code = code
        self.message = message
        self.polygon = polygon
