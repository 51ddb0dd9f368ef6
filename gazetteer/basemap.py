"""The base of a map that needs no network: borders, first-level divisions and numbered roads as GeoJSON.

Everything is cut to the window of the map and simplified until it fits the bytes that the caller can spend.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gazetteer.borders import Borders
from gazetteer.errors import GazetteerError
from gazetteer.road_points import Floats, Ints
from gazetteer.roads import BBox, Roads

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

DEFAULT_BBOX: BBox = (22.0, 44.0, 40.5, 56.5)
"""West, south, east, north: Ukraine, Belarus and the Russian side of their borders."""

ATTRIBUTION = "© OpenStreetMap contributors (ODbL); Natural Earth"
"""What a map with these layers has to say."""

STEPS_DEG = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
"""Tolerances that are tried one after the other, degrees."""

PER_DEGREE = 1e7
"""Points closer than one of so many parts of a degree are the same."""

DECIMALS = 4
"""Of degrees; the last one is 11 m."""

PLAY_DEG = 1e-3
"""A division's line so close to the outline of its country is that outline."""

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
    frontiers = {code: borders.frontier(code) for code in countries if code in borders.lines}
    rows: dict[str, Rows] = {
        "countries": [({"code": code}, shape) for code, shape in countries.items()],
        "frontiers": [({"a": a, "b": b}, line) for (a, b), line in _shared(frontiers, bbox).items()],
        "admin1": _inner(divisions, countries, bbox),
        "roads": _roads(Roads.open(), bbox),
    }
    cut = {name: [(about, shapely.clip_by_rect(shape, *bbox)) for about, shape in own] for name, own in rows.items()}
    return {name: [(about, shape) for about, shape in own if not shape.is_empty] for name, own in cut.items()}


def _segments(shapes: Iterable[BaseGeometry], bbox: BBox) -> tuple[Floats, Ints]:
    """Take lines, or the outlines of areas, to pieces: start and end of each segment, west to east, and its owner.

    Segments that do not reach into the window are left out.
    """
    import shapely

    west, south, east, north = bbox
    found, owners = [], []
    for owner, shape in enumerate(shapes):
        points, line = shapely.get_coordinates(shapely.get_parts(_lines(shape)), return_index=True)
        x, y = points.T
        inside = (
            (line[1:] == line[:-1])
            & (np.maximum(x[1:], x[:-1]) >= west)
            & (np.minimum(x[1:], x[:-1]) <= east)
            & (np.maximum(y[1:], y[:-1]) >= south)
            & (np.minimum(y[1:], y[:-1]) <= north)
        )
        found.append(np.hstack([points[:-1], points[1:]])[inside])
        owners.append(np.full(len(found[-1]), owner))
    ends = np.concatenate(found) if found else np.empty((0, 4))
    back = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    return np.where(back[:, None], ends[:, [2, 3, 0, 1]], ends), np.concatenate([np.empty(0, np.int64), *owners])


def _lines(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if "Polygon" in shape.geom_type else shape


def _joined(ends: Floats) -> BaseGeometry:
    import shapely

    return shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends.reshape(-1, 2, 2))))


def _shared(lines: Mapping[str, BaseGeometry], bbox: BBox) -> dict[tuple[str, str], BaseGeometry]:
    """Return what each two of some lines or outlines have in common: neighbours are drawn with the same points."""
    codes = sorted(lines)
    ends, owner = _segments((lines[code] for code in codes), bbox)
    spots = np.round(ends * PER_DEGREE)
    order = np.lexsort((owner, *spots.T))
    same = (spots[order[1:]] == spots[order[:-1]]).all(axis=1)
    one, two = order[:-1][same], order[1:][same]
    pairs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, a, b in zip(one.tolist(), owner[one].tolist(), owner[two].tolist(), strict=True):
        if a != b:
            pairs[codes[a], codes[b]].append(at)
    return {pair: _joined(ends[at]) for pair, at in sorted(pairs.items())}


def _inner(divisions: Mapping[str, BaseGeometry], countries: Mapping[str, BaseGeometry], bbox: BBox) -> Rows:
    """Return the lines between divisions of one country, each once."""
    import shapely

    found: Rows = []
    for country in sorted({code[:2] for code in divisions}):
        ends, _ = _segments((shape for code, shape in divisions.items() if code.startswith(country)), bbox)
        _, first, times = np.unique(np.round(ends * PER_DEGREE), axis=0, return_index=True, return_counts=True)
        alone, ends = times == 1, ends[first]
        # Where neighbours are drawn with points of their own, what is no outline of the country is a line between them.
        outline = countries[country].boundary
        shapely.prepare(outline)
        middle = shapely.points(ends[:, :2] / 2 + ends[:, 2:] / 2)
        inner = ~alone
        inner[alone] = ~shapely.dwithin(outline, middle[alone], PLAY_DEG)
        if inner.any():
            found.append(({"country": country}, _joined(ends[inner])))
    return found


def _roads(roads: Roads, bbox: BBox) -> Rows:
    """Return roads with their numbers, edges with the same numbers joined."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for edge in np.flatnonzero(roads.meets(bbox)).tolist():
        groups[str(roads.ref[edge]), str(roads.e_ref[edge])].append(edge)
    found: Rows = []
    for (ref, e_ref), edges in sorted(groups.items()):
        a, b = roads.a[edges], roads.b[edges]
        ends = np.column_stack([roads.lon[a], roads.lat[a], roads.lon[b], roads.lat[b]])
        found.append(({"ref": ref, "e_ref": e_ref}, _joined(ends)))
    return found


def _collection(rows: Rows, step: float) -> dict[str, Any]:
    import shapely

    features = []
    for about, shape in rows:
        # Lines may cross themselves when they are thinned; areas must not.
        thin = shapely.simplify(shape, step, preserve_topology="Polygon" in shape.geom_type)
        # Lines shorter than a pixel are noise on a map; roads inside towns are full of them.
        parts = [part for part in shapely.get_parts(thin) if not part.is_empty and part.length > step]
        if not parts:
            continue
        flat = parts[0] if len(parts) == 1 else shapely.geometrycollections(parts)
        if len(parts) > 1 and all(part.geom_type == parts[0].geom_type for part in parts):
            flat = (shapely.multipolygons if parts[0].geom_type == "Polygon" else shapely.multilinestrings)(parts)
        rounded = shapely.transform(flat, lambda points: np.round(points, DECIMALS))
        features.append({"type": "Feature", "properties": about, "geometry": json.loads(shapely.to_geojson(rounded))})
    return {"type": "FeatureCollection", "features": features}
