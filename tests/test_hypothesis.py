from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer.errors import UnknownBorderError
from geoinfer import hexes
from geoinfer.hypothesis import Hypothesis, territories, weigh
from geoinfer.parameters import number
from geoinfer.positions import Disc
from geoinfer.world import World

SENKIVKA, CHERNIHIV, KAZAN = (31.78, 52.108), (31.2849, 51.5055), (49.12, 55.79)


def weights(hypothesis: Hypothesis, world: World, *points: tuple[float, float]) -> list[float]:
    """Weigh points, as the smallest of cells, by nearness to borders alone."""
    positions = world.cells.positions(hexes.cells_of(*np.array(points).T, 15))
    weights = weigh(hypothesis, territories(hypothesis, world.borders), world, positions, {"near_crossing"})
    return [float(weight) for weight in weights]


def test_the_default_is_belarus_and_bryansk() -> None:
    assert Hypothesis().codes == ("BY", "RU-BRY")


def test_near_the_border_weighs_more_and_nothing_is_ruled_out(world: World) -> None:
    at_border, city, far = weights(Hypothesis(), world, SENKIVKA, CHERNIHIV, KAZAN)
    assert at_border > 0.8
    assert at_border > 20 * city
    assert city > far >= number("border_proximity", "floor")


def test_all_borders_is_stricter_than_any(world: World) -> None:
    point = (30.97, 52.0)  # at Belarus, 50 km from Bryansk oblast
    (anyone,) = weights(Hypothesis(mode="any"), world, point)
    (everyone,) = weights(Hypothesis(mode="all"), world, point)
    assert anyone > 0.3 > 10 * everyone


def test_no_border_weighs_nothing(world: World) -> None:
    assert weights(Hypothesis(near=()), world, SENKIVKA, KAZAN) == [1.0, 1.0]


def test_a_polygon_of_ones_own_counts_inside(world: World, tmp_path: Path) -> None:
    ring = [[36, 48], [37, 48], [37, 49], [36, 49], [36, 48]]
    path = tmp_path / "front.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    inside, outside = weights(Hypothesis(near=(), files=(str(path),)), world, (36.5, 48.5), (40.0, 48.5))
    assert inside == pytest.approx(1.0)
    assert outside == pytest.approx(number("border_proximity", "floor"), rel=0.01)


def test_an_unknown_border_is_told_with_what_is_valid(world: World) -> None:
    with pytest.raises(UnknownBorderError, match="RU-BRY"):
        territories(Hypothesis(near=("RU-BRX",)), world.borders)


@pytest.mark.parametrize(("changes", "valid"), [({"mode": "some"}, "any, all"), ({"decay_km": 0.0}, "positive")])
def test_bad_values_are_told(changes: dict[str, object], valid: str) -> None:
    with pytest.raises(ValueError, match=valid):
        Hypothesis(**changes)  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(st.floats(22, 40), st.floats(45, 56))
def test_weights_lie_between_floor_and_one(world: World, lon: float, lat: float) -> None:
    (weight,) = weights(Hypothesis(), world, (lon, lat))
    assert number("border_proximity", "floor") <= weight <= 1.0


def test_distances_are_given_per_border(world: World) -> None:
    here = world.cells.positions(hexes.cells_of(np.array([31.2849]), np.array([51.5055]), 15))
    away = {code: world.border_km(world.borders, code, here) for code in ("BY", "RU-BRY")}
    assert {code: round(float(km[0])) for code, km in away.items()} == {"BY": 46, "RU-BRY": 74}


def test_each_border_has_its_own_decay_and_side(world: World) -> None:
    hypothesis = Hypothesis(near=("BY=30", "RU-BRY:outside"), decay_km=5)
    assert (hypothesis.near, hypothesis.decay_of("BY"), hypothesis.decay_of("RU-BRY")) == (("BY", "RU-BRY"), 30.0, 5.0)
    assert hypothesis.settings()["decays"] == {"BY": 30.0}
    in_bryansk, in_ukraine = (32.25, 52.40), (32.58, 52.18)  # some kilometres from that border, on either side
    narrow = Hypothesis(near=("RU-BRY:outside",), decay_km=10)
    inside, outside = weights(narrow, world, in_bryansk, in_ukraine)
    assert inside == number("border_proximity", "floor") < outside
    slow, fast = (weights(Hypothesis(near=(near,)), world, CHERNIHIV)[0] for near in ("BY=60", "BY=6"))
    assert slow > 50 * fast


@pytest.mark.parametrize(
    ("near", "fault"),
    [("BY=far", "must be kilometres"), ("BY=-3", "positive"), ("BY:left", "valid: both, inside, outside")],
)
def test_faults_of_borders_are_named(near: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Hypothesis(near=(near,))


def test_crossings_on_those_borders_weigh_more(world: World) -> None:
    points = world.points
    near = points.take(points.near(Disc(30.97, 52.07, 30.0)))
    with_rule = weigh(Hypothesis(), world.borders, world, near)
    without = weigh(Hypothesis(), world.borders, world, near, {"near_crossing"})
    away = near.km_from(30.9699, 52.0747)
    assert (with_rule / without)[away < 1].mean() > 3
    assert (with_rule / without)[away > 25].max() < 1.01
    assert weigh(Hypothesis(near=()), world.borders, world, near) == pytest.approx(1.0)
