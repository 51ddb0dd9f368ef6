"""KML is read back by GDAL as it was written, and shows no stranger's markup."""

from pathlib import Path
from xml.etree import ElementTree

import geopandas.testing
import pyogrio
import pytest
import shapely
from findings import CHERNIHIV, make_findings, make_hostile_findings

from geoinfer.kml import write_kml
from geoinfer.result import Findings
from geoinfer.tables import sites_frame

KML = {"k": "http://www.opengis.net/kml/2.2"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kml") / "sites.kml"
    write_kml(make_findings(), file)
    return file


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_findings()


def test_sites_read_back_equal(path: Path, findings: Findings) -> None:
    read = pyogrio.read_dataframe(path, layer="Sites")
    expected = sites_frame(findings)
    assert read.crs.to_epsg() == 4326
    assert read.geometry.force_2d().equals(expected.geometry)
    same = ["rank", "probability", "uncertainty_m", "radius_km", "kind", "country", "admin1", "reasons"]
    geopandas.testing.assert_geodataframe_equal(
        read[[*same, "geometry"]].assign(geometry=read.geometry.force_2d()), expected[[*same, "geometry"]],
        check_dtype=False, check_crs=False,
    )  # fmt: skip
    assert list(read["Name"]) == [f"{site.rank}. {site.name}" for site in findings.sites]
    assert read["names"].iloc[0] == "Ріпки | Репки | Рэпкі | Ripky"


def test_regions_read_back_equal(path: Path, findings: Findings) -> None:
    read = pyogrio.read_dataframe(path, layer="Regions")
    for shape, (_, region) in zip(read.geometry, sorted(findings.regions.items(), reverse=True), strict=True):
        read_shape, written = shapely.force_2d(shape).normalize(), shapely.multipolygons([region.geometry]).normalize()
        assert read_shape.equals_exact(written, 1e-6)  # seven digits of a degree


def test_named_places_stand_where_the_signs_name_them(path: Path) -> None:
    read = pyogrio.read_dataframe(path, layer="Places named on signs")
    assert list(read["Name"]) == ["Чернігів", "Гомель"]
    assert (read.geometry.x[0], read.geometry.y[0]) == (CHERNIHIV.lon, CHERNIHIV.lat)
    assert "“Чернігів”, 39 km" in read["description"][0]


def test_every_mark_has_a_style_and_a_description(path: Path) -> None:
    document = ElementTree.parse(path)
    styles = {f"#{style.get('id')}" for style in document.iterfind(".//k:Style", KML)}
    marks = document.findall(".//k:Placemark", KML)
    assert {str(mark.findtext("k:styleUrl", "", KML)) for mark in marks} == styles
    assert all(mark.findtext("k:description", "", KML).startswith("<b>") for mark in marks)
    first = marks[0].findtext("k:description", "", KML)
    assert "31.0% within 3 km<br>" in first and "± 400 m" in first and "39 km by road from Чернігів" in first


def test_nothing_in_it_is_on_the_network(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "href" not in text.lower()
    assert text.count("http") == 1  # the name of the format itself
    balloons = ElementTree.parse(path).iterfind(".//k:BalloonStyle/k:text", KML)
    assert {node.text for node in balloons} == {"$[description]"}


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    write_kml(make_hostile_findings(), tmp_path / "sites.kml")
    document = ElementTree.parse(tmp_path / "sites.kml")
    for description in document.iterfind(".//k:description", KML):
        as_viewers_see_it = str(description.text)
        for own in ("<br>", "<b>", "</b>"):
            as_viewers_see_it = as_viewers_see_it.replace(own, "")
        assert "<" not in as_viewers_see_it
    assert len(pyogrio.read_dataframe(tmp_path / "sites.kml", layer="Sites")) == 7
