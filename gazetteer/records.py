"""What the readers of sources give: records of places with names, faults of bad rows, and where it all comes from."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gazetteer.codifier import point_radius
from gazetteer.languages import counterpart
from gazetteer.names import script
from gazetteer.shipped import data_path
from gazetteer.spellings import CODES, OWN_LANGUAGE, assemble, usable, without_kind
from gazetteer.tables import DERIVED, LANGUAGES, MAIN, NO_PARENTS, Parents

MOST_FAULTS_KEPT = 20
"""Bad rows that are named; the others are counted."""

SETTLEMENTS = ("city", "town", "village")

STATION_KM = 0.3
"""Radius for a station, whose point lies within its tracks."""

AREA_KM = {"country": 200.0, "oblast": 70.0, "district": 25.0}
"""Radii for areas whose extent a source does not tell: about those of Ukraine."""


_CYRILLIC = frozenset(CODES.values())


class RowError(ValueError):
    """What is wrong with one row."""


@dataclass(frozen=True, slots=True)
class Name:
    """A further name of a place.

    Attributes
    ----------
    language
        ISO 639-1 code, or empty where the source does not tell.
    flags
        `HISTORIC` or `COLLOQUIAL` of `gazetteer.tables`, or 0.
    """

    text: str
    language: str = ""
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One place as a source has it.

    Attributes
    ----------
    id
        Source and key, such as ``geonames:710735``.
    name
        The source's main name.
    names
        Its other names.
    kind
        One of `gazetteer.places.KINDS`.
    lon, lat
        Degrees, EPSG:4326.
    country
        ISO 3166-1 alpha-2 code, or empty where the source does not tell.
    admin1
        ISO 3166-2 code, likewise.
    uncertainty_km
        Radius that holds the true centre with about 68 % probability; None for what its kind and size suggest.
    parents
        The divisions below the first level.
    same_as
        Ids that other sources have for the place.
    """

    id: str
    name: str
    names: tuple[Name, ...]
    kind: str
    lon: float
    lat: float
    population: int = 0
    country: str = ""
    admin1: str = ""
    uncertainty_km: float | None = None
    parents: Parents = NO_PARENTS
    same_as: tuple[str, ...] = ()

    @property
    def radius_km(self) -> float:
        """The radius of its coordinate."""
        if self.uncertainty_km is not None:
            return self.uncertainty_km
        if self.kind in ("station", "crossing"):
            return STATION_KM
        return AREA_KM.get(self.kind) or point_radius(self.population)

    def spellings(self) -> list[tuple[str, int]]:
        """Give names with their languages as in `gazetteer.tables`, those that a rule makes among them.

        Examples
        --------
        >>> hlukhiv = Record("x:1", "Глухів", (Name("Hlukhiv", "en"),), "town", 33.9, 51.7, country="UA")
        >>> [(name, LANGUAGES[flags & 7]) for name, flags in hlukhiv.spellings()][:2]
        [('Глухів', 'uk'), ('Глухов', 'ru')]
        """
        # Sources also list oblasts and districts under the bare name of their centre: that names the town.
        others = [name for name in self.names if self.kind not in ("oblast", "district") or " " in name.text]
        # Romanisations stand among the names of a language: they are none that is written there.
        told = {
            name.language: without_kind(name.text)
            for name in reversed(others)
            if not name.flags
            and script(name.text) == ("latin" if name.language == "en" else "cyrillic")
            and name.language in LANGUAGES[1:]
        }
        own = told.get(OWN_LANGUAGE.get(self.country, ""), "")
        if not own and self.name not in told.values() and script(self.name) == "cyrillic":
            own = self.name
        made = assemble(self.name, [name.text for name in others], self.country, own)
        if not own and len({flags & 7 for _, flags in made} & set(CODES.values())) < 2:
            made += _by_rule(told, self.country)
        marks = {name.text: name.flags for name in others if name.flags}
        return _led_by_its_script(_with_languages(made, told, marks, self.country), self.country)


def _by_rule(told: dict[str, str], country: str) -> list[tuple[str, int]]:
    """Name a place of Ukraine, Russia or Belarus in the other languages where the source tells one not its own."""
    spoken = next((language for language in ("ru", "be", "uk") if language in told), None)
    if spoken is None or country not in OWN_LANGUAGE:
        return []
    others = (language for language in CODES if language not in told)
    return [(counterpart(told[spoken], spoken, language), CODES[language] | DERIVED) for language in others]


def _with_languages(
    made: Sequence[tuple[str, int]], told: dict[str, str], marks: dict[str, int], country: str
) -> list[tuple[str, int]]:
    """Set the languages that the source tells in place of guessed ones, and mark names that are old or colloquial."""
    codes = {**CODES, "en": LANGUAGES.index("en")}
    spoken = {codes[language]: name for language, name in told.items() if usable(name, country)}
    kept = []
    for name, flags in made:
        language = flags & 7
        if language in spoken and spoken[language] != name:
            if flags & DERIVED:
                continue
            flags &= ~7
        kept.append((name, flags | marks.get(name, 0)))
    known = {name for name, flags in kept if flags & 7}
    kept = [(name, flags) for name, flags in kept if flags & (7 | MAIN) or name not in known]
    given = {(name, flags & 7) for name, flags in kept}
    bare = {name: at for at, (name, flags) in enumerate(kept) if not flags & 7}
    for language, name in spoken.items():
        if (name, language) in given:
            continue
        if name in bare:
            kept[bare[name]] = (name, kept[bare[name]][1] | language)
        else:
            kept.append((name, language))
    return kept


def _led_by_its_script(names: list[tuple[str, int]], country: str) -> list[tuple[str, int]]:
    """Make a Cyrillic name that the source has the main one in Ukraine, Russia and Belarus, not its romanisation."""
    main = next((name for name, flags in names if flags & MAIN), "")
    own = CODES.get(OWN_LANGUAGE.get(country, ""))
    told = [
        (flags & 7 != own, at) for at, (_, flags) in enumerate(names) if flags & 7 in _CYRILLIC and not flags & DERIVED
    ]
    if own is None or not told or script(main) == "cyrillic":
        return names
    _, best = min(told)
    return [(name, flags & ~MAIN | (MAIN if at == best else 0)) for at, (name, flags) in enumerate(names)]


@dataclass(slots=True)
class Faults:
    """Bad rows: how many, and the first of them with their place and reason."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, row: str, reason: object) -> None:
        """Count a bad row; the text of strangers is cut and made printable."""
        self.count += 1
        if len(self.first) < MOST_FAULTS_KEPT:
            told = str(reason)[:200]
            self.first.append(f"{row}: {told if told.isprintable() else ascii(told)}")


@dataclass(slots=True)
class Source:
    """What one file gives.

    Attributes
    ----------
    path
        The file.
    kind
        What it was taken for: a key of `gazetteer.detect.KINDS`.
    title
        Name of the data set with the file's name: what places from it say they are from.
    version
        The date of the data, as the file tells it.
    licence, url
        What the makers of the data say.
    alternates
        Further names by the id of the place that they are for.
    extras
        What goes into the gazetteer file beside the places: member name to bytes.
    """

    path: Path
    kind: str
    title: str
    version: str
    licence: str
    url: str
    records: list[Record] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    alternates: dict[str, list[Name]] = field(default_factory=dict)
    extras: dict[str, bytes] = field(default_factory=dict)

    def about(self) -> dict[str, str]:
        """Give name, version, licence and url for the gazetteer file."""
        return {"name": self.title, "version": self.version, "licence": self.licence, "url": self.url}


def position(lon: Any, lat: Any) -> tuple[float, float]:
    """Read a longitude and latitude in degrees.

    Raises
    ------
    RowError
        One is no number or is out of range.
    """
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError):
        x = y = math.nan
    # NaN is in no range.
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise RowError(f"longitude {str(lon)[:20]!r} and latitude {str(lat)[:20]!r} are no position in degrees")
    return x, y


def whole(value: Any) -> int:
    """Read a number of inhabitants; nothing is 0.

    Raises
    ------
    RowError
        It is no number that inhabitants can have.
    """
    try:
        number = float(value or 0)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < 100_000_000:
        raise RowError(f"population {str(value)[:20]!r} is no number of inhabitants")
    return int(number)


def tidy(name: Any) -> str:
    """Read a main name: printable, without white space at its ends.

    Raises
    ------
    RowError
        It is empty, too long for any place, or has control characters.
    """
    text = " ".join(str(name or "").split())
    if not text or not text.isprintable() or len(text) > 200:
        raise RowError("the name is empty, is longer than 200 letters or has control characters")
    return text


def settlement_kind(population: int) -> str:
    """Give the kind of a settlement by its inhabitants: city from 50,000, town from 3,000."""
    return "city" if population >= 50_000 else "town" if population >= 3_000 else "village"


@cache
def divisions() -> dict[tuple[str, str], tuple[str, str, str]]:
    """Give the ISO code, the name and the codifier's digits of first-level divisions by country and GeoNames code."""
    with data_path("admin1.tsv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["country"], row["geonames"]): (row["iso"], row["name_en"], row["katottg"])
            for row in csv.DictReader(lines, delimiter="\t")
        }


def in_division(country: str, geonames: str) -> str:
    """Give the ISO 3166-2 code of a first-level division by its GeoNames code, empty where it is not known."""
    return divisions().get((country, geonames), ("", "", ""))[0]


def names_in(cell: str, separators: str = "|") -> Iterable[str]:
    """Split a cell of several names."""
    for separator in separators[1:]:
        cell = cell.replace(separator, separators[0])
    return (name.strip() for name in cell.split(separators[0]) if name.strip() and name.isprintable())
