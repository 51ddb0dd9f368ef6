"""The base map: small, cut to its window, and valid GeoJSON."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer.basemap import basemap
from gazetteer.errors import GazetteerError

CHERNIHIV = (29.5, 50.2, 34.5, 53.3)


def size(layers: object) -> int:
    return len(json.dumps(layers, ensure_ascii=False, separators=(",", ":")).encode())


def test_the_whole_area_fits_a_map_file() -> None:
    layers = basemap()
    assert size(layers) <= 1_500_000
    assert {f["properties"]["code"] for f in layers["countries"]["features"]} >= {"UA", "BY", "RU", "PL", "MD"}


def test_a_window_shows_its_borders_and_numbered_roads() -> None:
    layers = basemap(CHERNIHIV)
    pairs = {(f["properties"]["a"], f["properties"]["b"]) for f in layers["frontiers"]["features"]}
    assert pairs == {("BY", "UA"), ("BY", "RU"), ("RU", "UA")}
    assert {"M01", "M02", "H27", "H28", "M8"} <= {f["properties"]["ref"] for f in layers["roads"]["features"]}
    assert {f["properties"]["country"] for f in layers["admin1"]["features"]} == {"UA", "BY", "RU"}


@settings(max_examples=10, deadline=None)
@given(west=st.floats(23, 36), south=st.floats(45, 54), width=st.floats(0.3, 5), height=st.floats(0.3, 3))
def test_every_geometry_is_valid_and_inside_the_window(west: float, south: float, width: float, height: float) -> None:
    window = (west, south, west + width, south + height)
    frame = shapely.box(*window).buffer(1e-3)
    for layer in basemap(window).values():
        assert layer["type"] == "FeatureCollection"
        for feature in layer["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            assert shape.within(frame)
            assert all(isinstance(value, str) for value in feature["properties"].values())


@pytest.mark.parametrize("budget", [60_000, 120_000, 400_000])
def test_the_budget_is_kept(budget: int) -> None:
    assert size(basemap(CHERNIHIV, max_bytes=budget)) <= budget


def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(GazetteerError, match="allow more"):
        basemap(CHERNIHIV, max_bytes=100)


@pytest.mark.parametrize("window", [(34.5, 50.2, 29.5, 53.3), (29.5, 53.3, 34.5, 50.2), (29.5, 50.2, 200.0, 53.3)])
def test_a_window_that_is_none_is_refused(window: tuple[float, float, float, float]) -> None:
    with pytest.raises(GazetteerError, match="map window"):
        basemap(window)


def test_lines_between_neighbours_are_drawn_once() -> None:
    for name in ("frontiers", "admin1"):
        segments = []
        for feature in basemap((22.0, 44.0, 60.0, 60.0))[name]["features"]:
            geometry = feature["geometry"]
            for line in geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]:
                segments += [tuple(sorted(map(tuple, ends))) for ends in pairwise(line)]
        assert len(segments) > 500
        assert len(set(segments)) > 0.99 * len(segments), name


def test_divisions_of_one_country_are_parted_by_lines_and_its_frontier_is_none_of_them() -> None:
    layers = basemap(CHERNIHIV)
    [lines] = [f["geometry"] for f in layers["admin1"]["features"] if f["properties"]["country"] == "UA"]
    inner = shapely.geometry.shape(lines)
    # Between Chernihiv and Kyiv oblasts, and on the frontier with Belarus north of Ripky.
    assert inner.distance(shapely.Point(31.0, 50.95)) < 0.3
    frontier = [f for f in layers["frontiers"]["features"] if f["properties"] == {"a": "BY", "b": "UA"}]
    middle = shapely.geometry.shape(frontier[0]["geometry"]).interpolate(0.5, normalized=True)
    assert inner.distance(middle) > 0.02
