"""Roads: routed kilometres, points along the network, route numbers."""

from __future__ import annotations

import csv
from dataclasses import fields, replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer.compile_roads import Graph, Route, bent, edges_of, joined
from gazetteer.errors import GazetteerError
from gazetteer.roads import REACH_KM, SWEEPS, RoadPoints, Roads, plain_ref

ROADS = Roads.open()
NEAR = (29.5, 50.2, 34.6, 53.4)
POINTS = ROADS.points(1.0, NEAR)

KYIV, CHERNIHIV, HOMYEL = (30.5238, 50.4547), (31.2866, 51.5054), (30.9754, 52.4345)
NIZHYN, HORODNIA, MENA, SLAVUTYCH = (31.8884, 51.0477), (31.5963, 51.8913), (32.2136, 51.5221), (30.7181, 51.5225)
HLUKHIV, BRYANSK, MINSK = (33.9168, 51.6798), (34.3214, 53.2710), (27.5665, 53.9002)


@pytest.mark.parametrize(
    ("start", "end", "low", "high"),
    [
        (KYIV, CHERNIHIV, 139, 149),  # M01 and a little of either town
        (CHERNIHIV, HOMYEL, 105, 116),
        (CHERNIHIV, NIZHYN, 74, 84),  # the P67 crosses the M02 beside Nizhyn at its km 79.6
        (
            CHERNIHIV,
            HORODNIA,
            47,
            58,
        ),  # the H28 passes Horodnia station at its km 46.8, counted from the edge of Chernihiv
        (CHERNIHIV, MENA, 64, 76),
        (CHERNIHIV, SLAVUTYCH, 40, 68),
        (HOMYEL, MINSK, 295, 315),  # M5, 303 km
        (HOMYEL, BRYANSK, 250, 285),
    ],
)
def test_road_kilometres_between_towns(
    start: tuple[float, float], end: tuple[float, float], low: float, high: float
) -> None:
    assert low <= ROADS.between_km(*start, *end) <= high
    assert ROADS.between_km(*start, *end) == pytest.approx(ROADS.between_km(*end, *start))


def test_a_place_beyond_the_network_has_no_road_distance() -> None:
    marsh = (28.05, 52.05)
    assert ROADS.nearest_km(*marsh)[0] > REACH_KM
    assert np.isinf(ROADS.distances_km(*marsh, POINTS)).all()
    assert ROADS.between_km(*CHERNIHIV, *marsh) == np.inf
    assert ROADS.between_km(*marsh, *CHERNIHIV) == np.inf
    assert ROADS.between_km(*CHERNIHIV, -40.0, 30.0) == np.inf


def test_a_sweep_and_single_ways_agree() -> None:
    sweep = ROADS.distances_km(*CHERNIHIV, POINTS)
    for index in range(0, len(POINTS), 997):
        single = ROADS.between_km(*CHERNIHIV, POINTS.lon[index], POINTS.lat[index])
        # A point between two roads may join another one: up to the widest exit, once for each end.
        assert single <= sweep[index] + 1e-6
        assert single >= sweep[index] - 8.0


@pytest.mark.parametrize("limit", [0.5, 12.0, 60.0, 400.0])
def test_a_sweep_with_a_limit_is_the_near_part_of_the_whole(limit: float) -> None:
    whole, part = ROADS.distances_km(*CHERNIHIV, POINTS), ROADS.distances_km(*CHERNIHIV, POINTS, limit)
    np.testing.assert_array_equal(part, np.where(whole <= limit, whole, np.inf))


def test_some_points_get_the_kilometres_that_all_get() -> None:
    some = np.random.default_rng(3).permutation(len(POINTS))[:5000]
    for limit in (40.0, np.inf):
        whole = ROADS.distances_km(*CHERNIHIV, POINTS, limit)
        np.testing.assert_array_equal(ROADS.distances_km(*CHERNIHIV, POINTS, limit, some), whole[some])


def test_points_in_any_order_get_the_same_kilometres() -> None:
    order = np.random.default_rng(3).permutation(len(POINTS))
    shuffled = RoadPoints(**{f.name: getattr(POINTS, f.name)[order] for f in fields(RoadPoints) if f.init})
    for limit in (40.0, np.inf):
        mine, theirs = ROADS.distances_km(*MENA, shuffled, limit), ROADS.distances_km(*MENA, POINTS, limit)
        np.testing.assert_array_equal(mine, theirs[order])


def test_only_the_last_sweeps_are_kept() -> None:
    again = replace(ROADS, _cache={})
    for step in range(SWEEPS + 5):
        again.distances_km(31.2866 + step * 1e-4, 51.5054, POINTS, 1.0)
    assert len(again._cache["sweeps"]) == SWEEPS


def test_points_stand_for_every_kilometre_once() -> None:
    whole = ROADS.points(2.0)
    assert whole.length_km.sum() == pytest.approx(ROADS.km.sum())
    assert whole.length_km.max() <= 2.0 + 1e-9
    assert ((whole.offset_km > 0) & (whole.offset_km < ROADS.km[whole.edge])).all()
    assert (whole.lateral_km >= 0).all()


def test_points_of_a_window_are_those_of_the_whole_network_inside_it() -> None:
    west, south, east, north = NEAR
    whole = ROADS.points(1.0)
    inside = (whole.lon >= west) & (whole.lon <= east) & (whole.lat >= south) & (whole.lat <= north)
    np.testing.assert_allclose(POINTS.lon, whole.lon[inside])
    np.testing.assert_allclose(POINTS.offset_km, whole.offset_km[inside])
    assert len(ROADS.points(1.0, (0.0, 0.0, 1.0, 1.0))) == 0


@settings(max_examples=25, deadline=None)
@given(lon=st.floats(30, 34), lat=st.floats(50.5, 53))
def test_neighbouring_points_of_a_road_differ_by_the_road_between_them(lon: float, lat: float) -> None:
    away = ROADS.distances_km(lon, lat, POINTS)
    assert (away >= 0).all()
    if np.isinf(away).all():
        return
    same = np.flatnonzero(np.diff(POINTS.edge) == 0)
    step = np.abs(np.diff(POINTS.offset_km))[same]
    assert (np.abs(np.diff(away))[same] <= step + 1e-6).all()


@settings(max_examples=25, deadline=None)
@given(lon=st.floats(30, 34), lat=st.floats(50.5, 53))
def test_no_road_is_much_shorter_than_the_straight_line(lon: float, lat: float) -> None:
    away = ROADS.distances_km(lon, lat, POINTS)
    x, y = (POINTS.lon - lon) * np.cos(np.radians(lat)) * 111.32, (POINTS.lat - lat) * 111.2
    straight = np.hypot(x, y)
    # Kilometres in the source were measured on rounded positions, hence the four per cent.
    assert (away >= straight * 0.96 - 0.5).all()


def test_a_place_that_is_nowhere_is_refused() -> None:
    with pytest.raises(GazetteerError, match="finite"):
        ROADS.distances_km(float("nan"), 51.0, POINTS)
    with pytest.raises(GazetteerError, match="spacing"):
        ROADS.points(0.0)


@pytest.mark.parametrize(
    ("place", "lon", "lat", "refs"),
    [
        ("M01 between Ripky and the border", 31.03, 51.94, {"M01", "E95"}),
        ("M01 south of Kipti, at Kozelets", 31.1166, 50.9121, {"M01", "E95"}),
        ("M02 at Krolevets", 33.42, 51.53, {"M02", "E101"}),
        ("H28 between Horodnia and Senkivka", 31.71, 51.99, {"H28"}),
        ("H27 between Mena and Sosnytsia", 32.35, 51.53, {"H27"}),
        ("M8 south of Homyel", 31.0, 52.19, {"M8", "E95"}),
        ("A-240 between Klintsy and Novozybkov", 32.1, 52.66, {"A240"}),
    ],
)
def test_the_number_of_the_nearest_road(place: str, lon: float, lat: float, refs: set[str]) -> None:
    assert refs <= set(ROADS.describe(lon, lat)), place


def test_no_number_where_no_road_is_near() -> None:
    assert ROADS.describe(28.05, 52.05) == ()


def test_points_are_found_by_a_number_however_it_is_written() -> None:
    assert POINTS.carry("М-01").sum() == POINTS.carry("M01").sum() > 100
    assert POINTS.carry("E95").sum() > POINTS.carry("M01").sum()
    assert not POINTS.carry("M99").any()
    assert not POINTS.carry("").any()


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_asked_for_as_a_number(text: str) -> None:
    assert plain_ref(plain_ref(text)) == plain_ref(text)
    assert len(POINTS.carry(text)) == len(POINTS)


TABLE = resources.files("gazetteer") / "data" / "geo" / "routes.tsv"
ROUTES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


@pytest.mark.parametrize("row", ROUTES, ids=[row["ref"] for row in ROUTES])
def test_every_route_has_a_source_and_roads(row: dict[str, str]) -> None:
    assert row["source"].startswith("http")
    assert plain_ref(row["ref"]) == row["ref"]
    assert row["country"] in ("UA", "BY", "RU")
    assert row["ref"] in ROADS.refs()
    carried = np.array([row["ref"] in label.split(";") for label in ROADS.ref.tolist()])
    assert ROADS.km[carried].sum() > 40


def test_the_network_says_where_it_was_cut() -> None:
    assert ROADS.coverage.bounds == ROADS.bbox


def tiny(km: float = 30.0) -> Graph:
    """Two edges in a row near Chernihiv, and beyond a gap of 0.7 km a third."""
    lon, lat = np.array([31.0, 31.4, 31.41, 31.8]), np.array([51.5, 51.5, 51.5, 51.5])
    return Graph(lon, lat, np.array([0, 2]), np.array([1, 3]), np.array([km, 27.5]))


def test_dead_ends_beside_each_other_are_joined() -> None:
    whole = joined(tiny())
    assert (whole.a[2:].tolist(), whole.b[2:].tolist()) == ([1], [2])
    assert whole.km[2] == pytest.approx(0.69, abs=0.02)


@pytest.mark.parametrize(
    ("km", "town", "bends"),
    [
        (30.0, (31.2, 51.53), True),  # 3 km off the middle: the edge is long enough to go there
        (27.7, (31.2, 51.53), True),
        (27.7, (31.2, 51.60), False),  # 11 km off: it is not
        (40.0, (31.2, 51.60), True),
        (30.0, (31.01, 51.50), False),  # beside a junction
    ],
)
def test_a_town_bends_an_edge_that_may_lead_through_it(km: float, town: tuple[float, float], bends: bool) -> None:
    graph = bent(tiny(km), [("town", *town)])
    assert (len(graph.km) == 3) == bends
    assert graph.km[[0, -1] if bends else [0]].sum() == pytest.approx(km, rel=0.05)


def test_a_number_goes_to_the_way_and_not_to_the_spur() -> None:
    graph = joined(tiny())
    towns = (("west", 31.0, 51.5), ("east", 31.8, 51.5), ("middle", 31.41, 51.5))
    edges, km = edges_of(Route("M01", "", "UA", None, towns, ""), graph)
    # To the east and back to the middle: the last edge is taken twice, and is a spur.
    assert edges.tolist() == [0, 2]
    assert km == pytest.approx(30.69, abs=0.05)


def test_a_leg_that_winds_gets_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    towns = (("west", 31.0, 51.5), ("east", 31.4, 51.5))
    edges, km = edges_of(Route("M01", "", "UA", None, towns, ""), tiny(60.0))
    assert (edges.size, km) == (0, 0.0)
    assert "no number from west" in capsys.readouterr().out
