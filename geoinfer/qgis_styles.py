"""Styles for QGIS, stored in the GeoPackage itself: its layers open as the map shows them.

QGIS reads them from a table ``layer_styles`` and applies those marked as default
(https://docs.qgis.org/latest/en/docs/user_manual/introduction/general_tools.html, "Save and share layer properties").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

QML_VERSION = "3.22.0"
GEOMETRY = "geom"
"""Name that GDAL gives the geometry column of a GeoPackage layer."""
_ACCENT, _SIGN, _INK = "138,43,82,255", "28,90,166,255", "29,36,51,255"
_OPACITY = (0.62, 0.58, 0.54, 0.46, 0.32, 0.18)


def layer_styles(cells: Mapping[str, Any], date: str) -> list[dict[str, Any]]:
    """Make the rows of the table ``layer_styles``.

    Parameters
    ----------
    cells
        ``breaks`` (probability per km², falling) and ``colours`` (hexadecimal, from the most probable) of the cells.
    date
        Time to state, ISO 8601.

    Returns
    -------
    list of dict
        One row for each layer that has a geometry.
    """
    styles = {
        "sites": (_point_style("circle", _ACCENT, 4.2, "name", _ACCENT), "Ranked places with their names"),
        "regions": (_outline_style(), "Regions that hold 50 and 90 % of the probability"),
        "cells": (_graduated_style(cells["breaks"], cells["colours"]), "Probability per km², viridis"),
        "clues": (_point_style("ring", _SIGN, 3.6, "name", _SIGN), "Places that names on signs may mean"),
    }
    return [
        {
            "f_table_catalog": "", "f_table_schema": "", "f_table_name": layer, "f_geometry_column": GEOMETRY,
            "styleName": f"geoinfer {layer}", "styleQML": qml, "styleSLD": "", "useAsDefault": True,
            "description": about, "owner": "geoinfer", "ui": "", "update_time": date,
        }
        for layer, (qml, about) in styles.items()
    ]  # fmt: skip


def _point_style(shape: str, colour: str, size: float, label: str, label_colour: str) -> str:
    document, symbols = _renderer("singleSymbol")
    hollow = shape == "ring"
    _symbol(symbols, "0", "marker", "SimpleMarker", {
        "name": "circle", "color": "255,255,255,0" if hollow else colour, "size": f"{size:g}", "size_unit": "MM",
        "outline_color": colour if hollow else "255,255,255,255", "outline_width": "0.7" if hollow else "0.4",
        "outline_style": "solid", "outline_width_unit": "MM",
    })  # fmt: skip
    _label(document, label, label_colour)
    return _written(document)


def _outline_style() -> str:
    document, symbols = _renderer("categorizedSymbol", attr="level")
    categories = SubElement(document[0], "categories")
    for index, (level, width, label) in enumerate((("0.5", "0.8", "50 % region"), ("0.9", "0.4", "90 % region"))):
        facts = {"value": level, "symbol": str(index), "label": label, "render": "true", "type": "double"}
        SubElement(categories, "category", facts)
        _symbol(symbols, str(index), "fill", "SimpleFill", {
            "color": "0,0,0,0", "style": "no", "outline_color": _INK, "outline_width": width, "outline_style": "solid",
            "outline_width_unit": "MM",
        })  # fmt: skip
    return _written(document)


def _graduated_style(breaks: Sequence[float], colours: Sequence[str]) -> str:
    document, symbols = _renderer("graduatedSymbol", attr="per_km2", graduatedMethod="GraduatedColor")
    ranges = SubElement(document[0], "ranges")
    bounds = [*breaks, 0.0]
    for index, colour in enumerate(colours):
        high, low = bounds[index], bounds[index + 1]
        facts = {"lower": f"{low:.12g}", "upper": f"{high:.12g}", "symbol": str(index), "render": "true"}
        SubElement(ranges, "range", {**facts, "label": f"{100 * low:.2g} to {100 * high:.2g} % per km²"})
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        fill = {
            "color": f"{red},{green},{blue},{round(255 * _OPACITY[index])}",
            "style": "solid",
            "outline_style": "no",
        }
        _symbol(symbols, str(index), "fill", "SimpleFill", fill)
    return _written(document)


def _renderer(kind: str, **attributes: str) -> tuple[Element, Element]:
    document = Element("qgis", {"version": QML_VERSION, "styleCategories": "Symbology|Labeling"})
    renderer = SubElement(
        document, "renderer-v2", {"type": kind, "enableorderby": "0", "symbollevels": "0", **attributes}
    )
    return document, SubElement(renderer, "symbols")


def _symbol(symbols: Element, name: str, kind: str, layer: str, options: Mapping[str, str]) -> None:
    symbol = SubElement(symbols, "symbol", {"name": name, "type": kind, "alpha": "1", "clip_to_extent": "1"})
    properties = SubElement(symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    _options(properties, options)


def _options(parent: Element, options: Mapping[str, str]) -> None:
    listed = SubElement(parent, "Option", {"type": "Map"})
    for name, value in options.items():
        SubElement(listed, "Option", {"name": name, "type": "QString", "value": value})
    for name, value in options.items():  # QGIS before 3.18 reads these
        SubElement(parent, "prop", {"k": name, "v": value})


def _label(document: Element, field: str, colour: str) -> None:
    labeling = SubElement(document, "labeling", {"type": "simple"})
    settings = SubElement(labeling, "settings", {"calloutType": "simple"})
    text = {"fieldName": field, "fontSize": "9", "fontSizeUnit": "Point", "textColor": colour, "isExpression": "0"}
    style = SubElement(settings, "text-style", text)
    buffer = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": "255,255,255,220"}
    SubElement(style, "text-buffer", buffer)
    SubElement(settings, "placement", {"placement": "0", "dist": "1.5", "distUnits": "MM"})


def _written(document: Element) -> str:
    indent(document)
    # QGIS looks for this type of document.
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(document, encoding="unicode") + "\n"
    )
