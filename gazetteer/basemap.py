"""The base of a map that needs no network: borders, first-level divisions and numbered roads as GeoJSON.

Everything is cut to the window of the map and simplified until it fits the bytes that the caller can spend.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from gazetteer.borders import Borders
from gazetteer.errors import GazetteerError
from gazetteer.roads import BBox, Roads

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

DEFAULT_BBOX: BBox = (22.0, 44.0, 40.5, 56.5)
"""West, south, east, north: Ukraine, Belarus and the Russian side of their borders."""

ATTRIBUTION = "© OpenStreetMap contributors (ODbL); Natural Earth"
"""What a map with these layers has to say."""

STEPS_DEG = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
"""Tolerances that are tried one after the other, degrees."""

Layers = dict[str, dict[str, Any]]


def basemap(bbox: BBox = DEFAULT_BBOX, max_bytes: int = 1_500_000) -> Layers:
    """Return the layers of a base map as GeoJSON feature collections.

    Parameters
    ----------
    bbox
        West, south, east, north in degrees, EPSG:4326.
    max_bytes
        The most that all layers together may take as UTF-8 JSON without white space.

    Returns
    -------
    dict
        ``countries`` (polygons with ``code``), ``frontiers`` (lines between countries with ``a`` and ``b``), ``admin1``
        (lines between divisions of one country) and ``roads`` (lines with ``ref`` and ``e_ref``; empty where unknown).

    Raises
    ------
    GazetteerError
        If the box is empty or not even the coarsest layers fit.

    Examples
    --------
    >>> layers = basemap((30.0, 51.0, 33.0, 52.6), max_bytes=200_000)
    >>> sorted(layers), [feature["properties"]["code"] for feature in layers["countries"]["features"]]
    (['admin1', 'countries', 'frontiers', 'roads'], ['BY', 'RU', 'UA'])
    """
    west, south, east, north = bbox
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise GazetteerError(f"a map window is west, south, east, north in degrees, west < east, not {bbox}")
    pieces = _clipped(bbox)
    # What a screen of 2,000 pixels cannot show need not be carried.
    finest = (east - west) / 4000
    for step in [finest, *(step for step in STEPS_DEG if step > finest)]:
        layers = {name: _collection(rows, step) for name, rows in pieces.items()}
        size = len(json.dumps(layers, ensure_ascii=False, separators=(",", ":")).encode())
        if size <= max_bytes:
            return layers
    raise GazetteerError(f"a base map of {bbox} takes {size} bytes at its coarsest; allow more than {max_bytes}")


Rows = list[tuple[dict[str, str], "BaseGeometry"]]


def _clipped(bbox: BBox) -> dict[str, Rows]:
    import shapely

    borders = Borders.open()
    window = shapely.box(*bbox)
    countries = {code: shape for code, shape in borders.countries.items() if shape.intersects(window)}
    divisions = {code: shape for code, shape in borders.divisions.items() if shape.intersects(window)}
    rows: dict[str, Rows] = {
        "countries": [({"code": code}, shapely.intersection(shape, window)) for code, shape in countries.items()],
        "frontiers": _pairs({code: borders.frontier(code) for code in countries if code in borders.lines}, window),
        "admin1": _inner(divisions, window),
        "roads": _roads(Roads.open(), bbox),
    }
    return {name: [(about, shape) for about, shape in own if not shape.is_empty] for name, own in rows.items()}


def _pairs(lines: dict[str, BaseGeometry], window: BaseGeometry) -> Rows:
    """Return the frontier between each two countries once."""
    import shapely

    found: Rows = []
    codes = sorted(lines)
    cut = {code: shapely.intersection(lines[code], window) for code in codes}
    for index, a in enumerate(codes):
        for b in codes[index + 1 :]:
            if not cut[a].intersects(cut[b]):
                continue
            shared = [part for part in shapely.get_parts(shapely.intersection(cut[a], cut[b])) if part.length > 0]
            if shared:
                found.append(({"a": a, "b": b}, shapely.line_merge(shapely.multilinestrings(shared))))
    return found


def _inner(divisions: dict[str, BaseGeometry], window: BaseGeometry) -> Rows:
    """Return the lines between divisions of one country, each once."""
    import shapely

    found: Rows = []
    for country in sorted({code[:2] for code in divisions}):
        cut = [shapely.intersection(shape, window) for code, shape in divisions.items() if code.startswith(country)]
        whole = shapely.union_all(cut)
        lines = shapely.union_all([shape.boundary for shape in cut])
        # The outline of the country is no inner line; a metre of play takes up rounding.
        inner = shapely.difference(lines, shapely.buffer(whole.boundary, 1e-4, quad_segs=1))
        merged = shapely.line_merge(inner) if inner.geom_type == "MultiLineString" else inner
        found.append(({"country": country}, merged))
    return found


def _roads(roads: Roads, bbox: BBox) -> Rows:
    """Return roads with their numbers, edges with the same numbers joined, cut to the window."""
    import shapely

    window = shapely.box(*bbox)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for edge in np.flatnonzero(roads.meets(bbox)).tolist():
        groups[str(roads.ref[edge]), str(roads.e_ref[edge])].append(edge)
    found: Rows = []
    for (ref, e_ref), edges in sorted(groups.items()):
        a, b = roads.a[edges], roads.b[edges]
        ends = np.stack([np.column_stack([roads.lon[a], roads.lat[a]]), np.column_stack([roads.lon[b], roads.lat[b]])])
        lines = shapely.linestrings(ends.transpose(1, 0, 2))
        shape = shapely.intersection(shapely.line_merge(shapely.multilinestrings(lines)), window)
        found.append(({"ref": ref, "e_ref": e_ref}, shape))
    return found


def _collection(rows: Rows, step: float) -> dict[str, Any]:
    import shapely
    from shapely.geometry import mapping

    features = []
    for about, shape in rows:
        thin = shapely.simplify(shape, step)
        # Lines shorter than a pixel are noise on a map; roads inside towns are full of them.
        parts = [part for part in shapely.get_parts(thin) if not part.is_empty and part.length > step]
        if not parts:
            continue
        flat = parts[0] if len(parts) == 1 else shapely.geometrycollections(parts)
        if len(parts) > 1 and all(part.geom_type == parts[0].geom_type for part in parts):
            flat = (shapely.multipolygons if parts[0].geom_type == "Polygon" else shapely.multilinestrings)(parts)
        features.append({"type": "Feature", "properties": about, "geometry": _rounded(mapping(flat))})
    return {"type": "FeatureCollection", "features": features}


def _rounded(value: Any) -> Any:
    """Return a geometry mapping with lists for tuples and four decimals (11 m)."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
