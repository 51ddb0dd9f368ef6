from __future__ import annotations

import numpy as np
import pytest

from geoinfer import hexes
from geoinfer.lateral import CAMERA_KM, SLICES, PointMass, deviates, spots_of, stretches
from geoinfer.positions import POINT_RESOLUTION, ROAD, Disc, points_inside, together
from geoinfer.search_area import search_cells
from geoinfer.world import World


def test_slices_of_the_deviate_have_a_spread_of_one() -> None:
    found = deviates(np.arange(400))
    assert found.std() == pytest.approx(1.0, abs=0.05)
    assert found.mean() == pytest.approx(0.0, abs=0.01)
    middle = np.sort(found[np.abs(found) < 1.5])
    assert np.diff(middle).max() < 0.05, "together the points leave no gaps"


def test_a_stretch_is_covered_evenly_whatever_lies_across() -> None:
    found = stretches(np.arange(400))
    assert found.min() >= -0.5
    assert found.max() <= 0.5
    assert np.histogram(found, bins=SLICES, range=(-0.5, 0.5))[0].tolist() == [400] * SLICES
    assert abs(np.corrcoef(found.ravel(), deviates(np.arange(400)).ravel())[0, 1]) < 0.1


def test_beside_a_junction_the_camera_stands_off_the_line_of_the_road(world: World) -> None:
    points, roads = world.points, world.road_points
    narrow = int(np.argmin(np.where(points.road >= 0, roads.lateral_km[points.road], np.inf)))
    lon, lat = hexes.centres(world.lateral.cells(np.array([narrow]))[0])
    away = [float(points.take(np.array([narrow])).km_from(x, y)[0]) for x, y in zip(lon, lat, strict=True)]
    assert roads.lateral_km[points.road[narrow]] < CAMERA_KM
    assert 0.5 * CAMERA_KM < np.sqrt(np.mean(np.square(away))) < 4 * CAMERA_KM


def test_a_road_point_is_shared_out_across_its_road(world: World) -> None:
    points, roads = world.points, world.road_points
    wide = int(np.argmax(np.where(points.road >= 0, roads.lateral_km[points.road], 0.0)))
    lon, lat = hexes.centres(world.lateral.cells(np.array([wide]))[0])
    away = points.take(np.array([wide])).km_from(lon[0], lat[0])
    off = abs(float(deviates(np.array([wide]))[0, 0]))
    assert away[0] == pytest.approx(off * roads.lateral_km[points.road[wide]], rel=0.1)
    edge = roads.edge[points.road[wide]]
    a, b = world.roads.a[edge], world.roads.b[edge]
    narrow = np.cos(np.radians(lat[0]))
    along = np.array([(world.roads.lon[b] - world.roads.lon[a]) * narrow, world.roads.lat[b] - world.roads.lat[a]])
    across = np.array([(lon[-1] - lon[0]) * narrow, lat[-1] - lat[0]])
    assert abs(along @ across) < 0.1 * np.linalg.norm(along) * np.linalg.norm(across)


def test_a_crossing_stays_where_it_is(world: World) -> None:
    at = np.flatnonzero(world.points.crossing >= 0)[:5]
    cells = world.lateral.cells(at)
    assert (cells == cells[:, :1]).all()


def test_mass_is_kept_and_spread(world: World) -> None:
    cells = np.sort(hexes.children(search_cells([Disc(31.0, 51.9, 20.0)])))
    cells = hexes.children(cells)
    at, cell = points_inside(cells, world.point_ids)
    rng = np.random.default_rng(1)
    own, of_points = rng.random(len(cells)), 50 * rng.random(len(at)) ** 4
    plain = PointMass(at, of_points, None).over(cells, own, cell)
    spread = PointMass(at, of_points, world.lateral).over(cells, own, cell)
    assert plain.sum() == pytest.approx(own.sum() + of_points.sum())
    assert spread.sum() == pytest.approx(plain.sum())
    assert (spread > own + 1e-9).sum() > 1.5 * (plain > own + 1e-9).sum()


def test_spots_hold_the_mass_where_the_road_may_run(world: World) -> None:
    cells = hexes.children(search_cells([Disc(31.0, 51.9, 20.0)]))
    positions = together(world.cells.positions(cells), world.points, world.point_ids)
    rng = np.random.default_rng(1)
    mass = rng.random(len(positions)) ** 4
    mass /= mass.sum()
    spots = spots_of(positions, mass, world.lateral)
    held = np.bincount(spots.position, spots.mass, len(positions))
    assert held.sum() == pytest.approx(1.0, abs=1e-6) and np.allclose(held[held > 0], mass[held > 0])
    points = positions.kind == ROAD
    off = np.linalg.norm(spots.earth - positions.earth[spots.position], axis=1)
    assert (off[~points[spots.position]] < 1e-9).all(), "cells and crossings stay where they are"
    heaviest = int(np.argmax(np.where(points, mass, 0.0)))
    own = off[spots.position == heaviest]
    lateral = float(world.road_points.lateral_km[positions.road[heaviest]])
    assert len(own) == SLICES and np.sqrt(np.mean(own**2)) == pytest.approx(np.hypot(lateral, CAMERA_KM), rel=0.3)
    assert len(spots_of(positions, mass, None).mass) == np.count_nonzero(held)


def test_cells_are_located_by_their_descendants() -> None:
    mixed = hexes.cells_of(np.array([31.0, 20.0]), np.array([51.0, 50.0]), 5)
    mixed = np.append(mixed, hexes.children(hexes.cells_of(np.array([25.0]), np.array([50.0]), 6)))
    lon, lat = hexes.centres(mixed)
    assert hexes.locate(mixed, hexes.cells_of(lon, lat, POINT_RESOLUTION), POINT_RESOLUTION).tolist() == list(
        range(len(mixed))
    )
    elsewhere = hexes.cells_of(np.array([0.0]), np.array([0.0]), POINT_RESOLUTION)
    assert hexes.locate(mixed, elsewhere, POINT_RESOLUTION).tolist() == [-1]
