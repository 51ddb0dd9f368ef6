"""Candidate positions: H3 cells over the search area, points along main roads, and border crossings.

Every position carries a base measure in square kilometres: what it weighs before any rule or clue has spoken. A cell
weighs its area; a point on a main road and a crossing weigh what `data/rules.toml` says. The search area follows from
the clues. It is refined where the belief is and never cut: cells without mass only stay coarse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats, arc_km, distance_km, ecef_km
from geoinfer.parameters import number

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gazetteer.crossings import Crossing
    from gazetteer.roads import RoadPoints

CELL, ROAD, CROSSING = 0, 1, 2
COARSEST = 2
FIRST_CELLS = 6_000
# k rings of hexagons hold a circle of 0.87 k centre distances, and H3 cells are up to 17 % narrower than the average.
HEXAGON_SPACING = 0.72


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc that the camera may have stood in: centre in degrees, radius in kilometres."""

    lon: float
    lat: float
    radius_km: float


@dataclass(frozen=True)
class Positions:
    """Candidate positions as parallel arrays of length n.

    Attributes
    ----------
    lon, lat
        Degrees, EPSG:4326.
    area_km2
        Base measure.
    extent_km
        Half the size of what the position stands for.
    kind
        `CELL`, `ROAD` or `CROSSING`.
    cell
        Index into `cells` of the H3 cell that the position lies in.
    road
        Index of the road point that the position lies on, or -1.
    crossing
        Number of the crossing in the table, or -1.
    cells
        H3 indexes, one per cell, of mixed resolution.
    """

    lon: Floats
    lat: Floats
    area_km2: Floats
    extent_km: Floats
    kind: npt.NDArray[np.int8]
    cell: npt.NDArray[np.int64]
    road: npt.NDArray[np.int64]
    crossing: npt.NDArray[np.int64]
    cells: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.lon)

    @cached_property
    def earth(self) -> Floats:
        """Earth-centred coordinates in kilometres, shape (n, 3)."""
        return ecef_km(self.lon, self.lat)

    @cached_property
    def keys(self) -> tuple[str | int, ...]:
        """What each position is, so that what is known of it can be kept: a cell, a road point or a crossing."""
        cells = len(self.cells)
        crossings = np.where(self.kind[cells:] == CROSSING, -1 - self.crossing[cells:], self.road[cells:])
        return (*self.cells, *crossings.tolist())

    def km_from(self, lon: float, lat: float) -> Floats:
        """Kilometres from a place to every position."""
        return arc_km(np.linalg.norm(self.earth - ecef_km(lon, lat), axis=-1))

    def near(self, disc: Disc) -> npt.NDArray[np.int64]:
        """List the positions that a disc touches."""
        return np.flatnonzero(self.km_from(disc.lon, disc.lat) <= disc.radius_km + 2 * self.extent_km)

    def take(self, at: npt.NDArray[np.int64]) -> Positions:
        """Give some of the positions, with the same cells."""
        arrays = (self.lon, self.lat, self.area_km2, self.extent_km, self.kind, self.cell, self.road, self.crossing)
        return Positions(*(array[at] for array in arrays), self.cells)


def search_cells(discs: Sequence[Disc], areas: Sequence[BaseGeometry] = ()) -> set[str]:
    """Cover discs and areas with H3 cells of one resolution, the finest that stays affordable.

    Parameters
    ----------
    discs
        Discs around the places that clues may name.
    areas
        Polygons in EPSG:4326, such as a country that a sign names.

    Returns
    -------
    H3 indexes.

    Examples
    --------
    >>> len(search_cells([Disc(31.3, 51.5, 50.0)])) > 30
    True
    """
    import h3

    finest = int(number("search_area", "first_resolution"))
    for resolution in range(finest, COARSEST - 1, -1):
        spacing = HEXAGON_SPACING * np.sqrt(3) * h3.average_hexagon_edge_length(resolution, unit="km")
        planned = sum(np.pi * (disc.radius_km / spacing + 1) ** 2 for disc in discs)
        # Discs of namesakes overlap, so the plan overcounts: only the union, bounded by the limit, is built.
        if planned > 40 * FIRST_CELLS and resolution > COARSEST:
            continue
        cells: set[str] = set()
        for disc in discs:
            steps = int(np.ceil(disc.radius_km / spacing)) + 1
            cells.update(h3.grid_disk(h3.latlng_to_cell(disc.lat, disc.lon, resolution), steps))
        for area in areas:
            cells.update(h3.geo_to_cells(area, resolution))
        if len(cells) <= FIRST_CELLS or resolution == COARSEST:
            return cells
    return set()


@lru_cache(maxsize=200_000)
def cell_area_km2(cell: str) -> float:
    """Area of an H3 cell."""
    import h3

    return float(h3.cell_area(cell, unit="km^2"))


def split(cells: Iterable[str]) -> list[str]:
    """Replace cells by their children one resolution finer."""
    import h3

    return [child for cell in cells for child in h3.cell_to_children(cell)]


def place_positions(cells: set[str], roads: RoadPoints | None, crossings: Sequence[tuple[int, Crossing]]) -> Positions:
    """Put the candidate positions of a search area together.

    Parameters
    ----------
    cells
        H3 indexes of mixed resolution that do not overlap.
    roads
        Points along main roads, or None.
    crossings
        Crossings that count as positions of their own, each with its number in the table.

    Returns
    -------
    Cells in a stable order, then road points and crossings that lie in one of them.
    """
    import h3

    ordered = tuple(sorted(cells))
    index = {cell: i for i, cell in enumerate(ordered)}
    resolutions = sorted({h3.get_resolution(cell) for cell in ordered}, reverse=True)
    centres = np.array([h3.cell_to_latlng(cell) for cell in ordered]).reshape(-1, 2)
    areas = np.array([cell_area_km2(cell) for cell in ordered])

    def containing(cell: str) -> int:
        return next((index[a] for r in resolutions if (a := h3.cell_to_parent(cell, r)) in index), -1)

    parts = [
        (centres[:, 1], centres[:, 0], areas, np.sqrt(areas / np.pi), CELL, np.arange(len(ordered)), -1, -1),
    ]
    if roads is not None and len(roads.lon):
        inside = np.array([containing(cell) for cell in _road_cells(roads)], dtype=np.int64)
        at = np.flatnonzero(inside >= 0)
        weight = roads.length_km[at] * number("main_roads", "area_km2_per_km")
        extent = np.hypot(roads.length_km[at] / 2, roads.lateral_km[at])
        parts.append((roads.lon[at], roads.lat[at], weight, extent, ROAD, inside[at], at, -1))
    if crossings:
        numbers = np.array([n for n, _ in crossings], dtype=np.int64)
        lon, lat = (np.array([getattr(c, axis) for _, c in crossings]) for axis in ("lon", "lat"))
        inside = np.array([containing(cell) for cell in _finest_cells(lon, lat)], dtype=np.int64)
        at = np.flatnonzero(inside >= 0)
        on_road = np.array([_nearest_road(lon[i], lat[i], roads) for i in at], dtype=np.int64)
        weight = np.full(len(at), number("crossings", "area_km2"))
        extent = np.array([crossings[i][1].uncertainty_km for i in at])
        parts.append((lon[at], lat[at], weight, extent, CROSSING, inside[at], on_road, numbers[at]))
    return _concatenate(parts, ordered)


@lru_cache(maxsize=4)
def _road_cells(roads: RoadPoints) -> tuple[str, ...]:
    return _finest_cells(roads.lon, roads.lat)


def _finest_cells(lon: Floats, lat: Floats) -> tuple[str, ...]:
    """Cells of the finest resolution; their ancestors are the cells that a point lies in, each point in just one."""
    import h3

    finest = int(number("search_area", "last_resolution"))
    return tuple(h3.latlng_to_cell(y, x, finest) for x, y in zip(lon, lat, strict=True))


def _nearest_road(lon: float, lat: float, roads: RoadPoints | None) -> int:
    if roads is None or not len(roads.lon):
        return -1
    away = distance_km(lon, lat, roads.lon, roads.lat)
    nearest = int(np.argmin(away))
    return nearest if away[nearest] <= number("crossings", "reach_km") else -1


def _concatenate(parts: Sequence[tuple[object, ...]], cells: tuple[str, ...]) -> Positions:
    lengths = [len(np.asarray(part[0])) for part in parts]

    def column(i: int, dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
        return np.concatenate(
            [np.broadcast_to(np.asarray(part[i], dtype=dtype), n) for part, n in zip(parts, lengths, strict=True)]
        )

    floats = [np.asarray(column(i, np.float64), dtype=np.float64) for i in range(4)]
    integers = [np.asarray(column(i, np.int64), dtype=np.int64) for i in (5, 6, 7)]
    return Positions(*floats, np.asarray(column(4, np.int8), dtype=np.int8), *integers, cells)
