"""GeoNames postal codes: one name a row, Cyrillic, with a coordinate that must not be taken at its word.

Two layouts: GeoNames' own of twelve tab-separated columns without a header
(https://download.geonames.org/export/zip/, CC BY 4.0), and the comma-separated one with a header
(``country_code,zipcode,place,state,state_code,...``) that others make of it.

Many coordinates were looked up by name and landed on a homonym, so a row whose coordinate lies outside the oblast that
it names is a bad row. Where several names share a coordinate it is that of a district or an office. Against the dump
of Ukraine of 2026-07-29, 68 % of the rows of 2026-03-30 that have their coordinate to themselves lie within 0.1 km
of the only place of that name in their oblast and 99 % within 21 km (11,073 rows); of those that share it with one or
two other names 68 % within 12.6 km (872); of those that share it with more, 68 % within 40 km (3,302).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gazetteer.codifier import flat_km
from gazetteer.opening import Table
from gazetteer.records import Name, Record, RowError, Source, divisions, position, tidy

COLUMNS = 12
HEADER = ("country_code", "zipcode", "place", "state", "state_code")
URL = "https://download.geonames.org/export/zip/"

OWN_KM, FEW_KM, MANY_KM = 1.0, 13.0, 40.0
"""Radii for a coordinate that one name has, two or three, or more."""

FEW = 3
SAME_KM = 8.0
"""Rows of one name and division nearer than this are one place."""

_SPOKEN = {"UA": "uk", "BY": "ru", "RU": "ru"}
"""Language of the rows by country."""

_OFFICE = re.compile(r"\s*(?:\(.*\)|№?\s*\d+)\s*\Z")
"""What tells post offices of one place apart: ``Майкоп 1``, ``Урсолівка (Миколаївська)``."""

Row = tuple[int, str, str, str, float, float]
"""Line, country, place, ISO code of the division, longitude, latitude."""


def read_postal(table: Table, source: Source) -> None:
    """Read postal codes into a source: each name of a spot once, rows outside their own oblast counted as bad."""
    rows: dict[tuple[str, str, float, float], Row] = {}
    for number, cells in _cells(table, source):
        try:
            row = _row(number, cells)
        except RowError as fault:
            source.faults.add(f"line {number}", fault)
        else:
            rows.setdefault((row[2], row[3], row[4], row[5]), row)
    inside = _inside(list(rows.values()), source)
    sharing: dict[tuple[float, float], set[str]] = defaultdict(set)
    for _, _, place, _, lon, lat in inside:
        sharing[lon, lat].add(place)
    taken: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for number, country, place, iso, lon, lat in sorted(inside, key=lambda row: len(sharing[row[4], row[5]])):
        count = len(sharing[lon, lat])
        radius = OWN_KM if count == 1 else FEW_KM if count <= FEW else MANY_KM
        # Offices of one city lie all over it.
        if any(flat_km(lon, lat, *spot) < max(SAME_KM, radius) for spot in taken[iso, place]):
            continue
        taken[iso, place].append((lon, lat))
        named = (Name(place, _SPOKEN.get(country, "")),)
        id_ = f"postal:{country}:{number}"
        source.records.append(Record(id_, place, named, "village", lon, lat, 0, country, iso, radius))


def _cells(table: Table, source: Source) -> Iterator[tuple[int, Sequence[str]]]:
    """Give the country, place, GeoNames code of the division, latitude and longitude of every row."""
    for number, line in table.lines():
        if line is None:
            source.faults.add(f"line {number}", "longer than any row of postal codes")
            continue
        if not line.strip():
            continue
        if "\t" in line:
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != COLUMNS:
                source.faults.add(f"line {number}", f"{len(cells)} columns instead of {COLUMNS}")
                continue
            yield number, (cells[0], cells[2], cells[4], cells[9], cells[10])
        else:
            cells = next(csv.reader([line]), [])
            if tuple(cells[:5]) == HEADER:
                continue
            if len(cells) != 11:
                source.faults.add(f"line {number}", f"{len(cells)} columns instead of 11")
                continue
            yield number, (cells[0], cells[2], cells[4], cells[9], cells[10])


def _row(number: int, cells: Sequence[str]) -> Row:
    country, place, code, lat, lon = cells
    if not (len(country) == 2 and country.isascii() and country.isupper()):
        raise RowError(f"country {country[:20]!r} is no ISO 3166-1 code")
    x, y = position(lon, lat)
    iso = divisions().get((country, code), ("", "", ""))[0]
    return number, country, _OFFICE.sub("", tidy(place)) or tidy(place), iso, x, y


def _inside(rows: Sequence[Row], source: Source) -> list[Row]:
    """Keep the rows that lie in the division that they name, or at least in their country where it is not known."""
    from gazetteer.borders import Borders

    if not rows:
        return []
    borders = Borders.open()
    lon, lat = [row[4] for row in rows], [row[5] for row in rows]
    kept = []
    for row, country, admin1 in zip(rows, borders.country(lon, lat), borders.admin1(lon, lat), strict=True):
        wanted, found = (row[3], str(admin1)) if row[3] else (row[1], str(country))
        if wanted == found:
            number, code, place, iso, x, y = row
            kept.append((number, code, place, iso or str(admin1), x, y))
        else:
            source.faults.add(
                f"line {row[0]}", f"{row[2]!r} is said to be in {wanted} and lies in {found or 'no country'}"
            )
    return kept
