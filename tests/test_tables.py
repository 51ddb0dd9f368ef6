"""Tables are read back by the tools that people use."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import geopandas.testing
import pyogrio
import pytest
from findings import make_findings, make_hostile_findings

from geoinfer.result import Findings
from geoinfer.tables import sites_frame, write_csv, write_geojson


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
    assert list(frame["uncertainty_m"]) == [400] * len(frame)


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


@pytest.mark.parametrize("write", [write_csv, write_geojson])
def test_hostile_text_breaks_no_table(write, hostile: Findings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write(hostile, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size > 0
