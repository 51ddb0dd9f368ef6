from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gazetteer.places import Place
from geoinfer.geodesy import distance_km
from geoinfer.likelihoods import (
    Sighting,
    at_road_distance,
    at_settlement,
    direction_range_km,
    on_the_way,
    romanised,
    scale,
    search_disc,
    sight,
    spelling,
    town_radius_km,
)
from geoinfer.positions import Disc, Positions, place_positions, search_cells
from geoinfer.world import World

CHERNIHIV = Place(
    "test:1",
    "Чернігів",
    {"uk": "Чернігів", "en": "Chernihiv"},
    "city",
    31.2849,
    51.5055,
    0.3,
    285_000,
    "UA",
    "UA-74",
    "",
    "test",
)


@pytest.fixture(scope="module")
def around(world: World) -> Positions:
    return place_positions(search_cells([Disc(31.2849, 51.5055, 120.0)]), world.road_points, ())


def nowhere(positions: Positions) -> np.ndarray:
    return np.full(int(positions.road.max()) + 1, np.inf)


def test_a_settlement_sign_stands_at_the_place(around: Positions) -> None:
    value = at_settlement(CHERNIHIV, around)
    away = distance_km(CHERNIHIV.lon, CHERNIHIV.lat, around.lon, around.lat)
    assert away[np.argmax(value)] < 12
    assert value[away > 60].max() < 1e-3 * value.max()


def test_an_uncertain_place_spreads_its_sign(around: Positions) -> None:
    vague = replace(CHERNIHIV, uncertainty_km=15.0)
    away = distance_km(CHERNIHIV.lon, CHERNIHIV.lat, around.lon, around.lat)
    far = (away > 20) & (away < 30)
    assert (
        scale(at_settlement(vague, around), around)[far].mean()
        > 5 * scale(at_settlement(CHERNIHIV, around), around)[far].mean()
    )


def test_direction_signs_thin_out_and_leave_the_centre_alone(around: Positions) -> None:
    value = on_the_way(CHERNIHIV, around)
    away = distance_km(CHERNIHIV.lon, CHERNIHIV.lat, around.lon, around.lat)
    near, mid, far = (value[(away > a) & (away < b)].mean() for a, b in [(15, 25), (50, 60), (100, 115)])
    assert near > mid > far > 0
    assert value[away < 1].max() < near


def test_the_straight_line_is_never_longer_than_the_sign_says(around: Positions) -> None:
    value = at_road_distance(CHERNIHIV, 39.0, around, nowhere(around))
    away = distance_km(CHERNIHIV.lon, CHERNIHIV.lat, around.lon, around.lat)
    off_road = around.kind == 0
    assert value[off_road & (away > 39 + 20)].max() < 1e-3 * value.max()
    assert 39 / 1.45 < away[np.argmax(np.where(off_road, value, 0))] < 39


def test_on_the_network_the_routed_distance_counts(around: Positions, world: World) -> None:
    road_km = world.road_km(CHERNIHIV.lon, CHERNIHIV.lat)
    value = at_road_distance(CHERNIHIV, 39.0, around, road_km)
    best = np.argmax(value)
    assert around.kind[best] == 1
    assert road_km[around.road[best]] == pytest.approx(39.0, abs=1.0)


def test_a_misread_number_leaves_the_way_open(around: Positions, world: World) -> None:
    value = sight(Sighting(CHERNIHIV, "distance", 39.0), around, world)
    assert value.min() > 0


def test_scaling_makes_a_sign_that_says_nothing_one(around: Positions) -> None:
    assert scale(np.full(len(around), 7.0), around) == pytest.approx(1.0)
    assert scale(np.zeros(len(around)), around) == pytest.approx(1.0)
    value = scale(on_the_way(CHERNIHIV, around), around)
    assert float(value @ around.area_km2) == pytest.approx(around.area_km2.sum())


@pytest.mark.parametrize(
    ("name", "country", "weight"),
    [
        ("Чернігів", "UA", 1.0),
        ("Чернігів", "RU", 0.05),
        ("Київ", "BY", 0.05),
        ("Барысаў", "BY", 1.0),
        ("Барысаў", "UA", 0.05),
        ("Рыльск", "UA", 0.15),
        ("Подъезд", "UA", 0.1),
        ("Гомель", "UA", 1.0),
        ("Chernihiv", "RU", 1.0),
    ],
)
def test_letters_tell_the_country(name: str, country: str, weight: float) -> None:
    assert spelling(name, np.array([country])).tolist() == [weight]


def test_the_ukrainian_romanisation_speaks_for_ukraine() -> None:
    countries = np.array(["UA", "BY"])
    assert romanised("Chernihiv", CHERNIHIV, countries).tolist() == [1.0, 0.3]
    assert romanised("Chernigov", CHERNIHIV, countries).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("kind", ["settlement_begin", "direction", "distance", "unknown", "station"])
def test_the_search_disc_holds_nearly_all_of_a_sighting(kind: str, world: World) -> None:
    sighting = Sighting(CHERNIHIV, kind, 39.0 if kind == "distance" else None)
    disc = search_disc(sighting)
    wide = place_positions(search_cells([Disc(disc.lon, disc.lat, 1.5 * disc.radius_km)]), None, ())
    value = sight(sighting, wide, world) if kind != "distance" else at_road_distance(
        CHERNIHIV, 39.0, wide, nowhere(wide)
    )  # fmt: skip
    inside = distance_km(disc.lon, disc.lat, wide.lon, wide.lat) <= disc.radius_km + 10
    floor = 0.05 if kind == "unknown" else 0.0
    held = ((value - floor) * wide.area_km2)[inside].sum() / ((value - floor) * wide.area_km2).sum()
    assert held > 0.9


def test_sizes_grow_with_the_population() -> None:
    sizes = [replace(CHERNIHIV, population=people) for people in (0, 10_000, 3_000_000)]
    radii = [town_radius_km(place.population) for place in sizes]
    ranges = [direction_range_km(place) for place in sizes]
    assert radii == sorted(radii)
    assert ranges == sorted(ranges)
    assert radii[-1] < 20
    assert ranges[-1] < 500


def test_a_part_of_a_city_is_signed_within_it() -> None:
    assert direction_range_km(replace(CHERNIHIV, kind="other")) < 12
