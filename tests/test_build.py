"""Building gazetteer files from GeoNames dumps, and the command line."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gazetteer import Gazetteer
from gazetteer.build import SHIPPED, Report, build
from gazetteer.cli import main
from gazetteer.codifier import Point, Settlement, flat_km, place_settlements
from gazetteer.errors import GazetteerError
from gazetteer.records import SETTLEMENTS
from gazetteer.tables import MAIN, Draft, pack, read, unpack, write

DATA = Path(__file__).parents[1].parent / "shared" / "data"
DUMP = DATA / "geonames_UA_2026-07-29.zip"
needs_data = pytest.mark.skipif(not DUMP.exists(), reason="../shared/data is absent")


def line(
    id_: str, name: str, alternates: str, lat: str, lon: str, feature: str = "P PPL", population: str = "0"
) -> str:
    group, code = feature.split()
    cells = [id_, name, name, alternates, lat, lon, group, code, "UA", "", "02", "", "", "", population, "", ""]
    return "\t".join([*cells, "Europe/Kyiv", "2026-01-01"])


GOOD = [
    line("710735", "Chernihiv", "Chernigov,Чернигов,Чернігів", "51.50541", "31.28656", "P PPLA", population="282747"),
    line("694537", "Senkivka", "Сеньківка,Сеньковка", "52.08901", "31.78039", population="140"),
    line("1", "Stantsiia Chernihiv", "Станція Чернігів,Станция Чернигов", "51.49", "31.26", "S RSTN"),
    line("2", "Chernihiv Oblast", "Чернігівська область", "51.3", "32.0", "A ADM1"),
    line("3", "Dnipro", "Дніпро", "51.0", "31.0", "H STM"),
]
BAD = [
    "",
    "not a row",
    line("x", "A", "", "51", "31"),
    line("4", "B", "", "999", "31"),
    line("5", "C", "", "nan", "31"),
    line("6", "D", "", "51", "east"),
    line("7", "E", "", "51", "31", population="many"),
    line("8", "\x1b[31m", "", "51", "31"),
    "\t" * 18,
    "\x00\x00",
]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "UA.txt"
    path.write_text("\n".join(GOOD + BAD) + "\n", encoding="utf-8")
    return path


def zipped(path: Path, *members: tuple[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_only_a_dump_makes_a_gazetteer_of_its_own(tmp_path: Path, dump: Path) -> None:
    report = build([dump], tmp_path / "g.zip", only=True)
    assert (report.places, report.bad) == (4, len(BAD) - 2)
    assert report.kinds == {"city": 1, "village": 1, "station": 1, "oblast": 1}
    assert all(fault.startswith("UA.txt, line ") for fault in report.faults)
    gaz = Gazetteer.open(tmp_path / "g.zip")
    place = gaz.place("geonames:694537")
    assert {"uk": "Сеньківка", "ru": "Сеньковка", "en": "Senkivka"}.items() <= dict(place.names).items()
    assert (place.lon, place.lat, place.admin1, place.uncertainty_km) == (31.78039, 52.08901, "UA-74", 0.6)
    assert gaz.place("geonames:1").kind == "station"
    (source,) = gaz.sources
    assert source["name"] == "GeoNames UA.txt" and source["licence"] == "CC BY 4.0" and len(source["version"]) == 10


def test_a_later_dump_s_row_wins(tmp_path: Path, dump: Path) -> None:
    newer = tmp_path / "newer.txt"
    newer.write_text(line("694537", "Senkivka", "Сеньківка", "52.1064", "31.7809"), encoding="utf-8")
    build([dump, newer], tmp_path / "g.zip", only=True)
    assert Gazetteer.open(tmp_path / "g.zip").place("geonames:694537").lat == 52.1064


def test_several_sources_make_one_place_with_the_names_of_all(tmp_path: Path, dump: Path) -> None:
    (tmp_path / "mine.csv").write_text(
        "lon,lat,name,note\n31.781,52.09,Senkiwka,x\n31.0,52.0,Поляна,y\n", encoding="utf-8"
    )
    (tmp_path / "alternates.txt").write_text(
        "1\t694537\tru\tСеньковка\t1\t\t\t\t\t\n2\t694537\t\tСтарые Сеньки\t\t\t\t1\t\t\n3\t694537\tlink\thttps://x\t\t\t\t\t\t\n"
        "4\t999\tru\tНигде\t\t\t\t\t\t\n",
        encoding="utf-8",
    )
    licences = {"mine.csv": "CC0"}
    sources = [dump, tmp_path / "mine.csv", tmp_path / "alternates.txt"]
    report = build(sources, tmp_path / "g.zip", only=True, licences=licences)
    assert (report.places, report.merged) == (5, 1)
    assert [read.kind for read in report.reads] == ["geonames", "delimited", "alternates"]
    gaz = Gazetteer.open(tmp_path / "g.zip")
    origin = gaz.name_sources("geonames:694537")
    assert origin["Сеньківка"] == "GeoNames UA.txt"
    assert origin["Senkiwka"] == "table mine.csv"
    assert origin["Старые Сеньки"] == "GeoNames alternate names alternates.txt"
    assert "https://x" not in origin
    assert {source["name"]: source["licence"] for source in gaz.sources}["table mine.csv"] == "CC0"
    assert gaz.place("mine:3").admin1 == "UA-74"  # told by its position


def test_sources_are_merged_into_the_shipped_places(
    tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oblast = ("UA-74", "Chernihiv Oblast")
    parents = ("UA74100000000000000", "Chernihiv Raion", "UA74100050000000000", "Horodnia Hromada")
    base = [
        Draft(
            "katottg:UA74100390010054825",
            [("Чернігів", 1 | MAIN)],
            "city",
            31.28,
            51.5,
            1.5,
            0,
            "UA",
            oblast,
            "K",
            parents,
        ),
        Draft(
            "katottg:UA74100050450091513",
            [("Сеньківка", 1 | MAIN)],
            "village",
            31.6,
            51.9,
            13.5,
            0,
            "UA",
            oblast,
            "K",
            parents,
        ),
        Draft("geonames:7", [("Foreland", 4 | MAIN)], "town", 20.0, 50.0, 0.6, 5000, "PL", ("", ""), "G"),
        Draft("geonames:8", [("Gone", 4 | MAIN)], "village", 31.0, 51.0, 0.6, 5000, "UA", oblast, "G"),
    ]
    about = [{"name": name, "version": "1", "licence": "x", "url": ""} for name in "KG"]
    write(pack(base, about), tmp_path / "base.zip")
    monkeypatch.setattr("gazetteer.build.SHIPPED", tmp_path / "base.zip")
    build([dump], tmp_path / "g.zip")
    gaz = Gazetteer.open(tmp_path / "g.zip")
    senkivka = gaz.place("katottg:UA74100050450091513")
    assert (senkivka.lon, senkivka.lat, senkivka.uncertainty_km) == (31.78039, 52.08901, 0.6)
    assert (senkivka.source, senkivka.admin2_name, senkivka.community_name) == ("GeoNames UA.txt", *parents[1::2])
    assert senkivka.population == 140
    ids = set(gaz.table()["id"])
    assert "geonames:7" in ids and "geonames:1" in ids
    # The dump lists all of Ukraine, and has no Gone; Chernihiv and Senkivka are settlements of the codifier.
    assert not {"geonames:8", "geonames:710735", "geonames:694537"} & ids


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xff\xd8\xff\xe0 a picture", "no source of places"),
        (b"a,b,c\n1,2,3\n", "no source of places"),
        (b"name,lat\nChernihiv,51.5\n", "lacks lon; valid headings are lon: lon, lng"),
        (b"PK\x03\x04 broken zip", "no source of places"),
        (b'{"type": "FeatureCollection"', "not valid GeoJSON"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7a", "cannot be read"),
    ],
)
def test_what_is_no_source_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "odd.bin"
    path.write_bytes(content)
    with pytest.raises(GazetteerError, match=rf"odd\.bin.*{reason}"):
        build([path], tmp_path / "g.zip", only=True)
    assert [file.name for file in tmp_path.iterdir()] == ["odd.bin"]


def test_a_source_of_bad_rows_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "UA.txt"
    path.write_text(line("4", "B", "", "999", "31"), encoding="utf-8")
    with pytest.raises(
        GazetteerError, match=r"UA\.txt: no usable row \(UA\.txt, line 1: longitude '31' and latitude '999'"
    ):
        build([path], tmp_path / "g.zip", only=True)


def test_other_archives_and_absent_files_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "photos.zip", ("a.jpg", "x"), ("b.jpg", "y"))
    with pytest.raises(
        GazetteerError, match=r"photos\.zip holds a\.jpg, b\.jpg; valid is one of: GeoNames country dump"
    ):
        build([path], tmp_path / "g.zip")
    with pytest.raises(GazetteerError, match=r"absent\.zip cannot be read"):
        build([tmp_path / "absent.zip"], tmp_path / "g.zip")
    with pytest.raises(GazetteerError, match="no source given; valid are: GeoNames country dump"):
        build([], tmp_path / "g.zip")


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "UA.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("UA.txt", b"0" * (80 << 20))
    with pytest.raises(GazetteerError, match=r"UA\.txt would unpack to 83,886,080 bytes"):
        build([path], tmp_path / "g.zip", only=True)


def test_a_place_to_write_that_is_none(tmp_path: Path, dump: Path) -> None:
    with pytest.raises(GazetteerError, match=r"g\.zip cannot be written"):
        build([dump], tmp_path / "absent" / "g.zip", only=True)


def test_an_interrupted_build_leaves_no_half_file(tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build([dump], tmp_path / "g.zip", only=True)
    assert [file.name for file in tmp_path.iterdir()] == ["UA.txt"]


def test_names_with_one_bearer_are_placed_and_homonyms_only_where_clear() -> None:
    code = "UA74{:02d}{:03d}{:03d}00000".format
    settlements = [
        Settlement(code(2, 1, 1), "Мена", "M"),
        Settlement(code(2, 1, 2), "Луки", "C"),
        Settlement(code(4, 1, 1), "Ніжин", "M"),
        Settlement(code(4, 1, 2), "Луки", "C"),
        Settlement(code(4, 1, 3), "Безвість", "C"),
        Settlement(code(6, 9, 1), "Самотня", "C"),
    ]
    points = [
        Point("a", ("Мена",), "74", 32.2, 51.5, 11_000),
        Point("b", ("Ніжин", "Нежин"), "74", 31.9, 51.05, 66_000),
        Point("c", ("Луки",), "74", 32.25, 51.55, 100),
        Point("d", ("Луки",), "59", 34.0, 51.0, 100),  # another oblast
    ]
    spots = place_settlements(settlements, points)
    assert spots[code(2, 1, 2)].point == points[2]
    assert spots[code(4, 1, 2)].point is None
    assert (spots[code(4, 1, 3)].lon, spots[code(4, 1, 3)].uncertainty_km) == (31.9, 13.5)
    assert spots[code(6, 9, 1)].uncertainty_km == 80.0
    assert code(2, 1, 1) in spots and len(spots) == 6


def test_a_large_town_is_no_village_of_its_name() -> None:
    settlements = [Settlement("UA53080010010000000", "Полтава", "M"), Settlement("UA53080330200059680", "Крюкове", "C")]
    points = [
        Point("p", ("Полтава",), "53", 34.55, 49.59, 283_000),
        Point("k", ("Крюкове",), "53", 33.44, 49.03, 75_000),
    ]
    assert place_settlements(settlements, points)["UA53080330200059680"].point is None


class TestCommandLine:
    def test_build_and_lookup(self, tmp_path: Path, dump: Path) -> None:
        run = CliRunner().invoke(main, ["build", str(dump), "-o", str(tmp_path / "g.zip"), "--only"])
        assert run.exit_code == 0
        assert "4 places" in run.output
        assert "UA.txt: GeoNames dump, 4 rows used, 8 bad rows left out" in run.output
        assert "bad row: UA.txt, line 7: 1 columns instead of 19" in run.output
        run = CliRunner().invoke(main, ["lookup", "Чернигов", "--gazetteer", str(tmp_path / "g.zip"), "--json"])
        answer = json.loads(run.output)
        assert answer["matches"][0]["place"]["id"] == "geonames:710735"
        shares = [match["probability"] for match in answer["matches"]]
        assert sum(shares) + answer["further"] + answer["none"] == pytest.approx(1)

    def test_lookup_for_people(self) -> None:
        run = CliRunner().invoke(main, ["lookup", "Чернiгов"])
        assert run.exit_code == 0
        assert "Чернігів (Chernihiv), city, Chernihiv Oblast, 51.5054 N 31.2866 E ± 1.5 km" in run.output
        assert run.output.splitlines()[-1].endswith("none of these") or "none of these" in run.output

    def test_faults_are_told_in_one_line(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.zip"
        bad.write_bytes(b"x")
        for arguments in (["lookup", "Київ", "--gazetteer", str(bad)], ["build", str(bad), "-o", str(tmp_path / "g")]):
            run = CliRunner().invoke(main, arguments)
            assert run.exit_code == 1
            assert run.output.startswith("Error: ") and "bad.zip" in run.output


SOURCES = [
    DUMP,
    DATA / "wof_BY_localities_2024.tsv",
    *(DATA / f"geonames_postal_{country}_2026-03-30.zip" for country in ("UA", "BY", "RU")),
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    path = tmp_path_factory.mktemp("full") / "all.zip"
    with pytest.MonkeyPatch.context() as patch:
        # The index is most of the work, and nothing is looked up here.
        patch.setattr("gazetteer.indexing.members", lambda tables: {})
        return path, build(SOURCES, path)


@pytest.mark.data
@needs_data
def test_all_real_sources_make_one_gazetteer(full: tuple[Path, Report]) -> None:
    path, report = full
    assert [read.kind for read in report.reads] == ["geonames", "wof", "postal", "postal", "postal"]
    assert [read.bad for read in report.reads[:2]] == [0, 0]
    assert report.kinds["station"] > 2000 and report.merged > 50_000
    drafts = unpack(read(path))
    nearby = Counter(draft.country for draft in drafts if draft.kind in SETTLEMENTS)
    assert nearby["UA"] > 29_000 and nearby["BY"] > 20_000 and nearby["RU"] > 25_000
    assert {source["licence"] for source in Gazetteer.open(path).sources} >= {"CC BY 4.0"}
    # Near Komaryn, over the border from Chernihiv oblast, villages are known now.
    around = Gazetteer.open(path).places_within(30.57, 51.44, 15, kinds=["village", "town"])
    assert len([place for place in around if place.country == "BY"]) > 8
    komaryn = next(draft for draft in drafts if draft.name == "Камарын" and draft.country == "BY")
    assert komaryn.parents[1] == "Brahin" and "Комарин" in dict(komaryn.names)
    assert sum(len(set(draft.name_sources.values())) > 0 for draft in drafts if draft.country == "BY") > 100


@pytest.mark.data
@needs_data
def test_a_full_dump_places_villages(full: tuple[Path, Report]) -> None:
    gaz = Gazetteer.open(full[0])
    senkivka = gaz.place("katottg:UA74100050450091513")
    assert (senkivka.lon, senkivka.lat, senkivka.uncertainty_km) == (31.78039, 52.08901, 0.6)
    settlements = [d for d in unpack(read(full[0])) if d.id.startswith("katottg:") and d.kind != "district"]
    assert len(settlements) == 29_703
    assert sum(d.uncertainty_km < 2 for d in settlements) > 25_500
    assert all(d.parents[1].endswith(" Raion") for d in settlements if d.id.startswith("katottg:UA74"))


@pytest.mark.data
@needs_data
def test_stated_radii_hold(full: tuple[Path, Report]) -> None:
    """The radius of a settlement at its community's or district's centre holds 68 % of the true positions."""
    true = {d.id: d for d in unpack(read(full[0])) if d.uncertainty_km < 2}
    away: dict[float, list[float]] = {}
    for place in unpack(read(SHIPPED)):
        if place.source == "KATOTTG" and place.id in true:
            spot = true[place.id]
            away.setdefault(place.uncertainty_km, []).append(flat_km(place.lon, place.lat, spot.lon, spot.lat))
    assert sorted(away) == [13.5, 44.5]
    for radius, distances in away.items():
        share = float(np.mean(np.array(distances) <= radius))
        assert len(distances) > 500
        assert 0.63 < share < 0.74, (radius, share)
