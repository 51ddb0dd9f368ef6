from __future__ import annotations

import numpy as np
import pytest

from geoinfer.positions import ROAD
from geoinfer.road_rules import at_post, chainage_km, on_route, post_weight
from geoinfer.world import World


def test_a_route_number_keeps_to_its_road_and_its_junctions(world: World) -> None:
    value, points = on_route(["M01"], world.points, world).dense(), world.points
    carrying = (points.kind == ROAD) & world.carrying(["M01"])[np.maximum(points.road, 0)]
    beside = np.zeros(len(points), dtype=bool)
    beside[world.beside_route(["M01"], 3.0, points)] = True
    far = ~beside & ~carrying
    assert value[carrying].min() > value[beside & ~carrying].max() > value[far].max() > 0
    assert value[far].min() == value[far].max(), "elsewhere it says the same everywhere: M1 may be a metro line"


def test_a_number_that_no_road_carries_says_nothing(world: World) -> None:
    assert on_route(["Z99"], world.points, world).dense() == pytest.approx(1.0)


def test_a_post_stands_at_its_chainage(world: World) -> None:
    """M01 begins in Kyiv; Ripky lies some 175 km along it."""
    value, points = at_post(175, ["M01"], world.points, world).dense(), world.points
    chainage = chainage_km("M01", world)
    assert chainage is not None
    best = int(np.argmax(value))
    assert chainage[points.road[best]] == pytest.approx(175, abs=1)
    assert points.km_from(31.0858, 51.8017)[best] < 12
    at_190 = np.flatnonzero((points.road >= 0) & (np.abs(chainage[np.maximum(points.road, 0)] - 190) < 0.5))
    elsewhere = value[points.km_from(30.52, 50.45) < 30].min()
    assert value[best] > 10 * value[at_190].max() > 10 * elsewhere, "posts of an older measure are kept"


def test_a_post_of_a_road_whose_beginning_is_not_known_says_nothing(world: World) -> None:
    assert chainage_km("T2523", world) is None
    assert at_post(12, ["T2523"], world.points, world).dense() == pytest.approx(1.0)


def test_the_year_trap_keeps_posts_that_are_off() -> None:
    right, off, far = post_weight(np.array([0.0, 10.0, 100.0]))
    assert right > 20 * off > 20 * 20 * far
