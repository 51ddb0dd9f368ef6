"""Observations: what a researcher knows beside the signs, as a likelihood of positions, each open to error.

An observation has an id for people (``area-1``), a key that stands for its whole content, the discs that it may add to
the search area, and a log-likelihood at every position. None of them rules a place out: ratios and probabilities of
detection are bounded, because nobody is that sure of what stands in a photograph.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from geoinfer.errors import ClueError
from geoinfer.geodesy import Floats, distance_km
from geoinfer.ledger import canonical
from geoinfer.positions import Disc, Positions

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_RATIO = 100.0
"""A researcher's likelihood ratio lies between this and its inverse."""
MOST_DETECTION = 0.99
"""No search is surer to find what it looks for."""
MOST_BYTES = 50_000_000
SUFFIXES = (".geojson", ".json", ".kml", ".gpkg")
COORDINATE_DIGITS = 6
MILLIMETRE_KM = 1e-6


class Observation(Protocol):
    """What `geoinfer.belief` asks of an observation."""

    @property
    def id(self) -> str:
        """Name for people, unique in the case."""

    @property
    def key(self) -> str:
        """What stands for the whole content: equal keys, equal likelihoods."""

    @property
    def photo(self) -> str:
        """File name of the photo that it is about, or an empty string for the whole case."""

    def extent(self) -> list[Disc] | None:
        """Discs that have to be in the search area, None where it adds none."""

    def log_likelihood(self, positions: Positions) -> Floats:
        """Natural logarithm of the likelihood at every position."""

    def says(self, lon: float, lat: float) -> str:
        """Say in words what it says about a point, degrees in EPSG:4326."""

    def facts(self) -> dict[str, Any]:
        """Give it as plain values for reports, ledgers and `geoinfer.evidence.from_facts`."""


def content_key(facts: Mapping[str, Any]) -> str:
    """Make a key of an observation's content; its id does not count."""
    content = {name: value for name, value in facts.items() if name != "id"}
    return f"{facts['what']}:{sha256(canonical(content)).hexdigest()[:16]}"


@dataclass(frozen=True)
class Shape:
    """A geometry with a margin, and how much of a position lies in it.

    Attributes
    ----------
    geometry
        Any geometry, longitude and latitude in EPSG:4326.
    within_km
        Margin round it in kilometres; a line or a point needs one.
    """

    geometry: BaseGeometry
    within_km: float = 0.0

    @cached_property
    def _plane(self) -> tuple[Any, Any]:
        """Transformer to kilometres round the shape's middle, and the shape with its margin in that plane."""
        import shapely
        from pyproj import Transformer

        middle = self.geometry.centroid
        here = f"+proj=aeqd +lat_0={middle.y:.6f} +lon_0={middle.x:.6f} +datum=WGS84 +units=km"
        to_plane = Transformer.from_crs("EPSG:4326", here, always_xy=True)
        flat = shapely.transform(self.geometry, lambda xy: np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1])))
        # Geometry of less than a millimetre would be none that can be reckoned with.
        wide = shapely.make_valid(flat).buffer(max(self.within_km, MILLIMETRE_KM) if self.within_km else 0.0)
        shapely.prepare(wide)
        return to_plane, wide

    def disc(self) -> Disc:
        """Give a disc that holds the shape with its margin."""
        import shapely

        middle = self.geometry.centroid
        xy = shapely.get_coordinates(self.geometry)
        reach = float(distance_km(middle.x, middle.y, xy[:, 0], xy[:, 1]).max())
        return Disc(float(middle.x), float(middle.y), reach + self.within_km)

    def holds(self, lon: float, lat: float) -> bool:
        """Tell whether a point lies in the shape or its margin."""
        import shapely

        to_plane, wide = self._plane
        return bool(shapely.contains_xy(wide, *to_plane.transform(lon, lat)))

    def share(self, positions: Positions) -> Floats:
        """Give the share of every position that lies in the shape, between 0 and 1.

        A position is taken for a disc of the radius `Positions.extent_km`, and the edge of the shape for a straight
        line; a shape that is smaller than the position fills no more of it than its own area.
        """
        import shapely

        to_plane, wide = self._plane
        x, y = to_plane.transform(positions.lon, positions.lat)
        # Points at the antipode have no place in the plane: they are outside.
        x, y = np.where(np.isfinite(x), x, 1e6), np.where(np.isfinite(y), y, 1e6)
        radius = np.maximum(positions.extent_km, 0.01)
        west, south, east, north = wide.bounds
        near = (x > west - radius) & (x < east + radius) & (y > south - radius) & (y < north + radius)
        share = np.zeros(len(positions))
        points = shapely.points(x[near], y[near])
        inside = shapely.contains(wide, points)
        edge = shapely.distance(wide.boundary, points)
        signed = np.where(inside, -edge, edge)
        part = np.clip(0.5 - signed / (2 * radius[near]), 0.0, 1.0)
        share[near] = part * np.minimum(1.0, wide.area / (np.pi * radius[near] ** 2))
        return share


@dataclass(frozen=True)
class Area:
    """An area in which the photo is so many times more likely to have been taken than outside it.

    Attributes
    ----------
    id
        Name for people.
    shape
        Where.
    ratio
        Likelihood inside divided by the likelihood outside, between 0.01 and 100; below 1 it speaks against the area.
    file
        Name of the file that the shape came from.
    note
        Why, in the researcher's words.
    photo
        Photo that it is about, or an empty string.

    Raises
    ------
    ClueError
        If the ratio is out of bounds.
    """

    id: str
    shape: Shape
    ratio: float
    file: str = ""
    note: str = ""
    photo: str = ""

    def __post_init__(self) -> None:
        if not 1 / MOST_RATIO <= self.ratio <= MOST_RATIO:
            raise ClueError(
                f"{self.id}: ratio must lie between {1 / MOST_RATIO:g} and {MOST_RATIO:g} (how many times more likely "
                f"the photo is inside than outside), not {self.ratio:g}"
            )
        _check_margin(self.id, self.shape)

    @cached_property
    def key(self) -> str:
        """What stands for its content."""
        return content_key(self.facts())

    def extent(self) -> list[Disc] | None:
        """Give a disc round the area if it speaks for the area."""
        return [self.shape.disc()] if self.ratio > 1 else None

    def log_likelihood(self, positions: Positions) -> Floats:
        """Logarithm of the ratio inside, 0 outside."""
        return np.asarray(np.log1p((self.ratio - 1) * self.shape.share(positions)))

    def says(self, lon: float, lat: float) -> str:
        """Say whether a point lies in the area."""
        where = "inside" if self.shape.holds(lon, lat) else "outside"
        return f"{where} the area of {self.note or self.file or self.id} (inside is {self.ratio:g} times as likely)"

    def facts(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"what": "area", "id": self.id, "ratio": self.ratio, **_shape_facts(self)}


@dataclass(frozen=True)
class Search:
    """An area that was searched, and the place was not found: less likely, never impossible.

    Attributes
    ----------
    id
        Name for people.
    shape
        What was searched.
    detection
        Probability that the search would have found the place if it were there, above 0 and at most 0.99.
    file, note, photo
        As for `Area`.

    Raises
    ------
    ClueError
        If the probability is out of bounds.
    """

    id: str
    shape: Shape
    detection: float
    file: str = ""
    note: str = ""
    photo: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.detection <= MOST_DETECTION:
            raise ClueError(
                f"{self.id}: the probability of detection must lie above 0 and be at most {MOST_DETECTION:g}, not "
                f"{self.detection:g}: no search finds everything"
            )
        _check_margin(self.id, self.shape)

    @cached_property
    def key(self) -> str:
        """What stands for its content."""
        return content_key(self.facts())

    def extent(self) -> list[Disc] | None:
        """Add nothing: what was searched in vain need not be looked at for its own sake."""
        return None

    def log_likelihood(self, positions: Positions) -> Floats:
        """Logarithm of the probability of having missed the place."""
        return np.asarray(np.log1p(-self.detection * self.shape.share(positions)))

    def says(self, lon: float, lat: float) -> str:
        """Say whether a point was searched."""
        what = self.note or self.file or self.id
        if not self.shape.holds(lon, lat):
            return f"not searched: outside {what}"
        return f"searched in vain: {what} (would have been found with {self.detection:.0%})"

    def facts(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"what": "search", "id": self.id, "detection": self.detection, **_shape_facts(self)}


def _check_margin(name: str, shape: Shape) -> None:
    if not (math.isfinite(shape.within_km) and 0 <= shape.within_km <= 1000):
        raise ClueError(f"{name}: within_km must lie between 0 and 1000 kilometres, not {shape.within_km:g}")
    if shape.geometry.is_empty or (shape.geometry.area == 0 and shape.within_km == 0):
        raise ClueError(f"{name}: a line or a point holds no position; give within_km, the kilometres round it")


def _shape_facts(observation: Area | Search) -> dict[str, Any]:
    from shapely.geometry import mapping

    shape = observation.shape
    return {
        "within_km": shape.within_km,
        "file": observation.file,
        "note": observation.note,
        "photo": observation.photo,
        "geometry": _rounded(mapping(shape.geometry)),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, COORDINATE_DIGITS) if isinstance(value, float) else value


def read_shape(path: str | Path) -> BaseGeometry:
    """Read all geometries of a file as one.

    Parameters
    ----------
    path
        GeoJSON, KML or GeoPackage with polygons, lines or points.

    Returns
    -------
    Geometry in EPSG:4326, longitude before latitude.

    Raises
    ------
    ClueError
        If the file cannot be read, holds nothing, or leaves the globe.
    """
    import geopandas as gpd
    import shapely

    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ClueError(f"{path.name}: not a file with an area; valid: {', '.join(SUFFIXES)}")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ClueError(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB; simplify the area")
        table = gpd.read_file(path)
        table = table.set_crs("EPSG:4326") if table.crs is None else table.to_crs("EPSG:4326")
        shapes = [shapely.force_2d(one) for one in table.geometry if one is not None and not one.is_empty]
        # A line that is no ring stays a line: only polygons have to be made valid before they are joined.
        whole = shapely.union_all([shapely.make_valid(one) for one in shapes])
    except OSError as fault:
        raise ClueError(f"{path.name}: cannot be read ({fault.strerror or type(fault).__name__})") from fault
    except ClueError:
        raise
    except Exception as fault:  # GDAL and GEOS raise many kinds for a hostile file
        raise ClueError(
            f"{path.name}: no GeoJSON, KML or GeoPackage that can be read ({type(fault).__name__})"
        ) from fault
    check_globe(whole, path.name)
    return whole


def check_globe(geometry: BaseGeometry, name: str) -> None:
    """Check that a geometry holds something and lies on the globe.

    Raises
    ------
    ClueError
        If it does not; `name` stands in the message.
    """
    import shapely

    xy = shapely.get_coordinates(geometry)
    if not len(xy):
        raise ClueError(f"{name}: holds no geometry; draw the area as a polygon, or as a line or point with within_km")
    if not (np.isfinite(xy).all() and (np.abs(xy[:, 0]) <= 180).all() and (np.abs(xy[:, 1]) <= 90).all()):
        raise ClueError(f"{name}: coordinates leave the globe; they must be longitude, latitude in degrees (EPSG:4326)")
