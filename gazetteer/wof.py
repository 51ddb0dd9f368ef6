"""Who's On First: a tab-separated table of its places, one row each, with a header.

Columns that are used: ``wof_id``, ``placetype``, ``name``, ``lat``, ``lon``, and where they are there ``population``,
``names_ukr``, ``names_rus``, ``names_bel``, ``names_eng``, ``names_other`` (each several names, joined by ``|``),
``gn_id`` (the GeoNames id), ``county_id``, ``deprecated`` and ``fcode``. https://whosonfirst.org/docs/licenses/
"""

from __future__ import annotations

from gazetteer.geonames import ABANDONED
from gazetteer.opening import Table
from gazetteer.records import Name, Record, RowError, Source, names_in, position, settlement_kind, tidy, whole
from gazetteer.tables import NO_PARENTS

NEEDED = frozenset({"wof_id", "placetype", "name", "lat", "lon"})
LICENCE, URL = "Who's On First licence (points mostly GeoNames, CC BY 4.0)", "https://whosonfirst.org/docs/licenses/"
KINDS = {"county": "district", "neighbourhood": "other"}
"""Kinds of what is no locality; regions and countries are left to better sources."""

_LANGUAGES = {"names_ukr": "uk", "names_rus": "ru", "names_bel": "be", "names_eng": "en", "names_other": ""}


def read_wof(table: Table, source: Source) -> None:
    """Read a table of Who's On First into a source: places not deprecated, with the county that each lies in."""
    header: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for number, line in table.lines():
        if line is None:
            source.faults.add(f"line {number}", "longer than any row of places")
            continue
        cells = line.rstrip("\r\n").split("\t")
        if not header:
            header = cells
        elif len(cells) == len(header):
            rows.append((number, dict(zip(header, cells, strict=True))))
        elif line.strip():
            source.faults.add(f"line {number}", f"{len(cells)} columns instead of {len(header)}")
    counties = {row["wof_id"]: row["name"] for _, row in rows if row["placetype"] == "county"}
    for number, row in rows:
        try:
            record = _record(row, counties)
        except RowError as fault:
            source.faults.add(f"line {number}", fault)
        else:
            if record is not None:
                source.records.append(record)


def _record(row: dict[str, str], counties: dict[str, str]) -> Record | None:
    placetype = row["placetype"]
    if row.get("deprecated") or (placetype != "locality" and placetype not in KINDS):
        return None
    if not (row["wof_id"].isdigit() and row["wof_id"].isascii()):
        raise RowError(f"wof_id {row['wof_id'][:20]!r} is no number")
    name, population = tidy(row["name"]), whole(row.get("population"))
    lon, lat = position(row["lon"], row["lat"])
    kind = KINDS.get(placetype) or ("other" if row.get("fcode") in ABANDONED else settlement_kind(population))
    names = tuple(
        Name(text, language) for column, language in _LANGUAGES.items() for text in names_in(row.get(column) or "")
    )
    parents, county = NO_PARENTS, row.get("county_id") or ""
    if kind == "district":
        # Under a single word a county goes by the name of its town.
        names = tuple(entry for entry in names if " " in entry.text)
        if not names:
            return None
        name = names[0].text
    elif county in counties:
        parents = (f"wof:{county}", " ".join(counties[county].split()), "", "")
    geonames = row.get("gn_id") or ""
    same = (f"geonames:{geonames}",) if geonames.isdigit() else ()
    id_ = f"wof:{row['wof_id']}"
    return Record(id_, name, names, kind, lon, lat, population, parents=parents, same_as=same)
