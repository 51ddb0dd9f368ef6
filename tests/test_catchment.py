from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geoinfer.belief import Belief
from geoinfer.case import Case
from geoinfer.catchment import Catchment
from geoinfer.inference import Result
from geoinfer.positions import ROAD


@pytest.fixture(scope="module")
def result() -> Result:
    case = Case()
    case.add_clue("Чернігів", km=39, kind="distance")
    case.add_clue("Київ", km=179, kind="distance")
    return case.infer()


def belief_of(result: Result) -> Belief:
    assert result.belief is not None
    return result.belief


def test_the_first_site_holds_what_the_ranking_says(result: Result) -> None:
    first, belief = result.findings.sites[0], belief_of(result)
    held = Catchment(belief, first.lon, first.lat, first.radius_km).holds(belief.posterior)
    assert held == pytest.approx(first.probability, abs=0.002)
    assert {round(swing.before, 3) for swing in result.swings} == {round(held, 3)}
    assert result.rules().set_index("rule").loc["", "held"] == pytest.approx(held)


def test_mass_that_lies_beside_the_line_of_its_road_is_not_all_inside(result: Result) -> None:
    belief = belief_of(result)
    road = np.flatnonzero(belief.positions.kind == ROAD)
    widest = int(road[np.argmax(result._world.road_points.lateral_km[belief.positions.road[road]])])
    lon, lat = float(belief.positions.lon[widest]), float(belief.positions.lat[widest])
    one = np.zeros(len(belief.posterior))
    one[widest] = 1.0
    assert 0 < Catchment(belief, lon, lat, 8.0).holds(one) < 0.5
    assert Catchment(belief, lon, lat, 1000.0).holds(one) == pytest.approx(1.0)
    assert Catchment(replace(belief, lateral=None), lon, lat, 1.0).holds(one) == pytest.approx(1.0)


def test_no_place_across_a_road_is_overlooked(result: Result) -> None:
    belief = belief_of(result)
    count = len(belief.positions.cell_ids)
    points = belief.positions.point[count:]
    lateral = belief.lateral
    assert lateral is not None
    lon, lat = lateral.across(points)
    off = np.array([belief.positions.take(np.array([count + i])).km_from(lon[i, -1], lat[i, -1])[0]
                    for i in range(0, len(points), 997)])  # fmt: skip
    assert (off <= lateral.reach_km(points)[::997] * 1.001).all()


def test_a_cell_larger_than_the_circle_gives_a_part(result: Result) -> None:
    belief = belief_of(result)
    cells = np.arange(len(belief.positions.cell_ids))
    coarse = int(np.argmax(belief.positions.extent_km[cells]))
    extent = float(belief.positions.extent_km[coarse])
    place = Catchment(belief, float(belief.positions.lon[coarse]), float(belief.positions.lat[coarse]), extent / 2)
    assert place.share[np.searchsorted(place.at, coarse)] == pytest.approx(0.25)


def test_beyond_all_positions_it_holds_nothing(result: Result) -> None:
    far = Catchment(belief_of(result), -70.0, -40.0, 2.0)
    assert len(far.at) == len(far.mostly()) == 0
    assert far.holds(belief_of(result).posterior) == 0.0
