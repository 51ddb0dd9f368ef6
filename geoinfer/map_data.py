"""What a map shows, as plain values for ``static/map.js``: cells, regions, sites, evidence, background.

Every text passes `geoinfer.escape.visible` here: a page is a place where text is shown. Coordinates are longitude and
latitude in EPSG:4326, rounded to 5 digits (1 m).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geoinfer.base_layers import Base, base_data, language_of, other_names
from geoinfer.escape import visible
from geoinfer.map_clues import reach_data
from geoinfer.map_grounds import hypothesis_data, named_data, named_places
from geoinfer.map_window import WORLD, around, view_of
from geoinfer.report import build_report, usable_crops

if TYPE_CHECKING:
    import geopandas as gpd

    from geoinfer.base_layers import Bounds
    from geoinfer.publish import CoarseBelief
    from geoinfer.result import Cluster, Findings

MAX_CELLS = 6000
CELL_MASS = 0.995
"""Cells are drawn from the most probable on until they hold this much; the tail would only add bytes."""
MAX_SITES = 200
MAX_PHOTOS = 120
MAX_CROP_BYTES = 60_000
MAX_CROPS_BYTES = 1_500_000
MAX_RIVALS = 3
MAX_CLUSTER_SITES = 3
MAX_TEXTS = 60
"""Most notes, problems, readings of a sign and other lists of text that the panel shows; the report has them all."""

# Viridis from light to dark (Smith and van der Walt, CC0): even steps for the eye, readable without colour vision.
COLOURS = ("#dfe318", "#86d549", "#35b779", "#21918c", "#31688e", "#440154")
_PUBLIC_SHAPES = ("countries", "frontiers", "admin1")
STEPS = (0.3, 0.1, 0.03, 0.01, 0.003)


def case_data(
    findings: Findings,
    base: Base,
    tiles: Mapping[str, str] | None,
    window: Bounds,
    report: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Collect what the map of a working case shows.

    Parameters
    ----------
    findings
        What an inference found.
    base
        The background.
    tiles
        ``url``, ``host`` and ``attribution`` of a tile server, or None for no network at all.
    window
        West, south, east, north of the background in degrees.
    report
        The report of these findings where it has been built.

    Returns
    -------
    dict
        Values that JSON can hold.
    """
    report = report or build_report(findings)
    regions = [region_data(level, one.area_km2, one.geometry) for level, one in sorted(findings.regions.items())]
    verdict = {"kind": findings.verdict.kind, "text": visible(findings.verdict.text, 600)}
    return {
        "title": f"geoinfer: {visible(findings.verdict.text, 120)}",
        "public": False,
        "verdict": verdict,
        "view": view_of(findings),
        "regions": regions,
        "cells": cells_data(findings.cells),
        "areas": [],
        "named": [named_data(one) for one in named_places(findings)],
        "reach": reach_data(findings, window),
        "hypothesis": hypothesis_data(findings, window, around(view_of(findings))),
        "sites": [_site(site) for site in report["sites"][:MAX_SITES]],
        "more_sites": max(0, len(findings.sites) - MAX_SITES),
        "elsewhere": report["elsewhere"],
        "notes": _texts(findings.notes, 600),
        "clusters": [_cluster(one) for one in findings.clusters],
        "photos": _photos(report["photos"], usable_crops(findings)),
        "more_photos": max(0, len(findings.photos) - MAX_PHOTOS),
        "clues": [_clue(clue) for clue in report["clues"] if not clue["photo"]][:MAX_TEXTS],
        "problems": [_problem(one) for one in report["problems"][:MAX_TEXTS]],
        "more_problems": max(0, len(findings.problems) - MAX_TEXTS),
        "settings": _pairs(report["settings"], 60, 300),
        "sources": [_source(source) for source in report["sources"][:MAX_TEXTS]],
        **base_data(base),
        "tiles": dict(tiles) if tiles else None,
    }


def public_data(belief: CoarseBelief, facts: Mapping[str, Any], base: Base | None = None) -> dict[str, Any]:
    """Collect what the public map shows: coarse cells, areas, and a background that does not depend on the evidence.

    Parameters
    ----------
    belief
        The coarse belief.
    facts
        The public report.
    base
        The background: borders and large cities; crossings and roads are left out.
    """
    background = base or Base()
    shapes = {name: _coarse_shapes(background.shapes[name]) for name in _PUBLIC_SHAPES if name in background.shapes}
    background = replace(background, shapes=shapes, crossings=())
    mass = {cell: share / 100 for cell, share in belief.cells.items()}
    near = ", ".join(_division(code) for code in facts["settings"]["near"])
    data = {
        "title": "geoinfer: public version",
        "public": True,
        "verdict": dict(facts["verdict"]),
        "view": _public_view(list(mass)),
        "regions": [{"level": level, "area_km2": area, "geometry": None} for level, area in belief.regions.items()],
        "cells": _drawn(mass),
        "areas": [{"name": name, "probability": share / 100} for name, share in belief.areas.items()],
        "notes": [f"The answer assumes that places near these borders are more likely: {near}."] if near else [],
        "clusters": [], "named": [], "reach": [], "hypothesis": None,
        "sites": [], "more_sites": 0, "elsewhere": None, "photos": [], "more_photos": 0, "clues": [],
        "problems": [], "more_problems": 0, "settings": [], "sources": [],
        **base_data(background),
        "tiles": None,
    }  # fmt: skip
    blurred: dict[str, Any] = _blurred(data)
    return blurred


def _public_view(cells: list[str]) -> list[list[float]]:
    """Show the cells with a degree around them: the reader is to see the country, not the cell's edge."""
    corners = [corner for cell in cells for corner in _outline(cell)]
    if not corners:
        return WORLD
    lats, lons = zip(*corners, strict=True)
    return [[min(lats) - 0.7, min(lons) - 1.2], [max(lats) + 0.7, max(lons) + 1.2]]


def _coarse_shapes(collection: Mapping[str, Any]) -> dict[str, Any]:
    """Simplify shapes to about 1 km, so that rounding does not make stairs of them."""
    from shapely.geometry import mapping, shape

    shapes = [shape(feature["geometry"]).simplify(0.015) for feature in collection["features"]]
    pairs = zip(collection["features"], shapes, strict=True)
    return {**collection, "features": [{**feature, "geometry": mapping(simple)} for feature, simple in pairs]}


def _blurred(value: Any) -> Any:
    """Round every number to two digits, 1 km in coordinates; the colour scale alone follows from whole percents."""
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, Mapping):
        return {key: item if key == "scale" else _blurred(item) for key, item in value.items()}
    return [_blurred(item) for item in value] if isinstance(value, list | tuple) else value


def cells_data(cells: gpd.GeoDataFrame) -> dict[str, Any]:
    """Choose and colour the cells to draw.

    Too many cells are joined into their H3 parents until no more than `MAX_CELLS` hold `CELL_MASS`. Colour classes fall
    off by about a factor of three from the densest cell, because beliefs span several powers of ten.
    """
    import h3

    mass = dict(zip(map(str, cells["h3"]), map(float, cells["probability"]), strict=True))
    kept = _heaviest(mass)
    while len(kept) > MAX_CELLS:
        parents: dict[str, float] = {}
        for cell, share in mass.items():
            parent = h3.cell_to_parent(cell)
            parents[parent] = parents.get(parent, 0.0) + share
        mass = parents
        kept = _heaviest(mass)
    return _drawn(kept)


def _drawn(kept: Mapping[str, float]) -> dict[str, Any]:
    """Put cells, the most probable first, into the page's form; their colour is their density, for sizes differ."""
    import h3

    density = {cell: share / h3.cell_area(cell, "km^2") for cell, share in kept.items()}
    peak = max(density.values(), default=0.0)
    breaks = [step * peak for step in STEPS]
    items = [[_outline(cell), _class_of(density[cell], breaks), float(f"{share:.3g}")] for cell, share in kept.items()]
    # The legend speaks of so many km² that the peak is a number between 1 and 10 %.
    unit = 10.0 ** max(0, -math.floor(math.log10(100 * peak))) if peak else 1.0
    scale = [float(f"{value * unit:.2g}") for value in (peak, *breaks)]
    return {"items": items, "unit_km2": unit, "scale": scale, "colours": COLOURS[::-1]}


def _heaviest(mass: Mapping[str, float]) -> dict[str, float]:
    kept: dict[str, float] = {}
    total = sum(mass.values())
    held = 0.0
    for cell, share in sorted(mass.items(), key=lambda item: (-item[1], item[0])):
        if held >= CELL_MASS * total:
            break
        kept[cell] = share
        held += share
    return kept


def _outline(cell: str) -> list[list[float]]:
    import h3

    return [[round(lat, 5), round(lon, 5)] for lat, lon in h3.cell_to_boundary(cell)]


def _class_of(share: float, breaks: list[float]) -> int:
    return next((index for index, low in enumerate(breaks) if share > low), len(breaks))


def region_data(level: float, area_km2: float, geometry: Any) -> dict[str, Any]:
    """Put a region into the page's form: GeoJSON, simplified to about 50 m."""
    import shapely

    shape = shapely.set_precision(geometry.simplify(0.0005), 0.00001)
    return {"level": level, "area_km2": round(area_km2, 1), "geometry": shapely.geometry.mapping(shape)}


def _site(site: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{key: site[key] for key in ("rank", "lon", "lat", "probability", "radius_km", "uncertainty_m")},
        "name": visible(site["name"], 120),
        "lang": language_of(site["name"], site["names"]),
        "others": other_names(site["name"], site["names"]),
        "kind": visible(site["kind"], 30),
        "where": _division(site["admin1"]) or visible(site["country"], 12),
        "km_to": [[visible(code, 40), km] for code, km in site["km_to"].items()][:12],
        "reasons": _texts(site["reasons"], 300),
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "number": cluster.number,
        "text": visible(cluster.verdict.text, 600),
        "members": _texts(cluster.photos or cluster.clues, 120),
        "sites": [[visible(site.name, 120), round(site.probability, 6)] for site in cluster.sites[:MAX_CLUSTER_SITES]],
    }


def _division(code: str) -> str:
    """Name a first-level division; a code that nobody knows stands for itself."""
    from gazetteer.borders import Borders
    from gazetteer.errors import UnknownBorderError

    try:
        return visible(Borders.open().name(code), 40) if code else ""
    except UnknownBorderError:
        return visible(code, 12)


def _photos(photos: list[dict[str, Any]], crops: Mapping[str, bytes]) -> list[dict[str, Any]]:
    left = MAX_CROPS_BYTES
    shown = []
    for photo in sorted(photos, key=lambda one: not one["signs"])[:MAX_PHOTOS]:
        signs = []
        for sign in photo["signs"][:MAX_TEXTS]:
            lines = []
            for reading in sign["readings"][:MAX_TEXTS]:
                png = crops.get(reading["id"], b"")
                fits = 0 < len(png) <= min(MAX_CROP_BYTES, left)
                left -= len(png) if fits else 0
                lines.append(_line(reading, png if fits else b""))
            signs.append(
                {
                    "kind": visible(sign["kind"].replace("_", " "), 30),
                    "colour": visible(sign["colour"], 20),
                    "routes": _texts(sign["routes"], 40),
                    "lines": lines,
                    "entries": [_entry(one) for one in sign["entries"][:MAX_TEXTS]],
                }
            )
        facts = {"file": visible(photo["file"], 160), "sha256": visible(photo["sha256"], 64)}
        shown.append({**facts, "signs": signs, "exif": _pairs(photo["exif"], 40, 120)})
    return shown


def _line(reading: Mapping[str, Any], png: bytes) -> dict[str, Any]:
    return {
        "text": visible(reading["text"], 160),
        "script": visible(reading["script"], 20),
        "confidence": reading["confidence"],
        "alternatives": [[visible(text, 160), share] for text, share in _rivals(reading)],
        "crop": "data:image/png;base64," + base64.b64encode(png).decode() if png else "",
    }


def _rivals(reading: Mapping[str, Any]) -> list[list[Any]]:
    """Pick the likeliest other readings of a line."""
    others = [pair for pair in reading["alternatives"] if pair[0] != reading["text"]]
    return sorted(others, key=lambda pair: -pair[1])[:MAX_RIVALS]


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": visible(entry["name"], 120),
        "other": visible(entry["other"], 120),
        "km": entry["km"],
        "none": entry["none"],
        "matches": [
            {
                "name": visible(match["name"], 120),
                "others": other_names(match["name"], match["names"]),
                "where": visible(match["admin1_name"] or match["country"], 60),
                "lon": match["lon"],
                "lat": match["lat"],
                "probability": match["probability"],
            }
            for match in entry["matches"][:5]
        ],
    }


def _clue(clue: Mapping[str, Any]) -> dict[str, Any]:
    mentions = [{**one, "arrow": None} for one in clue["mentions"]]
    return {
        "id": visible(clue["id"], 60),
        "kind": visible(clue["kind"].replace("_", " "), 30),
        "routes": _texts(clue["routes"], 40),
        "note": visible(clue["note"]),
        "entries": [_entry(one) for one in mentions[:MAX_TEXTS]],
    }


def _problem(problem: Mapping[str, Any]) -> dict[str, str]:
    return {key: visible(str(problem.get(key, ""))) for key in ("file", "error")}


def _pairs(values: Mapping[str, Any], key_limit: int, limit: int) -> list[list[str]]:
    first = list(values.items())[:MAX_TEXTS]
    return [[visible(str(key), key_limit), visible(_words(value), limit)] for key, value in first]


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _source(source: Mapping[str, Any]) -> dict[str, str]:
    return {key: visible(str(source.get(key, ""))) for key in ("name", "version", "licence", "attribution", "url")}


def _texts(texts: Any, limit: int) -> list[str]:
    return [visible(text, limit) for text in list(texts)[:MAX_TEXTS]]
