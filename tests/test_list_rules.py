from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gazetteer.places import Place, SearchResult
from geoinfer.clues import Clue, Mention
from geoinfer.geodesy import ecef_km
from geoinfer.list_rules import conflicting_km, in_order, misread_share, unnamed_city
from geoinfer.parameters import number
from geoinfer.world import World

RIPKY = Place("t:1", "Ріпки", {}, "town", 31.0858, 51.8017, 0.3, 7_000, "UA", "UA-74", "", "test")
CHERNIHIV = replace(RIPKY, id="t:2", name="Чернігів", lon=31.2849, lat=51.5055, population=285_000, kind="city")


@pytest.mark.parametrize(
    ("kms", "kind", "doubted"),
    [
        ([39, 179], "distance", False),
        ([179, 39], "distance", True),
        ([39, None, 179], "unknown", False),
        ([12], "distance", False),
        ([179, 39], "direction", False),
    ],
)
def test_numbers_that_fall_down_a_list_are_doubted(kms: list[float | None], kind: str, doubted: bool) -> None:
    assert (misread_share(kms, kind) > number("sign_error", "km")) == doubted


def test_the_nearest_place_stands_first() -> None:
    near, far, middle = np.array([5.0, 60.0]), np.array([80.0, 70.0]), np.array([40.0, 65.0])
    clear, unclear = in_order([near, far])
    assert clear > 0.99
    assert clear > unclear > in_order([far, near])[0] >= number("list_order", "floor")
    assert in_order([near, middle, far])[0] > in_order([middle, near, far])[0]


def test_a_large_city_nearby_would_be_on_the_list(world: World) -> None:
    """Near Chernihiv a list that names only Ripky is a little less probable; with Chernihiv on it, it is not."""
    points = world.points.take(np.flatnonzero(world.points.km_from(31.2, 51.7) < 150))
    every = np.arange(len(points))
    silent = unnamed_city([RIPKY], points, every, world)
    chernihiv = next(city for city in world.cities.near(ecef_km(31.28, 51.5), 20))
    near, far = points.km_from(31.2849, 51.5055) < 8, points.km_from(31.2849, 51.5055) > 90
    assert 1 - number("absence", "weight") <= silent[near].max() < 0.8
    assert silent[far & (points.km_from(30.98, 52.43) > 90)].max() == 1.0
    named = unnamed_city([RIPKY, replace(CHERNIHIV, id=chernihiv.id)], points, every, world)
    assert named[near].min() == 1.0


def test_kilometres_that_differ_between_scripts_are_told() -> None:
    nothing = SearchResult("x")
    mentions = (Mention("Чернігів", "Chernihiv", 39.0, nothing, (), 93.0), Mention("Київ", "Kyiv", 179.0, nothing))
    clue = Clue("clue-1", "s1", "", "distance", mentions)
    assert conflicting_km(clue) == [("Чернігів", 39.0, 93.0)]
