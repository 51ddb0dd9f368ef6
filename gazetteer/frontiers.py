"""Distances to a line on the globe: how far from a frontier positions lie, exactly or quickly.

A line becomes samples, `SPACING_M` apart at most, in Earth-centred coordinates. The nearest sample of a position comes
from a k-d tree; the foot of the perpendicular lies beside it. Far from a winding line very many samples are nearly as
near, and a tree has to look at most of them (5 to 10 microseconds a position). `Samples.rough_km` instead looks up the
nearest sample of each corner of a lattice cell, and asks the tree only near the line. What that costs in precision is
measured in ``tests/test_borders.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

SPACING_M = 150.0
"""Largest distance between samples of a line, metres. The foot of the perpendicular is sought beside the nearest
sample; where a line doubles back on itself that misses the true foot by half of this at most."""

NEAR_M = 15_000.0
"""Nearer than this to a line, the rough distance is the exact one."""

NODES = 25
"""Lattice nodes per degree of the rough distance: one every 0.04 degrees, 4.4 km of latitude."""

CELL_M = 10_000.0
"""No position is farther than this from the corners of its lattice cell, nor from the sample nearest to its foot."""

SPHERE_M = 40_000.0
"""Up to here the exact distance is the arc over the chord on a sphere: wrong by less than a millimetre."""

EARTH_M = 6_371_000.0


@dataclass(frozen=True)
class Samples:
    """Points along lines, dense enough that the nearest one has the foot of the perpendicular beside it.

    Attributes
    ----------
    lon, lat
        Degrees, EPSG:4326.
    line
        Which line each point belongs to.
    earth
        Earth-centred coordinates in metres.
    tree
        The k-d tree of `earth`.
    """

    lon: Floats
    lat: Floats
    line: NDArray[np.int64]
    earth: Floats
    tree: Any
    _lattices: dict[float, _Lattice] = field(default_factory=dict, repr=False)

    @classmethod
    def along(cls, line: BaseGeometry) -> Samples:
        """Put samples on a line or several."""
        import shapely
        from scipy.spatial import KDTree

        parts = shapely.get_parts(line)
        xy, index = shapely.get_coordinates(parts, return_index=True)
        lon, lat, which = _densified(xy[:, 0], xy[:, 1], index)
        earth = earth_m(lon, lat)
        return cls(lon, lat, which, earth, KDTree(earth))

    def feet(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude of the nearest point of the line to each position."""
        position = earth_m(lon, lat)
        nearest = self.tree.query(position, workers=-1)[1]
        _, other, share = self._beside(position, nearest)
        dlon = (self.lon[other] - self.lon[nearest] + 180.0) % 360.0 - 180.0
        foot_lon = self.lon[nearest] + share * dlon
        return foot_lon, self.lat[nearest] + share * (self.lat[other] - self.lat[nearest])

    def km(self, lon: Floats, lat: Floats) -> Floats:
        """Return geodesic kilometres from positions to the line."""
        position = earth_m(lon, lat)
        nearest = self.tree.query(position, workers=-1)[1]
        gap, other, share = self._beside(position, nearest)
        km = _arc_km(gap)
        far = np.flatnonzero(gap > SPHERE_M)
        if len(far):
            near, beside = nearest[far], other[far]
            dlon = (self.lon[beside] - self.lon[near] + 180.0) % 360.0 - 180.0
            foot_lon = self.lon[near] + share[far] * dlon
            foot_lat = self.lat[near] + share[far] * (self.lat[beside] - self.lat[near])
            km[far] = np.asarray(_geod().inv(lon[far], lat[far], foot_lon, foot_lat)[2]) / 1000.0
        return km

    def rough_km(self, lon: Floats, lat: Floats, most_km: float = np.inf, alone: bool = False) -> Floats:
        """Return kilometres from positions to the line: exact within `NEAR_M`, beyond it hardly ever too long.

        Beyond `most_km` they are infinite: what nobody asks for need not be looked for. What is told `alone` depends on
        no other call, and no other call on it.
        """
        position, most_m = earth_m(lon, lat), 1000.0 * most_km
        lattice = _Lattice(most_m + CELL_M)
        if not alone:
            lattice = self._lattices.setdefault(most_km, lattice)
        corners, lone = lattice.corners(lon, lat, self.tree)
        best = np.full(len(lon), np.inf)
        for corner in corners:
            some = np.flatnonzero(corner < len(self.lon))
            away = position[some] - self.earth[corner[some]]
            best[some] = np.minimum(best[some], np.einsum("ij,ij->i", away, away))
        gap = np.sqrt(best)
        exact = np.flatnonzero(lone | (gap < NEAR_M))
        nearest = self.tree.query(position[exact], workers=-1, distance_upper_bound=most_m + CELL_M)[1]
        gap[exact] = np.inf
        exact, nearest = exact[nearest < len(self.lon)], nearest[nearest < len(self.lon)]
        gap[exact] = self._beside(position[exact], nearest)[0]
        return np.where(gap <= most_m, _arc_km(gap), np.inf)

    def _beside(self, position: Floats, nearest: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64], Floats]:
        """Seek the foot of the perpendicular on both sides of the nearest samples.

        Returns
        -------
        The distance in metres, the sample on the other end of the piece that has the foot, and how far along it lies.
        """
        best = np.full(len(position), np.inf)
        beside, along_it = nearest, np.zeros(len(position))
        for step in (-1, 1):
            other = np.clip(nearest + step, 0, len(self.lon) - 1)
            other = np.where(self.line[other] == self.line[nearest], other, nearest)
            along = self.earth[other] - self.earth[nearest]
            length = np.einsum("ij,ij->i", along, along)
            away = position - self.earth[nearest]
            share = np.einsum("ij,ij->i", away, along) / np.where(length > 0, length, 1.0)
            share = np.clip(share, 0.0, 1.0)
            gap = np.linalg.norm(away - share[:, None] * along, axis=1)
            better = gap < best
            best = np.where(better, gap, best)
            beside, along_it = np.where(better, other, beside), np.where(better, share, along_it)
        return best, beside, along_it


@dataclass
class _Lattice:
    """The nearest sample of every node of a lattice, filled in by squares of one degree as they are asked for.

    Nodes that are farther from the line than `most_m` have the number after the last sample.
    """

    most_m: float = np.inf
    slot: NDArray[np.int32] = field(default_factory=lambda: np.full(360 * 180, -1, dtype=np.int32))
    nodes: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, NODES + 1, NODES + 1), dtype=np.int32))

    def corners(self, lon: Floats, lat: Floats, tree: Any) -> tuple[list[NDArray[np.int32]], NDArray[np.bool_]]:
        """Return the nearest samples of the four corners of each position's cell, and which positions have none.

        A square with few positions is not worth filling in.
        """
        x = (np.asarray(lon) + 180.0) % 360.0
        y = np.clip(np.asarray(lat) + 90.0, 0.0, 180.0 - 1e-9)
        square = x.astype(np.int64) * 180 + y.astype(np.int64)
        square = np.minimum(square, 360 * 180 - 1)
        counts = np.bincount(square, minlength=len(self.slot))
        self._fill(np.flatnonzero((counts > (NODES + 1) ** 2 // 4) & (self.slot < 0)), tree)
        slot = self.slot[square]
        lone = slot < 0
        i, j = ((x % 1.0) * NODES).astype(np.int64), ((y % 1.0) * NODES).astype(np.int64)
        if not len(self.nodes):
            return [], lone
        return [self.nodes[slot, i + a, j + b] for a in (0, 1) for b in (0, 1)], lone

    def _fill(self, squares: NDArray[np.int64], tree: Any) -> None:
        if not len(squares):
            return
        step = np.arange(NODES + 1) / NODES
        lon = (squares // 180 - 180.0)[:, None, None] + step[None, :, None]
        lat = (squares % 180 - 90.0)[:, None, None] + step[None, None, :]
        lon, lat = np.broadcast_arrays(lon, lat)
        nodes = earth_m(lon.ravel(), lat.ravel())
        nearest = tree.query(nodes, workers=-1, distance_upper_bound=self.most_m)[1]
        self.slot[squares] = np.arange(len(self.nodes), len(self.nodes) + len(squares), dtype=np.int32)
        self.nodes = np.concatenate([self.nodes, nearest.astype(np.int32).reshape(lon.shape)])


def earth_m(lon: Floats, lat: Floats) -> Floats:
    """Return Earth-centred coordinates in metres on the WGS 84 ellipsoid (a = 6378137 m, e2 = 0.00669437999014)."""
    e2, phi, lam = 0.00669437999014, np.radians(lat), np.radians(lon)
    sine, cosine = np.sin(phi), np.cos(phi)
    normal = 6378137.0 / np.sqrt(1.0 - e2 * sine**2)
    return np.column_stack([normal * cosine * np.cos(lam), normal * cosine * np.sin(lam), normal * (1.0 - e2) * sine])


def _arc_km(chord_m: Floats) -> Floats:
    """Return the arc over a chord, in kilometres, on a sphere."""
    half = np.minimum(chord_m / (2.0 * EARTH_M), 1.0)
    return np.asarray(2.0 * EARTH_M / 1000.0 * np.arcsin(half))


def _densified(x: Floats, y: Floats, index: NDArray[np.int64]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Put points between the vertices of lines so that none is farther than `SPACING_M` from the next."""
    gap = np.linalg.norm(np.diff(earth_m(x, y), axis=0), axis=1)
    pieces = np.where(np.diff(index) == 0, np.maximum(1, np.ceil(gap / SPACING_M)), 1).astype(np.int64)
    start = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[start]
    lon = np.append(x[start] + share * (x[start + 1] - x[start]), x[-1])
    lat = np.append(y[start] + share * (y[start + 1] - y[start]), y[-1])
    return lon, lat, np.append(index[start], index[-1])


def _geod() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")
