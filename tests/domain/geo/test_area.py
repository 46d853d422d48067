"""Areas from polygons and discs as authorities write them, good and bad."""

import json
import math

import numpy as np
import pytest

from openconsular.domain.geo import Area, AreaError, Bounds

SQUARE = [(0, 0), (0, 10), (10, 10), (10, 0), (0, 0)]
HOLE = [(4, 4), (4, 6), (6, 6), (6, 4), (4, 4)]
FIJI = [(-16, 177), (-16, -178), (-19, -178), (-19, 177), (-16, 177)]


def refused(code: str, **shapes: object) -> AreaError:
    with pytest.raises(AreaError) as caught:
        Area.of(**shapes)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert str(caught.value)
    return caught.value


def test_a_square_covers_its_inside_its_edges_and_its_corners() -> None:
    area = Area.of([SQUARE])
    assert area.covers(5, 5) and area.covers(0, 5) and area.covers(10, 10)
    assert not area.covers(5, 10.000001) and not area.covers(-0.000001, 5)
    assert area.bounds == Bounds(south=0, west=0, north=10, east=10)
    assert area.vertex_count == 5


def test_every_polygon_counts_not_only_the_first() -> None:
    area = Area.of([SQUARE, [(20, 20), (20, 21), (21, 21), (20, 20)]])
    assert area.covers(5, 5) and area.covers(20.2, 20.5)


def test_what_is_excluded_is_out_and_its_edge_is_in() -> None:
    area = Area.of([SQUARE], excluded=[HOLE])
    assert not area.covers(5, 5) and area.covers(4, 5) and area.covers(3, 3)


def test_what_is_excluded_is_cut_out_of_discs_too() -> None:
    area = Area.of(discs=[(5, 5, 500)], excluded=[HOLE])
    assert not area.covers(5, 5) and area.covers(4, 5) and area.covers(8, 5)
    assert area.within_reach([5, 5], [5, 5], [1_000, 200_000]).tolist() == [False, True]


def test_a_polygon_over_the_antimeridian_is_small_and_in_the_right_place() -> None:
    area = Area.of([FIJI])
    assert area.covers(-17, 179) and area.covers(-17, -179)
    assert area.covers(-17, 180) and area.covers(-17, -180)
    assert not area.covers(-17, 0) and area.surface_km2 < 200_000


def test_cutting_at_the_antimeridian_leaves_far_corners_where_they_are() -> None:
    corners = [(lat, -100 - lat / 7.3) for lat in range(-30, 31)]
    area = Area.of([[(-30.5, 170.321), *corners, (30.5, 170.123), (-30.5, 170.321)]])
    assert area.covers_many([lat for lat, _ in corners], [lon for _, lon in corners]).all()


@pytest.mark.parametrize("shift", [0.0, 360.0])
def test_longitudes_beyond_180_are_the_same_places(shift: float) -> None:
    beyond = [(lat, lon + 360 if lon < 0 else lon) for lat, lon in FIJI]
    assert Area.of([[(lat, lon - shift) for lat, lon in beyond]]) == Area.of([FIJI])


def test_longitudes_from_0_to_360_may_cross_greenwich() -> None:
    area = Area.of([[(50, 359), (50, 2), (52, 2), (52, 359), (50, 359)]])
    assert area.covers(51, 0) and area.covers(51, -0.5) and not area.covers(51, 180)


def test_a_ring_with_both_signs_of_180_lies_along_the_antimeridian() -> None:
    ring = [
        (-16, 179),
        (-16, 180),
        (-16, -180),
        (-16, -179),
        (-18, -179),
        (-18, -180),
        (-18, 180),
        (-18, 179),
        (-16, 179),
    ]
    area = Area.of([ring])
    assert area.covers(-17, 179.5) and area.covers(-17, -179.5) and not area.covers(-17, 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_ring_round_a_pole_holds_the_pole(sign: int) -> None:
    area = Area.of([[(sign * 70, lon) for lon in (0, 90, 180, -90, 0)]])
    assert area.covers(sign * 90, 12) and area.covers(sign * 80, -170) and not area.covers(sign * 69, 10)
    assert area.surface_km2 == pytest.approx(2 * math.pi * 6371.0088**2 * (1 - math.sin(math.radians(70))))


def test_a_band_round_the_globe_is_read_as_drawn() -> None:
    area = Area.of([[(10, -180), (10, 180), (20, 180), (20, -180), (10, -180)]])
    assert area.covers(15, 0) and area.covers(15, 180) and not area.covers(25, 0)


def test_a_crossed_ring_keeps_all_its_lobes_and_says_so() -> None:
    area = Area.of([[(0, 0), (0, 10), (10, 0), (10, 10), (0, 0)]])
    assert area.covers(2, 5) and area.covers(8, 5) and not area.covers(5, 1)
    assert [note.code for note in area.notes] == ["repaired"]


def test_what_is_wound_round_twice_stays_in() -> None:
    twice = [(0, 0), (0, 10), (10, 10), (10, 0), (3, 0), (3, 7), (7, 7), (7, -2), (0, -2), (0, 0)]
    assert Area.of([twice]).covers(5, 5)


@pytest.mark.parametrize(
    ("code", "ring"),
    [
        ("not_a_ring", "POLYGON"),
        ("not_a_ring", [1, 2, 3, 4]),
        ("not_a_ring", [(1, 2, 3)] * 5),
        ("not_a_ring", [("a", "b")] * 4),
        ("too_few_points", []),
        ("too_few_points", [()] * 4),
        ("too_few_points", [(0, 0), (0, 1), (0, 0)]),
        ("open_ring", SQUARE[:-1]),
        ("not_a_number", [(0, 0), (0, math.nan), (1, 1), (0, 0)]),
        ("not_a_number", [(0, 0), (math.inf, 0), (1, 1), (0, 0)]),
        ("latitude_range", [(0, 0), (100.5, 13), (99, 14), (0, 0)]),
        ("longitude_range", [(0, 0), (0, 361), (1, 1), (0, 0)]),
        ("no_surface", [(0, 0), (1, 1), (2, 2), (0, 0)]),
        ("no_surface", [(3, 4)] * 5),
        ("pole_unclear", [(60, 0), (60, 175), (60, -60), (60, 0)]),
        (
            "too_wide",
            [
                (0, 0),
                (0, 90),
                (0, 180),
                (0, -90),
                (0, 0),
                (0, 90),
                (1, 0),
                (1, -90),
                (1, 180),
                (1, 90),
                (0, 0),
            ],
        ),
        ("too_large", [(-80, -180), (-80, 180), (90, 180), (90, -180), (-80, -180)]),
    ],
)
def test_a_polygon_that_cannot_be_trusted_is_refused(code: str, ring: object) -> None:
    refused(code, polygons=[ring])
    good_first = refused(code, polygons=[SQUARE, ring])
    assert good_first.polygon in (1, None)


def test_a_broken_exclusion_refuses_the_area() -> None:
    refused("open_ring", polygons=[SQUARE], excluded=[HOLE[:-1]])


def test_a_tangle_is_refused_before_it_eats_the_memory() -> None:
    scribble = np.random.default_rng(7).uniform(-10, 10, (30_000, 2))
    refused("tangled", polygons=[np.vstack([scribble, scribble[:1]])])


def test_combs_laid_across_each_other_are_refused() -> None:
    teeth = np.arange(3_000) / 300
    comb = [(x, y) for tooth in teeth for x, y in ((tooth, 0), (tooth + 0.001, 9), (tooth + 0.002, 0))]
    ring = [*comb, (comb[-1][0], -1), (0, -1), comb[0]]
    across = [(lat, lon) for lon, lat in ring]
    refused("tangled", polygons=[ring, across])
    refused("tangled", polygons=[ring], excluded=[across])
    assert Area.of([ring]).vertex_count == len(ring)


def test_too_many_points_are_refused() -> None:
    refused("too_many_points", polygons=[np.zeros((500_001, 2))])


@pytest.mark.parametrize(
    ("code", "disc"),
    [
        ("not_a_number", (1, 2)),
        ("not_a_number", ("a", 2, 3)),
        ("not_a_number", (1, 2, math.nan)),
        ("latitude_range", (91, 0, 1)),
        ("longitude_range", (0, 400, 1)),
        ("radius_range", (0, 0, -1)),
        ("radius_range", (0, 0, 10_100)),
    ],
)
def test_a_disc_that_cannot_be_trusted_is_refused(code: str, disc: object) -> None:
    refused(code, discs=[disc])


def test_a_disc_of_radius_zero_covers_nobody_and_says_so() -> None:
    area = Area.of(discs=[(10, 20, 0)])
    assert area.is_empty and not area.covers(10, 20)
    assert [note.code for note in area.notes] == ["zero_radius", "empty"]


def test_nothing_covers_nobody_and_says_so() -> None:
    area = Area.of()
    assert area.is_empty and area.bounds is None and area.notes[0].code == "empty"
    assert not area.covers(0, 0) and not area.within_reach([0], [0], [1e7]).any()


def test_discs_reach_over_the_pole_and_the_antimeridian() -> None:
    degree_km = math.radians(1) * 6371.0088
    area = Area.of(discs=[(89, 0, 2 * degree_km), (0, 179.5, degree_km)])
    assert area.covers(89.01, 180) and not area.covers(88.9, 180) and area.covers(90, 77)
    assert area.covers(0, -179.6) and not area.covers(0, -179.4)


def test_many_discs_may_overlap_but_not_cover_half_the_world() -> None:
    track = [(lat, 140 + lat / 10, 3000) for lat in np.linspace(10, 20, 30)]
    assert Area.of(discs=track).covers(15, 141)
    refused("too_large", discs=[(0, lon, 9000) for lon in (0, 120, -120)])


def test_areas_are_joined_and_the_joined_area_has_limits_too() -> None:
    other = Area.of([[(20, 20), (20, 21), (21, 21), (20, 20)]], discs=[(50, 50, 10)])
    both = Area.union([Area.of([SQUARE]), other])
    assert both.covers(5, 5) and both.covers(20.2, 20.5) and both.covers(50, 50)
    halves = [Area.of([[(-80, w), (-80, w + 150), (80, w + 150), (80, w), (-80, w)]]) for w in (-180, -30)]
    with pytest.raises(AreaError, match="larger than half"):
        Area.union(halves)


def test_equal_ground_is_equal() -> None:
    assert Area.of([SQUARE]) == Area.of([SQUARE[::-1]]) == Area.of([[*SQUARE[2:], SQUARE[1], SQUARE[2]]])
    assert len({Area.of([SQUARE]), Area.of([SQUARE]), Area.of([HOLE])}) == 2


@pytest.mark.parametrize(
    "area",
    [
        Area.of(),
        Area.of([SQUARE], excluded=[HOLE]),
        Area.of([FIJI], discs=[(89, 0, 500)], excluded=[HOLE]),
        Area.of([[(0, 0), (0, 10), (10, 0), (10, 10), (0, 0)]]),
        Area.of([[(70, lon) for lon in (0, 90, 180, -90, 0)]]),
    ],
)
def test_areas_travel_without_loss(area: Area) -> None:
    for copy in (
        Area.from_bytes(area.to_bytes()),
        Area.from_geojson(json.loads(json.dumps(area.to_geojson()))),
    ):
        assert copy == area and hash(copy) == hash(area) and copy.notes == area.notes


def test_bytes_that_were_changed_are_refused() -> None:
    content = Area.of([SQUARE]).to_bytes()
    for damaged in (
        b"",
        content[:-1],
        content[:20],
        b"x" + content[1:],
        content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    ):
        with pytest.raises(AreaError) as caught:
            Area.from_bytes(damaged)
        assert caught.value.code == "not_bytes"


def test_geojson_of_others_is_read_with_holes_and_crossings() -> None:
    polygon = {
        "type": "Polygon",
        "coordinates": [[[x, y] for y, x in SQUARE], [[x, y, 300.0] for y, x in HOLE]],
    }
    crossing = {"type": "MultiPolygon", "coordinates": [[[[x, y] for y, x in FIJI]]]}
    features = [
        {"type": "Feature", "properties": None, "geometry": shape} for shape in (polygon, crossing, None)
    ]
    area = Area.from_geojson({"type": "FeatureCollection", "features": features})
    assert area == Area.of([SQUARE, FIJI], excluded=[HOLE])


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[1, 2, 3]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1], [2, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[["a", {}]] * 4]},
        {"type": "MultiPolygon", "coordinates": 5},
        {"type": "Feature", "geometry": None, "properties": {"discs": [1]}},
        {"type": "Feature", "geometry": None, "properties": {"discs": [{"lat": 1}]}},
    ],
)
def test_what_is_not_geojson_is_refused(document: object) -> None:
    with pytest.raises(AreaError):
        Area.from_geojson(document)  # type: ignore[arg-type]


def test_geojson_nested_without_end_is_refused() -> None:
    document: dict[str, object] = {"type": "GeometryCollection", "geometries": []}
    for _ in range(50):
        document = {"type": "GeometryCollection", "geometries": [document]}
    with pytest.raises(AreaError):
        Area.from_geojson(document)


def test_a_drawing_is_smaller_and_stays_close() -> None:
    coast = [
        (10 + math.sin(t) * (3 + 0.01 * math.sin(40 * t)), 20 + math.cos(t) * 3)
        for t in np.linspace(0, 6.2, 5000)
    ]
    area = Area.of([[*coast, coast[0]]], discs=[(0, 179.9, 100)])
    drawing = area.simplified_geojson(0.05)
    drawn = Area.from_geojson(drawing)
    assert drawn.vertex_count < 400 and drawn.covers(10, 20) and drawn.covers(0, -179.7)
    assert drawn.surface_km2 == pytest.approx(area.surface_km2, rel=0.02)
