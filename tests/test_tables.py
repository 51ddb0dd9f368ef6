"""Tables are read back by the tools that people use."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas.testing
import pyogrio
import pytest
import shapely
from findings import make_findings, make_hostile_findings

from geoinfer.result import Findings
from geoinfer.tables import sites_frame, write_csv, write_geojson, write_gpkg, write_kml

KML = {"k": "http://www.opengis.net/kml/2.2"}


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_findings()


@pytest.fixture(scope="module")
def hostile() -> Findings:
    return make_hostile_findings()


def test_sites_frame(findings: Findings) -> None:
    frame = sites_frame(findings)
    assert frame.crs.to_epsg() == 4326
    assert list(frame["name"])[:2] == ["Ріпки", "Гучин"]
    assert frame.loc[0, ["name_uk", "name_ru", "name_en"]].tolist() == ["Ріпки", "Репки", "Ripky"]
    assert {"km_to_BY", "km_to_RU-BRY", "probability", "reasons"} <= set(frame.columns)
    assert (frame.geometry.x == frame["lon"]).all()


def test_csv(findings: Findings, tmp_path: Path) -> None:
    write_csv(findings, tmp_path / "sites.csv")
    with (tmp_path / "sites.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows] == list(sites_frame(findings)["name"])
    assert float(rows[0]["lon"]) == 31.0858
    assert float(rows[4]["km_to_BY"]) == 28.5


def test_csv_starts_no_formula_and_keeps_numbers_as_numbers(hostile: Findings, tmp_path: Path) -> None:
    west = replace(hostile, sites=(replace(hostile.sites[0], lon=-9.1393, lat=-38.7223),))
    write_csv(west, tmp_path / "sites.csv")
    with (tmp_path / "sites.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["name"].startswith("'=")
    assert (row["lon"], row["lat"]) == ("-9.1393", "-38.7223")
    assert "\x1b" not in "".join(row.values())


def test_geojson_reads_back_equal(findings: Findings, tmp_path: Path) -> None:
    path = tmp_path / "sites.geojson"
    write_geojson(findings, path)
    document = json.loads(path.read_bytes())
    assert "crs" not in document  # RFC 7946 allows WGS 84 only, and says so by silence
    read = pyogrio.read_dataframe(path)
    expected = sites_frame(findings)
    assert read.crs.to_epsg() == 4326
    geopandas.testing.assert_geodataframe_equal(
        read[expected.columns], expected, check_dtype=False, check_like=True, check_crs=False
    )


def test_gpkg_reads_back_equal(findings: Findings, tmp_path: Path) -> None:
    path = tmp_path / "case.gpkg"
    write_gpkg(findings, path)
    assert set(pyogrio.list_layers(path)[:, 0]) == {"sites", "regions", "cells", "clues"}
    sites = pyogrio.read_dataframe(path, layer="sites")
    expected = sites_frame(findings)
    geopandas.testing.assert_geodataframe_equal(sites[expected.columns], expected, check_dtype=False)
    regions = pyogrio.read_dataframe(path, layer="regions").set_index("level")
    for level, region in findings.regions.items():
        assert regions.geometry[level].equals(region.geometry)
    cells = pyogrio.read_dataframe(path, layer="cells")
    assert cells["probability"].sum() == pytest.approx(1)
    clues = pyogrio.read_dataframe(path, layer="clues")
    assert list(clues["place"]) == ["Чернігів", "Чернігівка", "Гомель", ""]
    assert clues.geometry[3] is None


def test_gpkg_of_an_answer_without_sites(findings: Findings, tmp_path: Path) -> None:
    empty = replace(findings, sites=(), regions={}, clues=(), cells=findings.cells.iloc[:0])
    write_gpkg(empty, tmp_path / "case.gpkg")
    assert len(pyogrio.read_dataframe(tmp_path / "case.gpkg", layer="sites")) == 0
    assert len(pyogrio.read_dataframe(tmp_path / "case.gpkg", layer="regions")) == 0


def test_gpkg_bytes_do_not_depend_on_process_or_clock(findings: Findings, tmp_path: Path) -> None:
    write_gpkg(findings, tmp_path / "here.gpkg")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from findings import make_findings; from geoinfer.tables import write_gpkg;"
        "write_gpkg(make_findings(), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(tmp_path / "there.gpkg")]
    subprocess.run(command, check=True)
    assert (tmp_path / "here.gpkg").read_bytes() == (tmp_path / "there.gpkg").read_bytes()


def test_kml(findings: Findings, tmp_path: Path) -> None:
    write_kml(findings, tmp_path / "sites.kml")
    document = ElementTree.parse(tmp_path / "sites.kml")
    names = [node.text for node in document.iterfind(".//k:Placemark/k:name", KML)]
    assert names[0] == "1. Ріпки"
    assert sum("region" in str(name) for name in names) == 2
    assert document.find(".//k:Point/k:coordinates", KML).text == "31.085800,51.802700"  # type: ignore[union-attr]
    ring = document.find(".//k:LinearRing/k:coordinates", KML)
    corners = [tuple(map(float, corner.split(","))) for corner in str(ring.text).split()]  # type: ignore[union-attr]
    assert corners[0] == corners[-1]
    assert shapely.Polygon(corners).area > 0


def test_kml_shows_hostile_text_as_text(hostile: Findings, tmp_path: Path) -> None:
    write_kml(hostile, tmp_path / "sites.kml")
    document = ElementTree.parse(tmp_path / "sites.kml")
    for description in document.iterfind(".//k:description", KML):
        as_viewers_see_it = str(description.text).replace("<br>", "")
        assert "<" not in as_viewers_see_it


@pytest.mark.parametrize("write", [write_csv, write_geojson, write_kml, write_gpkg])
def test_hostile_text_breaks_no_table(write, hostile: Findings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / {"write_gpkg": "case.gpkg"}.get(write.__name__, "out")
    write(hostile, path)
    assert path.stat().st_size > 0
