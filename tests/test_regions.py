from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geoinfer.belief import infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import build_clues
from geoinfer.hypothesis import Hypothesis
from geoinfer.regions import densest_cells, find_region
from geoinfer.world import World

MASSES = st.lists(st.floats(0.001, 1), min_size=1, max_size=30)


@given(MASSES, st.floats(0.05, 1.0))
def test_a_region_holds_what_it_says_and_not_one_cell_more(values: list[float], level: float) -> None:
    mass = np.array(values) / np.sum(values)
    area = np.linspace(1, 3, len(mass))
    chosen = densest_cells(mass, area, level)
    assert mass[chosen].sum() >= level - 1e-9
    assert mass[chosen[:-1]].sum() < level
    density = mass / area
    assert density[chosen].min() >= max(np.delete(density, chosen), default=0.0) - 1e-12


@pytest.mark.parametrize("level", [0.0, -1.0, 1.1])
def test_a_level_outside_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        densest_cells(np.array([1.0]), np.array([1.0]), level)


def test_regions_nest_and_know_their_area(world: World) -> None:
    clues = build_clues([ClueRow("s1", "settlement_begin", "Ріпки")], world.gazetteer)
    belief = infer_belief(clues, Hypothesis(near=()), world.borders, world)
    assert belief is not None
    half, most = find_region(belief, 0.5), find_region(belief, 0.9)
    assert half.area_km2 < most.area_km2
    # Cells of two resolutions do not tile without slivers between them.
    assert most.geometry.intersection(half.geometry).area > 0.99 * half.geometry.area
    on_ellipsoid = abs(Geod(ellps="WGS84").geometry_area_perimeter(most.geometry)[0]) / 1e6
    assert most.area_km2 == pytest.approx(on_ellipsoid, rel=0.02)
