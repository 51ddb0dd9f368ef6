from __future__ import annotations

import numpy as np
import pytest

from geoinfer.belief import Belief, infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import build_clues
from geoinfer.hypothesis import Hypothesis
from geoinfer.junctions import favour, log_taken_back
from geoinfer.parameters import number
from geoinfer.positions import ROAD
from geoinfer.world import World

TIMES = np.array([number("junctions", "times"), 1.0])


@pytest.mark.parametrize(
    ("kind", "at_junctions"),
    [("direction", True), ("distance", True), ("settlement_begin", False), ("station", False), ("km_post", False)],
)
def test_kinds_of_signs_differ_in_standing_at_junctions(kind: str, at_junctions: bool) -> None:
    junction, elsewhere = favour(kind, TIMES)
    assert bool(junction > elsewhere) == at_junctions
    assert favour(kind, TIMES, {"junctions"}).tolist() == [1, 1]


@pytest.mark.parametrize("kind", ["route", "unknown"])
def test_other_kinds_stand_at_junctions_too_though_not_as_often(kind: str) -> None:
    assert np.divide(*favour("distance", TIMES)) > np.divide(*favour(kind, TIMES)) > 1 / TIMES[0]


def test_a_settlement_sign_stands_at_junctions_hardly_more_than_elsewhere() -> None:
    junction, elsewhere = favour("settlement_end", TIMES)
    assert 0.5 * elsewhere < TIMES[0] * junction < 2 * elsewhere


def test_the_weight_of_junctions_counts_as_far_as_a_clue_is_true() -> None:
    wrong = -3.0
    surely, half, no = log_taken_back(np.array([20.0, wrong + np.log(2), wrong]), wrong, np.full(3, 8.0))
    assert surely == pytest.approx(0.0, abs=1e-6)
    assert no == pytest.approx(-np.log(8))
    # A(x) * (times * true + wrong), with as much of either.
    assert np.exp(half) * 2 * 8 == pytest.approx(8 + 1)


def believe(world: World, *rows: ClueRow) -> Belief:
    belief = infer_belief(build_clues(rows, world.gazetteer), Hypothesis(near=()), world.borders, world)
    assert belief is not None
    return belief


def test_junctions_far_from_what_a_sign_names_gain_nothing(world: World) -> None:
    belief = believe(world, ClueRow("s1", "distance", "Чернігів", km=39))
    where = belief.positions
    away = where.km_from(31.2849, 51.5055)
    density = belief.posterior * belief.times / where.area_km2
    far = np.flatnonzero((where.kind == ROAD) & (away > 60) & (belief.times > 1))
    near = np.flatnonzero((where.kind == ROAD) & (away < 39) & (belief.times > 1))
    plain = np.flatnonzero((where.kind == ROAD) & (away > 60) & (belief.times == 1))
    assert len(far)
    assert belief.taken_back[far].max() < belief.taken_back[near].max() <= 0
    assert density[far].mean() < 4 * density[plain].mean(), "not sixteen times"


def test_a_belief_without_a_clue_is_that_of_the_others(world: World) -> None:
    """The weight of junctions follows: what is taken back is worked out anew."""
    rows = ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "direction", "Ріпки")
    both, one = believe(world, *rows), believe(world, rows[0])
    left = both.without("clue-2")
    for belief in (left, one):
        assert belief.posterior.sum() == pytest.approx(1.0)
    points = {int(p): i for i, p in enumerate(one.positions.point) if p >= 0}
    at = [i for i, p in enumerate(left.positions.point) if int(p) in points]
    there = [points[int(left.positions.point[i])] for i in at]
    # What a photo says on average is added up over the cells of a search, and those of two searches differ a little.
    assert left.taken_back[at] == pytest.approx(one.taken_back[there], abs=1e-2)
    assert left.log_total[at] == pytest.approx(one.log_total[there], abs=1e-2)
