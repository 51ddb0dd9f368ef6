from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gazetteer.places import Place
from geoinfer.area_rules import beside_frontier, fall_off, in_border_strip, sight_area
from geoinfer.positions import Disc, Positions
from geoinfer.search_area import search_cells
from geoinfer.world import World

OBLAST = Place("t:1", "Чернігівська область", {}, "oblast", 31.8, 51.3, 1.0, 0, "UA", "UA-74", "", "test")
DISTRICT = replace(OBLAST, id="t:2", kind="district", lon=31.6, lat=51.9)
COUNTRY = replace(OBLAST, id="t:3", kind="country", country="BY", admin1="")


@pytest.fixture(scope="module")
def around(world: World) -> Positions:
    cells = search_cells([Disc(31.6, 51.6, 150.0)])
    return world.cells.positions(cells)


def test_a_stele_of_an_oblast_stands_at_its_edge_by_its_outline(around: Positions, world: World) -> None:
    inside = world.inside("UA-74", around)
    edge = world.border_km(world.borders, "UA-74", around)
    stele = sight_area(OBLAST, "settlement_begin", around, world).dense()
    sign = sight_area(OBLAST, "unknown", around, world).dense()
    deep, at_edge, outside = inside & (edge > 40), edge < 2, ~inside & (edge > 60)
    assert stele[at_edge].mean() > 20 * stele[deep].mean() > 0
    assert sign[at_edge].mean() > sign[deep].mean() > 2 * sign[outside].mean() > 0


def test_an_area_is_searched_on_both_sides_of_its_edge(world: World) -> None:
    """A stele may stand on the far side, where a cell's centre lies outside."""
    cells = world.cells.positions(search_cells([], [world.outline("UA-74")]))
    inside, edge = world.inside("UA-74", cells), world.border_km(world.borders, "UA-74", cells)
    assert inside.any()
    assert (~inside & (edge < 12)).sum() > 10


def test_nobody_measures_to_the_frontier_of_another_continent(
    around: Positions, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        pytest.fail("kilometres to a far frontier are slow to work out")

    monkeypatch.setattr(World, "border_km", slow)
    assert not len(beside_frontier("BR", 2.0, around, world).at)


def test_a_district_without_an_outline_is_a_disc(around: Positions, world: World) -> None:
    value = sight_area(DISTRICT, "unknown", around, world).dense()
    away = around.km_from(DISTRICT.lon, DISTRICT.lat)
    assert value[away < 10].mean() > 5 * value[away > 90].mean() > 0


def test_a_countrys_name_stands_at_its_border_or_in_it(around: Positions, world: World) -> None:
    value = sight_area(COUNTRY, "unknown", around, world).dense()
    edge, inside = world.border_km(world.borders, "BY", around), world.inside("BY", around)
    assert value[edge < 3].mean() > 5 * value[inside & (edge > 20)].mean()
    assert value[inside & (edge > 40)].mean() > value[~inside & (edge > 40)].mean() > 0
    assert sight_area(COUNTRY, "unknown", around, world, {"country_sign"}).dense() == pytest.approx(1.0)


def test_the_border_strip_runs_along_the_frontier(around: Positions, world: World) -> None:
    value = in_border_strip("UA", around, world).dense()
    edge = world.border_km(world.borders, "UA", around)
    near, mid, far = (value[(edge > a) & (edge < b)].mean() for a, b in ((0, 3), (10, 15), (40, 90)))
    assert near > mid > 10 * far
    unknown = in_border_strip("", around, world).dense()
    assert unknown[edge < 3].mean() > 10 * unknown[edge > 50].mean()


def test_wide_cells_weigh_a_narrow_strip_by_its_share() -> None:
    away, narrow, wide = np.array([0.0, 20.0, 60.0]), np.full(3, 0.1), np.full(3, 25.0)
    assert fall_off(away, narrow, 5.0).tolist() == pytest.approx([1.0, np.exp(-4), np.exp(-12)])
    blurred = fall_off(away, wide, 5.0)
    assert blurred[0] == pytest.approx(0.2), "a cell of 25 km has a fifth of it within 5 km"
    assert blurred[1] > fall_off(away, narrow, 5.0)[1], "the cell reaches the line though its centre does not"
