"""The case as a GeoPackage: layers sites, regions, cells and clues in EPSG:4326, with styles for QGIS.

The same findings give the same bytes: the file carries a fixed date in place of the clock's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.qgis_styles import layer_styles
from geoinfer.report import clue_facts
from geoinfer.tables import sites_frame

if TYPE_CHECKING:
    import geopandas as gpd

    from geoinfer.result import Findings

STYLES = "layer_styles"
# GDAL stamps layers with the clock; a fixed date keeps the bytes of equal findings equal.
FIXED_DATE = "1970-01-01T00:00:00.000Z"
_CLUE_COLUMNS = (
    "clue", "sign", "photo", "kind", "routes", "note", "name", "other", "km", "place", "place_id", "probability",
    "uncertainty_m",
)  # fmt: skip


def write_gpkg(findings: Findings, path: Path) -> None:
    """Write a GeoPackage with the layers ``sites``, ``regions``, ``cells`` and ``clues``, and a style for each.

    ``clues`` has one row per name on a sign and place that it may mean, at that place; a name without a match, and a
    clue without a name, has a row without geometry.
    """
    import pandas as pd
    import pyogrio

    path.unlink(missing_ok=True)
    before = os.environ.get("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        for name, frame in (
            ("sites", sites_frame(findings)),
            ("regions", _regions_frame(findings)),
            ("cells", _cells_frame(findings)),
            ("clues", _clues_frame(findings)),
            (STYLES, pd.DataFrame(layer_styles(_scale(findings), FIXED_DATE))),
        ):
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _scale(findings: Findings) -> dict[str, Any]:
    """Colour the cells as the map does."""
    from geoinfer.map_data import COLOURS, STEPS

    peak = float(_cells_frame(findings)["per_km2"].max()) if len(findings.cells) else 1.0
    return {"breaks": [peak, *(step * peak for step in STEPS)], "colours": COLOURS[::-1]}


def _regions_frame(findings: Findings) -> gpd.GeoDataFrame:
    import geopandas as gpd
    from shapely.geometry import MultiPolygon

    ranked = sorted(findings.regions.items())
    shapes = [region.geometry for _, region in ranked]
    polygons = [shape if shape.geom_type == "MultiPolygon" else MultiPolygon([shape]) for shape in shapes]
    facts = {"level": [level for level, _ in ranked], "area_km2": [round(one.area_km2, 1) for _, one in ranked]}
    return gpd.GeoDataFrame(facts, geometry=polygons, crs="EPSG:4326")


def _cells_frame(findings: Findings) -> gpd.GeoDataFrame:
    import h3

    cells = findings.cells[["h3", "probability", "geometry"]]
    ranked = cells.sort_values(["probability", "h3"], ascending=[False, True], ignore_index=True)
    areas = [h3.cell_area(cell, "km^2") for cell in ranked["h3"]]
    ranked.insert(2, "per_km2", ranked["probability"].astype(float) / areas)
    return ranked


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
    nothing = {"name": "", "id": "", "probability": None, "lon": None, "lat": None, "uncertainty_m": None}
    rows = []
    for mention in clue["mentions"] or [{"name": "", "other": "", "km": None, "matches": []}]:
        named = {**shared, "name": mention["name"], "other": mention["other"], "km": mention["km"]}
        for match in mention["matches"] or [nothing]:
            place = {"place": match["name"], "place_id": match["id"]}
            rows.append(
                {**named, **place, **{key: match[key] for key in ("probability", "lon", "lat", "uncertainty_m")}}
            )
    return rows
