"""Any table with a header: longitude, latitude and name, and what else it has, under the headings that people use.

``lon,lat,name`` is enough. Also read: ``id``, ``kind``, ``population``, ``country``, ``admin1``, ``uncertainty_km``,
``aliases`` (several names, joined by ``|`` or ``;``), and names by language: ``name_uk``, ``name:ru``, ``be``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping

from gazetteer.errors import GazetteerError
from gazetteer.opening import Table
from gazetteer.places import KINDS
from gazetteer.records import Name, Record, RowError, Source, names_in, position, settlement_kind, tidy, whole

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lon": ("lon", "lng", "long", "longitude", "x", "довгота", "долгота"),
    "lat": ("lat", "latitude", "y", "широта"),
    "name": ("name", "place", "placename", "place_name", "toponym", "title", "назва", "название", "назва_нп"),
    "id": ("id", "osm_id", "geonameid", "code", "код"),
    "kind": ("kind", "type", "place_type", "feature", "тип"),
    "population": ("population", "pop", "inhabitants", "населення", "население"),
    "country": ("country", "country_code", "iso", "iso2"),
    "admin1": ("admin1", "admin1_code", "iso_3166_2"),
    "uncertainty_km": ("uncertainty_km", "accuracy_km"),
    "aliases": ("aliases", "alternate_names", "alternatenames", "alt_names", "alt_name", "other_names"),
}
"""The headings that each column may have, in any case."""

LANGUAGES = ("uk", "ru", "be", "en", "pl", "de")
DELIMITERS = ",;\t|"

KIND_WORDS = {
    "hamlet": "village", "isolated_dwelling": "village", "settlement": "village", "farm": "village", "село": "village",
    "деревня": "village", "вёска": "village", "селище": "village", "посёлок": "village", "хутор": "village",
    "місто": "city", "город": "city", "горад": "city", "смт": "town", "пгт": "town", "suburb": "other",
    "quarter": "other", "neighbourhood": "other", "locality": "other", "railway_station": "station", "halt": "station",
    "border_control": "crossing", "checkpoint": "crossing", "state": "oblast", "region": "oblast", "raion": "district",
    "county": "district", "municipality": "district",
}  # fmt: skip
"""Words for kinds of place beside this package's own."""


def columns_of(header: list[str]) -> dict[str, int]:
    """Give the position of every column that is known, names by language under ``name:uk`` and so on.

    Examples
    --------
    >>> columns_of(["Longitude", "Latitude", "Name", "name_ru", "note"])
    {'lon': 0, 'lat': 1, 'name': 2, 'name:ru': 3}
    """
    headings = [" ".join(cell.split()).casefold().replace(" ", "_") for cell in header]
    found: dict[str, int] = {}
    for column, known in HEADINGS.items():
        position_ = next((headings.index(heading) for heading in known if heading in headings), None)
        if position_ is not None:
            found[column] = position_
    for language in LANGUAGES:
        for heading in (f"name:{language}", f"name_{language}", language):
            if heading in headings:
                found.setdefault(f"name:{language}", headings.index(heading))
    if "name" not in found:
        other = next((position_ for column, position_ in found.items() if column.startswith("name:")), None)
        if other is not None:
            found["name"] = other
    return found


def delimiter_of(header: str) -> str:
    """Give the delimiter that occurs most often in a header."""
    return max(DELIMITERS, key=header.count)


def read_delimited(table: Table, source: Source) -> None:
    """Read a table with a header into a source.

    Raises
    ------
    GazetteerError
        The header names no longitude, latitude or name.
    """
    lines = _bounded(table, source)
    first = next(lines, "")
    delimiter = delimiter_of(first)
    columns = columns_of(next(csv.reader([first], delimiter=delimiter), []))
    if missing := [column for column in ("lon", "lat", "name") if column not in columns]:
        told = "; ".join(f"{column}: {', '.join(HEADINGS[column])}" for column in missing)
        raise GazetteerError(f"{source.path}: the header lacks {', '.join(missing)}; valid headings are {told}")
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as fault:
            source.faults.add(f"line {rows.line_num + 1}", fault)
            continue
        if any(cell.strip() for cell in cells):
            try:
                source.records.append(_record(cells, columns, source, rows.line_num + 1))
            except RowError as fault:
                source.faults.add(f"line {rows.line_num + 1}", fault)


def _bounded(table: Table, source: Source) -> Iterator[str]:
    for number, line in table.lines():
        if line is None:
            source.faults.add(f"line {number}", "longer than any row of places")
        else:
            # A table that was cut in the middle of a letter, or is none at all, has these.
            yield line.replace("\0", "\ufffd")


def _record(cells: list[str], columns: Mapping[str, int], source: Source, line: int) -> Record:
    if len(cells) <= max(columns[column] for column in ("lon", "lat", "name")):
        raise RowError(f"{len(cells)} columns, and the header has more")
    values = {column: cells[at].strip() for column, at in columns.items() if at < len(cells)}
    names = [Name(text, column[5:]) for column, text in values.items() if column.startswith("name:") and _fit(text)]
    names += [Name(text) for text in names_in(values.get("aliases", ""), "|;") if _fit(text)]
    return make_record(f"{source.path.stem}:{values.get('id') or line}", values, names)


def _fit(text: str) -> bool:
    return bool(text) and text.isprintable() and len(text) <= 200


def make_record(id_: str, values: Mapping[str, str], names: list[Name]) -> Record:
    """Make a record of the values that a table or a feature has under the names of `HEADINGS`.

    Raises
    ------
    RowError
        A value is none that a place can have.
    """
    lon, lat = position(values.get("lon"), values.get("lat"))
    name, population = tidy(values.get("name")), whole(values.get("population"))
    kind = kind_of(values.get("kind", ""), population)
    radius = None
    if values.get("uncertainty_km"):
        try:
            radius = float(values["uncertainty_km"])
        except ValueError:
            radius = -1.0
        if not 0 < radius < 20_000:
            raise RowError(f"uncertainty_km {values['uncertainty_km'][:20]!r} is no radius in kilometres")
    country = values.get("country", "").upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise RowError(f"country {country[:20]!r} is no ISO 3166-1 alpha-2 code")
    admin1 = values.get("admin1", "").upper()
    admin1 = admin1 if country and admin1.startswith(f"{country}-") and admin1.isascii() else ""
    id_ = "".join(char for char in id_ if char.isprintable() and char not in "\n\r")[:100]
    return Record(id_, name, tuple(names), kind, lon, lat, population, country, admin1, radius)


def kind_of(word: str, population: int) -> str:
    """Give the kind of place that a word stands for; a settlement by its inhabitants where it stands for none."""
    folded = word.strip().casefold().replace(" ", "_")
    if folded in KINDS:
        return folded
    return KIND_WORDS.get(folded) or settlement_kind(population)
