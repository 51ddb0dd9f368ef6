from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.roads import Roads
from gazetteer.sweeps import Exits, Network

TOWNS = ((31.2849, 51.5055), (30.9842, 52.4345), (31.0909, 51.8205), (30.5238, 50.4547))


def test_several_places_at_once_are_swept_from_as_one_by_one() -> None:
    together, alone = (replace(Roads.open(), _cache={}) for _ in range(2))
    points = Roads.open().points(5.0)
    together.sweep([(lon, lat, 150.0) for lon, lat in TOWNS])
    for lon, lat in TOWNS:
        one = together.distances_km(lon, lat, points, 150.0)
        assert np.array_equal(one, alone.distances_km(lon, lat, points, 150.0))
        assert np.isfinite(one).any() and one[np.isfinite(one)].max() <= 150.0


edges = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0.0, 50.0)), min_size=1, max_size=12)


@given(edges, st.floats(0.0, 1.0), st.floats(0.0, 3.0))
def test_no_way_is_shorter_than_the_shortest(listed: list[tuple[int, int, float]], share: float, away: float) -> None:
    """Checked against Floyd and Warshall's algorithm over all junctions and the place."""
    a, b, km = (np.array(column) for column in zip(*listed, strict=True))
    exits = Exits(np.array([0]), np.array([share * km[0]]), np.array([away]))
    ways = np.full((7, 7), np.inf)
    np.fill_diagonal(ways, 0.0)
    for start, finish, length in listed:
        ways[start, finish] = ways[finish, start] = min(ways[start, finish], length)
    ways[6, a[0]] = min(ways[6, a[0]], away + share * km[0])
    ways[6, b[0]] = min(ways[6, b[0]], away + (1 - share) * km[0])
    for over in range(7):
        ways = np.minimum(ways, ways[:, [over]] + ways[[over]])
    found = Network(a, b, km, 6).sweep([exits, exits])
    assert found[0] == pytest.approx(ways[6, :6], abs=1e-4)
    assert np.array_equal(found[0], found[1])
