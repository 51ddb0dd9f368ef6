"""Candidate positions: H3 cells over the search area, points along main roads, and border crossings.

Every position carries a base measure in square kilometres: what it weighs before any rule or clue has spoken. A cell
weighs its area; a point on a main road and a crossing weigh what `data/rules.toml` says. The search area follows from
the clues. It is refined where the belief is and never cut: cells without mass only stay coarse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats, arc_km, distance_km, ecef_km
from geoinfer.parameters import number

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gazetteer.crossings import Crossing
    from gazetteer.roads import RoadPoints

Integers = npt.NDArray[np.int64]

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
    cell: Integers
    road: Integers
    crossing: Integers
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

    def near(self, disc: Disc) -> Integers:
        """List the positions that a disc touches."""
        return np.flatnonzero(self.km_from(disc.lon, disc.lat) <= disc.radius_km + 2 * self.extent_km)

    def take(self, at: Integers) -> Positions:
        """Give some of the positions, with the same cells."""
        return replace(self, **{name: getattr(self, name)[at] for name in COLUMNS})


COLUMNS = tuple(field.name for field in fields(Positions) if field.name != "cells")


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

    everywhere = np.arange(len(ordered), dtype=np.int64)
    parts = [_part(centres[:, 1], centres[:, 0], areas, np.sqrt(areas / np.pi), CELL, everywhere)]
    if roads is not None and len(roads.lon):
        inside = np.array([containing(cell) for cell in _road_cells(roads)], dtype=np.int64)
        at = np.flatnonzero(inside >= 0)
        weight = roads.length_km[at] * number("main_roads", "area_km2_per_km")
        extent = np.hypot(roads.length_km[at] / 2, roads.lateral_km[at])
        parts.append(_part(roads.lon[at], roads.lat[at], weight, extent, ROAD, inside[at], road=at))
    for n, crossing in crossings:
        lon, lat = np.array([crossing.lon]), np.array([crossing.lat])
        cell = containing(_finest_cells(lon, lat)[0])
        if cell >= 0:
            weight, extent = np.array([number("crossings", "area_km2")]), np.array([crossing.uncertainty_km])
            on_road = np.array([_nearest_road(crossing.lon, crossing.lat, roads)])
            parts.append(_part(lon, lat, weight, extent, CROSSING, np.array([cell]), on_road, np.array([n])))
    return Positions(**{name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}, cells=ordered)


def _part(
    lon: Floats,
    lat: Floats,
    area_km2: Floats,
    extent_km: Floats,
    kind: int,
    cell: Integers,
    road: Integers | None = None,
    crossing: Integers | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Give the columns of positions of one kind; what they are not is -1."""
    nothing = np.full(len(lon), -1, dtype=np.int64)
    return {
        "lon": lon,
        "lat": lat,
        "area_km2": area_km2,
        "extent_km": extent_km,
        "kind": np.full(len(lon), kind, dtype=np.int8),
        "cell": cell,
        "road": nothing if road is None else road,
        "crossing": nothing if crossing is None else crossing,
    }


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
