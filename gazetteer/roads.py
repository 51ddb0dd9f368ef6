"""Roads: kilometres along the main road network, points on it, and the route numbers it carries.

The network is OpenStreetMap's main roads as junctions with kilometres between them (20-42 E, 43-57 N). It knows few
bends: between two junctions a point is put on the straight line, and `RoadPoints.lateral_km` says how far the true
road may lie from it. It lacks most regional roads, so every distance has an end: a place farther than
`REACH_KM` from the network has no road distance here, which is not the same as having no road.
A gazetteer that was built with an OpenStreetMap extract brings its own network, with bends.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazetteer.errors import GazetteerError
from gazetteer.road_points import Floats, Ints
from gazetteer.road_points import RoadPoints as RoadPoints
from gazetteer.road_points import plain_ref as plain_ref
from gazetteer.sweeps import Exits, Network

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

BBox = tuple[float, float, float, float]

REACH_KM = 8.0
"""A place farther than this from the network has no road distance."""

DETOUR = 1.25
"""Road kilometres per straight kilometre of the way from a place to the network: published road distances in the area
are 1.05 to 1.36 times the straight line."""

EXITS_KM = 1.5
"""A place joins every road that is at most this much farther than the nearest one: towns have several ways out."""

BEND = 0.6
"""Kilometres between the straight line and the true road half-way along an edge, per square root of its kilometres. Of
15 towns that a named route leads through between a tenth and nine tenths of an edge, the centres of 11 lie within."""

MEMBER, MOST_BYTES = "roads.npz", 1 << 30
"""Where a gazetteer file keeps its network, and the largest that is read."""

SWEEPS = 256
"""Sweeps that are kept: 30 MB with the shipped network."""

KM_PER_DEGREE = 111.195
"""Kilometres per degree of latitude on a sphere of 6371.0 km."""


@dataclass(frozen=True, eq=False)
class Roads:
    """A network of main roads: of Ukraine, Belarus and western Russia (`open`), or of what a gazetteer was built with.

    Attributes
    ----------
    lon, lat
        Nodes, degrees, EPSG:4326.
    a, b, km
        Edges: the nodes that each joins, and its length.
    ref, e_ref
        Route numbers of edges as in `RoadPoints`.
    bbox
        West, south, east, north of the area that the network was cut from.
    bend_km
        How far a road may leave the straight edge; infinite where the source knows no bends.

    Examples
    --------
    >>> round(Roads.open().between_km(30.5238, 50.4547, 31.2866, 51.5054))  # Kyiv to Chernihiv
    142
    """

    lon: Floats = field(repr=False)
    lat: Floats = field(repr=False)
    a: Ints = field(repr=False)
    b: Ints = field(repr=False)
    km: Floats = field(repr=False)
    ref: NDArray[np.str_] = field(repr=False)
    e_ref: NDArray[np.str_] = field(repr=False)
    bbox: BBox = (20.0, 43.0, 42.0, 57.0)
    bend_km: float = np.inf
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls) -> Roads:
        """Return the shipped network; it is read once."""
        return _shipped()

    @classmethod
    def from_gazetteer(cls, path: str | Path) -> Roads:
        """Return the network of a gazetteer file that was built with OpenStreetMap, or the shipped one if it has none.

        Raises
        ------
        GazetteerError
            The file is no gazetteer file, or its network is damaged.
        """
        file = Path(path)
        try:
            return _brought(file.resolve(), file.stat().st_mtime_ns) or _shipped()
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise GazetteerError(f"{path}: the roads of this gazetteer file cannot be read: {error}") from error

    @property
    def knows_bends(self) -> bool:
        """Whether roads run where the edges do, and are as long as in the field."""
        return bool(np.isfinite(self.bend_km))

    @property
    def coverage(self) -> BaseGeometry:
        """The area that the network was cut from, as a polygon. Inside it main roads are known, others are not."""
        import shapely

        return shapely.box(*self.bbox)

    def refs(self) -> tuple[str, ...]:
        """Return all route numbers that are known, European ones included."""
        if "refs" not in self._cache:
            labels = {*self.ref.tolist(), *self.e_ref.tolist()}
            self._cache["refs"] = tuple(sorted({part for label in labels for part in label.split(";") if part}))
        known: tuple[str, ...] = self._cache["refs"]
        return known

    def points(self, spacing_km: float = 1.0, bbox: BBox | None = None) -> RoadPoints:
        """Return points along the network.

        Parameters
        ----------
        spacing_km
            The most road kilometres that a point may stand for.
        bbox
            West, south, east, north; without it, the whole network.

        Raises
        ------
        GazetteerError
            If the spacing is not positive.
        """
        if not spacing_km > 0:
            raise GazetteerError(f"the spacing of road points must be more than 0 km, not {spacing_km}")
        edge = np.arange(len(self.km)) if bbox is None else np.flatnonzero(self.meets(bbox))
        pieces = np.maximum(1, np.ceil(self.km[edge] / spacing_km)).astype(np.int64)
        rank = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = (rank + 0.5) / np.repeat(pieces, pieces)
        edge = np.repeat(edge, pieces)
        lon = self.lon[self.a[edge]] + share * (self.lon[self.b[edge]] - self.lon[self.a[edge]])
        lat = self.lat[self.a[edge]] + share * (self.lat[self.b[edge]] - self.lat[self.a[edge]])
        keep = np.ones(len(edge), dtype=bool)
        if bbox is not None:
            west, south, east, north = bbox
            keep = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        edge, share = edge[keep], share[keep]
        return RoadPoints(
            lon=lon[keep],
            lat=lat[keep],
            length_km=self.km[edge] / np.repeat(pieces, pieces)[keep],
            edge=edge,
            offset_km=share * self.km[edge],
            ref=self.ref[edge],
            e_ref=self.e_ref[edge],
            lateral_km=self._lateral()[edge] * 2.0 * np.sqrt(share * (1.0 - share)),
        )

    def distances_km(
        self, lon: float, lat: float, points: RoadPoints, limit_km: float = np.inf, at: Ints | None = None
    ) -> Floats:
        """Return road kilometres from a place to road points, in one sweep over the network.

        The way from the place to the network counts `DETOUR` times its straight length. The last `SWEEPS` are kept.

        Parameters
        ----------
        lon, lat
            Centre of the place, degrees, EPSG:4326.
        points
            Points of this network.
        limit_km
            Road kilometres beyond which nobody asks.
        at
            Indices of the points that are asked for; without them, all.

        Returns
        -------
        ndarray
            ``inf`` beyond the limit and where the network does not lead; everywhere for a place off the network.
        """
        exits, node = self._sweep(lon, lat, limit_km)
        edge = exits.edge
        on = points.edge if at is None else points.edge[at]
        if not len(edge):
            return np.full(len(on), np.inf)
        offset = points.offset_km if at is None else points.offset_km[at]
        found = np.minimum(node[self.a[on]] + offset, node[self.b[on]] + self.km[on] - offset)
        found[found > limit_km] = np.inf
        # On the very edges where the place joins the network no junction need be passed.
        same = points.on(edge) if at is None else np.flatnonzero(np.bincount(edge, minlength=len(self.km))[on])
        direct = exits.connector + np.abs(offset[same][:, None] - exits.along)
        direct = np.where(on[same][:, None] == edge, direct, np.inf)
        shortest = direct.min(axis=1, initial=np.inf)
        found[same] = np.minimum(found[same], np.where(shortest <= limit_km, shortest, np.inf))
        return found

    def forget(self) -> None:
        """Forget the sweeps that are kept."""
        self._cache.pop("sweeps", None)

    def reaches(self, lon: float, lat: float, limit_km: float = np.inf) -> bool:
        """Return whether a place joins the network within so many kilometres."""
        return bool(np.any(self._sweep(lon, lat, limit_km)[0].connector <= limit_km))

    def between_km(self, lon1: float, lat1: float, lon2: float, lat2: float) -> float:
        """Return road kilometres between two places, ``inf`` where the network does not join them."""
        exits = self._exits(lon2, lat2)
        none = np.zeros(len(exits.edge))
        points = RoadPoints(
            lon=none,
            lat=none,
            length_km=exits.connector,
            edge=exits.edge,
            offset_km=exits.along,
            ref=self.ref[exits.edge],
            e_ref=self.e_ref[exits.edge],
            lateral_km=none,
        )
        return float(np.min(self.distances_km(lon1, lat1, points) + exits.connector, initial=np.inf))

    def nearest_km(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Return kilometres from positions to the nearest road, straight and to 0.15 km."""
        gap = self._tree().query(_earth_km(*np.broadcast_arrays(lon, lat)))[0]
        return np.asarray(np.atleast_1d(gap), dtype=np.float64)

    def describe(self, lon: float, lat: float) -> tuple[str, ...]:
        """Return the route numbers of the nearest road within `REACH_KM`, empty if it has none that is known.

        Examples
        --------
        >>> Roads.open().describe(31.04, 51.86)  # north of Ripky
        ('M01', 'E95')
        """
        edge, away, _ = self._project(lon, lat)
        if away.min(initial=np.inf) > REACH_KM:
            return ()
        nearest = edge[np.argmin(away)]
        return tuple(part for label in (self.ref[nearest], self.e_ref[nearest]) for part in label.split(";") if part)

    def meets(self, bbox: BBox) -> NDArray[np.bool_]:
        """Return which edges may have a part in a box of west, south, east, north: those whose own box meets it."""
        west, south, east, north = bbox
        x1, x2, y1, y2 = self._boxes()
        met: NDArray[np.bool_] = (x1 <= east) & (x2 >= west) & (y1 <= north) & (y2 >= south)
        return met

    def _boxes(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the least and the largest longitude, the least and the largest latitude of every edge."""
        if "boxes" not in self._cache:
            x, y = (np.stack([column[self.a], column[self.b]]) for column in (self.lon, self.lat))
            self._cache["boxes"] = x.min(axis=0), x.max(axis=0), y.min(axis=0), y.max(axis=0)
        return self._cache["boxes"]  # type: ignore[no-any-return]

    def _lateral(self) -> Floats:
        """Return how far a road is likely to leave the straight line half-way along each edge."""
        ends = _earth_km(self.lon, self.lat)
        chord = np.linalg.norm(ends[self.a] - ends[self.b], axis=1)
        # A road much longer than its straight line can go half the short axis of an ellipse away from it.
        axis = np.sqrt(np.maximum(0.0, self.km**2 - chord**2)) / 2.0
        return np.asarray(np.minimum(np.maximum(BEND * np.sqrt(self.km), axis / 2.0), self.bend_km))

    def _project(self, lon: float, lat: float) -> tuple[Ints, Floats, Floats]:
        """Return edges near a point, kilometres to each, and where along it the nearest point is (0 to 1)."""
        if not (np.isfinite(lon) and np.isfinite(lat)):
            raise GazetteerError("a position must be a finite longitude and latitude in degrees")
        narrow, high = max(float(np.cos(np.radians(lat))), 1e-3), (REACH_KM + EXITS_KM) / KM_PER_DEGREE
        edge = np.flatnonzero(self.meets((lon - high / narrow, lat - high, lon + high / narrow, lat + high)))
        start, finish = self.a[edge], self.b[edge]
        x, y = (self.lon[start] - lon) * KM_PER_DEGREE * narrow, (self.lat[start] - lat) * KM_PER_DEGREE
        dx = (self.lon[finish] - self.lon[start]) * KM_PER_DEGREE * narrow
        dy = (self.lat[finish] - self.lat[start]) * KM_PER_DEGREE
        square = dx * dx + dy * dy
        share = np.clip(-(x * dx + y * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        return edge, np.hypot(x + share * dx, y + share * dy), share

    def _exits(self, lon: float, lat: float) -> Exits:
        """Return where a place joins the network."""
        edge, away, share = self._project(lon, lat)
        nearest = float(away.min(initial=np.inf))
        joins = away <= (nearest + EXITS_KM if nearest <= REACH_KM else -1.0)
        return Exits(edge[joins], share[joins] * self.km[edge[joins]], away[joins] * DETOUR)

    def sweep(self, places: Iterable[tuple[float, float, float]]) -> None:
        """Sweep from several places at once, much faster than one after another, for `distances_km` to find it done.

        Parameters
        ----------
        places
            Longitude, latitude, and the kilometres beyond which nobody asks, of each.
        """
        kept = self._cache.setdefault("sweeps", {})
        together: dict[float, list[tuple[tuple[float, float, float], Exits]]] = {}
        for asked in list(dict.fromkeys(places))[-SWEEPS:]:
            # Asked for last, it is kept longest.
            if (known := kept.pop(asked, None)) is not None:
                kept[asked] = known
                continue
            exits = self._exits(*asked[:2])
            if len(exits.edge):
                together.setdefault(float(np.exp2(np.ceil(np.log2(max(asked[2], 1.0))))), []).append((asked, exits))
            else:
                kept[asked] = exits, np.full(len(self.lon), np.inf)
        for limit, several in together.items():
            found = self._network().sweep([exits for _, exits in several], limit)
            # Copied, or one that is kept would keep all that were swept with it.
            kept.update((asked, (exits, km.copy())) for (asked, exits), km in zip(several, found, strict=True))
        while len(kept) > SWEEPS:
            kept.pop(next(iter(kept)), None)

    def _sweep(self, lon: float, lat: float, limit_km: float) -> tuple[Exits, Floats]:
        """Return a place's exits, and road kilometres to every junction, at least of those within the limit."""
        self.sweep([(lon, lat, limit_km)])
        found: tuple[Exits, Floats] = self._cache["sweeps"][lon, lat, limit_km]
        return found

    def _network(self) -> Network:
        if "network" not in self._cache:
            self._cache["network"] = Network(self.a, self.b, self.km, len(self.lon))
        network: Network = self._cache["network"]
        return network

    def _tree(self) -> Any:
        if "tree" not in self._cache:
            from scipy.spatial import KDTree

            points = self.points(0.3)
            self._cache["tree"] = KDTree(_earth_km(points.lon, points.lat))
        return self._cache["tree"]


def _earth_km(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Return Earth-centred coordinates in kilometres on a sphere of 6371 km."""
    lam, phi = np.radians(np.asarray(lon, dtype=np.float64)), np.radians(np.asarray(lat, dtype=np.float64))
    unit = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
    return np.asarray(6371.0 * unit)


@cache
def _shipped() -> Roads:
    path = resources.files("gazetteer") / "data" / "geo" / "roads.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return _from_arrays(arrays)


@lru_cache(maxsize=2)
def _brought(path: Path, modified: int) -> Roads | None:
    """Read the network in a gazetteer file, and again where the file has changed (`modified` is there for that)."""
    with zipfile.ZipFile(path) as archive:
        if MEMBER not in archive.namelist():
            return None
        if archive.getinfo(MEMBER).file_size > MOST_BYTES:
            raise ValueError(f"{MEMBER} is larger than {MOST_BYTES} bytes")
        with np.load(io.BytesIO(archive.read(MEMBER)), allow_pickle=False) as arrays:
            roads = _from_arrays(arrays)
    count = len(roads.lon)
    ends = np.r_[roads.a, roads.b]
    sizes = {len(column) for column in (roads.a, roads.b, roads.km, roads.ref, roads.e_ref)}
    sound = len(sizes) == 1 and count == len(roads.lat) and len(roads.km) and (roads.km > 0).all()
    if not sound or ends.min() < 0 or ends.max() >= count:
        raise ValueError("its columns do not fit")
    return roads


def _from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Roads:
    scale = float(arrays["scale"]) if "scale" in arrays else 10_000.0
    west, south, east, north = arrays["bbox"].tolist() if "bbox" in arrays else (20.0, 43.0, 42.0, 57.0)
    return Roads(
        lon=arrays["lon"] / scale,
        lat=arrays["lat"] / scale,
        a=arrays["a"].astype(np.int64),
        b=arrays["b"].astype(np.int64),
        km=arrays["metres"] / 1000.0,
        ref=arrays["ref"],
        e_ref=arrays["e_ref"],
        bbox=(west, south, east, north),
        bend_km=float(arrays["bend_km"]) if "bend_km" in arrays else np.inf,
    )
