"""Cells: the belief as a table of H3 cells with their outlines, for maps and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoinfer import hexes

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from geoinfer.belief import Belief

LEAST = 1e-6
"""Cells that hold less are left out."""


def cells_frame(belief: Belief | None) -> gpd.GeoDataFrame:
    """Put the belief into a table of cells.

    Returns
    -------
    Columns ``h3``, ``probability`` and ``geometry`` in EPSG:4326; no rows without a belief.
    """
    import geopandas as gpd

    if belief is None:
        return gpd.GeoDataFrame({"h3": [], "probability": []}, geometry=[], crs="EPSG:4326")
    mass = belief.cell_mass(belief.posterior)
    kept = np.flatnonzero(mass >= LEAST)
    cells = hexes.names(belief.positions.cell_ids[kept])
    return gpd.GeoDataFrame({"h3": cells, "probability": mass[kept]}, geometry=_outlines(cells), crs="EPSG:4326")


def _outlines(cells: Sequence[str]) -> Sequence[BaseGeometry]:
    """Draw cells as polygons, all that have as many corners at once."""
    import h3
    import shapely

    corners = [h3.cell_to_boundary(cell) for cell in cells]
    sizes = np.array([len(ring) for ring in corners], dtype=np.int64)
    outlines = np.empty(len(cells), dtype=object)
    for size in np.unique(sizes):
        at = np.flatnonzero(sizes == size)
        rings = np.array([corners[i] for i in at])[:, :, ::-1]  # H3 puts the latitude first
        outlines[at] = shapely.polygons(rings)
    return list(outlines)
