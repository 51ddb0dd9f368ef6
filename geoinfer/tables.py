"""The ranked sites as a table: CSV and GeoJSON.

All coordinates are longitude and latitude in EPSG:4326. The same findings give the same bytes, so that a ledger can
vouch for every file.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.escape import csv_cell, plain, whole
from geoinfer.report import site_facts

if TYPE_CHECKING:
    import geopandas as gpd

    from geoinfer.result import Findings

LANGUAGES = ("uk", "ru", "be", "en")
"""Languages whose names have a column of their own."""


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
