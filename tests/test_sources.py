"""Readers of sources: what they take, what they leave out, and what they say of bad rows."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer import alternate_names, geonames
from gazetteer.build import _read
from gazetteer.delimited import columns_of, kind_of
from gazetteer.detect import KINDS
from gazetteer.detect import kind_of as source_kind
from gazetteer.errors import GazetteerError
from gazetteer.opening import open_table
from gazetteer.records import Name, Record, RowError, Source
from gazetteer.tables import COLLOQUIAL, DERIVED, HISTORIC, LANGUAGES, MAIN

DUMP_ROW = (
    "710735\tChernihiv\tChernihiv\tЧернігів\t51.50541\t31.28656\tP\tPPLA\tUA\t\t02\t\t\t\t282747\t\t\t"
    "Europe/Kyiv\t2026-01-01"
)
POSTAL_ROW = "UA\t14000\tЧернігів\tChernihivska\t02\t\t\t\t\t51.5055\t31.2849\t4"
ALTERNATE_ROW = "1594561\t710735\tru\tЧернигов\t\t\t\t\t\t"
WOF_HEADER = (
    "wof_id\tplacetype\tname\tlat\tlon\tpopulation\tnames_rus\tnames_bel\tnames_other\tgn_id\tcounty_id\t"
    "deprecated\tfcode"
)
POSTAL_HEADER = (
    "country_code,zipcode,place,state,state_code,province,province_code,community,community_code,latitude,longitude"
)


def read(path: Path) -> Source:
    return _read(path, source_kind(path), {}, False)


def text(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([DUMP_ROW], "geonames"),
        (["not a row", DUMP_ROW, DUMP_ROW], "geonames"),
        ([POSTAL_ROW], "postal"),
        ([POSTAL_HEADER], "postal"),
        ([ALTERNATE_ROW], "alternates"),
        (["1\t2\tru\tЧернигов\t\t\t\t"], "alternates"),
        ([WOF_HEADER], "wof"),
        (["lon,lat,name"], "delimited"),
        (["Назва;Широта;Довгота"], "delimited"),
        (["X\tY\tPlace"], "delimited"),
        (['  {"type": "FeatureCollection", "features": []}'], "geojson"),
    ],
)  # fmt: skip
def test_a_kind_is_told_by_content(tmp_path: Path, lines: list[str], kind: str) -> None:
    assert source_kind(text(tmp_path, "file.bin", *lines)) == kind
    assert kind in KINDS
    with zipfile.ZipFile(tmp_path / "packed", "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("folder/table.txt", "\n".join(lines))
    assert source_kind(tmp_path / "packed") == kind


class TestGeoNames:
    @pytest.mark.parametrize("feature", ["H STM", "T MT", "S CH", "A ADM3", "L AREA", "R RD"])
    def test_what_signs_do_not_name_is_left_out(self, feature: str) -> None:
        assert geonames.parse(DUMP_ROW.replace("P\tPPLA", feature.replace(" ", "\t"))) is None

    @pytest.mark.parametrize(
        ("feature", "kind"),
        [("P PPL", "city"), ("P PPLX", "other"), ("P PPLH", "other"), ("S RSTN", "station"), ("A ADM1", "oblast")],
    )
    def test_features_are_kinds(self, feature: str, kind: str) -> None:
        record = geonames.parse(DUMP_ROW.replace("P\tPPLA", feature.replace(" ", "\t")))
        assert record is not None and record.kind == kind

    @pytest.mark.parametrize(
        ("old", "new", "fault"),
        [
            ("710735", "x", "id 'x' is no number"),
            ("51.50541", "nan", "no position in degrees"),
            ("31.28656", "181", "no position in degrees"),
            ("282747", "many", "no number of inhabitants"),
            ("282747", "-5", "no number of inhabitants"),
            ("282747", "1e400", "no number of inhabitants"),
            ("\tChernihiv", "\t\x1b[31m", "control characters"),
            ("\tChernihiv", "\t" + "A" * 201, "longer than 200 letters"),
            ("Чернігів\t", "Чернігів\t\t", "20 columns instead of 19"),
        ],
    )
    def test_a_bad_row_says_what_is_wrong(self, old: str, new: str, fault: str) -> None:
        with pytest.raises(RowError, match=fault):
            geonames.parse(DUMP_ROW.replace(old, new, 1))

    def test_a_line_without_end_is_a_bad_row(self, tmp_path: Path) -> None:
        found = read(text(tmp_path, "UA.txt", DUMP_ROW, "9" * 1_000_000, DUMP_ROW.replace("710735", "2")))
        assert [record.id for record in found.records] == ["geonames:710735", "geonames:2"]
        assert found.faults.first == ["line 2: longer than any row of a dump"]


class TestAlternateNames:
    @pytest.mark.parametrize(
        ("row", "name"),
        [
            (ALTERNATE_ROW, Name("Чернигов", "ru")),
            ("1\t2\tuk\tЩорс\t\t\t\t1\t\t2016", Name("Щорс", "uk", HISTORIC)),
            ("1\t2\tru\tПитер\t\t\t1\t\t\t", Name("Питер", "ru", COLLOQUIAL)),
            ("1\t2\tbe-tarask\tСвятлагорск\t\t\t\t", Name("Святлагорск", "be")),
            ("1\t2\t\tHomel\t\t\t\t", Name("Homel")),
            ("1\t2\tlink\thttps://en.wikipedia.org\t\t\t\t", None),
            ("1\t2\tpost\t14000\t\t\t\t", None),
            ("1\t2\twkdt\tQ157053\t\t\t\t", None),
            ("1\t2\tru\t\x07\t\t\t\t", None),
        ],
    )
    def test_names_have_a_language_and_marks(self, row: str, name: Name | None) -> None:
        found = alternate_names.parse(row)
        assert (found and found[1]) == name

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("1\t2\tru", "3 columns"),
            ("1\tx\tru\tA\t\t\t\t", "geonameid"),
            ("1\t2\tру сский\tA\t\t\t\t", "no language code"),
        ],
    )
    def test_bad_rows(self, row: str, fault: str) -> None:
        with pytest.raises(RowError, match=fault):
            alternate_names.parse(row)


class TestPostalCodes:
    ROWS = (
        POSTAL_ROW,
        POSTAL_ROW.replace("14000", "14001"),  # another office of the same place
        POSTAL_ROW.replace("Чернігів", "Чернігів 2"),
        "UA\t15000\tРіпки\tChernihivska\t02\t\t\t\t\t51.8026\t31.0858\t4",
        "UA\t15001\tГучин\tChernihivska\t02\t\t\t\t\t51.8026\t31.0858\t4",
        "UA\t15002\tПлехів (Ріпкинська)\tChernihivska\t02\t\t\t\t\t51.8026\t31.0858\t4",
        "UA\t14050\tЧернігів 50\tChernihivska\t02\t\t\t\t\t51.53\t31.30\t4",  # at the other end of the town
        "UA\t15003\tПолтава\tChernihivska\t02\t\t\t\t\t49.59\t34.55\t4",  # the city of that name, not the village
        "RU\t241000\tБрянск\tБрянская Область\t10\t\t\t\t\t53.25\t34.37\t4",
        "RU\t1\tМосква\tУфа\t\t\t\t\t\t40.0\t-100.0\t4",
    )

    def test_one_place_a_spot_and_none_outside_its_oblast(self, tmp_path: Path) -> None:
        found = read(text(tmp_path, "UA.txt", *self.ROWS))
        assert [(r.name, r.admin1, r.uncertainty_km) for r in found.records] == [
            ("Чернігів", "UA-74", 1.0),
            ("Брянск", "RU-BRY", 1.0),
            ("Ріпки", "UA-74", 13.0),
            ("Гучин", "UA-74", 13.0),
            ("Плехів", "UA-74", 13.0),
        ]
        assert found.faults.first == [
            "line 8: 'Полтава' is said to be in UA-74 and lies in UA-53",
            "line 10: 'Москва' is said to be in RU and lies in US",
        ]

    def test_the_layout_with_a_header(self, tmp_path: Path) -> None:
        found = read(
            text(tmp_path, "zipcodes.csv", POSTAL_HEADER, 'BY,246000,"Гомель",Gomel,02,,,,,52.43,30.98', "BY,1,2")
        )
        assert [(r.name, r.admin1, r.country) for r in found.records] == [("Гомель", "BY-HO", "BY")]
        assert found.faults.first == ["line 3: 3 columns instead of 11"]


class TestWhosOnFirst:
    def test_localities_know_their_county_and_their_geonames_id(self, tmp_path: Path) -> None:
        rows = (
            "10\tcounty\tBraslav\t55.6\t27.0\t\t\t\tБраславский район\t\t10\t\t",
            "1\tlocality\tSlobodka\t55.68\t27.18\t900\tСлободка\tСлабодка\tSlabodka|Slobudka\t621\t10\t\tPPL",
            "2\tlocality\tGone\t55.6\t27.1\t\t\t\t\t\t10\t\tPPLQ",
            "3\tlocality\tWrong\t55.6\t27.1\t\t\t\t\t\t10\t2016-09-15\tPPL",
            "4\tcontinent\tEurope\t55.6\t27.1\t\t\t\t\t\t\t\t",
            "5\tlocality\tNowhere\t\t\t\t\t\t\t\t\t\t",
            "6\tlocality",
        )
        found = read(text(tmp_path, "wof.tsv", WOF_HEADER, *rows))
        by_id = {record.id: record for record in found.records}
        assert list(by_id) == ["wof:10", "wof:1", "wof:2"]
        assert (by_id["wof:10"].kind, by_id["wof:10"].name) == ("district", "Браславский район")
        slobodka = by_id["wof:1"]
        assert (slobodka.parents[:2], slobodka.same_as) == (("wof:10", "Braslav"), ("geonames:621",))
        assert Name("Слабодка", "be") in slobodka.names and Name("Slobudka") in slobodka.names
        assert by_id["wof:2"].kind == "other"
        assert found.faults.first == [
            "line 8: 2 columns instead of 13",
            "line 7: longitude '' and latitude '' are no position in degrees",
        ]


class TestTables:
    @pytest.mark.parametrize(
        ("header", "columns"),
        [
            ("lon,lat,name", {"lon": 0, "lat": 1, "name": 2}),
            ("Name;Longitude;Latitude", {"lon": 1, "lat": 2, "name": 0}),
            ("x|y|Назва|name:ru|uk", {"lon": 0, "lat": 1, "name": 2, "name:ru": 3, "name:uk": 4}),
            ("lat,lng,name_uk", {"lon": 1, "lat": 0, "name": 2, "name:uk": 2}),
            ("\ufefflon,lat", {"lat": 1}),
        ],
    )
    def test_headings_that_people_use(self, header: str, columns: dict[str, int]) -> None:
        cells = next(header.split(mark) for mark in ";|," if mark in header)
        assert columns_of(cells) == columns

    def test_rows_with_all_that_a_place_can_have(self, tmp_path: Path) -> None:
        path = text(
            tmp_path,
            "towns.csv",
            "\ufeffid,name,lon,lat,kind,population,country,admin1,uncertainty_km,aliases,name_ru",
            '7,"Кам\'янка, нова",31.5,51.9,село,120,ua,UA-74,2.5,Kamianka|Kamenka,Каменка',
            '8,"a ""quoted"" name",31.5,51.9,,,,,,,',
        )
        first, second = read(path).records
        assert first == Record(
            "towns:7", "Кам'янка, нова", (Name("Каменка", "ru"), Name("Kamianka"), Name("Kamenka")), "village",
            31.5, 51.9, 120, "UA", "UA-74", 2.5,
        )  # fmt: skip
        assert (second.name, second.radius_km) == ('a "quoted" name', 0.6)

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("A,nan,51,", "no position in degrees"),
            ("A,310,51,", "no position in degrees"),
            ("A,'31','51',", "no position in degrees"),
            (",31,51,", "the name is empty"),
            ("A", "1 columns, and the header has more"),
            ("A,31,51,-3", "uncertainty_km '-3' is no radius"),
            ("A,31,51,nan", "uncertainty_km 'nan' is no radius"),
            ("B\u202eA,31,51,", "control characters"),
            ('"' + "A" * 140_000 + '",31,51,', "field larger than field limit"),
        ],
    )
    def test_bad_rows_are_named_and_the_rest_goes_on(self, tmp_path: Path, row: str, fault: str) -> None:
        found = read(text(tmp_path, "towns.csv", "name,lon,lat,uncertainty_km", row, "Good,31,51,"))
        assert [record.name for record in found.records] == ["Good"]
        assert found.faults.count == 1
        assert found.faults.first[0].startswith("line 2: ") and fault in found.faults.first[0]

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=200))
    def test_any_row_is_a_place_or_a_fault(self, tmp_path_factory: pytest.TempPathFactory, row: str) -> None:
        path = tmp_path_factory.mktemp("any") / "towns.csv"
        path.write_bytes(("name,lon,lat\n" + row).encode("utf-8", "replace"))
        found = read(path)
        assert all(-180 <= r.lon <= 180 and -90 <= r.lat <= 90 and r.name.isprintable() for r in found.records)
        assert all(fault.isprintable() for fault in found.faults.first)

    @pytest.mark.parametrize(
        ("word", "population", "kind"),
        [
            ("hamlet", 0, "village"),
            ("МІСТО", 0, "city"),
            ("station", 0, "station"),
            ("", 4000, "town"),
            ("?", 0, "village"),
        ],
    )
    def test_words_for_kinds(self, word: str, population: int, kind: str) -> None:
        assert kind_of(word, population) == kind


class TestGeoJSON:
    def feature(self, geometry: object, **properties: object) -> dict[str, object]:
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    def test_points_are_places_and_areas_have_a_radius(self, tmp_path: Path) -> None:
        square = {"type": "Polygon", "coordinates": [[[31, 51], [31.2, 51], [31.2, 51.1], [31, 51.1], [31, 51]]]}
        document = {
            "type": "FeatureCollection",
            "features": [
                self.feature(
                    {"type": "Point", "coordinates": [31.3, 51.5]},
                    name="Чернігів",
                    place="city",
                    **{"name:ru": "Чернигов"},
                ),
                self.feature(square, NAME="Гай", population=90),
                self.feature({"type": "LineString", "coordinates": [[31, 51], [32, 52]]}, name="A road"),
                self.feature({"type": "Point", "coordinates": [310, 51]}, name="Nowhere"),
                self.feature({"type": "Point", "coordinates": ["a", 51]}, name="Letters"),
                self.feature(None, name="None"),
                self.feature({"type": "Point", "coordinates": [31, 51]}),
                5,
            ],
        }
        found = read(text(tmp_path, "mine.geojson", json.dumps(document)))
        chernihiv, grove = found.records
        assert (chernihiv.kind, chernihiv.names, chernihiv.id) == ("city", (Name("Чернигов", "ru"),), "mine:1")
        assert grove.name == "Гай" and grove.uncertainty_km == pytest.approx(7.0, abs=0.2)
        assert found.faults.count == 6
        assert found.faults.first[0] == "feature 3: a LineString is no place: valid are points and polygons"

    @pytest.mark.parametrize(
        "content",
        ["{", '{"type": "FeatureCollection"}', '{"a":' * 50_000, '{"type": "FeatureCollection", "features": 3}'],
    )
    def test_what_is_no_geojson_is_refused(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(GazetteerError, match=r"mine\.geojson: not valid GeoJSON"):
            read(text(tmp_path, "mine.geojson", content))


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (
            Record("x:1", "Глухів", (Name("Hlukhiv", "en"),), "town", 33.9, 51.7, country="UA"),
            [("Глухів", "uk", "main"), ("Глухов", "ru", "rule"), ("Глухаў", "be", "rule"), ("Hlukhiv", "en", "")],
        ),
        (
            Record("x:2", "Гомель", (Name("Гомель", "ru"), Name("Гомель", "be")), "city", 31.0, 52.4, country="BY"),
            [("Гомель", "be", "main"), ("Гомель", "uk", ""), ("Гомель", "ru", "")],
        ),
        (
            Record("x:3", "Ленино", (Name("Ленино", "ru"),), "village", 31.0, 52.4, country="BY"),
            [("Ленино", "ru", "main"), ("Леніно", "uk", "rule"), ("Леніно", "be", "rule")],
        ),
        (
            Record("x:5", "Kamaryn", (Name("Комарин", "ru"),), "town", 30.6, 51.4, country="BY"),
            [("Kamaryn", "en", ""), ("Комарин", "uk", "rule"), ("Комарын", "be", "rule"), ("Комарин", "ru", "main")],
        ),
        (
            Record("x:6", "Kamaryn", (Name("Kamaryn", "be"), Name("Камарын", "be")), "town", 30.6, 51.4, country="BY"),
            [("Камарын", "be", "main"), ("Камарин", "uk", "rule"), ("Камарын", "ru", ""), ("Kamaryn", "en", "")],
        ),
        (
            Record("x:4", "Сновськ", (Name("Щорс", "uk", HISTORIC),), "town", 31.9, 51.8, country="UA"),
            [("Сновськ", "uk", "main"), ("Сновск", "ru", "rule"), ("Сноўск", "be", "rule"), ("Щорс", "", "old")],
        ),
    ],
)  # fmt: skip
def test_what_the_source_tells_of_languages_stands_before_what_rules_make(
    record: Record, names: list[tuple[str, str, str]]
) -> None:
    words = {MAIN: "main", DERIVED: "rule", HISTORIC: "old"}
    told = [
        (name, LANGUAGES[flags & 7], next((word for flag, word in words.items() if flags & flag), ""))
        for name, flags in record.spellings()
    ]
    assert told == names


def test_a_table_that_is_shorter_than_it_says_is_damaged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "UA.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("UA.txt", "\n".join(f"{DUMP_ROW}{number}" for number in range(3000)))
    damaged = bytearray((tmp_path / "UA.zip").read_bytes())
    damaged[5000] ^= 255
    (tmp_path / "UA.zip").write_bytes(damaged)
    with pytest.raises(GazetteerError, match=r"UA\.zip cannot be read"), open_table(tmp_path / "UA.zip", "x") as table:
        list(table.lines())
