"""Candidate positions: H3 cells over the search area, points along main roads, and border crossings.

Every position carries a base measure in square kilometres: what it weighs before any rule or clue has spoken. A cell
weighs its area; a point on a main road and a crossing weigh what `data/rules.toml` says. The search area follows from
the clues (`geoinfer.search_area`). It is refined where the belief is and never cut: cells without mass stay coarse.

Road points and crossings are the same for every case, so they are kept in one order (`fixed_points`), that of the
finest H3 cells they lie in: the points inside a cell are then one stretch of that order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer import hexes
from geoinfer.blocks import Blocks, earth_of, everywhere, squares
from geoinfer.blocks import Disc as Disc
from geoinfer.blocks import Integers as Integers
from geoinfer.geodesy import Floats, arc_km, distance_km, ecef_km
from geoinfer.hexes import Cells
from geoinfer.parameters import number

if TYPE_CHECKING:
    from gazetteer.crossings import Crossing
    from gazetteer.roads import RoadPoints

CELL, ROAD, CROSSING = 0, 1, 2
EVERY = slice(None)
POINT_RESOLUTION = 9


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
        Index into `cell_ids` of the H3 cell that the position lies in.
    road
        Index of the road point that the position lies on, or -1.
    crossing
        Number of the crossing in the table, or -1.
    point
        Index into the world's fixed points, or -1 for a cell.
    cell_ids
        H3 indexes, one per cell, of mixed resolution.
    """

    lon: Floats
    lat: Floats
    area_km2: Floats
    extent_km: Floats
    kind: npt.NDArray[np.int8]
    cell: Integers
    road: Integers
    crossing: Integers
    point: Integers
    cell_ids: Cells

    def __len__(self) -> int:
        return len(self.lon)

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """H3 indexes of `cell_ids` as H3 writes them."""
        return hexes.names(self.cell_ids)

    @cached_property
    def cell_areas_km2(self) -> Floats:
        """Area of each of `cell_ids`."""
        return hexes.areas_km2(self.cell_ids)

    @cached_property
    def earth(self) -> Floats:
        """Earth-centred coordinates in kilometres, shape (n, 3)."""
        return ecef_km(self.lon, self.lat)

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks.of(self.earth, 2 * self.extent_km)

    def km_from(self, lon: float, lat: float, at: Integers | slice = EVERY) -> Floats:
        """Kilometres from a place to every position, or to some of them."""
        return arc_km(np.sqrt(squares(self._blocks.axes.reshape(3, -1)[:, : len(self)][:, at], earth_of(lon, lat))))

    def within(self, disc: Disc) -> tuple[Integers, Floats]:
        """List the positions that a disc touches, with their kilometres from its centre."""
        return self._blocks.within(disc)

    def around(self, discs: Sequence[Disc]) -> tuple[Integers, Integers, Floats]:
        """List the same of some discs, one disc after another: which disc it is of, the position, and kilometres."""
        return self._blocks.around(discs)

    def values_everywhere(self, disc: Disc, make: Callable[[Floats], Floats]) -> Floats | None:
        """Give values made of the kilometres from the centre of a disc, nought outside; None where it touches few."""
        return self._blocks.values_everywhere(disc, make)

    def near(self, disc: Disc) -> Integers:
        """List the positions that a disc touches."""
        return self.within(disc)[0]

    def take(self, at: Integers) -> Positions:
        """Give some of the positions, each once and in their order, with the same cells."""
        if len(at) == len(self):
            return self
        return Positions(**{name: getattr(self, name)[at] for name in COLUMNS}, cell_ids=self.cell_ids)

    def of_area(self, area_km2: Floats) -> Positions:
        """Give the same positions with another base measure."""
        columns = {name: getattr(self, name) for name in COLUMNS}
        return Positions(**{**columns, "area_km2": area_km2}, cell_ids=self.cell_ids)


class Joined(Positions):
    """Cells and the fixed points in them: columns are put together when first asked for, as most never are."""

    def __init__(self, cells: Positions, points: Positions, cell: Integers) -> None:
        for name, value in (("_parts", (cells, points)), ("_of_points", cell), ("cell_ids", cells.cell_ids)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def __getattr__(self, name: str) -> npt.NDArray[Any]:
        if name not in COLUMNS:
            raise AttributeError(name)
        cells, points = self._parts
        of_points = self._of_points if name == "cell" else getattr(points, name)
        column: npt.NDArray[Any] = np.concatenate([getattr(cells, name), of_points])
        object.__setattr__(self, name, column)
        return column


COLUMNS = ("lon", "lat", "area_km2", "extent_km", "kind", "cell", "road", "crossing", "point")
NO_CELLS = np.empty(0, dtype=np.uint64)


def cell_positions(cells: Cells, lon: Floats, lat: Floats, area_km2: Floats) -> Positions:
    """Make positions of cells whose centres and areas are known."""
    n = len(cells)
    nothing = np.full(n, -1, dtype=np.int64)
    return Positions(
        lon=lon,
        lat=lat,
        area_km2=area_km2,
        extent_km=np.sqrt(area_km2 / np.pi),
        kind=np.full(n, CELL, dtype=np.int8),
        cell=np.arange(n, dtype=np.int64),
        road=nothing,
        crossing=nothing,
        point=nothing,
        cell_ids=cells,
    )


def fixed_points(
    roads: RoadPoints | None,
    crossings: Sequence[Crossing],
    find_cells: Callable[[Floats, Floats, int], Cells] = hexes.cells_of,
) -> tuple[Positions, Cells]:
    """Put the points along main roads and the crossings in the order of the finest cells that they lie in.

    Parameters
    ----------
    roads, crossings
        What the points are made of.
    find_cells
        Finds their cells of a resolution, from longitudes and latitudes in degrees.

    Returns
    -------
    The points, in no cell yet, and the H3 cell of resolution `POINT_RESOLUTION` of each, ascending.
    """
    count, more = len(roads.lon) if roads is not None else 0, len(crossings)
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in ("lon", "lat", "area_km2", "extent_km", "road")}
    if roads is not None and count:
        parts["lon"].append(roads.lon)
        parts["lat"].append(roads.lat)
        parts["area_km2"].append(roads.length_km * number("main_roads", "area_km2_per_km"))
        parts["extent_km"].append(np.hypot(roads.length_km / 2, roads.lateral_km))
        parts["road"].append(np.arange(count))
    if more:
        parts["lon"].append(np.array([c.lon for c in crossings]))
        parts["lat"].append(np.array([c.lat for c in crossings]))
        parts["area_km2"].append(np.full(more, number("crossings", "area_km2")))
        parts["extent_km"].append(np.array([c.uncertainty_km for c in crossings]))
        parts["road"].append(np.array([_nearest_road(c.lon, c.lat, roads) for c in crossings]))
    columns = {name: np.concatenate(values) if values else np.empty(0) for name, values in parts.items()}
    which = np.concatenate([np.full(count, -1), np.arange(more)]).astype(np.int64)
    ids = find_cells(columns["lon"], columns["lat"], POINT_RESOLUTION)
    order = np.argsort(ids, kind="stable")
    points = Positions(
        lon=columns["lon"][order],
        lat=columns["lat"][order],
        area_km2=columns["area_km2"][order],
        extent_km=columns["extent_km"][order],
        kind=np.where(which >= 0, CROSSING, ROAD).astype(np.int8)[order],
        cell=np.full(count + more, -1, dtype=np.int64),
        road=columns["road"].astype(np.int64)[order],
        crossing=which[order],
        point=np.arange(count + more, dtype=np.int64),
        cell_ids=NO_CELLS,
    )
    return points, ids[order]


def points_inside(cells: Cells, point_ids: Cells) -> tuple[Integers, Integers]:
    """Find the fixed points that lie in cells.

    Parameters
    ----------
    cells
        H3 indexes of mixed resolution that do not overlap.
    point_ids
        Cells of resolution `POINT_RESOLUTION` of the points, ascending.

    Returns
    -------
    Indices of the points, ascending and not to be changed, and the index of the cell of each.
    """
    order, start, counts = _stretches_inside(cells, point_ids)
    cell, before = np.repeat(order, counts), np.cumsum(counts) - counts
    if len(cell) == len(point_ids):
        return everywhere(len(cell)), cell
    return np.arange(len(cell)) + np.repeat(start - before, counts), cell


def cells_of_points(cells: Cells, point_ids: Cells) -> Integers:
    """Give the second part of `points_inside`: the index of the cell of each point that lies in one."""
    order, _, counts = _stretches_inside(cells, point_ids)
    return np.repeat(order, counts)


def _stretches_inside(cells: Cells, point_ids: Cells) -> tuple[Integers, Integers, Integers]:
    """Order cells as points are, and give for each where its points begin and how many there are."""
    first, last = hexes.ranges(cells, POINT_RESOLUTION)
    order = np.argsort(first, kind="stable")
    start = np.searchsorted(point_ids, first[order], side="left")
    return order, start, np.searchsorted(point_ids, last[order], side="right") - start


def together(cells: Positions, points: Positions, point_ids: Cells) -> Positions:
    """Put cells and the fixed points that lie in them together: cells first, then points in their own order."""
    at, cell = points_inside(cells.cell_ids, point_ids)
    return Joined(cells, points.take(at), cell)


def _nearest_road(lon: float, lat: float, roads: RoadPoints | None) -> int:
    if roads is None or not len(roads.lon):
        return -1
    at = np.flatnonzero((np.abs(roads.lat - lat) < 0.1) & (np.abs(roads.lon - lon) < 0.2))
    if not len(at):
        return -1
    away = distance_km(lon, lat, roads.lon[at], roads.lat[at])
    nearest = int(np.argmin(away))
    return int(at[nearest]) if away[nearest] <= number("crossings", "reach_km") else -1
