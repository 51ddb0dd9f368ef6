"""OpenStreetMap extracts: places, border posts, known signs, and the road network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gazetteer import Gazetteer
from gazetteer.build import build
from gazetteer.errors import GazetteerError
from gazetteer.known_signs import known_signs
from gazetteer.road_graph import BEND_KM, Way, packed_roads, refs_of
from gazetteer.roads import Roads

osmium = pytest.importorskip("osmium")

CHERNIHIV, RIPKY, KAMIANKA = (31.2866, 51.5054), (31.0858, 51.8026), (31.0, 52.0)


def extract(path: Path) -> Path:
    """Write an extract: three towns on a road that bends, a post, a sign, a broken way and places that have faults."""
    node, way = osmium.osm.mutable.Node, osmium.osm.mutable.Way
    bend = [(31.2, 51.6), (31.25, 51.65), (31.25, 51.7)]
    spots = {1: CHERNIHIV, 2: bend[0], 3: bend[1], 4: bend[2], 5: RIPKY, 6: KAMIANKA, 7: (31.3, 51.8026)}
    tags = {
        1: {"place": "city", "name": "Чернігів", "name:ru": "Чернигов", "name:en": "Chernihiv", "population": "282747"},
        5: {
            "place": "town",
            "name": "Ріпки",
            "name:uk": "Ріпки",
            "old_name": "Репки-Старі",
            "population": "about 7000",
        },
        6: {"place": "hamlet", "name": "Кам’янка"},
        7: {"place": "village", "name": "x" * 500},
    }
    with osmium.SimpleWriter(str(path)) as writer:
        for id_, spot in spots.items():
            writer.add_node(node(id=id_, location=spot, tags=tags.get(id_, {}), version=1))
        post = {"barrier": "border_control", "name": "Нові Яриловичі", "name:be": "Новая Гута"}
        writer.add_node(node(id=20, location=(30.97, 52.08), tags=post, version=1))
        sign = {"traffic_sign": "UA:5.49", "destination": "Київ;Чернігів", "ref": "М-01"}
        writer.add_node(node(id=21, location=(31.2, 51.61), tags=sign, version=1))
        writer.add_node(node(id=22, location=(31.0, 51.9), tags={"place": "locality"}, version=1))
        writer.add_node(node(id=23, location=(31.28, 51.49), tags={"railway": "station", "name": "Чернігів-Овруцький"}))
        main = {"highway": "trunk", "ref": "М-01;Р56", "int_ref": "E 95"}
        writer.add_way(way(id=1, nodes=[1, 2, 3, 4, 5], tags=main, version=1))
        writer.add_way(way(id=2, nodes=[5, 6], tags={"highway": "secondary", "destination": "Гомель"}, version=1))
        writer.add_way(way(id=3, nodes=[5, 7], tags={"highway": "residential"}, version=1))
        writer.add_way(way(id=4, nodes=[6, 999], tags={"highway": "primary"}, version=1))
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("osm")
    report = build([extract(folder / "north.osm.pbf")], folder / "g.zip", only=True)
    assert report.reads[0].kind == "osm"
    assert report.extras == ("roads.npz", "signs.tsv")
    assert report.faults == (
        "north.osm.pbf, node 7: the name is empty, is longer than 200 letters or has control characters",
    )
    return folder / "g.zip"


def test_places_keep_their_languages(built: Path) -> None:
    gaz = Gazetteer.open(built)
    assert len(gaz) == 5
    chernihiv = gaz.place("osm:n1")
    assert {"uk": "Чернігів", "ru": "Чернигов", "en": "Chernihiv"}.items() <= dict(chernihiv.names).items()
    assert (chernihiv.kind, chernihiv.country, chernihiv.admin1) == ("city", "UA", "UA-74")
    # A population in words is none, and an old name is one to be found by.
    assert gaz.place("osm:n5").population == 0
    assert "Репки-Старі" in dict(gaz.spellings("osm:n5"))
    assert [gaz.place(f"osm:n{id_}").kind for id_ in (6, 20, 23)] == ["village", "crossing", "station"]
    (source,) = gaz.sources
    assert source["licence"].startswith("ODbL")


def test_signs_are_kept_with_their_place(built: Path) -> None:
    signs = {sign.kind: sign for sign in known_signs(built)}
    assert set(signs) == {"UA:5.49", "destination"}
    assert signs["UA:5.49"].names("чернігів") and not signs["UA:5.49"].names("Ніжин")
    assert (signs["destination"].text, signs["destination"].lon) == ("Гомель", RIPKY[0])


def test_the_roads_of_an_extract_take_the_place_of_the_shipped_ones(built: Path) -> None:
    roads = Roads.from_gazetteer(built)
    # Two ways with a bend: the junction at Ripky, the ends, and the bends that matter.
    assert (len(roads.km), set(roads.refs())) == (5, {"M01", "P56", "E95"})
    straight = 37.1  # great circle from Chernihiv to Ripky
    assert straight * 1.05 < roads.between_km(*CHERNIHIV, *RIPKY) < straight * 1.3
    assert roads.knows_bends and not Roads.open().knows_bends
    assert roads.describe(31.22, 51.62) == ("M01", "P56", "E95")
    assert roads.coverage.contains(roads.coverage.centroid)
    points = roads.points(1.0)
    assert points.lateral_km.max() <= BEND_KM
    sweep = roads.distances_km(*CHERNIHIV, points)
    assert np.isfinite(sweep).all() and sweep.max() == pytest.approx(roads.km.sum(), abs=1.1)


def test_a_gazetteer_without_roads_has_the_shipped_ones() -> None:
    shipped = Gazetteer.open().path
    assert Roads.from_gazetteer(shipped) is Roads.open()
    assert known_signs(shipped) == ()


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip"])
def test_what_is_no_gazetteer_has_no_roads(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "g.zip"
    path.write_bytes(content)
    for read in (Roads.from_gazetteer, known_signs):
        with pytest.raises(GazetteerError, match=r"g\.zip"):
            read(path)


@pytest.mark.parametrize(
    ("ref", "int_ref", "national", "european"),
    [
        ("М-01", "Е95", "M01", "E95"),
        ("M 02;E101", "", "M02", "E101"),
        ("Р-67;М-02", "", "M02;P67", ""),
        ("Т-25-12", "", "T2512", ""),
        ("", "", "", ""),
        ("<b>", "", "", ""),
    ],
)
def test_route_numbers_are_spelled_one_way(ref: str, int_ref: str, national: str, european: str) -> None:
    assert refs_of(Way((), (), ref, int_ref)) == (national, european)


def test_straight_stretches_lose_their_nodes_and_no_length(tmp_path: Path) -> None:
    line = tuple((31.0 + 0.001 * step, 51.5 + 0.00002 * (step % 2)) for step in range(200))
    way = Way(tuple(range(200)), line, "M01")
    (tmp_path / "roads.npz").write_bytes(packed_roads([way]))
    with np.load(tmp_path / "roads.npz") as arrays:
        assert (len(arrays["lon"]), len(arrays["metres"])) == (2, 1)
        assert arrays["metres"][0] == pytest.approx(13_850, abs=120)  # 0.199 degrees of longitude there, and the zigzag


def test_a_damaged_extract_is_named(tmp_path: Path) -> None:
    whole = extract(tmp_path / "north.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GazetteerError, match=r"cut\.osm\.pbf cannot be read"):
        build([tmp_path / "cut.osm.pbf"], tmp_path / "g.zip", only=True)
