"""Where a road truly runs: a road point stands on the straight line between two junctions, the road beside it.

The network states how far (`RoadPoints.lateral_km`, 68 %). So the mass of a road point is not that of the one cell
under the line: it is shared out among points across it, and counts in the cells that those lie in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geoinfer import hexes
from geoinfer.geodesy import Floats, ecef_km
from geoinfer.hexes import Cells
from geoinfer.positions import POINT_RESOLUTION, Integers

if TYPE_CHECKING:
    from gazetteer.roads import RoadPoints, Roads
    from geoinfer.positions import Positions

SLICES = 15
STRIDE = 11
GOLDEN, SILVER = 0.6180339887498949, 0.41421356237309503
CAMERA_KM = 0.2
"""Standard deviation of the camera from the line of its road at best: it sees a sign from some way off. A judgement."""
LOWEST = 0.02
"""Where in the outermost slice its deviate is taken at most."""
FURTHEST = 3.01
"""The largest of the deviates: `ndtri(1 - LOWEST / SLICES)`."""
SHARED_MASS = 0.99
MOST_POINTS = 10_000
LEAST_SHARE = 1e-6
UNFELT = 1e-18
"""What holds less than this share of the mass of all points is left out."""
UNSPOTTED = 1e-6
"""Mass that is in no spot, at most."""
KM_PER_DEGREE = 111.195


class Lateral:
    """Cells across the road at every fixed point, worked out when first asked for.

    Parameters
    ----------
    points
        The fixed points.
    road_points, roads
        The network that they are from.
    """

    def __init__(self, points: Positions, road_points: RoadPoints, roads: Roads) -> None:
        self._points, self._road_points, self._roads = points, road_points, roads
        self._ids: Cells = np.zeros((len(points), SLICES), dtype=np.uint64)

    def cells(self, points: Integers) -> Cells:
        """Give the cells of resolution `POINT_RESOLUTION` across the road at some of the points, one row each."""
        missing = points[self._ids[points, 0] == 0]
        if len(missing):
            lon, lat = self.across(missing)
            self._ids[missing] = hexes.cells_of(lon.ravel(), lat.ravel(), POINT_RESOLUTION).reshape(lon.shape)
        return self._ids[points]

    def across(self, points: Integers) -> tuple[Floats, Floats]:
        """Give longitudes and latitudes of `SLICES` places across the road at some of the points, one row each.

        A crossing has no road of its own and stays where it is.
        """
        road = np.maximum(self._points.road[points], 0)
        lon, lat = self._points.lon[points], self._points.lat[points]
        edge = self._road_points.edge[road]
        start, finish = self._roads.a[edge], self._roads.b[edge]
        narrow = np.cos(np.radians(lat))
        east = (self._roads.lon[finish] - self._roads.lon[start]) * narrow
        north = self._roads.lat[finish] - self._roads.lat[start]
        length = np.maximum(np.hypot(east, north), 1e-9)
        moves = (self._points.crossing[points] < 0)[:, None] / KM_PER_DEGREE
        across = moves * self._lateral_km(road)[:, None] * deviates(points)
        along = moves * self._road_points.length_km[road][:, None] * stretches(points)
        east, north = east / length, north / length
        return (
            lon[:, None] + (along * east[:, None] - across * north[:, None]) / narrow[:, None],
            lat[:, None] + along * north[:, None] + across * east[:, None],
        )

    def reach_km(self, points: Integers) -> Floats:
        """Give how far from each of some points the places across the road lie at most."""
        road = np.maximum(self._points.road[points], 0)
        return np.hypot(FURTHEST * self._lateral_km(road), 0.5 * self._road_points.length_km[road])

    @cached_property
    def widest_km(self) -> float:
        """The most that any place across the road lies off its point."""
        return float(self.reach_km(np.arange(len(self._points))).max(initial=0.0))

    def _lateral_km(self, road: Integers) -> Floats:
        return np.hypot(self._road_points.lateral_km[road], CAMERA_KM)


def stretches(points: Integers) -> Floats:
    """Give places along the stretch that each point stands for, from minus a half to a half, in another order."""
    rank = (np.arange(SLICES) * STRIDE) % SLICES
    return np.asarray((rank + ((points * SILVER) % 1.0)[:, None]) / SLICES - 0.5)


def deviates(points: Integers) -> Floats:
    """Give normal deviates, one of every equally probable slice for each point.

    Neighbouring points take them from different heights of the slices, so that together they leave no gaps.
    """
    from scipy.special import ndtri

    height = (points * GOLDEN) % 1.0
    return np.asarray(ndtri((np.arange(SLICES) + np.clip(height, LOWEST, 1 - LOWEST)[:, None]) / SLICES))


class PointMass:
    """The mass of fixed points, shared out across their roads: ready to be summed over one set of cells after another.

    Parameters
    ----------
    point, mass
        Indices of the fixed points and what each weighs.
    lateral
        Where roads may truly run; None to leave every point in its cell. The points that hold little are left there.
    """

    def __init__(self, point: Integers, mass: Floats, lateral: Lateral | None) -> None:
        whole = float(mass.sum())
        self._felt = np.flatnonzero(mass > UNFELT * whole)
        point, mass = point[self._felt], mass[self._felt]
        self._mass = mass
        self._shared = np.empty(0, dtype=np.int64)
        if lateral is None or not whole > 0:
            return
        self._shared = _weightiest(mass, whole)
        self._beside = lateral.cells(point[self._shared])

    def over(self, cells: Cells, of_cells: Floats, cell: Integers) -> Floats:
        """Sum the mass of cells and of the fixed points in them.

        Parameters
        ----------
        cells
            H3 indexes of mixed resolution.
        of_cells
            What each of them weighs itself.
        cell
            For every point, the cell that it lies in.
        """
        cell = cell[self._felt]
        total = np.asarray(of_cells + np.bincount(cell, weights=self._mass, minlength=len(cells)), dtype=float)
        if not len(self._shared):
            return total
        own, held = cell[self._shared], self._mass[self._shared]
        beside = hexes.locate(cells, self._beside, POINT_RESOLUTION)
        # What would lie outside the search area stays where the point is.
        beside = np.where(beside < 0, own[:, None], beside)
        total -= np.bincount(own, weights=held, minlength=len(cells))
        total += np.bincount(beside.ravel(), weights=np.repeat(held / SLICES, SLICES), minlength=len(cells))
        return np.asarray(np.maximum(total, 0.0))


def _weightiest(mass: Floats, whole: float) -> Integers:
    """List the points that hold nearly all of a mass: those that are shared out."""
    weighty = np.flatnonzero(mass > LEAST_SHARE * whole)
    order = weighty[np.argsort(-mass[weighty], kind="stable")][:MOST_POINTS]
    return order[: int(np.searchsorted(np.cumsum(mass[order]), SHARED_MASS * whole)) + 1]


@dataclass(frozen=True, eq=False)
class Spots:
    """Where the mass of a belief lies.

    Attributes
    ----------
    position
        Index of the position that each spot belongs to.
    earth
        Earth-centred coordinates in kilometres, shape (n, 3).
    mass
        What each spot holds.
    """

    position: Integers
    earth: Floats
    mass: Floats


def spots_of(positions: Positions, mass: Floats, lateral: Lateral | None) -> Spots:
    """Give where all but 1e-6 of the mass of positions lies: that of weighty road points beside their line.

    Parameters
    ----------
    positions
        Cells, then fixed points.
    mass
        What each of them holds; together one.
    lateral
        Where roads may truly run; None to leave every point in its place.
    """
    count = len(positions.cell_ids)
    own = mass > UNSPOTTED / len(mass)
    if lateral is None:
        return Spots(np.flatnonzero(own), positions.earth[own], mass[own])
    shared = count + _weightiest(mass[count:], float(mass[count:].sum()))
    own[shared] = False
    whole = np.flatnonzero(own)
    lon, lat = lateral.across(positions.point[shared])
    return Spots(
        np.append(whole, np.repeat(shared, SLICES)),
        np.concatenate([positions.earth[whole], ecef_km(lon.ravel(), lat.ravel())]),
        np.append(mass[whole], np.repeat(mass[shared] / SLICES, SLICES)),
    )
