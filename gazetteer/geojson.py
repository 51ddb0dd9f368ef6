"""Places from GeoJSON: features with a ``name`` among their properties.

Points are places; an area stands for its centre with a radius of its own size. The properties are those of
`gazetteer.delimited`, and ``place`` and ``name:uk`` as OpenStreetMap has them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gazetteer.delimited import HEADINGS, LANGUAGES, make_record
from gazetteer.errors import GazetteerError
from gazetteer.opening import Table
from gazetteer.records import Name, Record, RowError, Source, names_in

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_BYTES = 300_000_000
"""The largest GeoJSON file that is read: all of it is held in memory."""


def read_geojson(table: Table, source: Source) -> None:
    """Read GeoJSON into a source.

    Raises
    ------
    GazetteerError
        The file is no GeoJSON, or is too large.
    """
    if table.size > MOST_BYTES:
        raise GazetteerError(f"{source.path}: larger than {MOST_BYTES // 1_000_000} MB; cut it, or bring it as CSV")
    try:
        document = json.load(table.stream)
        features = document["features"] if document.get("type") == "FeatureCollection" else [document]
        numbered = list(enumerate(features, 1))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        raise GazetteerError(
            f"{source.path}: not valid GeoJSON ({type(fault).__name__}); valid is a FeatureCollection of named points"
        ) from fault
    for number, feature in numbered:
        try:
            source.records.append(_record(feature, source, number))
        except RowError as fault:
            source.faults.add(f"feature {number}", fault)


def _record(feature: Any, source: Source, number: int) -> Record:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise RowError("no feature with properties")
    lon, lat, radius = _spot(feature.get("geometry"))
    folded = {str(key).casefold(): value for key, value in properties.items()}
    values = {"lon": str(lon), "lat": str(lat)} | dict(_values(folded))
    values.setdefault("uncertainty_km", radius)
    names = [
        Name(str(folded[key]), language)
        for language in LANGUAGES
        for key in (f"name:{language}", f"name_{language}")
        if isinstance(folded.get(key), str) and folded[key].strip() and folded[key].isprintable()
    ]
    names += [Name(text) for text in names_in(values.get("aliases", ""), "|;")]
    return make_record(f"{source.path.stem}:{values.get('id') or feature.get('id') or number}", values, names)


def _values(folded: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Give the properties that are known; ``place`` is a kind here, as in OpenStreetMap."""
    for column, headings in HEADINGS.items():
        if column in ("lon", "lat"):
            continue
        known = (*headings, "place") if column == "kind" else [name for name in headings if name != "place"]
        value = next((folded[name] for name in known if isinstance(folded.get(name), str | int | float)), None)
        if value is not None:
            yield column, str(value)


def _spot(geometry: Any) -> tuple[float, float, str]:
    """Give a point of a geometry, and for an area the radius of a circle of its size, in kilometres."""
    import shapely
    from shapely.geometry import shape

    build: Callable[[Any], BaseGeometry] = shape
    try:
        whole = build(geometry)
        if whole.geom_type == "Point":
            return float(whole.x), float(whole.y), ""
        if whole.geom_type in ("Polygon", "MultiPolygon"):
            inner = shapely.point_on_surface(whole)
            size = whole.area * 111.195**2 * math.cos(math.radians(min(abs(inner.y), 89.0)))
            return float(inner.x), float(inner.y), str(max(0.1, math.sqrt(size / math.pi)))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, shapely.errors.ShapelyError) as fault:
        raise RowError(f"the geometry cannot be read ({type(fault).__name__})") from fault
    raise RowError(f"a {whole.geom_type} is no place: valid are points and polygons")
