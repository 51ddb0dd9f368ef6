from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from placed import place_positions

from geoinfer.errors import ClueError
from geoinfer.evidence import from_facts
from geoinfer.observations import Area, Search, Shape, read_shape
from geoinfer.positions import Disc, Positions
from geoinfer.search_area import search_cells

RIVER = shapely.LineString([(31.2, 51.3), (31.3, 51.6), (31.35, 51.9)])
FIELD = shapely.box(31.0, 51.4, 31.4, 51.7)


@pytest.fixture(scope="module")
def positions() -> Positions:
    return place_positions(search_cells([Disc(31.3, 51.5, 60.0)]), None, ())


def metres_to_river(positions: Positions) -> np.ndarray:
    """Measure in UTM zone 36, another projection than the one under test."""
    points = gpd.GeoSeries(gpd.points_from_xy(positions.lon, positions.lat), crs="EPSG:4326").to_crs("EPSG:32636")
    return points.distance(gpd.GeoSeries([RIVER], crs="EPSG:4326").to_crs("EPSG:32636")[0]).to_numpy()


def test_within_kilometres_of_a_line(positions: Positions) -> None:
    said = Area("area-1", Shape(RIVER, within_km=15.0), ratio=5.0).log_likelihood(positions)
    away, blur = metres_to_river(positions) / 1000, positions.extent_km
    assert np.allclose(said[away < 15 - blur - 0.1], np.log(5), atol=1e-6)
    assert np.allclose(said[away > 15 + blur + 0.1], 0.0)
    assert ((said >= 0) & (said <= np.log(5) + 1e-9)).all()


def test_an_area_that_was_searched_in_vain_stays_possible(positions: Positions) -> None:
    said = Search("search-1", Shape(FIELD), detection=0.99).log_likelihood(positions)
    assert said.min() == pytest.approx(np.log(0.01))
    assert np.isfinite(said).all()
    assert (said[positions.lat > 51.9] == 0).all()


def test_an_area_smaller_than_a_cell_fills_only_its_own_share(positions: Positions) -> None:
    i = int(np.argmin(np.abs(positions.lon - 31.3) + np.abs(positions.lat - 51.5)))
    yard = shapely.Point(positions.lon[i], positions.lat[i]).buffer(0.001)
    share = Shape(yard).share(positions)
    assert 0 < share[i] < 0.01


@given(
    ratio=st.floats(0.01, 100), within=st.floats(0, 40), lon=st.floats(-179, 179), lat=st.floats(-85, 85),
    size=st.floats(0.01, 5),
)  # fmt: skip
@example(ratio=1.0, within=5e-324, lon=0.0, lat=0.0, size=0.5)
@settings(max_examples=30, deadline=None)
def test_no_area_rules_a_position_in_or_out(ratio: float, within: float, lon: float, lat: float, size: float) -> None:
    positions = place_positions(search_cells([Disc(lon, lat, 40.0)]), None, ())
    shape = Shape(shapely.Point(lon, lat).buffer(size), within)
    said = Area("area-1", shape, ratio).log_likelihood(positions)
    low, high = sorted((0.0, float(np.log(ratio))))
    assert np.isfinite(said).all()
    assert said.min() >= low - 1e-9
    assert said.max() <= high + 1e-9


@pytest.mark.parametrize("ratio", [0.0, -1.0, 1000.0, float("nan"), float("inf")])
def test_a_ratio_nobody_can_vouch_for_is_refused(ratio: float) -> None:
    with pytest.raises(ClueError, match=r"between 0\.01 and 100"):
        Area("area-1", Shape(FIELD), ratio)


@pytest.mark.parametrize("detection", [0.0, 1.0, 1.5, -0.1, float("nan")])
def test_no_search_finds_everything(detection: float) -> None:
    with pytest.raises(ClueError, match="no search finds everything"):
        Search("search-1", Shape(FIELD), detection)


def test_a_line_without_kilometres_holds_nothing() -> None:
    with pytest.raises(ClueError, match="give within_km"):
        Area("area-1", Shape(RIVER), 5.0)


def test_words_say_inside_and_outside() -> None:
    area = Area("area-1", Shape(RIVER, 1.0), 5.0, note="a wide river behind the trucks")
    assert area.says(31.3, 51.6).startswith("inside the area of a wide river")
    assert area.says(30.5, 50.4).startswith("outside")
    search = Search("search-1", Shape(FIELD), 0.8, note="fields")
    assert "searched in vain: fields (would have been found with 80%)" in search.says(31.1, 51.5)
    assert "not searched" in search.says(35.0, 51.5)


def test_facts_are_plain_and_lead_back(positions: Positions) -> None:
    for one in (Area("area-1", Shape(RIVER, 3.0), 5.0, "r.geojson", "river", "a.jpg"), Search("s", Shape(FIELD), 0.8)):
        again = from_facts(json.loads(json.dumps(one.facts())))
        assert again.key == one.key
        assert np.allclose(again.log_likelihood(positions), one.log_likelihood(positions))


def test_the_key_follows_the_content_and_not_the_name() -> None:
    assert Area("area-1", Shape(FIELD), 5.0).key == Area("area-9", Shape(FIELD), 5.0).key
    assert Area("area-1", Shape(FIELD), 5.0).key != Area("area-1", Shape(FIELD), 6.0).key


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "kml"])
def test_shapes_come_from_the_formats_that_people_draw_in(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"drawn.{suffix}"
    gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[FIELD, shapely.box(32, 51, 33, 52)], crs="EPSG:4326").to_file(path)
    assert read_shape(path).area == pytest.approx(FIELD.area + 1, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", "", "valid: .geojson"),
        ("a.geojson", "no json", "no GeoJSON"),
        ("a.geojson", '{"type": "FeatureCollection", "features": []}', "holds no geometry"),
        ("a.geojson", '{"type": "Point", "coordinates": [5151, 31]}', "leave the globe"),
        ("missing.geojson", None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_area_is_told(name: str, content: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ClueError, match=told):
        read_shape(path)
