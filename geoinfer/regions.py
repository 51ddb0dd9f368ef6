"""Regions: the smallest areas that hold a stated share of the belief."""

from __future__ import annotations

import numpy as np

from geoinfer.belief import Belief
from geoinfer.geodesy import Floats
from geoinfer.result import Region

LEVELS = (0.5, 0.9)
GRID_DEGREES = 1e-6


def densest_cells(mass: Floats, area_km2: Floats, level: float) -> list[int]:
    """List the cells of a highest-density region.

    Parameters
    ----------
    mass
        Probability of every cell.
    area_km2
        Area of every cell.
    level
        Probability that the region is to hold, in (0, 1].

    Returns
    -------
    Indices, densest first; their mass is at least `level` and would not be without the last.

    Raises
    ------
    ValueError
        If `level` is not in (0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> densest_cells(np.array([0.2, 0.7, 0.1]), np.array([1.0, 10.0, 1.0]), 0.5)
    [0, 2, 1]
    """
    if not 0 < level <= 1:
        raise ValueError(f"a region's level must lie in (0, 1], not {level!r}")
    order = np.argsort(-(mass / area_km2), kind="stable")
    held = np.cumsum(mass[order])
    return [int(i) for i in order[: int(np.searchsorted(held, min(level, held[-1]) - 1e-12)) + 1]]


def region_km2(belief: Belief, level: float) -> float:
    """Give the area of the highest-density region that holds `level` of the belief, without drawing it."""
    areas = belief.positions.cell_areas_km2
    return float(areas[densest_cells(belief.cell_mass(belief.posterior), areas, level)].sum())


def find_region(belief: Belief, level: float) -> Region:
    """Find the highest-density region that holds `level` of the belief.

    Returns
    -------
    The region; its geometry is the union of H3 cells, its area their sum.
    """
    import h3
    import shapely
    from shapely.geometry import shape

    cells = belief.positions.cells
    areas = belief.positions.cell_areas_km2
    chosen = densest_cells(belief.cell_mass(belief.posterior), areas, level)
    by_resolution: dict[int, list[str]] = {}
    for i in chosen:
        by_resolution.setdefault(h3.get_resolution(cells[i]), []).append(cells[i])
    parts = [shapely.make_valid(shape(h3.cells_to_geo(group))) for group in by_resolution.values()]
    # Cells of several resolutions do not share their corners, so the union is snapped to a grid of a tenth of a metre.
    geometry = shapely.union_all(parts, grid_size=GRID_DEGREES)
    return Region(level, float(areas[chosen].sum()), geometry)
