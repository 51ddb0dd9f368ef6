"""The gazetteer: names to places, with honest doubt."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from gazetteer.errors import GazetteerError
from gazetteer.places import KINDS, PARENT_FIELDS, Match, Place, SearchResult
from gazetteer.tables import DEGREE, DERIVED, LANGUAGES, MAIN, Array, Tables, read

if TYPE_CHECKING:
    import geopandas as gpd

    from gazetteer.search import Searcher

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG 1980), in kilometres."""

LEAST_PROBABILITY = 1e-6
"""Matches less probable than this are not worth telling."""


def data_path(name: str) -> Path:
    """Give the path of a data file that comes with the package."""
    return Path(str(resources.files("gazetteer").joinpath("data", name)))


def common_words() -> dict[str, str]:
    """Read the words that signs and shops carry, with the reason why each is no evidence of a place."""
    with data_path("common_words.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["word"]: row["reason"] for row in csv.DictReader(lines, delimiter="\t")}


class Gazetteer:
    """Places, found by name or by position.

    Use `Gazetteer.open`. Coordinates are longitude, latitude in degrees, EPSG:4326.

    Examples
    --------
    >>> from gazetteer import Gazetteer
    >>> gaz = Gazetteer.open()
    >>> gaz.search("Чернiгов").matches[0].place.names["uk"]  # Latin i on purpose
    'Чернігів'
    """

    def __init__(self, tables: Tables, path: Path) -> None:
        self._tables = tables
        self.path = path

    @classmethod
    def open(cls, path: str | Path | None = None) -> Gazetteer:
        """Open a gazetteer file; once opened, a file stays open for the life of the process.

        Parameters
        ----------
        path
            A file that ``gazetteer build`` wrote; None for the one that comes with the package.

        Raises
        ------
        GazetteerError
            The file is absent, is no gazetteer file, or is damaged.
        """
        file = data_path("places.zip") if path is None else Path(path)
        try:
            state = file.stat()
        except (OSError, ValueError) as error:
            raise GazetteerError(
                f"{file}: no such gazetteer file; valid is a file that `gazetteer build SOURCE... -o FILE` wrote"
            ) from error
        return _open(file.resolve(), state.st_mtime_ns, state.st_size)

    def __len__(self) -> int:
        return len(self._tables.ids)

    def __repr__(self) -> str:
        return f"<Gazetteer {self.path.name}: {len(self):,} places, {len(self._tables.name_place):,} names>"

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<li>{escape(s['name'])} {escape(s['version'])}, {escape(s['licence'])}</li>" for s in self.sources
        )
        return f"<b>Gazetteer</b>: {len(self):,} places, {len(self._tables.name_place):,} names<ul>{rows}</ul>"

    @property
    def sources(self) -> tuple[dict[str, str], ...]:
        """Name, version, licence and url of every data set in the gazetteer."""
        return tuple(dict(source) for source in self._tables.sources)

    def search(
        self,
        text: str,
        *,
        alternatives: Sequence[tuple[str, float]] = (),
        other: str = "",
        country: str = "",
        limit: int = 50,
    ) -> SearchResult:
        """Find the places that a text may name.

        Parameters
        ----------
        text
            A name as it was read: any case, Latin, Cyrillic or mixed, with errors.
        alternatives
            What a reader may have read instead, with probabilities; `text` itself may be among them.
        other
            The same name as the sign carries it in another script.
        country
            ISO 3166-1 alpha-2 code of the country that the researcher vouches for: other countries weigh 1 in 100.
        limit
            Most matches returned; none below `LEAST_PROBABILITY` is. The probability of those left out goes to
            `none`, and `notes` says how many they are.

        Returns
        -------
        A distribution: the probabilities of the matches and of none of them sum to one.

        Examples
        --------
        >>> found = Gazetteer.open().search("Городня")
        >>> [match.place.admin1 for match in found.matches if match.place.name == "Городня"][:2], found.none < 0.1
        (['UA-74', 'RU-TVE'], True)
        >>> Gazetteer.open().search("МАГАЗИН").none > 0.95
        True
        """
        posterior = self._searcher.search(text, alternatives, other, country)
        worth = sum(row[2] >= LEAST_PROBABILITY for row in posterior.rows)
        kept, dropped = posterior.rows[: min(worth, max(limit, 0))], posterior.rows[min(worth, max(limit, 0)) :]
        notes = dict(posterior.notes)
        if dropped:
            notes["left out"] = f"{len(dropped)} more places, together {sum(row[2] for row in dropped):.2g}"
        matches = tuple(Match(self._place(row), name, probability) for row, name, probability in kept)
        none = 1.0 - math.fsum(match.probability for match in matches)
        return SearchResult(text, matches, min(max(none, 0.0), 1.0), MappingProxyType(notes))

    def place(self, id: str) -> Place:  # noqa: A002
        """Give a place by its id.

        Raises
        ------
        KeyError
            No place has that id.
        """
        return self._place(self._rows[id])

    def places_within(self, lon: float, lat: float, km: float, kinds: Iterable[str] | None = None) -> list[Place]:
        """Give the places within a distance of a point, nearest first.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326.
        km
            Great-circle distance in kilometres.
        kinds
            Kinds to keep, of `gazetteer.places.KINDS`; None for all.

        Raises
        ------
        ValueError
            A coordinate is out of range or a kind is unknown.

        Examples
        --------
        >>> [place.names["uk"] for place in Gazetteer.open().places_within(31.2866, 51.5054, 2, kinds=["city"])]
        ['Чернігів']
        """
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError(f"({lon}, {lat}) is no longitude and latitude in degrees")
        tables = self._tables
        north = km / EARTH_KM * 180 / math.pi
        rows = np.flatnonzero(np.abs(tables.lat / DEGREE - lat) <= north)
        if kinds is not None:
            wanted = set(kinds)
            if not wanted <= set(KINDS):
                raise ValueError(f"unknown kind among {sorted(wanted)}; valid are {', '.join(KINDS)}")
            rows = rows[np.isin(tables.kind[rows], [KINDS.index(kind) for kind in wanted])]
        away = great_circle_km(lon, lat, tables.lon[rows] / DEGREE, tables.lat[rows] / DEGREE)
        near = np.flatnonzero(away <= km)
        return [self._place(int(rows[at])) for at in near[np.argsort(away[near], kind="stable")]]

    def table(self) -> gpd.GeoDataFrame:
        """Give all places as a table with the fields of `Place` and a point for each, EPSG:4326."""
        import geopandas as gpd

        places = [self._place(row) for row in range(len(self))]
        columns = {name: [getattr(place, name) for place in places] for name in Place.__slots__}
        columns["names"] = [dict(names) for names in columns["names"]]
        points = gpd.points_from_xy(columns["lon"], columns["lat"])
        return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")

    @cached_property
    def _searcher(self) -> Searcher:
        from gazetteer.search import Searcher

        return Searcher(self._tables, common_words())

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {id_: row for row, id_ in enumerate(self._tables.ids)}

    @cached_property
    def _names_by_place(self) -> tuple[Array, Array]:
        """Rows of names sorted by place, and where each place's begin."""
        order = np.argsort(self._tables.name_place, kind="stable")
        starts = np.searchsorted(self._tables.name_place[order], np.arange(len(self) + 1))
        return order, starts

    def spellings(self, id: str) -> tuple[tuple[str, str], ...]:  # noqa: A002
        """Give all spellings of a place that a search knows, each with its language or an empty string.

        Raises
        ------
        KeyError
            No place has that id.
        """
        return tuple((name, LANGUAGES[flags & 7]) for name, flags in self._spellings(self._rows[id]))

    def name_sources(self, id: str) -> dict[str, str]:  # noqa: A002
        """Give all spellings of a place, each with the data set that it is from.

        Raises
        ------
        KeyError
            No place has that id.
        """
        order, starts = self._names_by_place
        row = self._rows[id]
        at = order[starts[row] : starts[row + 1]].tolist()
        sources = self._tables.name_source[at].tolist()
        name = self._searcher.index.name
        return {name(entry): self._tables.sources[source]["name"] for entry, source in zip(at, sources, strict=True)}

    def _spellings(self, row: int) -> list[tuple[str, int]]:
        order, starts = self._names_by_place
        name = self._searcher.index.name
        return [(name(at), int(self._tables.name_flags[at])) for at in order[starts[row] : starts[row + 1]].tolist()]

    def _place(self, row: int) -> Place:
        tables = self._tables
        spellings = self._spellings(row)
        shown = next((name for name, flags in spellings if flags & MAIN), spellings[0][0] if spellings else "")
        names: dict[str, str] = {}
        # What a source gives stands before what a rule made.
        for name, flags in sorted(spellings, key=lambda pair: pair[1] & DERIVED):
            if flags & 7:
                names.setdefault(LANGUAGES[flags & 7], name)
        admin1, admin1_name = tables.admin1s[tables.admin1[row]]
        return Place(
            id=tables.ids[row],
            name=shown,
            names=MappingProxyType({language: names[language] for language in LANGUAGES if language in names}),
            kind=KINDS[tables.kind[row]],
            lon=int(tables.lon[row]) / DEGREE,
            lat=int(tables.lat[row]) / DEGREE,
            uncertainty_km=round(float(tables.uncertainty_km[row]), 2),
            population=int(tables.population[row]),
            country=tables.countries[tables.country[row]],
            admin1=admin1,
            admin1_name=admin1_name,
            source=tables.sources[tables.source[row]]["name"],
            **dict(zip(PARENT_FIELDS, tables.parents[tables.parent[row]], strict=True)),
        )


def great_circle_km(lon: float, lat: float, lons: Array, lats: Array) -> Array:
    """Give the great-circle distances from a point to many, in kilometres, by the haversine formula.

    Examples
    --------
    >>> great_circle_km(31.2866, 51.5054, np.array([30.5238]), np.array([50.4547])).round(0)
    array([128.])
    """
    east, north = np.radians(lons - lon), np.radians(lats - lat)
    half = np.sin(north / 2) ** 2 + np.cos(np.radians(lat)) * np.cos(np.radians(lats)) * np.sin(east / 2) ** 2
    result: Array = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return result


@lru_cache(maxsize=4)
def _open(path: Path, modified: int, size: int) -> Gazetteer:
    """Read a file once per process, and again where it has changed (`modified` and `size` are there for that)."""
    return Gazetteer(read(path), path)
