"""Crossings: the places where roads and railways cross the borders of Ukraine with Belarus and Russia, and theirs.

The table is kept by hand, with a source in every row: ``data/geo/crossings.tsv``. Coordinates that only a list
without a stated licence gave were checked against the frontier (`Crossing.km_to_frontier`); crossings known by the
name of their village alone stand at the nearest point of the frontier, with an uncertainty to match.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

MODES = ("road", "local road", "rail")
"""Ways to cross. For rail the coordinate is the border station, which may lie well inside the country."""

QUALITIES = ("good", "ok", "road", "village", "approximate", "doubtful", "none")
"""How a coordinate is known: confirmed by a second one, single, off the road graph, off the village, and worse."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A place to cross a border.

    Attributes
    ----------
    id
        Key in the table, such as ``UABY01``.
    name
        The name for people, such as ``Нові Яриловичі – Новая Гута``: each side in a language of its own.
    names
        Language code (``uk``, ``ru``, ``be``, ``en``) to name, for those known.
    border
        The two countries, such as ``UA-BY``.
    mode
        One of `MODES`.
    lon, lat
        Degrees, EPSG:4326; not a number in `Crossings.unplaced`.
    uncertainty_km
        Radius within which the true place lies with about 68 % probability; infinite in `Crossings.unplaced`.
    country_a, country_b
        ISO 3166-1 alpha-2 codes of the two sides.
    admin1
        ISO 3166-2 codes of the divisions on the first and the second side, as the sources of the row have them.
    roads
        Route numbers in Latin letters, both sides, former numbers included.
    status
        What is known of its use.
    source
        Where the coordinate is from.
    status_source
        Addresses behind `status`.
    quality
        One of `QUALITIES`.
    km_to_frontier
        Kilometres from the coordinate to the frontier of these two countries; not a number in `Crossings.unplaced`.
    note
        What else to know.
    """

    id: str
    name: str
    names: Mapping[str, str]
    border: str
    mode: str
    lon: float
    lat: float
    uncertainty_km: float
    country_a: str
    country_b: str
    admin1: tuple[str, ...]
    roads: tuple[str, ...]
    status: str
    source: str
    status_source: str
    quality: str
    km_to_frontier: float
    note: str


@dataclass(frozen=True)
class Crossings:
    """The crossings that are known. Make one with `Crossings.open`.

    Examples
    --------
    >>> table = Crossings.open().table()
    >>> next(crossing.name for crossing in table if "M01" in crossing.roads)
    'Нові Яриловичі – Новая Гута'
    """

    rows: tuple[Crossing, ...]

    @classmethod
    def open(cls) -> Crossings:
        """Return the shipped table; it is read once."""
        return _shipped()

    def table(self) -> list[Crossing]:
        """Return the crossings that have a coordinate."""
        return [row for row in self.rows if math.isfinite(row.lon)]

    def unplaced(self) -> list[Crossing]:
        """Return the crossings that are known by name alone."""
        return [row for row in self.rows if not math.isfinite(row.lon)]


@cache
def _shipped() -> Crossings:
    path = resources.files("gazetteer") / "data" / "geo" / "crossings.tsv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    return Crossings(tuple(_crossing(row) for row in rows))


def _crossing(row: Mapping[str, str]) -> Crossing:
    names = {language: row[language] for language in ("uk", "ru", "be", "en") if row[language]}
    return Crossing(
        id=row["id"],
        name=row["name"],
        names=MappingProxyType(names),
        border=f"{row['country_a']}-{row['country_b']}",
        mode=row["mode"],
        lon=float(row["lon"] or "nan"),
        lat=float(row["lat"] or "nan"),
        uncertainty_km=float(row["uncertainty_km"] or "inf"),
        country_a=row["country_a"],
        country_b=row["country_b"],
        admin1=tuple(filter(None, (row["admin1_a"], row["admin1_b"]))),
        roads=tuple(filter(None, row["roads"].split(";"))),
        status=row["status"],
        source=row["source"],
        status_source=row["status_source"],
        quality=row["quality"],
        km_to_frontier=float(row["km_to_frontier"] or "nan"),
        note=row["note"],
    )
