"""Borders: which country and division a position lies in, and how far it is from a frontier.

A *frontier* is the line where a territory meets other countries on land (and in the territorial waters that
neighbours share). For a country it is the whole international border without the coast; for a first-level
division such as ``RU-BRY`` only its international stretch, not its border with other divisions of its country.
A territory that meets no other country (Iceland, Poltava oblast) has its outline for a frontier instead.

The lines are OpenStreetMap's, cut to 6 m around Ukraine, Belarus and western Russia (20-42 E, 43-57 N) and to
about 1 km elsewhere. Ukraine is what is internationally recognised, Crimea included. First-level divisions
are Natural Earth's, fitted into OpenStreetMap's countries: see ``data/geo/README.md`` for what that costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazetteer.errors import GazetteerError, UnknownBorderError
from gazetteer.frontiers import Samples

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

SCALE = 100_000
"""Stored coordinates are whole numbers of 1 / `SCALE` degree."""

MAX_FILE_BYTES = 50_000_000
"""The largest GeoJSON file that is read."""


@dataclass(frozen=True, slots=True)
class Territory:
    """An area that somebody named.

    Attributes
    ----------
    code
        The name it goes by.
    geometry
        Polygon or MultiPolygon, longitude and latitude in EPSG:4326.
    """

    code: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Borders:
    """Countries of the world, first-level divisions of Ukraine, Belarus and Russia, and their frontiers.

    Make one with `Borders.open`.

    Examples
    --------
    >>> borders = Borders.open()
    >>> borders.country([30.52, 31.0], [50.45, 52.42])
    array(['UA', 'BY'], dtype='<U2')
    >>> borders.distance_km("BY", 31.289, 51.494).round(1)  # from the centre of Chernihiv
    array([45.9])
    """

    countries: Mapping[str, BaseGeometry] = field(repr=False)
    divisions: Mapping[str, BaseGeometry] = field(repr=False)
    lines: Mapping[str, BaseGeometry] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    extra: Mapping[str, BaseGeometry] = field(default_factory=dict)
    _samples: dict[str, Samples] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls) -> Borders:
        """Return the shipped borders; they are read once."""
        return _shipped()

    @staticmethod
    def from_file(path: str | Path) -> Territory:
        """Read the polygons of a GeoJSON file as one territory whose code is the file's stem.

        Parameters
        ----------
        path
            GeoJSON: a polygon, or a feature or collection that holds some, in EPSG:4326.

        Raises
        ------
        GazetteerError
            If the file cannot be read, is not GeoJSON, holds no polygon, or leaves the globe.
        """
        path = Path(path)
        return Territory(path.stem, _polygons_of(path))

    def with_territory(self, code: str, geometry: BaseGeometry) -> Borders:
        """Return borders that also know a territory; its frontier is its outline.

        Raises
        ------
        GazetteerError
            If the code belongs to a country or division already, or the geometry is no polygon.
        """
        if code in self.countries or code in self.divisions:
            raise GazetteerError(f"the border code {code!r} belongs to a country or division: choose another name")
        if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
            raise GazetteerError(f"a territory must be a polygon or multipolygon, not {geometry.geom_type}")
        # What was sampled stays good, but for a territory that had this code before.
        samples = {known: own for known, own in self._samples.items() if known != code}
        return Borders(self.countries, self.divisions, self.lines, self.names, {**self.extra, code: geometry}, samples)

    def codes(self) -> tuple[str, ...]:
        """Return every known code: ISO 3166-1 alpha-2 of countries, ISO 3166-2 of divisions, brought territories."""
        return (*self.countries, *self.divisions, *self.extra)

    def name(self, code: str) -> str:
        """Return the English name of a country or division; of a territory that was brought, its code.

        Examples
        --------
        >>> Borders.open().name("RU-BRY"), Borders.open().name("BY")
        ('Bryansk Oblast', 'Belarus')
        """
        self._check(code)
        return self.names.get(code, code)

    def polygon(self, code: str) -> BaseGeometry:
        """Return the territory, with territorial waters.

        Raises
        ------
        UnknownBorderError
            If no territory has that code; the message lists codes like it.
        """
        self._check(code)
        return next(table[code] for table in (self.extra, self.divisions, self.countries) if code in table)

    def frontier(self, code: str) -> BaseGeometry:
        """Return the frontier line: see the head of this module for what it is.

        Raises
        ------
        UnknownBorderError
            If no territory has that code; the message lists codes like it.
        """
        self._check(code)
        line = self.lines.get(code)
        return self.polygon(code).boundary if line is None else line

    def distance_km(
        self,
        code: str,
        lon: ArrayLike,
        lat: ArrayLike,
        *,
        rough: bool = False,
        most_km: float = np.inf,
        alone: bool = False,
    ) -> Floats:
        """Return geodesic kilometres from positions to a frontier, from inside and outside alike.

        Parameters
        ----------
        code
            Territory.
        lon, lat
            Degrees, EPSG:4326.
        rough
            Whether a distance beyond 15 km may be too long: by over 1 % for one position in 10,000, by 5 % at most
            seen. Many positions take a twentieth of the time: 200,000 some 60 ms, and a second the first time.
        most_km
            Kilometres beyond which nobody asks: farther positions get infinity. It makes rough distances faster.
        alone
            Whether rough distances must neither depend on those that were asked for before nor change later ones.

        Raises
        ------
        UnknownBorderError
            If no territory has that code; the message lists codes like it.
        """
        samples = self._sampled(code)
        if rough:
            return samples.rough_km(*_flat(lon, lat), most_km, alone)
        km = samples.km(*_flat(lon, lat))
        return np.where(km <= most_km, km, np.inf)

    def nearest(self, code: str, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Return longitude and latitude of the point of a frontier that is nearest to each position."""
        return self._sampled(code).feet(*_flat(lon, lat))

    def bearing(self, code: str, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Return the direction from positions to the nearest point of a frontier: degrees clockwise from north.

        Examples
        --------
        >>> Borders.open().bearing("BY", 31.289, 51.494).round()  # from Chernihiv to where it comes down the Dnipro
        array([254.])
        """
        from pyproj import Geod

        x, y = _flat(lon, lat)
        forward = Geod(ellps="WGS84").inv(x, y, *self.nearest(code, x, y))[0]
        return np.asarray(forward) % 360.0

    def inside(self, code: str, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
        """Return which positions lie in a territory: on which side of its frontier they are.

        Examples
        --------
        >>> Borders.open().inside("UA", [34.03, 34.10], [52.19, 44.95])  # Seredyna-Buda, Simferopol
        array([ True,  True])
        """
        import shapely

        x, y = _flat(lon, lat)
        area = self.polygon(code)
        shapely.prepare(area)
        return np.asarray(shapely.intersects_xy(area, x, y))

    def _sampled(self, code: str) -> Samples:
        self._check(code)
        if code not in self._samples:
            self._samples[code] = Samples.along(self.frontier(code))
        return self._samples[code]

    def country(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.str_]:
        """Return ISO 3166-1 alpha-2 codes of the countries that positions lie in, empty on the high seas."""
        return _holder(self.countries, *_flat(lon, lat)).astype("<U2")

    def admin1(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.str_]:
        """Return ISO 3166-2 codes of first-level divisions in Ukraine, Belarus and Russia, empty elsewhere.

        Positions that fall between two divisions of a country take the nearer one.
        """
        x, y = _flat(lon, lat)
        found = _holder(self.divisions, x, y)
        missing = np.flatnonzero(found == "")
        if len(missing):
            self._fill(found, missing, self.country(x[missing], y[missing]), x, y)
        return found

    def _fill(
        self, found: NDArray[np.str_], missing: NDArray[np.intp], country: NDArray[np.str_], x: Floats, y: Floats
    ) -> None:
        import shapely

        for code in {"UA", "BY", "RU"} & set(country.tolist()):
            own = [name for name in self.divisions if name.startswith(f"{code}-")]
            mine = missing[country == code]
            tree = shapely.STRtree([self.divisions[name] for name in own])
            position, hit = tree.query_nearest(shapely.points(x[mine], y[mine]), all_matches=False)
            found[mine[position]] = np.array(own)[hit]

    def _check(self, code: str) -> None:
        if code in self.countries or code in self.divisions or code in self.extra:
            return
        from difflib import get_close_matches

        near = get_close_matches(code.upper(), self.codes(), n=6, cutoff=0.4)
        near += [name for name in self.divisions if name.startswith(f"{code.upper()[:2]}-") and name not in near]
        raise UnknownBorderError(
            f"no border is called {code!r}; near it: {', '.join(near[:12]) or 'none'}; valid are ISO 3166-1 codes such "
            "as BY, ISO 3166-2 codes of UA, BY and RU such as RU-BRY, and territories you bring"
        )


def _flat(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    x, y = np.atleast_1d(x).ravel(), np.atleast_1d(y).ravel()
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise GazetteerError("positions must be finite longitudes and latitudes in degrees")
    return x, y


def _holder(table: Mapping[str, BaseGeometry], x: Floats, y: Floats) -> NDArray[np.str_]:
    """Return the key of the polygon that holds each position, or an empty string."""
    import shapely

    found = np.full(len(x), "", dtype="<U8")
    for code, polygon in table.items():
        west, south, east, north = polygon.bounds
        near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north) & (found == ""))
        if len(near):
            shapely.prepare(polygon)
            found[near[shapely.intersects_xy(polygon, x[near], y[near])]] = code
    return found


@cache
def _shipped() -> Borders:
    import shapely

    folder = resources.files("gazetteer") / "data" / "geo"
    with (folder / "borders.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        countries = dict(zip(arrays["countries"].tolist(), _unpack(arrays, "countries"), strict=True))
        divisions = dict(zip(arrays["divisions"].tolist(), _unpack(arrays, "divisions"), strict=True))
        names = dict(zip(arrays["countries"].tolist(), arrays["country_names"].tolist(), strict=True))
        keys, stretches = arrays["frontiers"].tolist(), _unpack(arrays, "frontiers")
    parts: dict[str, list[BaseGeometry]] = {}
    for key, stretch in zip(keys, stretches, strict=True):
        for code in filter(None, key):
            parts.setdefault(code, []).append(stretch)
    lines = {code: shapely.multilinestrings(own) for code, own in parts.items()}
    rows = (folder / "admin1_names.tsv").read_text(encoding="utf-8").splitlines()[1:]
    names |= {row.split("\t")[1]: row.split("\t")[3] for row in rows}
    return Borders(countries, divisions, lines, names)


def _unpack(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    import shapely

    xy = np.column_stack([np.cumsum(arrays[f"{name}_{axis}"], dtype=np.int64) for axis in "xy"]) / SCALE
    levels = sum(key.startswith(f"{name}_offsets") for key in arrays)
    offsets = tuple(arrays[f"{name}_offsets{level}"].astype(np.int64) for level in range(levels))
    shapes: NDArray[Any] = shapely.from_ragged_array(shapely.GeometryType(int(arrays[f"{name}_kind"])), xy, offsets)
    return shapes


def _polygons_of(path: Path) -> BaseGeometry:
    import shapely
    from shapely.geometry import shape

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise GazetteerError(f"{path.name}: larger than {MAX_FILE_BYTES // 1_000_000} MB; simplify the polygon")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        build: Callable[[Any], BaseGeometry] = shape
        found = [build(geometry) for geometry in _geometries(document)]
    except OSError as fault:
        raise GazetteerError(f"{path.name}: cannot be read ({fault.strerror})") from fault
    except GazetteerError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, shapely.errors.ShapelyError) as fault:
        raise GazetteerError(f"{path.name}: not valid GeoJSON ({type(fault).__name__})") from fault
    if not all(np.isfinite(shapely.get_coordinates(whole)).all() for whole in found):
        raise GazetteerError(f"{path.name}: a coordinate is not a number")
    areas = [
        part
        for whole in found
        for part in shapely.get_parts(shapely.make_valid(whole))
        if part.geom_type in ("Polygon", "MultiPolygon") and not part.is_empty
    ]
    if not areas:
        raise GazetteerError(f"{path.name}: holds no polygon; draw the area as a Polygon or MultiPolygon")
    area = shapely.union_all(areas)
    west, south, east, north = area.bounds
    if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise GazetteerError(
            f"{path.name}: coordinates leave the globe; they must be longitude, latitude in degrees (EPSG:4326)"
        )
    return area


def _geometries(document: Any) -> list[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        return [geometry for feature in document["features"] for geometry in _geometries(feature)]
    if kind == "Feature":
        return _geometries(document["geometry"]) if document.get("geometry") else []
    if kind == "GeometryCollection":
        return [geometry for part in document["geometries"] for geometry in _geometries(part)]
    return [document]
