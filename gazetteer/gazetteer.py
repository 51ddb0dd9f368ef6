"""The gazetteer: names to places, with honest doubt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from gazetteer.archive import Array
from gazetteer.errors import GazetteerError
from gazetteer.lazy import LazyMatch, LocalNames
from gazetteer.nearby import listing, rows_around, rows_of_kinds, rows_within
from gazetteer.places import KINDS, PARENT_FIELDS, Listing, Place, SearchResult
from gazetteer.shipped import common_words, data_path
from gazetteer.tables import DEGREE, LANGUAGES, MAIN, Tables

if TYPE_CHECKING:
    import geopandas as gpd

    from gazetteer.indexing import Opened
    from gazetteer.region import Region
    from gazetteer.search import Score, Searcher

LEAST_PROBABILITY, ALWAYS = 1e-4, 10
"""Matches less probable than this are not worth telling, but for the first ten."""


_MOST_KEPT = 50_000
"""Places that are kept once made; each takes about a kilobyte."""


class Gazetteer:
    r"""Places, found by name or by position.

    Use `Gazetteer.open`. Coordinates are longitude, latitude in degrees, EPSG:4326.

    Examples
    --------
    >>> from gazetteer import Gazetteer
    >>> gaz = Gazetteer.open()
    >>> chernihiv = gaz.search("Чернiгов").matches[0].place  # Latin i on purpose
    >>> chernihiv.names["uk"]
    'Чернігів'
    >>> chernihiv.id in gaz.ids
    True
    >>> ("Chernihiv", "en") in gaz.spellings(chernihiv.id), "Чернігів" in gaz.name_sources(chernihiv.id)
    (True, True)

    Whose data it is, and all of it as a table:

    >>> sorted(gaz.sources[0])
    ['licence', 'name', 'url', 'version']
    >>> from tempfile import mkdtemp
    >>> from gazetteer.build import build
    >>> file = Path(mkdtemp()) / "own.csv"
    >>> _ = file.write_text("name,lon,lat\nДальнє,30.1,51.2\n", encoding="utf-8")
    >>> own = Gazetteer.open(build([file], file.with_suffix(".zip"), only=True).path)
    >>> own.table()["name"].tolist()
    ['Дальнє']
    """

    def __init__(self, opened: Opened, path: Path) -> None:
        self._opened = opened
        self._tables: Tables = opened.tables
        self._made: dict[int, Place] = {}
        self.path = path

    @classmethod
    def open(cls, path: str | Path | None = None) -> Gazetteer:
        """Open a gazetteer file; once opened, a file stays open for the life of the process.

        A file without an index, such as the one that comes with the package, gets one in the user's cache folder when
        it is first searched (`gazetteer.indexing`).

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
    def ids(self) -> tuple[str, ...]:
        """The ids of all places."""
        return tuple(self._tables.ids)

    def coverage(self, country: str) -> dict[str, int]:
        """Count the places of a country by kind: a place that is not listed is not found.

        Parameters
        ----------
        country
            ISO 3166-1 alpha-2 code.

        Examples
        --------
        >>> Gazetteer.open().coverage("UA")["village"] > 20_000
        True
        """
        tables = self._tables
        if country not in tables.countries:
            return {}
        kinds, counts = np.unique(tables.kind[tables.country == tables.countries.index(country)], return_counts=True)
        return {KINDS[kind]: int(count) for kind, count in zip(kinds, counts, strict=True)}

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
        score: Score | None = None,
        region: Region | None = None,
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
        score
            What a reader saw: a function of texts that gives their log-likelihoods. It is asked about `text` and the
            names near it, in lower case without punctuation, and decides between them; `alternatives` are not used.
        region
            Where the text probably stands or points to: a shapely polygon, (lon, lat, km), or a function of longitudes
            and latitudes that gives weights. Places elsewhere weigh 1 in 100.
        limit
            Most matches returned; beyond the first ten none below `LEAST_PROBABILITY` is. The probability of those
            left out is `further`, and `notes` says how many they are.

        Returns
        -------
        A distribution: the probabilities of the matches, of further places and of none of them sum to one.

        Raises
        ------
        ValueError
            `region` or what `score` gives is of no use.

        Examples
        --------
        >>> found = Gazetteer.open().search("Городня")
        >>> [match.place.admin1 for match in found.matches if match.place.name == "Городня"][:2], found.none < 0.1
        (['UA-74', 'RU-TVE'], True)
        >>> Gazetteer.open().search("МАГАЗИН").none > 0.95
        True
        """
        posterior = self._searcher.search(text, alternatives, other, country, score, region)
        worth = max(ALWAYS, int(np.count_nonzero(posterior.probabilities >= LEAST_PROBABILITY)))
        kept = min(worth, max(limit, 0), len(posterior.places))
        notes = dict(posterior.notes)
        dropped = posterior.probabilities[kept:]
        further = float(dropped.sum())
        if len(dropped):
            notes["left out"] = f"{len(dropped)} more places, together {further:.2g}"
        columns = (posterior.places, posterior.names, posterior.probabilities)
        matches = tuple(
            LazyMatch.later(self._place, row, self._name(name), probability)
            for row, name, probability in zip(*(column[:kept].tolist() for column in columns), strict=True)
        )
        return SearchResult(text, matches, posterior.none, MappingProxyType(notes), further)

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
        rows = rows_within(self._tables, rows_of_kinds(self._tables, kinds), lon, lat, km)
        return [self._place(int(row)) for row in rows]

    def places_around(
        self,
        points: Sequence[tuple[float, float, float]],
        kinds: Iterable[str] | None = None,
        placed_km: float = math.inf,
    ) -> Listing:
        """Give the places that lie within a distance of any of many points, each once, in the table's order.

        Parameters
        ----------
        points
            (Longitude, latitude, kilometres): degrees in EPSG:4326, and the great-circle distance.
        kinds
            Kinds to keep, of `gazetteer.places.KINDS`; None for all.
        placed_km
            Places whose own position is less certain than this are left out.

        Raises
        ------
        ValueError
            A kind is unknown.

        Examples
        --------
        >>> points = [(31.29, 51.5, 9), (30.52, 50.45, 9), (31.3, 51.5, 9)]
        >>> sorted(place.names["uk"] for place in Gazetteer.open().places_around(points, ["city"]))
        ['Київ', 'Чернігів']
        """
        wanted = None if kinds is None else frozenset(kinds)
        rows = rows_around(self._tables, wanted, placed_km, points)
        return listing(self._tables, rows, self._place)

    def populous(self, people: int) -> list[Place]:
        """Give the places of at least so many inhabitants, in no order.

        Examples
        --------
        >>> len(Gazetteer.open().populous(10_000_000)) > 5
        True
        """
        return [self._place(int(row)) for row in np.flatnonzero(np.asarray(self._tables.population) >= people)]

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
        from gazetteer.indexing import make_index
        from gazetteer.search import Searcher

        lexicon, filing = self._opened.index or make_index(self.path, self._tables)
        return Searcher(self._tables, lexicon, filing, common_words())

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
        name = self._name
        return {name(entry): self._tables.sources[source]["name"] for entry, source in zip(at, sources, strict=True)}

    def _spellings(self, row: int) -> list[tuple[str, int]]:
        order, starts = self._names_by_place
        return [
            (self._name(at), int(self._tables.name_flags[at])) for at in order[starts[row] : starts[row + 1]].tolist()
        ]

    @cached_property
    def _name_bounds(self) -> tuple[Array, Array]:
        breaks = np.flatnonzero(np.frombuffer(self._tables.names, dtype=np.uint8) == ord("\n"))
        return np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [len(self._tables.names)]))

    @cached_property
    def _main_names(self) -> Array:
        """Row of the name to show of each place."""
        tables = self._tables
        main = np.zeros(len(self), dtype=np.int64)
        for rows in (np.arange(len(tables.name_place)), np.flatnonzero(tables.name_flags & MAIN)):
            main[tables.name_place[rows][::-1]] = rows[::-1]
        return main

    def _name(self, row: int) -> str:
        starts, ends = self._name_bounds
        return self._tables.names[starts[row] : ends[row]].decode()

    def _place(self, row: int) -> Place:
        place = self._made.get(row)
        if place is None:
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            place = self._made[row] = self._make_place(row)
        return place

    def _make_place(self, row: int) -> Place:
        tables = self._tables
        admin1, admin1_name = tables.admin1s[tables.admin1[row]]
        return Place(
            id=tables.ids[row],
            name=self._name(int(self._main_names[row])),
            names=LocalNames(self._spellings, row),
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


@lru_cache(maxsize=4)
def _open(path: Path, modified: int, size: int) -> Gazetteer:
    """Read a file once per process, and again where it has changed (`modified` and `size` are there for that)."""
    from gazetteer.indexing import open_file

    return Gazetteer(open_file(path), path)
