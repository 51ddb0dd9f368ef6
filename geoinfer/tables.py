"""Tables of a case: sites as CSV, GeoJSON, KML and GeoPackage.

All coordinates are longitude and latitude in EPSG:4326. The same findings give the same bytes, so that a ledger can
vouch for every file: the GeoPackage carries a fixed date in place of the clock's.
"""

from __future__ import annotations

import csv
import html
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from geoinfer.escape import csv_cell, plain, whole, xml_text
from geoinfer.report import clue_facts, site_facts

if TYPE_CHECKING:
    import geopandas as gpd

    from geoinfer.result import Findings

LANGUAGES = ("uk", "ru", "be", "en")
"""Languages whose names have a column of their own."""

_CLUE_COLUMNS = (
    "clue", "sign", "photo", "kind", "routes", "note", "name", "other", "km", "place", "place_id", "probability",
)  # fmt: skip
# GDAL stamps layers with the clock; a fixed date keeps the bytes of equal findings equal.
_FIXED_DATE = "1970-01-01T00:00:00.000Z"
_KML = "http://www.opengis.net/kml/2.2"


def sites_frame(findings: Findings) -> gpd.GeoDataFrame:
    """Put the ranked sites into a table.

    Parameters
    ----------
    findings
        What an inference found.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per site in EPSG:4326, most probable first. Columns: ``rank, name, name_uk, name_ru, name_be, name_en,
        kind, probability, lon, lat, uncertainty_m, radius_km, country, admin1``, one ``km_to_<code>`` per border, and
        ``reasons`` (sentences joined by a vertical bar).
    """
    import geopandas as gpd

    codes = sorted({code for site in findings.sites for code in site.km_to})
    rows = [_row(site_facts(site), codes) for site in findings.sites]
    columns = list(_row(_NO_SITE, codes))
    points = gpd.points_from_xy([row["lon"] for row in rows], [row["lat"] for row in rows], crs="EPSG:4326")
    return gpd.GeoDataFrame({name: [row[name] for row in rows] for name in columns}, geometry=points)


_NO_SITE: dict[str, Any] = {
    "rank": 0, "name": "", "names": {}, "kind": "", "probability": 0.0, "lon": 0.0, "lat": 0.0, "uncertainty_m": 0,
    "radius_km": 0.0, "country": "", "admin1": "", "km_to": {}, "reasons": [],
}  # fmt: skip


def _row(site: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    return {
        "rank": site["rank"],
        "name": site["name"],
        **{f"name_{language}": site["names"].get(language, "") for language in LANGUAGES},
        **{key: site[key] for key in ("kind", "probability", "lon", "lat", "uncertainty_m", "radius_km")},
        **{key: site[key] for key in ("country", "admin1")},
        **{f"km_to_{whole(code)}": site["km_to"].get(whole(code)) for code in codes},
        "reasons": " | ".join(site["reasons"]),
    }


def _records(findings: Findings) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows with Python's own numbers, and None where a value is missing."""
    codes = sorted({code for site in findings.sites for code in site.km_to})
    rows: list[dict[str, Any]] = plain([_row(site_facts(site), codes) for site in findings.sites])
    return list(_row(_NO_SITE, codes)), rows


def write_csv(findings: Findings, path: Path) -> None:
    """Write the sites as UTF-8 CSV whose texts can start no spreadsheet formula."""
    columns, rows = _records(findings)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(column) for column in columns])
    for row in rows:
        writer.writerow([csv_cell(value) if isinstance(value, str) else value for value in row.values()])
    path.write_bytes(out.getvalue().encode("utf-8"))


def write_geojson(findings: Findings, path: Path) -> None:
    """Write the sites as GeoJSON (RFC 7946): longitude and latitude of WGS 84, no ``crs`` member."""
    _, rows = _records(findings)
    features = [
        {
            "type": "Feature",
            "id": row["rank"],
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": row,
        }
        for row in rows
    ]
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False, allow_nan=False, indent=1) + "\n", "utf-8", newline="\n")


def write_kml(findings: Findings, path: Path) -> None:
    """Write sites and regions as KML 2.2.

    Viewers show a KML description as HTML, so its text is escaped twice: once as HTML and once as XML.
    """
    document = ElementTree.Element("kml", {"xmlns": _KML})
    body = ElementTree.SubElement(document, "Document")
    _add(body, "name", "geoinfer sites")
    _add(body, "description", html.escape(findings.verdict.text))
    for level, colour in ((0.9, "33c86432"), (0.5, "66c86432")):
        style = ElementTree.SubElement(body, "Style", {"id": f"region{level * 100:g}"})
        _add(ElementTree.SubElement(style, "LineStyle"), "color", "ffa03c14")
        _add(ElementTree.SubElement(style, "PolyStyle"), "color", colour)
    sites = ElementTree.SubElement(body, "Folder")
    _add(sites, "name", "Sites")
    for site in findings.sites:
        placemark = ElementTree.SubElement(sites, "Placemark")
        _add(placemark, "name", f"{site.rank}. {site.name}")
        lines = (f"{site.probability:.1%} within {site.radius_km:g} km", *site.names.values(), *site.reasons)
        _add(placemark, "description", "<br>".join(html.escape(line) for line in dict.fromkeys(lines)))
        _add(ElementTree.SubElement(placemark, "Point"), "coordinates", f"{site.lon:.6f},{site.lat:.6f}")
    regions = ElementTree.SubElement(body, "Folder")
    _add(regions, "name", "Regions")
    for level, region in sorted(findings.regions.items(), reverse=True):
        placemark = ElementTree.SubElement(regions, "Placemark")
        _add(placemark, "name", f"{level:.0%} region, {region.area_km2:,.0f} km²")
        _add(placemark, "styleUrl", f"#region{level * 100:g}")
        _add_polygons(placemark, region.geometry)
    ElementTree.indent(document)
    path.write_bytes(ElementTree.tostring(document, encoding="utf-8", xml_declaration=True) + b"\n")


def _add(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = xml_text(text)


def _add_polygons(placemark: ElementTree.Element, geometry: Any) -> None:
    multi = ElementTree.SubElement(placemark, "MultiGeometry")
    for part in getattr(geometry, "geoms", [geometry]):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        polygon = ElementTree.SubElement(multi, "Polygon")
        for tag, ring in (("outerBoundaryIs", part.exterior), *(("innerBoundaryIs", hole) for hole in part.interiors)):
            line = ElementTree.SubElement(ElementTree.SubElement(polygon, tag), "LinearRing")
            _add(line, "coordinates", " ".join(f"{x:.5f},{y:.5f}" for x, y in ring.coords))


def write_gpkg(findings: Findings, path: Path) -> None:
    """Write a GeoPackage with the layers ``sites``, ``regions``, ``cells`` and ``clues``.

    ``clues`` has one row per name on a sign and place that it may mean, at that place; a name without a match, and a
    clue without a name, has a row without geometry.
    """
    import pyogrio

    path.unlink(missing_ok=True)
    before = os.environ.get("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        for name, frame in (
            ("sites", sites_frame(findings)),
            ("regions", _regions_frame(findings)),
            ("cells", _cells_frame(findings)),
            ("clues", _clues_frame(findings)),
        ):
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _regions_frame(findings: Findings) -> gpd.GeoDataFrame:
    import geopandas as gpd
    from shapely.geometry import MultiPolygon

    ranked = sorted(findings.regions.items())
    shapes = [region.geometry for _, region in ranked]
    polygons = [shape if shape.geom_type == "MultiPolygon" else MultiPolygon([shape]) for shape in shapes]
    facts = {"level": [level for level, _ in ranked], "area_km2": [round(one.area_km2, 1) for _, one in ranked]}
    return gpd.GeoDataFrame(facts, geometry=polygons, crs="EPSG:4326")


def _cells_frame(findings: Findings) -> gpd.GeoDataFrame:
    cells = findings.cells[["h3", "probability", "geometry"]]
    return cells.sort_values(["probability", "h3"], ascending=[False, True], ignore_index=True)


def _clues_frame(findings: Findings) -> gpd.GeoDataFrame:
    import geopandas as gpd
    from shapely.geometry import Point

    rows = [row for clue in findings.clues for row in _clue_rows(clue_facts(clue))]
    points = [None if row["lon"] is None else Point(row["lon"], row["lat"]) for row in rows]
    table = {name: [row[name] for row in rows] for name in _CLUE_COLUMNS}
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def _clue_rows(clue: dict[str, Any]) -> list[dict[str, Any]]:
    shared = {
        "clue": clue["id"], "sign": clue["sign"], "photo": clue["photo"], "kind": clue["kind"],
        "routes": ", ".join(clue["routes"]), "note": clue["note"],
    }  # fmt: skip
    rows = []
    for mention in clue["mentions"] or [{"name": "", "other": "", "km": None, "matches": []}]:
        named = {**shared, "name": mention["name"], "other": mention["other"], "km": mention["km"]}
        for match in mention["matches"] or [{"name": "", "id": "", "probability": None, "lon": None, "lat": None}]:
            place = {"place": match["name"], "place_id": match["id"], "probability": match["probability"]}
            rows.append({**named, **place, "lon": match["lon"], "lat": match["lat"]})
    return rows
