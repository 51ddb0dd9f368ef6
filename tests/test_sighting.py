from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from placed import CHERNIHIV, away, round_chernihiv

from geoinfer import hexes
from geoinfer.likelihoods import (
    at_edge,
    at_station,
    by_straight_km,
    edge_numbers,
    on_the_way,
    straight_numbers,
    way_numbers,
)
from geoinfer.parameters import parameters
from geoinfer.positions import Disc, Positions, together
from geoinfer.search_area import search_cells
from geoinfer.sighting import Sighting, search_disc, sight
from geoinfer.spread import reference_km2
from geoinfer.world import World

KINDS = ("settlement_begin", "direction")


@pytest.fixture(scope="module")
def around(world: World) -> Positions:
    return round_chernihiv(world)


def test_where_no_network_reaches_the_straight_line_counts(world: World) -> None:
    marsh = replace(CHERNIHIV, id=0, lon=28.05, lat=52.05)
    assert not world.roads.reaches(marsh.lon, marsh.lat)
    points = world.points
    said = sight(Sighting(marsh, "distance", 60.0, misread=0.0), points, world)
    km = points.km_from(marsh.lon, marsh.lat, said.at)
    expected = by_straight_km(km, points.extent_km[said.at], *straight_numbers(marsh, 60.0))
    assert said.value / said.value.max() == pytest.approx(expected / expected.max())


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
        "settlement_begin": at_edge(km, np.zeros(1), *edge_numbers(CHERNIHIV)),
        "station": at_station(km, np.zeros(1), *edge_numbers(CHERNIHIV)),
        "direction": on_the_way(km, *way_numbers(CHERNIHIV)),
        "distance": by_straight_km(km, np.zeros(len(km)), *straight_numbers(CHERNIHIV, 39.0)),
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


def test_a_sign_of_unknown_kind_is_a_mixture_of_kinds(world: World) -> None:
    points, shares = world.points, parameters()["unknown_kind"]
    kinds = {kind: sight(Sighting(CHERNIHIV, kind, None), points, world).dense() for kind in KINDS}
    unknown = sight(Sighting(CHERNIHIV, "unknown", None), points, world)
    assert unknown.rest == pytest.approx(shares["elsewhere"])
    expected = shares["settlement"] * kinds["settlement_begin"] + shares["direction"] * kinds["direction"]
    assert unknown.dense() == pytest.approx(expected + shares["elsewhere"], rel=1e-4)


def test_some_points_are_told_the_same_as_all_of_them(world: World) -> None:
    """A village whose signs all stand near it: what is told of it never depends on what else is asked for."""
    village = replace(CHERNIHIV, id=2, kind="village", population=800)
    some = world.points.take(world.points.near(Disc(31.2849, 51.5055, 30.0)))
    for kind, km in (("direction", None), ("distance", 12.0), ("settlement_begin", None), ("unknown", 7.0)):
        sighting = Sighting(village, kind, km)
        all_of_them = sight(sighting, world.points, world).dense()
        assert sight(sighting, some, world).dense().tolist() == all_of_them[some.point].tolist(), kind
