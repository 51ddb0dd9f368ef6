from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from placed import place_positions

from gazetteer.places import Place
from geoinfer import hexes
from geoinfer.geodesy import Floats
from geoinfer.likelihoods import (
    at_edge,
    at_road_distance,
    at_station,
    by_routed_km,
    by_straight_km,
    direction_range_km,
    number_error_km,
    on_the_way,
    ring,
    town_radius_km,
)
from geoinfer.parameters import number
from geoinfer.positions import ROAD, Disc, Positions, together
from geoinfer.search_area import search_cells
from geoinfer.sighting import Sighting, search_disc, sight
from geoinfer.spread import reference_km2
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


def away(positions: Positions) -> Floats:
    return positions.km_from(CHERNIHIV.lon, CHERNIHIV.lat)


def test_a_settlement_sign_stands_at_the_place() -> None:
    near, far = at_station(CHERNIHIV, np.array([3.0, 60.0]), np.zeros(2))
    assert far < 1e-3 * near
    centre, edge, beyond = at_edge(CHERNIHIV, np.array([0.0, town_radius_km(285_000), 20.0]), np.zeros(3))
    assert edge > 3 * centre, "the centre of a city is not its edge"
    assert edge > 20 * beyond > 0


@pytest.mark.parametrize("blur", [0.3, 2.0, 9.0])
def test_a_ring_is_a_density(blur: float) -> None:
    km = (np.arange(20_000) + 0.5) / 200
    assert 2 * np.pi * (ring(km, 6.0, np.full(1, blur)) @ km) / 200 == pytest.approx(1.0, abs=1e-3)


def test_the_edge_of_a_village_that_is_hardly_placed_is_as_good_as_its_centre() -> None:
    vague = replace(CHERNIHIV, population=300, uncertainty_km=13.0)
    near, far = at_edge(vague, np.array([0.0, 5.0]), np.zeros(2)) / at_station(vague, np.array([0.0, 5.0]), np.zeros(2))
    assert near == pytest.approx(far, rel=0.02)


def test_an_uncertain_place_spreads_its_sign() -> None:
    vague, km = replace(CHERNIHIV, uncertainty_km=15.0), np.array([25.0])
    assert at_edge(vague, km, np.zeros(1)) > 5 * at_edge(CHERNIHIV, km, np.zeros(1))


def test_direction_signs_thin_out_and_leave_the_centre_alone() -> None:
    centre, near, mid, far = on_the_way(CHERNIHIV, np.array([0.5, 20.0, 55.0, 110.0]))
    assert near > mid > far > 0
    assert centre < far


def test_the_straight_line_is_never_longer_than_the_sign_says() -> None:
    km = np.linspace(0, 120, 1200)
    value = by_straight_km(CHERNIHIV, 39.0, km, np.zeros(len(km)))
    assert value[km > 39 + 6].max() < 1e-3 * value.max()
    assert 39 / 1.45 < km[np.argmax(value)] < 39
    assert np.trapezoid(value[km < 39 / 1.6], km[km < 39 / 1.6]) < 0.05 * np.trapezoid(value, km)


def at_39_km(around: Positions, world: World, limit: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Give what a sign of 39 km to Chernihiv says, and routed kilometres, NaN off the roads."""
    routed = np.full(len(around), np.nan)
    on = np.flatnonzero(around.road >= 0)
    routed[on] = world.road_km(CHERNIHIV.lon, CHERNIHIV.lat, limit, around.road[on])
    stretch = np.full(len(around), 0.2)
    value = at_road_distance(CHERNIHIV, 39.0, away(around), around.extent_km, routed, stretch, world.network)
    return value, routed


def test_on_the_network_the_routed_distance_counts(around: Positions, world: World) -> None:
    value, routed = at_39_km(around, world)
    best = np.argmax(value)
    assert around.kind[best] == ROAD
    assert routed[best] == pytest.approx(39.0, abs=1.0)
    wrong = (around.kind == ROAD) & (np.abs(routed - 39) > 10)
    assert 0 < value[wrong].max() < 0.1 * value[best], "a road that the network lacks may be shorter, but seldom"


def test_where_no_network_reaches_the_straight_line_counts(world: World) -> None:
    marsh = replace(CHERNIHIV, id=0, lon=28.05, lat=52.05)
    assert not world.roads.reaches(marsh.lon, marsh.lat)
    points = world.points
    said = sight(Sighting(marsh, "distance", 60.0, misread=0.0), points, world)
    expected = by_straight_km(marsh, 60.0, points.km_from(marsh.lon, marsh.lat, said.at), points.extent_km[said.at])
    assert said.value / said.value.max() == pytest.approx(expected / expected.max())


def test_a_limited_sweep_says_the_same_as_a_whole_one(around: Positions, world: World) -> None:
    one, two = (at_39_km(around, world, limit)[0] for limit in (np.inf, 60.0))
    assert one == pytest.approx(two, abs=1e-3 * one.max())


def test_a_misread_number_leaves_the_way_open(around: Positions, world: World) -> None:
    value = sight(Sighting(CHERNIHIV, "distance", 39.0), around, world).dense()
    assert value[away(around) < 100].min() > 0


def test_both_scripts_kilometres_are_kept_and_the_leading_ones_weigh_more(world: World) -> None:
    points = world.points
    routed = world.road_km(CHERNIHIV.lon, CHERNIHIV.lat)[np.maximum(points.road, 0)]
    value = sight(Sighting(CHERNIHIV, "distance", 39.0, km_other=93.0), points, world).dense()
    one = sight(Sighting(CHERNIHIV, "distance", 39.0), points, world).dense()
    at_39, at_93 = (np.flatnonzero((points.road >= 0) & (np.abs(routed - km) < 0.4)) for km in (39.0, 93.0))
    assert value[at_39].max() > 2 * value[at_93].max() > 20 * one[at_93].max()


@pytest.mark.parametrize(
    ("kind", "km"),
    [
        ("settlement_begin", None),
        ("direction", None),
        ("distance", 39.0),
        ("unknown", None),
        ("station", None),
        ("unknown", 12.0),
    ],
)
def test_a_sighting_has_a_mean_of_one_over_the_reference_area(kind: str, km: float | None, world: World) -> None:
    """Cells all over the disc, and all road points: the rest of the reference area has the constant part."""
    sighting = Sighting(CHERNIHIV, kind, km)
    cells = np.sort(hexes.children(search_cells([Disc(31.2849, 51.5055, 480.0)])))
    positions = together(world.cells.positions(cells), world.points, world.point_ids)
    found = sight(sighting, positions, world)
    total = float((found.value - found.rest) @ positions.area_km2[found.at]) + found.rest * reference_km2()
    coarse = 0.1  # cells of a few dozen square kilometres sum a ring roughly
    assert total / reference_km2() == pytest.approx(1.0, abs=coarse)


def test_every_rule_can_be_switched_off(around: Positions, world: World) -> None:
    plain = sight(Sighting(CHERNIHIV, "direction", None), around, world).dense()
    for kind, km, rule in (("distance", 39.0, "distance_sign"), ("settlement_begin", None, "settlement_sign")):
        without = sight(Sighting(CHERNIHIV, kind, km), around, world, {rule}).dense()
        assert without == pytest.approx(plain), rule
    assert sight(Sighting(CHERNIHIV, "direction", None), around, world, {"direction_sign"}).dense() == pytest.approx(1)


@pytest.mark.parametrize("kind", ["settlement_begin", "direction", "distance", "station"])
def test_the_search_disc_holds_nearly_all_of_a_sighting(kind: str) -> None:
    disc = search_disc(Sighting(CHERNIHIV, kind, 39.0 if kind == "distance" else None))
    km = np.linspace(0.01, 2 * disc.radius_km, 4000)
    value = {
        "settlement_begin": at_edge(CHERNIHIV, km, np.zeros(1)),
        "station": at_station(CHERNIHIV, km, np.zeros(1)),
        "direction": on_the_way(CHERNIHIV, km),
        "distance": by_straight_km(CHERNIHIV, 39.0, km, np.zeros(len(km))),
    }[kind]
    assert (value * km)[km <= disc.radius_km].sum() > 0.98 * (value * km).sum()


def test_kilometres_beside_a_name_speak_against_a_settlement_sign(around: Positions, world: World) -> None:
    def ratio(kind: str, km: float | None) -> float:
        """Weigh the surroundings of the place against a ring around it."""
        value, km_away = sight(Sighting(CHERNIHIV, kind, km), around, world).dense(), away(around)
        return float(value[km_away < 5].mean() / value[(km_away > 25) & (km_away < 39)].mean())

    plain, numbered, distance = ratio("station", None), ratio("station", 39.0), ratio("distance", 39.0)
    assert plain > 10 * numbered
    assert numbered > distance


@pytest.mark.parametrize("network", ["network_without_bends", "network_with_bends"])
@pytest.mark.parametrize("km", [3.0, 40.0, 200.0])
def test_a_number_by_road_is_a_density_with_wide_tails(km: float, network: str) -> None:
    routed = np.linspace(0.0, 2 * km + 60, 20_000)
    density = by_routed_km(CHERNIHIV, km, routed, np.zeros(len(routed)), network)
    per_km = density.sum() * (routed[1] - routed[0]) * number(network, "per_km")
    assert (0.85 if km < 10 else 0.99) < per_km < 1.01
    width = number_error_km(CHERNIHIV, km, network)
    three_off = np.interp((km + 3 * width) / number(network, "per_km"), routed, density)
    assert three_off > 3 * np.exp(-4.5) * density.max(), "a Gaussian is too sure"


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
