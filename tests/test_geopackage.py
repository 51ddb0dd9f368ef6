"""The GeoPackage is read back as it was written, and carries styles that QGIS applies."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import geopandas.testing
import h3
import pyogrio
import pytest
from findings import make_findings, make_hostile_findings

from geoinfer.geopackage import write_gpkg
from geoinfer.map_data import COLOURS
from geoinfer.result import Findings
from geoinfer.tables import sites_frame

LAYERS = {"sites", "regions", "cells", "clues"}


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_findings()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, findings: Findings) -> Path:
    file = tmp_path_factory.mktemp("gpkg") / "case.gpkg"
    write_gpkg(findings, file)
    return file


def test_layers_read_back_equal(path: Path, findings: Findings) -> None:
    assert set(pyogrio.list_layers(path)[:, 0]) == LAYERS | {"layer_styles"}
    sites = pyogrio.read_dataframe(path, layer="sites")
    expected = sites_frame(findings)
    geopandas.testing.assert_geodataframe_equal(sites[expected.columns], expected, check_dtype=False)
    regions = pyogrio.read_dataframe(path, layer="regions").set_index("level")
    for level, region in findings.regions.items():
        assert regions.geometry[level].equals(region.geometry)
        assert regions["area_km2"][level] == round(region.area_km2, 1)
    cells = pyogrio.read_dataframe(path, layer="cells").set_index("h3")
    assert cells["probability"].sum() == pytest.approx(1)
    first = cells.iloc[0]
    assert first["per_km2"] == pytest.approx(first["probability"] / h3.cell_area(cells.index[0], "km^2"))
    given = findings.cells.set_index("h3")
    given = given.loc[cells.index]
    assert cells.geometry.equals(given.geometry) and (cells["probability"] == given["probability"]).all()
    clues = pyogrio.read_dataframe(path, layer="clues")
    assert list(clues["place"]) == ["Чернігів", "Чернігівка", "Гомель", ""]
    assert list(clues["uncertainty_m"])[:3] == [500, 1000, 500]
    assert clues.geometry[3] is None
    assert all(pyogrio.read_info(path, layer=layer)["crs"] == "EPSG:4326" for layer in LAYERS)


def test_an_answer_without_sites(findings: Findings, tmp_path: Path) -> None:
    empty = replace(findings, sites=(), regions={}, clues=(), cells=findings.cells.iloc[:0])
    write_gpkg(empty, tmp_path / "case.gpkg")
    assert len(pyogrio.read_dataframe(tmp_path / "case.gpkg", layer="sites")) == 0
    assert len(pyogrio.read_dataframe(tmp_path / "case.gpkg", layer="regions")) == 0


def test_bytes_do_not_depend_on_process_or_clock(path: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from findings import make_findings; from geoinfer.geopackage import write_gpkg;"
        "write_gpkg(make_findings(), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(tmp_path / "there.gpkg")]
    subprocess.run(command, check=True)
    assert path.read_bytes() == (tmp_path / "there.gpkg").read_bytes()


def test_each_layer_has_a_default_style(path: Path) -> None:
    styles = pyogrio.read_dataframe(path, layer="layer_styles")
    assert set(styles["f_table_name"]) == LAYERS
    assert styles["useAsDefault"].all()
    for style in styles.itertuples():
        geometry = pyogrio.read_info(path, layer=style.f_table_name)["geometry_name"]
        assert style.f_geometry_column == geometry
        qml = ElementTree.fromstring(style.styleQML)
        fields = set(pyogrio.read_info(path, layer=style.f_table_name)["fields"])
        renderer = qml.find("renderer-v2")
        assert renderer is not None and (renderer.get("attr") is None or renderer.get("attr") in fields)
        assert {node.get("fieldName") for node in qml.iter("text-style")} <= fields
        drawn = {node.get("name") for node in renderer.iterfind("symbols/symbol")}
        used = {node.get("symbol") for node in [*renderer.iter("range"), *renderer.iter("category")]} or {"0"}
        assert drawn == used


def test_cells_are_coloured_in_steps_that_leave_none_out(path: Path) -> None:
    styles = pyogrio.read_dataframe(path, layer="layer_styles").set_index("f_table_name")
    ranges = [
        (float(str(node.get("lower"))), float(str(node.get("upper"))))
        for node in ElementTree.fromstring(styles["styleQML"]["cells"]).iter("range")
    ]
    density = pyogrio.read_dataframe(path, layer="cells")["per_km2"]
    assert len(ranges) == len(COLOURS)
    assert ranges[0][1] == pytest.approx(density.max()) and ranges[-1][0] == 0
    assert all(low == high for (low, _), (_, high) in pairwise(ranges))


def test_hostile_text_is_kept(tmp_path: Path) -> None:
    write_gpkg(make_hostile_findings(), tmp_path / "case.gpkg")
    assert "<script>" in pyogrio.read_dataframe(tmp_path / "case.gpkg", layer="sites")["name"][0]
