"""Borders: countries, divisions, frontiers, and distances to them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gazetteer.borders import Borders, Territory
from gazetteer.compile_geo import FINE_DEG, arcs, shared_segments, simplified
from gazetteer.errors import GazetteerError, UnknownBorderError

SHARED = Path(__file__).parents[2] / "shared" / "data"
GEOD = Geod(ellps="WGS84")
BORDERS = Borders.open()


@pytest.mark.parametrize(
    ("place", "lon", "lat", "country", "admin1"),
    [
        ("Chernihiv", 31.2866, 51.5054, "UA", "UA-74"),
        ("Seredyna-Buda, which Natural Earth has in Russia", 34.03, 52.19, "UA", "UA-59"),
        ("Kyiv", 30.5238, 50.4547, "UA", "UA-30"),
        ("Simferopol", 34.10, 44.95, "UA", "UA-43"),
        ("Sevastopol", 33.52, 44.60, "UA", "UA-40"),
        ("Luhansk", 39.31, 48.57, "UA", "UA-09"),
        ("Novi Yarylovychi", 31.006, 52.030, "UA", "UA-74"),
        ("Novaya Guta", 30.985, 52.104, "BY", "BY-HO"),
        ("Minsk", 27.5667, 53.9002, "BY", "BY-HM"),
        ("Bryansk", 34.3214, 53.2710, "RU", "RU-BRY"),
        ("Kursk", 36.1846, 51.7269, "RU", "RU-KRS"),
        ("Belgorod", 36.5809, 50.6034, "RU", "RU-BEL"),
        ("Kazan", 49.12, 55.79, "RU", "RU-TA"),
        ("Warsaw", 21.01, 52.23, "PL", ""),
        ("Chisinau", 28.86, 47.01, "MD", ""),
        ("Sukhumi", 41.02, 43.00, "GE", ""),
        ("New York", -74.0, 40.7, "US", ""),
        ("the Atlantic", -35.0, 35.0, "", ""),
    ],
)
def test_what_a_position_lies_in(place: str, lon: float, lat: float, country: str, admin1: str) -> None:
    assert BORDERS.country(lon, lat).tolist() == [country], place
    assert BORDERS.admin1(lon, lat).tolist() == [admin1], place


def test_every_division_lies_in_its_country_and_every_position_there_has_one() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(23, 41, 4000), rng.uniform(44.5, 56, 4000)
    country, admin1 = BORDERS.country(lon, lat), BORDERS.admin1(lon, lat)
    divided = np.isin(country, ["UA", "BY", "RU"])
    assert [code[:2] for code in admin1[divided]] == country[divided].tolist()
    assert set(admin1[~divided]) == {""}


def test_codes_cover_the_world_and_the_divisions() -> None:
    codes = BORDERS.codes()
    assert len(codes) == len(set(codes)) == 247 + 117
    assert {"UA", "BY", "RU", "PL", "US", "RU-BRY", "RU-KRS", "RU-BEL", "RU-SMO", "BY-HO", "UA-74"} <= set(codes)


@pytest.mark.parametrize("code", BORDERS.codes())
def test_every_territory_has_a_valid_polygon_and_a_frontier(code: str) -> None:
    assert BORDERS.polygon(code).is_valid
    assert BORDERS.polygon(code).area > 0
    assert BORDERS.frontier(code).length > 0
    assert BORDERS.name(code)


@pytest.mark.parametrize("code", ["UA", "BY", "UA-74", "BY-HO"])
def test_the_border_crosses_the_m01_where_openstreetmap_has_it(code: str) -> None:
    assert BORDERS.distance_km(code, 30.9692, 52.0804)[0] < 0.02


@pytest.mark.parametrize("code", ["UA", "BY", "RU", "UA-74", "BY-HO", "RU-BRY"])
def test_three_countries_meet_at_the_three_sisters(code: str) -> None:
    assert BORDERS.distance_km(code, 31.7817, 52.1120)[0] < 0.02


def test_a_division_counts_only_its_international_stretch() -> None:
    # Karachev lies 12 km from Oryol oblast, and the nearest foreign country is far.
    karachev = BORDERS.distance_km("RU-BRY", 34.985, 53.122)[0]
    assert karachev > 100
    assert BORDERS.frontier("RU-BRY").length < 0.7 * BORDERS.polygon("RU-BRY").boundary.length


def test_a_territory_without_foreign_neighbours_has_its_outline() -> None:
    assert BORDERS.frontier("IS").equals(BORDERS.polygon("IS").boundary)
    assert BORDERS.frontier("UA-53").equals(BORDERS.polygon("UA-53").boundary)


def test_the_coast_is_no_frontier() -> None:
    odesa_to_the_sea = BORDERS.distance_km("UA", 30.74, 46.48)[0]
    assert odesa_to_the_sea > 25


@settings(deadline=None)
@given(lon=st.floats(22, 41), lat=st.floats(44, 57), code=st.sampled_from(["UA", "BY", "RU-BRY", "UA-74"]))
def test_a_distance_is_that_of_the_nearest_point_of_the_line(lon: float, lat: float, code: str) -> None:
    found = BORDERS.distance_km(code, lon, lat)[0]
    line = BORDERS.frontier(code)
    xy = shapely.get_coordinates(line)
    every_vertex = np.array(GEOD.inv(np.full(len(xy), lon), np.full(len(xy), lat), xy[:, 0], xy[:, 1])[2]) / 1000
    assert 0 <= found <= every_vertex.min() + 1e-6
    # The plane is good enough here to say that no other point of the line is nearer.
    scale = np.array([np.cos(np.radians(lat)), 1.0])
    flat = shapely.transform(line, lambda xy: (xy - [lon, lat]) * scale)
    foot = shapely.get_coordinates(shapely.shortest_line(shapely.Point(0, 0), flat))[1] / scale + [lon, lat]
    assert found <= GEOD.inv(lon, lat, *foot)[2] / 1000 + 0.1


@settings(deadline=None)
@given(lon=st.floats(29, 35), lat=st.floats(50, 54))
def test_inside_and_outside_measure_to_the_same_line(lon: float, lat: float) -> None:
    foot_lon, foot_lat = BORDERS.nearest("BY", lon, lat)
    assert BORDERS.distance_km("BY", foot_lon, foot_lat)[0] < 0.01
    beyond = (2 * foot_lon - lon, 2 * foot_lat - lat)
    assert BORDERS.distance_km("BY", *beyond)[0] <= GEOD.inv(*beyond, foot_lon, foot_lat)[2][0] / 1000 + 0.1


def test_fifty_thousand_positions_take_less_than_a_second() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(28, 36, 50_000), rng.uniform(49, 54, 50_000)
    BORDERS.distance_km("RU-BRY", 31.0, 51.0)
    begin = time.process_time()
    assert len(BORDERS.distance_km("RU-BRY", lon, lat)) == 50_000
    # Processor time of two cores: a busy machine must not fail this.
    assert time.process_time() - begin < 2.0


@pytest.mark.parametrize("code", ["BY", "RU-BRY", "UA"])
def test_a_rough_distance_is_exact_near_the_line_and_hardly_ever_one_per_cent_too_long(code: str) -> None:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(30, 33, 20_000), rng.uniform(50.5, 52.5, 20_000)
    exact, rough = BORDERS.distance_km(code, lon, lat), BORDERS.distance_km(code, lon, lat, rough=True)
    near = exact < 14.9
    np.testing.assert_allclose(rough[near], exact[near], atol=1e-5)
    assert (rough >= exact - 1e-3 - 1e-6 * exact).all()
    assert (rough[~near] > 1.01 * exact[~near]).mean() < 1e-3
    assert (rough / np.maximum(exact, 15.0)).max() < 1.1


def test_rough_distances_of_few_positions_and_across_the_date_line_are_exact() -> None:
    lon, lat = [31.0, -179.9, 179.9, 180.0, -180.0, 0.0], [51.0, 66.0, 66.0, 90.0, -90.0, 0.0]
    np.testing.assert_allclose(
        BORDERS.distance_km("RU", lon, lat, rough=True), BORDERS.distance_km("RU", lon, lat), rtol=4e-3
    )


@pytest.mark.parametrize(
    ("place", "lon", "lat", "code", "quarter"),
    [
        ("Chernihiv to the Dnipro, where the border comes down to Slavutych", 31.289, 51.494, "BY", "west"),
        ("Novi Yarylovychi", 31.006, 52.030, "BY", "west"),
        ("Novaya Guta, on the other side", 30.985, 52.104, "UA", "south"),
        ("Seredyna-Buda to Russia", 34.03, 52.19, "RU-BRY", "north"),
        ("Kharkiv to Russia", 36.25, 50.0, "RU-BEL", "north"),
    ],
)
def test_the_direction_to_a_border_is_that_to_its_nearest_point(
    place: str, lon: float, lat: float, code: str, quarter: str
) -> None:
    degrees = BORDERS.bearing(code, lon, lat)[0]
    x, y = shapely.get_coordinates(shapely.segmentize(BORDERS.frontier(code), 0.0005)).T
    forward, _, metres = GEOD.inv(np.full(len(x), lon), np.full(len(x), lat), x, y)
    assert abs((degrees - forward[np.argmin(metres)] + 180) % 360 - 180) < 1.0, place
    assert ["north", "east", "south", "west"][round(degrees / 90) % 4] == quarter


@pytest.mark.parametrize(
    ("place", "lon", "lat", "code", "inside"),
    [
        ("Seredyna-Buda", 34.03, 52.19, "UA", True),
        ("Seredyna-Buda", 34.03, 52.19, "RU-BRY", False),
        ("Simferopol", 34.10, 44.95, "UA", True),
        ("Sevastopol", 33.52, 44.60, "RU", False),
        ("Chernihiv", 31.2866, 51.5054, "UA-74", True),
    ],
)
def test_the_side_of_a_border(place: str, lon: float, lat: float, code: str, inside: bool) -> None:
    assert BORDERS.inside(code, lon, lat).tolist() == [inside], place


@pytest.mark.parametrize(
    ("wrong", "offered"), [("BRY", "RU-BRY"), ("UA-99", "UA-74"), ("by", "BY"), ("RU-BRYA", "RU-BRY")]
)
def test_an_unknown_code_is_answered_with_codes_like_it(wrong: str, offered: str) -> None:
    with pytest.raises(UnknownBorderError, match=offered):
        BORDERS.distance_km(wrong, 31.0, 51.0)


def test_positions_must_be_finite() -> None:
    with pytest.raises(GazetteerError, match="finite"):
        BORDERS.country([31.0, np.nan], [51.0, 51.0])


SQUARE = {"type": "Polygon", "coordinates": [[[31, 51], [32, 51], [32, 52], [31, 52], [31, 51]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[31, 51], [32, 52], [32, 51], [31, 52], [31, 51]]]}


@pytest.mark.parametrize(
    "document",
    [
        SQUARE,
        {"type": "Feature", "properties": {}, "geometry": SQUARE},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": None, "geometry": SQUARE}]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [30, 50]}, SQUARE]},
        BOW_TIE,
    ],
)
def test_a_researcher_brings_an_area(tmp_path: Path, document: object) -> None:
    path = tmp_path / "search area.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    area = Borders.from_file(path)
    assert isinstance(area, Territory)
    assert area.code == "search area"
    mine = BORDERS.with_territory(area.code, area.geometry)
    assert mine.distance_km("search area", 31.0, 51.0)[0] < 0.001
    assert mine.codes()[-1] == "search area"
    assert "search area" not in BORDERS.codes()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "not valid GeoJSON"),
        (b"\xff\xfe\x00", "not valid GeoJSON"),
        (b"[1, 2]", "not valid GeoJSON"),
        (b'{"type": "Polygon"}', "not valid GeoJSON"),
        (b'{"type": "Polygon", "coordinates": [[["a", 1], [2, 3], [4, 5], ["a", 1]]]}', "not valid GeoJSON"),
        (b"[" * 100_000, "not valid GeoJSON"),
        (b'{"type": "Point", "coordinates": [31, 51]}', "holds no polygon"),
        (b'{"type": "FeatureCollection", "features": []}', "holds no polygon"),
        (b'{"type": "Polygon", "coordinates": [[[310, 51], [320, 51], [320, 52], [310, 51]]]}', "leave the globe"),
    ],
)
def test_a_broken_area_is_refused_with_its_fault(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "broken.geojson"
    path.write_bytes(content)
    with pytest.raises(GazetteerError, match=fault) as caught:
        Borders.from_file(path)
    assert "broken.geojson" in str(caught.value)


def test_an_absent_area_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="cannot be read"):
        Borders.from_file(tmp_path / "absent.geojson")


def test_an_area_may_not_take_the_name_of_a_country() -> None:
    with pytest.raises(GazetteerError, match="choose another name"):
        BORDERS.with_territory("BY", shapely.box(31, 51, 32, 52))


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize(
    ("code", "neighbour", "line_of", "km"),
    [("RU-BRY", "RU-KRS", "UA", 1.0), ("RU-BRY", "RU-SMO", "BY", 0.6), ("RU-KRS", "RU-BEL", "UA", 2.2)],
)
def test_where_divisions_meet_the_border_against_openstreetmap(
    code: str, neighbour: str, line_of: str, km: float
) -> None:
    def outline(name: str) -> shapely.Geometry:
        document = json.loads((SHARED / "adm1_osm2020" / f"{name}.geojson").read_text(encoding="utf-8"))
        features = document.get("features", [document])
        return shapely.union_all([shapely.geometry.shape(f.get("geometry", f)) for f in features])

    shared = outline(code).buffer(0.002).intersection(outline(neighbour).buffer(0.002))
    truth = shapely.get_coordinates(shapely.shortest_line(shared, BORDERS.frontier(line_of)))[0]
    mine = shapely.intersection(BORDERS.frontier(code), BORDERS.frontier(neighbour)).centroid
    assert GEOD.inv(*truth, mine.x, mine.y)[2] / 1000 < km


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_frontiers_agree_with_an_independent_cut() -> None:
    document = json.loads((SHARED / "borders_osm2026_window.geojson").read_text(encoding="utf-8"))
    for feature in document["features"]:
        a, b = feature["properties"]["pair"].split("-")
        xy = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))[::7]
        for code in (a, b):
            assert BORDERS.distance_km(code, xy[:, 0], xy[:, 1]).max() < 0.03


def test_a_coverage_knows_which_lines_two_areas_share() -> None:
    west, east = shapely.box(30, 50, 31, 51), shapely.Polygon([(31, 50), (32, 50), (32, 52), (31, 51)])
    segments, owners = shared_segments([west, east])
    assert len(segments) == 4 + 4 - 1
    lines = dict(arcs(segments, owners))
    assert lines[0, 1].equals(shapely.LineString([(31, 50), (31, 51)]))
    assert lines[-1, 0].length == pytest.approx(3)


def test_simplified_neighbours_still_fit_each_other() -> None:
    wavy = [(31 + 0.003 * np.sin(9 * y), y) for y in np.linspace(50, 51, 400)]
    west = shapely.Polygon([(30, 51), (30, 50), *wavy])
    east = shapely.Polygon([(32, 50), (32, 51), *wavy[::-1]])
    thin = simplified({"W": west, "E": east})
    assert shapely.coverage_is_valid(list(thin.values()))
    assert shapely.get_num_coordinates(thin["W"]) < 100
    assert thin["W"].symmetric_difference(west).area < FINE_DEG * 1.1


def test_beyond_what_is_asked_for_distances_are_infinite() -> None:
    borders = Borders.open()
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(29.0, 33.0, 4_000), rng.uniform(50.5, 53.0, 4_000)
    for rough in (False, True):
        every = borders.distance_km("RU-BRY", lon, lat, rough=rough)
        some = borders.distance_km("RU-BRY", lon, lat, rough=rough, most_km=60.0)
        assert 100 < np.isfinite(some).sum() < 3_900
        assert np.array_equal(some, np.where(every <= 60.0, every, np.inf))
