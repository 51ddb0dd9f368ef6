"""GeoNames country dumps: populated places, stations and areas out of a zip or a tab-separated text.

The columns are those of the table ``geoname`` in the readme of https://download.geonames.org/export/dump/ (CC BY 4.0).
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gazetteer.errors import GazetteerError

COLUMNS = 19
STATIONS = frozenset({"RSTN", "RSTP", "MTRO", "BUSTN"})
AREAS = {"ADM1": "oblast", "ADM2": "district"}
ABANDONED = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH"})
"""Settlements that are historical, abandoned or destroyed; signs and memorials still name them."""

_MOST_BAD_ROWS_KEPT = 20
_MOST_BYTES = 4 << 30


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row of a dump."""

    id: int
    name: str
    alternates: tuple[str, ...]
    lon: float
    lat: float
    feature: str
    country: str
    admin1: str
    population: int
    kind: str


@dataclass(slots=True)
class Dump:
    """What a dump holds.

    Attributes
    ----------
    faults
        The first bad rows, each with its line number and what is wrong.
    """

    path: Path
    version: str
    rows: list[Row] = field(default_factory=list)
    bad: int = 0
    faults: list[str] = field(default_factory=list)


@contextmanager
def _lines(path: Path) -> Iterator[tuple[io.TextIOBase, str, int]]:
    """Open the table inside a source: its lines, the date of its data, and its size in bytes."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            tables = [
                info
                for info in archive.infolist()
                if info.filename.lower().endswith(".txt") and "readme" not in info.filename.lower()
            ]
            if len(tables) != 1 or tables[0].file_size > _MOST_BYTES:
                raise GazetteerError(
                    f"{path} holds {', '.join(info.filename for info in archive.infolist()) or 'nothing'}; "
                    "valid is a GeoNames country dump such as UA.zip with one table UA.txt"
                )
            date = "-".join(f"{part:02d}" for part in tables[0].date_time[:3])
            with archive.open(tables[0]) as raw:
                yield io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="\n"), date, tables[0].file_size
    else:
        state = path.stat()
        date = datetime.fromtimestamp(state.st_mtime, UTC).date().isoformat()
        with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            yield lines, date, state.st_size


def read_dump(path: Path, *, progress: bool = False) -> Dump:
    """Read a GeoNames country dump.

    Parameters
    ----------
    path
        A zip or text file.
    progress
        Whether to show a progress bar on standard error.

    Raises
    ------
    GazetteerError
        The file is absent, damaged, or no row of it is a row of a GeoNames dump.
    """
    from tqdm import tqdm

    try:
        with _lines(path) as (lines, date, size):
            dump = Dump(path, date)
            with tqdm(total=size, unit="B", unit_scale=True, desc=path.name, disable=not progress) as bar:
                for number, line in enumerate(lines, 1):
                    bar.update(len(line.encode()))
                    _take(dump, number, line)
    except (OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise GazetteerError(
            f"{path} cannot be read: {error}; valid is a GeoNames country dump, zip or text"
        ) from error
    if not dump.rows:
        first = dump.faults[0] if dump.faults else "it is empty"
        raise GazetteerError(
            f"{path} has no usable row ({first}); valid is a GeoNames country dump: {COLUMNS} tab-separated columns "
            "geonameid, name, asciiname, alternatenames, latitude, longitude, ..."
        )
    return dump


def _take(dump: Dump, number: int, line: str) -> None:
    if not line.strip():
        return
    try:
        row = parse(line)
    except ValueError as error:
        dump.bad += 1
        if len(dump.faults) < _MOST_BAD_ROWS_KEPT:
            dump.faults.append(f"line {number}: {error}")
        return
    if row is not None:
        dump.rows.append(row)


def parse(line: str) -> Row | None:
    r"""Parse one line of a dump.

    Returns
    -------
    The row, or None where it is neither a settlement, a station nor an area of the first two levels.

    Raises
    ------
    ValueError
        The line is no row of a dump.

    Examples
    --------
    >>> cells = ["710735", "Chernihiv", "Chernihiv", "Чернігів", "51.50541", "31.28656", "P", "PPLA", "UA", "", "02"]
    >>> row = parse("\t".join(cells + ["", "", "", "282747", "", "", "Europe/Kyiv", "2026-01-01"]))
    >>> row.kind, row.lon, row.alternates
    ('city', 31.28656, ('Чернігів',))
    """
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) != COLUMNS:
        raise ValueError(f"{len(cells)} columns instead of {COLUMNS}")
    if not cells[0].isdigit() or not cells[0].isascii():
        raise ValueError(f"id {cells[0][:20]!r} is no number")
    lat, lon = float(cells[4]), float(cells[5])
    if not (math.isfinite(lat) and math.isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"latitude {cells[4][:20]!r} and longitude {cells[5][:20]!r} are out of range")
    if not cells[1].strip() or not cells[1].isprintable():
        raise ValueError("the name is empty or has control characters")
    population = int(cells[14] or 0)
    kind = _kind(cells[6], cells[7], population)
    if kind is None:
        return None
    alternates = tuple(name for name in cells[3].split(",") if name and name.isprintable())
    return Row(int(cells[0]), cells[1], alternates, lon, lat, cells[7], cells[8], cells[10], max(population, 0), kind)


def _kind(group: str, feature: str, population: int) -> str | None:
    if group == "P":
        if feature == "PPLX" or feature in ABANDONED:
            return "other"
        return settlement_kind(population)
    if feature in STATIONS:
        return "station"
    return AREAS.get(feature)


def settlement_kind(population: int) -> str:
    """Give the kind of a settlement by its inhabitants: city from 50,000, town from 3,000."""
    return "city" if population >= 50_000 else "town" if population >= 3_000 else "village"
