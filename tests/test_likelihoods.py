from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from placed import CHERNIHIV, away, round_chernihiv

from geoinfer.likelihoods import (
    at_edge,
    at_road_distance,
    at_station,
    by_routed_km,
    by_straight_km,
    direction_range_km,
    edge_numbers,
    number_error_km,
    on_the_way,
    ring,
    straight_numbers,
    town_radius_km,
    way_numbers,
)
from geoinfer.parameters import number
from geoinfer.positions import ROAD, Positions
from geoinfer.world import World


@pytest.fixture(scope="module")
def around(world: World) -> Positions:
    return round_chernihiv(world)


def test_a_settlement_sign_stands_at_the_place() -> None:
    near, far = at_station(np.array([3.0, 60.0]), np.zeros(2), *edge_numbers(CHERNIHIV))
    assert far < 1e-3 * near
    km = np.array([0.0, town_radius_km(285_000), 20.0])
    centre, edge, beyond = at_edge(km, np.zeros(3), *edge_numbers(CHERNIHIV))
    assert edge > 3 * centre, "the centre of a city is not its edge"
    assert edge > 20 * beyond > 0


@pytest.mark.parametrize("blur", [0.3, 2.0, 9.0])
def test_a_ring_is_a_density(blur: float) -> None:
    km = (np.arange(20_000) + 0.5) / 200
    assert 2 * np.pi * (ring(km, 6.0, np.full(1, blur)) @ km) / 200 == pytest.approx(1.0, abs=1e-3)


def test_the_edge_of_a_village_that_is_hardly_placed_is_as_good_as_its_centre() -> None:
    vague = replace(CHERNIHIV, population=300, uncertainty_km=13.0)
    asked = np.array([0.0, 5.0]), np.zeros(2), *edge_numbers(vague)
    near, far = at_edge(*asked) / at_station(*asked)
    assert near == pytest.approx(far, rel=0.02)


def test_an_uncertain_place_spreads_its_sign() -> None:
    vague, km = replace(CHERNIHIV, uncertainty_km=15.0), np.array([25.0])
    blurred, sharp = (at_edge(km, np.zeros(1), *edge_numbers(place)) for place in (vague, CHERNIHIV))
    assert blurred > 5 * sharp


def test_direction_signs_thin_out_and_leave_the_centre_alone() -> None:
    centre, near, mid, far = on_the_way(np.array([0.5, 20.0, 55.0, 110.0]), *way_numbers(CHERNIHIV))
    assert near > mid > far > 0
    assert centre < far


def test_the_straight_line_is_never_longer_than_the_sign_says() -> None:
    km = np.linspace(0, 120, 1200)
    value = by_straight_km(km, np.zeros(len(km)), *straight_numbers(CHERNIHIV, 39.0))
    assert value[km > 39 + 6].max() < 1e-3 * value.max()
    assert 39 / 1.45 < km[np.argmax(value)] < 39
    assert np.trapezoid(value[km < 39 / 1.6], km[km < 39 / 1.6]) < 0.05 * np.trapezoid(value, km)


def at_39_km(around: Positions, world: World, limit: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Give what a sign of 39 km to Chernihiv says, and routed kilometres, NaN off the roads."""
    routed = np.full(len(around), np.nan)
    on = np.flatnonzero(around.road >= 0)
    routed[on] = world.road_km(CHERNIHIV.lon, CHERNIHIV.lat, limit, around.road[on])
    value = by_straight_km(away(around), around.extent_km, *straight_numbers(CHERNIHIV, 39.0))
    value[on] = at_road_distance(CHERNIHIV, 39.0, value[on], routed[on], np.full(len(on), 0.2), world.network)
    return value, routed


def test_on_the_network_the_routed_distance_counts(around: Positions, world: World) -> None:
    value, routed = at_39_km(around, world)
    best = np.argmax(value)
    assert around.kind[best] == ROAD
    assert routed[best] == pytest.approx(39.0, abs=1.0)
    wrong = (around.kind == ROAD) & (np.abs(routed - 39) > 10)
    assert 0 < value[wrong].max() < 0.1 * value[best], "a road that the network lacks may be shorter, but seldom"


def test_a_limited_sweep_says_the_same_as_a_whole_one(around: Positions, world: World) -> None:
    one, two = (at_39_km(around, world, limit)[0] for limit in (np.inf, 60.0))
    assert one == pytest.approx(two, abs=1e-3 * one.max())


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
