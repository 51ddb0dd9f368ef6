"""Facts about positions that no clue changes, such as the country or the kilometres to a frontier: computed once.

A fact is computed for the rows that are asked for and kept, so that the next inference looks it up. Nothing here
depends on the order of the questions but far borders, whose kilometres may be told roughly (`World.border_km`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from geoinfer import hexes
from geoinfer.geodesy import Floats
from geoinfer.hexes import Cells
from geoinfer.positions import Integers, Positions, cell_positions

Column = npt.NDArray[Any]
MOST_CELLS = 1_500_000


class Facts:
    """Columns over rows of coordinates, filled when first asked for.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326.

    Examples
    --------
    >>> facts = Facts(np.array([30.0, 31.0]), np.array([50.0, 51.0]))
    >>> facts.get("sum", np.array([1]), lambda lon, lat: lon + lat).tolist()
    [82.0]
    """

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self.lon, self.lat = lon, lat
        self._columns: dict[str, tuple[Column, npt.NDArray[np.bool_]]] = {}

    def get(self, name: str, rows: Integers, compute: Callable[[Floats, Floats], Column]) -> Column:
        """Give a fact of some rows; `compute` makes it from longitudes and latitudes where it is not known yet."""
        if not len(rows):
            return compute(self.lon[:0], self.lat[:0])
        known = self._columns[name][1][rows] if name in self._columns else np.zeros(len(rows), dtype=bool)
        if not known.all():
            missing = np.unique(rows[~known])
            found = compute(self.lon[missing], self.lat[missing])
            if name not in self._columns:
                self._columns[name] = np.zeros(len(self.lon), dtype=found.dtype), np.zeros(len(self.lon), dtype=bool)
            values, done = self._columns[name]
            values[missing], done[missing] = found, True
        return np.asarray(self._columns[name][0][rows])

    def extend(self, lon: Floats, lat: Floats) -> None:
        """Add rows."""
        self.lon, self.lat = np.append(self.lon, lon), np.append(self.lat, lat)
        for name, (values, done) in self._columns.items():
            empty = np.zeros(len(lon), dtype=values.dtype)
            self._columns[name] = np.append(values, empty), np.append(done, np.zeros(len(lon), dtype=bool))


class CellFacts:
    """What is known of H3 cells: centres, areas, and further facts when first asked for.

    Examples
    --------
    >>> cells = CellFacts()
    >>> own = hexes.cells_of(np.array([31.3]), np.array([51.5]), 7)
    >>> cells.positions(own).area_km2.round(1).tolist()
    [4.7]
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._ids: Cells = np.empty(0, dtype=np.uint64)
        self._row: Integers = np.empty(0, dtype=np.int64)
        self._area: Floats = np.empty(0)
        self.facts = Facts(np.empty(0), np.empty(0))

    def rows(self, cells: Cells) -> Integers:
        """Give the rows of cells; those that are new are added."""
        at = np.searchsorted(self._ids, cells)
        inside = np.minimum(at, max(len(self._ids) - 1, 0))
        new = cells[self._ids[inside] != cells] if len(self._ids) else cells
        if len(new):
            if len(self._ids) + len(new) > MOST_CELLS:
                self._forget()
                new = cells
            self._add(np.unique(new))
            at = np.searchsorted(self._ids, cells)
        return np.asarray(self._row[at])

    def _add(self, cells: Cells) -> None:
        lon, lat = hexes.centres(cells)
        rows = np.arange(len(self._ids), len(self._ids) + len(cells))
        self.facts.extend(lon, lat)
        self._area = np.append(self._area, hexes.areas_km2(cells))
        ids, row = np.append(self._ids, cells), np.append(self._row, rows)
        order = np.argsort(ids)
        self._ids, self._row = ids[order], row[order]

    def positions(self, cells: Cells) -> Positions:
        """Make positions of cells."""
        rows = self.rows(cells)
        return cell_positions(cells, self.facts.lon[rows], self.facts.lat[rows], self._area[rows])
