from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinfer import hexes


def cells(*found: int) -> hexes.Cells:
    return np.array(found, dtype=np.uint64)


points = st.tuples(st.floats(-89, 89), st.floats(-179, 179), st.integers(0, 8))


@settings(max_examples=60, deadline=None)
@given(points, st.integers(0, 8))
def test_ancestors_and_children_are_those_of_h3(point: tuple[float, float, int], coarser: int) -> None:
    lat, lon, level = point
    cell = h3.latlng_to_cell(lat, lon, level)
    assert hexes.resolution(cells(cell)).tolist() == [level]
    if coarser <= level:
        assert hexes.ancestors(cells(cell), coarser).tolist() == [h3.cell_to_parent(cell, coarser)]
    assert sorted(hexes.children(cells(cell)).tolist()) == sorted(h3.cell_to_children(cell))


def test_pentagons_have_six_children() -> None:
    (first, *_) = sorted(h3.get_pentagons(3))
    assert hexes.is_pentagon(cells(first, h3.latlng_to_cell(51.5, 31.3, 3))).tolist() == [True, False]
    assert sorted(hexes.children(cells(first)).tolist()) == sorted(h3.cell_to_children(first))


@settings(max_examples=40, deadline=None)
@given(points)
def test_descendants_are_one_range(point: tuple[float, float, int]) -> None:
    lat, lon, level = point
    finer = min(level + 2, 9)
    cell = h3.latlng_to_cell(lat, lon, level)
    first, last = hexes.ranges(cells(cell), finer)
    own = h3.cell_to_children(cell, finer)
    assert (min(own), max(own)) == (first[0], last[0]) if not h3.is_pentagon(cell) else first[0] <= min(own)
    beside = set(h3.grid_disk(h3.latlng_to_cell(lat, lon, finer), 3)) - set(own)
    assert not any(first[0] <= other <= last[0] for other in beside)


def test_centres_names_and_areas() -> None:
    own = cells(*h3.cell_to_children(h3.latlng_to_cell(51.5, 31.3, 4), 7))
    lon, lat = hexes.centres(own)
    assert hexes.cells_of(lon, lat, 7).tolist() == own.tolist()
    assert hexes.names(own[:1]) == (format(int(own[0]), "x"),)
    assert hexes.areas_km2(own) == pytest.approx([h3.cell_area(int(c), "km^2") for c in own], rel=0.005)
