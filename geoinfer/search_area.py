"""The search area: coarse H3 cells over all that clues may mean, before it is refined where the belief is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import arc_km, distance_km, ecef_km
from geoinfer.hexes import Cells
from geoinfer.parameters import number
from geoinfer.positions import NO_CELLS, Disc

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

COARSEST = 2
FIRST_CELLS = 6_000
# k rings of hexagons hold a circle of 0.87 k centre distances, and H3 cells are up to 17 % narrower than the average.
HEXAGON_SPACING = 0.72
WIDEST_HEXAGON = 1.2


def search_cells(discs: Sequence[Disc], areas: Sequence[BaseGeometry] = ()) -> Cells:
    """Cover discs and areas with H3 cells of one resolution, the finest that stays affordable.

    Parameters
    ----------
    discs
        Discs around the places that clues may name.
    areas
        Polygons in EPSG:4326, such as a country that a sign names.

    Returns
    -------
    H3 indexes, ascending.

    Examples
    --------
    >>> len(search_cells([Disc(31.3, 51.5, 50.0)])) > 30
    True
    """
    import h3.api.numpy_int as h3

    discs = _outermost(discs)
    finest = int(number("search_area", "first_resolution"))
    for level in range(finest, COARSEST - 1, -1):
        spacing = HEXAGON_SPACING * np.sqrt(3) * h3.average_hexagon_edge_length(level, unit="km")
        rings = [int(np.ceil(disc.radius_km / spacing)) + 1 for disc in discs]
        planned = sum(np.pi * (disc.radius_km / spacing + 1) ** 2 for disc in discs)
        # Discs of namesakes overlap, so the plan overcounts: only the union, bounded by the limit, is built. But even
        # round a pentagon k rings are 5 k (k + 1) / 2 cells.
        least = max((5 * k * (k + 1) / 2 for k in rings), default=0)
        if (planned > 40 * FIRST_CELLS or least > FIRST_CELLS) and level > COARSEST:
            continue
        parts = [_rings(h3.latlng_to_cell(disc.lat, disc.lon, level), k) for disc, k in zip(discs, rings, strict=True)]
        parts.extend(_with_border(h3.geo_to_cells(area, level)) for area in areas)
        cells = np.unique(np.concatenate(parts)) if parts else NO_CELLS
        if len(cells) <= FIRST_CELLS or level == COARSEST:
            return cells
    return NO_CELLS


def _with_border(inside: Iterable[int]) -> Cells:
    """Give the cells whose centres lie in an area and those around them: a sign at its edge stands on either side."""
    import h3.api.basic_int as h3

    beside = {cell for one in inside for cell in h3.grid_disk(int(one), 1)}
    return np.array(sorted(beside), dtype=np.uint64)


@lru_cache(maxsize=256)
def _rings(cell: int, rings: int) -> Cells:
    """Give a cell and the rings round it.

    H3 falls back to a search of up to a second where a pentagon is among them: there the rings are put on one by one.
    """
    import h3.api.basic_int as h3

    level = h3.get_resolution(cell)
    lat, lon = h3.cell_to_latlng(cell)
    reach = WIDEST_HEXAGON * (rings + 1) * np.sqrt(3) * h3.average_hexagon_edge_length(level, unit="km")
    pentagons = np.array([h3.cell_to_latlng(one) for one in h3.get_pentagons(level)])
    if np.min(distance_km(lon, lat, pentagons[:, 1], pentagons[:, 0])) > reach:
        return np.array(h3.grid_disk(cell, rings), dtype=np.uint64)
    held, ring = {cell}, {cell}
    for _ in range(rings):
        ring = {beside for one in ring for beside in h3.grid_disk(one, 1)} - held
        held |= ring
    return np.array(sorted(held), dtype=np.uint64)


def _outermost(discs: Sequence[Disc]) -> list[Disc]:
    """Leave out discs that lie within a larger one."""
    if not discs:
        return []
    ordered = sorted(set(discs), key=lambda disc: (-disc.radius_km, disc.lon, disc.lat))
    earth = ecef_km([disc.lon for disc in ordered], [disc.lat for disc in ordered])
    radius = np.array([disc.radius_km for disc in ordered])
    kept: list[int] = []
    left = np.arange(len(ordered))
    while len(left):
        widest = int(left[0])
        kept.append(widest)
        away = arc_km(np.linalg.norm(earth[left] - earth[widest], axis=1))
        # Itself among them.
        left = left[away + radius[left] > radius[widest]]
    return [ordered[i] for i in kept]
