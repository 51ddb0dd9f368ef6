"""The ranked sites as a table: CSV and GeoJSON.

All coordinates are longitude and latitude in EPSG:4326. The same findings give the same bytes, so that a ledger can
vouch for every file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from itertools import count
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

    columns, rows = _records(findings)
    points = gpd.points_from_xy([row["lon"] for row in rows], [row["lat"] for row in rows], crs="EPSG:4326")
    return gpd.GeoDataFrame({name: [row[name] for row in rows] for name in columns}, geometry=points)


_NO_SITE: dict[str, Any] = {
    "rank": 0, "name": "", "names": {}, "kind": "", "probability": 0.0, "lon": 0.0, "lat": 0.0, "uncertainty_m": 0,
    "radius_km": 0.0, "country": "", "admin1": "", "km_to": {}, "reasons": [],
}  # fmt: skip


def _row(site: dict[str, Any], codes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "rank": site["rank"],
        "name": site["name"],
        **{f"name_{language}": site["names"].get(language, "") for language in LANGUAGES},
        **{key: site[key] for key in ("kind", "probability", "lon", "lat", "uncertainty_m", "radius_km")},
        **{key: site[key] for key in ("country", "admin1")},
        **{column: site["km_to"].get(code) for code, column in codes.items()},
        "reasons": " | ".join(site["reasons"]),
    }


def _records(findings: Findings) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows with Python's own numbers, and None where a value is missing."""
    codes = border_columns(sorted({whole(code) for site in findings.sites for code in site.km_to}))
    rows: list[dict[str, Any]] = plain([_row(site_facts(site), codes) for site in findings.sites])
    return list(_row(_NO_SITE, codes)), rows


def border_columns(codes: list[str]) -> dict[str, str]:
    """Name the column of the distance to each border; a border may be a file of the researcher's, with any name.

    Databases tell no small letters from large ones in a column's name, and take few signs.

    >>> border_columns(["BY", "RU-BRY", "my front", "My/Front"])
    {'BY': 'km_to_BY', 'RU-BRY': 'km_to_RU-BRY', 'my front': 'km_to_my_front', 'My/Front': 'km_to_My_Front_2'}
    """
    columns: dict[str, str] = {}
    taken: set[str] = set()
    for code in codes:
        base = "km_to_" + re.sub(r"[^A-Za-z0-9-]+", "_", code)[:40]
        numbered = (base if n == 1 else f"{base}_{n}" for n in count(1))
        columns[code] = next(name for name in numbered if name.casefold() not in taken)
        taken.add(columns[code].casefold())
    return columns


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
