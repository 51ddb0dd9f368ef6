"""Sites, regions and the places that signs name as KML 2.2, with styles and descriptions for Google Earth.

Viewers show a description as HTML, so its text is escaped twice: once as HTML and once as XML. The balloon shows the
description alone; by default it would put the name into its HTML as well. Icons are those that viewers have built in: a
link to one on the network would tell where the file is opened.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from geoinfer.escape import xml_text
from geoinfer.map_grounds import named_places
from geoinfer.report import metres, site_facts

if TYPE_CHECKING:
    from geoinfer.result import Findings

NAMESPACE = "http://www.opengis.net/kml/2.2"
LEADING = 5
"""Sites that get the larger mark."""
_FIELDS = (
    ("rank", "int"), ("probability", "double"), ("uncertainty_m", "int"), ("radius_km", "double"), ("kind", "string"),
    ("country", "string"), ("admin1", "string"), ("names", "string"), ("reasons", "string"),
)  # fmt: skip
# KML writes colours as opacity, blue, green, red.
_ACCENT, _SIGN, _INK = "ff522b8a", "ffa65a1c", "ff33241d"
_STYLES = {
    # name: icon colour and scale, label scale
    "leading": (_ACCENT, 1.1, 1.0),
    "further": (_ACCENT, 0.7, 0.75),
    "named": (_SIGN, 0.8, 0.85),
}
_REGIONS = {0.9: ("33c86432", 1.5), 0.5: ("66c86432", 2.5)}


def write_kml(findings: Findings, path: Path) -> None:
    """Write sites, named places and regions; the same findings give the same bytes.

    Coordinates are degrees in EPSG:4326, longitude first. Each site's rank, probability, uncertainty in metres and the
    like are typed data as well as text in its description.
    """
    document = Element("kml", {"xmlns": NAMESPACE})
    body = SubElement(document, "Document")
    _add(body, "name", "geoinfer sites")
    _add(body, "description", html.escape(findings.verdict.text))
    _add_styles(body)
    schema = SubElement(body, "Schema", {"name": "site", "id": "site"})
    for name, kind in _FIELDS:
        SubElement(schema, "SimpleField", {"type": kind, "name": name})
    sites = _folder(body, "Sites")
    for site in findings.sites:
        facts = site_facts(site)
        style = "leading" if site.rank <= LEADING else "further"
        placemark = _placemark(sites, f"{site.rank}. {site.name}", _site_lines(facts), style)
        _add_data(placemark, facts)
        _add_point(placemark, facts["lon"], facts["lat"])
    places = named_places(findings)
    named = _folder(body, "Places named on signs")
    for one in places:
        said = [f"“{name}”" + (f", {km:g} km" if km is not None else "") for name, km in one.said]
        lines = [*one.place.names.values(), *said, f"± {metres(one.place.uncertainty_km)} m"]
        _add_point(_placemark(named, one.place.name, lines, "named"), one.place.lon, one.place.lat)
    regions = _folder(body, "Regions")
    for level, region in sorted(findings.regions.items(), reverse=True):
        title = f"{level:.0%} region, {region.area_km2:,.0f} km²"
        text = f"Holds {level:.0%} of the probability on {region.area_km2:,.0f} km²."
        _add_polygons(_placemark(regions, title, [text], f"region{level * 100:g}"), region.geometry)
    ElementTree.indent(document)
    path.write_bytes(ElementTree.tostring(document, encoding="utf-8", xml_declaration=True) + b"\n")


def _site_lines(facts: Mapping[str, Any]) -> list[str]:
    share = f"{facts['probability']:.1%} within {facts['radius_km']:g} km"
    where = f"{facts['lat']:.6f}, {facts['lon']:.6f}, ± {facts['uncertainty_m']} m"
    borders = [f"{km:g} km to {code}" for code, km in facts["km_to"].items()]
    return [share, *facts["names"].values(), where, ", ".join(borders), *facts["reasons"]]


def _add_styles(body: Element) -> None:
    for name, (colour, scale, label) in _STYLES.items():
        style = SubElement(body, "Style", {"id": name})
        icon = SubElement(style, "IconStyle")
        _add(icon, "color", colour)
        _add(icon, "scale", f"{scale:g}")
        _add(SubElement(style, "LabelStyle"), "scale", f"{label:g}")
        _add(SubElement(style, "BalloonStyle"), "text", "$[description]")
    for level, (colour, width) in _REGIONS.items():
        style = SubElement(body, "Style", {"id": f"region{level * 100:g}"})
        line = SubElement(style, "LineStyle")
        _add(line, "color", _INK)
        _add(line, "width", f"{width:g}")
        _add(SubElement(style, "PolyStyle"), "color", colour)
        _add(SubElement(style, "BalloonStyle"), "text", "$[description]")


def _folder(body: Element, name: str) -> Element:
    folder = SubElement(body, "Folder")
    _add(folder, "name", name)
    return folder


def _placemark(folder: Element, name: str, lines: Iterable[str], style: str) -> Element:
    placemark = SubElement(folder, "Placemark")
    _add(placemark, "name", name)
    shown = [f"<b>{html.escape(name)}</b>", *(html.escape(line) for line in dict.fromkeys(lines) if line)]
    _add(placemark, "description", "<br>".join(shown))
    _add(placemark, "styleUrl", f"#{style}")
    return placemark


def _add_data(placemark: Element, facts: Mapping[str, Any]) -> None:
    data = SubElement(SubElement(placemark, "ExtendedData"), "SchemaData", {"schemaUrl": "#site"})
    joined = {"names": " | ".join(facts["names"].values()), "reasons": " | ".join(facts["reasons"])}
    for name, _ in _FIELDS:
        SubElement(data, "SimpleData", {"name": name}).text = xml_text(str(joined.get(name, facts.get(name))))


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = xml_text(text)


def _add_point(placemark: Element, lon: float, lat: float) -> None:
    _add(SubElement(placemark, "Point"), "coordinates", f"{lon:.6f},{lat:.6f}")


def _add_polygons(placemark: Element, geometry: Any) -> None:
    multi = SubElement(placemark, "MultiGeometry")
    for part in getattr(geometry, "geoms", [geometry]):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        polygon = SubElement(multi, "Polygon")
        for tag, ring in (("outerBoundaryIs", part.exterior), *(("innerBoundaryIs", hole) for hole in part.interiors)):
            line = SubElement(SubElement(polygon, tag), "LinearRing")
            _add(line, "coordinates", " ".join(f"{x:.7f},{y:.7f}" for x, y in ring.coords))
