"""GeoNames country dumps: populated places, stations and areas out of a zip or a tab-separated text.

The columns are those of the table ``geoname`` in the readme of https://download.geonames.org/export/dump/ (CC BY 4.0).
"""

from __future__ import annotations

from gazetteer.opening import Table
from gazetteer.records import Name, Record, RowError, Source, in_division, position, settlement_kind, tidy, whole

COLUMNS = 19
LICENCE, URL = "CC BY 4.0", "https://download.geonames.org/export/dump/"
STATIONS = frozenset({"RSTN", "RSTP", "MTRO", "BUSTN"})
AREAS = {"ADM1": "oblast", "ADM2": "district"}
ABANDONED = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH"})
"""Settlements that are historical, abandoned or destroyed; signs and memorials still name them."""


def read_dump(table: Table, source: Source) -> None:
    """Read a country dump into a source: its places, and its bad rows."""
    for number, line in table.lines():
        if line is None:
            source.faults.add(f"line {number}", "longer than any row of a dump")
        elif line.strip():
            try:
                record = parse(line)
            except RowError as fault:
                source.faults.add(f"line {number}", fault)
            else:
                if record is not None:
                    source.records.append(record)


def parse(line: str) -> Record | None:
    r"""Parse one line of a dump.

    Returns
    -------
    The record, or None where it is neither a settlement, a station nor an area of the first two levels.

    Raises
    ------
    RowError
        The line is no row of a dump.

    Examples
    --------
    >>> cells = ["710735", "Chernihiv", "Chernihiv", "Чернігів", "51.50541", "31.28656", "P", "PPLA", "UA", "", "02"]
    >>> record = parse("\t".join(cells + ["", "", "", "282747", "", "", "Europe/Kyiv", "2026-01-01"]))
    >>> record.kind, record.lon, record.admin1, [name.text for name in record.names]
    ('city', 31.28656, 'UA-74', ['Чернігів'])
    """
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) != COLUMNS:
        raise RowError(f"{len(cells)} columns instead of {COLUMNS}")
    if not (cells[0].isdigit() and cells[0].isascii() and len(cells[0]) < 13):
        raise RowError(f"id {cells[0][:20]!r} is no number")
    lon, lat = position(cells[5], cells[4])
    name, population = tidy(cells[1]), whole(cells[14])
    kind = _kind(cells[6], cells[7], population)
    if kind is None:
        return None
    country = cells[8] if len(cells[8]) == 2 and cells[8].isascii() and cells[8].isupper() else ""
    names = tuple(Name(text) for text in cells[3].split(",") if text and text.isprintable())
    admin1 = in_division(country, cells[10])
    return Record(f"geonames:{cells[0]}", name, names, kind, lon, lat, population, country, admin1)


def _kind(group: str, feature: str, population: int) -> str | None:
    if group == "P":
        if feature == "PPLX" or feature in ABANDONED:
            return "other"
        return settlement_kind(population)
    if feature in STATIONS:
        return "station"
    return AREAS.get(feature)
