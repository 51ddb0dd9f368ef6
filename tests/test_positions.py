from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import place_positions

from geoinfer.geodesy import distance_km
from geoinfer.positions import CELL, CROSSING, ROAD, Disc, points_inside
from geoinfer.search_area import _rings, search_cells
from geoinfer.world import World


@settings(max_examples=25, deadline=None)
@given(st.floats(-170, 170), st.floats(-65, 65), st.floats(1, 300))
def test_a_disc_is_covered(lon: float, lat: float, radius: float) -> None:
    cells = search_cells([Disc(lon, lat, radius)])
    resolution = h3.get_resolution(int(cells[0]))
    angles = np.linspace(0, 2 * np.pi, 12)
    for share in (0.0, 0.5, 0.98):
        lats = lat + share * radius / 111.7 * np.cos(angles)
        lons = lon + share * radius / 111.7 * np.sin(angles) / np.cos(np.radians(lat)) * 0.97
        inside = distance_km(lon, lat, lons, lats) <= radius
        for x, y in zip(lons[inside], lats[inside], strict=True):
            assert h3.latlng_to_cell(y, (x + 540) % 360 - 180, resolution) in cells


@pytest.mark.parametrize(
    ("lon", "lat", "level", "rings"), [(10.54, 64.7, 3, 4), (20.0, 62.0, 3, 9), (31.3, 51.5, 4, 5)]
)
def test_rings_are_those_of_h3_with_a_pentagon_among_them_and_without(
    lon: float, lat: float, level: int, rings: int
) -> None:
    cell = h3.latlng_to_cell(lat, lon, level)
    assert sorted(_rings(cell, rings).tolist()) == sorted(h3.grid_disk(cell, rings))


def test_many_namesakes_stay_affordable() -> None:
    discs = [Disc(20 + i % 20, 45 + i // 20 / 4, 120.0) for i in range(400)]
    assert 0 < len(search_cells(discs)) <= 6_000


def test_cells_roads_and_crossings_carry_one_measure(world: World) -> None:
    cells = search_cells([Disc(31.0, 51.9, 40.0)])
    positions = place_positions(cells, world.road_points, world.crossings)
    assert set(np.unique(positions.kind)) == {CELL, ROAD, CROSSING}
    assert np.all(positions.area_km2 > 0)
    assert positions.area_km2[positions.kind == CELL].sum() == pytest.approx(sum(h3.cell_area(int(c)) for c in cells))
    on_road = positions.kind == ROAD
    assert np.all(positions.road[on_road] >= 0)
    assert np.all(positions.crossing[~(positions.kind == CROSSING)] == -1)


def test_every_point_lies_in_the_cell_it_says(world: World) -> None:
    cells = search_cells([Disc(31.0, 51.9, 40.0)])
    positions = place_positions(cells, world.road_points, world.crossings)
    for i in range(0, len(positions), 97):
        cell = int(positions.cell_ids[positions.cell[i]])
        finest = h3.latlng_to_cell(positions.lat[i], positions.lon[i], 7)
        assert h3.cell_to_parent(finest, h3.get_resolution(cell)) == cell


def test_order_does_not_depend_on_the_order_of_a_set(world: World) -> None:
    cells = search_cells([Disc(31.0, 51.9, 40.0)])
    one, two = (place_positions(c, world.road_points, world.crossings) for c in (cells, cells[::-1]))
    assert np.array_equal(one.lon, two.lon)
    assert one.cells == two.cells


def test_a_disc_finds_the_same_positions_however_many_there_are(world: World) -> None:
    points = world.points
    disc = Disc(31.28, 51.5, 60.0)
    away = distance_km(31.28, 51.5, points.lon, points.lat)
    near, nearly = (set(np.flatnonzero(away <= km + 2 * points.extent_km).tolist()) for km in (60.0, 60.02))
    assert near <= set(points.near(disc).tolist()) <= nearly
    some = points.take(points.near(disc)[:500])
    assert some.near(Disc(31.28, 51.5, 1000.0)).tolist() == list(range(500))
    assert points.km_from(31.28, 51.5) == pytest.approx(away)


def test_values_in_a_wide_disc_are_those_of_exact_kilometres(world: World) -> None:
    points, disc = world.points, Disc(30.52, 50.45, 900.0)
    away = distance_km(30.52, 50.45, points.lon, points.lat)
    values = points.values_everywhere(disc, lambda km: np.exp(-km / 150))
    assert values is not None and len(values) == len(points)
    inside = away <= 900
    assert values[inside] == pytest.approx(np.exp(-away[inside] / 150), rel=1e-3)
    # A chord is a little shorter than its arc.
    assert not values[away > 901 + 2 * points.extent_km.max()].any()


def test_a_narrow_disc_is_not_looked_up_everywhere(world: World) -> None:
    assert world.points.values_everywhere(Disc(31.28, 51.5, 60.0), np.sqrt) is None


def test_points_are_found_by_the_ranges_of_cells(world: World) -> None:
    cells = search_cells([Disc(31.0, 51.9, 40.0)])
    at, cell = points_inside(cells, world.point_ids)
    level = h3.get_resolution(int(cells[0]))
    wanted = set(cells.tolist())
    parents = [h3.cell_to_parent(int(c), level) for c in world.point_ids]
    assert sorted(at.tolist()) == [i for i, parent in enumerate(parents) if parent in wanted]
    assert [parents[i] for i in at[:50]] == [int(cells[c]) for c in cell[:50]]
